package capacity

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func near(got, want float64) bool { return math.Abs(got-want) < 1e-6*max(1, math.Abs(want)) }

// Shows: T-3.3.5-211
func TestNodes(t *testing.T) {
	s := small()
	s.HAManager = pve.HAManager{Read: true, Master: "n2", Nodes: []pve.HANode{{Node: "n3", State: "maintenance mode"}, {Node: "n4", Member: "maintenance"}}}
	s.Hardware = []pve.NodeHardware{{Node: "n1", Disks: []pve.PhysicalDisk{{OSD: true}}}, {Node: "n2", Disks: []pve.PhysicalDisk{{}}}}
	s.Mappings = []pve.Mapping{{Name: "gpu", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "n1", ID: "10de:1"}}}}
	s.Guests[1].Name, s.Guests[4].Name = "control", "worker"
	a := analyse(t, s, func(in *Input) {
		in.Kubernetes = &provisov1.KubernetesState{Nodes: []*provisov1.KubernetesNode{{Name: "control", ControlPlane: true}, {Name: "worker"}, {Name: "elsewhere"}}}
	})
	want := []*provisov1.NodeDiagnosis{
		{Node: "n1", Status: "online", Roles: []string{RoleCephOSD, RoleGPU, RoleControlPlane}, Cpus: 16, CpuUsage: 0.2, Vcpus: 8, Guests: 2,
			MemoryMib: 40960, MemoryUsedMib: 10240, MemoryPromisedMib: 24576, MemoryFreeMib: 14336},
		{Node: "n2", Status: "online", Roles: []string{RoleHAMaster, RoleWorker}, Cpus: 16, CpuUsage: 0.4, Vcpus: 9, Guests: 2,
			MemoryMib: 40960, MemoryUsedMib: 22528, MemoryPromisedMib: 21504, MemoryFreeMib: 16384},
		{Node: "n3", Status: "online", Roles: []string{RoleMaintenance}, Cpus: 16, Vcpus: 2, Guests: 1,
			MemoryMib: 40960, MemoryUsedMib: 3072, MemoryPromisedMib: 4096},
		{Node: "n4", Status: "offline", Roles: []string{RoleMaintenance}},
	}
	if diff := cmp.Diff(want, a.GetNodes(), protocmp.Transform()); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
	// 4+4+8+0.5+2 vCPUs on 3 x 16 threads; 24+21+4 GiB of 3 x 40.
	if !near(a.GetVcpuOvercommit(), 18.5/48) || !near(a.GetMemoryOvercommit(), 49.0/120) {
		t.Errorf("overcommit of vCPUs %v, of memory %v; want %v, %v", a.GetVcpuOvercommit(), a.GetMemoryOvercommit(), 18.5/48, 49.0/120)
	}
	// Utilisation: (0.2+10/40)/2 = 0.225, (0.4+22/40)/2 = 0.475, (0+3/40)/2 = 0.0375; mean 0.2458333, deviation 0.1792151.
	if got := a.GetImbalance(); math.Abs(got-0.72901) > 1e-5 {
		t.Errorf("imbalance %v, want 0.72901", got)
	}
	if a.GetNodes()[0].CpuPeak != nil || a.GetNodes()[0].Iowait != nil {
		t.Error("a forecast without a history")
	}
}

// The figures that Proxmox VE's scheduler logs in its own tests.
func TestImbalance(t *testing.T) {
	use := func(cpu, memory, cpus, total float64) float64 { return (cpu/cpus + memory/total) / 2 }
	tests := map[string]struct {
		reason string
		use    []float64
		want   float64 // as logged, two digits
	}{
		"None":       {"", nil, 0},
		"Idle":       {"", []float64{0, 0}, 0},
		"Even":       {"", []float64{0.3, 0.3, 0.3}, 0},
		"FourOnOne":  {"All guests are on one of three nodes.", []float64{use(4, 16, 24, 32), 0, 0}, 1.41},
		"OneMoved":   {"", []float64{use(3, 12, 24, 32), use(1, 4, 24, 32), 0}, 0.94},
		"TwoMoved":   {"", []float64{use(2, 8, 24, 32), use(1, 4, 24, 32), use(1, 4, 24, 32)}, 0.35},
		"Drifting":   {"", []float64{use(2.1, 7.51, 24, 48), use(1.7, 7.51, 24, 48), use(19.5, 23.55, 24, 48)}, 0.85},
		"DriftMoved": {"", []float64{use(2.1, 7.51, 24, 48), use(9.5, 15.24, 24, 48), use(11.7, 15.82, 24, 48)}, 0.42},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Imbalance(tc.use); math.Abs(got-tc.want) > 0.005 {
				t.Errorf("%s\ngot %v, want %v", tc.reason, got, tc.want)
			}
		})
	}
}

