package twin

import (
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
)

// sdn is the software-defined network: what is configured, and what was applied and therefore runs.
type sdn struct {
	configured, running network
}

// network is one version of it.
type network struct {
	zones   map[string]url.Values
	vnets   map[string]url.Values
	subnets map[string]url.Values // by id, "zone-10.0.0.0-24"; the key "vnet" says where it belongs
}

func (n network) clone() network {
	return network{zones: cloneAll(n.zones), vnets: cloneAll(n.vnets), subnets: cloneAll(n.subnets)}
}

func cloneAll(all map[string]url.Values) map[string]url.Values {
	out := make(map[string]url.Values, len(all))
	for k, v := range all {
		out[k] = maps.Clone(v)
	}
	return out
}

func (c *Cluster) plantSDN(seed Seed) {
	n := network{zones: map[string]url.Values{}, vnets: map[string]url.Values{}, subnets: map[string]url.Values{}}
	for _, z := range seed.Zones {
		v := url.Values{"zone": {z.Name}, "type": {z.Type}}
		if len(z.Nodes) > 0 {
			v.Set("nodes", strings.Join(z.Nodes, ","))
		}
		for k, value := range z.Options {
			v.Set(k, value)
		}
		n.zones[z.Name] = v
	}
	for _, vnet := range seed.VNets {
		plantVNet(n, vnet)
	}
	c.sdn = sdn{configured: n, running: n.clone()}
}

func plantVNet(n network, vnet pve.VNet) {
	v := url.Values{"vnet": {vnet.Name}, "zone": {vnet.Zone}, "type": {"vnet"}}
	if vnet.Tag != 0 {
		v.Set("tag", itoa(vnet.Tag))
	}
	if vnet.VLANAware {
		v.Set("vlanaware", "1")
	}
	n.vnets[vnet.Name] = v
	for _, s := range vnet.Subnets {
		id := subnetID(vnet.Zone, s.CIDR)
		n.subnets[id] = url.Values{"subnet": {id}, "cidr": {s.CIDR}, "vnet": {vnet.Name}, "zone": {vnet.Zone}, "type": {"subnet"}}
		if s.Gateway != "" {
			n.subnets[id].Set("gateway", s.Gateway)
		}
	}
}

func subnetID(zone, cidr string) string { return zone + "-" + strings.ReplaceAll(cidr, "/", "-") }

// zoneOn and onNode speak of what runs.
func (s *sdn) zoneOn(zone, node string) bool {
	v, ok := s.running.zones[zone]
	nodes := splitList(v.Get("nodes"))
	return ok && (len(nodes) == 0 || slices.Contains(nodes, node))
}

func (s *sdn) onNode(vnet, node string) bool {
	v, ok := s.running.vnets[vnet]
	return ok && s.zoneOn(v.Get("zone"), node)
}

// sdnRow shows an object. Running asks for what was applied, pending for what will be, with the state of the change.
func sdnRow(r *request, key string, configured, running map[string]url.Values) (object, bool) {
	cfg, inCfg := configured[key]
	run, inRun := running[key]
	if r.flag("running") {
		return sdnFields(run), inRun
	}
	if !r.flag("pending") {
		return sdnFields(cfg), inCfg
	}
	row := sdnFields(cfg)
	switch {
	case !inCfg && !inRun:
		return nil, false
	case !inCfg:
		row = sdnFields(run)
		row["state"] = "deleted"
	case !inRun:
		row["state"] = "new"
		row["pending"] = sdnFields(cfg)
	case !maps.EqualFunc(cfg, run, func(a, b []string) bool { return slices.Equal(a, b) }):
		row["state"] = "changed"
		row["pending"] = sdnFields(cfg)
	}
	return row, true
}

func sdnFields(v url.Values) object {
	row, flat := object{}, map[string]string{}
	for key, all := range v {
		flat[key] = strings.Join(all, ",")
		switch key {
		case "tag", "mtu", "vlanaware", "snat", "isolate-ports", "vrf-vxlan", "bridge-disable-mac-learning", "advertise-subnets", "disable-arp-nd-suppression", "exitnodes-local-routing":
			row[key] = intOr(v.Get(key))
		case "dhcp-range":
			row[key] = dhcpRanges(all)
		default:
			row[key] = v.Get(key)
		}
	}
	row["digest"] = digestOf(flat)
	return row
}

