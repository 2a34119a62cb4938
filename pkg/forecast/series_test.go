package forecast_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/forecast"
)

// at is a sample so many minutes after the start.
func at(minutes float64, value float64) forecast.Sample {
	return forecast.Sample{Time: start.Add(time.Duration(minutes * float64(time.Minute))), Value: value}
}

func TestResample(t *testing.T) {
	tests := map[string]struct {
		reason  string
		samples []forecast.Sample
		want    forecast.Series
	}{
		"Mean": {
			reason:  "A bucket is the mean of what lies in it; its end belongs to the next.",
			samples: []forecast.Sample{at(0, 1), at(10, 2), at(29.9, 6), at(30, 10)},
			want:    forecast.Series{Start: start, Step: 30 * time.Minute, Values: []float64{3, 10}, Known: []bool{true, true}},
		},
		"Gap": {
			reason:  "An empty bucket repeats the one before and is known to be empty.",
			samples: []forecast.Sample{at(0, 1), at(95, 4)},
			want:    forecast.Series{Start: start, Step: 30 * time.Minute, Values: []float64{1, 1, 1, 4}, Known: []bool{true, false, false, true}},
		},
		"Order": {
			reason:  "Order does not matter, and a time that comes twice counts twice.",
			samples: []forecast.Sample{at(40, 9), at(5, 1), at(40, 3), at(5, 3)},
			want:    forecast.Series{Start: start, Step: 30 * time.Minute, Values: []float64{2, 6}, Known: []bool{true, true}},
		},
		"Begin": {
			reason:  "Buckets begin at whole multiples of the step, not at the first sample.",
			samples: []forecast.Sample{at(44, 5)},
			want:    forecast.Series{Start: start.Add(30 * time.Minute), Step: 30 * time.Minute, Values: []float64{5}, Known: []bool{true}},
		},
		"Before1970": {
			reason:  "Buckets round towards the past, before 1970 as well.",
			samples: []forecast.Sample{{Time: time.Unix(-1, 0), Value: 5}},
			want:    forecast.Series{Start: time.Unix(-1800, 0).UTC(), Step: 30 * time.Minute, Values: []float64{5}, Known: []bool{true}},
		},
		"Huge": {
			reason:  "Means of huge values do not overflow.",
			samples: []forecast.Sample{at(0, math.MaxFloat64), at(1, math.MaxFloat64)},
			want:    forecast.Series{Start: start, Step: 30 * time.Minute, Values: []float64{math.MaxFloat64}, Known: []bool{true}},
		},
		"None": {reason: "Nothing is an empty series.", want: forecast.Series{Step: 30 * time.Minute}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := forecast.Resample(tt.samples, 30*time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestResampleRefuses(t *testing.T) {
	tests := map[string]struct {
		samples []forecast.Sample
		step    time.Duration
		want    error
	}{
		"NaN":      {[]forecast.Sample{at(0, 1), at(5, math.NaN())}, time.Hour, forecast.ErrNotFinite},
		"Infinite": {[]forecast.Sample{at(0, math.Inf(-1))}, time.Hour, forecast.ErrNotFinite},
		"NoStep":   {[]forecast.Sample{at(0, 1)}, 0, forecast.ErrStep},
		"PartStep": {[]forecast.Sample{at(0, 1)}, 1500 * time.Millisecond, forecast.ErrStep},
		"Mistyped": {[]forecast.Sample{at(0, 1), {Time: start.AddDate(4000, 0, 0), Value: 1}}, time.Minute, forecast.ErrTooLong},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := forecast.Resample(tt.samples, tt.step); !errors.Is(err, tt.want) {
				t.Errorf("want %v, got %v", tt.want, err)
			}
		})
	}
	var which *forecast.ValueError
	if _, err := forecast.Resample([]forecast.Sample{at(0, 1), at(5, math.NaN())}, time.Hour); !errors.As(err, &which) || which.Index != 1 {
		t.Errorf("the error does not say which value: %v", err)
	}
}

func TestReadCSV(t *testing.T) {
	one := []forecast.Sample{{Time: start, Value: 1.5}}
	tests := map[string]struct {
		reason string
		text   string
		want   []forecast.Sample
	}{
		"Header":       {"A header is skipped.", "timestamp,value\n2026-03-02 00:00:00,1.5\n", one},
		"NoHeader":     {"A header is optional.", "2026-03-02 00:00:00,1.5", one},
		"Mark":         {"A byte order mark and Windows line ends are no content.", "\ufefftime,cpu\r\n2026-03-02 00:00:00,1.5\r\n", one},
		"Spaces":       {"Spaces and empty lines do not matter.", "\n 2026-03-02 00:00:00 , 1.5 \n\n", one},
		"RFC3339":      {"A zone is heeded.", "2026-03-02T02:00:00+02:00,1.5", one},
		"Seconds":      {"Unix seconds.", "1772409600,1.5", one},
		"Milliseconds": {"Unix milliseconds.", "1772409600000,1.5", one},
		"Empty":        {"Nothing is no error here.", "timestamp,value\n", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := forecast.ReadCSV(strings.NewReader(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestReadCSVRefuses(t *testing.T) {
	tests := map[string]struct {
		text string
		line int
		want error
	}{
		"Time":        {"2026-03-02 00:00:00,1\nsoon,2\n", 2, forecast.ErrTime},
		"Value":       {"2026-03-02 00:00:00,much\n", 1, forecast.ErrValue},
		"NaN":         {"t,v\n\n2026-03-02 00:00:00,nan\n", 3, forecast.ErrNotFinite},
		"Overflow":    {"2026-03-02 00:00:00,1e400\n", 1, forecast.ErrNotFinite},
		"Three":       {"2026-03-02 00:00:00,1,2\n", 1, forecast.ErrColumns},
		"One":         {"value\n", 1, forecast.ErrColumns},
		"TwoHeaders":  {"time,value\ntime,value\n", 2, forecast.ErrTime},
		"Quote":       {"2026-03-02 00:00:00,\"1\n", 1, forecast.ErrColumns},
		"FarFuture":   {"1e300,1\n", 1, forecast.ErrTime},
		"ValueBefore": {"1.5,2026-03-02 00:00:00\n", 1, forecast.ErrValue},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := forecast.ReadCSV(strings.NewReader(tt.text))
			var row *forecast.RowError
			if !errors.As(err, &row) || !errors.Is(err, tt.want) || row.Line != tt.line {
				t.Errorf("want line %d: %v, got %v", tt.line, tt.want, err)
			}
		})
	}
}
