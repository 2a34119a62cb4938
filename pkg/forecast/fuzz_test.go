package forecast_test

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"proviso.dev/pkg/forecast"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// halfHours is a series of half-hour values.
func halfHours(values ...float64) forecast.Series {
	return forecast.Series{Start: start, Step: 30 * time.Minute, Values: values}
}

// sane complains about a forecast that breaks what every forecaster promises, or that runs away from its history.
func sane(t *testing.T, history forecast.Series, o forecast.Options, f forecast.Forecast) {
	t.Helper()
	low, high := slices.Min(history.Values), slices.Max(history.Values)
	// The margin is generous: a short history is widened. Divergence is a matter of orders of magnitude.
	margin := 10*(high/2-low/2) + 10*max(math.Abs(low), math.Abs(high)) + 1
	for i, p := range f.Points {
		if want := history.At(len(history.Values) + i); !p.Time.Equal(want) {
			t.Fatalf("point %d is at %s, want %s", i, p.Time, want)
		}
		if !slices.IsSorted(p.Values) {
			t.Fatalf("quantiles of point %d do not ascend: %v", i, p.Values)
		}
		for _, v := range p.Values {
			switch {
			case math.IsNaN(v) || math.IsInf(v, 0):
				t.Fatalf("%s: point %d is not finite: %v", f.Method, i, p.Values)
			case v < o.Minimum || o.Maximum != 0 && v > o.Maximum:
				t.Fatalf("point %d leaves [%v, %v]: %v", i, o.Minimum, o.Maximum, p.Values)
			case !math.IsInf(margin, 0) && (v > high+margin || v < min(low, o.Minimum)-margin):
				t.Fatalf("point %d runs away from [%v, %v]: %v", i, low, high, p.Values)
			}
		}
	}
	total := 0.0
	for _, m := range f.Members {
		total += m.Weight
	}
	if len(f.Members) > 0 && math.Abs(total-1) > 1e-6 {
		t.Fatalf("the shares add up to %v", total)
	}
	for _, v := range []float64{f.Error, f.NaiveError, f.Width, f.Trend.PerDay, f.Trend.Low, f.Trend.High, f.Season.Strength, f.Season.Weekly} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("the explanation is not finite: %+v", f.Explanation)
		}
	}
	f.Reaches(high)
}

// Whatever the series, quantiles ascend, are finite, stay within their bounds and near the history; what is no number is refused.
//
// Shows: T-2.3.4-03
func FuzzForecast(f *testing.F) {
	pack := func(values ...float64) []byte {
		var b []byte
		for _, v := range values {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	f.Add(pack(5), uint16(400), uint16(48), byte(0))                                          // constant
	f.Add(pack(1, 2, 3), uint16(0), uint16(48), byte(48))                                     // three points
	f.Add(pack(0, 0, 0, 0, 1e9, 0, 0), uint16(500), uint16(48), byte(48))                     // spikes
	f.Add(pack(1, 1, 1, 1, 1, 1, 1, 1, 900, 900, 900, 900), uint16(150), uint16(10), byte(4)) // shifts
	f.Add(pack(math.MaxFloat64, -math.MaxFloat64), uint16(700), uint16(96), byte(48))
	f.Add(pack(math.SmallestNonzeroFloat64, 0), uint16(700), uint16(336), byte(1))
	f.Add(pack(math.NaN()), uint16(30), uint16(3), byte(24))
	f.Add(pack(3, math.Inf(1)), uint16(30), uint16(3), byte(24))
	f.Add(pack(-4, 5, -6), uint16(333), uint16(50), byte(255))
	f.Fuzz(func(t *testing.T, data []byte, repeat, horizon uint16, season byte) {
		var values []float64
		for len(data) >= 8 && len(values) < 3000 {
			values = append(values, math.Float64frombits(binary.LittleEndian.Uint64(data)))
			data = data[8:]
		}
		if len(values) == 0 {
			return
		}
		// A short input is drawn out, in one of two ways, to reach histories of every length.
		times := 1 + int(repeat)%max(1, 2000/len(values))
		if season%2 == 0 {
			values = slices.Repeat(values, times)
		} else {
			var drawn []float64
			for _, v := range values {
				drawn = append(drawn, slices.Repeat([]float64{v}, times)...)
			}
			values = drawn
		}
		history := halfHours(values...)
		o := forecast.Options{Horizon: 1 + int(horizon)%400, Season: int(season), Minimum: -math.MaxFloat64}
		if repeat%3 == 0 {
			o.Minimum, o.Maximum = 0, 1
		}
		bad := slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
		for _, forecaster := range []forecast.Forecaster{forecast.New(), forecast.SeasonalNaive{}, forecast.Ablation(forecast.Profile)} {
			got, err := forecaster.Forecast(history, o)
			if bad {
				var which *forecast.ValueError
				if !errors.As(err, &which) || !errors.Is(err, forecast.ErrNotFinite) {
					t.Fatalf("%s takes what is no number: %v", forecaster.Name(), err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", forecaster.Name(), err)
			}
			if got.Method != forecaster.Name() {
				t.Fatalf("%s calls itself %s", forecaster.Name(), got.Method)
			}
			sane(t, history, o, got)
		}
	})
}