// dhcpRanges are property strings on write and objects on read.
func dhcpRanges(all []string) []object {
	out := []object{}
	for _, text := range all {
		p := parseProperty(text)
		out = append(out, object{"start-address": p.values["start-address"], "end-address": p.values["end-address"]})
	}
	return out
}

func sdnList(r *request, configured, running map[string]url.Values, keep func(object) bool) []object {
	keys := map[string]bool{}
	for k := range configured {
		keys[k] = true
	}
	for k := range running {
		keys[k] = true
	}
	rows := []object{}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if row, ok := sdnRow(r, k, configured, running); ok && keep(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (c *Cluster) listZones(r *request) (any, error) {
	return sdnList(r, c.sdn.configured.zones, c.sdn.running.zones, func(row object) bool {
		zone, _ := row["zone"].(string)
		return (!r.has("type") || row["type"] == r.text("type")) && r.who.hasAny("/sdn/zones/"+zone, "SDN.Audit", "SDN.Allocate")
	}), nil
}

func (c *Cluster) readZone(r *request) (any, error) {
	row, ok := sdnRow(r, r.text("zone"), c.sdn.configured.zones, c.sdn.running.zones)
	if !ok {
		return nil, die("sdn zone '%s' does not exist", r.text("zone"))
	}
	return row, nil
}

func (c *Cluster) createZone(r *request) (any, error) {
	name := r.text("zone")
	if c.sdn.configured.zones[name] != nil {
		return nil, die("create sdn zone object failed: sdn zone object ID '%s' already defined", name)
	}
	needs := map[string]string{"vlan": "bridge", "qinq": "bridge", "vxlan": "peers", "evpn": "controller"}
	if need := needs[r.text("type")]; need != "" && !r.has(need) && !r.has("fabric") {
		return nil, reject(need, "property is missing and it is not optional")
	}
	v := url.Values{}
	merge(v, r.values)
	c.sdn.configured.zones[name] = v
	return nil, nil
}

func (c *Cluster) updateZone(r *request) (any, error) {
	return nil, updateSDN(r, "zone", c.sdn.configured.zones)
}

func updateSDN(r *request, what string, all map[string]url.Values) error {
	v, ok := all[r.text(what)]
	if !ok {
		return die("sdn %s '%s' does not exist", what, r.text(what))
	}
	merge(v, r.values)
	return nil
}

func (c *Cluster) deleteZone(r *request) (any, error) {
	name := r.text("zone")
	if c.sdn.configured.zones[name] == nil {
		return nil, die("sdn zone '%s' does not exist", name)
	}
	for vnet, v := range c.sdn.configured.vnets {
		if v.Get("zone") == name {
			return nil, die("delete sdn zone object failed: zone %s is used by vnet %s", name, vnet)
		}
	}
	delete(c.sdn.configured.zones, name)
	return nil, nil
}

func (c *Cluster) listVNets(r *request) (any, error) {
	return sdnList(r, c.sdn.configured.vnets, c.sdn.running.vnets, func(row object) bool {
		zone, _ := row["zone"].(string)
		vnet, _ := row["vnet"].(string)
		return r.who.hasAny("/sdn/zones/"+zone+"/"+vnet, "SDN.Audit", "SDN.Allocate")
	}), nil
}

func (c *Cluster) readVNet(r *request) (any, error) {
	row, ok := sdnRow(r, r.text("vnet"), c.sdn.configured.vnets, c.sdn.running.vnets)
	if !ok {
		return nil, die("sdn vnet '%s' does not exist", r.text("vnet"))
	}
	return row, nil
}

func (c *Cluster) createVNet(r *request) (any, error) {
	name := r.text("vnet")
	if c.sdn.configured.vnets[name] != nil {
		return nil, die("create sdn vnet object failed: sdn vnet object ID '%s' already defined", name)
	}
	v := url.Values{"type": {"vnet"}}
	merge(v, r.values)
	if err := c.checkVNet(v); err != nil {
		return nil, err
	}
	c.sdn.configured.vnets[name] = v
	return nil, nil
}

// checkVNet holds a vnet against its zone's kind.
func (c *Cluster) checkVNet(v url.Values) error {
	zone, ok := c.sdn.configured.zones[v.Get("zone")]
	if !ok {
		return die("create sdn vnet object failed: zone '%s' does not exist", v.Get("zone"))
	}
	switch kind := zone.Get("type"); {
	case kind == "simple" && v.Has("tag"):
		return reject("tag", "vlan tag is not allowed on simple zone")
	case kind != "simple" && !v.Has("tag"):
		return reject("tag", "missing vlan tag")
	}
	return nil
}

func (c *Cluster) updateVNet(r *request) (any, error) {
	old, ok := c.sdn.configured.vnets[r.text("vnet")]
	if !ok {
		return nil, die("sdn vnet '%s' does not exist", r.text("vnet"))
	}
	v := maps.Clone(old)
	merge(v, r.values)
	if err := c.checkVNet(v); err != nil {
		return nil, err
	}
	c.sdn.configured.vnets[r.text("vnet")] = v
	return nil, nil
}

func (c *Cluster) deleteVNet(r *request) (any, error) {
	name := r.text("vnet")
	if c.sdn.configured.vnets[name] == nil {
		return nil, die("sdn vnet '%s' does not exist", name)
	}
	for id, v := range c.sdn.configured.subnets {
		if v.Get("vnet") == name {
			return nil, die("delete sdn vnet object failed: Can't delete vnet if subnets exists: %s", id)
		}
	}
	delete(c.sdn.configured.vnets, name)
	return nil, nil
}

func (c *Cluster) listSubnets(r *request) (any, error) {
	return sdnList(r, c.sdn.configured.subnets, c.sdn.running.subnets, func(row object) bool { return row["vnet"] == r.text("vnet") }), nil
}

func (c *Cluster) readSubnet(r *request) (any, error) {
	row, ok := sdnRow(r, r.text("subnet"), c.sdn.configured.subnets, c.sdn.running.subnets)
	if !ok || row["vnet"] != r.text("vnet") {
		return nil, die("sdn subnet '%s' does not exist", r.text("subnet"))
	}
	return row, nil
}

func (c *Cluster) createSubnet(r *request) (any, error) {
	vnet, ok := c.sdn.configured.vnets[r.text("vnet")]
	if !ok {
		return nil, die("create sdn subnet object failed: vnet '%s' does not exist", r.text("vnet"))
	}
	cidr := r.text("subnet")
	if _, err := netip.ParsePrefix(cidr); err != nil {
		return nil, reject("subnet", "invalid format - value '%s' does not look like a valid CIDR", cidr)
	}
	id := subnetID(vnet.Get("zone"), cidr)
	if c.sdn.configured.subnets[id] != nil {
		return nil, die("create sdn subnet object failed: sdn subnet object ID '%s' already defined", id)
	}
	v := url.Values{}
	merge(v, r.values)
	v.Set("subnet", id)
	v.Set("cidr", cidr)
	v.Set("zone", vnet.Get("zone"))
	p := netip.MustParsePrefix(cidr)
	v.Set("network", p.Masked().Addr().String())
	v.Set("mask", itoa(p.Bits()))
	if err := checkGateway(v); err != nil {
		return nil, err
	}
	c.sdn.configured.subnets[id] = v
	return nil, nil
}

func checkGateway(v url.Values) error {
	if v.Get("gateway") == "" {
		return nil
	}
	network, err := netip.ParsePrefix(v.Get("cidr"))
	gateway, err2 := netip.ParseAddr(v.Get("gateway"))
	if err != nil || err2 != nil || !network.Masked().Contains(gateway) {
		return reject("gateway", "%s is not in subnet %s", v.Get("gateway"), v.Get("cidr"))
	}
	return nil
}

func (c *Cluster) updateSubnet(r *request) (any, error) {
	old, ok := c.sdn.configured.subnets[r.text("subnet")]
	if !ok {
		return nil, die("sdn subnet '%s' does not exist", r.text("subnet"))
	}
	v := maps.Clone(old)
	merge(v, r.values)
	if err := checkGateway(v); err != nil {
		return nil, err
	}
	c.sdn.configured.subnets[r.text("subnet")] = v
	return nil, nil
}

func (c *Cluster) deleteSubnet(r *request) (any, error) {
	if c.sdn.configured.subnets[r.text("subnet")] == nil {
		return nil, die("sdn subnet '%s' does not exist", r.text("subnet"))
	}
	delete(c.sdn.configured.subnets, r.text("subnet"))
	return nil, nil
}

// applySDN makes the configuration run on every node.
func (c *Cluster) applySDN(r *request) (any, error) {
	return c.begin(r, c.first(), "reloadnetworkall", "", func() error {
		c.sdn.running = c.sdn.configured.clone()
		return nil
	}, nil), nil
}
