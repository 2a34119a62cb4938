package analyser_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// history stores a week of half hours of the laboratory's nodes: CPU between 30 and 70 percent with the hours of the day.
func (b *bench) history(taken time.Time) *provisov1.Reference {
	b.t.Helper()
	const points = 336
	h := &pve.History{TakenAt: taken, Timeframe: pve.TimeframeWeek, Nodes: map[string]pve.Series{}}
	var cpu, memory pve.Run
	for i := range points {
		cpu.Values = append(cpu.Values, 0.5+0.2*math.Sin(2*math.Pi*float64(i)/48))
		memory.Values = append(memory.Values, 12<<30)
	}
	for _, node := range []string{"pmox01", "pmox02", "pmox03"} {
		h.Nodes[node] = pve.Series{
			Start: taken.Add(-(points - 1) * 30 * time.Minute), StepSeconds: 1800, Points: points,
			Values: map[pve.Metric][]pve.Run{pve.MetricCPU: {cpu}, pve.MetricMemoryUsed: {memory}},
		}
	}
	data, err := h.Encode()
	if err != nil {
		b.t.Fatal(err)
	}
	ref, err := b.env.Artifacts.Put(b.ctx, "application/json", data)
	if err != nil {
		b.t.Fatal(err)
	}
	return ref
}

// A plan names the diagnosis that it rests on; runs that share a snapshot and a history share it, whichever replica works for them.
//
// Shows: T-3.3.5-211
func TestPlansShareADiagnosis(t *testing.T) {
	const runs = 6
	b := newBench(t, 2)
	history := b.history(time.Now().UTC().Truncate(time.Second))
	for i, run := range []string{"a", "b", "c", "d", "e", "f"} {
		p := b.payload("run-" + run)
		if i%2 > 0 {
			p.Infrastructure.History = history
		}
		b.send(p, 1)
	}
	references := map[string]*provisov1.Reference{}
	for _, r := range b.results(runs) {
		plan := b.plan(r)
		checkExpectations(t, plan, strings.ContainsAny(r.GetRunId()[len("run-"):], "bdf"))
		ref := plan.GetAnalysis()
		if ref == nil {
			t.Fatalf("the plan of %s names no diagnosis", r.GetRunId())
		}
		references[ref.GetDigest()] = ref
	}
	if len(references) != 2 {
		t.Fatalf("%d runs rest on %d diagnoses, want 2: with history and without", runs, len(references))
	}
	for _, ref := range references {
		a, err := bus.GetMessage[*provisov1.InfrastructureAnalysis](b.ctx, b.env.Artifacts, ref)
		if err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(a.GetSnapshot(), b.snapshot) || len(a.GetNodes()) != 4 {
			t.Errorf("the diagnosis is of %v with %d nodes, want %v with 4", a.GetSnapshot(), len(a.GetNodes()), b.snapshot)
		}
		n := capacity.Node(a, "pmox03")
		switch peak := n.GetCpuPeak(); {
		case a.GetHistory() == nil && n.CpuPeak != nil:
			t.Errorf("without a history CPU peaks at %v", peak)
		case a.GetHistory() != nil && (!proto.Equal(a.GetHistory(), history) || peak < 0.65 || peak > 0.8):
			t.Errorf("history %v, CPU peaks at %v; want %v and about 0.7", a.GetHistory(), peak, history)
		}
		if capacity.Node(a, "pmox04").GetMemoryMib() != 0 || capacity.Find(a, capacity.FeatureGPUMapping).GetState() != capacity.Absent {
			t.Errorf("pmox04, which is off, has %v; GPU mappings are %v", capacity.Node(a, "pmox04"), capacity.Find(a, capacity.FeatureGPUMapping))
		}
	}
}

// checkExpectations holds the forecasts of a plan against what its history is made of: CPU of the node chosen, up to 70 percent.
func checkExpectations(t *testing.T, plan *provisov1.StrategicPlan, history bool) {
	t.Helper()
	list := plan.GetForecasts()
	if !history {
		if len(list) > 0 {
			t.Errorf("without a history %s expects %v", plan.GetRunId(), list)
		}
		return
	}
	if len(list) != 1 {
		t.Fatalf("%s has %d forecasts, want that of its node: nothing was measured of storages", plan.GetRunId(), len(list))
	}
	f, node := list[0], plan.GetPlacement()[0].GetNode()
	if f.GetSubject() != "node "+node || f.GetMetric() != "cpu" || f.GetPeak() < 0.65 || f.GetPeak() > 0.8 || len(f.GetExplanation()) == 0 || len(f.GetPoints()) > 0 {
		t.Errorf("%s rests on %v; want CPU of %s, about 0.7 at most, explained, without its course", plan.GetRunId(), f, node)
	}
}

// Another state of Kubernetes is another diagnosis.
func TestDiagnosisWithKubernetes(t *testing.T) {
	b := newBench(t, 1)
	for i, run := range []string{"a", "b", "c"} {
		p := b.payload("run-" + run)
		if i > 0 {
			p.Kubernetes = &provisov1.KubernetesState{TakenAt: timestamppb.New(time.Unix(int64(i), 0)), Version: "v1.34.1+k3s1", Nodes: []*provisov1.KubernetesNode{{Name: "worker-node-1", Ready: true}}}
			if i == 2 {
				p.Kubernetes.StorageClasses = []*provisov1.StorageClass{{Name: "rbd"}}
			}
		}
		b.send(p, 1)
	}
	states := map[string]int{}
	for _, r := range b.results(3) {
		a, err := bus.GetMessage[*provisov1.InfrastructureAnalysis](b.ctx, b.env.Artifacts, b.plan(r).GetAnalysis())
		if err != nil {
			t.Fatal(err)
		}
		states[capacity.Find(a, capacity.FeatureStorageClass).GetState()]++
	}
	if states[capacity.Available] != 1 || states[capacity.Absent] != 1 || states[capacity.Unknown] != 1 {
		t.Errorf("storage classes are %v; want each state once", states)
	}
}
