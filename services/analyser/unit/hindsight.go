package analyser

import (
	"context"
	"math"
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/observe"
)

const (
	// leastDays is the history, in days, that a forecast is judged on: one to compare with, and what it needs before.
	leastDays = 4
	// waitingHistories is how many histories wait to be judged; with more, some are left out.
	waitingHistories = 256
)

// A hindsight judges the forecaster by what came of it: of each new history it forecasts the last day from what was known before,
// beside the diagnoses and never in their way, and counts how far off it was.
type hindsight struct {
	by      forecast.Forecaster
	metrics *observe.Metrics
	jobs    chan judged
}

// judged is a history with the bounds of its values.
type judged struct {
	history          forecast.Series
	minimum, maximum float64
}

func newHindsight(by forecast.Forecaster, m *observe.Metrics) *hindsight {
	return &hindsight{by: by, metrics: m, jobs: make(chan judged, waitingHistories)}
}

// note hands over a history that was forecast from for the first time.
func (h *hindsight) note(history forecast.Series, o forecast.Options) {
	select {
	case h.jobs <- judged{history, o.Minimum, o.Maximum}:
	default:
	}
}

// run judges until ctx ends.
func (h *hindsight) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-h.jobs:
			h.judge(j)
		}
	}
}

// judge forecasts the last day of a history and compares. A history that is too short, or in whose last day little was measured,
// says nothing.
func (h *hindsight) judge(j judged) {
	day := int(24 * time.Hour / j.history.Step)
	n := len(j.history.Values)
	if day == 0 || n < leastDays*day {
		return
	}
	f, err := h.by.Forecast(j.history.Slice(0, n-day), forecast.Options{Horizon: day, Minimum: j.minimum, Maximum: j.maximum})
	if err != nil {
		return
	}
	last := j.history.Slice(n-day, n)
	if last.Measured() < day/2 {
		return
	}
	var off, naive float64
	for i, value := range last.Values {
		if last.Known != nil && !last.Known[i] {
			continue
		}
		off += math.Abs(value - f.At(i, 0.5))
		naive += math.Abs(value - j.history.Values[n-2*day+i])
		outcome := "within"
		switch {
		case value > f.At(i, 0.95):
			outcome = "above"
		case value < f.At(i, 0.05):
			outcome = "below"
		}
		h.metrics.ForecastValues.WithLabelValues(outcome).Inc()
	}
	if naive > 0 {
		h.metrics.ForecastError.WithLabelValues().Observe(off / naive)
	}
}
