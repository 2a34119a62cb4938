package reservation

import (
	"strings"
	"sync"
	"time"
)

// A book is what one analyser remembers of a cluster's promises, so that it need not ask the bucket for each id that is
// gone. It may be behind: the bucket decides, and a promise that the book missed costs one refused Create.
type book struct {
	ttl time.Duration // of the bucket
	now func() time.Time

	mu      sync.Mutex
	ids     map[int]time.Time // guarded by mu: promised ids until when
	highest int               // guarded by mu: of ids
	names   map[string]holder // guarded by mu: by key

	inUse   *InUse         // guarded by mu: what the cursors are about
	cursor  int            // guarded by mu: no id below is free
	cursors map[string]int // guarded by mu: by base of names; no name with a smaller number is free
	since   time.Time      // guarded by mu: when the cursors were set to the beginning
}

type holder struct {
	run   string
	until time.Time
}

func newBook(ttl time.Duration, now func() time.Time) *book {
	return &book{ttl: ttl, now: now, ids: make(map[int]time.Time), names: make(map[string]holder)}
}

// next picks an id that is neither in use nor known to be promised, and notes it.
func (b *book) next(p Policy, inUse *InUse) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until, ok := b.ids[b.highest]; ok && !b.now().Before(until) {
		b.pruneLocked()
	}
	id := max(inUse.highest, b.highest, lowestID-1) + 1
	if p == LowestFree || id > highestID {
		id = b.lowestLocked(inUse)
	}
	if id > highestID {
		return 0, ErrNoFreeID
	}
	b.noteLocked(id)
	return id, nil
}

func (b *book) lowestLocked(inUse *InUse) int {
	b.aimLocked(inUse)
	for ; b.cursor <= highestID; b.cursor++ {
		if until, known := b.ids[b.cursor]; !inUse.ids[b.cursor] && (!known || !b.now().Before(until)) {
			break
		}
	}
	return b.cursor
}

// note remembers that an id is promised.
func (b *book) note(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.noteLocked(id)
}

func (b *book) noteLocked(id int) {
	b.ids[id] = b.now().Add(b.ttl)
	b.highest = max(b.highest, id)
}

// forget takes an id back.
func (b *book) forget(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.ids, id)
	b.pruneLocked()
}

// pruneLocked drops what has expired and starts again from what is left.
func (b *book) pruneLocked() {
	b.highest, b.inUse = 0, nil
	for id, until := range b.ids {
		if b.now().Before(until) {
			b.highest = max(b.highest, id)
		} else {
			delete(b.ids, id)
		}
	}
	for key, h := range b.names {
		if !b.now().Before(h.until) {
			delete(b.names, key)
		}
	}
}

// aimLocked sets the cursors to the beginning when they are about other guests, or so old that promises behind them have
// ended.
func (b *book) aimLocked(inUse *InUse) {
	if b.inUse == inUse && b.now().Before(b.since.Add(b.ttl)) {
		return
	}
	b.inUse, b.cursor, b.cursors, b.since = inUse, lowestID, make(map[string]int), b.now()
}

// claimName picks, from the n-th on, the first name of a want that is neither in use nor known to be promised to another
// run, and notes it for this one. taken are names, by key, that the run has given to other machines.
func (b *book) claimName(req Request, w Want, n int, taken map[string]bool) (int, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.aimLocked(req.InUse)
	base := w.candidate(1)
	for n = max(n, b.cursors[base]); ; n++ {
		name := w.candidate(n)
		key := nameKey(req.Cluster, name)
		h, known := b.names[key]
		free := !req.InUse.names[strings.ToLower(name)] && !taken[key] && (!known || h.run == req.Run || !b.now().Before(h.until))
		if n == max(1, b.cursors[base]) {
			b.cursors[base] = n + 1
		}
		if free {
			b.names[key] = holder{req.Run, b.now().Add(b.ttl)}
			return n, name
		}
	}
}

// noteName remembers who holds a name.
func (b *book) noteName(key, run string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names[key] = holder{run, b.now().Add(b.ttl)}
}

func (b *book) forgetName(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.names, key)
	b.inUse = nil
}
