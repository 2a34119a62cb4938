// Package backtest measures forecasters on series whose future is known.
//
// It owns the protocol (where forecasts start, what they see), the scores, and the loaders of the public data sets. It knows no
// particular forecaster and holds no data. Equal inputs give equal scores.
//
// The protocol: half-hour values, a season m and a horizon of one day. Forecasts start at 7 m, 7 m + m/2, 7 m + m, … as long as
// a whole horizon follows; each sees the last 30 days before its start and nothing after it. A series of fewer than 8 days gives
// none.
package backtest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"proviso.dev/pkg/forecast"
)

// Named is a series with its name.
type Named struct {
	Name   string
	Series forecast.Series
}

// quantiles are those that the weighted quantile loss is taken over, and those of WQL3.
var (
	quantiles = []float64{0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95}
	nine      = quantiles[1:10]
	three     = []float64{0.05, 0.5, 0.95}
)

// Protocol is where forecasts start, what they see and how far they look, all in steps of the series.
type Protocol struct {
	Season  int // of a day
	Horizon int // of each forecast
	First   int // the first start; a season at least
	Every   int // from one start to the next
	History int // that a forecast sees at most
}

// The protocols: a day ahead is what is scored; a week ahead takes the same starts once a day.
var (
	Day  = Protocol{Season: 48, Horizon: 48, First: 7 * 48, Every: 24, History: 30 * 48}
	Week = Protocol{Season: 48, Horizon: 7 * 48, First: 7 * 48, Every: 48, History: 30 * 48}
)

// Cold is the protocol of a day for a guest of whom only a few values are known.
func Cold(values int) Protocol {
	p := Day
	p.History = values
	return p
}

// leastRatio keeps one series without error from making the geometric mean zero.
const leastRatio = 0.001

// Report is what a forecaster scored on a set.
type Report struct {
	Method   string
	Origins  int
	RelMAE   float64 // geometric mean over series of MAE relative to the seasonal naive forecast
	WQL      float64 // weighted quantile loss over the quantiles 0.1 … 0.9
	WQL3     float64 // the same over 0.05, 0.5, 0.95
	MeanWQL  float64 // mean over series of their own WQL, so that large machines do not dominate
	MASE     float64 // median over series
	Coverage float64 // share of values at or below P95
	Lower    float64 // share of values below P05
	Series   []Score // the worst relative error first

	results []result
}

// result is what came of one series.
type result struct {
	name string
	sums
}

// Least is the lowest coverage of a single series; 1 of none.
func (r Report) Least() float64 {
	least := 1.0
	for _, s := range r.Series {
		least = min(least, s.Coverage)
	}
	return least
}

// Score is what a forecaster scored on one series.
type Score struct {
	Name     string
	Origins  int
	MAE      float64
	RelMAE   float64 // NaN: the seasonal naive forecast makes no error, so nothing can be said
	WQL      float64
	MASE     float64 // NaN: the last history repeats itself exactly
	Coverage float64
	Causes   Causes
}

// Causes says which share of the absolute error came from what. The shares add up to 1.
type Causes struct {
	Level  float64 // the whole day was higher or lower than forecast
	Spikes float64 // single values far outside of what the history holds
	Shape  float64 // the rest: what happened came at another time, or was noise
}

// sums of one series.
type sums struct {
	loss      [11]float64
	abs       float64
	err       float64
	naive     float64
	covered   int
	below     int
	values    int
	scaled    float64
	scales    int
	lastScale float64
	level     float64
	spikes    float64
	origins   int
}

// Run measures a forecaster on a set by a protocol.
func Run(f forecast.Forecaster, set []Named, p Protocol) (Report, error) {
	var results []result
	for _, named := range set {
		one, err := runSeries(f, named.Series, p)
		if err != nil {
			return Report{}, fmt.Errorf("forecast %s: %w", named.Name, err)
		}
		if one.origins > 0 {
			results = append(results, result{named.Name, one})
		}
	}
	return summarise(f.Name(), results), nil
}

// Half is the report over a random half of the series, the same for the same seed. What helps in most halves is not fitted to
// single series.
func (r Report) Half(seed uint64) Report {
	random := rand.New(rand.NewPCG(seed, 0))
	half := slices.Clone(r.results)
	random.Shuffle(len(half), func(i, j int) { half[i], half[j] = half[j], half[i] })
	return summarise(r.Method, half[:(len(half)+1)/2])
}

