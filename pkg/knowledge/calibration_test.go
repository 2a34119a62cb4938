package knowledge

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var calibrate = flag.Bool("calibrate", false, "fit leanings.txt and weights.go anew, and print what the search is worth on questions left out")

// How strongly weights are drawn to nought, and what becomes of them: each was chosen by the figures of questions left out.
const (
	leaningPenalty = 0.02
	answerPenalty  = 0.03
	signalPenalty  = 0.01
	// A leaning of less is left out of the file: nothing is lost by it.
	leastLeaning = 0.8
	// leaningShift makes up for there being fewer questions to read than to make something: a data source on the second place is
	// found, too.
	leaningShift = 0.7
	// olderCounts is how much a question of an older set counts in the weighing of signals.
	olderCounts = 0.4
)

// A trial is a question with what speaks for an answer to it, in an index that had not seen it.
type trial struct {
	knownQuestion
	example
}

// TestCalibration fits how words lean a question and how signals are weighed, and says what the search is worth on questions that
// were left out: each set of test/retrieval as a whole, askedText in parts. It writes files, so it runs only when it is asked for.
func TestCalibration(t *testing.T) {
	if !*calibrate {
		t.Skip("runs with -calibrate")
	}
	all := knownQuestions(t)
	var unseenFold [folds]*Index
	for fold := range unseenFold {
		unseenFold[fold] = newIndex(pagesAndNotes(t), conceptsText+withoutFold(all, fold))
		unseenFold[fold].leanings = fitBothLeanings(all, ofFold(fold))
	}
	unseenSet := make(map[string]*Index)
	for _, set := range slices.Concat(olderSets, newerSets) {
		unseenSet[set] = New(pagesAndNotes(t))
		unseenSet[set].leanings = fitBothLeanings(all, ofSet(set))
	}
	indexFor := func(k knownQuestion) *Index {
		if k.set == askedSet {
			return unseenFold[k.fold]
		}
		return unseenSet[k.set]
	}
	var trials []trial
	for _, k := range all {
		if e, ok := signalExample(indexFor(k), k); ok {
			trials = append(trials, trial{k, e})
		}
	}
	for fold, ix := range unseenFold {
		ix.weights = fitWeights(trials, ofFold(fold))
	}
	for set, ix := range unseenSet {
		ix.weights = fitWeights(trials, ofSet(set))
	}
	report(t, all, indexFor)

	nothing := func(knownQuestion) bool { return false }
	writeLeanings(t, fitBothLeanings(all, nothing))
	writeWeights(t, fitWeights(trials, nothing))
}

func ofFold(fold int) func(knownQuestion) bool {
	return func(k knownQuestion) bool { return k.set == askedSet && k.fold == fold }
}

func ofSet(set string) func(knownQuestion) bool {
	return func(k knownQuestion) bool { return k.set == set }
}

func fitBothLeanings(all []knownQuestion, leave func(knownQuestion) bool) bothLeanings {
	both := bothLeanings{
		existing: fitLeanings(all, leaningPenalty, knownQuestion.reads, leave),
		answered: fitLeanings(all, answerPenalty, knownQuestion.answerable, leave),
	}
	both.existing[leaningBias] += leaningShift
	return both
}

func fitLeanings(all []knownQuestion, penalty float64, towards func(knownQuestion) (is, known bool), leave func(knownQuestion) bool) leanings {
	var examples []example
	for _, k := range all {
		is, known := towards(k)
		if leave(k) || !known {
			continue
		}
		list := traits(k.query, words(k.query), intentOf(k.query))
		e := example{is: is, counts: 1}
		for _, name := range list {
			e.values = append(e.values, value{name: name, of: 1 / math.Sqrt(float64(len(list)))})
		}
		examples = append(examples, e)
	}
	m := fitLogistic(examples, penalty)
	l := leanings{leaningBias: m.bias}
	for name, w := range m.of {
		if math.Abs(w) >= leastLeaning {
			l[name] = w
		}
	}
	return l
}

