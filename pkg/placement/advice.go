package placement

import (
	"slices"
	"strconv"
)

// An Advice is moves after which demands fit, and the nodes that they then get.
type Advice struct {
	Moves []Move
	// Nodes has one element a demand.
	Nodes []string
}

// Bounds of the search for moves. A trial is one whole placement; for many demands there are fewer, as each takes longer.
const (
	maxSingles = 400
	maxPairs   = 1200
	maxLooks   = 200_000 // at pairs, before a trial
)

// MovesFor returns the fewest moves of guests that the cluster has, none, one or two, after which the demands fit; nil when there are no
// such moves, or none were found within a bound that covers small clusters. Guests that can move live go before others, and small ones
// before large ones. The guests keep what their HA groups, rules and disks say.
func (x *Index) MovesFor(demands []Demand) *Advice {
	b := &Budget{}
	if p, _, err := x.place(demands, b); err == nil {
		return x.advice(p, demands, nil)
	}
	return x.movesFor(demands, b)
}

func (x *Index) movesFor(demands []Demand, b *Budget) *Advice {
	if x.overQuota(demands) != "" {
		return nil
	}
	candidates := x.movable()
	stuck := x.misfits(demands)
	trials := trialsOf(maxSingles, demands)
	for _, g := range candidates {
		if b.stopped() || trials == 0 {
			break
		}
		if !x.helps(stuck, g) {
			continue
		}
		trials--
		if advice := x.tryMoves(demands, g); advice != nil {
			return advice
		}
	}
	if advice := x.oneByOne(demands, candidates, stuck, b); advice != nil {
		return advice
	}
	trials = trialsOf(maxPairs, demands)
	looks := maxLooks
	for i, g := range candidates {
		for _, h := range candidates[:i] {
			if looks--; looks < 0 || trials == 0 || looks%256 == 0 && b.stopped() {
				return nil
			}
			if !x.helps(stuck, g, h) {
				continue
			}
			trials--
			if advice := x.tryMoves(demands, g, h); advice != nil {
				return advice
			}
		}
	}
	return nil
}

func trialsOf(most int, demands []Demand) int { return max(4, most/max(1, len(demands))) }

// oneByOne tries every guest on every node. It finds what the joint search does not: there a guest that moves counts in full, beside what
// its new node has in use; once it is there, its memory counts as promised, and in part as what is in use.
func (x *Index) oneByOne(demands []Demand, candidates []int, stuck *search, b *Budget) *Advice {
	trials := trialsOf(maxSingles, demands)
	for _, g := range candidates {
		if len(x.bundle(g)) > 1 || !x.helps(stuck, g) {
			continue
		}
		d := x.demandOf(g)
		d.HANodes = x.asHigh(d, x.at[g])
		without := x.relocated([]relocation{{g, -1}})
		for n := range x.nodes {
			if n == x.at[g] || without.hurdle(&d, n).cause != NoCause {
				continue
			}
			if trials--; trials < 0 || b.stopped() {
				return nil
			}
			y := x.relocated([]relocation{{g, n}})
			if y.start.free[n] < 0 || y.start.vcpus[n] > y.nodes[n].limit || slices.Min(append(y.start.left, 0)) < 0 {
				continue
			}
			if p, _, err := y.place(demands, &Budget{quick: true}); err == nil {
				a := x.advice(p, demands, nil)
				a.Moves = x.asMoves([]int{g}, []int{n})
				return a
			}
		}
	}
	return nil
}

// movable returns the guests that could go elsewhere, in the order in which one would rather move them.
func (x *Index) movable() []int {
	var guests []int
	live := make(map[int]bool)
	for g, r := range x.roster.guests {
		if i := x.at[g]; r.running && i >= 0 && x.nodes[i].online && !r.pinned() {
			guests = append(guests, g)
			live[g] = x.moved(g).Live
		}
	}
	slices.SortStableFunc(guests, func(a, b int) int {
		if live[a] != live[b] {
			if live[a] {
				return -1
			}
			return 1
		}
		return int((x.roster.guests[a].MemoryBytes - x.roster.guests[b].MemoryBytes) >> 20)
	})
	return guests
}

// misfits are the units that fit nowhere even alone. A move that helps none of them is not worth a trial.
func (x *Index) misfits(demands []Demand) *search {
	p := newSearch(x, x.units(demands), &Budget{})
	var alone []*unit
	for i := range p.units {
		if len(p.rank(i)) == 0 {
			alone = append(alone, p.units[i])
		}
	}
	p.units = alone
	return p
}

