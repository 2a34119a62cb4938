package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/policy"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// What is decided for each guest of a group is said once, for all of them; what is decided differently, or for somebody else, is
// said by itself.
func TestGrouped(t *testing.T) {
	of := func(subject, kind, decision string, port int32) *provisov1.TargetPolicy {
		p := &provisov1.TargetPolicy{Subject: subject, Kind: kind, Decision: decision, Reason: "why " + subject}
		if port > 0 {
			p.Access = &provisov1.AccessRule{Port: port, Protocol: "tcp", From: "any"}
		}
		return p
	}
	plan := &provisov1.StrategicPlan{
		VirtualMachines: []*provisov1.PlannedVM{{Name: "web-1", Group: 0}, {Name: "web-2", Group: 0}, {Name: "db", Group: 1}},
		Containers:      []*provisov1.PlannedContainer{{Name: "cache", Group: 0}},
		Policies: []*provisov1.TargetPolicy{
			of("web-1", "ha", "recommended", 0), of("web-1", "firewall", "recommended", 80), of("web-1", "firewall", "recommended", 443),
			of("web-2", "ha", "recommended", 0), of("web-2", "firewall", "recommended", 80), of("web-2", "firewall", "recommended", 443),
			of("db", "ha", "applied", 0), of("cache", "ha", "recommended", 0), of("shop", "scaling", "recommended", 0),
		},
	}
	type row struct {
		Kind     string
		Port     int32
		Subjects []string
	}
	rows := func(list []policy.Group) (out []row) {
		for _, p := range list {
			out = append(out, row{p.GetKind(), p.GetAccess().GetPort(), p.Subjects})
		}
		return out
	}
	tests := map[string]struct {
		reason    string
		decisions []string
		want      []row
	}{
		"Recommended": {
			reason:    "A container of group 0 is not in the machines' group 0, and a workload is in no group.",
			decisions: []string{"recommended"},
			want: []row{
				{"ha", 0, []string{"web-1", "web-2"}}, {"firewall", 80, []string{"web-1", "web-2"}}, {"firewall", 443, []string{"web-1", "web-2"}},
				{"ha", 0, []string{"cache"}}, {"scaling", 0, []string{"shop"}},
			},
		},
		"Applied": {reason: "Only what has the decision is returned.", decisions: []string{"applied"}, want: []row{{"ha", 0, []string{"db"}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, rows(policy.Grouped(plan, tt.decisions...))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
	if got := len(policy.Grouped(plan)); got != 6 {
		t.Errorf("without a decision: got %d, want 6", got)
	}
}
