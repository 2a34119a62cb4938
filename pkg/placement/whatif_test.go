package placement

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
)

func TestLose(t *testing.T) {
	type fate struct {
		Fate  Fate
		Node  string
		Cause Cause
	}
	guest := func(id int, node string, memory int64, ha bool) pve.Guest {
		return pve.Guest{VMID: id, Kind: pve.KindVM, Node: node, Status: pve.GuestRunning, MemoryBytes: memory * gib, CPUs: 2, HA: ha}
	}
	on := func(storage string) *pve.GuestConfig {
		return &pve.GuestConfig{Disks: []pve.Disk{{Slot: "scsi0", Storage: storage, SizeBytes: gib}}}
	}
	cluster := func() *pve.Snapshot {
		s := plainCluster(16, 32, 32, 32) // 30 for guests on each
		s.Guests = []pve.Guest{
			guest(101, "n00", 12, true), guest(102, "n00", 6, true), guest(103, "n00", 2, false),
			guest(104, "n01", 20, true), guest(105, "n02", 14, true),
		}
		for _, n := range s.Nodes {
			s.Storages = append(s.Storages,
				pve.Storage{Name: "local", Node: n.Name, Active: true, Content: []string{"images"}, TotalBytes: 100 * gib},
				pve.Storage{Name: "ceph", Node: n.Name, Shared: true, Active: true, Content: []string{"images"}, TotalBytes: 100 * gib})
		}
		return s
	}
	tests := map[string]struct {
		reason   string
		change   func(*pve.Snapshot)
		lost     []string
		quorum   bool
		want     map[int]fate
		homeless []int
	}{
		"Restart": {
			reason: "The largest first, each where most is free; who is not under HA waits.", lost: []string{"n00"}, quorum: true,
			want: map[int]fate{101: {Restarts, "n02", ""}, 102: {Restarts, "n01", ""}, 103: {Down, "", ""}},
		},
		"NoRoom": {
			reason: "n01 and n02 have 6 and 4 GiB left.", lost: []string{"n00"}, quorum: true,
			change:   func(s *pve.Snapshot) { s.Guests[3].MemoryBytes, s.Guests[4].MemoryBytes = 24*gib, 26*gib },
			want:     map[int]fate{101: {Stuck, "", Memory}, 102: {Restarts, "n01", ""}, 103: {Down, "", ""}},
			homeless: []int{101},
		},
		"Group": {
			reason: "A restricted group leaves only n01, which has room for one.", lost: []string{"n00"}, quorum: true,
			change: func(s *pve.Snapshot) {
				s.HAGroups = []pve.HAGroup{{Name: "g", Restricted: true, Nodes: map[string]int{"n00": 1, "n01": 1}}}
				s.HAServices = []pve.HAService{{SID: "vm:101", Group: "g"}, {SID: "vm:102", Group: "g"}}
				s.Guests[3].MemoryBytes = 14 * gib
			},
			want: map[int]fate{101: {Restarts, "n01", ""}, 102: {Stuck, "", Memory}, 103: {Down, "", ""}},
		},
		"LeftAlone": {
			reason: "HA has been told to ignore 101.", lost: []string{"n00"}, quorum: true,
			change: func(s *pve.Snapshot) {
				s.HAServices = []pve.HAService{{SID: "vm:101", State: "ignored"}, {SID: "vm:102", State: "started"}}
			},
			want: map[int]fate{101: {Down, "", ""}, 102: {Restarts, "n02", ""}, 103: {Down, "", ""}},
		},
		"LocalDisk": {
			reason: "A disk on the lost node's own storage is lost with it.", lost: []string{"n00"}, quorum: true,
			change: func(s *pve.Snapshot) { s.Guests[0].Config, s.Guests[1].Config = on("local"), on("ceph") },
			want:   map[int]fate{101: {Stuck, "", LocalDisk}, 102: {Restarts, "n02", ""}, 103: {Down, "", ""}},
		},
		"Apart": {
			reason: "Three guests of a rule that keeps them apart have two nodes left.", lost: []string{"n00"}, quorum: true,
			change: func(s *pve.Snapshot) {
				s.HARules = []pve.HARule{{Name: "r", Type: "resource-affinity", Affinity: "negative", Resources: []string{"vm:101", "vm:102", "vm:105"}}}
				s.Guests[3].MemoryBytes = 4 * gib
			},
			want: map[int]fate{101: {Restarts, "n01", ""}, 102: {Stuck, "", NotApart}, 103: {Down, "", ""}},
		},
		"TwoAtOnce": {
			reason: "One of three nodes has no quorum, so that HA does nothing.", lost: []string{"n00", "n01"}, quorum: false,
			want: map[int]fate{104: {Stuck, "", NoQuorum}, 101: {Stuck, "", NoQuorum}, 102: {Stuck, "", NoQuorum}, 103: {Down, "", ""}}, homeless: []int{104, 102},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := cluster()
			if tt.change != nil {
				tt.change(s)
			}
			l := NewIndex(s, Policy{}).Lose(tt.lost...)
			got := map[int]fate{}
			for _, g := range l.Guests {
				got[g.VMID] = fate{g.Fate, g.Node, g.Cause}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s\nfates (-want +got):\n%s", tt.reason, diff)
			}
			if l.Quorum != tt.quorum {
				t.Errorf("%s\nquorum: got %v with %d of %d votes, %d needed", tt.reason, l.Quorum, l.VotesLeft, l.Votes, l.VotesNeeded)
			}
			if diff := cmp.Diff(tt.homeless, l.Homeless); diff != "" {
				t.Errorf("%s\nhomeless (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestLoseTellsLoads(t *testing.T) {
	s := plainCluster(16, 32, 32)
	s.Guests = []pve.Guest{
		{VMID: 101, Node: "n00", Status: pve.GuestRunning, MemoryBytes: 8 * gib, CPUs: 2, HA: true},
		{VMID: 102, Node: "n01", Status: pve.GuestRunning, MemoryBytes: 4 * gib, CPUs: 3},
	}
	s.Membership = pve.Membership{Read: true, Votes: 2, ExpectedVotes: 2, NodeVotes: map[string]int{"n00": 0, "n01": 2}}
	l := NewIndex(s, Policy{}).Lose("n00")
	if diff := cmp.Diff([]NodeLoad{{"n01", 16, 5, 32 * gib, 12 * gib}}, l.After); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	if !l.Quorum {
		t.Errorf("n01 has both votes: got %+v", l)
	}
}

// A cluster of which nothing is known answers every question with nothing.
func TestEmptyCluster(t *testing.T) {
	// A guest and a rule of which the rest is missing.
	s := &pve.Snapshot{
		Guests:     []pve.Guest{{VMID: 100, Node: "gone", Status: pve.GuestRunning, MemoryBytes: gib, HA: true}},
		HARules:    []pve.HARule{{Name: "r", Affinity: "positive", Resources: []string{"vm:100", "vm:x", "ct:7"}}},
		HAServices: []pve.HAService{{SID: "vm:100", Group: "gone"}},
		Storages:   []pve.Storage{{Name: "s", Node: "gone", Active: true}},
	}
	x := NewIndexWith(s, Policy{}, Options{Mappings: []Mapping{{Name: "m", Nodes: map[string]int{"gone": 1}}}})
	if r, err := x.Choose(nil); err != nil || len(r.Choices) != 0 {
		t.Errorf("no demand: %v", err)
	}
	_, err := x.Choose([]Demand{webserver(), webserver()})
	if refused := new(InfeasibleError); !errors.As(err, &refused) || !refused.Proven || refused.Moves != nil {
		t.Errorf("no node: got %v", err)
	}
	if moves := x.Rebalance(RebalanceOptions{}); moves != nil || x.Imbalance() != 0 {
		t.Errorf("moves: %v", moves)
	}
	if _, ok := x.Drain("gone"); ok {
		t.Errorf("drained a node that there is not")
	}
	if l := x.Lose("gone"); len(l.Guests) != 0 || len(l.Nodes) != 0 {
		t.Errorf("lost: %+v", l)
	}
	if c := x.Pack(); len(c.Rest) != 0 || c.WattsBefore != 0 {
		t.Errorf("packed: %+v", c)
	}
	if sc := x.Scale(2); !sc.Fits || sc.MostFactor != 0 {
		t.Errorf("scaled: %+v", sc)
	}
	if f := x.Fits(webserver(), 5); f.Total != 0 || len(x.Rooms()) != 0 {
		t.Errorf("fits: %+v", f)
	}
}

// Of a node that is online but of which nothing could be read, nothing is told and nothing is planned.
func TestUnreadNode(t *testing.T) {
	s := plainCluster(16, 32, 0)
	s.Nodes[1].CPUs = 0
	r, err := NewIndex(s, Policy{}).Choose([]Demand{{MemoryBytes: gib, VCPUs: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if a := r.Choices[0].Nodes[1]; r.Choices[0].Node != "n00" || a.Outcome != Rejected || a.ShareAfter != 0 || a.FreeBytes != 0 {
		t.Errorf("got %+v", a)
	}
}

func TestDrain(t *testing.T) {
	s := labS2()
	x := NewIndex(s, Policy{})
	e, ok := x.Drain("pmox03")
	if !ok {
		t.Fatal("pmox03 is there and online")
	}
	to := map[int]string{}
	for _, m := range e.Moves {
		for _, g := range m.Guests {
			to[g.VMID] = m.To
		}
	}
	if diff := cmp.Diff(map[int]string{121: "pmox02", 123: "pmox01"}, to); diff != "" {
		t.Errorf("123 has 8 GiB and goes to the 14 of pmox01, which leaves 6; 121 goes to the 10 of pmox02 (-want +got):\n%s", diff)
	}
	if e.SurvivesLoss {
		t.Errorf("two nodes do not bear the loss of one")
	}
	for _, l := range e.After {
		if l.Node == "pmox03" && (l.VCPUs != 0 || l.UsedBytes != 9*gib) {
			t.Errorf("pmox03 afterwards: %+v, want no vCPUs and what its host uses", l)
		}
	}

	s.Guests[4].MemoryBytes = 20 * gib // 121
	e, _ = NewIndex(s, Policy{}).Drain("pmox03")
	if len(e.Stays) != 1 || e.Stays[0].VMID != 121 || !e.Proven {
		t.Errorf("guest 121 with 20 GiB fits on neither: got %+v, proven %v", e.Stays, e.Proven)
	}
	if _, ok := x.Drain("pmox04"); ok {
		t.Errorf("pmox04 is not online")
	}
}

// Shows: T-2.2.4-02
func TestPack(t *testing.T) {
	cluster := func() *pve.Snapshot {
		s := plainCluster(16, 64, 64, 64, 64, 64)
		for i, memory := range []int64{20, 4, 10, 2, 12} {
			s.Nodes[i].CPUUsage = 0.1
			s.Guests = append(s.Guests, pve.Guest{
				VMID: 101 + i, Kind: pve.KindVM, Node: s.Nodes[i].Name, Status: pve.GuestRunning,
				MemoryBytes: memory * gib, CPUs: 4, CPUUsage: 0.4,
			})
		}
		return s
	}
	rest := func(s *pve.Snapshot) []string {
		var names []string
		c := NewIndex(s, Policy{}).Pack()
		for _, r := range c.Rest {
			names = append(names, r.Node)
		}
		saved := 0.0
		for _, r := range c.Rest {
			saved += r.SavedWatts
		}
		if math.Abs(c.WattsBefore-c.WattsAfter-saved) > 1e-9 {
			t.Errorf("%.1f W before, %.1f after, %.1f saved", c.WattsBefore, c.WattsAfter, saved)
		}
		return names
	}
	if diff := cmp.Diff([]string{"n03"}, rest(cluster())); diff != "" {
		t.Errorf("five votes need three, and one more node may be lost: one may rest, the emptiest (-want +got):\n%s", diff)
	}
	s := cluster()
	s.Hardware = []pve.NodeHardware{{Node: "n03", Disks: []pve.PhysicalDisk{{Device: "/dev/sda", OSD: true}}}}
	if diff := cmp.Diff([]string{"n01"}, rest(s)); diff != "" {
		t.Errorf("n03 carries part of Ceph and goes on (-want +got):\n%s", diff)
	}
	s = cluster()
	for i := range s.Nodes {
		s.Nodes[i].CPUUsage = 0.79
	}
	if got := rest(s); got != nil {
		t.Errorf("nodes at 79 %% take no more load, yet %v should rest", got)
	}
	s = cluster()
	for i := range s.Guests {
		s.Guests[i].MemoryBytes = 40 * gib
	}
	if got := rest(s); got != nil {
		t.Errorf("nowhere is room for 40 GiB, yet %v should rest", got)
	}
}

func TestScale(t *testing.T) {
	s := plainCluster(16, 32, 64)
	s.Nodes[0].CPUUsage, s.Nodes[0].MemoryUsedBytes = 0.3, 20*gib
	s.Nodes[1].CPUUsage, s.Nodes[1].MemoryUsedBytes = 0.55, 10*gib
	got := NewIndex(s, Policy{}).Scale(2)
	if got.Fits || len(got.Nodes) != 2 {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff([]Resource{ResourceMemory}, got.Nodes[0].Over); diff != "" {
		t.Errorf("n00 would use 40 of 32 GiB:\n%s", diff)
	}
	if diff := cmp.Diff([]Resource{ResourceCPU}, got.Nodes[1].Over); diff != "" {
		t.Errorf("n01 would be at 110 %%:\n%s", diff)
	}
	if math.Abs(got.MostFactor-1.6) > 1e-9 || got.MostNode != "n00" || got.MostResource != ResourceMemory {
		t.Errorf("32 of 20 GiB are 1.6: got %v on %s, %s", got.MostFactor, got.MostNode, got.MostResource)
	}
	if half := NewIndex(s, Policy{}).Scale(0.5); !half.Fits {
		t.Errorf("half the load: %+v", half)
	}
}

func TestFits(t *testing.T) {
	x := NewIndex(labS2(), Policy{})
	d := webserver()
	d.MemoryBytes = 4 * gib
	if diff := cmp.Diff(Fit{Nodes: map[string]int{"pmox01": 3, "pmox02": 2, "pmox03": 4}, Total: 9}, x.Fits(d, 100)); diff != "" {
		t.Errorf("14, 10 and 18 GiB (-want +got):\n%s", diff)
	}
	d.Disks[0].Bytes = 250 * gib
	if got := x.Fits(d, 100); got.Total != 2 || got.Nodes["pmox03"] != 2 {
		t.Errorf("550 GiB of one pool hold two, wherever: %+v", got)
	}
	if got := x.Fits(webserver(), 3).Total; got != 3 {
		t.Errorf("at most three: got %d", got)
	}
}
