package outlook

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const (
	// leastStep is the distance of points that is forecast with; finer measurements are averaged.
	leastStep = 30 * time.Minute
	// Day and Week are the horizons that are offered; Day is the default, Week the most.
	Day  = 24 * time.Hour
	Week = 7 * Day
	// stale is the age from which a history is not continued.
	stale = Day
)

// A Question asks how a figure goes on.
type Question struct {
	Subject
	// Metric is one of the package's names; empty: [DefaultMetric].
	Metric string
	// Horizon is how far ahead; 0: Day, at most Week.
	Horizon time.Duration
	// Diagnosis of the snapshot, which says when a storage takes no more; nil: it is made.
	Diagnosis *provisov1.InfrastructureAnalysis
}

// An Outlook is how a figure goes on.
type Outlook struct {
	Subject
	Metric string
	// Unit is Fraction, Bytes or BytesPerSecond.
	Unit string
	// Capacity is what the figure cannot exceed, Limit the level at which it counts as full; 0: none is known.
	Capacity, Limit float64
	// From and To are begin and end of the history, Known its steps in which something was measured, Step their distance.
	From, To time.Time
	Known    int
	Step     time.Duration
	// Now is what was measured last.
	Now      float64
	Forecast forecast.Forecast
	// Reaches is when the median is at the limit, MayReach when it may be at the earliest (P95); zero: not before Sight, which is
	// as far as the history allows to see.
	Reaches, MayReach, Sight time.Time
}

// Cold reports whether there is too little history for more than a wide interval.
func (o *Outlook) Cold() bool { return o.Forecast.Cold != "" }

// Of answers a question from a snapshot and a history. The error is ErrNotThere, ErrMetric, ErrNotRead,
// ErrStale, or what the forecaster failed with.
func Of(s *pve.Snapshot, h *pve.History, q Question, by forecast.Forecaster) (*Outlook, error) {
	o := &Outlook{Subject: q.Subject, Metric: cmp.Or(q.Metric, DefaultMetric(q.Subject))}
	about := func(err error) error { return fmt.Errorf("%s of %s: %w", o.Metric, o.Subject, err) }
	measured, err := series(s, h, q.Subject)
	if err != nil {
		return nil, about(err)
	}
	f, ok := figureOf(q.Subject, o.Metric)
	if g, guest := s.Guest(q.VMID); guest && g.Kind == pve.KindVM && o.Metric == Disk {
		ok = false // nobody outside knows what the disks of a machine hold
	}
	if !ok {
		return nil, about(ErrMetric)
	}
	history, err := past(measured, f.measured)
	if err != nil {
		return nil, about(err)
	}
	o.Unit = f.unit
	o.Capacity, o.Limit = q.bounds(s, o.Metric, f, measured)
	o.Step, o.Known = history.Step, history.Measured()
	o.From, o.To = history.Start, history.At(len(history.Values))
	o.Now, _ = last(measured, f.measured)
	if s.TakenAt.Sub(o.To) > stale {
		return nil, about(ErrStale)
	}
	horizon := min(cmp.Or(q.Horizon, Day), Week)
	o.Forecast, err = by.Forecast(history, forecast.Options{Horizon: int(math.Ceil(float64(horizon) / float64(history.Step))), Maximum: o.Capacity})
	if errors.Is(err, forecast.ErrNoHistory) {
		return nil, about(ErrNotRead)
	}
	if err != nil {
		return nil, about(err)
	}
	o.reach()
	return o, nil
}

// past makes the history that a forecast is made from.
func past(s pve.Series, m pve.Metric) (forecast.Series, error) {
	step := s.Step()
	if step <= 0 {
		step = leastStep
	}
	var samples []forecast.Sample
	for _, run := range s.Values[m] {
		for i, v := range run.Values {
			// A point is the average of the step that ends there.
			samples = append(samples, forecast.Sample{Time: s.Start.Add(time.Duration(run.From+i-1) * step), Value: v})
		}
	}
	if len(samples) == 0 {
		return forecast.Series{}, ErrNotRead
	}
	return forecast.Resample(samples, max(step, leastStep))
}

// reach finds when the limit is reached.
func (o *Outlook) reach() {
	if o.Limit <= 0 {
		return
	}
	r := o.Forecast.Reaches(o.Limit)
	o.Reaches, o.MayReach, o.Sight = r.Likely, r.Possible, r.Until
}
