package placement

import (
	"cmp"
	"slices"
)

// A state is what is left while guests are placed. Slices run over the nodes, space over the pools of storages.
type state struct {
	free  []int64 // memory for guests; negative on a node that is overcommitted already
	vcpus []int
	space []int64
	added [][]int64 // memory of the planned guests on each node
}

func (s *state) clone() *state {
	c := &state{
		free:  slices.Clone(s.free),
		vcpus: slices.Clone(s.vcpus),
		space: slices.Clone(s.space),
		added: make([][]int64, len(s.added)),
	}
	for i, a := range s.added {
		c.added[i] = slices.Clone(a)
	}
	return c
}

func (s *state) put(u *unit, n int) {
	s.free[n] -= u.memory
	s.vcpus[n] += u.vcpus
	for _, d := range u.space[n] {
		s.space[d.pool] -= d.bytes
	}
	s.added[n] = append(s.added[n], u.members...)
}

// take undoes a put, whatever was put after it.
func (s *state) take(u *unit, n int) {
	s.free[n] += u.memory
	s.vcpus[n] -= u.vcpus
	for _, d := range u.space[n] {
		s.space[d.pool] += d.bytes
	}
	for _, m := range u.members {
		// Guests of equal memory are one as good as the other.
		if i := slices.Index(s.added[n], m); i >= 0 {
			s.added[n] = slices.Delete(s.added[n], i, i+1)
		}
	}
}

// survivesLoss reports whether every running guest finds memory when any one node is lost. The guests of the lost node go
// the way that HA would send them: the largest first, each to the node with most free memory. A cluster that runs
// nothing survives; a single node with guests does not.
func (x *Index) survivesLoss(s *state) bool {
	for lost := range x.nodes {
		if x.nodes[lost].online && !x.survivesLossOf(s, lost) {
			return false
		}
	}
	return true
}

func (x *Index) survivesLossOf(s *state, lost int) bool {
	sum, largest := x.nodes[lost].promised, int64(0)
	if len(x.nodes[lost].guests) > 0 {
		largest = x.nodes[lost].guests[0]
	}
	for _, m := range s.added[lost] {
		sum, largest = sum+m, max(largest, m)
	}
	if sum == 0 {
		return true
	}
	// Two bounds spare the walk through the guests nearly always: what is free elsewhere is less than what has to go there;
	// or even a node that has just become too small for the largest guest would have taken enough.
	var room, sure int64
	for i, n := range x.nodes {
		if i != lost && n.online {
			room += max(0, s.free[i])
			sure += max(0, s.free[i]-largest+1)
		}
	}
	if sum > room {
		return false
	}
	if sum <= sure {
		return true
	}

	guests := x.nodes[lost].guests
	if len(s.added[lost]) > 0 {
		guests = append(slices.Clone(guests), s.added[lost]...)
		slices.SortFunc(guests, func(a, b int64) int { return cmp.Compare(b, a) })
	}
	left := slices.Clone(s.free)
	for _, g := range guests {
		best := -1
		for i, n := range x.nodes {
			if i != lost && n.online && (best < 0 || left[i] > left[best]) {
				best = i
			}
		}
		if best < 0 || left[best] < g {
			return false
		}
		left[best] -= g
	}
	return true
}
