package capacity

import (
	"math"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/pve"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	// coarse is the step to which finer histories are averaged: what is planned by is not decided in minutes.
	coarse = 30 * time.Minute
	// stale is the age of its last figure from which a history is not continued.
	stale = day
)

// upper is the quantile that stands for the most that is to be expected.
const upper = 0.95

// An outlook is how one figure goes on. The zero value says nothing.
type outlook struct {
	forecast.Forecast
}

// outlook continues what was measured of a metric until that long after now. No value is above most. What cannot be continued is named
// in unknown; what was not measured is not.
func (d *diagnosis) outlook(what string, s pve.Series, m pve.Metric, ahead time.Duration, most float64) (outlook, bool) {
	var samples []forecast.Sample
	for _, run := range s.Values[m] {
		for i, v := range run.Values {
			// A figure is the mean of the step that ends there.
			samples = append(samples, forecast.Sample{Time: s.Time(run.From + i - 1), Value: v})
		}
	}
	if d.Forecaster == nil || len(samples) == 0 || s.StepSeconds <= 0 {
		return outlook{}, false
	}
	history, err := forecast.Resample(samples, max(s.Step(), coarse))
	if err != nil {
		d.unknown("forecast of " + what + ": its history cannot be read")
		return outlook{}, false
	}
	end := history.At(len(history.Values))
	late := d.Now.Sub(end)
	if late > stale {
		d.unknown("forecast of " + what + ": the history ends " + end.Format(time.RFC3339))
		return outlook{}, false
	}
	steps := int(math.Ceil(float64(max(0, late)+ahead) / float64(history.Step)))
	f, err := d.Forecaster.Forecast(history, forecast.Options{Horizon: steps, Maximum: most})
	if err != nil {
		d.unknown("forecast of " + what + ": it cannot be made of this history")
		return outlook{}, false
	}
	return outlook{f}, true
}

// peak is the highest P95 within that long after now, and the beginning of the step in which it is reached first.
func (o outlook) peak(now time.Time, within time.Duration) (top float64, when time.Time, ok bool) {
	for i, p := range o.Points {
		if p.Time.Add(o.Step).After(now) && p.Time.Before(now.Add(within)) {
			if v := o.At(i, upper); !ok || v > top {
				top, when, ok = v, later(p.Time, now), true
			}
		}
	}
	return top, when, ok
}

// full is when the figure comes to a limit by its median, and when at the earliest, by its P95; nil: not in sight.
func (o outlook) full(now time.Time, limit float64) (byMedian, earliest *timestamppb.Timestamp) {
	r := o.Reaches(limit)
	return moment(r.Likely, now), moment(r.Possible, now)
}

// moment is a time for a message, nil when there is none. What a forecast says of the step that has begun, or of the time since the last
// figure, is said of now.
func moment(t, now time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(later(t, now))
}

func later(t, now time.Time) time.Time {
	if t.Before(now) {
		return now
	}
	return t
}

// recent is the mean of a metric over the day before now.
func recent(s pve.Series, m pve.Metric, now time.Time) (float64, bool) {
	sum, n := 0.0, 0
	for _, run := range s.Values[m] {
		for i, v := range run.Values {
			if at := s.Time(run.From + i); at.After(now.Add(-day)) && !at.After(now) {
				sum += v
				n++
			}
		}
	}
	return ratio(sum, float64(n)), n > 0
}
