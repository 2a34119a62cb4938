package knowledge

import (
	"math"
	"strings"
)

// A signal speaks for or against an answer in the documents. None decides by itself: a word of another trade is a hint only, and
// so is a page that holds half of the question.
type signal int

const (
	signalCoverage    signal = iota // share of what is asked that the best document holds
	signalKnown                     // nearness to the best thing that a page describes
	signalForeign                   // how much nearer the question is to something that no page describes
	signalForeignLike               // how much of the question, and of that thing, are in each other
	signalForeignMore               // by how much that exceeds the same of what a page describes
	signalGuest                     // a line of foreign.txt is met that names what may also run in a guest
	signalMatter                    // one is met that tells a matter by several things
	signalName                      // one is met that is a name
	signalStrange                   // a proper name that nothing here knows
	signalUnheld                    // share of the words that no document holds, and nothing that pages describe is called by
	signalUnheldWords               // their number, up to five
	signalMeaning                   // meanings of the field for each word
	signalMeanings                  // their number
	signalWords                     // number of words that tell something
	signalLead                      // of the best document over the sixth
	signalMatch                     // best score for what the question weighs
	signalWorld                     // share of words of other worlds
	signalWorldWords                // their number, up to three
	signalTrade                     // share of words of other trades at the computer
	signalTradeWords                // their number, up to three
	signalTraits                    // how its words lean
	signals                         // how many there are
)

// Most words of a kind that are counted: what a few have not said, more do not.
const (
	mostUnheld = 5
	mostOther  = 3
)

// leadOver is the rank over which the best document's lead is taken.
const leadOver = 5

// weights say how much each signal speaks for an answer, in log-odds.
type weights struct {
	bias float64
	of   [signals]float64
}

// evidence is the log-odds that the documents answer a question.
func (w *weights) evidence(s [signals]float64) float64 {
	z := w.bias
	for i, v := range s {
		z += w.of[i] * v
	}
	return z
}

// signalsOf weighs a question that was asked. There is at least one ranked document.
func (q *asked) signalsOf(ranked []int32) [signals]float64 {
	best := ranked[0]
	s := [signals]float64{
		signalCoverage:    q.coverage(best),
		signalKnown:       math.Log1p(q.known),
		signalForeign:     math.Log1p(q.foreign) - math.Log1p(q.known),
		signalForeignLike: q.foreignLike,
		signalForeignMore: max(0, q.foreignLike-q.knownLike),
		signalMatch:       q.top / q.mass,
		signalTraits:      q.intent.answerable,
	}
	switch q.matters.meets(q.words) {
	case notForeign:
	case foreignGuest:
		s[signalGuest] = 1
	case foreignMatter:
		s[signalMatter] = 1
	case foreignName:
		s[signalName] = 1
	}
	if q.strange {
		s[signalStrange] = 1
	}
	if len(ranked) > leadOver {
		s[signalLead] = 1 - q.scores[ranked[leadOver]]/q.scores[best]
	}
	q.weighWords(&s)
	return s
}

// weighWords adds what the words say, apart from where they were found.
func (q *asked) weighWords(s *[signals]float64) {
	var told, unheld, world, trade, meant float64
	for _, w := range q.words {
		if w.quiet {
			continue
		}
		told++
		if id, ok := q.Index.terms[w.stem]; !ok || !q.held[id] {
			unheld++
		}
		switch elsewhere()[withoutPlural(w)] {
		case otherWorld:
			world++
		case otherTrade:
			trade++
		}
	}
	for _, t := range q.terms {
		if strings.HasPrefix(t.name, meaningMark) {
			meant++
		}
	}
	s[signalWords], s[signalMeanings] = math.Log1p(told), math.Log1p(meant)
	s[signalUnheldWords] = min(unheld, mostUnheld) / mostUnheld
	s[signalWorldWords], s[signalTradeWords] = min(world, mostOther)/mostOther, min(trade, mostOther)/mostOther
	if told > 0 {
		s[signalUnheld], s[signalMeaning], s[signalWorld], s[signalTrade] = unheld/told, meant/told, world/told, trade/told
	}
}
