package workload

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const gib = int64(1) << 30

// cluster has three workers of 4 cores and 8 GiB on three hosts, half of each taken, with everything that workloads may want.
func cluster() *provisov1.KubernetesState {
	state := &provisov1.KubernetesState{
		Version:        "v1.34.1+k3s1",
		StorageClasses: []*provisov1.StorageClass{{Name: "local-path", Provisioner: "rancher.io/local-path", Default: true}},
		IngressClasses: []*provisov1.IngressClass{{Name: "traefik", Default: true}},
		LoadBalancer:   &provisov1.LoadBalancerSupport{Kind: "metallb", Pools: []*provisov1.AddressPool{{Name: "lan", Addresses: 10, Used: 9, Automatic: true, Announced: true}}},
		Namespaces:     []*provisov1.Namespace{{Name: "default"}},
		Workloads:      []*provisov1.RunningWorkload{{Namespace: "kube-system", Kind: "Deployment", Name: "metrics-server"}},
	}
	for i := range 3 {
		state.Nodes = append(state.Nodes, &provisov1.KubernetesNode{
			Name: fmt.Sprintf("worker-%d", i+1), Ready: true, AllocatableCpuMilli: 4000, RequestedCpuMilli: 2000,
			AllocatableMemoryBytes: 8 * gib, RequestedMemoryBytes: 4 * gib, AllocatablePods: 110, Pods: 10,
		})
	}
	return state
}

// hosts are the machines of the workers, each on a host of its own.
func hosts() *pve.Snapshot {
	s := &pve.Snapshot{}
	for i := range 3 {
		s.Guests = append(s.Guests, pve.Guest{VMID: 201 + i, Name: fmt.Sprintf("worker-%d", i+1), Node: fmt.Sprintf("pmox0%d", i+1), Status: pve.GuestRunning})
	}
	return s
}

func tenFree(string) (placement.Room, bool) {
	return placement.Room{Online: true, TotalBytes: 32 * gib, FreeBytes: 10 * gib}, true
}

func component(name, role string) *provisov1.ProfileComponent {
	return &provisov1.ProfileComponent{
		Name: name, Role: role, Image: name + ":1", Exposure: "network", Replicas: 1, ReplicasMost: 1, Sizing: &provisov1.Sizing{CpuMilli: 500, MemoryMib: 1024},
		Ports: []*provisov1.ProfilePort{{Number: 8080, Protocol: "tcp"}},
	}
}

func input(lang string, components ...*provisov1.ProfileComponent) Input {
	return Input{
		Language: lang, State: cluster(), Snapshot: hosts(), Room: tenFree,
		Applications: []Application{{Profile: &provisov1.ApplicationProfile{Name: "shop", Method: "parsed", Components: components}}},
	}
}

// decided decides and places, and holds what comes out against the contract.
func decided(t *testing.T, in Input) *Set {
	t.Helper()
	before := i18n.Unknown()
	s, err := Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	s.Place(nil)
	for _, w := range s.Workloads() {
		if err := wire.Validate(w); err != nil {
			t.Errorf("workload breaks the contract: %v", err)
		}
	}
	for _, p := range s.Policies {
		if err := wire.Validate(p); err != nil {
			t.Errorf("policy breaks the contract: %v", err)
		}
	}
	for _, a := range s.Aims {
		if err := wire.Validate(a); err != nil {
			t.Errorf("aim breaks the contract: %v", err)
		}
	}
	for _, text := range s.texts() {
		if strings.ContainsAny(text, "{}") {
			t.Errorf("placeholder that nothing filled: %q", text)
		}
	}
	if n := i18n.Unknown() - before; n > 0 {
		t.Errorf("%d texts are missing", n)
	}
	return s
}

func (s *Set) texts() []string {
	texts := slices.Clone(s.Findings)
	for _, p := range s.Policies {
		texts = append(texts, p.GetReason())
	}
	for _, a := range s.Aims {
		texts = append(texts, a.GetText(), a.GetHow())
	}
	for _, w := range s.Workloads() {
		for _, target := range w.GetTargets() {
			texts = append(texts, target.GetReason())
		}
	}
	return texts
}
