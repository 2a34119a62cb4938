package placement

import (
	"cmp"
	"slices"
)

// A state is what is left while guests are placed. Slices run over the nodes, left over the stocks.
type state struct {
	free  []int64 // memory for guests; negative on a node that is overcommitted already
	vcpus []int
	cpu   []float64 // threads that the placed guests are known to keep busy
	left  []int64
	added [][]int64 // memory of the planned guests on each node, the largest first
	heap  []int64   // of survivesLossOf, kept between calls
}

func (s *state) clone() state {
	c := state{
		free:  slices.Clone(s.free),
		vcpus: slices.Clone(s.vcpus),
		cpu:   slices.Clone(s.cpu),
		left:  slices.Clone(s.left),
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
	s.cpu[n] += u.cpu
	for _, c := range u.claims[n] {
		s.left[c.stock] -= c.amount
	}
	for _, m := range u.members {
		at, _ := slices.BinarySearchFunc(s.added[n], m, descending)
		s.added[n] = slices.Insert(s.added[n], at, m)
	}
}

// descending orders the largest first.
func descending(a, b int64) int { return cmp.Compare(b, a) }

// take undoes a put, whatever was put after it.
func (s *state) take(u *unit, n int) {
	s.free[n] += u.memory
	s.vcpus[n] -= u.vcpus
	s.cpu[n] -= u.cpu
	for _, c := range u.claims[n] {
		s.left[c.stock] += c.amount
	}
	for _, m := range u.members {
		// Guests of equal memory are one as good as the other.
		if at, found := slices.BinarySearchFunc(s.added[n], m, descending); found {
			s.added[n] = slices.Delete(s.added[n], at, at+1)
		}
	}
}
