package pve

import (
	"cmp"
	"context"
	"strings"
)

// membership reads how many votes each node has. A stand-alone node has no configuration of a cluster and one vote.
func (s *survey) membership(ctx context.Context, members []statusRow) {
	name, clustered := "", false
	for _, m := range members {
		if m.Type == "cluster" {
			name, clustered = string(m.Name), true
		}
	}
	online := map[string]bool{}
	for _, m := range members {
		if m.Type == "node" {
			online[string(m.Name)] = m.Online.truth()
		}
	}
	if members == nil {
		return // said to be unknown already
	}
	s.with(func(snap *Snapshot) { snap.Membership.Name = name })
	if !clustered {
		s.with(func(snap *Snapshot) { snap.Membership = stand(online) })
		return
	}
	s.run("votes of nodes", func() error {
		rows, err := list[struct {
			Node  text    `json:"node"`
			Name  text    `json:"name"`
			Votes *number `json:"quorum_votes"`
		}](ctx, s.r, "/cluster/config/nodes")
		if err != nil {
			return err
		}
		m := Membership{Name: name, NodeVotes: map[string]int{}}
		for _, row := range rows {
			votes := 1 // corosync's default
			if row.Votes != nil {
				votes = row.Votes.count()
			}
			node := string(cmp.Or(row.Node, row.Name))
			m.NodeVotes[node] = votes
			m.ExpectedVotes += votes
			if online[node] {
				m.Votes += votes
			}
		}
		s.with(func(snap *Snapshot) { snap.Membership = m })
		return nil
	})
}

// stand is the membership of a node without a cluster.
func stand(online map[string]bool) Membership {
	m := Membership{NodeVotes: map[string]int{}}
	for node := range online {
		m.NodeVotes[node] = 1
		m.Votes, m.ExpectedVotes = m.Votes+1, m.ExpectedVotes+1
	}
	return m
}

// A haRow is a row of /cluster/ha/status/current.
type haRow struct {
	Type    text   `json:"type"` // "quorum", "master", "lrm", "service", on release 9 also "fencing"
	SID     text   `json:"sid"`
	State   text   `json:"state"`
	Node    text   `json:"node"`
	Status  text   `json:"status"`
	Quorate number `json:"quorate"`
}

// haManager reads the state of the HA manager, and how its master sees the nodes.
func (s *survey) haManager(ctx context.Context) {
	s.run("HA manager", func() error {
		rows, err := list[haRow](ctx, s.r, "/cluster/ha/status/current")
		if err != nil {
			return err
		}
		manager := managerOf(rows)
		s.with(func(snap *Snapshot) { snap.HAManager = manager })
		if manager.Master == "" {
			return nil // HA was never used: the manager knows no node
		}
		s.run("nodes of the HA manager", func() error {
			var status struct {
				Manager struct {
					Nodes map[string]text `json:"node_status"`
				} `json:"manager_status"`
			}
			if err := s.r.get(ctx, "/cluster/ha/status/manager_status", &status); err != nil {
				return err
			}
			s.with(func(snap *Snapshot) {
				for i, n := range snap.HAManager.Nodes {
					snap.HAManager.Nodes[i].Member = string(status.Manager.Nodes[n.Node])
				}
			})
			return nil
		})
		return nil
	})
}

// managerOf reads the rows that are not about services.
func managerOf(rows []haRow) HAManager {
	m := HAManager{Read: true}
	for _, row := range rows {
		switch row.Type {
		case "quorum":
			m.Quorate = row.Quorate.truth()
		case "master":
			m.Master, m.State = string(row.Node), stateIn(string(row.Status))
		case "lrm":
			m.Nodes = append(m.Nodes, HANode{Node: string(row.Node), State: stateIn(string(row.Status))})
		}
	}
	return m
}

// stateIn picks the state out of "pmox01 (active, Thu Nov 20 12:00:00 2026)".
func stateIn(status string) string {
	_, inner, found := strings.Cut(status, "(")
	if !found {
		return status
	}
	inner, _, _ = strings.Cut(inner, ")")
	state, _, _ := strings.Cut(inner, ", ")
	return state
}
