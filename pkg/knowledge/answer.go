package knowledge

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	leastEvidence     = 0.1  // log-odds above which a question is answered
	leastWithoutPages = -1.5 // the same where there are notes alone, which hold less of a question than pages do
	leastAmong        = 0.34 // of the question by the best document of the kinds that were asked for
	tellingWords      = 5    // of a question that a note alone may answer
	considered        = 10   // documents, from the best, that may answer by what they hold alone
)

// ownCoverage is how much of a question a document must hold that no concept speaks of.
var ownCoverage = map[Kind]float64{KindNote: 0.85, KindOwn: 0.6}

// answered reports whether the documents hold an answer.
func (q *asked) answered(ranked []int32) bool {
	if len(ranked) == 0 || q.mass == 0 {
		return false
	}
	if q.answeredByOwn(ranked) {
		return true
	}
	if q.namesPage() {
		return true
	}
	least := leastEvidence
	if !q.hasPages {
		least = leastWithoutPages
	}
	return q.weights.evidence(q.signalsOf(ranked)) >= least
}

// namesPage reports whether a question holds the identifier of a page: "proxmox_backup_job".
func (q *asked) namesPage() bool {
	return slices.ContainsFunc(q.words, func(w word) bool { return strings.Contains(w.text, "_") && q.named[w.text] })
}

// telling counts the words that tell something.
func telling(list []word) int {
	n := 0
	for _, w := range list {
		if !w.quiet {
			n++
		}
	}
	return n
}

// namesSomethingStrange reports whether a question holds a proper name that neither documents nor concepts know: it is about
// something else then, unless it comes close to something known. Names are told by their capitals; the first word has one anyway.
func (ix *Index) namesSomethingStrange(question string) bool {
	for i, w := range strings.FieldsFunc(question, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		capitals, small := 0, 0
		for _, r := range w {
			if unicode.IsUpper(r) {
				capitals++
			} else {
				small++
			}
		}
		first, _ := utf8.DecodeRuneInString(w)
		ordinary := i == 0 && capitals == 1 && unicode.IsUpper(first)
		if capitals == 0 || capitals+small < 3 || ordinary {
			continue
		}
		known := false
		for _, part := range words(strings.ToLower(w)) {
			_, there := ix.terms[part.stem]
			_, said := fieldVocabulary().phrases[part.stem]
			known = known || there || said || part.quiet || ix.matters.knows(part)
		}
		if !known {
			return true
		}
	}
	return false
}

// answeredByOwn reports whether an operator's document, or a note, holds so much of a question that nothing else has to be asked.
func (q *asked) answeredByOwn(ranked []int32) bool {
	enough := telling(q.words) >= tellingWords
	for _, id := range ranked[:min(considered, len(ranked))] {
		kind := q.documents[id].Kind
		least, own := ownCoverage[kind]
		// A note that holds the two words of a short question need not answer it.
		if own && (kind == KindOwn || enough) && q.coverage(id) >= least {
			return true
		}
	}
	return false
}

// coverage is the share of what the question asks for that a document holds, by rarity: a word that no document holds counts
// as the rarest.
func (q *asked) coverage(document int32) float64 {
	held := make(map[int]float64)
	for _, t := range q.terms {
		id, ok := q.Index.terms[t.name]
		if !ok {
			continue
		}
		for _, p := range q.postings[id] {
			if p.id == document {
				held[t.slot] = max(held[t.slot], t.weight*q.rarity[id])
			}
		}
	}
	sum := 0.0
	for _, mass := range held {
		sum += mass
	}
	return sum / q.mass
}
