package capacity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
)

func TestWaste(t *testing.T) {
	of := func(cpu, memoryGiB float64, points int) pve.Series {
		return series(map[pve.Metric]func(int) float64{pve.MetricCPU: always(cpu), pve.MetricMemoryUsed: always(memoryGiB * float64(gib))}, points)
	}
	busyAtNight := series(map[pve.Metric]func(int) float64{
		pve.MetricCPU: func(i int) float64 {
			if i%48 < 4 {
				return 0.9 // two hours of each day, more than one figure of twenty
			}
			return 0
		},
		pve.MetricMemoryUsed: always(float64(gib)),
	}, 96)
	h := &pve.History{Guests: map[int]pve.Series{
		101: of(0.01, 1, 48), // 4 vCPUs, 8 GiB: does nothing
		102: of(0.1, 2, 48),  // 4 vCPUs, 16 GiB: too large
		104: of(0.5, 15, 48), // 8 vCPUs, 20 GiB: right
		105: of(0, 0.1, 5),   // too short a history
		106: busyAtNight,     // 2 vCPUs, 4 GiB: idle at most times, but not at night
	}}
	got := Waste(small(), h, Frugality{})
	from, to := now.Add(-47*30*time.Minute), now
	want := Sprawl{
		Wasted: []Wasted{
			// 0.1 x 4 x 1.3 = 0.52 vCPUs; 2 x 1.3 = 2.6 GiB, rounded up to 3.
			{VMID: 102, Name: "g", Node: "n1", Kind: Oversized, VCPUs: 4, MemoryBytes: 16 * gib, CPUP95: 0.1, MemoryP95Bytes: 2 * gib, Points: 48, From: from, To: to,
				EnoughVCPUs: 1, EnoughMemoryBytes: 3 * gib},
			{VMID: 101, Name: "g", Node: "n1", Kind: Idle, VCPUs: 4, MemoryBytes: 8 * gib, CPUP95: 0.01, MemoryP95Bytes: gib, Points: 48, From: from, To: to,
				EnoughVCPUs: 4, EnoughMemoryBytes: 8 * gib},
			// 1 x 1.3 GiB, rounded up to a quarter.
			{VMID: 106, Name: "g", Node: "n3", Kind: Oversized, VCPUs: 2, MemoryBytes: 4 * gib, CPUP95: 0.9, MemoryP95Bytes: gib, Points: 96, From: now.Add(-95 * 30 * time.Minute), To: to,
				EnoughVCPUs: 2, EnoughMemoryBytes: 3 * gib / 2},
		},
		Stopped: []int{103}, Judged: 4, Unjudged: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
	if got := Waste(small(), nil, Frugality{}); len(got.Wasted) != 0 || got.Unjudged != 5 || got.Judged != 0 {
		t.Errorf("without a history: %+v; nothing may be called waste", got)
	}
}

func TestDemandOf(t *testing.T) {
	s := small()
	for i, name := range []string{"template-worker", "k3s-worker-1", "worker2", "worker-old", "database", "worker-ct", "web"} {
		s.Guests[i].Name = name
		s.Guests[i].CPUUsage, s.Guests[i].MemoryUsedBytes = 0.5, gib
	}
	s.Guests[6].Tags = []string{"Worker"}
	h := &pve.History{Guests: map[int]pve.Series{
		101: series(map[pve.Metric]func(int) float64{pve.MetricCPU: always(0.25), pve.MetricMemoryUsed: always(float64(3 * gib))}, 48),
		106: series(map[pve.Metric]func(int) float64{pve.MetricCPU: func(i int) float64 { return float64(i+1) / 100 }, pve.MetricMemoryUsed: always(float64(2 * gib))}, 100),
	}}
	like := Likeness{Words: []string{"worker"}, Tags: []string{"worker"}, Kind: pve.KindVM}
	tests := map[string]struct {
		reason  string
		history *pve.History
		like    Likeness
		want    Demand
		ok      bool
	}{
		"History": {"Neither the template nor the stopped one counts. 101: 0.25 x 4 vCPUs; 106: P95 0.95 x 2.", h, like,
			Demand{Guests: []int{101, 102, 106}, Measured: 2, Points: 148, VCPUsP95: 1.9, MemoryP95Bytes: 3 * gib, VCPUs: 4, MemoryBytes: 8 * gib}, true},
		"NoHistory": {"The figures of this moment.", nil, like,
			Demand{Guests: []int{101, 102, 106}, VCPUsP95: 2, MemoryP95Bytes: gib, VCPUs: 4, MemoryBytes: 8 * gib}, true},
		"Containers": {"", nil, Likeness{Words: []string{"Worker"}, Kind: pve.KindContainer}, Demand{Guests: []int{105}, VCPUsP95: 0.25, MemoryP95Bytes: gib, VCPUs: 0.5, MemoryBytes: gib}, true},
		"AllWords": {"", nil, Likeness{Words: []string{"worker", "k3s"}},
			Demand{Guests: []int{101}, VCPUsP95: 2, MemoryP95Bytes: gib, VCPUs: 4, MemoryBytes: 8 * gib}, true},
		"OneWordOnly": {"", nil, Likeness{Words: []string{"worker", "mail"}}, Demand{}, false},
		"None":        {"", h, Likeness{Words: []string{"mail"}}, Demand{}, false},
		"Nothing":     {"What is like nothing has no demand.", h, Likeness{}, Demand{}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := DemandOf(s, tc.history, tc.like)
			if diff := cmp.Diff(tc.want, got); diff != "" || ok != tc.ok {
				t.Errorf("%s\nfound %t, want %t; -want, +got:\n%s", tc.reason, ok, tc.ok, diff)
			}
		})
	}
}
