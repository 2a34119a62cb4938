package placement

import (
	"cmp"
	"math"
	"slices"
)

// RebalanceOptions say when moving is worth it. The zero value is Proxmox VE's default.
type RebalanceOptions struct {
	// Threshold is the imbalance up to which a cluster is left alone; 0: 0.3.
	Threshold float64
	// Margin is the part of the imbalance that each move has to take away; 0: 0.1.
	Margin float64
	// MaxMoves bounds the advice; 0: 32.
	MaxMoves int
	// KnownDisks leaves alone every guest of which the configuration was not read, and LiveOnly every one that could not go on running.
	KnownDisks, LiveOnly bool
}

// Defaults of RebalanceOptions.
const (
	DefaultThreshold = 0.3
	DefaultMargin    = 0.1
	DefaultMaxMoves  = 32
)

func (o RebalanceOptions) withDefaults() RebalanceOptions {
	if o.Threshold <= 0 {
		o.Threshold = DefaultThreshold
	}
	if o.Margin <= 0 {
		o.Margin = DefaultMargin
	}
	if o.MaxMoves <= 0 {
		o.MaxMoves = DefaultMaxMoves
	}
	return o
}

// Rebalance advises moves that make the load of the nodes more even, each with the imbalance before and after it. It chooses the best single
// move while the cluster is above the threshold and the move brings the margin, as Proxmox VE's own scheduler does; then it looks whether
// as many moves, or fewer, end more evenly. Guests that HA keeps together move together; HA groups and rules, storages, networks and
// devices are kept, and no node is promised more memory or vCPUs than the policy allows.
func (x *Index) Rebalance(o RebalanceOptions) []Move {
	o = o.withDefaults()
	r := newRebalancing(x, o)
	for len(r.moves) < o.MaxMoves && r.imbalance() > o.Threshold {
		b, to, after := r.best()
		if b < 0 || (r.imbalance()-after)/r.imbalance() < o.Margin {
			break
		}
		r.move(b, to)
		r.moves = append(r.moves, step{b, to})
	}
	r.polish()
	return r.advice()
}

// A rebalancing is advice in the making. Bundles are what moves as a whole.
type rebalancing struct {
	x       *Index
	bundles []*bundle
	at      []int     // node of each bundle
	us      []float64 // utilisation by node, NaN where it is not online
	held    [][]int   // per label and node
	state   *state
	moves   []step

	count, sum, squares float64
}

type step struct{ bundle, to int }

// A bundle is guests that move as a whole, with what they need of a node.
type bundle struct {
	guests  []int
	home    int
	unit    *unit
	threads float64
	used    int64
}

func newRebalancing(x *Index, o RebalanceOptions) *rebalancing {
	r := &rebalancing{x: x, us: x.utilisations()}
	for _, u := range r.us {
		if !math.IsNaN(u) {
			r.count, r.sum, r.squares = r.count+1, r.sum+u, r.squares+u*u
		}
	}
	seen := make(map[int]bool)
	var moving []int
	for _, g := range x.movable() {
		if seen[g] {
			continue
		}
		members := x.bundle(g)
		movable := true
		for _, m := range members {
			seen[m] = true
			moved := x.moved(m)
			guest := x.roster.guests[m]
			movable = movable && guest.running && !guest.pinned() && !x.scattered(m) && (!o.KnownDisks || moved.DisksKnown) && (!o.LiveOnly || moved.Live)
		}
		if movable {
			moving = append(moving, members...)
		}
	}
	slices.Sort(moving)
	// The guests that may move leave the cluster and come back as units, so that their labels and claims are those of a search.
	empty, demands := x.lift(moving)
	units := empty.units(demands)
	p := newSearch(empty, units, &Budget{})
	for i, u := range units {
		b := &bundle{unit: u, home: x.at[moving[u.demands[0]]]}
		for _, d := range u.demands {
			guest := x.roster.guests[moving[d]]
			b.guests = append(b.guests, moving[d])
			b.threads, b.used = b.threads+guest.threads(), b.used+guest.MemoryUsedBytes
		}
		r.bundles, r.at = append(r.bundles, b), append(r.at, b.home)
		p.put(i, b.home)
	}
	r.held, r.state = p.held, p.state
	r.x = empty
	return r
}

func (r *rebalancing) imbalance() float64 { return deviation(r.count, r.sum, r.squares) }

// weight of a bundle on node n, in utilisation.
func (r *rebalancing) weight(b *bundle, n int) float64 {
	node := &r.x.nodes[n]
	return (b.threads/float64(max(1, node.cpus)) + float64(b.used)/float64(max(1, node.total))) / 2
}