func summarise(method string, results []result) Report {
	report := Report{Method: method, results: results}
	var all sums
	var logs, wqls float64
	var ratios, weighed int
	var mases []float64
	for _, one := range results {
		score := one.score(one.name)
		report.Series = append(report.Series, score)
		all.add(one.sums)
		if !math.IsNaN(score.RelMAE) {
			logs += math.Log(max(score.RelMAE, leastRatio))
			ratios++
		}
		if !math.IsNaN(score.MASE) {
			mases = append(mases, score.MASE)
		}
		if one.abs > 0 {
			wqls += score.WQL
			weighed++
		}
	}
	report.Origins = all.origins
	report.WQL, report.WQL3, report.MeanWQL = all.wql(nine), all.wql(three), wqls/float64(weighed)
	report.Coverage, report.Lower = float64(all.covered)/float64(all.values), float64(all.below)/float64(all.values)
	report.RelMAE = math.Exp(logs / float64(ratios))
	report.MASE = median(mases)
	slices.SortStableFunc(report.Series, func(a, b Score) int {
		switch {
		case a.RelMAE > b.RelMAE || math.IsNaN(b.RelMAE):
			return -1
		case a.RelMAE < b.RelMAE || math.IsNaN(a.RelMAE):
			return 1
		}
		return 0
	})
	return report
}

func runSeries(f forecast.Forecaster, s forecast.Series, p Protocol) (sums, error) {
	var one sums
	o := forecast.Options{Horizon: p.Horizon, Season: p.Season, Quantiles: quantiles}
	for origin := p.First; origin+p.Horizon <= len(s.Values); origin += p.Every {
		past := s.Slice(max(0, origin-p.History), origin)
		out, err := f.Forecast(past, o)
		if errors.Is(err, forecast.ErrNoHistory) {
			continue // a short history may lie in a gap
		}
		if err != nil {
			return one, err
		}
		// The yardsticks know a week at least, even where the forecaster is shown less.
		known := s.Values[max(0, origin-max(p.History, p.First)):origin]
		one.count(known, s.Values[origin:origin+p.Horizon], p.Season, out)
	}
	return one, nil
}

// count adds one forecast.
func (s *sums) count(past, future []float64, season int, out forecast.Forecast) {
	n := len(past)
	abs, signed, naive, spikes := 0.0, 0.0, 0.0, 0.0
	low, high := fences(past)
	for h, y := range future {
		for k, q := range quantiles {
			f := out.At(h, q)
			if y > f {
				s.loss[k] += 2 * q * (y - f)
			} else {
				s.loss[k] += 2 * (1 - q) * (f - y)
			}
		}
		e := y - out.At(h, 0.5)
		abs += math.Abs(e)
		if y < low || y > high {
			spikes += math.Abs(e)
		} else {
			signed += e
		}
		naive += math.Abs(y - past[n-season+h%season])
		s.abs += math.Abs(y)
		if y <= out.At(h, 0.95) {
			s.covered++
		}
		if y < out.At(h, 0.05) {
			s.below++
		}
		s.values++
	}
	s.err += abs
	s.naive += naive
	s.spikes += spikes
	s.level += math.Min(math.Abs(signed), abs-spikes)
	s.origins++
	scale := 0.0
	for i := season; i < n; i++ {
		scale += math.Abs(past[i] - past[i-season])
	}
	scale /= float64(n - season)
	s.lastScale = scale
	if scale > 0 {
		s.scaled += abs / float64(len(future)) / scale
		s.scales++
	}
}

func (s *sums) add(o sums) {
	for k := range s.loss {
		s.loss[k] += o.loss[k]
	}
	s.abs += o.abs
	s.err += o.err
	s.covered += o.covered
	s.below += o.below
	s.values += o.values
	s.origins += o.origins
}

func (s *sums) wql(over []float64) float64 {
	total := 0.0
	for _, q := range over {
		total += s.loss[slices.Index(quantiles, q)] / float64(len(over))
	}
	return total / s.abs
}

func (s *sums) score(name string) Score {
	score := Score{
		Name: name, Origins: s.origins, MAE: s.err / float64(s.values), WQL: s.wql(nine),
		Coverage: float64(s.covered) / float64(s.values), RelMAE: math.NaN(), MASE: math.NaN(),
	}
	if s.naive > 0 && s.lastScale > 0 {
		score.RelMAE = s.err / s.naive
	}
	if s.scales > 0 {
		score.MASE = s.scaled / float64(s.scales)
	}
	if s.err > 0 {
		score.Causes = Causes{Level: s.level / s.err, Spikes: s.spikes / s.err, Shape: (s.err - s.level - s.spikes) / s.err}
	}
	return score
}

// fences are the 1 % and 99 % quantiles of the history: a value beyond them is a spike to a forecaster who knows only that.
func fences(past []float64) (low, high float64) {
	sorted := slices.Clone(past)
	slices.Sort(sorted)
	return sorted[len(sorted)/100], sorted[len(sorted)-1-len(sorted)/100]
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
