package pve

import (
	"cmp"
	"context"
	"errors"
)

// highAvailability reads groups or rules, and the guests under HA.
func (s *survey) highAvailability(ctx context.Context) {
	s.run("HA groups", func() error {
		rows, err := list[struct {
			Group      text   `json:"group"`
			Nodes      set    `json:"nodes"`
			Restricted number `json:"restricted"`
			NoFailback number `json:"nofailback"`
		}](ctx, s.r, "/cluster/ha/groups")
		var status *StatusError
		if errors.As(err, &status) && status.says("migrated to rules") {
			return nil // PVE 9 has none; until every node is on 9 it still may
		}
		s.with(func(snap *Snapshot) {
			for _, row := range rows {
				snap.HAGroups = append(snap.HAGroups, HAGroup{
					Name: string(row.Group), Nodes: row.Nodes, Restricted: row.Restricted.truth(), NoFailback: row.NoFailback.truth(),
				})
			}
		})
		return err
	})
	if s.snap.Major() >= 9 {
		s.run("HA rules", func() error {
			rows, err := list[struct {
				Rule      text   `json:"rule"`
				Type      text   `json:"type"`
				Resources text   `json:"resources"`
				Nodes     set    `json:"nodes"`
				Strict    number `json:"strict"`
				Affinity  text   `json:"affinity"`
				Disabled  number `json:"disable"`
			}](ctx, s.r, "/cluster/ha/rules")
			s.with(func(snap *Snapshot) {
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
	s.run("HA services", func() error {
		rows, err := list[struct {
			SID   text `json:"sid"`
			State text `json:"state"`
			Group text `json:"group"`
		}](ctx, s.r, "/cluster/ha/resources")
		if err != nil || len(rows) == 0 {
			return err
		}
		current, stale := s.serviceStates(ctx)
		s.with(func(snap *Snapshot) {
			for _, row := range rows {
				snap.HAServices = append(snap.HAServices, HAService{
					SID: string(row.SID), State: cmp.Or(current[row.SID], string(row.State)), Group: string(row.Group),
				})
			}
		})
		if stale != nil {
			s.missed("state of HA services", stale)
		}
		return nil
	})
}

// serviceStates returns the states that services are in, which may differ from the ones that were asked of them.
func (s *survey) serviceStates(ctx context.Context) (map[text]string, error) {
	rows, err := list[struct {
		Type  text `json:"type"`
		SID   text `json:"sid"`
		State text `json:"state"`
	}](ctx, s.r, "/cluster/ha/status/current")
	states := make(map[text]string, len(rows))
	for _, row := range rows {
		if row.Type == "service" {
			states[row.SID] = string(row.State)
		}
	}
	return states, err
}
