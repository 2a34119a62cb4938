package llm

import (
	"sync"
	"time"
)

// The breaker opens after so many failures in a row, or when so many of the last calls failed, and tries one call later.
const (
	breakerRow    = 5
	breakerCalls  = 10 // calls in the window from which on the share counts
	breakerWindow = 30 * time.Second
	breakerRest   = 30 * time.Second
)

// breaker keeps a model that fails from being asked.
type breaker struct {
	now func() time.Time

	mu      sync.Mutex // guards the fields below
	row     int        // failures in a row
	since   time.Time  // begin of the window
	calls   int
	failed  int
	until   time.Time // open until then; zero: closed
	probing bool      // one call is finding out
}

// allow returns [ErrOpen] while the breaker is open. Every call that it lets pass must be reported to done.
func (b *breaker) allow() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.until.IsZero() {
		return nil
	}
	if b.probing || b.now().Before(b.until) {
		return ErrOpen
	}
	b.probing = true
	return nil
}

// done takes the outcome of a call.
func (b *breaker) done(ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if b.probing || now.Sub(b.since) > breakerWindow {
		b.since, b.calls, b.failed = now, 0, 0
	}
	b.calls++
	if ok {
		b.row, b.until, b.probing = 0, time.Time{}, false
		return
	}
	b.row++
	b.failed++
	if b.probing || b.row >= breakerRow || b.calls >= breakerCalls && 2*b.failed >= b.calls {
		b.until, b.probing = now.Add(breakerRest), false
	}
}

// forget takes back a call that nobody learned the outcome of.
func (b *breaker) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}
