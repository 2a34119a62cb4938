package pve

import (
	"slices"
	"strings"
)

// localZone is what Proxmox VE calls the bridges of nodes in lists of zones.
const localZone = "localnetwork"

// A zoneRow is a row of /cluster/sdn/zones.
type zoneRow struct {
	Zone   text   `json:"zone"`
	Type   text   `json:"type"`
	Nodes  set    `json:"nodes"`
	Bridge text   `json:"bridge"`
	MTU    number `json:"mtu"`
}

func (row zoneRow) zone() Zone {
	return Zone{Name: string(row.Zone), Type: string(row.Type), Nodes: emptyAsNil(row.Nodes.names()), Bridge: string(row.Bridge), MTU: row.MTU.count()}
}

// zonesOf names the zones that the list of resources shows.
func zonesOf(overview *Snapshot) string {
	var names []string
	for _, z := range overview.Zones {
		names = append(names, z.Name)
	}
	return strings.Join(names, ",")
}

// joinZones takes over vnets and zones, and the states of zones from the list of resources.
func joinZones(to, from *Snapshot) {
	to.VNets = from.VNets
	listed := to.Zones
	to.Zones = slices.Clone(from.Zones)
	for _, z := range listed {
		to.zone(z.Name).States = z.States
	}
}

// zone returns the entry of a zone, a new one when there is none yet.
func (s *Snapshot) zone(name string) *Zone {
	i := slices.IndexFunc(s.Zones, func(z Zone) bool { return z.Name == name })
	if i < 0 {
		i = len(s.Zones)
		s.Zones = append(s.Zones, Zone{Name: name})
	}
	return &s.Zones[i]
}

// zoneState takes the state of a zone on a node from its row of /cluster/resources, which release 9 writes in another way than
// release 8.
func (s *Snapshot) zoneState(row resourceRow) {
	name := row.SDN
	if row.Type == "network" {
		if row.NetworkType != "zone" {
			return // a fabric
		}
		name = row.Network
	}
	if name == "" || name == localZone {
		return
	}
	z := s.zone(string(name))
	if z.States == nil {
		z.States = map[string]string{}
	}
	z.States[string(row.Node)] = string(row.Status)
}
