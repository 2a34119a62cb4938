package analyser

import (
	"math"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/observe"
)

// What was forecast is held against what came: the last day of a history is forecast from the days before it alone, and each of its
// values is counted as within or outside of the bounds. What was not measured, or is too short, is not judged.
func TestHindsight(t *testing.T) {
	const day = 48
	series := func(days int, last func(i int) float64) forecast.Series {
		s := forecast.Series{Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Step: 30 * time.Minute}
		for i := range days * day {
			v := 0.5 + 0.2*math.Sin(2*math.Pi*float64(i%day)/day)
			if i >= (days-1)*day {
				v = last(i)
			}
			s.Values = append(s.Values, v)
		}
		return s
	}
	// The stub knows the level of the days before, and nothing else.
	var given int
	stub := forecast.Func{Method: "level", Run: func(s forecast.Series, o forecast.Options) (forecast.Forecast, error) {
		given = len(s.Values)
		f := forecast.Forecast{Method: "level", Quantiles: []float64{0.05, 0.5, 0.95}, Step: s.Step}
		for i := range o.Horizon {
			f.Points = append(f.Points, forecast.Point{Time: s.At(len(s.Values) + i), Values: []float64{0.2, 0.5, 0.8}})
		}
		return f, nil
	}}
	tests := map[string]struct {
		reason               string
		history              forecast.Series
		above, within, below float64
		errors               int
	}{
		"AsBefore": {reason: "A day like the others lies within.", history: series(5, func(int) float64 { return 0.5 }), within: day, errors: 1},
		"Higher":   {reason: "A load that nobody foresaw is above.", history: series(5, func(int) float64 { return 0.9 }), above: day, errors: 1},
		"Lower":    {reason: "And one that ended is below.", history: series(5, func(int) float64 { return 0.1 }), below: day, errors: 1},
		"Short":    {reason: "Three days are too few.", history: series(3, func(int) float64 { return 0.9 })},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := observe.New()
			h := newHindsight(stub, m)
			given = 0
			h.judge(judged{history: tt.history, maximum: 1})
			if want := len(tt.history.Values) - day; tt.errors > 0 && given != want {
				t.Errorf("forecast from %d values, want the %d before the last day", given, want)
			}
			for outcome, want := range map[string]float64{"above": tt.above, "within": tt.within, "below": tt.below} {
				if got := testutil.ToFloat64(m.ForecastValues.WithLabelValues(outcome)); got != want {
					t.Errorf("%s: %v values %s, want %v", tt.reason, got, outcome, want)
				}
			}
			if got := testutil.CollectAndCount(m.ForecastError); tt.errors > 0 && got != 1 {
				t.Errorf("the error was not observed")
			}
		})
	}
	gaps := series(5, func(int) float64 { return 0.9 })
	gaps.Known = make([]bool, len(gaps.Values))
	m := observe.New()
	newHindsight(stub, m).judge(judged{history: gaps, maximum: 1})
	if got := testutil.ToFloat64(m.ForecastValues.WithLabelValues("above")); got != 0 {
		t.Errorf("%v values that nobody measured were judged", got)
	}
}
