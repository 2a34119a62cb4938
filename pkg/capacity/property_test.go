package capacity

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// generated is a cluster of any size and state, the same for the same seed.
func generated(nodes, guests int, seed uint64) (*pve.Snapshot, *pve.History) {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &pve.Snapshot{TakenAt: now, Version: []string{"8.4.1", "9.1.1"}[r.IntN(2)], Quorate: r.IntN(5) > 0}
	h := &pve.History{TakenAt: now, Nodes: map[string]pve.Series{}, Storages: map[string]pve.Series{}, Guests: map[int]pve.Series{}}
	states := []pve.NodeStatus{pve.NodeOnline, pve.NodeOnline, pve.NodeOnline, pve.NodeOffline, pve.NodeUnknown}
	group := pve.HAGroup{Name: "group", Nodes: map[string]int{}, Restricted: r.IntN(2) > 0}
	for i := range nodes {
		n := pve.Node{Name: fmt.Sprintf("node%03d", i), Status: states[r.IntN(len(states))]}
		if n.Online() {
			n.CPUs, n.CPUUsage, n.MemoryBytes = 8<<r.IntN(4), r.Float64(), 32<<r.IntN(5)*gib
			n.MemoryUsedBytes = int64(r.Float64() * float64(n.MemoryBytes))
		}
		if r.IntN(8) == 0 {
			s.HAManager.Nodes = append(s.HAManager.Nodes, pve.HANode{Node: n.Name, State: "maintenance mode"})
		}
		if r.IntN(2) > 0 {
			group.Nodes[n.Name] = 0
		}
		s.Nodes = append(s.Nodes, n)
		base := r.Float64()
		h.Nodes[n.Name] = series(map[pve.Metric]func(int) float64{
			pve.MetricCPU:        func(i int) float64 { return min(1, base*(1+0.3*math.Sin(float64(i)/48*2*math.Pi))) },
			pve.MetricMemoryUsed: func(i int) float64 { return base * float64(int64(i)*gib/48) },
			pve.MetricIOWait:     always(base / 5),
		}, 336)
		for _, name := range []string{"ceph", "local", "thin"} {
			st := pve.Storage{Name: name, Node: n.Name, Type: map[string]string{"ceph": "rbd", "local": "dir", "thin": "lvmthin"}[name], Shared: name == "ceph", Active: n.Online() && r.IntN(9) > 0, Content: []string{"images"}}
			if st.Active {
				st.TotalBytes = int64(1+r.IntN(4000)) * gib
				st.UsedBytes = int64(r.Float64() * 1.02 * float64(st.TotalBytes))
			}
			s.Storages = append(s.Storages, st)
		}
		disks := pve.NodeHardware{Node: n.Name, DisksRead: true}
		for range r.IntN(4) {
			disks.Disks = append(disks.Disks, pve.PhysicalDisk{Kind: []string{"ssd", "hdd", "nvme", ""}[r.IntN(4)], SizeBytes: int64(1+r.IntN(8)) << 40, OSD: true, Use: "LVM"})
			s.Ceph.OSDs++
		}
		s.Hardware = append(s.Hardware, disks)
	}
	slices.SortFunc(s.Storages, func(a, b pve.Storage) int {
		return slices.Compare([]string{a.Name, a.Node}, []string{b.Name, b.Node})
	})
	s.Ceph.Presence, s.Ceph.PoolsRead = []pve.Presence{pve.PresenceHere, pve.PresenceNone, pve.PresenceUnread}[r.IntN(3)], true
	s.Ceph.Health = []string{"HEALTH_OK", "HEALTH_WARN", "HEALTH_ERR"}[r.IntN(3)]
	s.Ceph.TotalBytes = int64(1+r.IntN(100)) << 40
	s.Ceph.UsedBytes = int64(r.Float64() * float64(s.Ceph.TotalBytes))
	s.Ceph.Pools = []pve.CephPool{{Name: "ceph", Type: "replicated", Size: 1 + r.IntN(3), FreeBytes: int64(r.IntN(4000)) * gib, FreeKnown: r.IntN(2) > 0}}
	s.Backup = pve.Backup{JobsRead: r.IntN(2) > 0, Jobs: []pve.BackupJob{{ID: "a", Enabled: r.IntN(2) > 0, All: true}}}
	for i := range guests {
		g := pve.Guest{
			VMID: 100 + i, Name: fmt.Sprintf("guest-%d", i), Kind: pve.KindVM, Node: s.Nodes[r.IntN(nodes)].Name, Template: r.IntN(30) == 0, CPUs: float64(1 + r.IntN(8)),
			MemoryBytes: int64(1+r.IntN(16)) * gib, Status: []pve.GuestStatus{pve.GuestRunning, pve.GuestRunning, pve.GuestRunning, pve.GuestStopped, pve.GuestUnknown}[r.IntN(5)],
		}
		if r.IntN(4) == 0 {
			s.HAServices = append(s.HAServices, pve.HAService{SID: sid(&g), State: "started", Group: "group"})
		}
		s.Guests = append(s.Guests, g)
	}
	if s.Version < "9" {
		s.HAGroups = []pve.HAGroup{group}
	}
	return s, h
}

