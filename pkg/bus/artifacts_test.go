package bus_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const objects = "OBJ_" + bus.ObjectArtifacts

func random(n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)})
	data := make([]byte, n)
	_, _ = r.Read(data)
	return data
}

func TestArtifactsRoundTrip(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 30*time.Second)
	stored := uint64(0)
	tests := []struct {
		size   int
		cost   uint64 // stored messages
		reason string
	}{
		{0, 1, "nothing needs a description only"},
		{1, 2, "bytes and description"},
		{128<<10 - 1, 2, "bytes and description"},
		{512 << 10, 2, "as much as one message takes"},
		{512<<10 + 1, 3, "one message more"},
		{3 << 20, 7, "a snapshot of a large cluster"},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprint(tc.size), func(t *testing.T) {
			want := random(tc.size)
			writer := bus.NewArtifacts(js, 8<<20)
			ref, err := writer.Put(ctx, "application/octet-stream", want)
			if err != nil {
				t.Fatal(err)
			}
			now := messages(t, js, objects)
			if got := now - stored; got != tc.cost {
				t.Errorf("stored %d messages, want %d: %s", got, tc.cost, tc.reason)
			}
			stored = now
			if int(ref.GetSize()) != tc.size || ref.GetDigest() != bus.Digest(want) || wire.Validate(ref) != nil {
				t.Errorf("got reference %v", ref)
			}
			// Again by the same and by another that never saw it.
			for _, a := range []*bus.Artifacts{writer, bus.NewArtifacts(js, 8<<20)} {
				again, err := a.Put(ctx, "application/octet-stream", want)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(ref, again, protocmp.Transform()); diff != "" {
					t.Errorf("another reference (-first +again):\n%s", diff)
				}
			}
			if now := messages(t, js, objects); now != stored {
				t.Errorf("storing it again stored %d messages, want 0", now-stored)
			}
			got, err := bus.NewArtifacts(js, 0).Get(ctx, ref)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Error("read other bytes than were stored")
			}
		})
	}
}

func TestArtifactsAreOrdinaryObjects(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	want := random(700 << 10)
	ref, err := bus.NewArtifacts(js, 0).Put(ctx, "application/json", want)
	if err != nil {
		t.Fatal(err)
	}
	store, err := js.ObjectStore(ctx, bus.ObjectArtifacts)
	if err != nil {
		t.Fatal(err)
	}
	got, err := store.GetBytes(ctx, ref.GetDigest())
	if err != nil {
		t.Fatalf("read by another client: %v", err)
	}
	if !bytes.Equal(got, want) {
		t.Error("another client read other bytes")
	}
	// And the other way round.
	other := random(300 << 10)
	if _, err := store.PutBytes(ctx, bus.Digest(other), other); err != nil {
		t.Fatal(err)
	}
	got, err = bus.NewArtifacts(js, 0).Get(ctx, &provisov1.Reference{Digest: bus.Digest(other)})
	if err != nil || !bytes.Equal(got, other) {
		t.Errorf("an object of another client: %d bytes, %v", len(got), err)
	}
}

func TestArtifactsRefuse(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	store, err := js.ObjectStore(ctx, bus.ObjectArtifacts)
	if err != nil {
		t.Fatal(err)
	}
	a := bus.NewArtifacts(js, 1<<20)
	forged := bus.Digest([]byte("what it claims to be"))
	if _, err := store.PutBytes(ctx, forged, []byte("something else")); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Get(ctx, &provisov1.Reference{Digest: forged}); !errors.Is(err, bus.ErrCorrupt) {
		t.Errorf("forged: got %v, want %v", err, bus.ErrCorrupt)
	}
	if _, err := a.Get(ctx, &provisov1.Reference{Digest: bus.Digest([]byte("nowhere"))}); !errors.Is(err, bus.ErrNotFound) {
		t.Errorf("missing: got %v, want %v", err, bus.ErrNotFound)
	}
	for _, digest := range []string{"", "sha256-", "../x", "sha256-" + string(make([]byte, 64)), "$O.artifacts.M.>"} {
		if _, err := a.Get(ctx, &provisov1.Reference{Digest: digest}); err == nil {
			t.Errorf("digest %q was accepted", digest)
		}
	}
	if _, err := a.Put(ctx, "x", make([]byte, bus.MaxArtifact+1)); err == nil {
		t.Error("an artefact above the limit was accepted")
	}
}

func TestArtifactsConcurrently(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 20*time.Second)
	want := random(1 << 20)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			a := bus.NewArtifacts(js, 0)
			ref, err := a.Put(ctx, "x", want)
			if err != nil {
				t.Error(err)
				return
			}
			got, err := a.Get(ctx, ref)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("read %d bytes, %v: writers of one artefact must not mix", len(got), err)
			}
		})
	}
	wg.Wait()
}

func TestMessagesAsArtifacts(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	a := bus.NewArtifacts(js, 1<<20)
	want := &provisov1.Turn{Text: "crée 3 VM"}
	ref, err := bus.PutMessage(ctx, a, want)
	if err != nil {
		t.Fatal(err)
	}
	if got := bus.MessageType(ref.GetMediaType()); got != "proviso.v1.Turn" {
		t.Errorf("got type %q", got)
	}
	got, err := bus.GetMessage[*provisov1.Turn](ctx, bus.NewArtifacts(js, 0), ref)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := bus.GetMessage[*provisov1.WorkItem](ctx, a, ref); err == nil {
		t.Error("a turn was read as a work item")
	}
}

func TestCacheForgetsTheLeastRecentlyUsed(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	a := bus.NewArtifacts(js, 250)
	first, second, third := random(100), random(101), random(102)
	refs := make([]*provisov1.Reference, 3)
	put := func(i int, data []byte) {
		t.Helper()
		ref, err := a.Put(ctx, "x", data)
		if err != nil {
			t.Fatal(err)
		}
		refs[i] = ref
	}
	put(0, first)
	put(1, second)
	if _, err := a.Get(ctx, refs[0]); err != nil { // now the second is the oldest
		t.Fatal(err)
	}
	put(2, third)
	// Only what is cached survives the loss of the store.
	if err := js.DeleteObjectStore(ctx, bus.ObjectArtifacts); err != nil {
		t.Fatal(err)
	}
	for i, cached := range []bool{true, false, true} {
		_, err := a.Get(ctx, refs[i])
		if cached != (err == nil) {
			t.Errorf("artefact %d: got %v, want cached %v", i, err, cached)
		}
	}
}
