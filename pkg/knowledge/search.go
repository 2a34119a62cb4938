package knowledge

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// How the parts of a document's score are weighed against each other. Tuned on questions that were left out: TestCalibration.
const (
	conceptWeight     = 3.25 // of the best thing it is called
	passageWeight     = 0.35
	ownWeight         = 3.0  // how far an operator's document that holds all of a question is raised
	unnamed           = 0.8  // factor of a page whose name says something that the question does not
	partWeightOfWhole = 0.17 // of the best page for a part of the question, relative to the best for the whole
)

// maxParts bounds the parts of a question that are asked by themselves.
const maxParts = 8

// leastPart is the score below which a part is about nothing.
const leastPart = 3.0

// A Hit is a document that answers a question.
type Hit struct {
	Passage         // the one that says most; Source is the document's
	Kind    Kind    // what the document is
	Score   float64 // comparable within one answer only
}

// Search returns at most k documents, best first. It returns none when the documents hold too little of what the question asks
// for: a weak match is worse than none.
func (ix *Index) Search(question string, k int) []Hit {
	q := ix.ask(question)
	defer q.done()
	ranked := q.ranked()
	if !q.answered(ranked) && !ix.beside(question) {
		return nil
	}
	return q.hits(ranked[:min(k, len(ranked))])
}

// SearchAmong is [Index.Search] in the documents of some kinds alone.
func (ix *Index) SearchAmong(question string, k int, kinds ...Kind) []Hit {
	q := ix.ask(question)
	defer q.done()
	ranked := slices.DeleteFunc(q.ranked(), func(id int32) bool { return !slices.Contains(kinds, ix.documents[id].Kind) })
	if len(ranked) == 0 || q.mass == 0 || q.coverage(ranked[0]) < leastAmong {
		return nil
	}
	return q.hits(ranked[:min(k, len(ranked))])
}

func (q *asked) hits(ids []int32) []Hit {
	hits := make([]Hit, len(ids))
	for i, id := range ids {
		d := q.documents[id]
		p := d.Passages[q.bestPassage(id)]
		hits[i] = Hit{Passage: Passage{Source: d.Source, Title: p.Title, Text: p.Text}, Kind: d.Kind, Score: q.scores[id]}
	}
	return hits
}

// done gives the room of an answer back.
func (q *asked) done() {
	for _, list := range [][]float64{q.scores, q.lexical, q.concept, q.passage, q.byPassage, q.byConcept} {
		clear(list)
	}
	clear(q.best)
	q.known, q.foreign, q.knownLike, q.foreignLike, q.top, q.mass = 0, 0, 0, 0, 0, 0
	q.room.Put(q)
}

// asked is a question on its way through an index.
type asked struct {
	*Index
	words  []word
	terms  []term
	intent intent
	// strange says that it names something that nothing here knows.
	strange bool

	scores      []float64 // per document
	lexical     []float64 // per document: BM25 over its fields
	concept     []float64 // per document: of the best thing it is called
	passage     []float64 // per document: of the best passage
	best        []int32   // per document, its best passage; 0 when none holds a word
	known       float64   // as concept, of the best thing that the provider's pages describe, also where they are not at hand
	foreign     float64   // as concept, of the best thing that no page describes
	knownLike   float64   // how much of the question and of a thing that the pages describe are in each other, 0 to 1, at most
	foreignLike float64   // the same of a thing that no page describes
	top         float64   // best score of the question as a whole
	byPassage   []float64 // per passage
	byConcept   []float64 // per concept, what it shares with the question
	mass        float64   // rarities of the question's terms, each slot once
}

// ask asks a whole question, and each of its parts: who wants several things needs the pages on each.
func (ix *Index) ask(question string) *asked {
	q := ix.askOnce(question, ix.leaningOf(question))
	defer q.raiseCounterparts()
	parts := partsOf(question)
	if len(parts) < 2 {
		return q
	}
	whole := q.top
	bonus := make([]float64, len(q.scores))
	for _, text := range parts {
		part := ix.askOnce(text, q.intent)
		if part.top >= leastPart {
			for id, score := range part.scores {
				share := score / part.top
				bonus[id] = max(bonus[id], share*share*share)
			}
		}
		part.done()
	}
	for id := range q.scores {
		q.scores[id] += partWeightOfWhole * whole * bonus[id]
	}
	return q
}

// What a part wants is what the whole does: a few words say too little of it. The answer's room is taken from a pool: give it back
// with done.
func (ix *Index) askOnce(question string, in intent) *asked {
	q, ok := ix.room.Get().(*asked)
	if !ok {
		n := len(ix.documents)
		q = &asked{
			scores: make([]float64, n), lexical: make([]float64, n), concept: make([]float64, n),
			passage: make([]float64, n), best: make([]int32, n), byPassage: make([]float64, len(ix.owner)), byConcept: make([]float64, len(ix.concepts)),
		}
	}
	q.Index, q.words, q.intent, q.strange = ix, words(question), in, ix.namesSomethingStrange(question)
	q.terms = termsOf(fieldVocabulary(), q.words, true)
	q.addLexical()
	q.addConcepts()
	q.addPassages()
	for id, d := range ix.documents {
		score := q.lexical[id] + conceptWeight*q.concept[id] + passageWeight*q.passage[id]
		q.scores[id] = score * q.intent.prior(d) * q.naming(int32(id)) //nolint:gosec // as below
		q.top = max(q.top, q.scores[id])
	}
	q.raiseOwn()
	return q
}

