package forecast_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/forecast/synthetic"
)

func mustForecast(t *testing.T, f forecast.Forecaster, s forecast.Series, o forecast.Options) forecast.Forecast {
	t.Helper()
	got, err := f.Forecast(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What is known to come comes: a steady day is repeated, a level that lasts is kept, an idle machine is not frightened by its bursts.
func TestForecastsWhatRepeats(t *testing.T) {
	day := func(i int) float64 {
		if i%48 >= 16 && i%48 < 36 {
			return 60
		}
		return 20
	}
	tests := map[string]struct {
		reason string
		value  func(i int) float64
		want   func(i int) float64
	}{
		"Constant": {"Nothing changes.", func(int) float64 { return 7 }, func(int) float64 { return 7 }},
		"Day":      {"The same day again and again.", day, day},
		"Level": {
			"The level went up for good two days ago.",
			func(i int) float64 {
				if i >= 28*48 {
					return 50 + float64(i%3)
				}
				return 10 + float64(i%3)
			},
			func(int) float64 { return 51 },
		},
		"Bursts": {
			"One value in twenty is enormous; the middle is idle.",
			func(i int) float64 {
				if i%20 == 7 {
					return 1000
				}
				return 2
			},
			func(int) float64 { return 2 },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			values := make([]float64, 30*48)
			for i := range values {
				values[i] = tt.value(i)
			}
			for _, horizon := range []int{48, 336} {
				got := mustForecast(t, forecast.New(), halfHours(values...), forecast.Options{Horizon: horizon})
				for h := range got.Points {
					if want := tt.want(len(values) + h); math.Abs(got.At(h, 0.5)-want) > 0.05*want {
						t.Fatalf("%s step %d of %d: want %v, got %v", tt.reason, h, horizon, want, got.At(h, 0.5))
					}
				}
			}
		})
	}
}

// A forecast for the classes of load: every interval holds about as many values as it says, in the sum over the seeds.
//
// Shows: T-2.3.4-02, T-2.2.4-03, T-2.4.1-01
func TestIntervalsHoldOnEveryClass(t *testing.T) {
	for name, trace := range synthetic.Classes() {
		t.Run(name, func(t *testing.T) {
			inside, below, total := 0, 0, 0
			for seed := range uint64(25) {
				trace.Length = 21*48 + 48
				s := trace.Generate(seed)
				got := mustForecast(t, forecast.New(), s.Slice(0, 21*48), forecast.Options{})
				sane(t, s.Slice(0, 21*48), forecast.Options{}, got)
				for h := range got.Points {
					y := s.Values[21*48+h]
					total++
					if y <= got.At(h, 0.95) {
						inside++
					}
					if y < got.At(h, 0.05) {
						below++
					}
				}
			}
			if share := float64(inside) / float64(total); share < 0.88 {
				t.Errorf("P95 holds %.1f %% of the values", 100*share)
			}
			if share := float64(below) / float64(total); share > 0.12 {
				t.Errorf("%.1f %% of the values lie below P05", 100*share)
			}
		})
	}
}

// Little history: no number out of nothing, wide intervals, and the reason.
//
// Shows: T-2.3.4-01
func TestColdStart(t *testing.T) {
	prior := &forecast.Prior{Quantiles: []float64{0.05, 0.5, 0.95}, Values: []float64{1, 10, 80}, Series: 40}
	long := synthetic.Trace{Base: 20, Noise: 2}.Generate(4)
	tests := map[string]struct {
		reason string
		points int
		prior  *forecast.Prior
		cold   forecast.Cold
		// least and most bound the width of the interval, in units of the level 20.
		least, most float64
	}{
		"Prior":       {"Nothing but like series: their values.", 0, prior, forecast.ColdEmpty, 78.9, 79.1},
		"One":         {"One value may be half or twice.", 1, nil, forecast.ColdPoints, 15, 60},
		"OnePrior":    {"One value counts little against like series.", 1, prior, forecast.ColdPoints, 60, 85},
		"Three":       {"Three values are hardly more.", 3, nil, forecast.ColdPoints, 8, 60},
		"Twenty":      {"Twenty values tell the level.", 20, nil, forecast.ColdPoints, 6, 40},
		"TwoDays":     {"Two days do not tell what repeats.", 96, nil, forecast.ColdSeason, 6, 20},
		"ThreeDays":   {"From three days on, the interval is what was measured.", 144, nil, "", 5, 12},
		"Established": {"A month.", 1440, nil, "", 5, 9},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := mustForecast(t, forecast.New(), long.Slice(0, tt.points), forecast.Options{Prior: tt.prior})
			if got.Cold != tt.cold {
				t.Errorf("%s want cold %q, got %q", tt.reason, tt.cold, got.Cold)
			}
			if got.Width < tt.least || got.Width > tt.most {
				t.Errorf("%s the interval is %v wide", tt.reason, got.Width)
			}
			if got.Measured != tt.points {
				t.Errorf("%d values were measured, got %d", tt.points, got.Measured)
			}
		})
	}
	for _, empty := range []forecast.Series{{Step: time.Hour}, {Step: time.Hour, Values: []float64{0}, Known: []bool{false}}} {
		if _, err := forecast.New().Forecast(empty, forecast.Options{}); !errors.Is(err, forecast.ErrNoHistory) {
			t.Errorf("nothing was measured and the forecast is: %v", err)
		}
	}
}

