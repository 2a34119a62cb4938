package forecast

import "slices"

// SeasonalNaive repeats the last season. Its intervals are the quantiles of what that would have missed over the history. It is
// the yardstick that every other forecaster has to beat.
type SeasonalNaive struct{}

var _ Forecaster = SeasonalNaive{}

// Name implements [Forecaster].
func (SeasonalNaive) Name() string { return "seasonal-naive" }

// Forecast implements [Forecaster].
func (n SeasonalNaive) Forecast(history Series, o Options) (Forecast, error) {
	o, err := o.withDefaults(history.Step)
	if err != nil {
		return Forecast{}, err
	}
	if err := history.check(); err != nil {
		return Forecast{}, err
	}
	y := history.Values
	if len(y) == 0 {
		return Forecast{}, ErrNoHistory
	}
	m := min(o.Season, len(y))
	residuals := make([]float64, 0, len(y))
	for i := m; i < len(y); i++ {
		residuals = append(residuals, finite(y[i]-y[i-m]))
	}
	slices.Sort(residuals)
	f := newForecast(n.Name(), history, o)
	for i, p := range f.Points {
		base := finite(y[len(y)-m+i%m])
		for k, q := range o.Quantiles {
			p.Values[k] = o.clamp(base + quantileOf(residuals, q))
			if q == 0.5 {
				p.Values[k] = o.clamp(base)
			}
		}
		slices.Sort(p.Values)
	}
	return f, nil
}

// quantileOf is quantile q of sorted values, interpolated; 0 of none.
func quantileOf(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	part := at - float64(i)
	return sorted[i]*(1-part) + sorted[i+1]*part
}
