package bus_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"proviso.dev/pkg/bus"
)

// Each pair of functions, as a format and the parser that must undo it.
func TestSubjectsRoundTrip(t *testing.T) {
	pairs := map[string]struct {
		n      int // tokens
		format func(tokens []string) string
		parse  func(subject string) ([]string, bool)
	}{
		"Work": {2, func(p []string) string { return bus.WorkSubject(bus.Role(p[0]), p[1]) },
			func(s string) ([]string, bool) { a, b, ok := bus.ParseWork(s); return []string{string(a), b}, ok }},
		"Event": {3, func(p []string) string { return bus.EventSubject(bus.Role(p[0]), p[1], p[2]) },
			func(s string) ([]string, bool) {
				a, b, c, ok := bus.ParseEvent(s)
				return []string{string(a), b, c}, ok
			}},
		"Result": {2, func(p []string) string { return bus.ResultSubject(p[0], p[1]) },
			func(s string) ([]string, bool) { a, b, ok := bus.ParseResult(s); return []string{a, b}, ok }},
		"Intent": {1, func(p []string) string { return bus.IntentSubject(p[0]) },
			func(s string) ([]string, bool) { a, ok := bus.ParseIntent(s); return []string{a}, ok }},
		"TimerSet": {2, func(p []string) string { return bus.TimerSet(p[0], p[1]) },
			func(s string) ([]string, bool) { a, b, ok := bus.ParseTimerSet(s); return []string{a, b}, ok }},
		"TimerDue": {2, func(p []string) string { return bus.TimerDue(p[0], p[1]) },
			func(s string) ([]string, bool) { a, b, ok := bus.ParseTimerDue(s); return []string{a, b}, ok }},
		"DLQ": {2, func(p []string) string { return bus.DLQSubject(bus.Role(p[0]), p[1]) },
			func(s string) ([]string, bool) { a, b, ok := bus.ParseDLQ(s); return []string{string(a), b}, ok }},
		"Audit": {2, func(p []string) string { return bus.AuditSubject(bus.Role(p[0]), p[1], 7) },
			func(s string) ([]string, bool) {
				a, b, seq, ok := bus.ParseAudit(s)
				return []string{string(a), b}, ok && seq == 7
			}},
		"RPC": {2, func(p []string) string { return bus.RPCSubject(bus.Role(p[0]), p[1]) },
			func(s string) ([]string, bool) { a, b, ok := bus.ParseRPC(s); return []string{string(a), b}, ok }},
		"RunKey": {1, func(p []string) string { return bus.RunKey(p[0]) },
			func(s string) ([]string, bool) { a, ok := bus.ParseRunKey(s); return []string{a}, ok }},
		"ActiveKey": {1, func(p []string) string { return bus.ActiveKey(p[0]) },
			func(s string) ([]string, bool) { a, ok := bus.ParseActiveKey(s); return []string{a}, ok }},
	}
	id := rapid.StringMatching(`[A-Za-z0-9-][A-Za-z0-9_-]{0,63}`)
	for name, pair := range pairs {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			want := rapid.SliceOfN(id, pair.n, pair.n).Draw(t, "tokens")
			subject := pair.format(want)
			got, ok := pair.parse(subject)
			if !ok {
				t.Fatalf("%q was made by us and is not understood", subject)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%q (-want +got):\n%s", subject, diff)
			}
			if len(subject) > 255 || strings.Count(subject, ".") > 15 {
				t.Fatalf("%q is longer than a subject may be", subject)
			}
			// Nobody else's parser takes it for its own.
			for other, p := range pairs {
				if other == name {
					continue
				}
				if _, ok := p.parse(subject); ok {
					t.Fatalf("%q is of %s and was read as %s", subject, name, other)
				}
			}
		}))
	}
}

func TestParsersRefuse(t *testing.T) {
	tests := map[string]struct {
		reason  string
		subject string
	}{
		"TokenMore":  {"A subject with one token more is another grammar.", "proviso.v1.work.builder.build.x"},
		"TokenLess":  {"", "proviso.v1.work.builder"},
		"NextMajor":  {"The next version is not ours to read.", "proviso.v2.work.builder.build"},
		"EmptyToken": {"", "proviso.v1.work..build"},
		"Wildcard":   {"A wildcard is no verb.", "proviso.v1.work.builder.*"},
		"Underscore": {"Tokens of the server begin with _ or $.", "proviso.v1.work.builder._x"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if role, verb, ok := bus.ParseWork(tc.subject); ok {
				t.Errorf("%q was read as %q, %q; %s", tc.subject, role, verb, tc.reason)
			}
		})
	}
}

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		"01J9Z0X3": true, "a-b_c": true, "": false, "a.b": false, "a b": false, "*": false, ">": false, "_x": false,
		"é": false, "$x": false, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "a\n": false,
	} {
		if got := bus.ValidID(id); got != want {
			t.Errorf("ValidID(%q) = %v, want %v", id, got, want)
		}
	}
}

func TestSubjectClassHasNoIDs(t *testing.T) {
	for subject, want := range map[string]string{
		bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild):                   "work.build",
		bus.EventSubject(bus.RoleBuilder, bus.KindStepSucceeded, "run-1"): "event.step_succeeded",
		bus.ResultSubject("shop", "run-1"):                                "result",
		bus.IntentSubject("shop"):                                         "intent",
		bus.TimerSet("run-1", "deadline"):                                 "timer",
		bus.TimerDue("run-1", "deadline"):                                 "timer",
		bus.DLQSubject(bus.RoleBuilder, bus.VerbBuild):                    "dlq",
		bus.AuditSubject(bus.RoleManager, "run-1", 1):                     "audit",
		bus.RPCSubject(bus.RoleBuilder, "validate"):                       "rpc.validate",
		bus.AdvisorySubject(bus.StreamWork, "builder-v1"):                 "advisory",
		"$KV.runs.run.run-1":                                              "other",
		"proviso.v1.work":                                                 "other",
	} {
		if got := bus.SubjectClass(subject); got != want {
			t.Errorf("SubjectClass(%q) = %q, want %q", subject, got, want)
		}
	}
}
