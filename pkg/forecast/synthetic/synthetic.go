// Package synthetic makes load traces with known traits, for tests, stress and training.
//
// It owns the shape of traces: season, bursts, shifts, gaps, spikes, saturation, as a [Trace] says. Equal traces with equal seeds
// give equal values. It does not forecast, and it claims no likeness to a particular data centre: that is what the
// public data sets are for. A learnt generator takes its place as another [Generator].
package synthetic

import (
	"math"
	"math/rand/v2"
	"time"

	"proviso.dev/pkg/forecast"
)

// Generator makes one trace from a seed.
type Generator interface {
	Generate(seed uint64) forecast.Series
}

// Func makes a function a generator.
type Func func(seed uint64) forecast.Series

// Generate implements [Generator].
func (f Func) Generate(seed uint64) forecast.Series { return f(seed) }

// Trace describes a load. The zero value of each field leaves its trait out.
type Trace struct {
	Start  time.Time     // default 2026-01-05, a Monday
	Step   time.Duration // default 30 minutes
	Length int           // steps; default 30 days

	Base  float64 // level without anything else
	Noise float64 // standard deviation of what is added to each value
	// Daily is the height of a smooth hump by day, Weekend the factor that it shrinks by on Saturday and Sunday; 0: not at all.
	Daily, Weekend float64
	// Bursts is how many bursts begin a day on average, each up to Burst high and as long as an hour to a quarter of a day.
	Bursts, Burst float64
	// Spikes is how many single values a day are Spike high.
	Spikes, Spike float64
	// PerDay is what the level rises by a day.
	PerDay float64
	// Shifts are changes of the base: after so many steps, by so much.
	Shifts []Shift
	// Gaps is the share of steps without a value; gaps come in runs.
	Gaps float64
	// Nightly is added for an hour from two o'clock, as a backup would.
	Nightly float64
	// Limit is where the load saturates; 0: nowhere.
	Limit float64
}

// Shift is a lasting change of level.
type Shift struct {
	After int // steps from the start
	By    float64
}

var _ Generator = Trace{}

// Generate implements [Generator]. Values are not negative.
func (t Trace) Generate(seed uint64) forecast.Series {
	if t.Start.IsZero() {
		t.Start = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	}
	if t.Step <= 0 {
		t.Step = 30 * time.Minute
	}
	day := max(1, int(24*time.Hour/t.Step))
	if t.Length == 0 {
		t.Length = 30 * day
	}
	s := forecast.Series{Start: t.Start, Step: t.Step, Values: make([]float64, t.Length), Known: make([]bool, t.Length)}
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	burst, left, gap := 0.0, 0, 0
	for i := range s.Values {
		v := t.level(i, day) + t.Noise*r.NormFloat64()
		if left--; left <= 0 {
			burst = 0
			if r.Float64() < t.Bursts/float64(day) {
				burst = t.Burst * (0.3 + 0.7*r.Float64())
				left = day/24 + r.IntN(max(1, day/4))
			}
		}
		v += burst
		if r.Float64() < t.Spikes/float64(day) {
			v += t.Spike
		}
		if t.Limit > 0 {
			v = min(v, t.Limit)
		}
		s.Values[i] = max(0, v)
		if gap--; gap < 0 && r.Float64() < t.Gaps/meanGap {
			gap = 1 + r.IntN(2*meanGap-1)
		}
		s.Known[i] = gap <= 0 || i == 0
		if !s.Known[i] {
			s.Values[i] = s.Values[i-1]
		}
	}
	return s
}

// meanGap is how long a gap is on average, in steps.
const meanGap = 4

// level is what is expected of step i.
func (t Trace) level(i, day int) float64 {
	v := t.Base + t.PerDay*float64(i)/float64(day)
	for _, s := range t.Shifts {
		if i >= s.After {
			v += s.By
		}
	}
	when := t.Start.Add(time.Duration(i) * t.Step)
	hour := float64(when.Hour()) + float64(when.Minute())/60
	hump := t.Daily * max(0, math.Sin(math.Pi*(hour-7)/12))
	if weekday := when.Weekday(); t.Weekend > 0 && (weekday == time.Saturday || weekday == time.Sunday) {
		hump *= t.Weekend
	}
	if when.Hour() == 2 {
		v += t.Nightly
	}
	return v + hump
}

// Classes are the traits of load that the product must cope with, by name.
func Classes() map[string]Trace {
	return map[string]Trace{
		"idle":          {Base: 2, Noise: 0.2},
		"office":        {Base: 10, Daily: 40, Weekend: 0.2, Noise: 3},
		"bursty":        {Base: 5, Noise: 1, Bursts: 2, Burst: 70, Limit: 100},
		"spiky":         {Base: 15, Noise: 2, Spikes: 3, Spike: 80, Limit: 100},
		"nightly":       {Base: 8, Noise: 1, Nightly: 60},
		"shifting":      {Base: 20, Noise: 2, Daily: 10, Shifts: []Shift{{After: 500, By: 25}, {After: 1100, By: -15}}},
		"filling":       {Base: 300, Noise: 1, PerDay: 8},
		"saturated":     {Base: 70, Daily: 60, Noise: 5, Limit: 100},
		"gappy":         {Base: 30, Daily: 20, Noise: 3, Gaps: 0.2},
		"unpredictable": {Base: 40, Noise: 25, Limit: 100},
	}
}