// What holds of every cluster, however it is: the analysis keeps to its schema, what is not online has nothing, what is free is not
// negative, sums agree, and equal input gives equal output.
func TestAnyCluster(t *testing.T) {
	for seed := range uint64(300) {
		s, h := generated(1+int(seed%9), int(seed%60), seed)
		in := Input{
			Snapshot: s, History: h, Now: now, Forecaster: seasonal,
			SnapshotRef: &provisov1.Reference{Digest: "sha256-" + fmt.Sprintf("%064x", seed), MediaType: "application/json"},
		}
		if seed%5 == 0 {
			in.History = nil
		}
		a := Analyse(in)
		if err := wire.Validate(a); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := cmp.Diff(a, Analyse(in), protocmp.Transform()); diff != "" {
			t.Fatalf("seed %d: equal input, another analysis:\n%s", seed, diff)
		}
		check(t, seed, s, a)
	}
}

func check(t *testing.T, seed uint64, s *pve.Snapshot, a *provisov1.InfrastructureAnalysis) {
	t.Helper()
	index := placement.NewIndex(s, placement.Policy{})
	var promised, memory int64
	running := int32(0)
	for i, n := range a.GetNodes() {
		room, _ := index.Room(n.GetNode())
		switch {
		case n.GetNode() != s.Nodes[i].Name:
			t.Errorf("seed %d: node %d is %s", seed, i, n.GetNode())
		case !s.Nodes[i].Online() && (n.GetMemoryMib() != 0 || n.GetMemoryFreeMib() != 0 || n.GetCpus() != 0 || n.GetGuests() != 0 || n.CpuPeak != nil):
			t.Errorf("seed %d: a node that is not online has something: %v", seed, n)
		case room.Maintenance && n.GetMemoryFreeMib() != 0:
			t.Errorf("seed %d: a node that is being emptied has room: %v", seed, n)
		case !room.Maintenance && n.GetMemoryFreeMib() != max(0, room.FreeBytes)/mib:
			t.Errorf("seed %d: %s has %d MiB free, placement says %d bytes", seed, n.GetNode(), n.GetMemoryFreeMib(), room.FreeBytes)
		}
		promised, memory, running = promised+n.GetMemoryPromisedMib(), memory+n.GetMemoryMib(), running+n.GetGuests()
	}
	if memory > 0 && !near(a.GetMemoryOvercommit(), float64(promised)/float64(memory)) {
		t.Errorf("seed %d: memory overcommit %v, the nodes say %d of %d MiB", seed, a.GetMemoryOvercommit(), promised, memory)
	}
	for _, st := range a.GetStorages() {
		if st.GetUsableBytes() < 0 || st.GetUsableBytes() > max(0, st.GetTotalBytes()-st.GetUsedBytes()) || !st.GetActive() && st.GetUsableBytes() != 0 {
			t.Errorf("seed %d: more is usable than free: %v", seed, st)
		}
		if st.GetFullAt() != nil && st.GetFullAtEarliest() == nil {
			t.Errorf("seed %d: full, but not at the earliest: %v", seed, st)
		}
	}
	whole := a.GetHeadroom()[0]
	if (whole.GetGuestsWithoutRoom() == 0) != a.GetSurvivesNodeLoss() {
		t.Errorf("seed %d: %d guests find no room, survives %t", seed, whole.GetGuestsWithoutRoom(), a.GetSurvivesNodeLoss())
	}
	for _, h := range a.GetHeadroom() {
		if (h.GetMemoryFreeMib() < 0) != (h.GetGuestsWithoutRoom() > 0) || h.GetGuestsWithoutRoom() > running || h.GetLargestGuestMib() < 0 {
			t.Errorf("seed %d: headroom %v", seed, h)
		}
	}
	for _, h := range a.GetHotSpots() {
		if h.GetAt() != nil && h.GetAt().AsTime().Before(now) || math.IsNaN(h.GetValue()) || h.GetValue() < h.GetBound() && h.GetKind() != KindQuorum {
			t.Errorf("seed %d: hot spot %v", seed, h)
		}
	}
}

