package placement

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Bounds of the search by ejection: steps, and looks at units on nodes, which is what a step costs. Together they end it within about a
// second.
const (
	maxEjections      = 20_000
	maxQuickEjections = 50
	maxEjectionLooks  = 100_000_000
)

// eject places units by throwing others out: a unit that fits nowhere takes the place of those on a node that have been hardest to
// lose so far least often, and these have to find another. A unit that keeps failing becomes harder to throw out. Now and then a few
// units change places, so that the search does not go round in circles. It is deterministic. It reports whether all are placed.
func (p *search) eject() bool {
	random := rand.New(rand.NewPCG(1, uint64(len(p.units))))
	pool := p.order()
	slices.Reverse(pool) // the largest is taken first, from the end
	penalty := make([]int, len(p.units))
	limit := min(maxEjections, maxEjectionLooks/(len(p.units)*len(p.nodes)))
	if p.budget.quick {
		limit = min(limit, len(p.units)+maxQuickEjections)
	}
	for step := 0; len(pool) > 0; step++ {
		if step > limit || step%64 == 0 && p.budget.stopped() {
			return false
		}
		i := pool[len(pool)-1]
		pool = pool[:len(pool)-1]
		if ranked := p.rank(i); len(ranked) > 0 {
			p.put(i, ranked[0])
			continue
		}
		penalty[i]++
		n, victims := p.cheapest(i, penalty, random)
		if n < 0 {
			return false
		}
		for _, v := range victims {
			p.take(v)
		}
		p.put(i, n)
		pool = append(pool, victims...)
		if step%8 == 0 {
			p.shuffle(random)
		}
	}
	return true
}

// cheapest returns the node on which making room for a unit costs the least penalty, and whom to throw out there; -1 when the unit
// fits nowhere even alone.
func (p *search) cheapest(i int, penalty []int, random *rand.Rand) (node int, victims []int) {
	node, least := -1, 0
	for _, n := range random.Perm(len(p.nodes)) {
		if p.units[i].static[n].cause != NoCause {
			continue
		}
		thrown, cost := p.throwOut(i, n, penalty)
		if thrown == nil {
			continue
		}
		if node < 0 || cost < least {
			node, victims, least = n, thrown, cost
		}
	}
	return node, victims
}

// throwOut returns units on node n, and on nodes that share a stock with it, without which unit i would fit there, the least penalty
// first; nil when it does not fit even without them all. It leaves the search as it was.
func (p *search) throwOut(i, n int, penalty []int) (victims []int, cost int) {
	var candidates []int
	for j, at := range p.at {
		if at == n || at >= 0 && shares(p.units[i].claims[n], p.units[j].claims[at]) {
			candidates = append(candidates, j)
		}
	}
	slices.SortStableFunc(candidates, func(a, b int) int {
		return cmp.Or(cmp.Compare(penalty[a], penalty[b]), cmp.Compare(p.units[b].memory, p.units[a].memory))
	})
	from := make([]int, 0, len(candidates))
	for _, j := range candidates {
		if p.obstacle(i, n) == NoCause {
			break
		}
		from = append(from, p.at[j])
		victims = append(victims, j)
		p.take(j)
	}
	fits := p.obstacle(i, n) == NoCause
	// Who was thrown out needlessly comes back: the last first, as these are the dearest.
	for k := len(victims) - 1; fits && k >= 0; k-- {
		p.put(victims[k], from[k])
		if p.obstacle(i, n) != NoCause {
			p.take(victims[k])
		}
	}
	var needed []int
	for k, j := range victims {
		if p.at[j] < 0 {
			p.put(j, from[k])
			needed = append(needed, j)
			cost += penalty[j] + 1
		}
	}
	if !fits {
		return nil, 0
	}
	return needed, cost
}

// shares reports whether two units take from one stock, and one of them something.
func shares(a, b []claim) bool {
	return slices.ContainsFunc(a, func(c claim) bool {
		return c.amount > 0 && slices.ContainsFunc(b, func(d claim) bool { return d.stock == c.stock && d.amount > 0 })
	})
}

// shuffle moves a few units to other nodes that can take them.
func (p *search) shuffle(random *rand.Rand) {
	for range 4 {
		j := random.IntN(len(p.units))
		if p.at[j] < 0 {
			continue
		}
		from := p.at[j]
		p.take(j)
		ranked := p.rank(j)
		if len(ranked) == 0 {
			p.put(j, from)
			continue
		}
		p.put(j, ranked[random.IntN(len(ranked))])
	}
}
