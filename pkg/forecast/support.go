package forecast

import (
	"math"
	"slices"
)

// makeSupport chooses the values that distributions live on, and finds each measured value among them.
func (w *workspace) makeSupport() {
	n, m := len(w.y), w.season
	w.support = w.support[:0]
	w.spread(w.y[max(0, n-2*m):])
	// Room beyond what was measured, for levels that go on rising: twice the usual spread of the last two days.
	q := w.sorted
	room := q[len(q)*9/10] - q[len(q)/10]
	w.spread(w.y[max(0, n-7*m):])
	w.spread(w.thinned())
	low, high := slices.Min(w.y), slices.Max(w.y)
	w.support = append(w.support, low, high)
	for _, part := range [...]float64{0.25, 0.5, 1, 2} {
		w.support = append(w.support, low-part*room, high+part*room)
	}
	if drift := w.drift(); drift != 0 {
		for _, part := range [...]float64{0.25, 0.5, 0.75, 1, 1.5} {
			w.support = append(w.support, w.level[n]+part*drift)
		}
	}
	for i, v := range w.support {
		w.support[i] = w.o.clamp(finite(v))
	}
	slices.Sort(w.support)
	w.support = slices.Compact(w.support)
	w.measure()
	w.locate()
	w.bin = reuse(w.bin, len(w.support))
	w.mix = reuse(w.mix, len(w.support))
	w.slope = reuse(w.slope, len(w.support))
	w.common = reuse(w.common, len(w.support))
}

// measure computes the distances between support points.
func (w *workspace) measure() {
	last := len(w.support) - 1
	w.gap, w.inverse = reuse(w.gap, last+1), reuse(w.inverse, last+1)
	for i := range last {
		distance := w.support[i+1] - w.support[i]
		w.inverse[i+1] = min(1/distance, math.MaxFloat64)
		// Scores are only compared with one another; as shares of the range they stay finite for huge values, too.
		w.gap[i] = distance / (w.support[last] - w.support[0])
	}
}

// locate finds the measured values on the support, and how far around a support point those lie that it stands for.
func (w *workspace) locate() {
	n, last := len(w.y), len(w.support)-1
	if cap(w.index) < n {
		w.index = make([]int32, n)
	}
	w.index = w.index[:n]
	w.rank = reuse(w.rank, last+1)
	w.down, w.up = reuse(w.down, last+1), reuse(w.up, last+1)
	for t, v := range w.y {
		i := w.nearest(v)
		w.index[t] = int32(i)
		w.rank[i]++
		w.down[i], w.up[i] = max(w.down[i], w.support[i]-v), max(w.up[i], v-w.support[i])
	}
	for i := range w.support {
		if i == 0 || i == last {
			w.down[i], w.up[i] = 0, 0
			continue
		}
		lower, upper := w.support[i]-w.support[i-1], w.support[i+1]-w.support[i]
		down, up := min(lower, farthest*upper)/2, min(farthest*lower, upper)/2
		if w.rank[i] > 0 {
			down, up = min(down, w.down[i]), min(up, w.up[i])
		}
		w.down[i], w.up[i] = down, up
	}
	below := 0.0
	for i, count := range w.rank {
		w.rank[i] = (below + count/2) / float64(n)
		below += count
	}
}

// thinned is a third of the values: enough for the quantiles of a month, at a third of the cost of sorting.
func (w *workspace) thinned() []float64 {
	w.few = w.few[:0]
	for t := (len(w.y) - 1) % 3; t < len(w.y); t += 3 {
		w.few = append(w.few, w.y[t])
	}
	return w.few
}

// longest is how many times as long as it was seen a change is drawn out at most.
const longest = 2

// drift is by how much the level will have changed at the end of a horizon beyond the first season, or after a week, when it goes on
// as over the last week.
func (w *workspace) drift() float64 {
	n, m := len(w.y), w.season
	seen := min(7*m, n/2)
	if w.o.Horizon <= m || seen == 0 {
		return 0
	}
	return finite(w.level[n]-w.level[n-seen]) * min(longest, float64(min(w.o.Horizon, 7*m))/float64(seen))
}

// farthest is how much further than its nearer neighbour a support point's share may reach to the other side.
const farthest = 8

// spread adds quantiles of values to the support, both ends included.
func (w *workspace) spread(values []float64) {
	w.sorted = append(w.sorted[:0], values...)
	slices.Sort(w.sorted)
	n := len(w.sorted)
	for i := range pointsEach {
		w.support = append(w.support, w.sorted[min(n-1, (2*i+1)*n/(2*pointsEach))])
	}
	w.support = append(w.support, w.sorted[0], w.sorted[n-1])
}

// finite keeps sums and differences of huge values in range: what is beyond a quarter of the largest number counts as that.
func finite(v float64) float64 { return max(-math.MaxFloat64/4, min(v, math.MaxFloat64/4)) }

// nearest is the index of the support point that is nearest to a value.
func (w *workspace) nearest(v float64) int {
	low, high := 0, len(w.support)
	for low < high {
		if mid := (low + high) / 2; w.support[mid] < v {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == len(w.support) || low > 0 && v-w.support[low-1] < w.support[low]-v {
		low--
	}
	return low
}
