package bus_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"proviso.dev/pkg/bus"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Many runs of one moment ask for the same snapshot: it is decoded once. A failure is not kept.
func TestDecodedOnce(t *testing.T) {
	errAway, errBad := errors.New("away"), errors.New("bad")
	var fetches, decodes atomic.Int64
	var away atomic.Bool
	d, err := bus.NewDecoded(func(_ context.Context, ref *provisov1.Reference) ([]byte, error) {
		fetches.Add(1)
		if away.Load() {
			return nil, errAway
		}
		return []byte(ref.GetDigest()), nil
	}, 2, func(data []byte) (string, error) {
		decodes.Add(1)
		if string(data) == "bad" {
			return "", errBad
		}
		return "decoded " + string(data), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ref := func(digest string) *provisov1.Reference { return &provisov1.Reference{Digest: digest} }

	away.Store(true)
	if _, err := d.Get(t.Context(), ref("a")); !errors.Is(err, errAway) {
		t.Errorf("want the error of fetching, got %v", err)
	}
	away.Store(false)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if v, err := d.Get(t.Context(), ref("a")); v != "decoded a" || err != nil {
				t.Errorf("got %q, %v", v, err)
			}
		})
	}
	wg.Wait()
	if n := decodes.Load(); n != 1 {
		t.Errorf("decoded %d times, want once", n)
	}
	for range 2 {
		if _, err := d.Get(t.Context(), ref("bad")); !errors.Is(err, errBad) {
			t.Errorf("want the error of decoding, got %v", err)
		}
	}
	if n := decodes.Load(); n != 3 {
		t.Errorf("decoded %d times, want a failure to be tried again", n)
	}

	before := fetches.Load()
	for _, digest := range []string{"b", "c", "a"} {
		if _, err := d.Get(t.Context(), ref(digest)); err != nil {
			t.Error(err)
		}
	}
	if n := fetches.Load() - before; n != 3 {
		t.Errorf("fetched %d times, want 3: two are kept, the oldest makes room", n)
	}
	if _, err := bus.NewDecoded(nil, 0, func([]byte) (string, error) { return "", nil }); err == nil {
		t.Error("a cache of nothing was made")
	}
}