// after is the imbalance with a bundle on another node.
func (r *rebalancing) after(b *bundle, from, to int) float64 {
	a, z := r.us[from], r.us[to]
	a2, z2 := a-r.weight(b, from), z+r.weight(b, to)
	return deviation(r.count, r.sum-a-z+a2+z2, r.squares-a*a-z*z+a2*a2+z2*z2)
}

// best returns the move that leaves the least imbalance; of equal ones the first bundle and node. -1: there is none.
func (r *rebalancing) best() (best, to int, after float64) {
	best, after = -1, math.Inf(1)
	for i, b := range r.bundles {
		for n := range r.x.nodes {
			if n == r.at[i] || math.IsNaN(r.us[n]) {
				continue
			}
			if got := r.after(b, r.at[i], n); got < after-leastGain && r.takes(b, n) {
				best, to, after = i, n, got
			}
		}
	}
	return best, to, after
}

// takes reports whether a bundle may go to node n.
func (r *rebalancing) takes(b *bundle, n int) bool {
	p := search{Index: r.x, state: r.state, held: r.held}
	// Where HA has an order of nodes, it would take the guest back.
	return p.hinders(b.unit, n) == NoCause && (b.unit.haRank == nil || b.unit.haRank[n] <= b.unit.haRank[b.home])
}

func (r *rebalancing) move(i, to int) {
	b, from := r.bundles[i], r.at[i]
	for _, end := range [...]struct {
		n    int
		sign float64
	}{{from, -1}, {to, 1}} {
		n, sign := end.n, end.sign
		u := r.us[n]
		r.us[n] = u + sign*r.weight(b, n)
		r.sum, r.squares = r.sum-u+r.us[n], r.squares-u*u+r.us[n]*r.us[n]
		for _, l := range b.unit.carries {
			r.held[l][n] += int(sign)
		}
	}
	r.state.take(b.unit, from)
	r.state.put(b.unit, to)
	r.at[i] = to
}

// polish replaces moves by better ones as long as the end becomes more even: each move in turn is undone, and the best move from there
// done instead, or none where that is as good.
func (r *rebalancing) polish() {
	for changed, rounds := true, 0; changed && rounds < 8 && len(r.moves) > 1; rounds++ {
		changed = false
		for k := 0; k < len(r.moves); k++ {
			was, before := r.moves[k], r.imbalance()
			if slices.ContainsFunc(r.moves[k+1:], func(s step) bool { return s.bundle == was.bundle }) || !r.undo(k) {
				continue
			}
			if r.imbalance() <= before+leastGain {
				r.moves = slices.Delete(r.moves, k, k+1)
				changed = true
				break
			}
			b, to, after := r.best()
			if b >= 0 && after < before-leastGain && !slices.ContainsFunc(r.moves, func(s step) bool { return s.bundle == b }) {
				r.move(b, to)
				r.moves = append(slices.Delete(r.moves, k, k+1), step{b, to})
				changed = true
				break
			}
			r.move(was.bundle, was.to)
		}
	}
}

// undo takes a move back, when its bundle may go back: others may have taken its place.
func (r *rebalancing) undo(k int) bool {
	i := r.moves[k].bundle
	back := r.bundles[i].home
	for _, s := range r.moves[:k] {
		if s.bundle == i {
			back = s.to
		}
	}
	if !r.takes(r.bundles[i], back) {
		return false
	}
	r.move(i, back)
	return true
}

// advice tells the moves one after the other, from the cluster as it stands: those that gain most first, each only when it is possible by
// then.
func (r *rebalancing) advice() []Move {
	final := slices.Clone(r.at)
	var pending []int
	for i, b := range r.bundles {
		if final[i] != b.home {
			pending = append(pending, i)
			r.move(i, b.home)
		}
	}
	var moves []Move
	for len(pending) > 0 {
		next, least := -1, math.Inf(1)
		for k, i := range pending {
			if after := r.after(r.bundles[i], r.at[i], final[i]); after < least && r.takes(r.bundles[i], final[i]) {
				next, least = k, after
			}
		}
		if next < 0 {
			break // what is left needs places that only others of it would free; it is not advised
		}
		i := pending[next]
		m := Move{From: r.x.nodes[r.at[i]].name, To: r.x.nodes[final[i]].name, Before: r.imbalance()}
		r.move(i, final[i])
		m.After = r.imbalance()
		for _, g := range r.bundles[i].guests {
			m.Guests = append(m.Guests, r.x.moved(g))
		}
		slices.SortFunc(m.Guests, func(a, b Moved) int { return cmp.Compare(a.VMID, b.VMID) })
		moves = append(moves, m)
		pending = slices.Delete(pending, next, next+1)
	}
	return moves
}
