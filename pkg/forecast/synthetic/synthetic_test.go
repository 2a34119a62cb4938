package synthetic

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A seed is all it takes to see a trace again; another seed gives another trace.
//
// Shows: T-2.4.1-01
func TestSeedsReplay(t *testing.T) {
	for name, trace := range Classes() {
		if diff := cmp.Diff(trace.Generate(7), trace.Generate(7)); diff != "" {
			t.Errorf("%s differs from itself: %s", name, diff)
		}
		if cmp.Equal(trace.Generate(7), trace.Generate(8)) {
			t.Errorf("%s does not depend on its seed", name)
		}
	}
}

// Each trait is where it was asked for, and nowhere else.
func TestTraits(t *testing.T) {
	flat := Trace{Base: 10, Length: 14 * 48}
	tests := map[string]struct {
		reason string
		change func(*Trace)
		holds  func(v []float64) bool
	}{
		"Flat":    {"Without traits there is the base alone.", func(*Trace) {}, func(v []float64) bool { return slices.Min(v) == 10 && slices.Max(v) == 10 }},
		"Daily":   {"The hump is at one in the afternoon and gone by night.", func(t *Trace) { t.Daily = 30 }, func(v []float64) bool { return v[26] == 40 && v[4] == 10 && v[48+26] == 40 }},
		"Weekend": {"The fifth and sixth day after a Monday are quiet.", func(t *Trace) { t.Daily, t.Weekend = 30, 0.5 }, func(v []float64) bool { return v[4*48+26] == 40 && v[5*48+26] == 25 }},
		"Nightly": {"The backup runs from two to three.", func(t *Trace) { t.Nightly = 50 }, func(v []float64) bool { return v[3] == 10 && v[4] == 60 && v[5] == 60 && v[6] == 10 }},
		"Shift":   {"A shift lasts.", func(t *Trace) { t.Shifts = []Shift{{100, 7}} }, func(v []float64) bool { return v[99] == 10 && v[100] == 17 && v[671] == 17 }},
		"Trend":   {"A trend is a straight line.", func(t *Trace) { t.PerDay = 4.8 }, func(v []float64) bool { return math.Abs(v[480]-58) < 1e-9 }},
		"Limit":   {"Saturation cuts.", func(t *Trace) { t.PerDay, t.Limit = 4.8, 30 }, func(v []float64) bool { return v[671] == 30 }},
		"Spikes":  {"About three spikes a day.", func(t *Trace) { t.Spikes, t.Spike = 3, 90 }, func(v []float64) bool { n := count(v, 100); return n > 20 && n < 70 }},
		"Bursts":  {"Bursts last longer than spikes and stay below their height.", func(t *Trace) { t.Bursts, t.Burst = 2, 50 }, func(v []float64) bool { return slices.Max(v) <= 60 && len(v)-count(v, 10) > 50 }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			trace := flat
			tt.change(&trace)
			if s := trace.Generate(3); !tt.holds(s.Values) {
				t.Errorf("%s got %v", tt.reason, s.Values)
			}
		})
	}
}

func TestGapsRepeatWhatWasBefore(t *testing.T) {
	s := Trace{Base: 10, Noise: 2, Gaps: 0.2}.Generate(1)
	missing := len(s.Values) - s.Measured()
	if share := float64(missing) / float64(len(s.Values)); share < 0.1 || share > 0.3 {
		t.Errorf("%.0f %% of the steps are missing, want about 20", 100*share)
	}
	for i, known := range s.Known {
		if !known && s.Values[i] != s.Values[i-1] {
			t.Fatalf("step %d is a gap but does not repeat the one before", i)
		}
	}
	if s.Step != 30*time.Minute || len(s.Values) != 1440 {
		t.Errorf("defaults: %d steps of %s", len(s.Values), s.Step)
	}
}

func count(v []float64, what float64) int {
	n := 0
	for _, x := range v {
		if x == what {
			n++
		}
	}
	return n
}
