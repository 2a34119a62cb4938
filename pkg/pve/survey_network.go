package pve

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// networks reads the bridges of nodes.
func (p *part) networks(ctx context.Context) {
	p.eachNode("network", func(node string) error { return p.bridges(ctx, node) })
}

func (p *part) bridges(ctx context.Context, node string) error {
	rows, err := list[struct {
		portRow
		VLANAware number `json:"bridge_vlan_aware"`
		CIDR      text   `json:"cidr"`
		CIDR6     text   `json:"cidr6"`
		Gateway   text   `json:"gateway"`
		Gateway6  text   `json:"gateway6"`
	}](ctx, p.r, "/nodes/"+url.PathEscape(node)+"/network")
	p.with(func(snap *Snapshot) {
		for _, row := range rows {
			if port, ok := row.port(node); ok {
				snap.Ports = append(snap.Ports, port)
			}
			if row.Type != "bridge" && row.Type != "OVSBridge" {
				continue
			}
			snap.Bridges = append(snap.Bridges, Bridge{
				Name: string(row.Iface), Node: node, Type: string(row.Type), Active: row.Active.truth(),
				VLANAware: row.VLANAware.truth() || row.Type == "OVSBridge", // Open vSwitch always tags
				CIDR:      string(cmp.Or(row.CIDR, row.CIDR6)), Gateway: string(cmp.Or(row.Gateway, row.Gateway6)),
			})
		}
	})
	return err
}

// vnets reads the networks that are applied, not those that somebody has only written down.
func (p *part) vnets(ctx context.Context) {
	p.run("SDN", func() error { return p.applied(ctx) })
}

func (p *part) applied(ctx context.Context) error {
	type vnet struct {
		VNet      text   `json:"vnet"`
		Zone      text   `json:"zone"`
		Tag       number `json:"tag"`
		VLANAware number `json:"vlanaware"`
	}
	zones, err := list[zoneRow](ctx, p.r, "/cluster/sdn/zones?running=1")
	if err != nil {
		return err // without its zone nobody knows on which nodes a vnet exists
	}
	byName := make(map[text]zoneRow, len(zones))
	for _, z := range zones {
		byName[z.Zone] = z
		p.with(func(snap *Snapshot) { snap.Zones = append(snap.Zones, z.zone()) })
	}
	rows, err := list[vnet](ctx, p.r, "/cluster/sdn/vnets?running=1")
	if err != nil {
		return err
	}
	for _, row := range rows {
		z, known := byName[row.Zone]
		if !known {
			p.unknown("nodes of vnet "+string(row.VNet), fmt.Sprintf("zone %s is not listed", row.Zone))
			continue
		}
		v := VNet{
			Name: string(row.VNet), Zone: string(row.Zone), ZoneType: string(z.Type), Tag: row.Tag.count(),
			VLANAware: row.VLANAware.truth(), Nodes: z.Nodes.names(),
		}
		p.run("subnets of "+v.Name, func() error {
			subnets, err := p.subnets(ctx, v.Name)
			v.Subnets = subnets
			p.with(func(snap *Snapshot) { snap.VNets = append(snap.VNets, v) })
			return err
		})
	}
	return nil
}

func (p *part) subnets(ctx context.Context, vnet string) ([]Subnet, error) {
	rows, err := list[struct {
		Subnet  text `json:"subnet"` // "zone1-10.1.0.0-24"
		CIDR    text `json:"cidr"`
		Gateway text `json:"gateway"`
	}](ctx, p.r, "/cluster/sdn/vnets/"+url.PathEscape(vnet)+"/subnets?running=1")
	var subnets []Subnet
	for _, row := range rows {
		cidr := string(row.CIDR)
		if cidr == "" {
			_, rest, _ := strings.Cut(string(row.Subnet), "-")
			address, length, _ := strings.Cut(rest, "-")
			cidr = address + "/" + length
		}
		subnets = append(subnets, Subnet{CIDR: cidr, Gateway: string(row.Gateway)})
	}
	slices.SortFunc(subnets, func(a, b Subnet) int { return strings.Compare(a.CIDR, b.CIDR) })
	return subnets, err
}
