package collector

import (
	"context"
	"os"
	"testing"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/kubernetes"
	"proviso.dev/services/collector/internal/kubernetes/apitest"
)

// The state of a real API server stands in the payload of a run that concerns it, with the node that is not ready told from those that
// are.
//
// Shows: T-3.3.3-01
func TestKubernetesIsCollected(t *testing.T) {
	c := apitest.Start(t)
	for _, name := range []string{"extensions.yaml", "cluster.yaml"} { // kinds before objects of them
		seed, err := os.ReadFile("../internal/kubernetes/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		c.Apply(t, string(seed))
	}
	env := map[string]string{"PROVISO_KUBECONFIG": c.Certified(t, "admin", "system:masters"), "PROVISO_KUBE_CONTEXT": "test", "PROVISO_KUBE_NAME": "k3s"}
	cfg, err := LoadConfig(func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	reader, err := kubernetes.New(cfg.Kube)
	if err != nil {
		t.Fatal(err)
	}
	payload, collected, err := collectShop(t, repositoriesFunc(func(_ context.Context, r *provisov1.Repository) (*provisov1.Application, error) { return shop(r), nil }), reader, repositoryIntent())
	if err != nil {
		t.Fatal(err)
	}
	k := payload.GetKubernetes()
	if k.GetName() != "k3s" || k.GetVersion() == "" || outcomesOf(payload)["kubernetes"] != "used" {
		t.Fatalf("got %v, sources %v, unknown %q", k, payload.GetSources(), collected.GetUnknown())
	}
	ready, roles := map[string]bool{}, map[string]bool{}
	for _, n := range k.GetNodes() {
		ready[n.GetName()], roles[n.GetName()] = n.GetReady(), n.GetControlPlane()
	}
	if !ready["wrk-1"] || !roles["srv-1"] || roles["wrk-1"] {
		t.Errorf("nodes: ready %v, control plane %v", ready, roles)
	}
	away := 0
	for _, is := range ready {
		if !is {
			away++
		}
	}
	if away == 0 {
		t.Error("the node whose kubelet fell silent counts as ready")
	}
}

// Runs of one moment share one reading; a failure is not kept.
func TestKubernetesIsReadOnceAMoment(t *testing.T) {
	now := time.Now()
	read, fail := 0, true
	r := newRecentKubernetes(kubernetesFunc(func(context.Context) (*provisov1.KubernetesState, error) {
		read++
		if fail {
			return nil, context.DeadlineExceeded
		}
		return &provisov1.KubernetesState{}, nil
	}), 5*time.Second, func() time.Time { return now })
	if _, err := r.Read(t.Context()); err == nil {
		t.Error("a failure is no state")
	}
	fail = false
	for range 3 {
		if _, err := r.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if read != 2 {
		t.Errorf("want one reading after the failure, got %d in all", read)
	}
	now = now.Add(6 * time.Second)
	if _, err := r.Read(t.Context()); err != nil || read != 3 {
		t.Errorf("an old state is read anew: %v, %d readings", err, read)
	}
}
