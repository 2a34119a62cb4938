package understand

import (
	"net/netip"
	"slices"

	"proviso.dev/pkg/pve"
)

func validAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// nics checks networks and VLANs.
func (gr *grounder) nics() {
	g := gr.g
	if len(g.NICs) > nicsMost {
		gr.ask(fieldNetwork, gr.say("ask.too_many_nics", "most", nicsMost), nil)
		g.NICs = g.NICs[:nicsMost]
	}
	if len(g.NICs) == 0 {
		g.NICs = []NIC{{}}
	}
	gr.contradicted(fieldVLAN)
	for k := range g.NICs {
		nic := &g.NICs[k]
		gr.bridge(k, nic)
		gr.assumeNetwork(k, nic)
		gr.vlan(k, nic)
	}
}

func (gr *grounder) bridge(k int, nic *NIC) {
	if !nic.Bridge.Has() {
		return
	}
	if gr.x.snap == nil {
		if !only(nic.Bridge.V, "_.-", 15) {
			nic.Bridge = Value[string]{}
		}
		return
	}
	written, known := gr.x.find(nic.Bridge.V, aNetwork)
	if known {
		nic.Bridge.V = written
		return
	}
	gr.unknownName(numbered(fieldNetwork, k), "ask.network_unknown", nic.Bridge.V, gr.x.networks)
	nic.Bridge = Value[string]{}
}

func (gr *grounder) vlan(k int, nic *NIC) {
	if !nic.VLAN.Has() || nic.VLAN.V == 0 && nic.VLAN.said() {
		nic.VLAN = Value[int]{}
		return
	}
	field := numbered(fieldVLAN, k)
	switch v, isVNet := gr.vnet(nic.Bridge.V); {
	case nic.VLAN.V < 1 || nic.VLAN.V > 4094:
		gr.ask(field, gr.say("ask.vlan_range", "n", nic.VLAN.V), []option{gr.none()})
	case isVNet && !v.VLANAware:
		gr.ask(field, gr.say("ask.vlan_vnet", "n", nic.VLAN.V, "name", v.Name), []option{gr.none()})
	default:
		return
	}
	nic.VLAN = Value[int]{}
}

func (gr *grounder) vnet(name string) (pve.VNet, bool) {
	if gr.x.snap == nil {
		return pve.VNet{}, false
	}
	i := slices.IndexFunc(gr.x.snap.VNets, func(v pve.VNet) bool { return v.Name == name })
	if i < 0 {
		return pve.VNet{}, false
	}
	return gr.x.snap.VNets[i], true
}

// addresses checks static addresses and gateways, and takes DHCP where none is given.
func (gr *grounder) addresses() {
	g := gr.g
	if gr.contradicted(fieldIPv4) || gr.contradicted(fieldGateway) {
		for k := range g.NICs {
			g.NICs[k].IPv4, g.NICs[k].Gateway = Value[string]{}, Value[string]{}
		}
		return
	}
	for k := range g.NICs {
		gr.address(k, &g.NICs[k])
	}
}

