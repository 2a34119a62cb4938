package inquiry

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
)

// When a node is lost, each guest that runs there is named with what becomes of it.
func TestLoss(t *testing.T) {
	three := func(s *pve.Snapshot) {
		s.Nodes[2] = pve.Node{Name: "c", Status: pve.NodeOnline, CPUs: 8, MemoryBytes: 16 * gib}
	}
	tests := map[string]struct {
		reason string
		edit   func(*pve.Snapshot)
		want   []string // label and reason of each row
	}{
		"Restarted": {reason: "b has 20.8 GiB free, c 14: b takes web; db is not under HA.", edit: three,
			want: []string{"web (101): under HA: restarted, there is room on b", "db (102): not under HA: down until a is back"}},
		"NoQuorum": {reason: "c is off already: one vote of three is left.", edit: func(*pve.Snapshot) {},
			want: []string{"web (101): under HA, but without quorum nothing is restarted", "db (102): not under HA: down until a is back"}},
		"Restricted": {reason: "The group lets web run on c only, which has room.", edit: func(s *pve.Snapshot) {
			three(s)
			s.HAGroups = []pve.HAGroup{{Name: "g", Restricted: true, Nodes: map[string]int{"a": 0, "c": 0}}}
			s.HAServices[0].Group = "g"
		}, want: []string{"web (101): under HA: restarted, there is room on c", "db (102): not under HA: down until a is back"}},
		"NoRoom": {reason: "The rule lets web run on c only, which has 1 GiB.", edit: func(s *pve.Snapshot) {
			three(s)
			s.Nodes[2].MemoryBytes = 3 * gib
			s.HARules = []pve.HARule{{Type: "node-affinity", Strict: true, Resources: []string{"vm:101"}, Nodes: map[string]int{"c": 0}}}
		}, want: []string{"web (101): under HA, but no other node that it may run on has the memory", "db (102): not under HA: down until a is back"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := cluster()
			tc.edit(s)
			var got []string
			for _, r := range Answer(Facts{Snapshot: s}, Query{Topic: TopicResilience, Node: "a"}, "en").GetRows() {
				got = append(got, r.GetLabel()+": "+r.GetReason())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n%s", tc.reason, diff)
			}
		})
	}
}

func TestLosses(t *testing.T) {
	got := Answer(Facts{Snapshot: cluster()}, Query{Topic: TopicResilience, Losses: 2}, "fr").GetText()
	if want := "Non, avec 2 nœuds perdus à la fois, le cluster ne continue pas. Le quorum est perdu : il reste 0 voix sur 3, il en faut 2"; !strings.HasPrefix(got, want) {
		t.Error(got)
	}
}

// The next id is the lowest free one from 100, and the one after the highest is named too: 100 to 105 and 110 are taken.
func TestNextID(t *testing.T) {
	got := Answer(Facts{Snapshot: cluster()}, Query{Topic: TopicNextID}, "en")
	for _, want := range []string{"next free id is 106", "(110) comes 111"} {
		if !strings.Contains(got.GetText(), want) {
			t.Errorf("%q is not in %q", want, got.GetText())
		}
	}
	for id, want := range map[int]string{101: "No, 101 is taken by web (101).", 106: "No machine has the id 106: it is free.", 99: "99 cannot be used: ids below 100 are reserved by Proxmox VE."} {
		if got := Answer(Facts{Snapshot: cluster()}, Query{Topic: TopicID, ID: id}, "en").GetText(); got != want {
			t.Errorf("got %q; want %q", got, want)
		}
	}
}
