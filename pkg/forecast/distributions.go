package forecast

import (
	"math"
	"slices"
)

// makeLevels computes the running medians.
func (w *workspace) makeLevels() {
	n, m := len(w.y), w.season
	w.level = reuse(w.level, n+1)
	w.level[0] = w.y[0]
	var few [7]float64
	from := max(1, n-(w.replayed+3)*m)
	for t := from; t <= n; t++ {
		k := copy(few[:6], w.y[max(0, t-6):t])
		w.level[t] = medianOfFew(few[:k])
	}
	w.usual = reuse(w.usual, n+m)
	for t := max(m, from); t < n+m; t++ {
		k := 0
		for i := t - m; i >= 0 && k < len(few); i -= m {
			if i < n {
				few[k] = w.y[i]
				k++
			}
		}
		if k > 0 {
			w.usual[t] = medianOfFew(few[:k])
		}
	}
}

// medianOfFew sorts a handful of values in place; their number is small enough for insertion.
func medianOfFew(v []float64) float64 {
	for i := 1; i < len(v); i++ {
		for j := i; j > 0 && v[j] < v[j-1]; j-- {
			v[j], v[j-1] = v[j-1], v[j]
		}
	}
	return v[(len(v)-1)/2]/2 + v[len(v)/2]/2
}

// cumulate turns a histogram into a distribution.
func cumulate(to, histogram []float64, total float64) {
	sum, scale := 0.0, 1/total
	for i, v := range histogram {
		sum += v
		to[i] = sum * scale
	}
}

// makeRecent computes, for every origin, the distributions of the values before it with geometrically falling weight.
func (w *workspace) makeRecent() {
	n, b := len(w.y), len(w.support)
	w.recent = reuse(w.recent, (w.origins+1)*shared*b)
	for k, member := range members[:nearWalk] {
		if member.kind != recentKind || w.kinds&recentKind == 0 {
			continue
		}
		half := max(1, member.half*float64(w.season))
		growth := math.Exp2(1 / half)
		clear(w.bin)
		total, weight := 0.0, 1.0
		t := max(0, n-w.origins*w.stride-int(12*half))
		for j := w.origins; j >= 0; j-- {
			for end := n - j*w.stride; t < end; t++ {
				w.bin[w.index[t]] += weight
				total += weight
				weight *= growth
			}
			// Weights grow instead of falling, since adding one is cheaper than shrinking all; now and then they are brought back.
			for i := range w.bin {
				w.bin[i] /= weight
			}
			total /= weight
			weight = 1
			cumulate(w.recent[(j*shared+k)*b:][:b], w.bin, total)
		}
	}
}

// cell is the place of a step's distribution: replayed steps first, then the future.
func (w *workspace) cell(t int) int {
	if n := len(w.y); t >= n {
		return w.origins*w.cells() + t - n
	}
	return (t - (len(w.y) - w.origins*w.stride)) / w.grain
}

// cells is how many steps are replayed between two origins.
func (w *workspace) cells() int { return w.stride / w.grain }

// neighbour is what a value one step beside counts in a profile.
const neighbour = 0.2

// makeSlots computes the distributions of the same time of the day, for replayed steps and for the next season.
func (w *workspace) makeSlots() {
	n, m, b := len(w.y), w.season, len(w.support)
	first := n - w.origins*w.stride
	ahead := min(m, w.o.Horizon)
	w.slot = reuse(w.slot, (w.origins*w.cells()+ahead)*slots*b)
	if w.kinds&slotKind == 0 {
		return
	}
	for s := range m {
		for k, member := range members[firstSlot:weekAt] {
			growth := math.Exp2(1 / member.half)
			clear(w.bin)
			total, weight := 0.0, 1.0
			for t := s; t < n+m; t += m {
				if t >= n && t < n+ahead || t >= first && t < n && (t-first)%w.grain == 0 {
					cumulate(w.slot[(w.cell(t)*slots+k)*b:][:b], w.bin, total)
				}
				if t >= n {
					break
				}
				w.bin[w.index[t]] += weight
				total += weight
				if t > 0 {
					w.bin[w.index[t-1]] += neighbour * weight
					total += neighbour * weight
				}
				if t+1 < n {
					w.bin[w.index[t+1]] += neighbour * weight
					total += neighbour * weight
				}
				weight *= growth
			}
		}
	}
}

// weeks are the weights of values beside the same time of the week, by distance: there are few weeks.
var weeks = [...]float64{1, 0.7, 0.5}

// makeWeeks computes the distributions of the same time of the week. Where there is no week yet, the longest profile of the day
// stands in.
func (w *workspace) makeWeeks() {
	n, m, b := len(w.y), w.season, len(w.support)
	first := n - w.origins*w.stride
	ahead := min(w.o.Horizon, 7*m)
	w.week = reuse(w.week, (w.origins*w.cells()+ahead)*b)
	if w.kinds&weekKind == 0 {
		return
	}
	for t := first; t < n+ahead; t++ {
		if t < n && (t-first)%w.grain != 0 {
			continue
		}
		clear(w.bin)
		total := 0.0
		for i := t - 7*m; i >= 0; i -= 7 * m {
			for d := -2; d <= 2; d++ {
				if j := i + d; j >= 0 && j < n {
					weight := weeks[max(d, -d)]
					w.bin[w.index[j]] += weight
					total += weight
				}
			}
		}
		to := w.week[w.cell(t)*b:][:b]
		switch {
		case total > 0:
			cumulate(to, w.bin, total)
		case t < n:
			copy(to, w.slot[(w.cell(t)*slots+slots-1)*b:][:b])
		default:
			copy(to, w.slot[(w.cell(n+(t-n)%m)*slots+slots-1)*b:][:b])
		}
	}
}

