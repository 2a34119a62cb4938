package placement

import "slices"

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
		sum += m
	}
	if len(s.added[lost]) > 0 {
		largest = max(largest, s.added[lost][0])
	}
	if sum == 0 {
		return true
	}
	// Two bounds spare the walk through the guests nearly always: what is free elsewhere is less than what has to go there;
	// or even a node that has just become too small for the largest guest would have taken enough.
	var room, sure int64
	for i := range x.nodes {
		if i != lost && x.nodes[i].open {
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
	return x.sheltered(s, lost)
}

// sheltered walks through the guests of a lost node, those that run there and those that are planned, merged. The nodes are kept as a
// heap, the freest on top, so that a walk costs what the guests are, not guests times nodes.
func (x *Index) sheltered(s *state, lost int) bool {
	heap := s.heap[:0]
	for i := range x.nodes {
		if i != lost && x.nodes[i].open {
			heap = append(heap, s.free[i])
		}
	}
	s.heap = heap
	slices.SortFunc(heap, descending)
	running, planned := x.nodes[lost].guests, s.added[lost]
	for len(running)+len(planned) > 0 {
		var g int64
		if len(planned) == 0 || len(running) > 0 && running[0] >= planned[0] {
			g, running = running[0], running[1:]
		} else {
			g, planned = planned[0], planned[1:]
		}
		if len(heap) == 0 || heap[0] < g {
			return false
		}
		heap[0] -= g
		sink(heap)
	}
	return true
}

// sink restores the order of a heap of which the top became smaller.
func sink(heap []int64) {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && heap[child+1] > heap[child] {
			child++
		}
		if heap[i] >= heap[child] {
			return
		}
		heap[i], heap[child] = heap[child], heap[i]
		i = child
	}
}
