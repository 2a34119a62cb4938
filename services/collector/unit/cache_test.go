package collector

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func TestCacheReadsOnceForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		release := make(chan struct{})
		c := &cache{maxAge: 5 * time.Second, now: time.Now, source: SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
			reads++
			<-release
			return &pve.Snapshot{}, nil
		})}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := c.get(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(release)
		all.Wait()
		if reads != 1 {
			t.Errorf("got %d readings for 20 who wait, want 1", reads)
		}
	})
}

func TestCacheAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		var fail error
		c := &cache{maxAge: 5 * time.Second, now: time.Now, source: SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
			reads++
			time.Sleep(time.Second) // of the bubble's clock: the time that reading takes
			return &pve.Snapshot{}, fail
		})}
		get := func() (*state, error) { return c.get(t.Context()) }
		first, err := get()
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second) // 4 s after the reading began
		if again, err := get(); err != nil || again != first || reads != 1 {
			t.Errorf("a state 4 s old was read again (%v, %d readings)", err, reads)
		}
		time.Sleep(2 * time.Second) // 6 s
		second, err := get()
		if err != nil || second == first || reads != 2 {
			t.Errorf("a state 6 s old was handed out (%v, %d readings)", err, reads)
		}
		time.Sleep(10 * time.Second)
		fail = errors.New("gone")
		if stale, err := get(); !errors.Is(err, fail) || stale != nil {
			t.Errorf("got %v, %v; want the error of the reading and no older state", stale, err)
		}
		fail = nil
		if _, err := get(); err != nil {
			t.Errorf("after a failed reading: %v", err)
		}
	})
}

// Whoever stops waiting does not take the reading away from the others.
func TestCacheOutlivesTheFirstCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cache{maxAge: time.Second, now: time.Now, source: SnapshotsFunc(func(ctx context.Context) (*pve.Snapshot, error) {
			select {
			case <-time.After(500 * time.Millisecond):
				return &pve.Snapshot{}, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		})}
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.get(impatient); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("impatient caller: got %v", err)
			}
		})
		all.Go(func() {
			if _, err := c.get(t.Context()); err != nil {
				t.Errorf("patient caller: %v", err)
			}
		})
		all.Wait()
	})
}

func TestCacheSurvivesAPanic(t *testing.T) {
	c := &cache{maxAge: time.Second, now: time.Now, source: SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) { panic("boom") })}
	for range 2 {
		if _, err := c.get(t.Context()); err == nil {
			t.Error("a reading that panics must fail those who wait")
		}
	}
}

func TestSnapshotIsStoredOnce(t *testing.T) {
	puts := 0
	put := func(_ context.Context, _ string, data []byte) (*provisov1.Reference, error) {
		puts++
		if puts == 1 {
			return nil, errors.New("no answer")
		}
		return &provisov1.Reference{Size: int32(len(data))}, nil
	}
	s := &state{snapshot: &pve.Snapshot{Version: "8.3.0"}}
	if _, err := s.reference(t.Context(), put); err == nil {
		t.Error("want the error of the store")
	}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := s.reference(t.Context(), put); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if puts != 2 {
		t.Errorf("got %d stores, want one that failed and one that did not", puts)
	}
}
