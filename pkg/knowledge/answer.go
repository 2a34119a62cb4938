package knowledge

// A question is answered when the best document holds enough of it. Calibrated on the development questions of test/retrieval.
const (
	enough = 0.34
)

// answered reports whether the documents hold an answer, judged by the best of them.
func (q *asked) answered(ranked []int32) bool {
	if len(ranked) == 0 || q.mass == 0 {
		return false
	}
	return q.coverage(ranked[0]) >= enough
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
