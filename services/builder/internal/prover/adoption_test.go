package prover

import (
	"maps"
	"testing"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/review"
)

// withConfigs returns the snapshot that the real reader takes of a cluster, with the configuration of some guests.
func withConfigs(t *testing.T, seed twin.Seed, vmids ...int) *pve.Snapshot {
	t.Helper()
	cluster, err := twin.New(seed, twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	r, err := pve.NewReader(pve.Config{Endpoint: server.URL(), Token: server.TokenID() + "=" + server.TokenSecret(), CAPEM: server.CAPEM()})
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s, err = r.WithConfigs(t.Context(), s, vmids); err != nil {
		t.Fatal(err)
	}
	return s
}

// adoption takes a guest of the snapshot over, with some lines changed.
func adoption(t *testing.T, s *pve.Snapshot, vmid int, lines map[string]string, attributes ...string) *provisov1.PlannedAdoption {
	t.Helper()
	g, _ := s.Guest(vmid)
	if g.Config == nil {
		t.Fatalf("guest %d has no configuration", vmid)
	}
	config := maps.Clone(g.Config.Lines)
	maps.Copy(config, lines)
	p := &provisov1.PlannedAdoption{Change: -1}
	for _, a := range attributes {
		p.Change = 0
		p.Differences = append(p.Differences, &provisov1.ValueChange{Attribute: a, Before: "before", After: "after"})
	}
	name, running := g.Name, g.Status == pve.GuestRunning
	if g.Kind == pve.KindContainer {
		if n := config["hostname"]; n != "" {
			name = n
		}
		p.Guest = &provisov1.PlannedAdoption_Container{Container: &provisov1.AdoptedContainer{
			VmId: int32(vmid), Node: g.Node, Name: name, Config: config, Pool: g.Pool, Running: running,
		}}
		return p
	}
	if n := config["name"]; n != "" {
		name = n
	}
	p.Guest = &provisov1.PlannedAdoption_VirtualMachine{VirtualMachine: &provisov1.AdoptedVM{
		VmId: int32(vmid), Node: g.Node, Name: name, Config: config, Pool: g.Pool, Running: running,
	}}
	return p
}

// proveAdoption proves a plan without the in-process stages before it.
func proveAdoption(t *testing.T, plan *provisov1.StrategicPlan, s *pve.Snapshot) Subject {
	t.Helper()
	d := bpg.Plain(plan, s)
	return Subject{Files: bpg.Render(d), Plan: plan, Snapshot: s, Resources: bpg.Resources(d)}
}

func TestAdoptionDraft(t *testing.T) {
	tools(t)
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	s := withConfigs(t, seed, 101, 118, 123)
	plan := fixture.Plan()
	plan.Adoptions = []*provisov1.PlannedAdoption{
		adoption(t, s, 101, nil), adoption(t, s, 118, nil),
		adoption(t, s, 123, map[string]string{"memory": "10240", "cores": "4", "scsi0": "pmoxpool01:vm-123-disk-0,discard=on,iothread=1,size=50G"}, "memory", "cores", "scsi0"),
	}
	subject := proveAdoption(t, plan, s)
	for _, f := range subject.Files {
		if f.Path == "main.tf" {
			t.Log(f.Content)
		}
	}
	for _, st := range prove(t, subject) {
		if st.Outcome == review.Failed {
			t.Errorf("stage %s %s", st.Name, st.Outcome)
		}
	}
}
