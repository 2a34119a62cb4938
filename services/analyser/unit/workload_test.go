package analyser_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// fullKubernetes are the laboratory's workers with no memory left, under the names that their machines have.
func fullKubernetes() *provisov1.KubernetesState {
	state := &provisov1.KubernetesState{
		TakenAt: timestamppb.Now(), Version: "v1.34.1+k3s1", Namespaces: []*provisov1.Namespace{{Name: "default"}},
		LoadBalancer: &provisov1.LoadBalancerSupport{Kind: "servicelb"},
	}
	for i := range 3 {
		state.Nodes = append(state.Nodes, &provisov1.KubernetesNode{
			Name: fmt.Sprintf("worker-node-%d", i+1), Ready: true, AllocatableCpuMilli: 6000, AllocatableMemoryBytes: 8 << 30, RequestedMemoryBytes: 8 << 30, AllocatablePods: 110,
		})
	}
	return state
}

// Shows: T-3.4.2-01, T-4.7.3-04
//
// TestPlanBesideRefusal: workloads on a full Kubernetes cluster, planned on the laboratory as the real reader sees it: the run is refused,
// since no dialect writes Kubernetes, and the plan, with the worker that is needed first, is stored all the same. A second attempt gives
// the same worker.
func TestPlanBesideRefusal(t *testing.T) {
	b := newBench(t, 1)
	p := b.payload("run-k")
	p.Kubernetes = fullKubernetes()
	p.Intent.VirtualMachines, p.Intent.Facts = nil, nil
	p.Intent.Workloads = []*provisov1.Workload{{
		Name: new("web"), Image: new("nginx:1.27"), Replicas: proto.Int32(3), Port: proto.Int32(80), Exposure: new("load-balancer"),
		CpuMilli: proto.Int32(500), MemoryMib: proto.Int32(1024), ReplicasMost: proto.Int32(6),
	}}
	b.send(p, 1)
	first := b.results(1)[0]
	b.send(p, 2)
	for _, r := range append([]*provisov1.StepSucceeded{first}, b.results(2)[1]) {
		analysed := r.GetAnalysed()
		if analysed.GetRefusal().GetCode() != "workload_unsupported" || analysed.GetPlan() == nil {
			t.Fatalf("want a plan beside the refusal, got %v", analysed)
		}
		plan := b.plan(r)
		if len(plan.GetVirtualMachines()) != 1 || len(plan.GetWorkloads()) != 1 {
			t.Fatalf("plan has %d machines and %d workloads, want one of each", len(plan.GetVirtualMachines()), len(plan.GetWorkloads()))
		}
		vm, web := plan.GetVirtualMachines()[0], plan.GetWorkloads()[0]
		if vm.GetName() != "worker-node-4" || web.GetTargets()[0].GetNode() != vm.GetName() || web.GetTargets()[0].GetHost() != vm.GetNode() {
			t.Errorf("the pods' first target is %v, the planned worker %s on %s", web.GetTargets()[0], vm.GetName(), vm.GetNode())
		}
		if !strings.Contains(analysed.GetSummary(), "web (deployment × 3, load-balancer) sur worker-node-4") {
			t.Errorf("summary is %q", analysed.GetSummary())
		}
		if plan.GetAnalysis() == nil || len(plan.GetProfiles()) == 0 {
			t.Error("the plan does not say what it rests on")
		}
		var steps []string
		for _, s := range plan.GetSteps() {
			steps = append(steps, s.GetKind())
		}
		if got := strings.Join(steps, " "); got != "virtual_machine join workload" {
			t.Errorf("steps are %q", got)
		}
	}
}