// helps reports whether some unit that fits nowhere could fit where a guest goes away. It looks at memory and vCPUs, and takes
// everything else for possible where guests are in the way.
func (x *Index) helps(stuck *search, guests ...int) bool {
	if len(stuck.units) == 0 {
		return true
	}
	for _, u := range stuck.units {
		for _, g := range guests {
			n := x.at[g]
			switch u.static[n].cause {
			case NoCause, NotApart, NotNear:
			default:
				continue
			}
			free, vcpus := x.start.free[n], x.start.vcpus[n]
			for _, h := range guests {
				if x.at[h] == n {
					free += x.roster.guests[h].MemoryBytes + x.roster.guests[h].MemoryUsedBytes
					vcpus -= int(x.roster.guests[h].CPUs + 0.999)
				}
			}
			if u.memory <= free && vcpus+u.vcpus <= x.nodes[n].limit || u.static[n].cause == NotNear {
				return true
			}
		}
		// A guest that others are to be near may come to them.
		if slices.ContainsFunc(u.static, func(h hurdle) bool { return h.cause == NotNear }) {
			return true
		}
	}
	return false
}

// tryMoves looks for nodes for the demands and for guests that give up theirs. A guest that HA keeps together with others brings them.
func (x *Index) tryMoves(demands []Demand, guests ...int) *Advice {
	leaving := x.withBundles(guests)
	if leaving == nil {
		return nil
	}
	moves := make([]relocation, len(leaving))
	all := x.released(demands, leaving)
	for k, g := range leaving {
		moves[k] = relocation{g, -1}
		d := x.demandOf(g)
		d.Group = freshGroup(demands) + k
		d.Avoid = []string{x.nodes[x.at[g]].name}
		d.HANodes = x.asHigh(d, x.at[g])
		all = append(all, d)
	}
	y := x.relocated(moves)
	p, _, err := y.place(all, &Budget{quick: true})
	if err != nil {
		return nil
	}
	return x.advice(p, demands, leaving)
}

// released makes what demands say of guests that leave their nodes a matter of groups, as these guests become demands themselves: the k-th
// of them has the k-th fresh group.
func (x *Index) released(demands []Demand, leaving []int) []Demand {
	all := slices.Clone(demands)
	fresh := freshGroup(demands)
	for i := range all {
		d := &all[i]
		d.Near, d.NearGroups = x.release(d.Near, d.NearGroups, leaving, fresh)
		d.Apart, d.ApartGroups = x.release(d.Apart, d.ApartGroups, leaving, fresh)
	}
	return all
}

func (x *Index) release(references []string, groups []int, leaving []int, fresh int) ([]string, []int) {
	var kept []string
	groups = slices.Clone(groups)
	for _, reference := range references {
		found := x.roster.find(reference)
		if len(found) == 0 {
			kept = append(kept, reference)
		}
		for _, g := range found {
			if k := slices.Index(leaving, g); k >= 0 {
				groups = append(groups, fresh+k)
			} else {
				kept = append(kept, strconv.Itoa(x.roster.guests[g].VMID))
			}
		}
	}
	return kept, groups
}

// asHigh returns the nodes that HA likes no less for a guest than the one where it is: from others it would take it back. nil: all.
func (x *Index) asHigh(d Demand, home int) []string {
	if d.HAGroup == "" && len(d.HARules) == 0 {
		return nil
	}
	_, rank := x.haNodes(d, home)
	var names []string
	for n := range x.nodes {
		if outside, other := x.haNodes(d, n); !outside && other <= rank {
			names = append(names, x.nodes[n].name)
		}
	}
	return names
}

// freshGroup returns a number above all groups of the demands.
func freshGroup(demands []Demand) int {
	group := 0
	for _, d := range demands {
		group = max(group, d.Group)
		for _, other := range slices.Concat(d.NearGroups, d.ApartGroups) {
			group = max(group, other)
		}
	}
	return group + 1
}

// advice words a placement of demands, and of guests that leave their nodes for it, as moves. Guests of one bundle are one move.
func (x *Index) advice(p *search, demands []Demand, leaving []int) *Advice {
	to := make([]int, len(demands)+len(leaving))
	for i, u := range p.units {
		for _, d := range u.demands {
			to[d] = p.at[i]
		}
	}
	a := &Advice{Nodes: make([]string, len(demands))}
	for d := range demands {
		a.Nodes[d] = x.nodes[to[d]].name
	}
	a.Moves = x.asMoves(leaving, to[len(demands):])
	return a
}