func (gr *grounder) address(k int, nic *NIC) {
	field := numbered(fieldIPv4, k)
	subnet := gr.subnet(nic.Bridge.V, nic.IPv4.V)
	dhcp := option{"dhcp", gr.say("option.dhcp")}
	if nic.Gateway.V != "" && !gr.gatewayForm(k, nic) {
		return
	}
	switch {
	case nic.IPv4.Has() && nic.IPv4.V == "":
		gr.ask(field, gr.say("ask.ip_which"), []option{dhcp})
		nic.IPv4 = Value[string]{}
		return
	case !nic.IPv4.Has() && nic.Gateway.V != "":
		gr.ask(field, gr.say("ask.ip_for_gateway", "gateway", nic.Gateway.V), []option{dhcp})
		return
	case !nic.IPv4.Has():
		nic.IPv4.assume("dhcp", Assumed, gr.say("reason.dhcp"))
		return
	case nic.IPv4.V == "dhcp":
		nic.Gateway = Value[string]{}
		return
	}
	stop := func(text string, options ...option) {
		gr.ask(field, text, append(options, dhcp))
		nic.IPv4, nic.Gateway = Value[string]{}, Value[string]{}
	}
	shown := quoteText(nic.IPv4.V)
	p, err := netip.ParsePrefix(nic.IPv4.V)
	if err != nil {
		a, err := netip.ParseAddr(nic.IPv4.V)
		switch {
		case err != nil || !a.Is4():
			stop(gr.say("ask.ip_invalid", "address", shown))
			return
		case !subnet.IsValid():
			stop(gr.say("ask.ip_prefix", "address", shown), option{a.String() + "/24", a.String() + "/24"}, option{a.String() + "/16", a.String() + "/16"})
			return
		}
		p = netip.PrefixFrom(a, subnet.Bits())
	}
	a := p.Addr()
	nic.IPv4.V = p.String()
	gateway := gr.gatewayOf(nic, p)
	last := a
	for range gr.g.count() - 1 {
		last = last.Next()
	}
	switch node, used := gr.x.addresses[a]; {
	case p.Bits() > 30 || p.Bits() < 8 || !p.Contains(last) || a == p.Masked().Addr() || broadcast(p, last) || a.IsMulticast() || a.IsLoopback():
		stop(gr.say("ask.ip_range", "address", shown))
	case gateway.IsValid() && !a.Less(gateway) && a == gateway, gateway.IsValid() && !gateway.Less(a) && !last.Less(gateway):
		stop(gr.say("ask.ip_gateway", "address", shown))
	case subnet.IsValid() && !subnet.Contains(a):
		stop(gr.say("ask.ip_subnet", "address", shown, "subnet", subnet.Masked().String(), "network", nic.Bridge.V))
	case used:
		stop(gr.say("ask.ip_node", "address", shown, "node", node))
	default:
		for n := a; ; n = n.Next() {
			if gr.ips[n.String()] {
				stop(gr.say("ask.ip_twice", "address", n.String()))
				return
			}
			if n == last {
				break
			}
		}
		for n := a; ; n = n.Next() {
			gr.ips[n.String()] = true
			if n == last {
				break
			}
		}
		gr.gateway(k, nic, p)
	}
}

// gatewayForm checks that a gateway is an address.
func (gr *grounder) gatewayForm(k int, nic *NIC) bool {
	if a, err := netip.ParseAddr(nic.Gateway.V); err == nil && a.Is4() {
		return true
	}
	gr.ask(numbered(fieldGateway, k), gr.say("ask.gateway_invalid", "address", quoteText(nic.Gateway.V)), []option{gr.none()})
	nic.Gateway = Value[string]{}
	if _, err := netip.ParsePrefix(nic.IPv4.V); err != nil {
		nic.IPv4 = Value[string]{}
	}
	return false
}

// gatewayOf returns the gateway that will count for an address: the one given, else the subnet's.
func (gr *grounder) gatewayOf(nic *NIC, p netip.Prefix) netip.Addr {
	if a, err := netip.ParseAddr(nic.Gateway.V); err == nil {
		return a
	}
	if v, ok := gr.vnet(nic.Bridge.V); ok {
		for _, s := range v.Subnets {
			if sp, err := netip.ParsePrefix(s.CIDR); err == nil && sp.Contains(p.Addr()) {
				a, _ := netip.ParseAddr(s.Gateway)
				return a
			}
		}
	}
	return netip.Addr{}
}

// gateway checks that the gateway lies in the subnet and takes the known one where none is given.
func (gr *grounder) gateway(k int, nic *NIC, p netip.Prefix) {
	switch known := gr.gatewayOf(nic, p); {
	case nic.Gateway.V != "" && !p.Contains(known):
		gr.ask(numbered(fieldGateway, k), gr.say("ask.gateway_outside", "gateway", nic.Gateway.V, "subnet", p.Masked().String()), []option{gr.none()})
		nic.Gateway = Value[string]{}
	case !nic.Gateway.Has() && known.IsValid():
		nic.Gateway.assume(known.String(), Derived, gr.say("reason.gateway", "network", nic.Bridge.V))
	case nic.Gateway.V == "":
		nic.Gateway = Value[string]{}
	}
}