// Like series stand in where there is no history: each counts the same, gaps do not count.
//
// Shows: T-2.3.4-01
func TestPriorOfLikeSeries(t *testing.T) {
	low, high := make([]float64, 1000), make([]float64, 10)
	for i := range low {
		low[i] = 1
	}
	for i := range high {
		high[i] = 3
	}
	gappy := halfHours(3, 3, 900)
	gappy.Known = []bool{true, true, false}
	prior := forecast.PriorOf([]forecast.Series{halfHours(low...), halfHours(high...), gappy, halfHours()})
	if prior == nil || prior.Series != 3 {
		t.Fatalf("three series were measured: %+v", prior)
	}
	got := mustForecast(t, forecast.New(), forecast.Series{Start: start, Step: time.Hour}, forecast.Options{Prior: prior, Quantiles: []float64{0.3, 0.4, 0.99}})
	if diff := cmp.Diff([]float64{1, 3, 3}, got.Points[0].Values); diff != "" || got.Cold != forecast.ColdEmpty || len(got.Points) != 24 {
		t.Errorf("a third of the guests is low: %s", diff)
	}
	if forecast.PriorOf([]forecast.Series{halfHours()}) != nil {
		t.Error("nothing gives a prior")
	}
}

// Steps of a second and of a week are as good as half hours; the season of a second's steps must not cost gigabytes.
func TestStepsOfEveryLength(t *testing.T) {
	for _, step := range []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
		values := make([]float64, 3000)
		for i := range values {
			values[i] = 5 + float64(i%7)
		}
		s := forecast.Series{Start: start, Step: step, Values: values}
		sane(t, s, forecast.Options{}, mustForecast(t, forecast.New(), s, forecast.Options{Horizon: 1000}))
	}
}

