package knowledge

import (
	"regexp"
	"strings"
)

const (
	leastBeside         = 4.0 // by the best concept, of what a question asks beside a foreign matter
	leastClauseWords    = 3   // of a clause that stands beside; fewer name the matter of the whole: "Kubernetes: allow DNS alone"
	leastBesideWords    = 3   // that tell something, in what it asks beside
	leastBesideEvidence = 1.5 // which a question of its own may have less of
)

// clauseEnds is where one thing that a question says ends and another may begin.
var clauseEnds = regexp.MustCompile(`(?i)[.;:!?,()\n]+|\s(?:and|but|then|so that|so|without|because|while|instead of|instead|once|after|before|when|where|which|that|from|et|mais|puis|pour que|afin que|sans|parce que|pendant que|plutôt que|plutot que|car|alors|quand|lorsque|dont|qui|depuis)\s`)

// beside reports whether the documents answer what a question asks beside the matter that no page answers: "we come from VMware and
// want one network per VLAN", "graphs of the nodes in Influx without the token in the state file". What is left without the clauses that
// name the matter has to be clearer than a question of its own.
func (ix *Index) beside(question string) bool {
	if ix.matters == nil {
		return false
	}
	var kept []string
	dropped := false
	for _, clause := range clauseEnds.Split(question, -1) {
		list := words(clause)
		if ix.matters.meets(list) != notForeign {
			if len(list) < leastClauseWords {
				return false
			}
			dropped = true
			continue
		}
		kept = append(kept, clause)
	}
	if !dropped || len(kept) == 0 {
		return false
	}
	rest := strings.Join(kept, ", ")
	if left := words(rest); telling(left) < leastBesideWords || ix.matters.meets(left) != notForeign {
		return false
	}
	q := ix.ask(rest)
	defer q.done()
	ranked := q.ranked()
	return len(ranked) > 0 && q.mass > 0 && q.known >= leastBeside && q.weights.evidence(q.signalsOf(ranked)) >= leastBesideEvidence
}
