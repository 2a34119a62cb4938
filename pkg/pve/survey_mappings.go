package pve

import (
	"context"
	"strconv"
)

// mappings reads the names that devices of nodes have in the whole cluster: two requests. The list is shorter, without a word,
// for a token that does not hold Mapping.Audit: see [part.access].
func (p *part) mappings(ctx context.Context) {
	for _, kind := range []struct {
		kind MappingKind
		what string
	}{{MappingPCI, "PCI mappings"}, {MappingUSB, "USB mappings"}} {
		p.run(kind.what, func() error {
			rows, err := list[struct {
				ID            text   `json:"id"`
				Description   text   `json:"description"`
				Mediated      number `json:"mdev"`
				LiveMigration number `json:"live-migration-capable"`
				Map           []text `json:"map"`
			}](ctx, p.r, "/cluster/mapping/"+string(kind.kind))
			if err != nil {
				return err
			}
			p.with(func(snap *Snapshot) {
				snap.MappingsRead = append(snap.MappingsRead, kind.kind)
				for _, row := range rows {
					m := Mapping{
						Name: string(row.ID), Kind: kind.kind, Description: string(row.Description),
						Mediated: row.Mediated.truth(), LiveMigration: row.LiveMigration.truth(), Devices: []MappingDevice{},
					}
					for _, line := range row.Map {
						m.Devices = append(m.Devices, mappingDevice(string(line)))
					}
					snap.Mappings = append(snap.Mappings, m)
				}
			})
			return nil
		})
	}
}

// mappingDevice reads one device, "node=pmox01,path=0000:01:00.0,id=10de:2204,iommugroup=15".
func mappingDevice(line string) MappingDevice {
	options := ParseProperty(line, "node")
	d := MappingDevice{
		Node: options.Get("node"), Path: options.Get("path"), ID: options.Get("id"), SubsystemID: options.Get("subsystem-id"),
	}
	if group, err := strconv.Atoi(options.Get("iommugroup")); err == nil {
		d.IOMMUGroup = &group
	}
	return d
}