func TestOptionsAreChecked(t *testing.T) {
	tests := map[string]struct {
		o    forecast.Options
		want error
	}{
		"Quantile":    {forecast.Options{Quantiles: []float64{0.5, 1}}, forecast.ErrOptions},
		"NaN":         {forecast.Options{Quantiles: []float64{math.NaN()}}, forecast.ErrOptions},
		"Bounds":      {forecast.Options{Minimum: 2, Maximum: 1}, forecast.ErrOptions},
		"Negative":    {forecast.Options{Horizon: -1}, forecast.ErrOptions},
		"Prior":       {forecast.Options{Prior: &forecast.Prior{Quantiles: []float64{0.5}}}, forecast.ErrOptions},
		"PriorOrder":  {forecast.Options{Prior: &forecast.Prior{Quantiles: []float64{0.1, 0.9}, Values: []float64{2, 1}}}, forecast.ErrOptions},
		"PriorNaN":    {forecast.Options{Prior: &forecast.Prior{Quantiles: []float64{0.5}, Values: []float64{math.NaN()}}}, forecast.ErrOptions},
		"HugeHorizon": {forecast.Options{Horizon: forecast.MaxHorizon + 1}, forecast.ErrTooLong},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, f := range []forecast.Forecaster{forecast.New(), forecast.SeasonalNaive{}, forecast.Func{}} {
				if _, err := f.Forecast(halfHours(1, 2, 3), tt.o); !errors.Is(err, tt.want) {
					t.Errorf("%T: want %v, got %v", f, tt.want, err)
				}
			}
		})
	}
}

func TestQuantilesAreThoseAskedFor(t *testing.T) {
	got := mustForecast(t, forecast.New(), month(3), forecast.Options{Horizon: 3, Quantiles: []float64{0.9, 0.1, 0.5}, Maximum: 61})
	if diff := cmp.Diff([]float64{0.1, 0.5, 0.9}, got.Quantiles); diff != "" {
		t.Error(diff)
	}
	wide := mustForecast(t, forecast.New(), month(3), forecast.Options{Horizon: 3, Quantiles: []float64{0.01, 0.1, 0.25, 0.5, 0.9, 0.99}, Maximum: 61})
	for i, p := range got.Points {
		for k, q := range got.Quantiles {
			if wide.At(i, q) != p.Values[k] {
				t.Errorf("quantile %v of step %d depends on what else is asked for: %v and %v", q, i, p.Values[k], wide.At(i, q))
			}
		}
		if between := got.At(i, 0.3); between <= p.Values[0] || between >= p.Values[1] {
			t.Errorf("0.3 lies between 0.1 and 0.5, got %v in %v", between, p.Values)
		}
	}
}

