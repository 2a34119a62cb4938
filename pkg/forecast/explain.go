package forecast

import (
	"math"
	"slices"
	"time"
)

// explain fills in what a person wants to know of a forecast: its members, its record, and what the history looks like.
func (f *Forecast) explain(w *workspace, history Series, o Options) {
	f.Members = w.shares()
	if f.Replays = w.replays; w.replays > 0 {
		f.Error = finite(w.missed) / float64(w.replays)
		f.NaiveError = finite(w.repeated) / float64(w.replays)
	}
	y := w.y
	from := len(history.Values) - len(y)
	f.Season = w.repeats()
	w.makeParts()
	f.Trend = trendOf(w.dailyMedians(), float64(24*time.Hour)/float64(o.Season)/float64(history.Step))
	if at, before, after, ok := w.shift(); ok {
		f.Shift = &Shift{Time: history.At(from + at), From: before, To: after}
	}
}

// shares are the members' weights, averaged over the horizon.
func (w *workspace) shares() []Member {
	var list []Member
	for k, member := range members {
		total, steps := 0.0, 0
		for block := range blocks {
			first, end := w.span(block)
			if end = min(end, w.o.Horizon); first >= end {
				break
			}
			total += w.weights[block][k] * float64(end-first)
			steps += end - first
		}
		if total > 0 {
			list = append(list, Member{Name: member.name, Weight: total / float64(steps)})
		}
	}
	slices.SortStableFunc(list, func(a, b Member) int {
		switch {
		case a.Weight > b.Weight:
			return -1
		case a.Weight < b.Weight:
			return 1
		}
		return 0
	})
	return list
}

// repeats measures what a profile explains, by ranks rather than values: one enormous burst must not decide whether days are alike.
// w.sorted holds the sorted history.
func (w *workspace) repeats() Season {
	n, m := len(w.y), w.season
	season := Season{Steps: m}
	if n < 3*m || m < 2 {
		return season
	}
	ranks := reuse(w.ranks, n)
	w.ranks = ranks
	mean := 0.0
	for t := range w.y {
		ranks[t] = w.rank[w.index[t]]
		mean += ranks[t] / float64(n)
	}
	variance := 0.0
	for _, r := range ranks {
		variance += (r - mean) * (r - mean)
	}
	if variance == 0 {
		return season
	}
	explained := func(period int) float64 {
		left := 0.0
		for s := range period {
			sum, sum2, count := 0.0, 0.0, 0.0
			for t := s; t < n; t += period {
				sum += ranks[t]
				sum2 += ranks[t] * ranks[t]
				count++
			}
			left += sum2 - sum*sum/count
		}
		// A profile of chance explains period/n of the variance; that is taken off.
		return max(0, 1-left/variance*float64(n-1)/float64(n-period))
	}
	season.Strength = explained(m)
	if n >= 21*m {
		season.Weekly = max(0, explained(7*m)-season.Strength)
	}
	return season
}

// partsOf is how many parts a season is divided into, to compare levels.
const partsOf = 4

// makeParts computes the medians of the parts of whole seasons, counted back from the end.
func (w *workspace) makeParts() {
	n, size := len(w.y), max(1, w.season/partsOf)
	count := n / size / partsOf * partsOf
	w.parts = reuse(w.parts, count)
	for i := range w.parts {
		w.sorted = append(w.sorted[:0], w.y[n-(count-i)*size:][:size]...)
		slices.Sort(w.sorted)
		w.parts[i] = quantileOf(w.sorted, 0.5)
	}
}

// dailyMedians is one robust level a season: the mean of the two middle ones of its four parts.
func (w *workspace) dailyMedians() []float64 {
	w.days = reuse(w.days, len(w.parts)/partsOf)
	var few [partsOf]float64
	for d := range w.days {
		copy(few[:], w.parts[d*partsOf:])
		w.days[d] = medianOfFew(few[:])
	}
	return w.days
}

// leastDays is how many seasons it takes to speak of a trend.
const leastDays = 5

// certain is the distance in deviations beyond which a slope is no chance: 1 in 1,000.
const certain = 3.1

