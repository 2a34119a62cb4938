package placement

import (
	"slices"
	"testing"

	"proviso.dev/pkg/pve"
)

// What makes a cluster hard to place on, one case each.
//
// Shows: T-2.2.4-03
func TestTraits(t *testing.T) {
	place := func(x *Index, demands ...Demand) []string {
		t.Helper()
		r, err := x.Choose(demands)
		if err != nil {
			t.Fatal(err)
		}
		return nodesOf(r)
	}
	small := Demand{MemoryBytes: 4 * gib, VCPUs: 2}

	t.Run("Dynamic", func(t *testing.T) {
		// The next snapshot decides, not the last: n01 was the emptiest and has been filled since.
		x := NewIndex(plainCluster(16, 32, 64), Policy{})
		before := place(x, small)
		later := plainCluster(16, 32, 64)
		later.Guests = []pve.Guest{{VMID: 100, Node: "n01", Status: pve.GuestRunning, MemoryBytes: 55 * gib, CPUs: 4}}
		if after := place(x.With(later), small); before[0] != "n01" || after[0] != "n00" {
			t.Errorf("got %v, then %v", before, after)
		}
	})
	t.Run("Uncertain", func(t *testing.T) {
		// What is not known is not free: a node that does not answer has nothing, a guest of it is not gone.
		s := plainCluster(16, 32, 64)
		s.Nodes[1].Status = pve.NodeUnknown
		s.Guests = []pve.Guest{{VMID: 100, Name: "db", Node: "n01", Status: pve.GuestUnknown, MemoryBytes: gib, CPUs: 1}}
		if got := place(NewIndex(s, Policy{}), small); got[0] != "n00" {
			t.Errorf("got %v", got)
		}
		near := small
		near.Near = []string{"db"}
		if _, err := NewIndex(s, Policy{}).Choose([]Demand{near}); err == nil {
			t.Errorf("placed near a guest of a node that does not answer")
		}
	})
	t.Run("Heterogeneous", func(t *testing.T) {
		// A wide guest fits on the node with many threads only, a large one on the node with much memory only.
		s := plainCluster(8, 256, 32)
		s.Nodes[1].CPUs = 64
		got := place(NewIndex(s, Policy{}), Demand{MemoryBytes: 4 * gib, VCPUs: 32}, Demand{Group: 1, MemoryBytes: 128 * gib, VCPUs: 2})
		if !slices.Equal(got, []string{"n01", "n00"}) {
			t.Errorf("got %v", got)
		}
	})
	t.Run("Bursty", func(t *testing.T) {
		// Idle now, at its limit tonight.
		x := NewIndexWith(plainCluster(16, 32, 64), Policy{}, Options{Peaks: map[string]Peak{"n01": {CPU: 0.98}}})
		if got := place(x, small); got[0] != "n00" {
			t.Errorf("got %v", got)
		}
	})
	t.Run("Dependent", func(t *testing.T) {
		// The web servers lie beside their cache and not beside one another's database; the databases lie apart.
		cache, web := Demand{Group: 0, MemoryBytes: 4 * gib, VCPUs: 2}, Demand{Group: 1, MemoryBytes: 4 * gib, VCPUs: 2, NearGroups: []int{0}}
		database := Demand{Group: 2, MemoryBytes: 8 * gib, VCPUs: 2, Grouping: Apart, ApartGroups: []int{0}}
		got := place(NewIndex(plainCluster(16, 32, 32, 32), Policy{}), cache, web, web, database, database)
		if got[0] != got[1] || got[1] != got[2] || got[3] == got[4] || got[3] == got[0] || got[4] == got[0] {
			t.Errorf("got %v", got)
		}
	})
	t.Run("RealTime", func(t *testing.T) {
		// Who has no time left gets a valid answer all the same.
		r, err := NewIndex(plainCluster(16, 32, 32), Policy{}).ChooseWithin(fleet(6, small), Budget{Stop: func() bool { return true }})
		if err != nil || len(r.Choices) != 6 {
			t.Errorf("got %v", err)
		}
	})
}
