package placement

import (
	"cmp"
	"slices"
)

// Scores are how good a node is for a guest by each objective, 0 to 1, more is better.
type Scores struct {
	Balance, Cost, Availability, Locality, Energy, Wish float64
	// Total is the sum of scores times weights, of those that were looked at.
	Total float64
}

// share is the free share of the node's scarcer resource once the unit is on it. Of the processor counts what the node keeps busy, as
// measured or forecast, or what is promised of it, whichever is more.
func (x *Index) share(s *state, u *unit, n int) float64 {
	node := &x.nodes[n]
	if node.total == 0 || node.cpus == 0 {
		return 0 // online, but nothing was read of it
	}
	memory := float64(s.free[n]-u.memory) / float64(node.total)
	promised := float64(s.vcpus[n]+u.vcpus) / float64(node.limit)
	busy := node.cpuUsage + (s.cpu[n]+u.cpu)/float64(node.cpus)
	return min(memory, 1-max(busy, promised))
}

// total is the score of a unit on node n without availability: that one is dear, and looked at in order of the rest.
func (x *Index) total(s *state, u *unit, n int) float64 {
	w := &u.weights
	share := x.share(s, u, n)
	sum := w.Balance*share + w.Cost*(1-share)
	if w.Locality > 0 && u.most > 0 {
		sum += w.Locality * u.locality(n)
	}
	if w.Energy > 0 {
		sum += w.Energy * x.energy(s, u, n)
	}
	if u.wish != nil {
		sum += w.Wish * u.wish[n]
	}
	return sum
}

func (u *unit) locality(n int) float64 {
	if u.most == 0 {
		return 1
	}
	return 1 - float64(u.copies[n])/float64(u.most)
}

// energy is 1 where the guest adds nothing to what the node draws, and 0 where a node that rests has to be woken and run at full load.
// A guest of which the load is not known keeps a quarter of its vCPUs busy.
func (x *Index) energy(s *state, u *unit, n int) float64 {
	node := &x.nodes[n]
	m := x.policy.Power
	busy := u.cpu
	if busy == 0 {
		busy = float64(u.vcpus) / 4
	}
	watts := busy * m.BusyWattsPerThread
	if len(node.guests) == 0 && len(s.added[n]) == 0 {
		watts += m.Watts(node.cpus, 0)
	}
	return max(0, 1-watts/m.Watts(node.cpus, 1))
}

// scores tells all objectives but availability.
func (x *Index) scores(s *state, u *unit, n int) Scores {
	share := x.share(s, u, n)
	sc := Scores{Balance: max(0, share), Cost: min(1, 1-share), Locality: u.locality(n), Energy: x.energy(s, u, n), Total: x.total(s, u, n)}
	if u.wish != nil {
		sc.Wish = u.wish[n]
	}
	return sc
}

// rank returns the nodes that can take a unit now, the preferred first.
func (p *search) rank(i int) []int {
	u := p.units[i]
	ranked := make([]int, 0, len(p.nodes))
	for n := range p.nodes {
		if p.hinders(u, n) == NoCause {
			ranked = append(ranked, n)
			p.totals[n] = p.total(p.state, u, n)
		}
	}
	packs := u.weights.packs()
	slices.SortFunc(ranked, func(a, b int) int {
		if u.haRank != nil && u.haRank[a] != u.haRank[b] {
			return cmp.Compare(u.haRank[a], u.haRank[b])
		}
		order := cmp.Compare(p.state.free[a], p.state.free[b])
		if packs {
			order = -order
		}
		return cmp.Or(cmp.Compare(p.totals[b], p.totals[a]), order, cmp.Compare(a, b))
	})
	return ranked
}

// keeping returns the best of the ranked nodes when the loss of a node is counted, and whether it can still be borne there. The first that
// keeps it is the best of those that do; it goes before the first of all when the weight of availability makes up for the difference.
func (p *search) keeping(i int, ranked []int) (int, bool) {
	u, first := p.units[i], ranked[0]
	w := u.weights.Availability
	for _, n := range ranked {
		behind := u.haRank != nil && u.haRank[n] != u.haRank[first] || p.totals[n]+w <= p.totals[first]
		if behind && !u.weights.dominant() {
			break
		}
		if p.keepsLoss(i, n) {
			return n, true
		}
	}
	return first, false
}

func (p *search) keepsLoss(i, n int) bool {
	p.state.put(p.units[i], n)
	defer p.state.take(p.units[i], n)
	return p.survivesLoss(p.state)
}
