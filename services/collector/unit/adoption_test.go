package collector

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// TestAdoptionIsCollected: the guests that an intent changes or imports, and no others, come with their configuration; that
// costs one GET each, and nothing is written.
func TestAdoptionIsCollected(t *testing.T) {
	cluster, cfg := laboratory(t)
	artefacts := store{}
	w := newWorker(t, cfg, artefacts)
	collect := func(intent *provisov1.ProvisionIntent) *pve.Snapshot {
		t.Helper()
		intent.IntentId, intent.Language, intent.Target = "run-1", "en", &provisov1.Target{Platform: "proxmox"}
		out, err := w.collect(t.Context(), workOf(t, &provisov1.CollectWork{Item: &provisov1.WorkItem{RunId: "run-1", Step: "collect", Attempt: 1}, Intent: intent}))
		if err != nil {
			t.Fatal(err)
		}
		payload, err := wire.Decode[*provisov1.ContextPayload](artefacts[out.GetCollected().GetContext().GetDigest()], wire.Strict)
		if err != nil {
			t.Fatal(err)
		}
		s, err := pve.DecodeSnapshot(artefacts[payload.GetInfrastructure().GetSnapshot().GetDigest()])
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	whole := func(s *pve.Snapshot) []string {
		var names []string
		for _, g := range s.Guests {
			if g.Config != nil && g.Config.Lines != nil {
				names = append(names, g.Name)
			}
		}
		return names
	}

	s := collect(&provisov1.ProvisionIntent{
		Changes: []*provisov1.GuestChange{{Name: new("Worker-Node-2"), MemoryMib: proto.Int32(16384)}},
		Imports: []*provisov1.GuestImport{{VmId: proto.Int32(101)}, {Name: new("no-such-guest")}},
	})
	if diff := cmp.Diff([]string{"OPNsense", "worker-node-2"}, whole(s)); diff != "" {
		t.Errorf("with configuration (-want +got):\n%s", diff)
	}
	asked := 0
	for _, q := range cluster.Requests() {
		if q.Method != "GET" {
			t.Errorf("%s %s was sent", q.Method, q.Path)
		}
		if strings.HasSuffix(q.Path, "/qemu/101/config") || strings.HasSuffix(q.Path, "/qemu/123/config") {
			asked++
		}
	}
	if asked != 2 {
		t.Errorf("%d configurations were asked for; want 2", asked)
	}

	// The state that runs share is the plain one.
	s = collect(&provisov1.ProvisionIntent{Pools: []*provisov1.Pool{{Name: "team-a"}}})
	if got := whole(s); len(got) > 0 {
		t.Errorf("a run that names no guest got the configuration of %v", got)
	}
}
