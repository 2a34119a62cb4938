package forecast

import "math"

const (
	// warm is from how many seasons on what repeats can be told from chance.
	warm = 3
	// established is from how many on an interval is taken as it was measured.
	established = 7
)

// coldness says why a history is short, if it is.
func coldness(measured int, o Options) Cold {
	switch {
	case measured == 0:
		return ColdEmpty
	case measured < o.Season:
		return ColdPoints
	case measured < warm*o.Season:
		return ColdSeason
	}
	return ""
}

// fromPrior is the forecast of a series without any history.
func (f *Forecast) fromPrior(o Options) {
	for _, p := range f.Points {
		for k, q := range o.Quantiles {
			p.Values[k] = o.clamp(o.Prior.at(q))
		}
	}
	f.Width = f.width()
}

// widen makes a forecast from a short history as uncertain as it is: the quantiles move away from the median, or towards the prior
// of like series. The constants are such that P95 covers 92 to 98 % on both public sets for every length of history from three
// values on.
func (f *Forecast) widen(y []float64, o Options) {
	n, season := float64(f.Measured), float64(o.Season)
	// A sample of n values tells little of what happens once in n times, and until there is a week, of what a week brings.
	fade := min(1, max(0, (established*season-n)/((established-warm)*season)))
	stretch := 1 + 4/math.Sqrt(n)*fade + max(0, 1-n/(warm*season))
	// A few equal values have no spread to stretch: a share of their size stands in.
	floor := 0.0
	if f.Cold != "" {
		for _, v := range y {
			floor = max(floor, 1.5*math.Abs(finite(v))/(1+n))
		}
	}
	for i, p := range f.Points {
		middle := f.At(i, 0.5)
		for k, q := range o.Quantiles {
			v := finite(middle + stretch*(p.Values[k]-middle) + (2*q-1)*floor)
			if o.Prior != nil {
				share := season / (season + n)
				v = share*o.Prior.at(q) + (1-share)*v
			}
			p.Values[k] = o.clamp(v)
			if k > 0 {
				p.Values[k] = max(p.Values[k], p.Values[k-1])
			}
		}
	}
}
