package inquiry

import (
	"cmp"
	"slices"

	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// candidate is one cluster of a comparison.
type candidate struct {
	name      string
	s         *pve.Snapshot
	online    int
	free      int64 // of all nodes
	largest   int64 // of one node
	node      string
	survives  bool
	imbalance float64
	fits      bool // what is wanted, on one node at least
}

// clusters answers which of several clusters has most to offer.
func (a *answer) clusters() {
	var list []candidate
	snapshots := a.facts.Clusters
	if len(snapshots) == 0 {
		snapshots = []*pve.Snapshot{a.s}
	}
	for _, s := range snapshots {
		list = append(list, a.candidate(s))
	}
	wanted := a.wanted()
	slices.SortStableFunc(list, func(p, q candidate) int {
		return cmp.Or(order(q.fits, p.fits), order(q.s.Quorate, p.s.Quorate), order(q.survives, p.survives), cmp.Compare(q.largest, p.largest), cmp.Compare(q.free, p.free))
	})
	best := list[0]
	switch {
	case len(list) == 1:
		a.text("clusters_one", "cluster", best.name)
	case wanted != "" && !best.fits:
		a.text("clusters_none", "what", wanted)
	case wanted != "":
		a.text("clusters_for", "cluster", best.name, "what", wanted, "node", wording.Quote(best.node), "free", wording.Room(a.lang, best.largest))
	default:
		a.text("clusters_best", "cluster", best.name, "node", wording.Quote(best.node), "free", wording.Room(a.lang, best.largest), "total", wording.Room(a.lang, best.free))
	}
	for _, c := range list {
		value := a.say("cluster_room", "online", c.online, "nodes", len(c.s.Nodes), "free", wording.Room(a.lang, c.free), "largest", wording.Room(a.lang, c.largest), "node", wording.Quote(c.node))
		a.row(c.name, value, a.merits(c, wanted))
	}
	if len(a.facts.Unread) > 0 {
		a.text("clusters_unread", "names", a.names(a.facts.Unread))
	}
	if len(list) > 1 {
		a.text("clusters_rule")
	}
	if a.q.Cheapest {
		a.text("clusters_cost")
	}
}

func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// candidate reads off what a cluster has to offer.
func (a *answer) candidate(s *pve.Snapshot) candidate {
	x := placement.NewIndex(s, a.facts.Policy)
	c := candidate{name: wording.Quote(cmp.Or(s.Cluster, s.Membership.Name, a.say("the_cluster"))), s: s, survives: x.SurvivesLoss(), imbalance: x.Imbalance()}
	for _, n := range s.Nodes {
		r, ok := x.Room(n.Name)
		if !ok || !r.Online {
			continue
		}
		c.online++
		c.free += max(0, r.FreeBytes)
		if c.node == "" || r.FreeBytes > c.largest {
			c.largest, c.node = max(0, r.FreeBytes), n.Name
		}
	}
	if demands := a.demands(); len(demands) > 0 {
		_, err := x.Choose(demands)
		c.fits = err == nil
	} else {
		c.fits = true
	}
	return c
}

// merits says what speaks for a cluster and what against it.
func (a *answer) merits(c candidate, wanted string) string {
	var parts []string
	add := func(key string, args ...any) { parts = append(parts, a.say(key, args...)) }
	if wanted != "" {
		add("merit.fits." + yes(c.fits))
	}
	add("merit.quorum." + yes(c.s.Quorate))
	add("merit.loss." + yes(c.survives))
	add("merit.imbalance", "n", a.ratio(c.imbalance))
	add("merit.version", "version", wording.Quote(c.s.Version))
	return a.joined(parts)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
