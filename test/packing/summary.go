package packing

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// Outcome is what came of a case.
type Outcome struct {
	Case

	Bins       int
	LowerBound int
	Took       time.Duration
}

// Summary is the sum over outcomes.
type Summary struct {
	Cases     int
	Known     int     // with a known optimum
	Optimal   int     // of the known
	ToOptimum float64 // mean of bins / optimum over the known; 0 without any
	ToBest    float64 // mean of bins / best published
	Proven    int     // bins equal to our own lower bound
	Wrong     int     // lower bounds above a known optimum, or fewer bins than it: there must be none
}

// Summarise sums up outcomes.
func Summarise(outcomes []Outcome) Summary {
	var s Summary
	for _, o := range outcomes {
		s.Cases++
		s.ToBest += float64(o.Bins) / float64(o.BestPublished)
		if o.Bins == o.LowerBound {
			s.Proven++
		}
		if o.Optimum == 0 {
			continue
		}
		s.Known++
		s.ToOptimum += float64(o.Bins) / float64(o.Optimum)
		if o.Bins == o.Optimum {
			s.Optimal++
		}
		if o.LowerBound > o.Optimum || o.Bins < o.Optimum {
			s.Wrong++
		}
	}
	s.ToBest /= max(float64(s.Cases), 1)
	s.ToOptimum /= max(float64(s.Known), 1)
	return s
}

// Print writes the sums by class and over all, and the times at 500 items, or at the most items there are.
func Print(w io.Writer, outcomes []Outcome) {
	classes := map[string][]Outcome{}
	most := 0
	for _, o := range outcomes {
		classes[o.Class] = append(classes[o.Class], o)
		most = max(most, o.Items)
	}
	fmt.Fprintf(w, "%-8s %5s %5s %7s %6s %10s %9s %5s\n", "class", "cases", "known", "optimal", "proven", "to optimum", "to best", "wrong")
	line := func(name string, s Summary) {
		fmt.Fprintf(w, "%-8s %5d %5d %7d %6d %10.4f %9.4f %5d\n", name, s.Cases, s.Known, s.Optimal, s.Proven, s.ToOptimum, s.ToBest, s.Wrong)
	}
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		line(name, Summarise(classes[name]))
	}
	line("all", Summarise(outcomes))
	var took []time.Duration
	for _, o := range outcomes {
		if o.Items == most {
			took = append(took, o.Took)
		}
	}
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(10 * time.Microsecond) }
	fmt.Fprintf(w, "time at %d items: median %v, p95 %v, longest %v (%d cases)\n", most, at(0.5), at(0.95), at(1), len(took))
}
