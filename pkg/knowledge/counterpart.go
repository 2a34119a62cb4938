package knowledge

import "strings"

const (
	// counterpartShare is how near to the best page a resource must be for the data source of the same thing to be raised.
	counterpartShare = 0.6
	// counterpartFactor sets the data source that a question wants above the resource of the same thing; the other one, of one or of
	// all, comes just below it.
	counterpartFactor = 1.05
	counterpartOther  = 0.97
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

// raiseCounterparts sets the data source of what a question asks about above the resource, when it wants to know and not to make:
// the pages of both hold nearly the same words.
func (q *asked) raiseCounterparts() {
	if !q.intent.reads || q.intent.writes {
		return
	}
	for _, c := range q.counterparts {
		resource := q.scores[c.resource]
		if resource < counterpartShare*q.top {
			continue
		}
		factor := counterpartOther
		if c.all == q.intent.lists {
			factor = counterpartFactor
		}
		q.scores[c.data] = max(q.scores[c.data], factor*resource)
	}
}
