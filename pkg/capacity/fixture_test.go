package capacity

import (
	"testing"
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const gib = int64(1) << 30

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// small is a cluster of four nodes with 40 GiB, of which the host keeps 2; n4 is away.
//
//	    runs                        promised  in use  free for guests
//	n1  101 (8 GiB), 102 (16 GiB)   24        10      40-2-24 = 14
//	n2  104 (20 GiB), 105 (1 GiB)   21        22      40-2-22 = 16
//	n3  106 (4 GiB)                  4         3      40-2-4  = 34
func small() *pve.Snapshot {
	node := func(name string, cpu float64, used int64) pve.Node {
		return pve.Node{Name: name, Status: pve.NodeOnline, CPUs: 16, CPUUsage: cpu, MemoryBytes: 40 * gib, MemoryUsedBytes: used * gib}
	}
	guest := func(vmid int, node string, cpus float64, memory int64) pve.Guest {
		return pve.Guest{VMID: vmid, Name: "g", Kind: pve.KindVM, Node: node, Status: pve.GuestRunning, CPUs: cpus, MemoryBytes: memory * gib}
	}
	s := &pve.Snapshot{
		TakenAt: now, Version: "8.4.1", Quorate: true,
		Nodes: []pve.Node{node("n1", 0.2, 10), node("n2", 0.4, 22), node("n3", 0, 3), {Name: "n4", Status: pve.NodeOffline}},
		Guests: []pve.Guest{
			{VMID: 100, Name: "template", Kind: pve.KindVM, Node: "n1", Template: true, Status: pve.GuestStopped, MemoryBytes: 2 * gib, Config: &pve.GuestConfig{CloudInit: "ide2"}},
			guest(101, "n1", 4, 8), guest(102, "n1", 4, 16), guest(103, "n1", 4, 4), guest(104, "n2", 8, 20), guest(105, "n2", 0.5, 1), guest(106, "n3", 2, 4),
			guest(107, "n4", 2, 4),
		},
		Backup: pve.Backup{JobsRead: true, Jobs: []pve.BackupJob{{ID: "all", Enabled: true, All: true}}},
	}
	s.Guests[3].Status, s.Guests[7].Status = pve.GuestStopped, pve.GuestUnknown
	s.Guests[5].Kind = pve.KindContainer
	return s
}

// flat goes on with the last value; the P95 lies a tenth above it.
var flat = forecast.Func{Method: "flat", Run: func(h forecast.Series, o forecast.Options) (forecast.Forecast, error) {
	return path(h, o, func(int) float64 { return h.Values[len(h.Values)-1] }), nil
}}

// seasonal goes on with the values of the day before and what the last day added; it stands in for the product's forecaster, whose
// figures cannot be worked out by hand.
var seasonal = forecast.Func{Method: "seasonal", Run: func(h forecast.Series, o forecast.Options) (forecast.Forecast, error) {
	n := len(h.Values)
	if n < o.Season+1 {
		return flat.Run(h, o)
	}
	slope := h.Values[n-1] - h.Values[n-1-o.Season]
	f := path(h, o, func(i int) float64 { return h.Values[n-o.Season+i%o.Season] + slope*float64(i/o.Season+1) })
	f.Trend = forecast.Trend{PerDay: slope, Low: slope, High: slope, Direction: forecast.Steady}
	if slope > 0 {
		f.Trend.Direction = forecast.Rising
	}
	return f, nil
}}

// path lays out a forecast with that median; the P95 lies a tenth above it.
func path(h forecast.Series, o forecast.Options, at func(i int) float64) forecast.Forecast {
	f := forecast.Forecast{Quantiles: o.Quantiles, Step: h.Step}
	f.Measured, f.Season.Steps = h.Measured(), o.Season
	for i := range o.Horizon {
		p := forecast.Point{Time: h.At(len(h.Values) + i)}
		for _, q := range o.Quantiles {
			p.Values = append(p.Values, at(i)*(1+0.1*(q-0.5)/0.45))
		}
		f.Points = append(f.Points, p)
	}
	return f
}

// series is a half-hourly history that ends now.
func series(metrics map[pve.Metric]func(i int) float64, points int) pve.Series {
	s := pve.Series{Start: now.Add(-time.Duration(points-1) * 30 * time.Minute), StepSeconds: 1800, Points: points, Values: map[pve.Metric][]pve.Run{}}
	for m, f := range metrics {
		run := pve.Run{}
		for i := range points {
			run.Values = append(run.Values, f(i))
		}
		s.Values[m] = []pve.Run{run}
	}
	return s
}

func always(v float64) func(int) float64 { return func(int) float64 { return v } }

func analyse(t *testing.T, s *pve.Snapshot, change func(*Input)) *provisov1.InfrastructureAnalysis {
	t.Helper()
	in := Input{Snapshot: s, Now: now}
	if change != nil {
		change(&in)
	}
	return Analyse(in)
}

// spots are the hot spots of a kind.
func spots(a *provisov1.InfrastructureAnalysis, kind string) []*provisov1.HotSpot {
	var out []*provisov1.HotSpot
	for _, h := range a.GetHotSpots() {
		if h.GetKind() == kind {
			out = append(out, h)
		}
	}
	return out
}
