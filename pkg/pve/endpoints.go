package pve

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

const (
	firstRest = 10 * time.Second // after the first failure in a row; it doubles
	mostRest  = 2 * time.Minute
)

// An endpoint is one address of the cluster: any node answers for all.
type endpoint struct {
	url  string // "https://pmox01:8006/api2/json"
	host string // "pmox01:8006"

	// Guarded by endpoints.mu.
	failures int       // in a row
	until    time.Time // it is left alone until then
}

// endpoints spread requests over the addresses of a cluster. One to which no connection can be made is left alone for a while,
// unless there is no other.
type endpoints struct {
	now func() time.Time
	all []*endpoint // at least one; the list itself never changes

	mu   sync.Mutex // guards next and the endpoints' states
	next int
}

// pick returns the endpoint of the next request: in turn, those that rest left out. Where all rest it is the one that has rested
// most of its time. A rest that is over lets one request through; its outcome decides for the others.
func (e *endpoints) pick() *endpoint {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	for range e.all {
		at := e.all[e.next%len(e.all)]
		e.next++
		if now.Before(at.until) {
			continue
		}
		if at.failures > 0 {
			at.until = now.Add(firstRest)
		}
		return at
	}
	return slices.MinFunc(e.all, func(a, b *endpoint) int { return cmp.Or(a.until.Compare(b.until), cmp.Compare(a.failures, b.failures)) })
}

// worked notes that the endpoint answered, whatever it said.
func (e *endpoints) worked(at *endpoint) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at.failures, at.until = 0, time.Time{}
}

// failed notes that the endpoint cannot be reached.
func (e *endpoints) failed(at *endpoint) {
	e.mu.Lock()
	defer e.mu.Unlock()
	rest := min(firstRest<<min(at.failures, 8), mostRest)
	at.failures++
	at.until = e.now().Add(rest)
}