// What is long is cut, and says so: the schema allows no more.
func TestLongLists(t *testing.T) {
	s, _ := generated(300, 10, 1)
	s.HAGroups = append(s.HAGroups, pve.HAGroup{Name: strings.Repeat("é", 100), Nodes: map[string]int{s.Nodes[0].Name: 0}, Restricted: true})
	s.Storages = append(s.Storages, pve.Storage{Name: strings.Repeat("é", 100), Node: s.Nodes[0].Name, Active: true, TotalBytes: 1, UsedBytes: 1})
	s.Mappings = []pve.Mapping{{Name: strings.Repeat("é", 400), Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: s.Nodes[0].Name, ID: "10de:1"}}}}
	for i := range 300 {
		s.Nodes[i].Status, s.Nodes[i].CPUs, s.Nodes[i].CPUUsage = pve.NodeOnline, 8, 0.99
		s.Unknown = append(s.Unknown, pve.UnknownRef{What: fmt.Sprintf("thing %d", i), Reason: "no answer in time"})
		s.HAGroups = append(s.HAGroups, pve.HAGroup{Name: fmt.Sprintf("g%d", i)})
		s.VNets = append(s.VNets, pve.VNet{Name: fmt.Sprintf("v%d", i)})
	}
	a := Analyse(Input{Snapshot: s, Now: now, SnapshotRef: &provisov1.Reference{Digest: "sha256-" + fmt.Sprintf("%064x", 1), MediaType: "application/json"}})
	if err := wire.Validate(a); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"nodes", "hot spots", "HA groups and rules"} {
		if !slices.Contains(a.GetUnknown(), "further "+what+": there are more than an analysis holds") {
			t.Errorf("it is not said that %s are left out", what)
		}
	}
}

func BenchmarkAnalyse(b *testing.B) {
	s, h := generated(32, 5000, 3)
	for i := range s.Nodes {
		if !s.Nodes[i].Online() {
			s.Nodes[i] = pve.Node{Name: s.Nodes[i].Name, Status: pve.NodeOnline, CPUs: 64, CPUUsage: 0.3, MemoryBytes: 512 * gib, MemoryUsedBytes: 100 * gib}
		}
	}
	for name, in := range map[string]Input{
		"Snapshot": {Snapshot: s, Now: now}, "Index": {Snapshot: s, Now: now, Index: placement.NewIndex(s, placement.Policy{})},
		"History": {Snapshot: s, History: h, Now: now, Forecaster: forecast.New()},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Analyse(in)
			}
		})
	}
}
