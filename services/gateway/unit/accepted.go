package gateway

import (
	"sync"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// acceptedRuns remembers the latest runs that were accepted here, for the moment until the manager has stored them. It is a
// ring: what it forgets is stored long since, or will be.
type acceptedRuns struct {
	mu    sync.Mutex
	byID  map[string]*provisov1.StartRun
	order []string
	next  int
}

const acceptedKept = 1024

func newAcceptedRuns() *acceptedRuns {
	return &acceptedRuns{byID: map[string]*provisov1.StartRun{}, order: make([]string, acceptedKept)}
}

func (a *acceptedRuns) add(start *provisov1.StartRun) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := start.GetRunId()
	if _, ok := a.byID[id]; ok {
		return
	}
	delete(a.byID, a.order[a.next])
	a.order[a.next], a.byID[id] = id, start
	a.next = (a.next + 1) % len(a.order)
}

func (a *acceptedRuns) get(id string) (*provisov1.StartRun, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	start, ok := a.byID[id]
	return start, ok
}
