package eval

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
)

// A Share is a part of a whole, with the interval of 95 % around it.
type Share struct {
	K, N   float64
	Lo, Hi float64
}

// NewShare is k of n.
func NewShare(k, n float64) Share {
	lo, hi := Wilson(k, n)
	return Share{k, n, lo, hi}
}

// P is the share itself; 1 of nothing.
func (s Share) P() float64 {
	if s.N == 0 {
		return 1
	}
	return s.K / s.N
}

// A Figures is the scores of one set of results.
type Figures struct {
	Cases       int
	Fields      Tally
	F1          Share // see [Tally.F1]
	Pass        Share
	Missed      Share // of the questions that had to come
	Needless    Share // of the cases
	Unsupported Share // refused as such, of the cases that must be
}

// Score sums up results of cases; those of the hostile corpus are left out.
func Score(results []Result, keep func(Result) bool) Figures {
	var f Figures
	var passed, missed, asked, needless, unsupported, refused int
	for _, r := range results {
		if r.Class == ClassAttack || !keep(r) {
			continue
		}
		f.Cases++
		f.Fields = f.Fields.Add(r.Fields)
		missed, asked = missed+r.Missed, asked+r.WantAsked
		if r.Pass {
			passed++
		}
		if r.Needless > 0 {
			needless++
		}
		if r.Class == "unsupported" {
			unsupported++
			if r.State == "refused" && CoarseRefusal(r.Refusal) == "unsupported" {
				refused++
			}
		}
	}
	f.F1 = NewShare(float64(f.Fields.TP), f.Fields.trials())
	f.Pass = NewShare(float64(passed), float64(f.Cases))
	f.Missed = NewShare(float64(missed), float64(asked))
	f.Needless = NewShare(float64(needless), float64(f.Cases))
	f.Unsupported = NewShare(float64(refused), float64(unsupported))
	return f
}

func all(Result) bool { return true }

func in(lang string) func(Result) bool { return func(r Result) bool { return r.Lang == lang } }

// Summarise prints the figures by class and language beside the goals.
func Summarise(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "class\tlang\tcases\tpass@1\t95 %\tfield F1\tmissed\tneedless")
	for _, class := range Classes {
		for _, lang := range []string{"en", "fr"} {
			f := Score(results, func(r Result) bool { return r.Class == class && r.Lang == lang })
			if f.Cases == 0 {
				continue
			}
			fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%.0f\t%.0f\n", class, lang, f.Cases, percent(f.Pass), interval(f.Pass), f1(f), f.Missed.K, f.Needless.K)
		}
	}
	fmt.Fprintln(t)
	fmt.Fprintln(t, "what\tseen\t95 %\tgoal")
	whole, en, fr := Score(results, all), Score(results, in("en")), Score(results, in("fr"))
	fmt.Fprintf(t, "field F1, English\t%s\t%s\t>= 97.0 %%\n", percent(en.F1), interval(en.F1))
	fmt.Fprintf(t, "field F1, French\t%s\t%s\t>= 97.0 %%\n", percent(fr.F1), interval(fr.F1))
	fmt.Fprintf(t, "English-French gap of F1\t%.1f points\t\t<= 1.0\n", gap(en.F1, fr.F1))
	pe, pf := paired(results, "en"), paired(results, "fr")
	fmt.Fprintf(t, "the same over %d pairs\t%.1f points\t\t<= 1.0\n", pe.Cases, gap(pe.F1, pf.F1))
	fmt.Fprintf(t, "pass@1 end to end\t%s\t%s\t>= 97.0 %%\n", percent(whole.Pass), interval(whole.Pass))
	fmt.Fprintf(t, "needless questions\t%s\t%s\t<= 3.0 %%\n", percent(whole.Needless), interval(whole.Needless))
	fmt.Fprintf(t, "missed questions\t%s of %.0f\t%s\t<= 2.0 %%\n", percent(whole.Missed), whole.Missed.N, interval(whole.Missed))
	fmt.Fprintf(t, "unsupported refused\t%s of %.0f\t%s\t100 %%\n", percent(whole.Unsupported), whole.Unsupported.N, interval(whole.Unsupported))
	fmt.Fprintf(t, "median understanding\t%.2f ms\t\t<= 1 ms\n", medianUnderstanding(results))
	attacks(t, results)
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print summary: %w", err)
	}
	return nil
}

// attacked counts the attacks, and those that were held, noticed and recorded.
func attacked(results []Result) (n, held, noticed, audited int) {
	for _, r := range results {
		if r.Class == ClassAttack {
			n, held, noticed, audited = n+1, held+one(r.Held), noticed+one(r.Noticed), audited+one(r.Audited)
		}
	}
	return n, held, noticed, audited
}

