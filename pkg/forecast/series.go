package forecast

import (
	"math"
	"time"
)

// MaxBuckets bounds the length of a series: 12 years of half hours.
const MaxBuckets = 1 << 18

// Sample is one measured value.
type Sample struct {
	Time  time.Time
	Value float64
}

// Series is an equidistant history, oldest first. Value i stands for the time from Start + i Step until the next.
type Series struct {
	Start time.Time
	Step  time.Duration // positive, whole seconds
	// Values are finite, gaps included: a gap holds what is put in its place, usually the value before it.
	Values []float64
	// Known says which values were measured; nil: all. Gaps take part in the forecast like the values that fill them, but do not
	// count as history.
	Known []bool
}

// Resample puts samples into buckets of a step, which begin at whole multiples of it since 1970. A bucket's value is the mean of
// the samples in it; an empty bucket repeats the one before and is marked as unknown. The series begins with the first sample.
//
// Samples may come in any order. Every sample counts once: two of the same time are averaged, like any two of one bucket.
// A value that is NaN or infinite is refused with a [*ValueError].
func Resample(samples []Sample, step time.Duration) (Series, error) {
	seconds := int64(step / time.Second)
	if seconds <= 0 || step%time.Second != 0 {
		return Series{}, ErrStep
	}
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for i, s := range samples {
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			return Series{}, &ValueError{Index: i, Time: s.Time, Value: s.Value}
		}
		b := bucket(s.Time, seconds)
		first, last = min(first, b), max(last, b)
	}
	if len(samples) == 0 {
		return Series{Step: step}, nil
	}
	// The difference of two far times may overflow; as unsigned numbers it cannot be taken for small.
	if uint64(last)-uint64(first) >= MaxBuckets {
		return Series{}, ErrTooLong
	}
	n := int(last - first + 1)
	s := Series{Start: time.Unix(first*seconds, 0).UTC(), Step: step, Values: make([]float64, n), Known: make([]bool, n)}
	counts := make([]float64, n)
	for _, sample := range samples {
		i := bucket(sample.Time, seconds) - first
		counts[i]++
		// A running mean cannot overflow where a sum of huge values would.
		s.Values[i] += sample.Value/counts[i] - s.Values[i]/counts[i]
	}
	for i := range s.Values {
		if s.Known[i] = counts[i] > 0; !s.Known[i] {
			s.Values[i] = s.Values[i-1]
		}
	}
	return s, nil
}

// bucket rounds towards the past, before 1970 too.
func bucket(t time.Time, seconds int64) int64 {
	u := t.Unix()
	b := u / seconds
	if u%seconds < 0 {
		b--
	}
	return b
}

// At is the time at which value i begins; i may lie beyond the end.
func (s Series) At(i int) time.Time { return s.Start.Add(time.Duration(i) * s.Step) }

// Measured counts the values that were measured.
func (s Series) Measured() int {
	if s.Known == nil {
		return len(s.Values)
	}
	n := 0
	for _, known := range s.Known {
		if known {
			n++
		}
	}
	return n
}

// Slice is the part of the series from value i up to but without value j; it shares the memory.
func (s Series) Slice(i, j int) Series {
	part := Series{Start: s.At(i), Step: s.Step, Values: s.Values[i:j:j]}
	if s.Known != nil {
		part.Known = s.Known[i:j:j]
	}
	return part
}

// check refuses what no forecaster can work on.
func (s Series) check() error {
	if s.Step < time.Second || s.Step%time.Second != 0 {
		return ErrStep
	}
	if len(s.Values) > MaxBuckets {
		return ErrTooLong
	}
	for i, v := range s.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &ValueError{Index: i, Time: s.At(i), Value: v}
		}
	}
	return nil
}
