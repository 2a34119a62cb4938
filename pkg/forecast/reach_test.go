package forecast_test

import (
	"testing"
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/forecast/synthetic"
)

// A disk that fills by 8 a day from 300: when it is full, within the forecast, beyond it, and not at all.
func TestReaches(t *testing.T) {
	filling := mustForecast(t, forecast.New(), synthetic.Classes()["filling"].Generate(2), forecast.Options{Horizon: 336})
	idle := mustForecast(t, forecast.New(), synthetic.Classes()["idle"].Generate(2), forecast.Options{Horizon: 336})
	first := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	// After 30 days the level is 540; 8 a day more.
	full := func(limit float64) time.Time { return first.Add(time.Duration((limit - 300) / 8 * float64(day))) }
	tests := map[string]struct {
		reason       string
		f            forecast.Forecast
		limit        float64
		likely       time.Time
		off          time.Duration
		possible     bool
		extrapolated bool
		until        time.Duration // after the forecast's end
	}{
		"Now":      {"What is exceeded already is reached at once.", filling, 500, first.Add(30 * day), 0, true, false, 60 * day},
		"Beyond":   {"In 25 days, along the line.", filling, 740, full(740), 4 * day, true, true, 60 * day},
		"TooFar":   {"In half a year: a month of history does not carry so far.", filling, 2000, time.Time{}, 0, false, false, 60 * day},
		"NoTrend":  {"An idle machine does not fill by waiting.", idle, 90, time.Time{}, 0, false, false, 0},
		"Extremes": {"Its bounds alone cross a near limit.", idle, 2.2, time.Time{}, 0, true, false, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := tt.f.Reaches(tt.limit)
			if got.Likely.IsZero() != tt.likely.IsZero() || got.Likely.Sub(tt.likely).Abs() > tt.off {
				t.Errorf("%s want %s, got %+v", tt.reason, tt.likely, got)
			}
			if got.Possible.IsZero() == tt.possible || tt.possible && !got.Likely.IsZero() && got.Possible.After(got.Likely) {
				t.Errorf("%s possible: %+v", tt.reason, got)
			}
			if got.Extrapolated != tt.extrapolated {
				t.Errorf("%s extrapolated: %+v", tt.reason, got)
			}
			if want := first.Add(37*day + tt.until); !got.Until.Equal(want) {
				t.Errorf("%s looked until %s, want %s", tt.reason, got.Until, want)
			}
		})
	}
}
