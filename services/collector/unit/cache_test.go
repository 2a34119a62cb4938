package collector

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
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

// Runs after the first pay for a refresh: four requests. What the cluster cannot tell any more fails them; what it told before is
// not shown in its place.
func TestCacheFollowsTheCluster(t *testing.T) {
	cluster, cfg := laboratory(t)
	cfg.MaxAge = time.Nanosecond // every run wants the present state
	c := newWorker(t, cfg, store{}).clusters[0]
	first, err := c.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := first.cost.Requests, len(cluster.Requests()); got != want || want < 10 {
		t.Errorf("the first reading says that it sent %d requests, the cluster got %d, want the same and at least 10", got, want)
	}
	cluster.ForgetRequests()
	second, err := c.get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(cluster.Requests()); got != 4 || second.cost.Requests != 4 {
		t.Errorf("the second reading sent %d requests and says %d, want 4: %v", got, second.cost.Requests, cluster.Requests())
	}
	if first.snapshot == second.snapshot || !second.began.After(first.began) {
		t.Error("the second run got the state of the first")
	}
	stop := cluster.Inject(twin.Fault{Path: "/cluster/resources", Status: 500, Phrase: "got timeout"})
	if s, err := c.get(t.Context()); err == nil || s != nil {
		t.Errorf("got %v, %v; want no state when the cluster cannot be read", s, err)
	}
	stop()
	if _, err := c.get(t.Context()); err != nil {
		t.Errorf("after the failure: %v", err)
	}
}

// Details are part of a state that is handed out for a while: they must not be older than their bound at the end of it.
func TestDetailsWithinTheirBound(t *testing.T) {
	cluster, cfg := laboratory(t)
	cfg.MaxAge, cfg.DetailAge = time.Hour, time.Hour
	c := newWorker(t, cfg, store{}).clusters[0]
	c.maxAge = time.Nanosecond
	var requests []int
	for range 2 {
		cluster.ForgetRequests()
		if _, err := c.get(t.Context()); err != nil {
			t.Fatal(err)
		}
		requests = append(requests, len(cluster.Requests()))
	}
	if requests[1] < requests[0] {
		t.Errorf("got %v requests; details that might become two hours old were kept", requests)
	}
}

// The list of endpoints is one variable.
func TestSeveralEndpoints(t *testing.T) {
	got := Config{Endpoint: "https://a:8006, https://b:8006,", Token: "t"}.reader()
	if got.Endpoint != "https://a:8006" || !slices.Equal(got.Endpoints, []string{"https://b:8006"}) {
		t.Errorf("got %q and %q, want a, then b", got.Endpoint, got.Endpoints)
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
