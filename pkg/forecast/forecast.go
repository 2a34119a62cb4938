package forecast

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// Forecast is what is expected of a series, with what an explanation needs.
type Forecast struct {
	Method    string
	Quantiles []float64 // ascending; those that were asked for
	Points    []Point   // one per step, the first directly after the history
	Step      time.Duration

	Explanation
}

// Point is the forecast of one step.
type Point struct {
	Time   time.Time // at which the step begins
	Values []float64 // one per quantile of the forecast, ascending
}

// At is quantile q of point i, interpolated between the quantiles that were asked for; beyond them it is the outermost.
func (f Forecast) At(i int, q float64) float64 {
	values := f.Points[i].Values
	k := sort.SearchFloat64s(f.Quantiles, q)
	switch {
	case k == len(f.Quantiles):
		return values[k-1]
	case k == 0 || f.Quantiles[k] == q:
		return values[k]
	}
	lower, upper := f.Quantiles[k-1], f.Quantiles[k]
	return values[k-1] + (values[k]-values[k-1])*(q-lower)/(upper-lower)
}

// Peak is the highest value of quantile q over all points, and when it is reached first.
func (f Forecast) Peak(q float64) (float64, time.Time) {
	top, when := math.Inf(-1), time.Time{}
	for i := range f.Points {
		if v := f.At(i, q); v > top {
			top, when = v, f.Points[i].Time
		}
	}
	return top, when
}

// Mean is the mean of quantile q over all points.
func (f Forecast) Mean(q float64) float64 {
	sum := 0.0
	for i := range f.Points {
		sum += f.At(i, q) / float64(len(f.Points))
	}
	return sum
}

// tidy makes a foreign forecast keep the promises of [Forecaster], or refuses it.
func (f *Forecast) tidy(o Options) error {
	if len(f.Quantiles) == 0 || !slices.IsSorted(f.Quantiles) {
		return fmt.Errorf("%w: a forecast without ascending quantiles", ErrOptions)
	}
	for i, p := range f.Points {
		if len(p.Values) != len(f.Quantiles) {
			return fmt.Errorf("%w: point %d has %d values for %d quantiles", ErrOptions, i, len(p.Values), len(f.Quantiles))
		}
		for k, v := range p.Values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return &ValueError{Index: i, Time: p.Time, Value: v}
			}
			p.Values[k] = o.clamp(v)
		}
		slices.Sort(p.Values)
	}
	return nil
}

// newForecast lays out points in one piece of memory.
func newForecast(method string, history Series, o Options) Forecast {
	f := Forecast{Method: method, Quantiles: slices.Clone(o.Quantiles), Points: make([]Point, o.Horizon), Step: history.Step}
	values := make([]float64, o.Horizon*len(o.Quantiles))
	for i := range f.Points {
		f.Points[i] = Point{Time: history.At(len(history.Values) + i), Values: values[i*len(o.Quantiles) : (i+1)*len(o.Quantiles) : (i+1)*len(o.Quantiles)]}
	}
	return f
}