// raiseOwn makes up for what an operator's documents lack: nobody wrote down what people call the things in them. One that
// holds most of a question says what this house does about it, and that comes before what everybody may do.
func (q *asked) raiseOwn() {
	top := q.top
	for id := range q.documents {
		if q.documents[id].Kind != KindOwn || q.scores[id] < top/8 {
			continue
		}
		if c := q.coverage(int32(id)); c >= ownCoverage[KindOwn] { //nolint:gosec // as below
			q.scores[id] *= 1 + ownWeight*c
			q.top = max(q.top, q.scores[id])
		}
	}
}

// naming is the factor of a page whose name says a thing of its own that the question does not mean.
func (q *asked) naming(id int32) float64 {
	for _, m := range q.special[id] {
		if slices.ContainsFunc(q.terms, func(t term) bool { return t.name == m }) {
			continue
		}
		// The file of that name has little to do with hosts, and many ask for those.
		if m == meaningMark+special["hosts"] {
			return unnamed * unnamed
		}
		return unnamed
	}
	return 1
}

// separators stand between the things that a question asks for.
var separators = regexp.MustCompile(`(?i)[,;:+]\s|\s(?:and|then|et|puis|with|avec|ainsi que|as well as|plus|from|to)\s`)

// partsOf cuts a question into the things that it asks for.
func partsOf(question string) []string {
	var parts []string
	for _, part := range separators.Split(question, maxParts+1) {
		if slices.ContainsFunc(words(part), func(w word) bool { return !w.quiet }) {
			parts = append(parts, part)
		}
	}
	return parts
}

// rarityOf is how much a term of the question tells.
func (q *asked) rarityOf(t term) float64 {
	if id, ok := q.Index.terms[t.name]; ok {
		return q.rarity[id]
	}
	if strings.HasPrefix(t.name, meaningMark) {
		return 0 // a meaning that no document has is no word that somebody wrote
	}
	return q.unseen
}

func (q *asked) addLexical() {
	slots := make(map[int]float64)
	for _, t := range q.terms {
		slots[t.slot] = max(slots[t.slot], t.weight*q.rarityOf(t))
		id, ok := q.Index.terms[t.name]
		if !ok {
			continue
		}
		factor := t.weight * q.rarity[id]
		for _, p := range q.postings[id] {
			q.lexical[p.id] += factor * float64(p.impact)
		}
	}
	for _, mass := range slots {
		q.mass += mass
	}
}

func (q *asked) addConcepts() {
	shared := q.byConcept
	for _, t := range q.terms {
		id, ok := q.Index.terms[t.name]
		if !ok {
			continue
		}
		for _, c := range q.called[id] {
			shared[c] += t.weight * q.rarity[id]
		}
	}
	for c, held := range shared {
		if held == 0 {
			continue
		}
		concept := &q.concepts[c]
		held = min(held, concept.mass)
		value := held * held / concept.mass
		like := value / max(q.mass, held)
		if concept.foreign {
			q.foreign, q.foreignLike = max(q.foreign, value), max(q.foreignLike, like)
			continue
		}
		q.known, q.knownLike = max(q.known, value), max(q.knownLike, like)
		for _, id := range concept.documents {
			q.concept[id] = max(q.concept[id], value)
		}
	}
}

func (q *asked) addPassages() {
	scores := q.byPassage
	for _, t := range q.terms {
		id, ok := q.Index.terms[t.name]
		if !ok {
			continue
		}
		factor := t.weight * q.rarity[id]
		for _, p := range q.passages[id] {
			scores[p.id] += factor * float64(p.impact)
		}
	}
	for p, score := range scores {
		if d := q.owner[p]; score > q.passage[d] {
			q.passage[d], q.best[d] = score, int32(p) //nolint:gosec // There are thousands of passages at most.
		}
	}
}

// bestPassage is the number of a document's best passage within it.
func (q *asked) bestPassage(id int32) int {
	return max(0, int(q.best[id]-q.first[id]))
}

// ranked returns the documents with a score, best first.
func (q *asked) ranked() []int32 {
	var list []int32
	for id, score := range q.scores {
		if score > 0 {
			list = append(list, int32(id)) //nolint:gosec // as above
		}
	}
	q.sort(list)
	return list
}

func (q *asked) sort(list []int32) {
	slices.SortFunc(list, func(a, b int32) int {
		return cmp.Or(cmp.Compare(q.scores[b], q.scores[a]), strings.Compare(q.documents[a].Source, q.documents[b].Source))
	})
}
