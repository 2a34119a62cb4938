package agent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/pkg/observe"
)

const (
	// pullExpiry is how long one request for the next message waits at the server. It is short because a request may outlive
	// a dying client by as much, and a message handed back meanwhile would be swallowed by it.
	pullExpiry = 2 * time.Second
	// handOver is the delay with which a stopping unit hands a message back: later than its own last request.
	handOver = pullExpiry + 250*time.Millisecond

	// maxPullers is how many requests for a message a consumer has open at once. Asking and getting takes two turns of the
	// server; with one request at a time that would bound a busy unit before its work does.
	maxPullers = 4

	settleTimeout = 5 * time.Second
)

// Delivery is one message as taken up.
type Delivery struct {
	Subject  string
	Data     []byte
	Header   nats.Header
	Attempt  int       // from 1; above 1 it was delivered before
	Last     bool      // the server will not deliver it again
	Stream   string    // where it is stored
	Sequence uint64    // there
	Stored   time.Time // when
}

// Handler does what a message asks. Its error decides what becomes of the message: nil acknowledges it, [RetryAfter] and every
// other error hand it back, [Terminate] makes it a dead letter. Its context carries the message's trace and ends when the
// unit stops. A handler may be given the same message twice, even after an acknowledgement, so it must be idempotent.
type Handler = func(ctx context.Context, d Delivery) error

// Consume takes messages of a consumer and runs at most concurrency handlers at a time, until ctx ends; then it hands back
// what is unfinished and returns nil. It returns an error when the consumer is gone or not what the topology says.
//
// It asks for a message only when it has a free place for it: one that waits in a buffer here would already be ageing towards
// its redelivery. A message that takes long is kept alive. A handler's panic counts as its error.
func Consume(ctx context.Context, env *Env, consumer bus.Consumer, concurrency int, handle Handler) error {
	l := loop{env: env, consumer: consumer, concurrency: concurrency, handle: handle}
	return l.run(ctx)
}

type loop struct {
	env         *Env
	consumer    bus.Consumer
	concurrency int
	handle      Handler
	// dead is told of each dead letter before it is moved; nil: nobody is.
	dead func(ctx context.Context, d Delivery, code, reason string) error

	ackWait    time.Duration // as the server has it
	maxDeliver int
}

