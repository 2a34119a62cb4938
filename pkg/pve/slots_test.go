package pve

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

// A node that answers slowly holds at most its own slots: everything else is read meanwhile.
func TestSlowNodeLeavesSlots(t *testing.T) {
	var (
		mu          sync.Mutex
		under, most int
		others      sync.WaitGroup
	)
	others.Add(20)
	free := make(chan struct{}) // closed when all others were answered
	srv := newStub(t, map[string]http.HandlerFunc{
		"/nodes/slow/network": func(w http.ResponseWriter, req *http.Request) {
			mu.Lock()
			under++
			most = max(most, under)
			mu.Unlock()
			select {
			case <-free:
			case <-req.Context().Done():
			}
			mu.Lock()
			under--
			mu.Unlock()
			data(`[]`)(w, req)
		},
		"/nodes/quick/network": func(w http.ResponseWriter, req *http.Request) { data(`[]`)(w, req); others.Done() },
		"/version":             func(w http.ResponseWriter, req *http.Request) { data(`{"version":"8.4.1"}`)(w, req); others.Done() },
	})
	r := srv.reader(t, func(c *Config) { c.Concurrency = 4 })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() { others.Wait(); close(free) }()
	var all sync.WaitGroup
	ask := func(path string, times int) {
		for range times {
			all.Go(func() {
				if _, err := r.body(ctx, path); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			})
		}
	}
	ask("/nodes/slow/network", 10)
	ask("/nodes/quick/network", 10)
	ask("/version", 10)
	all.Wait()
	if most > perNode {
		t.Errorf("%d requests for one node were under way at once, want %d at most", most, perNode)
	}
}

func TestNodeOfPath(t *testing.T) {
	for path, want := range map[string]string{
		"/nodes/pmox01/qemu/100/config": "pmox01", "/nodes/a%2Fb/network": "a%2Fb", "/nodes/x": "x", "/nodes": "", "/cluster/resources": "", "/version": "",
	} {
		if got := nodeOf(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

// What a node that keeps silent is asked for fails at once after the first two. One more may have left by the time the second of them
// is given up.
func TestSilentNodeRests(t *testing.T) {
	srv := newStub(t, map[string]http.HandlerFunc{
		"/nodes/silent/network": func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() },
		"/nodes/other/network":  data(`[]`),
	})
	r := srv.reader(t, func(c *Config) { c.Timeout = 300 * time.Millisecond })
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			var away *UnreachableError
			if _, err := r.body(t.Context(), "/nodes/silent/network"); !errors.As(err, &away) || away.Host != "node silent" || away.Reach != ReachTimeout {
				t.Errorf("got error %v, want that the node does not answer", err)
			}
		})
	}
	all.Wait()
	if got := len(srv.requests()); got < silences || got >= silences+perNode {
		t.Errorf("the node was asked %d times, want %d or one more", got, silences)
	}
	if _, err := r.body(t.Context(), "/nodes/other/network"); err != nil {
		t.Errorf("another node: %v", err)
	}
}

func TestNodeRests(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := newSlots(6, func() time.Time { return now })
	const path = "/nodes/a%20b/network"
	take := func() error {
		release, err := s.take(t.Context(), path)
		if err == nil {
			release()
		}
		return err
	}
	expect := func(when string, rests bool) {
		t.Helper()
		if err := take(); errors.Is(err, ErrUnreachable) != rests {
			t.Errorf("%s: got %v, want that it rests: %t", when, err, rests)
		}
	}
	s.heard(path, false)
	expect("one silence may be a storage's", false)
	s.heard(path, true)
	s.heard(path, false)
	expect("an answer in between", false)
	s.heard(path, false)
	expect("two in a row", true)
	if err := take(); err == nil || err.Error() != "node a b does not answer: no answer in time" {
		t.Errorf("got %v, want the node's name in it", err)
	}
	if release, err := s.take(t.Context(), "/version"); err != nil {
		t.Errorf("what any node answers: %v", err)
	} else {
		release()
	}
	now = now.Add(nodeRest)
	expect("after its rest", false)
	s.heard(path, false)
	expect("one more silence", true)
	s.heard(path, true)
	expect("an answer ends the rest", false)
}
