package twin

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// node is one hypervisor.
type node struct {
	SeedNode
	offline bool
	// ifaces is the configuration of the network, pending changes included; active names what runs.
	ifaces map[string]map[string]string
	active map[string]bool
	hosts  string
}

func newNode(s SeedNode) *node {
	if s.Sockets == 0 {
		s.Sockets = 1
	}
	if s.Cores == 0 {
		s.Cores = s.CPUs
	}
	if s.RootBytes == 0 {
		s.RootBytes = 64 << 30
	}
	if s.UptimeSeconds == 0 {
		s.UptimeSeconds = 24 * 3600
	}
	n := &node{SeedNode: s, offline: s.Offline, ifaces: map[string]map[string]string{}, active: map[string]bool{}}
	for _, i := range s.Interfaces {
		n.ifaces[i.Name] = i.values()
		n.active[i.Name] = !i.Inactive
	}
	return n
}

// values is the interface as the API shows it.
func (i SeedInterface) values() map[string]string {
	v := map[string]string{"type": i.Type, "method": "manual", "method6": "manual", "autostart": "1"}
	if i.CIDR != "" {
		v["method"] = "static"
		setAddress(v, i.CIDR)
	}
	if i.Gateway != "" {
		v["gateway"] = i.Gateway
	}
	switch i.Type {
	case "OVSBridge":
		v["ovs_ports"] = i.Ports
	case "bridge":
		v["bridge_ports"], v["bridge_stp"], v["bridge_fd"] = i.Ports, "off", "0"
	}
	if i.Type == "bond" {
		v["slaves"], v["bond_mode"] = i.Slaves, "802.3ad"
	}
	if i.VLANAware {
		v["bridge_vlan_aware"] = "1"
	}
	return v
}

func setAddress(v map[string]string, cidr string) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return
	}
	v["cidr"], v["address"], v["netmask"] = cidr, p.Addr().String(), fmt.Sprint(p.Bits())
}

func (n *node) status() string {
	if n.offline {
		return "offline"
	}
	return "online"
}

// use is what a node and its running guests use.
func (c *Cluster) use(n *node) (cpu float64, memory int64) {
	busy := n.CPUUsage * float64(n.CPUs)
	memory = n.MemoryUsedBytes
	for _, g := range c.guests {
		if g.node == n.Name && g.running {
			busy += g.cpuUsage * g.cpus()
			memory += g.usedMemory()
		}
	}
	if n.CPUs > 0 {
		cpu = min(busy/float64(n.CPUs), 1)
	}
	return cpu, min(memory, n.MemoryBytes)
}

// useAll is use for every node, in one pass over the guests.
func (c *Cluster) useAll() (cpu map[string]float64, memory map[string]int64) {
	cpu, memory = make(map[string]float64, len(c.nodes)), make(map[string]int64, len(c.nodes))
	for name, n := range c.nodes {
		cpu[name], memory[name] = n.CPUUsage*float64(n.CPUs), n.MemoryUsedBytes
	}
	for _, g := range c.guests {
		if g.running {
			cpu[g.node] += g.cpuUsage * g.cpus()
			memory[g.node] += g.usedMemory()
		}
	}
	for name, n := range c.nodes {
		if n.CPUs > 0 {
			cpu[name] = min(cpu[name]/float64(n.CPUs), 1)
		}
		memory[name] = min(memory[name], n.MemoryBytes)
	}
	return cpu, memory
}

func (c *Cluster) uptime(n *node) int64 {
	return n.UptimeSeconds + int64(c.now().Sub(c.booted).Seconds())
}