// trendOf is the slope of Theil and Sen with the interval of Kendall's statistic: half of the values may be anything. perDay is how
// many seasons a day has.
func trendOf(days []float64, perDay float64) Trend {
	n := len(days)
	if n < leastDays {
		return Trend{Direction: Unknown}
	}
	slopes := make([]float64, 0, n*(n-1)/2)
	for i := range days {
		for j := i + 1; j < n; j++ {
			slopes = append(slopes, finite((days[j]-days[i])/float64(j-i)*perDay))
		}
	}
	slices.Sort(slopes)
	// The statistic's deviation tells how many slopes lie between the middle and the bounds (Sen 1968); 1.645 for 5 % and 95 %. To call it
	// a trend takes more: of thousands of guests, chance must not make hundreds rise.
	deviation := math.Sqrt(float64(n*(n-1)*(2*n+5))/18) / 2 / float64(len(slopes))
	bound := func(z float64) float64 { return quantileOf(slopes, max(0, min(0.5+z*deviation, 1))) }
	t := Trend{PerDay: bound(0), Low: bound(-1.645), High: bound(1.645), Direction: Steady}
	switch {
	case bound(-certain) > 0:
		t.Direction = Rising
	case bound(certain) < 0:
		t.Direction = Falling
	}
	return t
}

const (
	// shiftLeast is how many parts a new level must have lasted.
	shiftLeast = partsOf
	// shiftSeasons is how far back a change of level is looked for.
	shiftSeasons = 14
	// shiftClear is how many times the usual deviation a change must exceed.
	shiftClear = 4
)

// shift finds the last lasting change of level: the place that splits the medians of the parts best, when the levels on both sides
// are further apart than the values around them scatter, and a straight line does not explain it better.
func (w *workspace) shift() (at int, before, after float64, ok bool) {
	count := min(len(w.parts), shiftSeasons*partsOf)
	if count < 3*shiftLeast {
		return 0, 0, 0, false
	}
	v := w.parts[len(w.parts)-count:]
	split := splitOf(v)
	before, after = w.middle(v[:split]), w.middle(v[split:])
	scatter := w.scatter(v[:split], 0) + w.scatter(v[split:], 0)
	third := count / 3
	slope := (w.middle(v[count-third:]) - w.middle(v[:third])) / float64(count-third)
	gap := math.Abs(after - before)
	if gap <= shiftClear*scatter/float64(count) || gap <= 1e-9*math.Abs(before) || scatter >= w.scatter(v, slope) {
		return 0, 0, 0, false
	}
	return len(w.y) - (count-split)*max(1, w.season/partsOf), before, after, true
}

// splitOf is where the means of both sides differ most in relation to chance. One enormous part can mislead it; what it finds is
// judged by medians.
func splitOf(v []float64) int {
	total := 0.0
	for _, x := range v {
		total += x / float64(len(v))
	}
	sum, split, best := 0.0, shiftLeast, -1.0
	for k := 1; k <= len(v)-shiftLeast; k++ {
		sum += v[k-1] - total
		if k < shiftLeast {
			continue
		}
		left, right := float64(k), float64(len(v)-k)
		if gain := math.Abs(sum) / math.Sqrt(left*right); gain > best {
			split, best = k, gain
		}
	}
	return split
}

// middle is the median; the values stay in their order.
func (w *workspace) middle(v []float64) float64 {
	w.sorted = append(w.sorted[:0], v...)
	slices.Sort(w.sorted)
	return quantileOf(w.sorted, 0.5)
}

// scatter is the sum of distances from the median, after a straight line was taken off.
func (w *workspace) scatter(v []float64, slope float64) float64 {
	w.sorted = w.sorted[:0]
	for i, x := range v {
		w.sorted = append(w.sorted, x-slope*float64(i))
	}
	slices.Sort(w.sorted)
	centre, sum := quantileOf(w.sorted, 0.5), 0.0
	for _, x := range w.sorted {
		sum += math.Abs(x - centre)
	}
	return sum
}
