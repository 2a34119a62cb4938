package capacity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Shows: T-3.3.5-211
func TestHeadroom(t *testing.T) {
	// n1 lost: 16 and 8 GiB go to n3 (34, 18): n2 has 16, n3 10. n2 lost: 20 to n3, 1 to n1: 13 and 14. n3 lost: 4 to n2: 14 and 12. The loss
	// of n1 and that of n3 leave 26 GiB; after that of n3 the largest guest that fits is smaller.
	cluster := &provisov1.LossHeadroom{WorstNode: "n3", MemoryFreeMib: 26 * 1024, LargestGuestMib: 14 * 1024}
	group := func(change func(*pve.HAGroup)) func(*pve.Snapshot) {
		return func(s *pve.Snapshot) {
			g := pve.HAGroup{Name: "pair", Nodes: map[string]int{"n1": 0, "n2": 0}, Restricted: true}
			if change != nil {
				change(&g)
			}
			s.HAGroups = []pve.HAGroup{g}
			s.HAServices = []pve.HAService{{SID: "vm:102", Group: "pair"}, {SID: "vm:104", Group: "pair"}}
		}
	}
	// n2 lost: the 20 GiB of 104 do not fit into the 14 of n1.
	pair := &provisov1.LossHeadroom{Group: "pair", WorstNode: "n2", MemoryFreeMib: -20 * 1024, LargestGuestMib: 14 * 1024, GuestsWithoutRoom: 1}
	tests := map[string]struct {
		reason   string
		change   func(*pve.Snapshot)
		want     []*provisov1.LossHeadroom
		survives bool
	}{
		"Cluster": {reason: "", want: []*provisov1.LossHeadroom{cluster}, survives: true},
		"Maintenance": {
			reason: "n3 is being emptied and takes nothing: of n1, 16 GiB go to n2 and 8 nowhere; of n2, 20 GiB find nothing in the 14 of n1.",
			change: func(s *pve.Snapshot) { s.HAManager.Nodes = []pve.HANode{{Node: "n3", State: "maintenance mode"}} },
			want:   []*provisov1.LossHeadroom{{WorstNode: "n2", MemoryFreeMib: -20 * 1024, LargestGuestMib: 13 * 1024, GuestsWithoutRoom: 1}},
		},
		"Group8": {reason: "Guests of a group of two of three nodes have the other one only.", change: group(nil), want: []*provisov1.LossHeadroom{cluster, pair}, survives: true},
		"Rule9": {reason: "A rule of release 9 is the same; rules of another kind, and those that are switched off, are none.", survives: true,
			change: func(s *pve.Snapshot) {
				s.Version = "9.1.1"
				s.HARules = []pve.HARule{
					{Name: "apart", Type: "resource-affinity", Resources: []string{"vm:101", "vm:102"}, Affinity: "negative"},
					{Name: "off", Type: "node-affinity", Resources: []string{"vm:101"}, Nodes: map[string]int{"n1": 0}, Strict: true, Disabled: true},
					{Name: "pair", Type: "node-affinity", Resources: []string{"vm:102", "vm:104"}, Nodes: map[string]int{"n1": 0, "n2": 0}, Strict: true},
				}
			}, want: []*provisov1.LossHeadroom{cluster, pair}},
		"OpenAlone": {reason: "Without a restriction HA goes elsewhere once no member is left.", change: group(func(g *pve.HAGroup) {
			g.Nodes, g.Restricted = map[string]int{"n2": 0}, false
		}), want: []*provisov1.LossHeadroom{cluster, {Group: "pair", WorstNode: "n2"}}, survives: true},
		"OnlyAway": {reason: "Nothing is said of nodes that are away.", change: group(func(g *pve.HAGroup) { g.Nodes = map[string]int{"n4": 0} }),
			want: []*provisov1.LossHeadroom{cluster, {Group: "pair"}}, survives: true},
		"Full": {
			reason: "n1 lost: 24 GiB of 102 go nowhere, 8 GiB of 101 to n2 or n3.",
			change: func(s *pve.Snapshot) {
				s.Guests[2].MemoryBytes, s.Guests[6].MemoryBytes = 24*gib, 16*gib // 102, 106
				s.Nodes[2].MemoryUsedBytes = 16 * gib                             // n3: 22 GiB free; n1: 38-32 = 6
			},
			want: []*provisov1.LossHeadroom{{WorstNode: "n1", MemoryFreeMib: -24 * 1024, LargestGuestMib: 16 * 1024, GuestsWithoutRoom: 1}},
		},
		"Alone": {reason: "", change: func(s *pve.Snapshot) { s.Nodes, s.Guests = s.Nodes[:1], s.Guests[:3] },
			want: []*provisov1.LossHeadroom{{WorstNode: "n1", MemoryFreeMib: -24 * 1024, GuestsWithoutRoom: 2}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := small()
			if tc.change != nil {
				tc.change(s)
			}
			a := analyse(t, s, nil)
			if diff := cmp.Diff(tc.want, a.GetHeadroom(), protocmp.Transform()); diff != "" || a.GetSurvivesNodeLoss() != tc.survives {
				t.Errorf("%s\nsurvives %t, want %t; -want, +got:\n%s", tc.reason, a.GetSurvivesNodeLoss(), tc.survives, diff)
			}
		})
	}
}
