package placement

import (
	"cmp"
	"slices"
)

// PackedCPU is the load up to which a node may be filled by Pack, so that what rests need not be woken at the first peak.
const PackedCPU = 0.8

// A Consolidation is which nodes could rest.
type Consolidation struct {
	// Rest are the nodes in the order in which they would be emptied.
	Rest []Resting
	// WattsBefore and WattsAfter are what the online nodes draw by the policy's power model: an approximation.
	WattsBefore, WattsAfter float64
	// After are the loads of the nodes that go on.
	After []NodeLoad
}

// A Resting is one node that could rest.
type Resting struct {
	Node  string
	Moves []Move
	// SavedWatts is what resting saves, after what the other nodes draw more.
	SavedWatts float64
}

// Pack advises which nodes could rest: all their running guests find places elsewhere that keep their rules, no node is loaded above
// PackedCPU, quorum is kept even when one more node is lost, and what bore the loss of a node bears it still. Nodes that carry part of the
// cluster's Ceph or guests that do not run go on. Emptier nodes rest first.
func (x *Index) Pack() *Consolidation {
	c := &Consolidation{WattsBefore: x.watts(nil)}
	cluster, watts := x, c.WattsBefore
	var resting []string
	for _, i := range x.byPromise() {
		if !x.mayRest(i, resting) {
			continue
		}
		e, after := cluster.drain(i, Pack, resting)
		if len(e.Stays) > 0 || len(e.Stopped) > 0 || x.survives && !e.SurvivesLoss || !after.cool() {
			continue
		}
		name := x.nodes[i].name
		without := after.watts(append(resting, name))
		if without >= watts {
			continue
		}
		resting = append(resting, name)
		c.Rest = append(c.Rest, Resting{Node: name, Moves: e.Moves, SavedWatts: watts - without})
		cluster, watts = after, without
	}
	c.WattsAfter = watts
	for _, l := range cluster.loads(&cluster.start) {
		if !slices.Contains(resting, l.Node) {
			c.After = append(c.After, l)
		}
	}
	return c
}

// byPromise returns the open nodes, those with the least memory promised first.
func (x *Index) byPromise() []int {
	var order []int
	for i := range x.nodes {
		if x.nodes[i].open && x.nodes[i].total > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x.nodes[a].promised, x.nodes[b].promised) })
	return order
}

// mayRest reports whether the cluster keeps quorum without node i and those that rest, and without any one more.
func (x *Index) mayRest(i int, resting []string) bool {
	if x.nodes[i].osd {
		return false
	}
	votes, greatest := 0, 0
	for n := range x.nodes {
		if node := &x.nodes[n]; n != i && node.online && !slices.Contains(resting, node.name) {
			votes, greatest = votes+node.votes, max(greatest, node.votes)
		}
	}
	return votes-greatest >= x.needed
}

// cool reports whether no node is loaded above PackedCPU.
func (x *Index) cool() bool {
	return !slices.ContainsFunc(x.nodes, func(n node) bool { return n.online && n.cpuUsage > PackedCPU })
}

// watts is what the online nodes draw without those that rest.
func (x *Index) watts(resting []string) float64 {
	sum := 0.0
	for i := range x.nodes {
		if n := &x.nodes[i]; n.online && n.cpus > 0 && !slices.Contains(resting, n.name) {
			sum += x.policy.Power.Watts(n.cpus, n.measured)
		}
	}
	return sum
}
