package pve

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// highAvailability reads groups or rules, and what was asked of the guests under HA.
func (p *part) highAvailability(ctx context.Context) {
	p.run("HA groups", func() error {
		rows, err := list[struct {
			Group      text   `json:"group"`
			Nodes      set    `json:"nodes"`
			Restricted number `json:"restricted"`
			NoFailback number `json:"nofailback"`
		}](ctx, p.r, "/cluster/ha/groups")
		var status *StatusError
		if errors.As(err, &status) && status.says("migrated to rules") {
			return nil // PVE 9 has none; until every node is on 9 it still may
		}
		p.with(func(snap *Snapshot) {
			for _, row := range rows {
				snap.HAGroups = append(snap.HAGroups, HAGroup{
					Name: string(row.Group), Nodes: row.Nodes, Restricted: row.Restricted.truth(), NoFailback: row.NoFailback.truth(),
				})
			}
		})
		return err
	})
	if p.base.Major() >= 9 {
		p.run("HA rules", func() error {
			rows, err := list[struct {
				Rule      text   `json:"rule"`
				Type      text   `json:"type"`
				Resources text   `json:"resources"`
				Nodes     set    `json:"nodes"`
				Strict    number `json:"strict"`
				Affinity  text   `json:"affinity"`
				Disabled  number `json:"disable"`
			}](ctx, p.r, "/cluster/ha/rules")
			p.with(func(snap *Snapshot) {
				for _, row := range rows {
					snap.HARules = append(snap.HARules, HARule{
						Name: string(row.Rule), Type: string(row.Type), Resources: sortedWords(string(row.Resources)), Nodes: row.Nodes,
						Strict: row.Strict.truth(), Affinity: string(row.Affinity), Disabled: row.Disabled.truth(),
					})
				}
			})
			return err
		})
	}
	p.run("HA services", func() error {
		rows, err := list[struct {
			SID   text `json:"sid"`
			State text `json:"state"`
			Group text `json:"group"`
		}](ctx, p.r, "/cluster/ha/resources")
		p.with(func(snap *Snapshot) {
			for _, row := range rows {
				snap.HAServices = append(snap.HAServices, HAService{SID: string(row.SID), State: string(row.State), Group: string(row.Group)})
			}
		})
		return err
	})
}

// serviceStates reads the states that services are in, which may differ from the ones that were asked of them. Services that the
// HA manager has not looked at yet are listed too.
func (p *part) serviceStates(ctx context.Context) {
	p.run("state of HA services", func() error {
		rows, err := list[haRow](ctx, p.r, "/cluster/ha/status/current")
		if err != nil {
			return err
		}
		p.with(func(snap *Snapshot) {
			snap.HAManager = managerOf(rows)
			for _, row := range rows {
				if row.Type == "service" {
					snap.HAServices = append(snap.HAServices, HAService{SID: string(row.SID), State: string(row.State)})
				}
			}
		})
		return nil
	})
}

// servicesOf names the guests that the list of resources shows under HA.
func servicesOf(overview *Snapshot) string {
	var b strings.Builder
	for _, g := range overview.Guests {
		if g.HA {
			b.WriteString(strconv.Itoa(g.VMID) + ",")
		}
	}
	return b.String()
}

// joinServices adds what was asked of services to the states that they are in.
func joinServices(to, from *Snapshot) {
	to.HAGroups, to.HARules = from.HAGroups, from.HARules
	current := to.HAServices
	to.HAServices = slices.Clone(current)
	for _, asked := range from.HAServices {
		at, ok := slices.BinarySearchFunc(current, asked.SID, func(s HAService, sid string) int { return strings.Compare(s.SID, sid) })
		if !ok {
			to.HAServices = append(to.HAServices, asked)
			continue
		}
		to.HAServices[at].Group = asked.Group
		to.HAServices[at].State = cmp.Or(to.HAServices[at].State, asked.State)
	}
}
