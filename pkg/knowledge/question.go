package knowledge

// How much the words of a question count: a word that has a meaning in the field counts by that meaning first.
const (
	meaningWeight   = 1.0
	insideWeight    = 0.4  // of a meaning, factor where a longer phrase says more
	plainWeight     = 0.75 // of a word that has no meaning in the field
	wideWeight      = 0.6
	meantWordWeight = 0.35 // of the word that has the meaning
	partWeight      = 0.2  // of each word of a phrase that has one
)

// A term is a word or meaning of a question with its weight.
type term struct {
	name   string
	weight float64
	slot   int // terms of one slot stand for the same words
}

// termsOf turns words into terms, each name once.
func termsOf(v *vocabulary, list []word, question bool) []term {
	weights := make([]float64, len(list))
	slots := make([]int, len(list))
	for i := range weights {
		weights[i], slots[i] = plainWeight, i
	}
	var terms []term
	at := make(map[string]int)
	add := func(name string, weight float64, slot int) {
		if i, ok := at[name]; ok {
			terms[i].weight = max(terms[i].weight, weight)
			return
		}
		at[name] = len(terms)
		terms = append(terms, term{name: name, weight: weight, slot: slot})
	}
	found := v.meanings(list, question)
	for _, m := range found {
		weight := meaningWeight
		if m.wide {
			weight = wideWeight
		}
		if m.inside(found) {
			weight *= insideWeight
		}
		for i := m.from; i < m.to; i++ {
			if m.to-m.from > 1 {
				weights[i] = min(weights[i], partWeight)
				slots[i] = slots[m.from]
			} else {
				weights[i] = min(weights[i], meantWordWeight)
			}
		}
		add(m.name, weight, slots[m.from])
	}
	for i, w := range list {
		if !w.quiet {
			add(w.stem, weights[i], slots[i])
		}
	}
	return terms
}

// inside reports whether a longer phrase was found around the one of a meaning.
func (m meaning) inside(found []meaning) bool {
	for _, o := range found {
		if o.from <= m.from && m.to <= o.to && o.to-o.from > m.to-m.from {
			return true
		}
	}
	return false
}
