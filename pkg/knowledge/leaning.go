package knowledge

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"sync"
)

// leaningsText says how far words lean a question towards what exists, and towards what the documents answer: a trait and its weight
// for either a line, in log-odds. TestCalibration writes it from questions whose best pages are known.
//
//go:embed leanings.txt
var leaningsText string

// leaningBias is the trait that every question has.
const leaningBias = "*"

// leanings are the weights of traits.
type leanings map[string]float64

// bothLeanings are what questions lean towards.
type bothLeanings struct{ existing, answered leanings }

var fieldLeanings = sync.OnceValue(func() bothLeanings { return parseLeanings(leaningsText) })

func parseLeanings(text string) bothLeanings {
	both := bothLeanings{existing: make(leanings), answered: make(leanings)}
	for line := range strings.Lines(text) {
		trait, weights, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		existing, answered, _ := strings.Cut(weights, "\t")
		both.existing.set(trait, existing)
		both.answered.set(trait, answered)
	}
	return both
}

// set takes a weight; one that is left out is nought.
func (l leanings) set(trait, weight string) {
	if w, err := strconv.ParseFloat(weight, 64); err == nil {
		l[trait] = w
	}
}

// odds are the log-odds of a question with these traits. A long question has more traits, not more of a
// leaning: their sum is divided by the root of their number.
func (l leanings) odds(traits []string) float64 {
	sum := 0.0
	for _, t := range traits {
		sum += l[t]
	}
	return l[leaningBias] + sum/math.Sqrt(max(1, float64(len(traits))))
}

// logistic turns log-odds into a probability.
func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

// traits are what a question leans by, each once: its words, those that stand beside each other, what they mean, and the signs of
// [intentOf].
func traits(question string, list []word, in intent) []string {
	all := make([]string, 0, 4*len(list)+8)
	seen := make(map[string]bool, cap(all))
	add := func(t string) {
		if !seen[t] {
			seen[t] = true
			all = append(all, t)
		}
	}
	const beginning, end = "^", "$"
	before := beginning
	for _, w := range list {
		add(w.stem)
		add(before + " " + w.stem)
		before = w.stem
	}
	add(before + " " + end)
	if strings.HasSuffix(strings.TrimSpace(question), "?") {
		add("?")
	}
	for _, m := range fieldVocabulary().meanings(list, true) {
		add(m.name)
	}
	for _, s := range in.signs() {
		add(s)
	}
	return all
}