func (l *loop) run(ctx context.Context) error {
	bound, err := bus.Bind(ctx, l.env.JS, l.consumer)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	config := bound.CachedInfo().Config
	l.ackWait, l.maxDeliver = config.AckWait, config.MaxDeliver
	defer l.env.remember(bound)()

	// Handlers outlive ctx until pulling has stopped, so that nothing is pulled by a unit that hands everything back.
	handlers, cancelHandlers := context.WithCancelCause(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer func() {
		cancelHandlers(context.Cause(ctx))
		running.Wait()
	}()

	agent := string(l.env.Role)
	limit := l.env.Metrics.ConcurrencyLimit.WithLabelValues(agent) // of all loops of the unit together
	limit.Add(float64(l.concurrency))
	defer limit.Sub(float64(l.concurrency))

	places := make(chan struct{}, l.concurrency)
	pulling, pullingCtx := errgroup.WithContext(ctx)
	for range min(l.concurrency, maxPullers) {
		pulling.Go(func() error {
			return l.pull(pullingCtx, bound, places, func(msg jetstream.Msg) {
				running.Go(func() {
					defer func() { <-places }()
					l.deliver(handlers, msg)
				})
			})
		})
	}
	if err := pulling.Wait(); err != nil {
		return fmt.Errorf("pull from %s/%s: %w", l.consumer.Stream, l.consumer.Name, err)
	}
	return nil
}

// pull asks for one message after the other, each when there is a free place for it, and hands it to take, which gives the
// place back. It returns nil when ctx ends.
func (l *loop) pull(ctx context.Context, bound jetstream.Consumer, places chan struct{}, take func(jetstream.Msg)) error {
	messages, err := bound.Messages(
		jetstream.PullMaxMessages(1), jetstream.PullExpiry(pullExpiry), jetstream.PullHeartbeat(pullExpiry/2))
	if err != nil {
		return err
	}
	defer l.stopPulling(messages)
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		msg, err := l.next(ctx, bound, messages)
		if err != nil {
			<-places
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		take(msg)
	}
}

// impatience is how long the first calls for a message wait. The client (nats.go 1.55) asks the server at the beginning of a
// call only, and not even then while its own goroutine has not noticed that the previous request was sent. A message can
// arrive before that, and the call after it would wait with nothing asked for until a heartbeat is missed. Calling again
// asks again.
var impatience = []time.Duration{time.Millisecond, 4 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond}

// next waits for a message.
func (l *loop) next(ctx context.Context, bound jetstream.Consumer, messages jetstream.MessagesContext) (jetstream.Msg, error) {
	for _, wait := range impatience {
		if msg, err := messages.Next(jetstream.NextMaxWait(wait)); !errors.Is(err, nats.ErrTimeout) {
			return l.checked(ctx, bound, messages, msg, err)
		}
	}
	msg, err := messages.Next(jetstream.NextContext(ctx))
	return l.checked(ctx, bound, messages, msg, err)
}

// checked looks after a missing heartbeat. It means a server that is away, or a consumer that was deleted while it was: only
// asking tells, and waiting for a consumer that is gone would be waiting for ever.
func (l *loop) checked(ctx context.Context, bound jetstream.Consumer, messages jetstream.MessagesContext, msg jetstream.Msg, err error) (jetstream.Msg, error) {
	for errors.Is(err, jetstream.ErrNoHeartbeat) {
		_, asked := bound.Info(ctx)
		if errors.Is(asked, jetstream.ErrConsumerNotFound) || errors.Is(asked, jetstream.ErrStreamNotFound) {
			return nil, asked
		}
		msg, err = messages.Next(jetstream.NextContext(ctx))
	}
	return msg, err
}

// stopPulling hands back a message that arrived while nobody waited for it any more.
func (l *loop) stopPulling(messages jetstream.MessagesContext) {
	messages.Drain()
	for {
		msg, err := messages.Next(jetstream.NextMaxWait(time.Second))
		if err != nil {
			messages.Stop()
			return
		}
		_ = msg.NakWithDelay(handOver)
	}
}

func (l *loop) deliver(ctx context.Context, msg jetstream.Msg) {
	meta, err := msg.Metadata()
	if err != nil {
		l.env.Log.Error("message without metadata", "subject", msg.Subject(), "error", err)
		return
	}
	d := Delivery{
		Subject: msg.Subject(), Data: msg.Data(), Header: msg.Headers(),
		Attempt: int(meta.NumDelivered), Last: l.maxDeliver > 0 && int(meta.NumDelivered) >= l.maxDeliver,
		Stream: meta.Stream, Sequence: meta.Sequence.Stream, Stored: meta.Timestamp,
	}
	agent, class := string(l.env.Role), bus.SubjectClass(d.Subject)
	m := l.env.Metrics
	m.Inflight.WithLabelValues(agent).Inc()
	defer m.Inflight.WithLabelValues(agent).Dec()
	if d.Attempt == 1 {
		m.QueueWait.WithLabelValues(agent, class).Observe(max(0, time.Since(d.Stored).Seconds()))
	} else {
		m.Redeliveries.WithLabelValues(agent, observe.RedeliveryAgain).Inc()
	}
	failpoint.Hit(failpoint.AgentReceived)

	began := time.Now()
	alive := l.keepAlive(msg)
	err = l.call(bus.WithTrace(ctx, bus.TraceFrom(d.Header)), d)
	alive()
	outcome := l.settle(ctx, msg, d, err)

	m.Messages.WithLabelValues(agent, class, outcome).Inc()
	m.ProcessDuration.WithLabelValues(agent, class, outcome).Observe(time.Since(began).Seconds())
	if outcome == observe.OutcomeOK {
		m.LastSuccess.WithLabelValues(agent).SetToCurrentTime()
	}
}

// call runs the handler and turns a panic into an error.
func (l *loop) call(ctx context.Context, d Delivery) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
			logPanic(l.env.Log, r, "subject", d.Subject, "delivery", d.Attempt)
		}
	}()
	return l.handle(ctx, d)
}

// keepAlive tells the server again and again that the message is being worked on, until the returned function is called.
func (l *loop) keepAlive(msg jetstream.Msg) (stop func()) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(l.ackWait / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if err := msg.InProgress(); err != nil {
					l.env.Log.Warn("heartbeat not sent", "subject", msg.Subject(), "error", err)
				}
			}
		}
	}()
	return func() {
		close(done)
		<-stopped
	}
}

