package packing

// ruiner improves a packing by emptying a few bins and filling as many anew. The sum of the squares of loads rises along the way,
// until a bin stays empty.
type ruiner struct {
	*state
	rand  *random
	pool  []int32
	fit   []int32
	fresh []bin
	coef  []float32
	room  []float32
	scale []float32
}

const (
	maxRuined = 4
	// noiseTop is the most that a choice deviates by from what the dot product says.
	noiseTop = 0.6
)

func newRuiner(s *state, r *random) *ruiner {
	d := s.v.dims
	space := make([]float32, 3*d)
	u := &ruiner{state: s, rand: r, fresh: make([]bin, maxRuined), coef: space[:d], room: space[d : 2*d], scale: space[2*d:]}
	for i := range s.v.items {
		for j, x := range s.v.of(int32(i)) {
			u.scale[j] += x / float32(len(s.v.items))
		}
	}
	return u
}

// run works until the packing has target bins or the meter stops it or share of the budget is spent.
func (u *ruiner) run(m *meter, target int, share float64) {
	for len(u.bins) > target && m.spent < share {
		if m.add(u.step()) {
			return
		}
	}
}

// step ruins and recreates once; it returns the work done.
func (u *ruiner) step() int {
	count := min(2+u.rand.below(maxRuined-1), len(u.bins))
	if count < 2 {
		return 1
	}
	u.ruin(count)
	noise := noiseTop * u.rand.share()
	filled, work := u.fill(count, noise)
	var before, after float32
	from := len(u.bins) - count
	for i := range count {
		before += u.bins[from+i].load * u.bins[from+i].load
	}
	for i := range filled {
		after += u.fresh[i].load * u.fresh[i].load
	}
	if len(u.pool) > 0 || filled == count && after < before*0.99999 {
		return work
	}
	for i := range filled {
		u.bins[from+i], u.fresh[i] = u.fresh[i], u.bins[from+i]
	}
	u.bins = u.bins[:from+filled]
	return work
}

// ruin moves count bins to the end and puts their items into the pool. The first is lightly loaded, as a rule.
func (u *ruiner) ruin(count int) {
	u.pool = u.pool[:0]
	for k := range count {
		rest := len(u.bins) - k
		b := u.rand.below(rest)
		if k == 0 {
			for range 3 {
				if o := u.rand.below(rest); u.bins[o].load < u.bins[b].load {
					b = o
				}
			}
		}
		u.bins[b], u.bins[rest-1] = u.bins[rest-1], u.bins[b]
		u.pool = append(u.pool, u.bins[rest-1].items...)
	}
}

// fill packs the pool into at most count fresh bins and returns how many it used.
func (u *ruiner) fill(count int, noise float32) (filled, work int) {
	v := u.v
	for ; filled < count && len(u.pool) > 0; filled++ {
		b := &u.fresh[filled]
		b.items, b.room, b.load = b.items[:0], v.empty, 0
		for j := range u.room {
			u.room[j] = 1
		}
		u.fit = append(u.fit[:0], u.pool...)
		for len(u.fit) > 0 {
			work += 1 + len(u.fit)*v.dims/8
			i := u.choose(noise)
			b.put(v, i)
			for j, s := range v.of(i) {
				u.room[j] -= s
			}
			kept := u.fit[:0]
			for _, k := range u.fit {
				if k != i && v.fits(b.room, v.items[k]) {
					kept = append(kept, k)
				}
			}
			u.fit = kept
			for k, p := range u.pool {
				if p == i {
					u.pool[k] = u.pool[len(u.pool)-1]
					u.pool = u.pool[:len(u.pool)-1]
					break
				}
			}
		}
	}
	return filled, work
}

func (u *ruiner) choose(noise float32) int32 {
	for j := range u.coef {
		u.coef[j] = u.scale[j] * u.room[j]
	}
	best, score := u.fit[0], float32(-1)
	for _, i := range u.fit {
		var s float32
		for j, x := range u.v.of(i) {
			s += u.coef[j] * x
		}
		if s *= 1 - noise*u.rand.share(); s > score {
			best, score = i, s
		}
	}
	return best
}
