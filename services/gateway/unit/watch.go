package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
)

// runWatch tells those who wait for a run that it changed. One watch over all runs serves every waiting client: creating a
// consumer for each would cost more than the run itself.
type runWatch struct {
	watcher jetstream.KeyWatcher

	mu        sync.Mutex
	followers map[string]map[chan []byte]struct{} // by run id
}

// newRunWatch begins to watch; the watch lasts until ctx ends or stop is called.
func newRunWatch(ctx context.Context, runs jetstream.KeyValue) (*runWatch, error) {
	watcher, err := runs.Watch(ctx, bus.RunKey("*"), jetstream.UpdatesOnly(), jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("watch bucket %s: %w", bus.BucketRuns, err)
	}
	return &runWatch{watcher: watcher, followers: map[string]map[chan []byte]struct{}{}}, nil
}

// run distributes changes until ctx ends, then returns nil. It returns errWatchEnded when the watch dies on its own.
func (w *runWatch) run(ctx context.Context) error {
	defer func() { _ = w.watcher.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case entry, ok := <-w.watcher.Updates():
			if !ok {
				if ctx.Err() != nil {
					return nil
				}
				return errWatchEnded
			}
			if entry == nil {
				continue // the initial set, empty here, has been sent
			}
			if id, ok := bus.ParseRunKey(entry.Key()); ok {
				w.tell(id, entry.Value())
			}
		}
	}
}

// tell hands a record to the followers of a run. Who is slow sees the newest record only: a record holds the whole run.
func (w *runWatch) tell(id string, record []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.followers[id] {
		select {
		case <-c:
		default:
		}
		c <- record // does not block: the buffer of one is empty, and only the holder of mu sends
	}
}

// follow returns the records of a run as they are written from now on. Call stop when done.
func (w *runWatch) follow(id string) (records <-chan []byte, stop func()) {
	c := make(chan []byte, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.followers[id] == nil {
		w.followers[id] = map[chan []byte]struct{}{}
	}
	w.followers[id][c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.followers[id], c)
		if len(w.followers[id]) == 0 {
			delete(w.followers, id)
		}
	}
}

// stateOf reads the state out of a stored record without decoding and checking the rest: most records that a follower is
// handed are of a state that it does not wait for. It stands near the beginning of run, which is the record's first member.
// Empty: not found.
func stateOf(record []byte) string {
	d := json.NewDecoder(bytes.NewReader(record))
	if !enter(d, "run") || !enter(d, "state") {
		return ""
	}
	var state string
	if d.Decode(&state) != nil {
		return ""
	}
	return state
}

// enter reads up to the value of a member of the object that comes next.
func enter(d *json.Decoder, member string) bool {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return false
		}
		if key == member {
			return true
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return false
		}
	}
	return false
}
