package strategy

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A nic is a network device of a group; a static address is that of the group's first machine.
type nic struct {
	bridge  string
	vlan    int32
	model   string
	address netip.Prefix // zero: DHCP
	gateway string
}

// resolveNetworks takes the stated networks, else the template's. What a stated one leaves open comes from the template's
// device at the same place.
func (d *Draft) resolveNetworks(g *group) error {
	var own []pve.NIC
	if g.template != nil {
		own = g.template.Config.NICs
	}
	stated := g.wish.GetNetworks()
	count := len(stated)
	if count == 0 {
		count = max(1, len(own))
	}
	for i := range count {
		n := nic{model: g.nicModel()}
		if i < len(own) {
			n.bridge, n.vlan, n.model = own[i].Bridge, int32(own[i].VLAN), cmp.Or(own[i].Model, n.model)
		} else if len(own) > 0 {
			n.bridge, n.vlan = own[0].Bridge, int32(own[0].VLAN)
		}
		if i < len(stated) {
			if err := d.state(&n, stated[i]); err != nil {
				return err
			}
		}
		if n.bridge == "" {
			n.bridge = d.defaultNetwork()
		}
		if !d.hasNetwork(n.bridge) {
			return d.refuse(CodeNetworkUnknown, "network_unknown", "network", n.bridge, "networks", d.list(d.networks()))
		}
		if err := d.resolveAddress(g, &n); err != nil {
			return err
		}
		g.nics = append(g.nics, n)
		if !slices.Contains(g.demand.Networks, n.bridge) {
			g.demand.Networks = append(g.demand.Networks, n.bridge)
		}
	}
	return nil
}

// state lets what the requester stated about a device take the place of the template's.
func (d *Draft) state(n *nic, stated *provisov1.NetworkInterface) error {
	if b := stated.GetBridge(); b != "" && b != n.bridge {
		n.bridge, n.vlan = b, 0
	}
	if stated.Vlan != nil {
		n.vlan = stated.GetVlan()
	}
	n.gateway = stated.GetGateway()
	if text := stated.GetIpv4(); text != "" && text != "dhcp" {
		address, err := netip.ParsePrefix(text)
		if err != nil || !address.Addr().Is4() || address.Bits() == 0 {
			return d.refuse(CodeAddress, "address_invalid", "address", text)
		}
		n.address = address
	}
	return nil
}

// resolveAddress checks a static address with those of the machines after it, and finds the gateway.
func (d *Draft) resolveAddress(g *group, n *nic) error {
	if !n.address.IsValid() {
		n.gateway = "" // DHCP brings its own
		return nil
	}
	subnets, inside := d.subnets(n.bridge), false
	for _, s := range subnets {
		cidr, err := netip.ParsePrefix(s.CIDR)
		if err != nil || !cidr.Contains(n.address.Addr()) {
			continue
		}
		inside = true
		n.gateway = cmp.Or(n.gateway, s.Gateway)
	}
	if len(subnets) > 0 && !inside && d.isVNet(n.bridge) {
		return d.refuse(CodeAddress, "address_outside", "address", n.address.String(), "network", n.bridge, "subnets", d.list(cidrs(subnets)))
	}
	if n.gateway == "" {
		d.warn("no_gateway", "network", n.bridge, "address", n.address.String())
	} else if gateway, err := netip.ParseAddr(n.gateway); err != nil || !n.address.Masked().Contains(gateway) {
		return d.refuse(CodeAddress, "gateway_outside", "gateway", n.gateway, "address", n.address.String())
	}
	for ordinal := range g.count {
		a, ok := n.at(ordinal)
		switch {
		case !ok:
			return d.refuse(CodeAddress, "address_range", "address", n.address.String(), "count", g.count)
		case a.Addr().String() == n.gateway:
			return d.refuse(CodeAddress, "address_gateway", "address", a.Addr().String(), "network", n.bridge)
		}
		if node := d.nodeWith(a.Addr()); node != "" {
			return d.refuse(CodeAddress, "address_node", "address", a.Addr().String(), "node", node)
		}
	}
	return nil
}

// at is the address of one machine of the group: the first one's, counted on. It is not valid where the subnet ends; its
// first and last address belong to no machine.
func (n nic) at(ordinal int) (netip.Prefix, bool) {
	a := n.address.Addr()
	for range ordinal {
		a = a.Next()
	}
	subnet := n.address.Masked()
	ok := a.IsValid() && subnet.Contains(a)
	if ok && subnet.Bits() < 31 {
		ok = a != subnet.Addr() && subnet.Contains(a.Next())
	}
	return netip.PrefixFrom(a, n.address.Bits()), ok
}

