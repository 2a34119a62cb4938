package prover

import (
	"testing"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/review"
)

// survey returns the snapshot that the real reader takes of a cluster.
func survey(t *testing.T, seed twin.Seed) *pve.Snapshot {
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
	return s
}

// TestLaboratory: what the reader sees of the thesis's laboratory is enough for a twin on which its scenario 4 is proven.
func TestLaboratory(t *testing.T) {
	tools(t)
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	s := survey(t, seed)
	vm := fixture.VM("webserver", 125)
	vm.ScsiHardware, vm.Disks[0].Iothread = "virtio-scsi-pci", false
	for _, st := range prove(t, refined(t, fixture.Plan(vm), s)) {
		if st.Outcome != review.Passed {
			t.Errorf("stage %s %s", st.Name, st.Outcome)
		}
	}
}

// BenchmarkProve is a whole proof of one machine. Goal: 6 s.
func BenchmarkProve(b *testing.B) {
	found, ok := Find("")
	if !ok {
		b.Skip("bin/tofu and bin/plugins are missing: run `make prover` first")
	}
	s := fixture.Snapshot()
	subject := refined(b, fixture.Plan(fixture.VM("webserver", 125)), s)
	p := New(Config{Tools: found, Now: time.Now})
	for b.Loop() {
		stages, err := p.Prove(b.Context(), subject, nil)
		if err != nil || !(review.Result{Stages: stages}).Valid() {
			b.Fatal(err, stages)
		}
	}
}
