package twin

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

func agentEnabled(conf map[string]string) bool {
	p := parseProperty(conf["agent"], "enabled")
	return p.head == "1" || p.head == "on" || p.head == "true"
}

// asked checks that a guest's agent can answer.
func (c *Cluster) asked(r *request) (*guest, error) {
	g, err := c.find(r, pve.KindVM)
	if err != nil {
		return nil, err
	}
	switch {
	case g.agent == AgentForbidden:
		privilege := "VM.Monitor"
		if c.major() >= 9 {
			privilege = "VM.GuestAgent.Audit"
		}
		return nil, forbid("/vms/"+strconv.Itoa(g.id), []string{privilege})
	case !g.running:
		return nil, die("VM %d is not running", g.id)
	case !agentEnabled(c.config(g)):
		return nil, die("No QEMU guest agent configured")
	case g.agent == AgentSilent:
		return nil, die("QEMU guest agent is not running")
	}
	return g, nil
}

func (c *Cluster) agentPing(r *request) (any, error) {
	if _, err := c.asked(r); err != nil {
		return nil, err
	}
	return object{"result": object{}}, nil
}

func (c *Cluster) agentInterfaces(r *request) (any, error) {
	g, err := c.asked(r)
	if err != nil {
		return nil, err
	}
	rows := []object{agentInterface("lo", "00:00:00:00:00:00", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("::1/128")})}
	conf := c.config(g)
	for i, key := range nics(conf) {
		rows = append(rows, agentInterface("eth"+strconv.Itoa(i), strings.ToLower(addressOf(conf[key], "")), c.addresses(g, key)))
	}
	return object{"result": rows}, nil
}

func agentInterface(name, mac string, addresses []netip.Prefix) object {
	list := []object{}
	for _, a := range addresses {
		kind := "ipv4"
		if a.Addr().Is6() {
			kind = "ipv6"
		}
		list = append(list, object{"ip-address": a.Addr().String(), "ip-address-type": kind, "prefix": a.Bits()})
	}
	statistics := object{}
	for _, key := range []string{"rx-bytes", "rx-dropped", "rx-errs", "rx-packets", "tx-bytes", "tx-dropped", "tx-errs", "tx-packets"} {
		statistics[key] = 0
	}
	return object{"name": name, "hardware-address": mac, "ip-addresses": list, "statistics": statistics}
}

// nics are the network devices of a configuration in the order of their slots.
func nics(conf map[string]string) []string {
	var keys []string
	for key := range maps.Keys(conf) {
		if isIndexed(key, "net") {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return intOf(a[3:], 0) - intOf(b[3:], 0) })
	return keys
}

// addresses are what a network device got: as configured, or by DHCP from the network it is in. A device without
// configuration gets one by DHCP too when it is the first, as images are made that way.
func (c *Cluster) addresses(g *guest, key string) []netip.Prefix {
	conf := c.config(g)
	fields := parseProperty(conf[key])
	if !g.container() {
		fields = parseProperty(conf["ipconfig"+key[3:]])
	}
	var out []netip.Prefix
	ip := fields.values["ip"]
	if ip == "" && key == "net0" && fields.values["ip6"] == "" {
		ip = "dhcp"
	}
	for _, text := range []string{ip, fields.values["ip6"]} {
		if p, err := netip.ParsePrefix(text); err == nil {
			out = append(out, p)
		}
	}
	if ip == "dhcp" {
		out = append(out, c.lease(g, parseProperty(conf[key]).values["bridge"]))
	}
	return out
}

// lease gives an address of the network behind a bridge or vnet. It follows from the guest's id.
func (c *Cluster) lease(g *guest, bridge string) netip.Prefix {
	network := netip.MustParsePrefix("10.0.0.0/16")
	if cidr := c.nodes[g.node].ifaces[bridge]["cidr"]; cidr != "" {
		if p, err := netip.ParsePrefix(cidr); err == nil {
			network = p.Masked()
		}
	}
	for _, s := range c.sdn.running.subnets {
		if s.Get("vnet") == bridge {
			if p, err := netip.ParsePrefix(s.Get("cidr")); err == nil {
				network = p.Masked()
			}
		}
	}
	if !network.Addr().Is4() {
		return netip.PrefixFrom(network.Addr().Next(), network.Bits())
	}
	// 10 to 245 in the last byte, as a DHCP server's range leaves room for fixed addresses on both sides.
	base := network.Addr().As4()
	host := 10 + uint32(g.id)%236
	if network.Bits() > 24 {
		host %= 1 << (32 - network.Bits())
	}
	binary.BigEndian.PutUint32(base[:], binary.BigEndian.Uint32(base[:])+host)
	return netip.PrefixFrom(netip.AddrFrom4(base), network.Bits())
}

// containerInterfaces answers GET /nodes/N/lxc/ID/interfaces.
func (c *Cluster) containerInterfaces(r *request) (any, error) {
	g, err := c.find(r, pve.KindContainer)
	if err != nil {
		return nil, err
	}
	if !g.running {
		return nil, die("container '%d' not running!", g.id)
	}
	rows := []object{{"name": "lo", "hwaddr": "00:00:00:00:00:00", "hardware-address": "00:00:00:00:00:00", "inet": "127.0.0.1/8", "inet6": "::1/128",
		"ip-addresses": []object{{"ip-address": "127.0.0.1", "prefix": "8", "ip-address-type": "inet"}}}}
	conf := c.config(g)
	for _, key := range nics(conf) {
		p := parseProperty(conf[key])
		mac := strings.ToLower(p.values["hwaddr"])
		row := object{"name": p.values["name"], "hwaddr": mac, "hardware-address": mac}
		list := []object{}
		for _, a := range c.addresses(g, key) {
			kind := "inet"
			if a.Addr().Is6() {
				kind = "inet6"
			}
			row[kind] = a.String()
			list = append(list, object{"ip-address": a.Addr().String(), "prefix": strconv.Itoa(a.Bits()), "ip-address-type": kind})
		}
		row["ip-addresses"] = list
		rows = append(rows, row)
	}
	return rows, nil
}
