package eval

import (
	"slices"
	"strings"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// An Outcome is what came of one request, as seen from the outside.
type Outcome struct {
	// Run as it was when it ended or when nobody answered any more.
	Run *provisov1.Run
	// Understood are the results of the step "understand", in order.
	Understood []*provisov1.Understanding
	// Manifest as delivered; nil: none.
	Manifest *provisov1.Manifest
	// Asked are the questions that came up, each once, without the one whether the interpretation is right.
	Asked []*provisov1.Clarification
	// UnderstandMS is the time that each understanding took, in milliseconds.
	UnderstandMS []float64
	// Wall is the time from the request to the end, answers included.
	Wall time.Duration
	// Audited are the entries in the audit stream that speak of the run.
	Audited int
	// Writes are requests other than GET that reached the cluster.
	Writes int
}

// State is the run's state in the words of [States]; another word is a state that no case wants.
func (o Outcome) State() string {
	switch s := o.Run.GetState(); s {
	case "clarifying", "confirming":
		return "needs_input"
	default:
		return s
	}
}

// CoarseRefusal maps a refusal's code to the coarse set: what is no business of ours, a platform that we do not
// build for, and what cannot be done here.
func CoarseRefusal(code string) string {
	switch {
	case code == "":
		return ""
	case strings.Contains(code, "off_topic"):
		return "off_topic"
	case strings.HasPrefix(code, "platform"):
		return "unsupported"
	default:
		return "infeasible"
	}
}

// Asks reports whether a question asks for a field. A question's id says what it asks: "vm1.source" asks for "source", and so
// does "containers[0].source.template". Alternatives are separated by "|".
func Asks(id, field string) bool {
	segments := strings.FieldsFunc(id, func(r rune) bool { return r == '.' || r == '_' || r == '-' || r == '[' || r == ']' })
	for alternative := range strings.SplitSeq(field, "|") {
		if id == alternative || slices.ContainsFunc(segments, func(s string) bool { return strings.TrimRight(s, "0123456789") == alternative }) {
			return true
		}
	}
	return false
}