func (c *Cluster) listNodes(r *request) (any, error) {
	cpu, memory := c.useAll()
	rows := []object{}
	for _, name := range c.order {
		n := c.nodes[name]
		row := object{"node": name, "id": "node/" + name, "type": "node", "status": n.status(), "level": "", "ssl_fingerprint": fingerprint(name)}
		if !n.offline && r.who.has("/nodes/"+name, "Sys.Audit") {
			maps.Copy(row, object{
				"cpu": cpu[name], "maxcpu": n.CPUs, "mem": memory[name], "maxmem": n.MemoryBytes,
				"disk": n.RootUsedBytes, "maxdisk": n.RootBytes, "uptime": c.uptime(n),
			})
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func fingerprint(name string) string {
	sum := digestOf(map[string]string{"node": name})
	parts := make([]string, 0, 20)
	for i := 0; i+1 < len(sum); i += 2 {
		parts = append(parts, strings.ToUpper(sum[i:i+2]))
	}
	return strings.Join(parts, ":")
}

func (c *Cluster) nodeStatus(r *request) (any, error) {
	n := c.nodes[r.node()]
	cpu, memory := c.use(n)
	load := fmt.Sprintf("%.2f", cpu*float64(n.CPUs))
	kernel, total := "6.8.12-9-pve", object{"total": n.MemoryBytes, "used": memory, "free": n.MemoryBytes - memory}
	if c.major() >= 9 {
		kernel, total["available"] = "6.14.11-4-pve", n.MemoryBytes-memory
	}
	return object{
		"uptime": c.uptime(n), "cpu": cpu, "wait": 0, "idle": 0, "loadavg": []string{load, load, load},
		"pveversion": "pve-manager/" + c.version + "/0000000000000000", "kversion": "Linux " + kernel + " #1 SMP PREEMPT_DYNAMIC",
		"cpuinfo":   object{"model": n.CPUModel, "cpus": n.CPUs, "cores": n.Cores, "sockets": n.Sockets, "mhz": "2100.000", "hvm": "1", "user_hz": 100, "flags": "vmx"},
		"memory":    total,
		"swap":      object{"total": 8 << 30, "used": 0, "free": 8 << 30},
		"rootfs":    object{"total": n.RootBytes, "used": n.RootUsedBytes, "free": n.RootBytes - n.RootUsedBytes, "avail": n.RootBytes - n.RootUsedBytes},
		"ksm":       object{"shared": 0},
		"boot-info": object{"mode": "efi", "secureboot": 0},
		"current-kernel": object{
			"sysname": "Linux", "release": kernel, "machine": "x86_64", "version": "#1 SMP PREEMPT_DYNAMIC",
		},
	}, nil
}

func (c *Cluster) versionInfo(r *request) (any, error) {
	release := c.version
	if parts := strings.SplitN(c.version, ".", 3); len(parts) > 2 {
		release = parts[0] + "." + parts[1]
	}
	return object{"version": c.version, "release": release, "repoid": "0000000000000000"}, nil
}

func (c *Cluster) clusterStatus(r *request) (any, error) {
	rows := []object{}
	for i, name := range c.order {
		n := c.nodes[name]
		rows = append(rows, object{
			"type": "node", "id": "node/" + name, "name": name, "nodeid": i + 1, "ip": n.Address,
			"online": flagOf(!n.offline), "local": flagOf(name == c.first()), "level": "",
		})
	}
	if c.name == "" {
		return rows, nil
	}
	head := object{"type": "cluster", "id": "cluster", "name": c.name, "nodes": len(c.order), "quorate": flagOf(c.quorate()), "version": len(c.order)}
	return append([]object{head}, rows...), nil
}

// quorate reports whether the nodes that are online have most of the votes.
func (c *Cluster) quorate() bool {
	online, all := 0, 0
	for _, n := range c.nodes {
		all += max(n.Votes, 1)
		if !n.offline {
			online += max(n.Votes, 1)
		}
	}
	return 2*online > all
}

// configNodes answers GET /cluster/config/nodes: the nodes as corosync's configuration names them. A stand-alone node has none.
func (c *Cluster) configNodes(r *request) (any, error) {
	rows := []object{}
	if c.name == "" {
		return rows, nil
	}
	for i, name := range c.order {
		n := c.nodes[name]
		rows = append(rows, object{"node": name, "name": name, "nodeid": fmt.Sprint(i + 1), "quorum_votes": fmt.Sprint(max(n.Votes, 1)), "ring0_addr": n.Address})
	}
	return rows, nil
}

// first is the node that answers for the cluster: the first one that is online.
func (c *Cluster) first() string {
	for _, name := range c.order {
		if !c.nodes[name].offline {
			return name
		}
	}
	return c.order[0]
}

func flagOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *Cluster) clusterOptions(r *request) (any, error) {
	return object{"mac_prefix": macPrefix, "keyboard": "en-us"}, nil
}

func (c *Cluster) nodeDNS(r *request) (any, error) {
	return object{"search": "lab.local", "dns1": "8.8.8.8"}, nil
}

func (c *Cluster) nodeTime(r *request) (any, error) {
	now := c.now().Unix()
	return object{"timezone": "UTC", "time": now, "localtime": now}, nil
}

func (c *Cluster) nodeHosts(r *request) (any, error) {
	n := c.nodes[r.node()]
	if n.hosts == "" {
		n.hosts = "127.0.0.1 localhost\n" + n.Address + " " + n.Name + "\n"
	}
	return object{"data": n.hosts, "digest": digestOf(map[string]string{"data": n.hosts})}, nil
}

// listNetwork answers GET /nodes/N/network; its filter types are those of the schema.
func (c *Cluster) listNetwork(r *request) (any, error) {
	n := c.nodes[r.node()]
	rows := []object{}
	for _, name := range slices.Sorted(maps.Keys(n.ifaces)) {
		row := ifaceRow(n, name)
		kind, _ := row["type"].(string)
		switch r.text("type") {
		case "":
		case "any_bridge", "any_local_bridge":
			if kind != "bridge" && kind != "OVSBridge" {
				continue
			}
		case "include_sdn":
		default:
			if kind != r.text("type") {
				continue
			}
		}
		rows = append(rows, row)
	}
	if t := r.text("type"); t == "any_bridge" || t == "include_sdn" {
		for name, v := range c.sdn.running.vnets {
			if c.sdn.onNode(name, n.Name) {
				rows = append(rows, object{"iface": name, "type": "vnet", "active": 1, "comments": v.Get("alias")})
			}
		}
	}
	return rows, nil
}

func ifaceRow(n *node, name string) object {
	row := object{"iface": name, "families": []string{"inet"}, "priority": 3, "exists": 1}
	for k, v := range n.ifaces[name] {
		switch k {
		case "autostart", "bridge_vlan_aware", "mtu", "vlan-id":
			row[k] = intOr(v)
		default:
			row[k] = v
		}
	}
	if n.active[name] {
		row["active"] = 1
	}
	return row
}

func (c *Cluster) readNetwork(r *request) (any, error) {
	n := c.nodes[r.node()]
	if n.ifaces[r.text("iface")] == nil {
		return nil, reject("iface", "interface does not exist")
	}
	return ifaceRow(n, r.text("iface")), nil
}

func (c *Cluster) createNetwork(r *request) (any, error) {
	n := c.nodes[r.node()]
	if n.ifaces[r.text("iface")] != nil {
		return nil, reject("iface", "interface already exists")
	}
	n.ifaces[r.text("iface")] = ifaceValues(r.values)
	return nil, nil
}

func (c *Cluster) updateNetwork(r *request) (any, error) {
	n := c.nodes[r.node()]
	if n.ifaces[r.text("iface")] == nil {
		return nil, reject("iface", "interface does not exist")
	}
	values := ifaceValues(r.values)
	for _, gone := range r.list("delete") {
		delete(values, gone)
	}
	n.ifaces[r.text("iface")] = values
	return nil, nil
}

func ifaceValues(values url.Values) map[string]string {
	v := map[string]string{"method": "manual", "method6": "manual"}
	for key := range values {
		switch key {
		case "node", "iface", "delete", "digest":
		default:
			v[key] = values.Get(key)
		}
	}
	if v["cidr"] != "" {
		v["method"] = "static"
		setAddress(v, v["cidr"])
	}
	if v["cidr6"] != "" {
		v["method6"] = "static"
	}
	if v["type"] == "bridge" {
		v["bridge_stp"], v["bridge_fd"] = "off", "0"
		if _, ok := v["bridge_ports"]; !ok {
			v["bridge_ports"] = ""
		}
	}
	for _, key := range []string{"autostart", "bridge_vlan_aware"} {
		if v[key] == "0" {
			delete(v, key)
		}
	}
	return v
}

func (c *Cluster) deleteNetwork(r *request) (any, error) {
	n := c.nodes[r.node()]
	if n.ifaces[r.text("iface")] == nil {
		return nil, reject("iface", "interface does not exist")
	}
	delete(n.ifaces, r.text("iface"))
	return nil, nil
}

// reloadNetwork makes the written configuration the running one.
func (c *Cluster) reloadNetwork(r *request) (any, error) {
	n := c.nodes[r.node()]
	return c.begin(r, n.Name, "srvreload", "networking", func() error {
		clear(n.active)
		for name := range n.ifaces {
			n.active[name] = true
		}
		return nil
	}, nil), nil
}

// nodeDisks answers GET /nodes/N/disks/list.
func (c *Cluster) nodeDisks(r *request) (any, error) {
	disks := c.nodes[r.node()].Disks
	if len(disks) == 0 {
		disks = []SeedDisk{{Device: "/dev/nvme0n1", Kind: "nvme", Model: "NVMe SSD", SizeBytes: 1_024_209_543_168, Use: "LVM"}}
	}
	rows := []object{}
	for i, d := range disks {
		row := object{
			"devpath": d.Device, "type": d.Kind, "size": d.SizeBytes, "model": orElse(d.Model, "unknown"), "vendor": "unknown", "serial": fmt.Sprintf("S%08d", i+1),
			"health": "PASSED", "gpt": 1, "mounted": 0, "rpm": -1, "wearout": 100, "osdid": -1, "osdid-list": nil,
		}
		if r.flag("skipsmart") {
			row["health"], row["wearout"] = "UNKNOWN", "N/A"
		}
		if d.Use != "" {
			row["used"] = d.Use
		}
		if d.OSD != nil {
			row["osdid"], row["osdid-list"] = *d.OSD, []int{*d.OSD}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *Cluster) nodePCI(r *request) (any, error) { return []object{}, nil }

// metricsExport answers GET /cluster/metrics/export with the present values only.
func (c *Cluster) metricsExport(r *request) (any, error) {
	cpu, memory := c.useAll()
	now := c.now().Unix()
	rows := []object{}
	add := func(id, metric string, value any) {
		rows = append(rows, object{"id": id, "metric": metric, "timestamp": now, "type": "gauge", "value": value})
	}
	for _, name := range c.order {
		if c.nodes[name].offline {
			continue
		}
		add("node/"+name, "cpu_current", cpu[name])
		add("node/"+name, "mem_used", memory[name])
		add("node/"+name, "mem_total", c.nodes[name].MemoryBytes)
	}
	for _, id := range c.guestIDs() {
		row := c.rowOf(c.guests[id])
		add(row.ID, "cpu_current", row.CPU)
		add(row.ID, "mem_used", row.Mem)
		add(row.ID, "mem_total", row.MaxMem)
	}
	return object{"data": rows}, nil
}
