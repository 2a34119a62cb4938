package knowledge

import (
	"strings"
	"sync"
)

// ruleNotes is the note that says of each rule of the reviewer why it is one.
const ruleNotes = "lint-rules.md#"

// rules are the passages on the reviewer's rules, by the rule's id.
var rules = sync.OnceValue(func() map[string]Passage {
	byRule := make(map[string]Passage)
	for _, d := range noteDocuments() {
		if heading, ok := strings.CutPrefix(d.Source, ruleNotes); ok {
			id, _, _ := strings.Cut(heading, "-")
			byRule[strings.ToUpper(id)] = d.Passages[0]
		}
	}
	return byRule
})

// Rule returns what the notes say of a rule of the reviewer, such as "PMX049"; false: nothing.
func Rule(id string) (Passage, bool) {
	p, ok := rules()[id]
	return p, ok
}