// settle tells the server what became of a message. Its own calls must work while the unit is stopping.
func (l *loop) settle(ctx context.Context, msg jetstream.Msg, d Delivery, err error) (outcome string) {
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()

	var failed *stepFailed
	var terminate *TerminateError
	switch {
	case err == nil:
		return l.ack(ctx, msg, d, observe.OutcomeOK)
	case errors.As(err, &failed):
		return l.ack(ctx, msg, d, observe.OutcomeFailed)
	case errors.As(err, &terminate):
		return l.bury(ctx, msg, d, terminate.Code, terminate.Reason)
	case stopping:
		l.handBack(msg, d, handOver, observe.RedeliveryShutdown, err)
		return observe.OutcomeRetried
	case d.Last:
		return l.bury(ctx, msg, d, "exhausted", err.Error())
	}
	delay := backOff(d.Attempt)
	if retry, ok := errors.AsType[*RetryError](err); ok {
		delay = min(max(retry.After, 0), maxDelay)
	}
	if powerOfTwo(d.Attempt) {
		l.env.Log.Warn("message handed back", "subject", d.Subject, "delivery", d.Attempt, "after", delay, "error", err)
	}
	l.handBack(msg, d, delay, observe.RedeliveryRetry, err)
	return observe.OutcomeRetried
}

func (l *loop) ack(ctx context.Context, msg jetstream.Msg, d Delivery, outcome string) string {
	failpoint.Hit(failpoint.AgentBeforeAck)
	if err := msg.DoubleAck(ctx); err != nil {
		// The server will deliver it again; whatever the handler did is idempotent.
		l.env.Log.Warn("acknowledgement not confirmed", "subject", d.Subject, "delivery", d.Attempt, "error", err)
		return observe.OutcomeRetried
	}
	failpoint.Hit(failpoint.AgentAfterAck)
	return outcome
}

// bury moves a message to the dead letters. If that fails it is handed back; if it was the last delivery, the server's
// advisory brings it to the manager.
func (l *loop) bury(ctx context.Context, msg jetstream.Msg, d Delivery, code, reason string) string {
	if l.dead != nil {
		if err := l.dead(ctx, d, code, reason); err != nil {
			l.handBack(msg, d, maxDelay, observe.RedeliveryRetry, err)
			return observe.OutcomeRetried
		}
	}
	letter := bus.DeadLetter{
		Role: l.env.Role, Stream: d.Stream, Sequence: d.Sequence, Subject: d.Subject,
		Body: d.Data, Header: d.Header, Code: code, Reason: reason, Stage: "handle",
	}
	if err := l.env.Publish.Publish(ctx, letter.Message()); err != nil {
		l.env.Log.Error("dead letter not published", "subject", d.Subject, "delivery", d.Attempt, "error", err)
		l.handBack(msg, d, maxDelay, observe.RedeliveryRetry, err)
		return observe.OutcomeRetried
	}
	if err := msg.TermWithReason(code); err != nil {
		l.env.Log.Warn("termination not sent", "subject", d.Subject, "error", err)
	}
	l.env.Metrics.DeadLetters.WithLabelValues(string(l.env.Role), code).Inc()
	l.env.Log.Error("message became a dead letter", "subject", d.Subject, "delivery", d.Attempt, "code", code, "reason", reason)
	return observe.OutcomeDead
}

// handBack never uses a plain Nak: that delivers at once and burns the deliveries of a message in milliseconds.
func (l *loop) handBack(msg jetstream.Msg, d Delivery, delay time.Duration, reason string, cause error) {
	l.env.Metrics.Redeliveries.WithLabelValues(string(l.env.Role), reason).Inc()
	if err := msg.NakWithDelay(max(delay, time.Millisecond)); err != nil {
		l.env.Log.Warn("message not handed back, the server will notice", "subject", d.Subject, "delivery", d.Attempt, "cause", cause, "error", err)
	}
}

// backOff grows from about 250 ms to 5 s, with jitter, so that messages which failed together do not come back together.
func backOff(attempt int) time.Duration {
	d := 250 * time.Millisecond << min(attempt-1, 5)
	return min(d/2+rand.N(d), maxDelay)
}

func powerOfTwo(n int) bool { return n > 0 && n&(n-1) == 0 }