// checkAddresses finds an address that two machines of the plan would have.
func (d *Draft) checkAddresses() error {
	seen := make(map[netip.Addr]bool)
	for _, m := range d.machines {
		for _, n := range m.nics {
			if !n.address.IsValid() {
				continue
			}
			a, _ := n.at(m.ordinal)
			if seen[a.Addr()] {
				return d.refuse(CodeAddress, "address_twice", "address", a.Addr().String())
			}
			seen[a.Addr()] = true
		}
	}
	return nil
}

// subnets are what is known of a network's addresses: an SDN vnet's subnets, or the nodes' own addresses on a bridge.
func (d *Draft) subnets(network string) []pve.Subnet {
	for _, v := range d.in.Snapshot.VNets {
		if v.Name == network {
			return v.Subnets
		}
	}
	var subnets []pve.Subnet
	for _, b := range d.in.Snapshot.Bridges {
		if b.Name == network && b.CIDR != "" {
			subnets = append(subnets, pve.Subnet{CIDR: b.CIDR, Gateway: b.Gateway})
		}
	}
	return subnets
}

func (d *Draft) isVNet(network string) bool {
	return slices.ContainsFunc(d.in.Snapshot.VNets, func(v pve.VNet) bool { return v.Name == network })
}

// nodeWith returns the node that has the address, "" when none has.
func (d *Draft) nodeWith(a netip.Addr) string {
	for _, b := range d.in.Snapshot.Bridges {
		if own, err := netip.ParsePrefix(b.CIDR); err == nil && own.Addr() == a {
			return b.Node
		}
	}
	return ""
}

func (d *Draft) hasNetwork(name string) bool { return slices.Contains(d.networks(), name) }

// networks are the bridges and vnets of the cluster, in order of name.
func (d *Draft) networks() []string {
	var found []string
	for _, b := range d.in.Snapshot.Bridges {
		found = append(found, b.Name)
	}
	for _, v := range d.in.Snapshot.VNets {
		found = append(found, v.Name)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// defaultNetwork is the bridge that Proxmox VE's installer creates; else the one that most nodes have.
func (d *Draft) defaultNetwork() string {
	if d.hasNetwork("vmbr0") {
		return "vmbr0"
	}
	best, most := "", 0
	for _, name := range d.networks() {
		on := 0
		for _, node := range d.in.Snapshot.Nodes {
			if d.in.Snapshot.HasNetwork(name, node.Name) {
				on++
			}
		}
		if on > most {
			best, most = name, on
		}
	}
	return best
}

func cidrs(subnets []pve.Subnet) []string {
	var found []string
	for _, s := range subnets {
		found = append(found, s.CIDR)
	}
	return found
}

// resolveInitialization configures cloud-init where the requester wants it or where the machine cannot do without: its
// template runs it anyway, its image has no other way in, or its address has to be told to it.
func (d *Draft) resolveInitialization(g *group) error {
	wished := g.intent.GetInitialization()
	slot := ""
	if g.template != nil {
		slot = g.template.Config.CloudInit
	}
	static := slices.ContainsFunc(g.nics, func(n nic) bool { return n.address.IsValid() })
	if wished == nil && slot == "" && g.image == nil && !static {
		return nil
	}
	if g.template != nil && slot == "" {
		d.warn("no_cloud_init", "template", g.template.Name, "id", g.template.VMID)
	}
	if slot == "" {
		slot = "ide2"
		if slices.ContainsFunc(g.vm.GetDisks(), func(disk *provisov1.PlannedDisk) bool { return disk.GetSlot() == slot }) {
			slot = d.freeIDE(g)
		}
	}
	g.vm.Initialization = &provisov1.PlannedInitialization{
		Storage: g.vm.GetDisks()[0].GetStorage(), Slot: slot,
		User: wished.GetUser(), SshKeys: wished.GetSshKeys(),
		DnsServers: wished.GetDnsServers(), SearchDomain: wished.GetSearchDomain(),
	}
	return nil
}

// freeIDE finds a slot for the cloud-init drive beside IDE disks; with all four taken it goes behind the SCSI disks.
func (d *Draft) freeIDE(g *group) string {
	var used []string
	for _, disk := range g.vm.GetDisks() {
		used = append(used, disk.GetSlot())
	}
	for n := range 4 {
		if slot := "ide" + strconv.Itoa(n); !slices.Contains(used, slot) {
			return slot
		}
	}
	return freeSlot(used)
}
