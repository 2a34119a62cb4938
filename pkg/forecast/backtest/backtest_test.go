package backtest

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/forecast/synthetic"
)

// flat forecasts the same value for every quantile and step.
func flat(name string, value func(s forecast.Series, step int) float64) forecast.Func {
	return forecast.Func{Method: name, Run: func(s forecast.Series, o forecast.Options) (forecast.Forecast, error) {
		f := forecast.Forecast{Quantiles: o.Quantiles}
		for h := range o.Horizon {
			p := forecast.Point{Time: s.At(len(s.Values) + h)}
			for range o.Quantiles {
				p.Values = append(p.Values, value(s, h))
			}
			f.Points = append(f.Points, p)
		}
		return f, nil
	}}
}

// eightDays is 20 by day one, 22 by day two and so on: repeating the day before always misses by 2.
func eightDays() []Named {
	values := make([]float64, 8*48)
	for i := range values {
		values[i] = 20 + 2*float64(i/48)
	}
	return []Named{{"stairs", forecast.Series{Start: synthetic.Trace{}.Generate(0).Start, Step: Step, Values: values}}}
}

// The scores of forecasts whose errors can be counted by hand: the eighth day is 34, one origin.
//
// Shows: T-3.2-05
func TestScoresByHand(t *testing.T) {
	tests := map[string]struct {
		reason string
		f      forecast.Forecaster
		want   Report
	}{
		"Oracle": {
			"Who knows the future makes no error; the geometric mean still has a floor.",
			flat("oracle", func(forecast.Series, int) float64 { return 34 }),
			Report{Method: "oracle", Origins: 1, RelMAE: 0.001, Coverage: 1},
		},
		"Repeat": {
			"Repeating the last value misses by 2, as the naive forecast does. Each quantile q loses 2 q 2; the nine q average 0.5.",
			flat("repeat", func(s forecast.Series, _ int) float64 { return s.Values[len(s.Values)-1] }),
			Report{Method: "repeat", Origins: 1, RelMAE: 1, WQL: 2. / 34, WQL3: 2. / 34, MeanWQL: 2. / 34, MASE: 1, Lower: 0},
		},
		"Above": {
			"One too much everywhere: half of the naive error, covered by every quantile, each losing 2 (1 - q) 1; below P05 always.",
			flat("above", func(forecast.Series, int) float64 { return 35 }),
			Report{Method: "above", Origins: 1, RelMAE: 0.5, WQL: 1. / 34, WQL3: 1. / 34, MeanWQL: 1. / 34, MASE: 0.5, Coverage: 1, Lower: 1},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Run(tt.f, eightDays(), Day)
			if err != nil {
				t.Fatal(err)
			}
			close := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
			got.Series, got.results = nil, nil
			if diff := cmp.Diff(tt.want, got, close, cmp.AllowUnexported(Report{})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

// Forecasters are compared on the same series, origins and scores: the product's, the yardstick, its parts, and whatever else can be
// written as a function, such as what a model answers. The best wins by its figures, not by its name.
//
// Shows: T-3.2-05, T-2.3.3-02
func TestForecastersSideBySide(t *testing.T) {
	var office, shifting []Named
	for seed := range uint64(3) {
		office = append(office, Named{"office", synthetic.Classes()["office"].Generate(seed)})
		shifting = append(shifting, Named{"walk", synthetic.Classes()["filling"].Generate(seed)})
	}
	// The model was told that machines are idle at night and busy by day, and not how busy this one is.
	model := flat("model", func(s forecast.Series, step int) float64 {
		if hour := s.At(len(s.Values) + step).Hour(); hour >= 7 && hour < 19 {
			return 60
		}
		return 5
	})
	mae := map[string][2]float64{}
	for _, f := range []forecast.Forecaster{forecast.New(), forecast.SeasonalNaive{}, model, forecast.Ablation(forecast.Recent), forecast.Ablation(forecast.Profile)} {
		a, err := Run(f, office, Day)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Run(f, shifting, Day)
		if err != nil {
			t.Fatal(err)
		}
		mae[f.Name()] = [2]float64{a.RelMAE, b.RelMAE}
	}
	product := mae["mixture"]
	for name, other := range mae {
		if name == "mixture" {
			continue
		}
		// On either kind one part alone may be as good; on both, only the combination is.
		if product[0] > 1.05*other[0] || product[1] > 1.05*other[1] {
			t.Errorf("%s does better than the product's: %v against %v", name, other, product)
		}
	}
	if recent, profile := mae["mixture-recent"], mae["mixture-profile"]; recent[0] < profile[0] || profile[1] < recent[1] {
		t.Errorf("an office asks for the profile, what fills for the last hours: %v, %v", recent, profile)
	}
}

// A forecaster sees 30 days before each origin, and nothing after it.
func TestForecastersSeeThePastOnly(t *testing.T) {
	s := synthetic.Trace{Base: 10, Noise: 1, Length: 40 * 48}.Generate(1)
	var ends []int
	spy := forecast.Func{Method: "spy", Run: func(past forecast.Series, o forecast.Options) (forecast.Forecast, error) {
		end := int(past.At(len(past.Values)).Sub(s.Start) / Step)
		ends = append(ends, end)
		if len(past.Values) != min(end, 30*48) || cap(past.Values) != len(past.Values) {
			t.Errorf("at %d it sees %d values, and could see %d", end, len(past.Values), cap(past.Values))
		}
		return forecast.SeasonalNaive{}.Forecast(past, o)
	}}
	if _, err := Run(spy, []Named{{"one", s}, {"short", s.Slice(0, 8*48-1)}}, Day); err != nil {
		t.Fatal(err)
	}
	var want []int
	for o := 7 * 48; o+48 <= 40*48; o += 24 {
		want = append(want, o)
	}
	if diff := cmp.Diff(want, ends); diff != "" {
		t.Errorf("origins (-want +got):\n%s", diff)
	}
}

// The worst series comes first, and its error is laid to what caused it.
//
// Shows: T-2.3.4-03
func TestWorstSeriesAndTheirCauses(t *testing.T) {
	trace := synthetic.Trace{Base: 20, Noise: 1, Length: 9 * 48}
	calm := trace.Generate(1)
	level, spike := trace.Generate(1), trace.Generate(1)
	for i := 8 * 48; i < 9*48; i++ {
		level.Values[i] += 1.5
	}
	for i := 8*48 + 5; i < 9*48; i += 16 {
		spike.Values[i] += 400
	}
	got, err := Run(flat("twenty", func(forecast.Series, int) float64 { return 20 }), []Named{{"calm", calm}, {"level", level}, {"spike", spike}}, Day)
	if err != nil {
		t.Fatal(err)
	}
	causes := map[string]Causes{}
	for _, s := range got.Series {
		causes[s.Name] = s.Causes
		if sum := s.Causes.Level + s.Causes.Spikes + s.Causes.Shape; math.Abs(sum-1) > 1e-9 {
			t.Errorf("causes of %s add up to %v", s.Name, sum)
		}
	}
	if c := causes["spike"]; c.Spikes < 0.8 {
		t.Errorf("spikes: %+v", c)
	}
	if c := causes["level"]; c.Level < causes["calm"].Level+0.2 {
		t.Errorf("a day on another level: %+v, a calm one: %+v", c, causes["calm"])
	}
	for i := 1; i < len(got.Series); i++ {
		if got.Series[i-1].RelMAE < got.Series[i].RelMAE {
			t.Errorf("%s stands before %s", got.Series[i-1].Name, got.Series[i].Name)
		}
	}
	var b bytes.Buffer
	if err := errors.Join(Print(&b, got), PrintWorst(&b, got, 1)); err != nil || !strings.Contains(b.String(), "twenty") || strings.Count(b.String(), "\n") != 4 {
		t.Errorf("%v:\n%s", err, &b)
	}
}

// Series that repeat themselves exactly say nothing about relative errors; they must not spoil the rest.
func TestSeriesWithoutError(t *testing.T) {
	constant := forecast.Series{Step: Step, Values: make([]float64, 9*48)}
	got, err := Run(forecast.New(), append(eightDays(), Named{"constant", constant}), Day)
	if err != nil {
		t.Fatal(err)
	}
	if math.IsNaN(got.RelMAE) || math.IsNaN(got.WQL) || math.IsNaN(got.MASE) || len(got.Series) != 2 {
		t.Errorf("%+v", got)
	}
	if last := got.Series[1]; last.Name != "constant" || !math.IsNaN(last.RelMAE) || last.MAE != 0 {
		t.Errorf("%+v", last)
	}
}

func TestHalvesReplay(t *testing.T) {
	var set []Named
	for seed := range uint64(6) {
		set = append(set, Named{string(rune('a' + seed)), synthetic.Trace{Base: 20, Noise: 3, Length: 9 * 48}.Generate(seed)})
	}
	all, err := Run(forecast.SeasonalNaive{}, set, Day)
	if err != nil {
		t.Fatal(err)
	}
	if got := all.Half(1); len(got.Series) != 3 || !cmp.Equal(got.Series, all.Half(1).Series) {
		t.Errorf("half of six is three, the same each time: %+v", got.Series)
	}
}

// Few values give intervals that hold as well; what was measured decides how wide they are.
//
// Shows: T-2.3.4-01
func TestColdIntervals(t *testing.T) {
	var set []Named
	for name, trace := range synthetic.Classes() {
		trace.Length = 14 * 48
		set = append(set, Named{name, trace.Generate(5)})
	}
	for _, values := range []int{3, 20, 96, 200} {
		got, err := Run(forecast.New(), set, Cold(values))
		if err != nil {
			t.Fatal(err)
		}
		if got.Coverage < 0.9 {
			t.Errorf("from %d values P95 covers %.1f %%", values, 100*got.Coverage)
		}
	}
}

// The goals of the product on the public series: what the forecaster must reach.
//
// Shows: T-2.3.4-02
func TestPublicSeries(t *testing.T) {
	data := os.Getenv("PROVISO_DATA")
	if data == "" {
		t.Skip("PROVISO_DATA does not name the folder of the public series")
	}
	nab, err := LoadNAB(filepath.Join(data, "nab"), false)
	if err != nil {
		t.Fatal(err)
	}
	bitbrains, err := LoadBitbrains(filepath.Join(data, "bitbrains", "cpu_5min.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	wild, err := LoadNAB(filepath.Join(data, "nab"), true)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		set             []Named
		series, origins int
		mae, wql        float64
	}{
		"NAB":       {nab, 5, 65, 0.67, 0.135},
		"Bitbrains": {bitbrains, 23, 996, 0.82, 0.53},
		"Wild":      {wild, 9, 0, 1, 1}, // disks and networks: it must beat the yardstick
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Run(forecast.New(), tt.set, Day)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Series) > tt.series || tt.origins > 0 && (len(got.Series) != tt.series || got.Origins != tt.origins) {
				t.Errorf("the protocol has %d series and %d origins, got %d and %d", tt.series, tt.origins, len(got.Series), got.Origins)
			}
			if got.RelMAE > tt.mae || got.WQL > tt.wql {
				t.Errorf("rel. MAE %.3f, want at most %v; WQL %.3f, want at most %v", got.RelMAE, tt.mae, got.WQL, tt.wql)
			}
			if tt.origins > 0 && (got.Coverage < 0.93 || got.Coverage > 0.97 || got.Least() < 0.85) {
				t.Errorf("P95 covers %.3f, the least %.3f", got.Coverage, got.Least())
			}
		})
	}
}
