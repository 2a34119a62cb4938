package bus

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/wire"
)

// Message is one message to publish.
type Message struct {
	Subject string
	// ID is the message id by which the stream recognises a repetition. It is a function of what the message means, with
	// the action in it ("<run>.<step>.<attempt>.<action>"), never random. Required.
	ID      string
	Body    []byte // at most [wire.MaxMessage] bytes
	Type    string // full name of the message in Body, "proviso.v1.BuildWork"; empty: not one of ours
	RunID   string // empty: belongs to no run
	Attempt int    // 0: not an attempt
	// FirstOnly publishes only if the subject holds nothing yet. That it does already counts as success, so the subject must
	// carry the key. It protects beyond the time for which ids are remembered.
	FirstOnly bool
	// At makes it a timer: Subject must be a [TimerSet] and the message arrives on the [TimerDue] of the same name at that
	// moment, rounded up to a full second: never early, at most a second late.
	At     time.Time
	Header nats.Header // more headers; those that begin with "Nats-" are dropped
}

// PublisherOptions adjusts a publisher. The zero value is what services use.
type PublisherOptions struct {
	Patience Patience // with a server that is away or silent
	// OnRetry is told the stream's subject class before each further attempt; nil: nobody is.
	OnRetry func(subjectClass string)
}

// Publisher publishes to the streams. It is safe for concurrent use.
type Publisher struct {
	js  jetstream.JetStream
	opt PublisherOptions
}

// NewPublisher returns a publisher on a connection; at most one set of options is used.
func NewPublisher(js jetstream.JetStream, opts ...PublisherOptions) *Publisher {
	var opt PublisherOptions
	if len(opts) > 0 {
		opt = opts[0]
	}
	return &Publisher{js: js, opt: opt}
}

// timerTTL is how long a due message waits for the manager. Without one it would stay for ever, since TIMERS has no age.
const timerTTL = 24 * time.Hour

// Publish stores a message and returns when the stream has confirmed it. A stream that already has it is success too. It
// retries a bounded number of times with the same id while the server is away or silent. The errors are [ErrNoID], [ErrFull],
// a *[wire.TooLargeError], the context's, or the server's.
func (p *Publisher) Publish(ctx context.Context, m Message) error {
	if m.ID == "" {
		return fmt.Errorf("publish %s: %w", m.Subject, ErrNoID)
	}
	if len(m.Body) > wire.MaxMessage {
		return fmt.Errorf("publish %s: %w", m.Subject, &wire.TooLargeError{Type: m.Type, Size: len(m.Body), Limit: wire.MaxMessage})
	}
	// nats.go retries "no responders" by itself, without regard to how much patience is left here.
	opts := []jetstream.PublishOpt{jetstream.WithRetryAttempts(0)}
	if m.FirstOnly {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(0))
	}
	if !m.At.IsZero() {
		run, name, ok := ParseTimerSet(m.Subject)
		if !ok {
			return fmt.Errorf("publish %s: not the subject of a timer", m.Subject)
		}
		opts = append(opts,
			jetstream.WithScheduleAt(roundUp(m.At)),
			jetstream.WithScheduleTarget(TimerDue(run, name)),
			jetstream.WithScheduleTTL(timerTTL))
	}
	header := envelope(m, TraceOf(ctx))
	err := p.opt.Patience.do(ctx, func(ctx context.Context) error {
		_, err := p.js.PublishMsg(ctx, &nats.Msg{Subject: m.Subject, Header: header, Data: m.Body}, opts...)
		switch {
		case m.FirstOnly && alreadyThere(err):
			return nil
		case hasCode(err, codeStorageFull):
			return ErrFull // patience with that is whoever asked's
		}
		return err
	}, func() {
		if p.opt.OnRetry != nil {
			p.opt.OnRetry(SubjectClass(m.Subject))
		}
	})
	if err != nil {
		return fmt.Errorf("publish %s: %w", m.Subject, err)
	}
	return nil
}

// CancelTimers removes every pending timer of a run. Due messages that were already published stay; the manager recognises
// them as stale.
func (p *Publisher) CancelTimers(ctx context.Context, run string) error {
	if !ValidID(run) {
		return fmt.Errorf("cancel timers: run id %q is not valid", run)
	}
	stream, err := p.js.Stream(ctx, StreamTimers)
	if err != nil {
		return fmt.Errorf("cancel timers: %w", err)
	}
	if err := stream.Purge(ctx, jetstream.WithPurgeSubject(TimersOf(run))); err != nil {
		return fmt.Errorf("cancel timers: %w", err)
	}
	return nil
}

// roundUp returns the first full second at or after t. The server truncates schedules to seconds, so anything else fires
// early, and a timer fires only once.
func roundUp(t time.Time) time.Time {
	t = t.UTC()
	if whole := t.Truncate(time.Second); !whole.Equal(t) {
		return whole.Add(time.Second)
	}
	return t
}
