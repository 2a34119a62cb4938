package placement

import (
	"cmp"
	"slices"
)

// Choose returns one choice a demand, in order. Demands that do not fit yield an *InfeasibleError.
//
// Units are placed one after the other, the largest first, each on the node that its objective prefers. Where that ends
// in a dead end, one placed unit is moved out of the way; where that does not help either, all placements are searched
// within a bound that covers every request of up to six guests on five nodes.
func (x *Index) Choose(demands []Demand) (*Result, error) {
	units := x.units(demands)
	p, algorithm := newSearch(x, units), Greedy
	if failed := p.greedy(); failed >= 0 {
		stuck := p
		p, algorithm = newSearch(x, units), Search
		if found, all := p.exhaust(false); !found {
			return nil, stuck.infeasible(demands, failed, all)
		}
	}
	if x.survives && !x.survivesLoss(p.state) && p.small() {
		better := newSearch(x, units)
		if found, _ := better.exhaust(true); found {
			p, algorithm = better, Search
		}
	}
	r := p.result(len(demands))
	r.Algorithm = algorithm
	return r, nil
}

// A search is a placement in the making.
type search struct {
	*Index
	units []*unit
	state *state
	at    []int          // node of each unit, -1: none yet
	taken map[int][]bool // per group that lies apart, the nodes that hold one of it
}

func newSearch(x *Index, units []*unit) *search {
	p := &search{
		Index: x,
		units: units,
		state: x.start.clone(),
		at:    slices.Repeat([]int{-1}, len(units)),
		taken: make(map[int][]bool),
	}
	for _, u := range units {
		if u.apart && p.taken[u.group] == nil {
			p.taken[u.group] = make([]bool, len(x.nodes))
		}
	}
	return p
}

func (p *search) put(u, n int) {
	p.state.put(p.units[u], n)
	p.at[u] = n
	if p.units[u].apart {
		p.taken[p.units[u].group][n] = true
	}
}

func (p *search) take(u int) {
	n := p.at[u]
	p.state.take(p.units[u], n)
	p.at[u] = -1
	if p.units[u].apart {
		p.taken[p.units[u].group][n] = false
	}
}

func (p *search) obstacle(u, n int) Cause {
	return p.Index.obstacle(p.state, p.units[u], n, p.taken[p.units[u].group])
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
	for _, u := range p.order() {
		ranked := p.rank(u)
		if len(ranked) == 0 {
			if !p.makeRoom(u) {
				return u
			}
			keeps = keeps && p.survivesLoss(p.state)
			continue
		}
		n := ranked[0]
		if keeps {
			n, keeps = p.keeping(u, ranked)
		}
		p.put(u, n)
	}
	return -1
}

// rank returns the nodes that can take a unit now, the preferred first.
func (p *search) rank(u int) []int {
	type candidate struct {
		n     int
		share float64
	}
	var candidates []candidate
	for n := range p.nodes {
		if p.obstacle(u, n) == NoCause {
			candidates = append(candidates, candidate{n, p.share(p.state, p.units[u], n)})
		}
	}
	slices.SortFunc(candidates, func(a, b candidate) int {
		order := cmp.Or(cmp.Compare(b.share, a.share), cmp.Compare(p.state.free[b.n], p.state.free[a.n]))
		if p.units[u].objective == Pack {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.n, b.n))
	})
	ranked := make([]int, len(candidates))
	for i, c := range candidates {
		ranked[i] = c.n
	}
	return ranked
}

// keeping returns the first of the ranked nodes with which the loss of one node can still be borne; when there is none,
// the first of all, and false.
func (p *search) keeping(u int, ranked []int) (int, bool) {
	for _, n := range ranked {
		if p.keepsLoss(u, n) {
			return n, true
		}
	}
	return ranked[0], false
}

func (p *search) keepsLoss(u, n int) bool {
	p.state.put(p.units[u], n)
	defer p.state.take(p.units[u], n)
	return p.survivesLoss(p.state)
}

// makeRoom places a unit that fits nowhere by moving one placed unit to another node.
func (p *search) makeRoom(u int) bool {
	for moved, from := range p.at {
		if from < 0 {
			continue
		}
		p.take(moved)
		if p.obstacle(u, from) == NoCause {
			p.put(u, from)
			if ranked := p.rank(moved); len(ranked) > 0 {
				p.put(moved, ranked[0])
				return true
			}
			p.take(u)
		}
		p.put(moved, from)
	}
	return false
}

// maxSteps bounds the search; 5^0 + … + 5^6 = 19531 steps cover six guests on five nodes.
const maxSteps = 20_000

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
	order, steps := p.order(), 0
	var descend func(depth int) bool
	descend = func(depth int) bool {
		if depth == len(order) {
			return !keep || p.survivesLoss(p.state)
		}
		u := order[depth]
		for _, n := range p.rank(u) {
			if steps++; steps > maxSteps {
				return false
			}
			p.put(u, n)
			if descend(depth + 1) {
				return true
			}
			p.take(u)
		}
		return false
	}
	found = descend(0)
	return found, steps <= maxSteps
}
