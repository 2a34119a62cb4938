package packing

import (
	"cmp"
	"slices"
)

// pricer looks for patterns whose items' prices sum up to more than a bin costs: those improve the master.
type pricer struct {
	v      *vectors
	pool   *pool
	rand   *random
	weight []float64 // of items: a mean of their sizes by capacity, so that a bin holds 1
	price  []float64
	order  []int32 // items with a price, the dearest first
	seeds  []int32
	used   []int8
	lists  [][]int32 // by depth: what still fits
	chosen []int32
	best   []int32
	bar    float64
	top    float64 // what the best pattern of this look is worth, at least 1
	nodes  int     // left for the seed at hand
	meter  *meter
	work   int // not told to the meter yet
}

const (
	// minGain is by how much a pattern must be worth more than a bin.
	minGain = 1e-5
	// cheapest is the price below which an item is not worth looking at.
	cheapest = 1e-7
	// spaceMargin covers the rounding of weights.
	spaceMargin = 1e-5
	// maxUsed is how many new patterns of one round may share a seed.
	maxUsed = 2
)

func newPricer(p *pool, r *random, m *meter) *pricer {
	n, d := len(p.v.items), p.v.dims
	c := &pricer{v: p.v, pool: p, rand: r, meter: m, weight: make([]float64, n), used: make([]int8, n)}
	scarcity, sum := make([]float64, d), 0.0
	for i := range n {
		for j, s := range p.v.of(int32(i)) {
			scarcity[j] += float64(s)
		}
	}
	for j, s := range scarcity {
		scarcity[j] = s * s
		sum += s * s
	}
	for i := range n {
		for j, s := range p.v.of(int32(i)) {
			c.weight[i] += float64(s) * scarcity[j] / sum
		}
	}
	return c
}

// load takes the prices of what is not packed yet.
func (c *pricer) load(m *master) {
	c.price, c.order = m.price, c.order[:0]
	for i, p := range m.price {
		if m.need[i] > 0 && p > cheapest {
			c.order = append(c.order, int32(i))
		}
	}
	slices.SortFunc(c.order, func(a, b int32) int { return cmp.Compare(c.price[b], c.price[a]) })
	clear(c.used)
	c.top = 1
}

// round adds to the pool the best pattern found with each item, within so many nodes for each; it returns how many are new and
// whether the meter let it end.
func (c *pricer) round(m *master, nodes int) (int, bool) {
	c.load(m)
	c.seeds = append(c.seeds[:0], c.order...)
	for i := len(c.seeds) - 1; i > 0; i-- {
		j := c.rand.below(i + 1)
		c.seeds[i], c.seeds[j] = c.seeds[j], c.seeds[i]
	}
	found := 0
	for _, seed := range c.seeds {
		if c.used[seed] >= maxUsed {
			continue
		}
		c.nodes = nodes
		if c.explore(seed, c.order) {
			if c.pool.add(c.best) {
				found++
			}
			for _, i := range c.best {
				c.used[i]++
			}
		}
		if c.stopped() {
			return found, false
		}
	}
	return found, true
}

// prove looks through all patterns, each once, and adds those that improve the master. It returns false when nodes did not suffice;
// else, no fractional packing stays below floor.
func (c *pricer) prove(m *master, nodes int) (found int, complete bool) {
	c.load(m)
	c.nodes = nodes
	for k, seed := range c.order {
		if c.explore(seed, c.order[k+1:]) && c.pool.add(c.best) {
			found++
		}
		if c.nodes <= 0 || c.stopped() {
			return found, false
		}
	}
	return found, true
}

// floor is the sum of the prices, scaled down so that no pattern that the last look met is worth more than a bin: prices like that are
// a bound, if the look met all patterns.
func (c *pricer) floor() float64 {
	var sum float64
	for _, i := range c.order {
		sum += c.price[i]
	}
	return sum / (c.top + 2*minGain)
}

// stopped tells the meter what has been done.
func (c *pricer) stopped() bool {
	work := c.work
	c.work = 0
	return c.meter.add(work)
}

// explore looks for the best pattern of seed and some of others, and returns whether it improves.
func (c *pricer) explore(seed int32, others []int32) bool {
	c.bar, c.best = 1+minGain, c.best[:0]
	room := c.v.empty.minus(c.v.items[seed])
	c.chosen = append(c.chosen[:0], seed)
	list, lightest, richest := c.filter(0, others, room, seed)
	if len(list) == 0 {
		c.keep(c.price[seed])
	} else {
		c.extend(1, list, room, c.price[seed], 1-c.weight[seed], lightest, richest)
	}
	return len(c.best) > 0
}

func (c *pricer) keep(value float64) {
	if value > c.bar {
		c.bar, c.top = value, max(c.top, value)
		c.best = append(c.best[:0], c.chosen...)
	}
}

// filter returns those of others that fit into room, without one, and the least weight and the best price by weight of them.
func (c *pricer) filter(depth int, others []int32, room vector, without int32) (list []int32, lightest, richest float64) {
	if depth == len(c.lists) {
		c.lists = append(c.lists, make([]int32, 0, len(c.v.items)))
	}
	list, lightest = c.lists[depth][:0], 2
	for _, i := range others {
		if i == without || !c.v.fits(room, c.v.items[i]) {
			continue
		}
		list = append(list, i)
		w := c.weight[i]
		lightest = min(lightest, w)
		if p := c.price[i]; p > richest*w {
			richest = p / max(w, 1e-9)
		}
	}
	c.lists[depth] = list
	c.work += 1 + len(others)/10
	return list, lightest, richest
}

// extend tries to add each item of list, the dearest first; no pattern is met twice.
func (c *pricer) extend(depth int, list []int32, room vector, value, space, lightest, richest float64) {
	if value+(space+spaceMargin)*richest <= c.bar {
		return
	}
	count := atMost(len(list), space, lightest)
	for k, i := range list {
		if value+c.price[i]*float64(min(count, len(list)-k)) <= c.bar {
			return
		}
		with, others, left := value+c.price[i], list[k+1:], space-c.weight[i]
		more := atMost(len(others), left, lightest)
		if more > 0 && with+float64(more)*c.price[others[0]] <= c.bar {
			continue
		}
		if c.work > pollSteps && c.stopped() {
			c.nodes = 0
		}
		if c.nodes--; c.nodes < 0 {
			return
		}
		c.chosen = append(c.chosen, i)
		inner := room.minus(c.v.items[i])
		if more < 2 {
			c.finish(others[:len(others)*more], inner, with)
		} else if rest, light, rich := c.filter(depth, others, inner, -1); len(rest) == 0 {
			c.keep(with)
		} else {
			c.extend(depth+1, rest, inner, with, left, light, rich)
		}
		c.chosen = c.chosen[:len(c.chosen)-1]
	}
}

// finish adds the dearest of others that fits; no two of them do.
func (c *pricer) finish(others []int32, room vector, value float64) {
	for k, i := range others {
		if value+c.price[i] <= c.bar {
			break
		}
		if c.v.fits(room, c.v.items[i]) {
			c.work += 1 + k/10
			c.chosen = append(c.chosen, i)
			c.keep(value + c.price[i])
			c.chosen = c.chosen[:len(c.chosen)-1]
			return
		}
	}
	c.work += 1 + len(others)/10
	c.keep(value)
}

// atMost bounds how many of so many items fit into space, when none weighs less than the lightest.
func atMost(items int, space, lightest float64) int {
	if lightest < 1e-3 {
		return items
	}
	return min(items, max(0, int((space+spaceMargin)/lightest)))
}
