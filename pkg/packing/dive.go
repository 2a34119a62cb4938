package packing

import (
	"cmp"
	"math"
	"slices"
)

// diver builds packings from the linear programme: it fixes the patterns that the programme all but chooses, solves what
// remains anew, with new patterns for it, and so on until all is packed.
type diver struct {
	v      *vectors
	pool   *pool
	root   *master
	work   *master
	pricer *pricer
	rand   *random
	meter  *meter
	bound  int // proven by the root; 0: nothing proven
	fixed  [][]int32

	dives    int
	firm     float64 // the value from which patterns are fixed at once, however many
	blur     float64 // how far a value may be mistaken, so that dives differ
	patience int     // the more, the fewer patterns are fixed at once
}

func newDiver(v *vectors, r *random, m *meter) *diver {
	p := newPool(v)
	return &diver{v: v, pool: p, rand: r, meter: m, pricer: newPricer(p, r, m)}
}

// learn takes the bins of a packing into the pool.
func (d *diver) learn(s *state) {
	for _, b := range s.bins {
		d.pool.add(b.items)
	}
}

const (
	// Rounds of pricing at the root, and after patterns have been fixed.
	rootRounds = 400
	diveRounds = 10
	// How far the pricer looks for each item while prices are rough, when it found nothing so, and for all items in a proof.
	quickNodes = 200
	diveNodes  = 60
	slowNodes  = 2000
	proofNodes = 3_000_000
	// A pattern with a value of at least firmly counts as chosen, of at least nearly it may be fixed with others; below
	// hardly it is not looked at. None reaches never.
	firmly = 0.99
	nearly = 0.75
	hardly = 0.05
	never  = 9
	// roundMargin is what the value of a programme may be too high by when it is rounded up; proofMargin what a bound may.
	roundMargin = 1e-3
	proofMargin = 1e-6
)

// solveRoot solves the programme over all patterns, as far as the pricer finds them and time allows until share. It returns false
// when there is nothing to dive from.
func (d *diver) solveRoot(share float64) bool {
	d.root = newMaster(d.pool, d.rand)
	nodes := quickNodes
	for range rootRounds {
		if !d.root.primal(d.meter) {
			return false
		}
		found, ok := d.pricer.round(d.root, nodes)
		if !ok {
			return false
		}
		if d.settled(d.root) || d.meter.spent > share {
			break
		}
		if found == 0 {
			if nodes == slowNodes {
				break
			}
			nodes = slowNodes
		}
	}
	if !d.root.primal(d.meter) {
		return false
	}
	d.work = d.root.clone()
	return true
}

// settled says whether the last round found nothing that could lower the number of bins: better patterns may still come, but what
// the programme is worth already rounds up to the same number as it would with them.
func (d *diver) settled(m *master) bool { return atLeast(d.pricer.floor()) >= atLeast(m.value()) }

// hopeless says whether target is below what the root, as it stands, allows.
func (d *diver) hopeless(target int) bool { return atLeast(d.root.value()) > target }

// prove looks for patterns that improve the root until there are none; then its value bounds every packing. It gives up after
// proofNodes without one, or when share of the budget is spent. It returns false when the root is no longer of use.
func (d *diver) prove(share float64) bool {
	for d.meter.spent < share {
		found, ok := d.pricer.round(d.root, slowNodes)
		if ok && found == 0 {
			found, ok = d.pricer.prove(d.root, proofNodes)
			if ok && d.v.exact {
				d.bound = max(d.bound, int(math.Ceil(d.pricer.floor()-proofMargin)))
			}
			if found == 0 || ok && d.settled(d.root) {
				return true
			}
		}
		if !d.root.primal(d.meter) {
			return false
		}
	}
	return true
}

// atLeast is the number of bins that value means, when value is that of a linear programme.
func atLeast(value float64) int { return int(math.Ceil(value - roundMargin)) }

