package refine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/review"
)

func reviewer(t *testing.T) *review.Reviewer {
	t.Helper()
	v, err := review.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A script is a reviewer that says what it was told to, turn by turn, and the last thing for ever.
func script(turns ...Verdict) Reviewer {
	n := 0
	return func([]bpg.File) Verdict {
		v := turns[min(n, len(turns)-1)]
		n++
		return v
	}
}

func found(rule string) Verdict {
	return Verdict{Result: review.Result{Stages: []review.Stage{{
		Name: review.StagePolicy, Outcome: review.Failed, Findings: []review.Finding{{Rule: rule, Severity: review.Error}},
	}}}}
}

var satisfied = Verdict{Result: review.Result{Stages: []review.Stage{{Name: review.StagePolicy, Outcome: review.Passed}}}, ExitLoop: true}

// busy repairs whatever it is shown, or says so.
func busy(_ *bpg.Draft, fs []review.Finding) []string { return []string{fs[0].Rule} }

// idle knows no repair.
func idle(*bpg.Draft, []review.Finding) []string { return nil }

// Shows: T-C.2-06, T-C.2-07, T-C.2-09
func TestLoopEnds(t *testing.T) {
	var endless []Verdict
	for i := range 20 {
		endless = append(endless, found(fmt.Sprintf("R%d", i)))
	}
	tests := map[string]struct {
		reason     string
		reviewer   Reviewer
		refiner    Refiner
		want       End
		iterations int
	}{
		"CleanAtOnce": {
			reason: "A satisfied reviewer ends the loop in its first turn.", reviewer: script(satisfied), refiner: busy, want: Satisfied, iterations: 1,
		},
		"RepairedOnce": {
			reason: "The turn that finds nothing is a turn too.", reviewer: script(found("A"), satisfied), refiner: busy, want: Satisfied, iterations: 2,
		},
		"SameFindings": {
			reason: "A repair that changes nothing must not go on for ever, although the refiner claims success.", reviewer: script(found("A")), refiner: busy,
			want: Stuck, iterations: 2,
		},
		"FindingsAlternate": {
			reason: "Two repairs that undo each other are the same findings again.", reviewer: script(found("A"), found("B"), found("A")), refiner: busy,
			want: Stuck, iterations: 3,
		},
		"NoRepairKnown": {
			reason: "Without a repair the next review would find the same.", reviewer: script(found("A")), refiner: idle, want: Stuck, iterations: 1,
		},
		"AlwaysSomethingNew": {
			reason: "Ten turns are enough.", reviewer: script(endless...), refiner: busy, want: Limit, iterations: MaxIterations,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			observed := 0
			l := &Loop{Draft: bpg.Plain(fixture.Plan(fixture.VM("a", 300)), fixture.Snapshot()), Reviewer: tc.reviewer, Refiner: tc.refiner,
				Observe: func(Iteration) { observed++ }}
			if got := l.Run(); got != tc.want {
				t.Errorf("%s\nRun() = %q; want %q", tc.reason, got, tc.want)
			}
			if len(l.Iterations) != tc.iterations || observed != tc.iterations {
				t.Errorf("%s\n%d iterations, %d observed; want %d", tc.reason, len(l.Iterations), observed, tc.iterations)
			}
			for i, it := range l.Iterations {
				if it.ExitLoop != (tc.want == Satisfied && i == len(l.Iterations)-1) {
					t.Errorf("iteration %d: exit_loop = %v", it.Number, it.ExitLoop)
				}
			}
		})
	}
}

// Shows: T-3.3.5-324
func TestResume(t *testing.T) {
	late := found("apply.failed").Result.Findings()
	t.Run("Repaired", func(t *testing.T) {
		l := &Loop{Draft: bpg.Plain(fixture.Plan(fixture.VM("a", 300)), fixture.Snapshot()), Reviewer: script(satisfied), Refiner: busy}
		if end := l.Run(); end != Satisfied {
			t.Fatal(end)
		}
		if end := l.Resume(late); end != Satisfied {
			t.Errorf("Resume() = %q; want %q", end, Satisfied)
		}
		if n := len(l.Iterations); n != 3 {
			t.Errorf("%d iterations; want 3: the first review, the late finding, the review of its repair", n)
		}
		if end := l.Resume(late); end != Stuck {
			t.Errorf("second Resume() with the same finding = %q; want %q", end, Stuck)
		}
	})
	t.Run("BudgetSpent", func(t *testing.T) {
		l := &Loop{Draft: bpg.Plain(fixture.Plan(fixture.VM("a", 300)), fixture.Snapshot()), Reviewer: script(satisfied), Refiner: busy}
		for range MaxIterations {
			l.Iterations = append(l.Iterations, Iteration{Number: len(l.Iterations) + 1})
		}
		if end := l.Resume(late); end != Limit {
			t.Errorf("Resume() = %q; want %q", end, Limit)
		}
	})
}

// TestRepairs: whatever the reviewer insists on has a repair, and what it finds in a plain draft is repaired.
//
// Shows: T-C.2-05
func TestRepairs(t *testing.T) {
	for _, rule := range review.Insisted() {
		if repairs[rule] == nil {
			t.Errorf("the reviewer insists on %s, and the refiner knows no repair", rule)
		}
	}
}

// TestPlainDraftIsRefined: the first draft holds what was asked for; performance and practice come with the rules that
// ask for them.
//
// Shows: T-3.2-06, T-C.2-04, T-3.3.5-304
func TestPlainDraftIsRefined(t *testing.T) {
	vm := fixture.VM("webserver", 125)
	vm.Tags = []string{"web", "PROD"}
	plan, s := fixture.Plan(vm), fixture.Snapshot()
	l := New(reviewer(t), plan, s, review.Index(s))
	if end := l.Run(); end != Satisfied {
		t.Fatalf("Run() = %q with %v", end, l.Result.Open())
	}
	first := l.Iterations[0]
	want := []string{"PMX021", "PMX025", "PMX027", "PMX037", "PMX055", "PMX057", "PMX077", "PMX089", "intent.disk_tuning", "intent.scsi_hardware"}
	if diff := cmp.Diff(want, first.Repaired); diff != "" {
		t.Errorf("repaired in the first turn (-want +got):\n%s", diff)
	}
	for _, rule := range want {
		if !slices.ContainsFunc(first.Findings, func(f review.Finding) bool { return f.Rule == rule }) {
			t.Errorf("%s was repaired without a finding", rule)
		}
	}
	if got := plan.GetVirtualMachines()[0].GetTags(); !slices.Equal(got, []string{"web", "PROD"}) {
		t.Errorf("the plan that the result is compared with was changed: tags %q", got)
	}
	last := l.Iterations[len(l.Iterations)-1]
	if !last.ExitLoop || len(last.Repaired) != 0 {
		t.Errorf("last turn = %+v; want exit_loop without a repair", last)
	}
}

// A fault that the plan itself carries has no repair, and is not delivered.
func TestUnrepairable(t *testing.T) {
	vm := fixture.VM("webserver", 125)
	vm.Node = "pmox09"
	plan, s := fixture.Plan(vm), fixture.Snapshot()
	l := New(reviewer(t), plan, s, review.Index(s))
	if end := l.Run(); end != Stuck {
		t.Fatalf("Run() = %q; want %q", end, Stuck)
	}
	if open := l.Result.Open(); len(open) == 0 || open[0].Rule != "PMX049" {
		t.Errorf("open findings = %v; want PMX049", open)
	}
}
