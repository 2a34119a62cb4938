package placement

import (
	"cmp"
	"slices"
)

// A search is a placement in the making.
type search struct {
	*Index
	units  []*unit
	state  *state
	at     []int   // node of each unit, -1: none yet
	held   [][]int // per label and node, how many placed guests carry it
	totals []float64
	budget *Budget
}

func newSearch(x *Index, units []*unit, b *Budget) *search {
	s := x.start.clone()
	labels := 0
	for _, u := range units {
		for _, l := range u.carries {
			labels = max(labels, int(l)+1)
		}
	}
	p := &search{
		Index: x, units: units, state: &s, budget: b,
		at:     slices.Repeat([]int{-1}, len(units)),
		held:   make([][]int, labels),
		totals: make([]float64, len(x.nodes)),
	}
	for l := range p.held {
		p.held[l] = make([]int, len(x.nodes))
	}
	return p
}

func (p *search) put(i, n int) {
	u := p.units[i]
	p.state.put(u, n)
	p.at[i] = n
	for _, l := range u.carries {
		p.held[l][n]++
	}
}

func (p *search) take(i int) {
	u, n := p.units[i], p.at[i]
	p.state.take(u, n)
	p.at[i] = -1
	for _, l := range u.carries {
		p.held[l][n]--
	}
}

// order is how units are placed: the largest first, and of equal ones the first.
func (p *search) order() []int {
	order := make([]int, len(p.units))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.units[b].memory, p.units[a].memory) })
	return order
}

// greedy places unit after unit and returns the first that fits nowhere, -1 when all have a node.
func (p *search) greedy() int {
	keeps := p.survives
	for _, i := range p.order() {
		ranked := p.rank(i)
		if len(ranked) == 0 {
			if !p.makeRoom(i) {
				return i
			}
			keeps = keeps && p.survivesLoss(p.state)
			continue
		}
		n := ranked[0]
		if keeps {
			n, keeps = p.keeping(i, ranked)
		}
		p.put(i, n)
	}
	return -1
}

// makeRoom places a unit that fits nowhere by moving one placed unit to another node.
func (p *search) makeRoom(i int) bool {
	for moved, from := range p.at {
		if from < 0 {
			continue
		}
		p.take(moved)
		if p.obstacle(i, from) == NoCause {
			p.put(i, from)
			if ranked := p.rank(moved); len(ranked) > 0 {
				p.put(moved, ranked[0])
				return true
			}
			p.take(i)
		}
		p.put(moved, from)
	}
	return false
}

// Bounds of the complete search: 5^0 + … + 5^6 = 19531 steps cover six guests on five nodes; where more would be needed, as many
// are tried as take well under a second.
const (
	maxSteps     = 20_000
	maxLongSteps = 50_000
)

// small reports whether all placements can be searched within the bound.
func (p *search) small() bool {
	leaves := 1
	for range p.units {
		if leaves *= len(p.nodes); leaves > maxSteps {
			return false
		}
	}
	return true
}

// exhaust searches all placements, the preferred nodes first, for one that fits and, when keep is set, also bears the loss
// of one node. It reports whether it found one, and whether it looked at all of them.
func (p *search) exhaust(keep bool) (found, all bool) {
	order, steps, limit := p.order(), 0, maxSteps
	if !keep && !p.small() {
		limit = maxLongSteps
	}
	var descend func(depth int) bool
	descend = func(depth int) bool {
		if depth == len(order) {
			return !keep || p.survivesLoss(p.state)
		}
		i := order[depth]
		for _, n := range p.rank(i) {
			if steps++; steps > limit || steps%256 == 0 && p.budget.stopped() {
				steps = limit + 1
				return false
			}
			p.put(i, n)
			if descend(depth + 1) {
				return true
			}
			p.take(i)
		}
		return false
	}
	found = descend(0)
	return found, steps <= limit
}