func TestCourseOfNode(t *testing.T) {
	// CPU stands at 0.75, with a P95 of 0.825; memory grows by 2 GiB a day and is at 22 GiB.
	grow := func(i int) float64 { return float64(22*gib) - float64(335-i)*float64(2*gib)/48 }
	history := &pve.History{Nodes: map[string]pve.Series{
		"n2": series(map[pve.Metric]func(int) float64{pve.MetricCPU: always(0.75), pve.MetricMemoryUsed: grow, pve.MetricIOWait: func(i int) float64 {
			if i >= 336-48 {
				return 0.12 // the last day only
			}
			return 0
		}}, 336),
		"n4": series(map[pve.Metric]func(int) float64{pve.MetricCPU: always(1)}, 336),
	}}
	a := analyse(t, small(), func(in *Input) {
		in.History = history
		in.Forecaster = forecast.Func{Method: "both", Run: func(h forecast.Series, o forecast.Options) (forecast.Forecast, error) {
			if o.Maximum == 1 {
				return flat.Run(h, o)
			}
			return seasonal.Run(h, o)
		}}
	})
	n := Node(a, "n2")
	if !near(n.GetCpuPeak(), 0.825) || !n.GetCpuPeakAt().AsTime().Equal(now) {
		t.Errorf("peak of CPU %v at %v, want 0.825 now", n.GetCpuPeak(), n.GetCpuPeakAt().AsTime())
	}
	if !near(n.GetMemoryTrendMibPerDay(), 2048) || !near(n.GetCpuTrendPerDay(), 0) || !near(n.GetIowait(), 0.12) {
		t.Errorf("trends %v MiB and %v a day, iowait %v; want 2048, 0, 0.12", n.GetMemoryTrendMibPerDay(), n.GetCpuTrendPerDay(), n.GetIowait())
	}
	if got, want := n.GetMemoryPeakMib(), int64(27033); got != want { // 1.1 x 24 GiB
		t.Errorf("memory peaks at %d MiB, want %d: a day's growth, and a tenth", got, want)
	}
	// 38 GiB are for guests: 16 GiB more at 2 a day take 8 days, one more than is forecast, so that the trend is drawn on.
	if full := n.GetMemoryFullAt().AsTime(); full.Sub(now) < 7*day+12*time.Hour || full.Sub(now) > 8*day+12*time.Hour {
		t.Errorf("memory is full after %v, want about 8 days", full.Sub(now))
	}
	if got := Node(a, "n4"); got.CpuPeak != nil || got.GetCpuTrendPerDay() != 0 {
		t.Errorf("a node that is away has a forecast: %v", got)
	}
	if got := Node(a, "n1"); got.CpuPeak != nil || got.MemoryPeakMib != nil {
		t.Errorf("a node without history has a forecast: %v", got)
	}
	var future *provisov1.HotSpot
	for _, h := range spots(a, KindCPU) {
		if h.GetSubject() == "node n2" {
			future = h
		}
	}
	if future.GetAt() == nil || !near(future.GetValue(), 0.825) || future.GetBound() != 0.8 || future.GetSeverity() != Warning {
		t.Errorf("the peak of n2 is no hot spot of the future: %v", future)
	}
	if got := spots(a, KindIOWait); len(got) != 1 || !near(got[0].GetValue(), 0.12) || got[0].GetBound() != 0.1 {
		t.Errorf("hot spots of iowait: %v", got)
	}
}

// What is measured is continued from where it ends, and only when that is not long ago.
func TestOutlook(t *testing.T) {
	fine := pve.Series{Start: now.Add(-50 * time.Minute), StepSeconds: 600, Points: 6, Values: map[pve.Metric][]pve.Run{
		pve.MetricCPU: {{Values: []float64{0.1, 0.2, 0.3}}, {From: 4, Values: []float64{0.4, 0.6}}}, // the fourth is missing
	}}
	old := fine
	old.Start = now.Add(-26 * time.Hour)
	tests := map[string]struct {
		reason  string
		series  pve.Series
		by      forecast.Forecaster
		peak    float64 // 0: none
		unknown string
	}{
		"Fine":     {"Figures of ten minutes become half hours: the last two that are known have a mean of 0.5.", fine, flat, 0.55, ""},
		"Old":      {"", old, flat, 0, "forecast of it: the history ends "},
		"None":     {"What was never measured was not tried.", pve.Series{StepSeconds: 60}, flat, 0, ""},
		"ByNobody": {"", fine, nil, 0, ""},
		"Failing": {"", fine, forecast.Func{Run: func(forecast.Series, forecast.Options) (forecast.Forecast, error) {
			return forecast.Forecast{}, forecast.ErrNoHistory
		}}, 0, "forecast of it: it cannot be made"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			d := &diagnosis{Input: Input{Now: now, Forecaster: tc.by}, out: &provisov1.InfrastructureAnalysis{}}
			o, ok := d.outlook("it", tc.series, pve.MetricCPU, day, 1)
			peak, when, _ := o.peak(now, day)
			if ok != (tc.peak > 0) || !near(peak, tc.peak) || ok && when.Before(now) {
				t.Errorf("%s\npeak %v at %v, %t; want %v", tc.reason, peak, when, ok, tc.peak)
			}
			if got := strings.Join(d.out.GetUnknown(), "; "); !strings.HasPrefix(got, tc.unknown) || (got == "") != (tc.unknown == "") {
				t.Errorf("%s\nunknown: %q, want %q", tc.reason, got, tc.unknown)
			}
		})
	}
}