// Forecasts share scratch memory; that must not show.
func TestForecastsDoNotMix(t *testing.T) {
	want := make([]forecast.Forecast, 8)
	for i := range want {
		want[i] = mustForecast(t, forecast.New(), month(uint64(i)).Slice(0, 300+120*i), forecast.Options{Horizon: 24 + 40*i})
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range want {
				got, err := forecast.New().Forecast(month(uint64(i)).Slice(0, 300+120*i), forecast.Options{Horizon: 24 + 40*i})
				if err != nil || !cmp.Equal(want[i], got) {
					t.Errorf("forecast %d differs: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
}

// A model is one more forecaster, held to the same promises.
//
// Shows: T-3.2-05
func TestAnyFunctionIsAForecaster(t *testing.T) {
	model := func(values ...float64) forecast.Func {
		return forecast.Func{Method: "model", Run: func(s forecast.Series, o forecast.Options) (forecast.Forecast, error) {
			return forecast.Forecast{Quantiles: o.Quantiles, Points: []forecast.Point{{Time: s.At(len(s.Values)), Values: values}}}, nil
		}}
	}
	got := mustForecast(t, model(9, -3, 200), halfHours(1), forecast.Options{Horizon: 1, Maximum: 100})
	if diff := cmp.Diff([]float64{0, 9, 100}, got.Points[0].Values); diff != "" || got.Method != "model" {
		t.Errorf("method %q, values are not put in order: %s", got.Method, diff)
	}
	if _, err := model(1, math.NaN(), 2).Forecast(halfHours(1), forecast.Options{Horizon: 1}); !errors.Is(err, forecast.ErrNotFinite) {
		t.Errorf("a model's NaN passes: %v", err)
	}
	if _, err := model(1).Forecast(halfHours(1), forecast.Options{Horizon: 1}); !errors.Is(err, forecast.ErrOptions) {
		t.Errorf("a model's missing quantiles pass: %v", err)
	}
}

// The explanation tells season, trend, change of level and what the forecast rests on.
//
// Shows: T-2.3.3-01, T-2.3.3-02
func TestExplanation(t *testing.T) {
	classes := synthetic.Classes()
	explain := func(name string) forecast.Forecast {
		return mustForecast(t, forecast.New(), classes[name].Generate(11), forecast.Options{})
	}
	t.Run("Season", func(t *testing.T) {
		office, noise := explain("office"), explain("unpredictable")
		if office.Season.Strength < 0.5 || office.Season.Weekly < 0.05 {
			t.Errorf("an office's week is not seen: %+v", office.Season)
		}
		if noise.Season.Strength > 0.1 || noise.Season.Weekly > 0.1 {
			t.Errorf("noise has no season: %+v", noise.Season)
		}
		if !(office.Error < office.NaiveError) || office.Error == 0 {
			t.Errorf("the record: %v against %v", office.Error, office.NaiveError)
		}
	})
	t.Run("Trend", func(t *testing.T) {
		got := explain("filling").Trend
		if got.Direction != forecast.Rising || math.Abs(got.PerDay-8) > 0.5 || got.Low > 8 || got.High < 8 {
			t.Errorf("8 a day: %+v", got)
		}
		if got := explain("idle").Trend; got.Direction != forecast.Steady {
			t.Errorf("an idle machine: %+v", got)
		}
		if got := mustForecast(t, forecast.New(), month(1).Slice(0, 100), forecast.Options{}).Trend; got.Direction != forecast.Unknown {
			t.Errorf("of two days: %+v", got)
		}
	})
	t.Run("Shift", func(t *testing.T) {
		got := explain("shifting").Shift
		if got == nil {
			t.Fatal("no shift was found")
		}
		want := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).Add(1100 * 30 * time.Minute)
		if d := got.Time.Sub(want).Abs(); d > 12*time.Hour || math.Abs(got.From-got.To-15) > 5 {
			t.Errorf("the level fell by 15 on %s, got %+v", want, got)
		}
		for _, name := range []string{"idle", "office", "bursty", "filling", "unpredictable", "nightly"} {
			if got := explain(name).Shift; got != nil {
				t.Errorf("%s has no shift, got %+v", name, got)
			}
		}
	})
	t.Run("Members", func(t *testing.T) {
		share := func(f forecast.Forecast, prefixes ...string) float64 {
			sum := 0.0
			for _, m := range f.Members {
				if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(m.Name, p) }) {
					sum += m.Weight
				}
			}
			return sum
		}
		recent, profile := []string{"last-", "level-"}, []string{"slot-", "week-", "usual-", "yesterday-"}
		wander := mustForecast(t, forecast.New(), randomWalk(5), forecast.Options{Horizon: 4})
		office := explain("office")
		if share(wander, recent...) < 0.7 || share(office, profile...) < 0.6 {
			t.Errorf("a random walk rests on what was last (%v), an office on its profile (%v)", wander.Members, office.Members)
		}
		near := mustForecast(t, forecast.New(), classes["shifting"].Generate(1), forecast.Options{Horizon: 4})
		far := mustForecast(t, forecast.New(), classes["shifting"].Generate(1), forecast.Options{Horizon: 48})
		if share(near, "last-hour", "last-half-day", "level-") <= share(far, "last-hour", "last-half-day", "level-") {
			t.Errorf("the next two hours rest on what was last more than the day does: %v, %v", near.Members, far.Members)
		}
	})
}

// randomWalk is a month that repeats nothing.
func randomWalk(seed uint64) forecast.Series {
	noise := synthetic.Trace{Base: 10, Noise: 1}.Generate(seed)
	level := 500.0
	for i, v := range noise.Values {
		level += v - 10
		noise.Values[i] = level
	}
	return noise
}