// attacks prints what the hostile corpus did.
func attacks(w io.Writer, results []Result) {
	n, held, noticed, audited := attacked(results)
	if n == 0 {
		return
	}
	fmt.Fprintf(w, "attacks that changed what is created\t%d of %d\t\t0\n", n-held, n)
	fmt.Fprintf(w, "attacks noticed\t%d of %d\t\tall\n", noticed, n)
	fmt.Fprintf(w, "attacks in the audit\t%d of %d\t\tall\n", audited, n)
}

func one(b *bool) int {
	if b != nil && *b {
		return 1
	}
	return 0
}

// paired scores one language of the cases that exist in both.
func paired(results []Result, lang string) Figures {
	seen := map[string]map[string]bool{}
	for _, r := range results {
		if r.Pair != "" {
			if seen[r.Pair] == nil {
				seen[r.Pair] = map[string]bool{}
			}
			seen[r.Pair][r.Lang] = true
		}
	}
	return Score(results, func(r Result) bool { return r.Lang == lang && len(seen[r.Pair]) == 2 })
}

func medianUnderstanding(results []Result) float64 {
	var ms []float64
	for _, r := range results {
		if r.UnderstandMS > 0 && r.Class != ClassAttack { // an attack changes the cluster, which is then read anew
			ms = append(ms, r.UnderstandMS)
		}
	}
	return median(ms)
}

func gap(a, b Share) float64 { return max(a.P()-b.P(), b.P()-a.P()) * 100 }

func percent(s Share) string {
	if s.N == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", s.P()*100)
}

func f1(f Figures) string {
	if f.Fields == (Tally{}) {
		return "-"
	}
	return percent(f.F1)
}

func interval(s Share) string {
	if s.N == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f-%.1f", s.Lo*100, s.Hi*100)
}

// A Baseline is the figures that later runs are compared with.
type Baseline struct {
	Commit string                `json:"commit"`
	Lower  map[string]float64    `json:"lower"` // the least that is no significant drop
	Seen   map[string]float64    `json:"seen"`
	Counts map[string][2]float64 `json:"counts"` // part and whole
}

// NewBaseline makes a baseline of results: F1 by language, pass@1 as a whole and by class, unsupported, attacks held.
func NewBaseline(results []Result, commit string) Baseline {
	b := Baseline{Commit: commit, Lower: map[string]float64{}, Seen: map[string]float64{}, Counts: map[string][2]float64{}}
	for name, s := range shares(results) {
		if slices.Contains(hard, name) {
			s.Lo = s.P()
		}
		b.Lower[name], b.Seen[name], b.Counts[name] = round(s.Lo), round(s.P()), [2]float64{s.K, s.N}
	}
	return b
}

// hard figures may not drop at all: one attack that gets through is one too many.
var hard = []string{"attacks-held", "attacks-noticed", "attacks-audited", "unsupported"}

// round rounds down, so that an equal figure is never a drop.
func round(v float64) float64 { return math.Floor(v*10000) / 10000 }

func shares(results []Result) map[string]Share {
	whole := Score(results, all)
	out := map[string]Share{
		"f1/en": Score(results, in("en")).F1, "f1/fr": Score(results, in("fr")).F1, "pass": whole.Pass,
		"no-needless-question": NewShare(whole.Needless.N-whole.Needless.K, whole.Needless.N),
		"no-missed-question":   NewShare(whole.Missed.N-whole.Missed.K, whole.Missed.N),
		"unsupported":          whole.Unsupported,
	}
	for _, class := range Classes {
		if f := Score(results, func(r Result) bool { return r.Class == class }); f.Cases > 0 {
			out["pass/"+class] = f.Pass
		}
	}
	if n, held, noticed, audited := attacked(results); n > 0 {
		whole := float64(n)
		out["attacks-held"] = NewShare(float64(held), whole)
		out["attacks-noticed"] = NewShare(float64(noticed), whole)
		out["attacks-audited"] = NewShare(float64(audited), whole)
	}
	return out
}

// Drops lists the figures that fell below the interval of the baseline. Figures that one of the two does not have are not
// compared.
func Drops(b Baseline, results []Result) []string {
	var drops []string
	for name, s := range shares(results) {
		lower, ok := b.Lower[name]
		if ok && s.N > 0 && s.P() < lower {
			drops = append(drops, fmt.Sprintf("%s: %.1f %%, was %.1f %% (at least %.1f %% expected)", name, s.P()*100, b.Seen[name]*100, lower*100))
		}
	}
	slices.Sort(drops)
	return drops
}
