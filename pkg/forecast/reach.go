package forecast

import (
	"math"
	"time"
)

// Reach says when a limit is reached.
type Reach struct {
	Limit float64
	// Likely is the beginning of the first step whose median reaches the limit, Possible that of its 95 % quantile; zero: not
	// until Until.
	Likely, Possible time.Time
	// Until is how far was looked: to the end of the forecast, or as far beyond as the trend carries.
	Until time.Time
	// Extrapolated says that at least one of the dates lies beyond the forecast, on the straight line of the trend.
	Extrapolated bool
}

// carries is how many times the length of the history a trend is followed into the future. Who has seen a month may speak of the
// next two: beyond, a straight line is a figure of speech.
const carries = 2

// Reaches says when the forecast reaches a limit from below. Beyond the forecast, it follows the trend, if there is one: the median
// goes on from the last day's highest median with the middle slope, the upper bound from the last day's highest upper bound with
// the steeper end of the slope's interval. A trend that may as well be none leads nowhere.
func (f Forecast) Reaches(limit float64) Reach {
	r := Reach{Limit: limit}
	if len(f.Points) == 0 {
		return r
	}
	end := f.Points[len(f.Points)-1].Time.Add(f.Step)
	r.Until = end
	for i, p := range f.Points {
		if r.Likely.IsZero() && f.At(i, 0.5) >= limit {
			r.Likely = p.Time
		}
		if r.Possible.IsZero() && f.At(i, 0.95) >= limit {
			r.Possible = p.Time
		}
	}
	if f.Trend.Direction != Rising || f.Cold != "" {
		return r
	}
	ahead := time.Duration(carries*min(f.Measured+f.Filled, mostSeasons*f.Season.Steps)) * f.Step
	r.Until = end.Add(ahead)
	day := Forecast{Quantiles: f.Quantiles, Points: f.Points[max(0, len(f.Points)-max(1, f.Season.Steps)):]}
	follow := func(q, perDay float64) time.Time {
		top, _ := day.Peak(q)
		wait := (limit - top) / perDay * float64(24*time.Hour)
		if perDay <= 0 || wait > float64(ahead) || math.IsNaN(wait) {
			return time.Time{}
		}
		r.Extrapolated = true
		return end.Add(time.Duration(math.Ceil(max(0, wait)/float64(f.Step))) * f.Step)
	}
	if r.Likely.IsZero() {
		r.Likely = follow(0.5, f.Trend.PerDay)
	}
	if r.Possible.IsZero() {
		r.Possible = follow(0.95, f.Trend.High)
	}
	return r
}