// subnet returns the subnet of a vnet in which an address lies, else its only one, else that of a bridge's own address;
// the zero Prefix when none is known.
func (gr *grounder) subnet(network, address string) netip.Prefix {
	a, _ := netip.ParseAddr(address)
	if p, err := netip.ParsePrefix(address); err == nil {
		a = p.Addr()
	}
	if v, ok := gr.vnet(network); ok {
		var only netip.Prefix
		for _, s := range v.Subnets {
			p, err := netip.ParsePrefix(s.CIDR)
			if err != nil || !p.Addr().Is4() {
				continue
			}
			if p.Contains(a) || len(v.Subnets) == 1 {
				return p
			}
			only = p
		}
		return only
	}
	if gr.x.snap == nil {
		return netip.Prefix{}
	}
	for _, b := range gr.x.snap.Bridges {
		// The node's own address tells the prefix length of its network. It does not bind guests, who may use others.
		if p, err := netip.ParsePrefix(b.CIDR); b.Name == network && err == nil && p.Contains(a) {
			return p
		}
	}
	return netip.Prefix{}
}

// broadcast reports whether an address is the last of its prefix.
func broadcast(p netip.Prefix, a netip.Addr) bool {
	return p.Contains(a) && !p.Contains(a.Next())
}

// assumeNetwork fills in the network where none is given: the source's, else the cluster's usual one.
func (gr *grounder) assumeNetwork(k int, nic *NIC) {
	if nic.Bridge.Has() || gr.x.snap == nil || gr.asked(numbered(fieldNetwork, k)) {
		return
	}
	if t := gr.src.template; t != nil && t.Config != nil && k < len(t.Config.NICs) {
		if written, ok := gr.x.find(t.Config.NICs[k].Bridge, aNetwork); ok && (!nic.VLAN.said() || gr.takesVLAN(written)) {
			nic.Bridge.assume(written, Assumed, gr.say("reason.network_template", "name", quoteText(t.Name)))
			if v := t.Config.NICs[k].VLAN; v > 0 {
				nic.VLAN.assume(v, Assumed, gr.say("reason.network_template", "name", quoteText(t.Name)))
			}
			return
		}
	}
	if best := gr.usualNetwork(nic.VLAN.said()); best != "" {
		nic.Bridge.assume(best, Assumed, gr.say("reason.network_usual"))
		return
	}
	gr.ask(numbered(fieldNetwork, k), gr.say("ask.network"), plain(gr.x.networks))
}

// takesVLAN reports whether guests on a network may have a VLAN tag.
func (gr *grounder) takesVLAN(network string) bool {
	v, isVNet := gr.vnet(network)
	return !isVNet || v.VLANAware
}

// usualNetwork returns the network that most templates use, else the only vnet, else the bridge on most nodes.
func (gr *grounder) usualNetwork(vlan bool) string {
	votes := map[string]int{}
	for _, t := range gr.x.templates {
		if t.Config != nil && len(t.Config.NICs) > 0 {
			votes[t.Config.NICs[0].Bridge] += 10000
		}
	}
	for _, v := range gr.x.snap.VNets {
		votes[v.Name] += 100
	}
	for _, b := range gr.x.snap.Bridges {
		votes[b.Name]++
	}
	best := ""
	for _, name := range gr.x.networks { // in a fixed order, so that equal votes give equal answers
		if (!vlan || gr.takesVLAN(name)) && (best == "" || votes[name] > votes[best]) {
			best = name
		}
	}
	return best
}

// asked reports whether a question about the field of the group at hand is open.
func (gr *grounder) asked(field string) bool {
	of := gr.out.handle(gr.i)
	return slices.ContainsFunc(gr.out.questions, func(q question) bool { return q.of == of && q.field == field })
}
