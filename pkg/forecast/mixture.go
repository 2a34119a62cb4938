package forecast

import (
	"cmp"
	"sync"
)

// Mixture is the forecaster of the product: a weighted mixture of cheap empirical distributions.
//
// Every member answers "which values are to be expected at that step?" with a distribution made of values that were measured: those
// of the last hours, those of the same time on earlier days or weeks, or one of these moved to where the level is now. The members'
// shares are learnt for each series and each part of the horizon by replaying the last days (rolling origins) and moving weight
// towards the members that would have had the smaller continuous ranked probability score. Last, the quantiles are calibrated
// per part of the horizon: the levels that the mixture gave to what then happened (distributional conformal prediction) say which
// level to read off.
//
// Why distributions and not point forecasts with errors around them: loads of virtual machines sit near an idle level and leave
// it now and then. The mean of methods is never right there; the median of a mixture is. It also cannot diverge, since it has no
// place beyond the measured range and a margin, and it needs no assumption on noise.
//
// The zero value is not usable; see [New] and [Ablation].
type Mixture struct {
	name  string
	kinds kind
}

var _ Forecaster = (*Mixture)(nil)

// New returns the forecaster with all members.
func New() *Mixture { return &Mixture{name: "mixture", kinds: allKinds} }

// Ablation returns the same forecaster with some members only, for back-tests that ask what a member is worth.
func Ablation(part Part) *Mixture {
	return &Mixture{name: "mixture-" + string(part), kinds: cmp.Or(partKinds[part], allKinds)}
}

// Part names a group of members.
type Part string

// The parts. Recent knows the last hours to days, Profile the time of day and of the week, Shifted both, moved to the present level.
const (
	Recent  Part = "recent"
	Profile Part = "profile"
	Shifted Part = "shifted"
)

var partKinds = map[Part]kind{Recent: recentKind, Profile: slotKind | weekKind, Shifted: seasonKind | walkKind | dayKind}

// Name implements [Forecaster].
func (x *Mixture) Name() string { return x.name }

// workspaces are reused: a forecast needs a few hundred kilobytes of scratch memory, thousands of forecasts need no more.
var workspaces = sync.Pool{New: func() any { return new(workspace) }}

// mostSeasons bounds what is looked at: what lies longer back says nothing about tomorrow, and work is bounded so.
const mostSeasons = 42

// Forecast implements [Forecaster].
func (x *Mixture) Forecast(history Series, o Options) (Forecast, error) {
	o, err := o.withDefaults(history.Step)
	if err != nil {
		return Forecast{}, err
	}
	if err := history.check(); err != nil {
		return Forecast{}, err
	}
	f := newForecast(x.name, history, o)
	f.Measured = history.Measured()
	f.Filled = len(history.Values) - f.Measured
	f.Cold = coldness(f.Measured, o)
	if f.Cold == ColdEmpty {
		if o.Prior == nil {
			return Forecast{}, ErrNoHistory
		}
		f.Season.Steps, f.Trend.Direction = o.Season, Unknown
		f.fromPrior(o)
		return f, nil
	}
	y := history.Values
	if most := mostSeasons * o.Season; len(y) > most {
		y = y[len(y)-most:]
	}
	w := workspaces.Get().(*workspace)
	defer workspaces.Put(w)
	kinds := x.kinds
	if len(y) < o.Season {
		kinds |= recentKind // before the first day is over, nothing repeats yet
	}
	w.prepare(y, o, kinds)
	w.learn()
	w.read(&f, o)
	f.explain(w, history, o)
	if f.Measured < established*o.Season {
		f.widen(y, o)
	}
	f.Width = f.width()
	return f, nil
}

func (f *Forecast) width() float64 {
	sum := 0.0
	for _, p := range f.Points {
		sum += (p.Values[len(p.Values)-1] - p.Values[0]) / float64(len(f.Points))
	}
	return sum
}
