package collector

import (
	"strings"
	"testing"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/twin"
)

// A secret in the notes of the cluster is in no artefact of a run: neither in the payload nor in the snapshot that it refers to. The
// note's other words stay, and so does every other value.
//
// Shows: T-3.3.5-103
func TestNotesAreCollectedWithoutSecrets(t *testing.T) {
	const canary = "Cnry7-Qx9!zVw2RtL0"
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	for k := range seed.Guests {
		seed.Guests[k].Config["description"] = "rack 4, root password: " + canary
	}
	for k := range seed.Pools {
		seed.Pools[k].Comment = "for the team, token=" + canary
	}
	cluster, err := twin.New(seed, twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	kept := store{}
	w := newWorker(t, Config{Endpoint: server.URL(), Token: server.TokenID() + "=" + server.TokenSecret(), CAPEM: server.CAPEM()}, kept)
	id := int32(122)
	_, err = w.collect(t.Context(), workOf(t, &provisov1.CollectWork{
		Item: &provisov1.WorkItem{RunId: "r", Step: "collect", Attempt: 1},
		Intent: &provisov1.ProvisionIntent{IntentId: "r", Language: "fr", Target: &provisov1.Target{Platform: "proxmox"},
			Imports: []*provisov1.GuestImport{{VmId: &id}}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	var snapshot *pve.Snapshot
	for digest, data := range kept {
		if strings.Contains(string(data), canary) {
			t.Errorf("artefact %s holds it: %s", digest, data)
		}
		if s, err := pve.DecodeSnapshot(data); err == nil && len(s.Guests) > 0 {
			snapshot = s
		}
	}
	if snapshot == nil {
		t.Fatalf("no snapshot among %d artefacts: the test shows nothing", len(kept))
	}
	g, _ := snapshot.Guest(122)
	if got := g.Config.Lines["description"]; !strings.HasPrefix(got, "rack 4, root password: ") {
		t.Errorf("the note lost more than its secret: %q", got)
	}
	// What the reader keeps for its next snapshot is as it was: others read it at the same time.
	shared := &pve.Snapshot{Pools: []pve.Pool{{Name: "a", Comment: "token=" + canary}}}
	if clean := withoutSecrets(shared); clean == shared || strings.Contains(clean.Pools[0].Comment, canary) || shared.Pools[0].Comment != "token="+canary {
		t.Errorf("the shared snapshot holds %q, the clean one %q", shared.Pools[0].Comment, clean.Pools[0].Comment)
	}
	if g.Config.Lines["cores"] != "6" || !strings.HasPrefix(snapshot.Pools[0].Comment, "for the team") {
		t.Errorf("other values are not as they were: %v %q", g.Config.Lines, snapshot.Pools[0].Comment)
	}
}
