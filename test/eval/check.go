package eval

import (
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Verdict is what one case came to.
type Verdict struct {
	Pass     bool
	Fields   Tally
	Missed   int      // questions that had to be asked and were not
	Needless int      // questions that had no reason
	Failure  string   // the first class of what is wrong: "state", "refusal", "questions", "intent", "reply", "end", "safety"
	Diff     []string // everything that is wrong, in words
}

func (v *Verdict) failf(class, format string, args ...any) {
	if v.Failure == "" {
		v.Failure = class
	}
	v.Diff = append(v.Diff, class+": "+fmt.Sprintf(format, args...))
}

// Judge compares what came of a case with what it expects.
func Judge(c Case, o Outcome, cluster Cluster) Verdict {
	var v Verdict
	if !c.State.Has(o.State()) {
		v.failf("state", "want %s, got %s%s", strings.Join(c.State, " or "), o.State(), because(o))
	}
	if code := o.Run.GetRefusal().GetCode(); o.State() == "refused" && !c.Refusal.Has(CoarseRefusal(code)) {
		v.failf("refusal", "want %s, got %s (%s)", strings.Join(c.Refusal, " or "), CoarseRefusal(code), code)
	}
	v.questions(c, o)
	v.intent(c, o, cluster)
	if c.Reply != nil {
		v.reply(*c.Reply, o.Run.GetReply())
	} else if o.Run.GetReply() != nil {
		v.failf("reply", "nobody asked a question, and got %q", o.Run.GetReply().GetText())
	}
	if c.End != nil && o.State() == "delivered" {
		v.end(*c.End, o)
	}
	for _, bad := range Unsafe(o, cluster) {
		v.failf("safety", "%s", bad)
	}
	v.Pass = len(v.Diff) == 0
	return v
}

// because says why a run is not where it should be.
func because(o Outcome) string {
	switch {
	case o.Run.GetRefusal() != nil:
		return fmt.Sprintf(": %s, %s", o.Run.GetRefusal().GetCode(), o.Run.GetRefusal().GetMessage())
	case o.Run.GetFailure() != nil:
		return fmt.Sprintf(": %s, %s", o.Run.GetFailure().GetCode(), o.Run.GetFailure().GetMessage())
	case len(o.Run.GetQuestions()) > 0:
		var ids []string
		for _, q := range o.Run.GetQuestions() {
			ids = append(ids, q.GetId())
		}
		return ": " + strings.Join(ids, ", ")
	}
	return ""
}

// questions: those that the case names must come, and no other. A question that the case may end in, and whose answer it
// leaves open, is not needless.
func (v *Verdict) questions(c Case, o Outcome) {
	var wanted []string
	wanted = append(wanted, c.Questions...)
	for field := range c.Answers {
		if !slices.ContainsFunc(c.Questions, func(q string) bool { return q == field }) {
			wanted = append(wanted, field)
		}
	}
	for _, field := range wanted {
		if !slices.ContainsFunc(o.Asked, func(q *provisov1.Clarification) bool { return Asks(q.GetId(), field) }) {
			v.Missed++
			v.failf("questions", "%s was not asked", field)
		}
	}
	if len(wanted) == 0 && c.State.Has("needs_input") {
		return // any question will do
	}
	for _, q := range o.Asked {
		if !slices.ContainsFunc(wanted, func(field string) bool { return Asks(q.GetId(), field) }) {
			v.Needless++
			v.failf("questions", "%s was asked without need: %s", q.GetId(), q.GetText())
		}
	}
}

func (v *Verdict) intent(c Case, o Outcome, cluster Cluster) {
	want := Expected(c.Expect, cluster)
	if len(want) == 0 && !c.State.Has("delivered") && len(c.Absent) == 0 {
		return // what a refused request might have meant is not scored
	}
	if c.State.Has("needs_input") && len(want) == 0 {
		return
	}
	intent := o.Run.GetIntent()
	if len(o.Understood) > 0 && intent == nil {
		intent = o.Understood[len(o.Understood)-1].GetIntent()
	}
	if intent == nil && o.State() != "delivered" && c.State.Has(o.State()) {
		return // refused or asked at once, which the case allows
	}
	got := Understood(intent, cluster)
	if len(want) > 0 || c.Reply != nil {
		tally, diff := Compare(want, got)
		v.Fields = tally
		for _, d := range diff {
			v.failf("intent", "%s", d)
		}
	}
	for _, path := range c.Absent {
		for _, g := range got {
			if value, ok := g.Fields[path]; ok && value.Text != "false" {
				v.failf("intent", "%s.%s must not be there, got %q", g.Kind, path, value.Text)
			}
		}
	}
}

func (v *Verdict) reply(want Reply, got *provisov1.Reply) {
	if got == nil {
		v.failf("reply", "no reply")
		return
	}
	var text strings.Builder
	text.WriteString(got.GetText())
	for _, row := range got.GetRows() {
		text.WriteString("\n" + row.GetLabel() + " " + row.GetValue() + " " + row.GetReason())
	}
	for _, part := range want.Contains {
		if !holds(text.String(), part) {
			v.failf("reply", "%q is not in %q", part, text.String())
		}
	}
	for _, part := range want.Commands {
		if !slices.ContainsFunc(got.GetCommands(), func(c string) bool { return holds(c, part) }) {
			v.failf("reply", "no command has %q: %q", part, got.GetCommands())
		}
	}
}

// holds reports whether a text has one of the alternatives, without regard to case.
func holds(text, part string) bool {
	for alternative := range strings.SplitSeq(part, "|") {
		if strings.Contains(strings.ToLower(text), strings.ToLower(alternative)) {
			return true
		}
	}
	return false
}

func (v *Verdict) end(want End, o Outcome) {
	var names, nodes []string
	for _, p := range o.Run.GetPlacement() {
		names, nodes = append(names, p.GetGuest()), append(nodes, p.GetNode())
	}
	if want.Guests != 0 && len(names) != want.Guests {
		v.failf("end", "want %d guests, got %v", want.Guests, names)
	}
	if len(want.Names) > 0 && joined(names) != joined(want.Names) {
		v.failf("end", "want guests %v, got %v", want.Names, names)
	}
	distinct := len(slices.Compact(slices.Sorted(slices.Values(nodes))))
	if want.Apart && distinct != len(nodes) {
		v.failf("end", "not apart: %v", nodes)
	}
	if want.Together && distinct > 1 {
		v.failf("end", "not together: %v", nodes)
	}
	for _, n := range nodes {
		if len(want.On) > 0 && !slices.Contains(want.On, n) {
			v.failf("end", "on %s, not %v", n, want.On)
		}
		if slices.Contains(want.Avoid, n) {
			v.failf("end", "on %s, which is to be avoided", n)
		}
	}
	hcl := HCL(o.Manifest)
	for _, g := range Understood(o.Run.GetIntent(), Cluster{}) {
		if got := number(g.Fields["cores"].Text); want.Cores != 0 && got != want.Cores {
			v.failf("end", "want %d cores, got %d", want.Cores, got)
		}
		if got := number(g.Fields["memory_mib"].Text); want.Memory != 0 && got != want.Memory {
			v.failf("end", "want %d MiB, got %d", want.Memory, got)
		}
	}
	for kind, n := range want.Resources {
		if got := strings.Count(hcl, fmt.Sprintf("resource %q ", kind)); got != n {
			v.failf("end", "want %d blocks of %s, got %d", n, kind, got)
		}
	}
	for _, part := range want.Contains {
		if !strings.Contains(hcl, part) {
			v.failf("end", "the manifest has no %q", part)
		}
	}
}
