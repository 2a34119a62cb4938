package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Patience says how often and how long something is tried while the server is away or silent. The zero value is what
// services use: it outlasts a restart of the server.
type Patience struct {
	Attempts int           // 0: 8
	Wait     time.Duration // before the second attempt, then doubled each time; 0: 50 ms
	Timeout  time.Duration // of one attempt; 0: 2 s. An answer that was lost with a connection never comes
}

// Retry does f with the patience of the zero value. f may have had its effect although it failed, so doing it twice must be
// as good as once.
func Retry(ctx context.Context, f func(context.Context) error) error {
	return Patience{}.do(ctx, f, func() {})
}

// do calls f until it succeeds, fails for good, or patience is over; again is told before each further attempt.
func (p Patience) do(ctx context.Context, f func(context.Context) error, again func()) error {
	p = p.withDefaults()
	for attempt := 1; ; attempt++ {
		err := p.once(ctx, f)
		if err == nil || ctx.Err() != nil || attempt == p.Attempts || !passing(err) {
			return err
		}
		again()
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(p.Wait):
			p.Wait *= 2
		}
	}
}

func (p Patience) once(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	return f(ctx)
}

func (p Patience) withDefaults() Patience {
	if p.Attempts == 0 {
		p.Attempts = 8
	}
	if p.Wait == 0 {
		p.Wait = 50 * time.Millisecond
	}
	if p.Timeout == 0 {
		p.Timeout = 2 * time.Second
	}
	return p
}

// passing reports whether an error may go away by itself: nobody answers, nothing came back in time, the connection is being
// re-established, or the server says 503.
func passing(err error) bool {
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.Code == 503
	}
	for _, e := range []error{
		jetstream.ErrNoStreamResponse, nats.ErrNoResponders, nats.ErrTimeout, context.DeadlineExceeded,
		nats.ErrDisconnected, nats.ErrConnectionReconnecting, nats.ErrReconnectBufExceeded,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
