package bpg

import (
	"strings"
	"testing"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// The bundle tells its reviewer what was to be reached and what was weighed, in the requester's language; words of strangers in it
// have no effect as markup, and a long list says how much it leaves out.
func TestReadmeOfPlan(t *testing.T) {
	plan := &provisov1.StrategicPlan{
		Aims: []*provisov1.Aim{{Kind: "constraint", Text: "apart <b>", Outcome: "met", How: "3 machines on 3 nodes"}},
		Policies: []*provisov1.TargetPolicy{
			{Subject: "web-1", Kind: "ha", Decision: "recommended", Setting: "group=all", Reason: "one of it"},
			{Subject: "web-2", Kind: "ha", Decision: "recommended", Setting: "group=all", Reason: "one of it"},
			{Subject: "web-1", Kind: "start_order", Decision: "not_needed", Reason: "nothing waits"},
		},
		VirtualMachines: []*provisov1.PlannedVM{{Name: "web-1"}, {Name: "web-2"}},
		Steps:           []*provisov1.PlanStep{{Place: 1, Kind: "virtual_machine", Subject: "web-1", By: "manifest"}, {Place: 2, Kind: "join", Subject: "web-1", By: "person"}},
	}
	for range weighedMost + 3 {
		plan.Alternatives = append(plan.Alternatives, &provisov1.Alternative{Topic: "node", Text: "pmox02", Reason: "fuller",
			Cost: &provisov1.Cost{MemoryMib: 4096}, PlanCost: &provisov1.Cost{MemoryMib: 2048}})
	}
	tests := map[string]struct {
		reason    string
		want, not []string
	}{
		"en": {
			reason: "English",
			want: []string{
				"## What was to be reached", "✓ **apart &lt;b&gt;** (constraint): 3 machines on 3 nodes",
				"* `web-1`, `web-2`: **high availability** (recommended, not in this code) `group=all`. one of it",
				"4096 / 2048 MiB", "3 more stand in the plan", "2. join the cluster: `web-1` (by a person)",
			},
			not: []string{"nothing waits", "<b>"},
		},
		"fr": {reason: "French", want: []string{"## Ce qui devait être atteint", "(contrainte)", "**haute disponibilité** (conseillé, absent de ce code)", "4096 / 2048 Mio", "(par une personne)"}},
	}
	for lang, tt := range tests {
		t.Run(lang, func(t *testing.T) {
			plan.Language = lang
			l := layout{draft: Draft{Plan: plan}}
			var b strings.Builder
			l.readmeOfPlan(&b, func(key string) { b.WriteString("\n## " + l.say(key) + "\n\n") })
			for _, want := range tt.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("%s: no %q in\n%s", tt.reason, want, b.String())
				}
			}
			for _, not := range tt.not {
				if strings.Contains(b.String(), not) {
					t.Errorf("%s: %q stands in it", tt.reason, not)
				}
			}
		})
	}
}
