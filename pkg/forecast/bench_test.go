package forecast_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"proviso.dev/pkg/forecast"
)

// month is 30 days of half hours with a daily shape, noise and bursts.
func month(seed uint64) forecast.Series {
	r := rand.New(rand.NewPCG(seed, 1))
	values := make([]float64, 30*48)
	for i := range values {
		values[i] = 40 + 20*math.Sin(2*math.Pi*float64(i)/48) + 5*r.NormFloat64()
		if r.IntN(50) == 0 {
			values[i] += 30
		}
	}
	return halfHours(values...)
}

// One forecast from a month of history. 5,000 guests with two metrics in 5 s on two cores are 1 ms each.
func BenchmarkForecast(b *testing.B) {
	for name, horizon := range map[string]int{"Day": 48, "Week": 336} {
		b.Run(name, func(b *testing.B) {
			history := month(1)
			f := forecast.New()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Forecast(history, forecast.Options{Horizon: horizon}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
