package pve

import (
	"context"
	"slices"
)

// localZone is what Proxmox VE calls the bridges of nodes in lists of zones.
const localZone = "localnetwork"

// zones reads the SDN zones that are applied. How they do on each node stands in the list of resources.
func (s *survey) zones(ctx context.Context) {
	s.run("SDN zones", func() error {
		rows, err := list[struct {
			Zone   text   `json:"zone"`
			Type   text   `json:"type"`
			Nodes  set    `json:"nodes"`
			Bridge text   `json:"bridge"`
			MTU    number `json:"mtu"`
		}](ctx, s.r, "/cluster/sdn/zones?running=1")
		s.with(func(snap *Snapshot) {
			for _, row := range rows {
				z := snap.zone(string(row.Zone))
				z.Type, z.Nodes, z.Bridge, z.MTU = string(row.Type), emptyAsNil(row.Nodes.names()), string(row.Bridge), row.MTU.count()
			}
		})
		return err
	})
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
