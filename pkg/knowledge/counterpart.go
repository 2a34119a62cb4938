package knowledge

import "strings"

const (
	// counterpartShare is how near to the best page a resource must be for the data source of the same thing to be raised.
	counterpartShare = 0.5
	// A data source comes so far below or above the resource of the same thing as the question is to make or to read something.
	counterpartUnasked = 0.4
	counterpartAsked   = 1.1
	// counterpartOther is the factor of the other data source, of one or of all.
	counterpartOther = 0.95
)

// A counterpart is a data source and the resource of the same thing.
type counterpart struct {
	data, resource int32
	all            bool // it lists all of them
}

// counterpartsOf pairs the data sources of an index with the resources of the same thing.
func counterpartsOf(documents []Document) []counterpart {
	resources := map[string]int32{}
	for id, d := range documents {
		if d.Kind == KindResource && (d.name != "vm" || strings.Contains(d.Source, longPrefix)) { // resources/vm.md is an experiment
			resources[d.name] = int32(id) //nolint:gosec // There are some hundred documents.
		}
	}
	var pairs []counterpart
	for id, d := range documents {
		if d.Kind != KindData {
			continue
		}
		for _, name := range []string{d.name, strings.TrimSuffix(d.name, "s"), strings.TrimSuffix(d.name, "ses") + "s"} {
			if r, ok := resources[name]; ok {
				pairs = append(pairs, counterpart{data: int32(id), resource: r, all: d.name != name}) //nolint:gosec // as above
				break
			}
		}
	}
	return pairs
}

// raiseCounterparts sets the data source of what a question asks about beside the resource, by how likely it wants to know and not
// to make: the pages of both hold nearly the same words.
func (q *asked) raiseCounterparts() {
	factor := between(counterpartUnasked, counterpartAsked, q.intent.reading)
	for _, c := range q.counterparts {
		resource := q.scores[c.resource]
		if resource < counterpartShare*q.top {
			continue
		}
		f := factor
		if c.all != q.intent.lists {
			f *= counterpartOther
		}
		q.scores[c.data] = max(q.scores[c.data], f*resource)
	}
}
