package placement

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"

	"proviso.dev/pkg/pve"
)

// Shows: T-3.3.1-02
//
// TestChooseAgainstOracle compares with a search that knows nothing of indices, units or bounds: it asks the snapshot
// itself. On clusters of up to five unequal nodes and six guests, Choose must never break a condition and never call
// infeasible what the oracle places.
func TestChooseAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawCluster(t)
		demands := drawDemands(t, s)
		r, err := NewIndex(s, Policy{}).Choose(demands)
		if errors.Is(err, ErrInfeasible) {
			if nodes := oracle(s, demands, nil); nodes != nil {
				t.Fatalf("called infeasible, but %v fits", nodes)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		nodes := nodesOf(r)
		if why := violation(s, demands, nodes); why != "" {
			t.Fatalf("placement %v: %s", nodes, why)
		}
		if r.SurvivedLoss && !r.SurvivesLoss {
			if better := oracle(s, demands, bearsLoss); better != nil {
				t.Fatalf("placement %v gives up the loss of a node, %v would not", nodes, better)
			}
		}
		if got, want := r.SurvivesLoss, r.SurvivedLoss && bearsLoss(s, demands, nodes); got != want {
			t.Fatalf("placement %v: survives the loss of a node: got %v, want %v", nodes, got, want)
		}
	})
}

// drawCluster draws unequal nodes, most of them usable, so that memory decides often and other things sometimes.
func drawCluster(t *rapid.T) *pve.Snapshot {
	s := &pve.Snapshot{}
	shared := rapid.Int64Range(0, 600).Draw(t, "shared pool")
	for i := range rapid.IntRange(1, 5).Draw(t, "nodes") {
		n := pve.Node{Name: fmt.Sprintf("n%d", i), Status: pve.NodeOnline}
		if seldom(t, "offline") {
			n.Status = pve.NodeOffline
		} else {
			n.CPUs = rapid.IntRange(4, 8).Draw(t, "threads")
			n.CPUUsage = rapid.Float64Range(0, 1).Draw(t, "usage")
			n.MemoryBytes = gib * rapid.Int64Range(8, 40).Draw(t, "memory")
			n.MemoryUsedBytes = gib * rapid.Int64Range(0, n.MemoryBytes/gib/3).Draw(t, "used")
		}
		s.Nodes = append(s.Nodes, n)
		for range rapid.IntRange(0, 3).Draw(t, "guests") {
			s.Guests = append(s.Guests, pve.Guest{
				VMID: 100 + len(s.Guests), Node: n.Name,
				Status:      rapid.SampledFrom([]pve.GuestStatus{pve.GuestRunning, pve.GuestStopped, pve.GuestUnknown}).Draw(t, "status"),
				CPUs:        float64(rapid.IntRange(1, 4).Draw(t, "vcpus")),
				MemoryBytes: gib * rapid.Int64Range(1, 8).Draw(t, "guest memory"),
			})
		}
		s.Storages = append(s.Storages,
			pve.Storage{Name: "local", Node: n.Name, Active: n.Online(), Content: []string{"images"}, TotalBytes: gib * rapid.Int64Range(20, 120).Draw(t, "local")},
			pve.Storage{Name: "shared", Node: n.Name, Shared: true, Active: n.Online(), Content: []string{"images"}, TotalBytes: gib * shared},
		)
		s.Bridges = append(s.Bridges, pve.Bridge{Name: "vmbr0", Node: n.Name, Active: !seldom(t, "no bridge")})
	}
	return s
}

func seldom(t *rapid.T, what string) bool { return rapid.IntRange(0, 9).Draw(t, what) == 9 }

