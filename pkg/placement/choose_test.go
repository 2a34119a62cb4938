package placement

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
)

// Shows: T-3.3.1-02, T-3.3.2-06, T-3.3.2-07, T-3.3.2-08
func TestChoose(t *testing.T) {
	with := func(d Demand, change func(*Demand)) Demand { change(&d); return d }
	tests := map[string]struct {
		reason  string
		change  func(*pve.Snapshot)
		demands []Demand
		want    []string
	}{
		"MostFree": {
			reason:  "Of three equal nodes the one with most free memory is taken; pmox04 is off and has none.",
			demands: fleet(1, webserver()),
			want:    []string{"pmox03"},
		},
		"BalanceSpreads": {
			reason:  "16, 12 and 20 GiB are promised nothing yet: each machine goes where most is left after those before it.",
			demands: fleet(4, with(webserver(), func(d *Demand) { d.MemoryBytes = 4 * gib })),
			want:    []string{"pmox03", "pmox01", "pmox03", "pmox01"},
		},
		"PackFillsTheFullest": {
			reason:  "Packing takes the fullest node that has room.",
			demands: fleet(1, with(webserver(), func(d *Demand) { d.Objective = Pack })),
			want:    []string{"pmox02"},
		},
		"HotSpotIsAvoided": {
			reason:  "The node with most free memory is passed over while its CPU is nearly spent.",
			change:  func(s *pve.Snapshot) { s.Nodes[2].CPUUsage = 0.95 },
			demands: fleet(1, webserver()),
			want:    []string{"pmox01"},
		},
		"UsedMemoryCountsToo": {
			reason:  "A host that uses more than its guests are promised has only the rest.",
			change:  func(s *pve.Snapshot) { s.Nodes[2].MemoryUsedBytes = 29 * gib },
			demands: fleet(1, webserver()),
			want:    []string{"pmox01"},
		},
		"WishIsKept": {
			reason:  "A wish about nodes is a condition.",
			demands: fleet(1, with(webserver(), func(d *Demand) { d.Nodes = []string{"pmox02", "pmox01"} })),
			want:    []string{"pmox01"},
		},
		"AvoidedIsKept": {
			reason:  "So is the wish not to be on a node.",
			demands: fleet(1, with(webserver(), func(d *Demand) { d.Avoid = []string{"pmox03"} })),
			want:    []string{"pmox01"},
		},
		"HAGroupHoldsTheGuest": {
			reason:  "Outside its group HA would move the guest at once.",
			demands: fleet(1, with(webserver(), func(d *Demand) { d.HA, d.HANodes = true, []string{"pmox02"} })),
			want:    []string{"pmox02"},
		},
		"Apart": {
			reason:  "Three machines apart use three nodes.",
			demands: fleet(3, with(webserver(), func(d *Demand) { d.Grouping = Apart })),
			want:    []string{"pmox03", "pmox01", "pmox02"},
		},
		"Together": {
			reason:  "Two machines together use one node, which must have room for both.",
			demands: fleet(2, with(webserver(), func(d *Demand) { d.Grouping, d.MemoryBytes = Together, 8*gib })),
			want:    []string{"pmox03", "pmox03"},
		},
		"BridgeOnOneNodeOnly": {
			reason: "A bridge belongs to a node: only where it exists can the machine join it.",
			change: func(s *pve.Snapshot) {
				s.Bridges = append(s.Bridges, pve.Bridge{Name: "vmbr7", Node: "pmox02", Active: true})
			},
			demands: fleet(1, with(webserver(), func(d *Demand) { d.Networks = []string{"vmbr7"} })),
			want:    []string{"pmox02"},
		},
		"TemplateOnLocalStorage": {
			reason: "A template on one node's own storage is cloned there (C-17).",
			demands: fleet(1, with(webserver(), func(d *Demand) {
				d.Disks, d.Source.Nodes = []Disk{{Storage: "local-lvm", Bytes: 32 * gib}}, []string{"pmox01"}
			})),
			want: []string{"pmox01"},
		},
		"GreedyWouldFail": {
			reason: "24 GiB are free on each: one 12 on each node, as balance has it, leaves no room for the third 8.",
			change: func(s *pve.Snapshot) { *s = *plainCluster(64, 26, 26) },
			demands: []Demand{
				{MemoryBytes: 12 * gib, VCPUs: 1}, {MemoryBytes: 8 * gib, VCPUs: 1}, {MemoryBytes: 8 * gib, VCPUs: 1},
				{MemoryBytes: 8 * gib, VCPUs: 1}, {MemoryBytes: 12 * gib, VCPUs: 1},
			},
			want: []string{"n00", "n01", "n01", "n01", "n00"},
		},
		"RoomForALossComesFirst": {
			reason: "On n00 the machine would take what n01's 30 GiB need, on n01 what n02's 40 GiB need; n02 has least room and is right.",
			change: func(s *pve.Snapshot) {
				*s = *plainCluster(64, 34, 80, 60)
				s.Guests = []pve.Guest{
					{VMID: 100, Node: "n01", Status: pve.GuestRunning, MemoryBytes: 30 * gib, CPUs: 1},
					{VMID: 101, Node: "n02", Status: pve.GuestRunning, MemoryBytes: 40 * gib, CPUs: 1},
				}
			},
			demands: []Demand{{MemoryBytes: 10 * gib, VCPUs: 1}},
			want:    []string{"n02"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := labS2()
			if tt.change != nil {
				tt.change(s)
			}
			r, err := NewIndex(s, Policy{}).Choose(tt.demands)
			if err != nil {
				t.Fatalf("%s\nChoose: %v", tt.reason, err)
			}
			if diff := cmp.Diff(tt.want, nodesOf(r)); diff != "" {
				t.Errorf("%s\nnodes (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

// Shows: T-3.3.2-06, T-3.3.2-08
func TestChooseRefuses(t *testing.T) {
	with := func(change func(*Demand)) []Demand { d := webserver(); change(&d); return []Demand{d} }
	all := func(c Cause) map[string]Cause {
		return map[string]Cause{"pmox01": c, "pmox02": c, "pmox03": c, "pmox04": NotOnline}
	}
	tests := map[string]struct {
		reason    string
		demands   []Demand
		policy    Policy
		want      map[string]Cause
		most      int64 // GiB
		elsewhere []string
	}{
		"Memory": {
			reason:  "20 GiB are free on pmox03, 2 of them for the host.",
			demands: with(func(d *Demand) { d.MemoryBytes = 64 * gib }),
			want:    all(Memory), most: 18,
		},
		"HAOnLocalDisk": {
			reason:  "HA cannot start a guest elsewhere when its disk stays behind.",
			demands: with(func(d *Demand) { d.HA, d.Disks = true, []Disk{{Storage: "local-lvm", Bytes: gib}} }),
			want:    all(LocalDisk),
		},
		"TemplateAndWishApart": {
			reason: "The laboratory's literal case (C-17): template on pmox01's own storage, machine on pmox03.",
			demands: with(func(d *Demand) {
				d.Nodes, d.Source.Nodes = []string{"pmox03"}, []string{"pmox01"}
			}),
			want:      map[string]Cause{"pmox01": NotWished, "pmox02": NotWished, "pmox03": SourceTooFar, "pmox04": NotOnline},
			elsewhere: []string{"pmox01"},
		},
		"SharedPoolCountsOnce": {
			reason:  "Three nodes report 550 GiB free on the pool; it is the same space.",
			demands: with(func(d *Demand) { d.Disks = []Disk{{Storage: "pmoxpool01", Bytes: 600 * gib}} }),
			want:    all(StorageSpace),
		},
		"WiderThanANode": {
			reason:  "Proxmox VE starts no guest with more vCPUs than the node has threads.",
			demands: with(func(d *Demand) { d.VCPUs = 21 }),
			want:    all(TooManyVCPUs),
		},
		"Overcommit": {
			reason:  "With one vCPU a thread, pmox01 has 10 of 20 taken, pmox02 12, pmox03 8.",
			demands: with(func(d *Demand) { d.VCPUs = 13 }),
			policy:  Policy{VCPUOvercommit: 1},
			want:    all(VCPUs),
		},
		"NoSuchNetwork": {
			reason:  "A vnet or bridge that no node has.",
			demands: with(func(d *Demand) { d.Networks = []string{"vmbr9"} }),
			want:    all(NoNetwork),
		},
		"MoreApartThanNodes": {
			reason: "The fourth of four machines apart finds every online node taken.",
			demands: func() []Demand {
				d := webserver()
				d.Grouping = Apart
				return fleet(4, d)
			}(),
			want: all(NotApart),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := NewIndex(labS2(), tt.policy).Choose(tt.demands)
			var refused *InfeasibleError
			if !errors.As(err, &refused) || !errors.Is(err, ErrInfeasible) {
				t.Fatalf("%s\nChoose: got %v, want an InfeasibleError", tt.reason, err)
			}
			causes := make(map[string]Cause)
			for _, a := range refused.Nodes {
				causes[a.Node] = a.Cause
			}
			if diff := cmp.Diff(tt.want, causes); diff != "" {
				t.Errorf("%s\ncauses (-want +got):\n%s", tt.reason, diff)
			}
			if got := refused.MostMemoryBytes / gib; got != tt.most {
				t.Errorf("%s\nmost memory: got %d GiB, want %d", tt.reason, got, tt.most)
			}
			if diff := cmp.Diff(tt.elsewhere, refused.Elsewhere); diff != "" {
				t.Errorf("%s\nelsewhere (-want +got):\n%s", tt.reason, diff)
			}
			if !refused.Proven {
				t.Errorf("%s\na search this small must be complete", tt.reason)
			}
		})
	}
}

// Shows: T-4.7.4-06
func TestChoiceTellsFigures(t *testing.T) {
	r, err := NewIndex(labS2(), Policy{}).Choose(fleet(1, webserver()))
	if err != nil {
		t.Fatal(err)
	}
	type figures struct {
		Outcome   Outcome
		Cause     Cause
		FreeGiB   int64
		VCPUs     int
		VCPULimit int
		Load      int
	}
	got := make(map[string]figures)
	for _, a := range r.Choices[0].Nodes {
		got[a.Node] = figures{a.Outcome, a.Cause, a.FreeBytes / gib, a.VCPUs, a.VCPULimit, a.LoadPercent}
	}
	want := map[string]figures{
		"pmox01": {Possible, NoCause, 14, 10, 80, 17},
		"pmox02": {Possible, NoCause, 10, 12, 80, 17},
		"pmox03": {Chosen, NoCause, 18, 8, 80, 17},
		"pmox04": {Rejected, NotOnline, 0, 0, 0, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
	wantAfter := []NodeLoad{
		{"pmox01", 20, 10, 32 * gib, 16 * gib},
		{"pmox02", 20, 12, 32 * gib, 20 * gib},
		{"pmox03", 20, 10, 32 * gib, 14 * gib},
	}
	if diff := cmp.Diff(wantAfter, r.After); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
}

// Shows: T-4.7.2-06
func TestNodeLoss(t *testing.T) {
	tests := map[string]struct {
		reason        string
		change        func(*pve.Snapshot)
		demand        Demand
		before, after bool
	}{
		"Kept": {
			reason: "48 GiB are promised; any two nodes have 60 for guests.",
			demand: webserver(), before: true, after: true,
		},
		"Lost": {
			reason: "With 13 GiB more, the 20 GiB of pmox02 no longer fit beside the rest.",
			demand: Demand{MemoryBytes: 13 * gib, VCPUs: 2}, before: true, after: false,
		},
		"LostBefore": {
			reason: "What was lost before does not stop a small machine; it is said.",
			change: func(s *pve.Snapshot) { s.Nodes[2].Status = pve.NodeOffline },
			demand: webserver(), before: false, after: false,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := labS2()
			if tt.change != nil {
				tt.change(s)
			}
			r, err := NewIndex(s, Policy{}).Choose([]Demand{tt.demand})
			if err != nil {
				t.Fatal(err)
			}
			if r.SurvivedLoss != tt.before || r.SurvivesLoss != tt.after {
				t.Errorf("%s\nloss of a node: got %v before and %v after, want %v and %v", tt.reason, r.SurvivedLoss, r.SurvivesLoss, tt.before, tt.after)
			}
		})
	}
}

// Eleven sixes lie on the first eleven of twelve nodes when a twelfth comes that must be on n00. All placements are far more
// than the search may try, so moving one six to the node that is left has to do.
func TestChooseMovesOneAside(t *testing.T) {
	memory := slices.Repeat([]int64{12}, 12) // 10 for guests
	demands := append(fleet(11, Demand{MemoryBytes: 6 * gib, VCPUs: 1}), fleet(1, Demand{MemoryBytes: 4 * gib, VCPUs: 1, Nodes: []string{"n11"}})...)
	demands = append(demands, Demand{Group: 1, MemoryBytes: 6 * gib, VCPUs: 1, Nodes: []string{"n00"}})
	r, err := NewIndex(plainCluster(8, memory...), Policy{}).Choose(demands)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Choices[12].Node; got != "n00" {
		t.Errorf("the machine that wants n00 is on %s", got)
	}
	load := make(map[string]int64)
	for i, n := range nodesOf(r) {
		load[n] += demands[i].MemoryBytes
	}
	for n, used := range load {
		if used > 10*gib {
			t.Errorf("%s holds %d GiB, more than the 10 it has", n, used/gib)
		}
	}
}

// Nodes report a shared storage at different moments; what the fullest report leaves is what can be relied on.
func TestFreeOn(t *testing.T) {
	s := labS2()
	for i := range s.Storages {
		if s.Storages[i].Name == "pmoxpool01" && s.Storages[i].Node == "pmox02" {
			s.Storages[i].UsedBytes = 400 * gib
		}
	}
	x := NewIndex(s, Policy{})
	for _, tt := range []struct {
		storage, node string
		want          int64
		ok            bool
	}{
		{"pmoxpool01", "pmox01", 450 * gib, true}, {"pmoxpool01", "pmox03", 450 * gib, true}, {"local-lvm", "pmox03", 42 * gib, true},
		{"pmoxpool01", "pmox04", 0, false}, {"nowhere", "pmox01", 0, false}, {"local-lvm", "nobody", 0, false},
	} {
		if got, ok := x.FreeOn(Images, tt.storage, tt.node); got != tt.want || ok != tt.ok {
			t.Errorf("%s on %s: got %d GiB, %v, want %d, %v", tt.storage, tt.node, got/gib, ok, tt.want/gib, tt.ok)
		}
	}
}

func TestChooseIsDeterministic(t *testing.T) {
	demands := append(fleet(5, webserver()), Demand{Group: 1, MemoryBytes: 6 * gib, VCPUs: 4})
	first, err := NewIndex(labS2(), Policy{}).Choose(demands)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := NewIndex(labS2(), Policy{}).Choose(demands)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("second choice differs:\n%s", diff)
		}
	}
}

func nodesOf(r *Result) []string {
	var nodes []string
	for _, c := range r.Choices {
		nodes = append(nodes, c.Node)
	}
	return nodes
}

func ExampleIndex_Choose() {
	r, _ := NewIndex(labS2(), Policy{}).Choose([]Demand{webserver()})
	fmt.Println(r.Choices[0].Node, r.SurvivesLoss)
	// Output: pmox03 true
}

// Disks of machines and of containers on one storage take from one space; a storage that takes only one kind is none for the
// other.
func TestKindsOfDisk(t *testing.T) {
	s := labS2()
	for i := range s.Storages {
		if s.Storages[i].Name == "pmoxpool01" {
			s.Storages[i].Content = []string{"images", "rootdir"}
		}
	}
	s.Storages = append(s.Storages, pve.Storage{Name: "boxes", Node: "pmox01", Type: "zfspool", Active: true, Content: []string{"rootdir"}, TotalBytes: 100 * gib})
	x := NewIndex(s, Policy{})
	machine := Demand{MemoryBytes: gib, VCPUs: 1, Disks: []Disk{{Storage: "pmoxpool01", Bytes: 300 * gib}}}
	container := Demand{Group: 1, MemoryBytes: gib, VCPUs: 1, Disks: []Disk{{Storage: "pmoxpool01", Bytes: 300 * gib, Content: RootDirs}}}
	only := container
	only.Disks = []Disk{{Storage: "boxes", Bytes: 50 * gib, Content: RootDirs}}
	wrong := machine
	wrong.Disks = []Disk{{Storage: "boxes", Bytes: gib}}
	local := container
	local.Disks = []Disk{{Storage: "local-lvm", Bytes: gib, Content: RootDirs}}
	tests := map[string]struct {
		reason  string
		demands []Demand
		nodes   []string // nil: infeasible
		cause   Cause    // on pmox01
	}{
		"Alone":            {reason: "550 GiB hold one.", demands: []Demand{container}, nodes: []string{"pmox03"}},
		"Both":             {reason: "550 GiB do not hold both.", demands: []Demand{machine, container}, cause: StorageSpace},
		"ContainersOnly":   {reason: "A storage for containers ties them to its node.", demands: []Demand{only}, nodes: []string{"pmox01"}},
		"NotForMachines":   {reason: "It takes no disk of a machine.", demands: []Demand{wrong}, cause: NoStorage},
		"NotForContainers": {reason: "And a storage for machines takes none of a container.", demands: []Demand{local}, cause: NoStorage},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := x.Choose(tc.demands)
			if refused := new(InfeasibleError); errors.As(err, &refused) {
				if tc.nodes != nil || refused.Nodes[0].Cause != tc.cause {
					t.Errorf("%s\nrefused, pmox01: %s; want %v, %s", tc.reason, refused.Nodes[0].Cause, tc.nodes, tc.cause)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.nodes, nodesOf(r)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}