// makePools collects, for every origin, how far the last hours were from a usual day.
func (w *workspace) makePools() {
	n, m := len(w.y), w.season
	half := max(1, float64(m)/8)
	w.pools = reuse(w.pools, (w.origins+1)*poolSize)
	for j := range w.origins + 1 {
		o := n - j*w.stride
		w.pairs = w.pairs[:0]
		weight, fade := 1.0, math.Exp2(-1/half)
		for i := o - 1; i >= m && o-i <= int(4*half); i-- {
			w.pairs = append(w.pairs, weighted{finite(w.y[i] - w.usual[i]), weight})
			weight *= fade
		}
		w.condense(w.pools[j*poolSize:][:poolSize])
	}
}

// makeWalks computes, for every origin, the distribution of the present level with the changes that followed such levels: those
// within a season, and for each further block of the horizon those that took as long.
func (w *workspace) makeWalks() {
	w.walks = reuse(w.walks, len(walkSteps)*(w.origins+1)*poolSize)
	if w.kinds&(walkKind|dayKind) == 0 {
		return
	}
	for i, walk := range walkSteps {
		if walk.from*w.season/48 < w.o.Horizon {
			w.makeWalk(nearWalk+i, walk.steps[:])
		}
	}
}

// walkSteps are the distances that changes of level are taken over, by the step of the horizon from which they count; in 48ths of a
// season.
var walkSteps = [...]struct {
	from  int
	steps [4]int
}{
	{0, [4]int{2, 8, 18, 36}},
	{48, [4]int{54, 66, 78, 90}},
	{96, [4]int{108, 132, 156, 180}},
	{192, [4]int{216, 252, 288, 324}},
}

// walkFor is the place of the walk that a step of the horizon takes.
func (w *workspace) walkFor(h int) int {
	place := nearWalk
	for i, walk := range walkSteps {
		if h >= walk.from*w.season/48 {
			place = nearWalk + i
		}
	}
	return place
}

func (w *workspace) makeWalk(place int, steps []int) {
	n, m, b := len(w.y), w.season, len(w.support)
	for j := w.origins; j >= 0; j-- {
		o := n - j*w.stride
		pool := w.walk(place, j)
		// Pools change slowly: one in two seasons is enough, but the present has its own.
		if j != w.origins && j != 0 && j%8 != 0 {
			copy(pool, w.walk(place, j+1))
		} else {
			w.pairs = w.pairs[:0]
			weight, fade := 1.0, math.Exp2(-float64(2*w.grain)/float64(2*m))
			if place != nearWalk {
				fade = 1
			}
			earliest := max(0, o-w.replayed*m, n-(w.replayed+3)*m)
			for s := o - 1; s > earliest; s -= 2 * w.grain {
				for _, ahead := range steps {
					// What takes longer than half of the history was seen too seldom: shorter changes are drawn out, within reason.
					ahead, scale := max(1, ahead*m/48), 1.0
					if half := max(1, (o-earliest)/2); ahead > half {
						ahead, scale = half, min(longest, float64(ahead)/float64(half))
					}
					if t := s + ahead; t < o {
						w.pairs = append(w.pairs, weighted{finite((w.y[t] - w.level[s]) * scale), weight})
					}
				}
				weight *= fade
			}
			w.condense(pool)
		}
		w.write(w.recent[(j*shared+place)*b:][:b], w.level[o], pool)
	}
}

// walk is the pool of changes of an origin.
func (w *workspace) walk(place, j int) []float64 {
	return w.walks[((place-nearWalk)*(w.origins+1)+j)*poolSize:][:poolSize]
}

// condense replaces weighted values by poolSize equally heavy ones, ascending; all zero when there are none.
func (w *workspace) condense(to []float64) {
	if len(w.pairs) == 0 {
		clear(to)
		return
	}
	slices.SortFunc(w.pairs, func(a, b weighted) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	total := 0.0
	for _, p := range w.pairs {
		total += p.weight
	}
	sum, i := w.pairs[0].weight, 0
	for k := range to {
		for at := total * (float64(k) + 0.5) / float64(len(to)); sum < at && i+1 < len(w.pairs); sum += w.pairs[i].weight {
			i++
		}
		to[k] = w.pairs[i].value
	}
}

// write writes the distribution of base plus each of the pool's values, which ascend. A value between two support points is shared
// by both; what lies beyond the ends counts as the end.
func (w *workspace) write(to []float64, base float64, pool []float64) {
	share := 1 / float64(len(pool))
	support := w.support
	to, inverse := to[:len(support)], w.inverse[:len(support)]
	sum := 0.0
	base = finite(base)
	k, v := 0, base+pool[0]
	for i, at := range support {
		if v > at {
			to[i] = sum
			continue
		}
		under, over := 0.0, 0.0
		for v <= at {
			// The first point has no distance below it; its inverse is 0, so that all of the share is its own.
			part := (at - v) * inverse[i] * share
			under += part
			over += share - part
			if k++; k == len(pool) {
				v = math.Inf(1)
				break
			}
			v = base + pool[k]
		}
		if i > 0 {
			sum += under
			to[i-1] = sum
		}
		sum += over
		to[i] = sum
	}
	to[len(to)-1] = 1
}