// signalExample is a question with its signals; false: it is decided without them.
func signalExample(ix *Index, k knownQuestion) (example, bool) {
	q := ix.ask(k.query)
	defer q.done()
	ranked := q.ranked()
	if len(ranked) == 0 || q.mass == 0 || q.answeredByOwn(ranked) {
		return example{}, false
	}
	e := example{is: len(k.grades) > 0, counts: 1}
	if slices.Contains(olderSets, k.set) {
		e.counts = olderCounts
	}
	for i, v := range q.signalsOf(ranked) {
		e.values = append(e.values, value{name: strconv.Itoa(i), of: v})
	}
	return e, true
}

func fitWeights(trials []trial, leave func(knownQuestion) bool) weights {
	var examples []example
	for _, one := range trials {
		if !leave(one.knownQuestion) {
			examples = append(examples, one.example)
		}
	}
	m := fitLogistic(examples, signalPenalty)
	w := weights{bias: m.bias}
	for i := range w.of {
		w.of[i] = m.of[strconv.Itoa(i)]
	}
	return w
}

// report prints per set what test/retrieval measures.
func report(t *testing.T, all []knownQuestion, indexFor func(knownQuestion) *Index) {
	t.Helper()
	type sums struct{ n, recall, gain, lost, none, recognised float64 }
	sets := make(map[string]*sums)
	for _, k := range all {
		s := sets[k.set]
		if s == nil {
			s = &sums{}
			sets[k.set] = s
		}
		hits := indexFor(k).Search(k.query, 10)
		if len(k.grades) == 0 {
			s.none++
			if len(hits) == 0 {
				s.recognised++
			}
			continue
		}
		s.n++
		if len(hits) == 0 {
			s.lost++
		}
		recall, gain := measures(k.grades, hits)
		s.recall += recall
		s.gain += gain
	}
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		s := sets[set]
		t.Logf("%-12s R@5 %.3f, nDCG@10 %.3f of %.0f, %.0f of them not answered; recognised %.3f of %.0f", set, s.recall/s.n, s.gain/s.n, s.n, s.lost, s.recognised/s.none, s.none)
	}
}

// measures are those of test/retrieval, which this module cannot import.
func measures(grades map[string]int, hits []Hit) (recall, gain float64) {
	worth := func(grade, rank int) float64 { return (math.Exp2(float64(grade)) - 1) / math.Log2(float64(rank)+2) }
	best, found, ideal := 0.0, 0.0, 0.0
	for rank, g := range slices.SortedFunc(maps.Values(grades), func(a, b int) int { return b - a }) {
		ideal += worth(g, rank)
		if g == 2 {
			best++
		}
	}
	for rank, h := range hits {
		gain += worth(grades[h.Source], rank)
		if grades[h.Source] == 2 && rank < 5 {
			found++
		}
	}
	return found / min(5, best), gain / ideal
}

func writeLeanings(t *testing.T, both bothLeanings) {
	t.Helper()
	names := maps.Clone(both.existing)
	maps.Copy(names, both.answered)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", name, both.existing.text(name), both.answered.text(name))
	}
	if err := os.WriteFile("leanings.txt", []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// text is a weight as the file has it: nothing for nought.
func (l leanings) text(name string) string {
	if w, ok := l[name]; ok {
		return strconv.FormatFloat(w, 'f', 1, 64)
	}
	return ""
}

func writeWeights(t *testing.T, w weights) {
	t.Helper()
	source, err := os.ReadFile("weights.go")
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(source), "var evidenceWeights")
	var b strings.Builder
	fmt.Fprintf(&b, "%svar evidenceWeights = weights{\n\tbias: %.2f,\n\tof: [signals]float64{\n", head, w.bias)
	for i, weight := range w.of {
		fmt.Fprintf(&b, "\t\t%-*s %.2f,\n", len("signalUnheldWords:"), signalNames[i]+":", weight)
	}
	b.WriteString("\t},\n}\n")
	if err := os.WriteFile("weights.go", []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

var signalNames = [signals]string{
	"signalCoverage", "signalKnown", "signalForeign", "signalForeignLike", "signalForeignMore", "signalGuest", "signalMatter", "signalName", "signalStrange",
	"signalUnheld", "signalUnheldWords", "signalMeaning", "signalMeanings", "signalWords", "signalLead", "signalMatch", "signalWorld", "signalWorldWords",
	"signalTrade", "signalTradeWords", "signalTraits",
}
