package forecast

const (
	replayed   = 6  // seasons that are replayed to learn weights, and one more for each that the horizon has beyond the first
	perSeason  = 12 // steps of a season that are looked at in each replay
	perOrigin  = 3  // of those between two origins
	pointsEach = 20 // support points from each of three spans
	poolSize   = 15 // points that stand for a distribution of differences
)

// workspace is the scratch memory of one forecast.
//
// Distributions live on a support of some 70 values: quantiles of the last two days, the last week and everything. A measured
// value is the index of its nearest support point, a distribution the cumulated shares over the support. All sums over
// history are kept incrementally, so that the cost hardly depends on the number of members.
type workspace struct {
	y       []float64
	o       Options
	season  int
	stride  int // steps between two origins
	grain   int // steps between two replayed steps
	origins int // how many origins are replayed; origin j lies j strides before the end, 0 is the present
	// replayed is how many seasons that are.
	replayed int
	kinds    kind

	support []float64
	gap     []float64 // distance of a support point to the next
	inverse []float64 // one over the distance of a support point from the one before
	down    []float64 // how far a support point's share lies below it
	up      []float64 // how far it lies above
	index   []int32   // of the support point of each value
	sorted  []float64
	few     []float64 // some of the values

	usual []float64 // median of the same time over the last 7 seasons; for values and one season beyond
	level []float64 // median of the last 6 values before an index

	recent []float64 // distributions: origins + 1 times shared members
	slot   []float64 // distributions: replayed steps and those of the next season, times slots
	week   []float64 // distributions: replayed steps and those of the next week
	pools  []float64 // differences from the usual day: origins + 1 times poolSize
	walks  []float64 // changes of level, for each of walkSteps: origins + 1 times poolSize
	moved  []float64 // distributions of the members made for one step
	bin    []float64 // a histogram being built
	mix    []float64
	slope  []float64
	common []float64 // the part of the mixture that is the same for a block of an origin

	weights  [len(blocks)][len(members)]float64
	levels   [len(blocks)][]float64 // levels that the mixture gave to what happened, sorted after learning
	missed   float64                // sum of the absolute errors of the replayed medians
	repeated float64                // that of repeating the last season
	replays  int                    // how many errors that are
	pairs    []weighted

	rank  []float64 // of each support point, in shares of the history
	ranks []float64
	parts []float64 // medians of quarters of seasons
	days  []float64 // medians of those
}

// weighted is a value with its weight.
type weighted struct{ value, weight float64 }

// reuse returns a slice of n zeros, in old memory when that is large enough.
func reuse(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// prepare computes everything that does not depend on weights.
func (w *workspace) prepare(y []float64, o Options, kinds kind) {
	w.y, w.o, w.season, w.kinds = y, o, o.Season, kinds
	m, n := w.season, len(y)
	w.grain, w.stride = 1, max(1, m/4)
	if m >= perSeason {
		w.grain = m / perSeason
		w.stride = perOrigin * w.grain
	}
	w.replayed = replayed + min((o.Horizon-1)/m, mostSeasons)
	w.origins = max(0, min(w.replayed*m, n-2*m)/w.stride)
	w.missed, w.repeated, w.replays = 0, 0, 0
	w.makeLevels()
	w.makeSupport()
	w.makeRecent()
	w.makeWalks()
	if n >= m {
		w.makeSlots()
		w.makeWeeks()
		w.makePools()
	}
	w.moved = reuse(w.moved, (len(members)-firstMove)*len(w.support))
}
