package collector

import (
	"context"
	"fmt"
	"sync"
	"time"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// readMost bounds one reading of a cluster, whoever waits for it.
const readMost = time.Minute

// state is one snapshot with what belongs to it.
type state struct {
	snapshot *pve.Snapshot
	began    time.Time     // when its reading began; its age counts from here
	took     time.Duration // how long it took to read
	cost     pve.Reading   // what the reading cost; zero when its source does not tell

	mu  sync.Mutex           // guards ref; held while storing, so that a snapshot is stored once
	ref *provisov1.Reference // nil until it is stored
}

// reference stores the snapshot as an artefact, once, and returns where it is.
func (s *state) reference(ctx context.Context, put putFunc) (*provisov1.Reference, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ref != nil {
		return s.ref, nil
	}
	data, err := s.snapshot.Encode()
	if err != nil {
		return nil, err
	}
	ref, err := put(ctx, snapshotMediaType, data)
	if err != nil {
		return nil, fmt.Errorf("store snapshot: %w", err)
	}
	s.ref = ref
	return ref, nil
}

// snapshotMediaType is the media type of a snapshot as an artefact: its own JSON form, no message of the contract.
const snapshotMediaType = "application/json"

// putFunc stores bytes as an artefact.
type putFunc func(ctx context.Context, mediaType string, data []byte) (*provisov1.Reference, error)

// measured tells what its last reading cost. A source that follows its cluster is: a reading after the first is a refresh.
type measured interface{ LastReading() pve.Reading }

var (
	_ measured = (*pve.Follower)(nil)
	_ measured = adapter{}
)

// cache keeps the last state of one cluster. What is older than maxAge is read again, by one reader for all who wait; when
// that fails, all of them fail: an older state is never handed out in its place.
type cache struct {
	source Snapshots
	maxAge time.Duration
	now    func() time.Time
	// seen is told of every reading that succeeded; nil: nobody is.
	seen func(*state)

	mu      sync.Mutex // guards the fields below
	last    *state
	reading *reading // nil when nobody reads
}

// reading is one reading under way.
type reading struct {
	done  chan struct{} // closed when state and err are set
	state *state
	err   error
}

// get returns a state that is at most maxAge old when it is asked for. A state whose reading began before the call and is
// still under way counts as fresh.
func (c *cache) get(ctx context.Context) (*state, error) {
	c.mu.Lock()
	if c.last != nil && c.now().Sub(c.last.began) < c.maxAge {
		defer c.mu.Unlock()
		return c.last, nil
	}
	r := c.reading
	if r == nil {
		r = &reading{done: make(chan struct{})}
		c.reading = r
		// The reading outlives the step that asked for it: others may wait for it too.
		go c.read(context.WithoutCancel(ctx), r)
	}
	c.mu.Unlock()
	select {
	case <-r.done:
		return r.state, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the cluster: %w", context.Cause(ctx))
	}
}

func (c *cache) read(ctx context.Context, r *reading) {
	ctx, cancel := context.WithTimeout(ctx, readMost)
	defer cancel()
	began := c.now()
	defer func() {
		if p := recover(); p != nil {
			r.state, r.err = nil, fmt.Errorf("read cluster: panic: %v", p)
		}
		c.mu.Lock()
		c.reading = nil
		if r.err == nil {
			c.last = r.state
		}
		c.mu.Unlock()
		close(r.done)
	}()
	snapshot, err := c.source.Snapshot(ctx)
	if err != nil {
		r.err = err
		return
	}
	r.state = &state{snapshot: snapshot, began: began, took: c.now().Sub(began)}
	if m, ok := c.source.(measured); ok {
		r.state.cost = m.LastReading()
	}
	if c.seen != nil {
		c.seen(r.state)
	}
}
