package pve_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

// TestWithConfigs: a guest that is to be taken over is read whole, with one GET, and the shared snapshot stays as it was.
func TestWithConfigs(t *testing.T) {
	cluster, reader := lab(t, "", twin.AuditorPrivileges(8))
	before := snapshot(t, reader)
	cluster.ForgetRequests()

	after, err := reader.WithConfigs(t.Context(), before, []int{123, 99999})
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, q := range cluster.Requests() {
		asked = append(asked, q.Method+" "+q.Path)
	}
	if diff := cmp.Diff([]string{"GET /nodes/pmox03/qemu/123/config"}, asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	worker, _ := after.Guest(123)
	if worker.Config == nil {
		t.Fatal("worker-node-2 has no configuration")
	}
	lines := map[string]string{}
	for _, key := range []string{"name", "memory", "cores", "scsi0", "ciuser", "boot", "digest"} {
		lines[key] = worker.Config.Lines[key]
	}
	want := map[string]string{
		"name": "worker-node-2", "memory": "8192", "cores": "6", "scsi0": "pmoxpool01:vm-123-disk-0,discard=on,iothread=1,size=32G",
		"ciuser": "admin-ubt", "boot": "order=ide2;scsi0;net0", "digest": "",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if g, _ := before.Guest(123); g.Config != nil {
		t.Error("the snapshot that others share was changed")
	}

	data, err := after.Encode()
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := pve.DecodeSnapshot(data)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := decoded.Guest(123)
	if diff := cmp.Diff(worker, again); diff != "" {
		t.Errorf("after its JSON form (-want +got):\n%s", diff)
	}
}
