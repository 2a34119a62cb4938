package pve

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// votes reads how many votes each node of a cluster has.
func (p *part) votes(ctx context.Context) {
	switch m := p.base.Membership; {
	case !m.Read:
		p.unknown("votes of nodes", reasonNotRead)
		return
	case m.Name == "":
		return // a stand-alone node, see joinVotes
	}
	p.run("votes of nodes", func() error {
		rows, err := list[struct {
			Node  text    `json:"node"`
			Name  text    `json:"name"`
			Votes *number `json:"quorum_votes"`
		}](ctx, p.r, "/cluster/config/nodes")
		if err != nil {
			return err
		}
		votes := map[string]int{}
		for _, row := range rows {
			n := 1 // corosync's default
			if row.Votes != nil {
				n = row.Votes.count()
			}
			votes[string(cmp.Or(row.Node, row.Name))] = n
		}
		p.with(func(snap *Snapshot) { snap.Membership.NodeVotes = votes })
		return nil
	})
}

// joinVotes counts the votes of the nodes that are online now.
func joinVotes(to, from *Snapshot) {
	votes := from.Membership.NodeVotes
	if to.Membership.Read && to.Membership.Name == "" {
		votes = map[string]int{}
		for _, n := range to.Nodes {
			votes[n.Name] = 1
		}
	}
	to.Membership.NodeVotes = votes
	for name, n := range votes {
		to.Membership.ExpectedVotes += n
		if node, _ := to.Node(name); node.Online() {
			to.Membership.Votes += n
		}
	}
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

// watched reads how the master of the HA manager sees the nodes.
func (p *part) watched(ctx context.Context) {
	p.run("nodes of the HA manager", func() error {
		var status *struct {
			Manager struct {
				Nodes map[string]text `json:"node_status"`
			} `json:"manager_status"`
		}
		const path = "/cluster/ha/status/manager_status"
		if err := p.r.get(ctx, path, &status); err != nil {
			return err
		}
		if status == nil {
			return fmt.Errorf("read %s: %w: it holds no data", path, ErrAnswer)
		}
		p.with(func(snap *Snapshot) {
			for node, state := range status.Manager.Nodes {
				snap.HAManager.Nodes = append(snap.HAManager.Nodes, HANode{Node: node, Member: string(state)})
			}
		})
		return nil
	})
}

// joinWatched adds how the master sees the nodes to what their local managers do.
func joinWatched(to, from *Snapshot) {
	to.HAManager.Nodes = slices.Clone(to.HAManager.Nodes)
	for i, n := range to.HAManager.Nodes {
		for _, seen := range from.HAManager.Nodes {
			if seen.Node == n.Node {
				to.HAManager.Nodes[i].Member = seen.Member
			}
		}
	}
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