// manner chooses how the next dive goes. The first is the likeliest to succeed; the others must differ from it, and some do by much.
func (d *diver) manner() {
	d.blur, d.patience, d.firm = 0.15, 40, firmly
	if d.dives++; d.dives == 1 {
		return
	}
	d.blur, d.patience = 0.1+0.3*float64(d.rand.share()), 20<<d.rand.below(4)
	if d.dives%2 == 0 {
		d.blur, d.firm = d.blur*2.5, never
	}
}

// dive returns a packing, or nil when it would have more than target bins. Stopped on its way, it packs the rest greedily.
func (d *diver) dive(target int) Packing {
	d.root.copyTo(d.work)
	d.fixed = d.fixed[:0]
	d.manner()
	goal := atLeast(d.root.value())
	for left := len(d.v.items); left > 0; {
		if goal > target {
			return nil
		}
		packed := d.fix(left)
		if packed == 0 {
			return nil
		}
		if left -= packed; left == 0 {
			break
		}
		d.work.bury()
		if !d.work.dual(d.meter) || !d.resolve(goal) {
			if d.meter.spent < 1 {
				return nil // the numbers have gone bad
			}
			break
		}
		goal = max(goal, len(d.fixed)+atLeast(d.work.value()))
	}
	return d.packing()
}

// resolve looks for patterns for what is left, as long as more bins than the goal seem to be needed.
func (d *diver) resolve(goal int) bool {
	if !d.work.primal(d.meter) {
		return false
	}
	nodes := diveNodes
	for range diveRounds {
		if len(d.fixed)+atLeast(d.work.value()) <= goal {
			return true
		}
		found, ok := d.pricer.round(d.work, nodes)
		settled := d.settled(d.work)
		if !ok || !d.work.primal(d.meter) {
			return false
		}
		if found == 0 || settled {
			if nodes == slowNodes {
				break
			}
			nodes = slowNodes
		}
	}
	return true
}

// fix chooses patterns for good and returns how many items they pack.
func (d *diver) fix(left int) int {
	type choice struct {
		pattern int32
		x       float64
	}
	var choices []choice
	w := d.work
	for r, j := range w.basis {
		if j < 0 || w.x[r] < hardly {
			continue
		}
		x := w.x[r]
		if x < d.firm {
			x += d.blur * float64(d.rand.share()-0.5)
		}
		choices = append(choices, choice{j, x})
	}
	slices.SortFunc(choices, func(a, b choice) int { return cmp.Or(cmp.Compare(b.x, a.x), cmp.Compare(a.pattern, b.pattern)) })
	packed, count := 0, 0
	most := 1 + left/d.patience
	before := len(d.fixed)
	for _, c := range choices {
		if c.x < d.firm && (count >= most || count > 0 && c.x < nearly) {
			break
		}
		items, ok := d.rest(c.pattern, d.fixed[before:])
		if !ok {
			continue
		}
		if c.x < d.firm {
			count++
		}
		w.pack(items)
		d.fixed = append(d.fixed, items)
		packed += len(items)
	}
	return packed
}

// rest returns the items of a pattern that are not packed yet. It refuses a pattern that shares an item with one just fixed:
// what the programme said of it no longer holds.
func (d *diver) rest(pattern int32, fresh [][]int32) ([]int32, bool) {
	items := d.pool.pattern(pattern)
	open := 0
	for _, i := range items {
		if d.work.need[i] > 0 {
			open++
			continue
		}
		for _, f := range fresh {
			if slices.Contains(f, i) {
				return nil, false
			}
		}
	}
	if open == len(items) {
		return items, true
	}
	rest := make([]int32, 0, open)
	for _, i := range items {
		if d.work.need[i] > 0 {
			rest = append(rest, i)
		}
	}
	return rest, open > 0
}

// packing is what has been fixed; what has not is packed by the first greedy rule.
func (d *diver) packing() Packing {
	f := newFiller(d.v)
	p := make(Packing, 0, len(d.fixed))
	for _, pattern := range d.fixed {
		items := make([]int, len(pattern))
		for k, i := range pattern {
			items[k] = int(i)
		}
		p = append(p, items)
	}
	f.left = slices.DeleteFunc(f.left, func(i int32) bool { return d.work.need[i] == 0 })
	return append(p, f.pack(greedyRules[0])...)
}