// drawDemands draws up to six guests in three groups; together they ask for a third to all of the memory that is free.
func drawDemands(t *rapid.T, s *pve.Snapshot) []Demand {
	var free int64
	for _, n := range s.Nodes {
		if memory, _ := promised(s, n.Name); n.Online() {
			free += max(0, usable(n)-max(memory, n.MemoryUsedBytes))
		}
	}
	groups := rapid.IntRange(1, 3).Draw(t, "groups")
	each := rapid.IntRange(1, 2).Draw(t, "each")
	fair := max(3, free/gib/int64(groups*each))
	var demands []Demand
	for group := range groups {
		d := Demand{
			Group:       group,
			Grouping:    rapid.SampledFrom([]Grouping{NoGrouping, NoGrouping, Apart, Together}).Draw(t, "grouping"),
			Objective:   rapid.SampledFrom([]Objective{Balance, Pack}).Draw(t, "objective"),
			VCPUs:       rapid.IntRange(1, 5).Draw(t, "vcpus"),
			MemoryBytes: gib * rapid.Int64Range(fair/3, fair).Draw(t, "memory"),
			Disks:       []Disk{{Storage: rapid.SampledFrom([]string{"local", "shared"}).Draw(t, "storage"), Bytes: gib * rapid.Int64Range(0, 40).Draw(t, "disk")}},
		}
		d.HA = d.Disks[0].Storage == "shared" || seldom(t, "ha on local")
		if rapid.Bool().Draw(t, "networked") {
			d.Networks = []string{"vmbr0"}
		}
		if seldom(t, "avoids") {
			d.Avoid = []string{"n0"}
		}
		if seldom(t, "source") {
			d.Source.Nodes = []string{"n1", "n2"}
		}
		demands = append(demands, slices.Repeat([]Demand{d}, each)...)
	}
	return demands
}

// oracle tries every assignment and returns the first that breaks no condition and satisfies accept; nil when none does.
func oracle(s *pve.Snapshot, demands []Demand, accept func(*pve.Snapshot, []Demand, []string) bool) []string {
	nodes := make([]string, 0, len(demands))
	var try func() bool
	try = func() bool {
		if violation(s, demands[:len(nodes)], nodes) != "" {
			return false
		}
		if len(nodes) == len(demands) {
			return accept == nil || accept(s, demands, nodes)
		}
		for _, n := range s.Nodes {
			nodes = append(nodes, n.Name)
			if try() {
				return true
			}
			nodes = nodes[:len(nodes)-1]
		}
		return false
	}
	if try() {
		return nodes
	}
	return nil
}

// violation says which condition an assignment breaks, "" when none.
func violation(s *pve.Snapshot, demands []Demand, nodes []string) string {
	space := make(map[string]int64)
	for i, d := range demands {
		n, _ := s.Node(nodes[i])
		st, _ := s.StorageOn(d.Disks[0].Storage, n.Name)
		switch {
		case !n.Online():
			return n.Name + " is not online"
		case slices.Contains(d.Avoid, n.Name):
			return n.Name + " is to be avoided"
		case len(d.Source.Nodes) > 0 && !slices.Contains(d.Source.Nodes, n.Name):
			return "the source is not reached from " + n.Name
		case d.HA && !st.Shared:
			return "HA on a local disk"
		case len(d.Networks) > 0 && !slices.ContainsFunc(s.Bridges, func(b pve.Bridge) bool { return b.Node == n.Name && b.Active }):
			return "no bridge on " + n.Name
		case d.VCPUs > n.CPUs:
			return "wider than " + n.Name
		}
		pool := st.Name
		if !st.Shared {
			pool += "@" + n.Name
		}
		if space[pool] += d.Disks[0].Bytes; space[pool] > st.TotalBytes-st.UsedBytes {
			return pool + " is full"
		}
		for j := range i {
			if demands[j].Group == d.Group && (d.Grouping == Apart && nodes[j] == nodes[i] || d.Grouping == Together && nodes[j] != nodes[i]) {
				return "not " + string(d.Grouping)
			}
		}
	}
	for _, n := range s.Nodes {
		memory, vcpus := promised(s, n.Name)
		memory = max(memory, n.MemoryUsedBytes)
		for i, d := range demands {
			if nodes[i] == n.Name {
				memory, vcpus = memory+d.MemoryBytes, vcpus+d.VCPUs
			}
		}
		if slices.Contains(nodes, n.Name) && (memory > usable(n) || vcpus > 4*n.CPUs) {
			return n.Name + " is overloaded"
		}
	}
	return ""
}

// usable is a node's memory without the host's part.
func usable(n pve.Node) int64 { return n.MemoryBytes - max(2*gib, n.MemoryBytes/20) }

func promised(s *pve.Snapshot, node string) (memory int64, vcpus int) {
	for _, g := range s.Guests {
		if g.Node == node && g.Status == pve.GuestRunning {
			memory, vcpus = memory+g.MemoryBytes, vcpus+int(g.CPUs)
		}
	}
	return memory, vcpus
}

// bearsLoss plays the loss of each node: its guests, the largest first, each to the node with most free memory.
func bearsLoss(s *pve.Snapshot, demands []Demand, nodes []string) bool {
	for _, lost := range s.Nodes {
		if !lost.Online() {
			continue
		}
		var homeless []int64
		free := make(map[string]int64)
		for _, n := range s.Nodes {
			if n.Online() && n.Name != lost.Name {
				memory, _ := promised(s, n.Name)
				free[n.Name] = usable(n) - max(memory, n.MemoryUsedBytes)
			}
		}
		for _, g := range s.Guests {
			if g.Node == lost.Name && g.Status == pve.GuestRunning {
				homeless = append(homeless, g.MemoryBytes)
			}
		}
		for i, d := range demands {
			if nodes[i] == lost.Name {
				homeless = append(homeless, d.MemoryBytes)
			} else {
				free[nodes[i]] -= d.MemoryBytes
			}
		}
		sort.Slice(homeless, func(i, j int) bool { return homeless[i] > homeless[j] })
		for _, m := range homeless {
			best := ""
			for _, n := range s.Nodes {
				if f, ok := free[n.Name]; ok && (best == "" || f > free[best]) {
					best = n.Name
				}
			}
			if best == "" || free[best] < m {
				return false
			}
			free[best] -= m
		}
	}
	return true
}

// largeCluster has 32 nodes and 5,000 guests, with about a third of its memory promised.
func largeCluster() *pve.Snapshot {
	s := &pve.Snapshot{}
	for i := range 32 {
		n := pve.Node{
			Name: fmt.Sprintf("node%02d", i), Status: pve.NodeOnline, CPUs: 128,
			CPUUsage: 0.2 + float64(i%7)/50, MemoryBytes: 1536 * gib, MemoryUsedBytes: 300 * gib,
		}
		s.Nodes = append(s.Nodes, n)
		s.Storages = append(s.Storages, pve.Storage{Name: "pmoxpool01", Node: n.Name, Shared: true, Active: true, Content: []string{"images"}, TotalBytes: 2 << 50})
	}
	for i := range 5000 {
		s.Guests = append(s.Guests, pve.Guest{
			VMID: 100 + i, Node: fmt.Sprintf("node%02d", i*7%32), Status: pve.GuestRunning,
			CPUs: float64(1 + i%4), MemoryBytes: gib * int64(1+i%5),
		})
	}
	s.VNets = []pve.VNet{{Name: "mainvnet"}}
	return s
}

func BenchmarkChoose(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("vms=%d", n), func(b *testing.B) {
			x := NewIndex(largeCluster(), Policy{})
			times := make([]time.Duration, 0, b.N)
			for b.Loop() {
				start := time.Now()
				if _, err := x.Choose(fleet(n, webserver())); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(start))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "µs-p99")
		})
	}
}

func BenchmarkNewIndex(b *testing.B) {
	s := largeCluster()
	for b.Loop() {
		NewIndex(s, Policy{})
	}
}
