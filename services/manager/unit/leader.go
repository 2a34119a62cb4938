package manager

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/services/manager/internal/saga"
)

// maxReloads is how often a lost race for a run's document is run again before the message goes back to the queue.
const maxReloads = 5

// leader moves runs: every message, whatever brought it, goes through apply.
type leader struct {
	env      *agent.Env
	runs     *store
	sessions *sessions
}

// apply moves a run by one message. When it returns nil, the message is done with: its effect is stored and published, or it
// has none. Any error means that the message must come again, which is always harmless.
//
// The order is what makes a death at any point harmless: publish what an interrupted predecessor left, store the next state
// with its commands, publish them, and only then let the caller acknowledge. Without the first of these, a message that
// arrives between a crash and its redelivery would overwrite the commands of the crashed transition.
func (l *leader) apply(ctx context.Context, id string, m saga.Message) error {
	if at, ok := l.runs.remembered(id); ok {
		if moved, err := l.quick(ctx, at, m); moved {
			return err
		}
	}
	for range maxReloads + 1 {
		err := l.try(ctx, id, m)
		if err == nil {
			failpoint.Hit(failpoint.ManagerBeforeAck)
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
		l.env.Metrics.CASConflicts.WithLabelValues().Inc()
	}
	return fmt.Errorf("apply %T to run %s: %w", m, id, ErrContended)
}

// quick moves a run from what this manager wrote last, without reading it again. That may be behind, so it is only good for
// what ends in a write over its revision: then the store decides. Everything else, and a lost race, is left to try.
func (l *leader) quick(ctx context.Context, at record, m saga.Message) (moved bool, err error) {
	if len(at.outbox) > 0 && !at.run.Proves(m) || !at.run.Applies(m) {
		return false, nil
	}
	err = l.move(bus.WithTrace(ctx, bus.Trace{Parent: at.traceparent}), at, m)
	if errors.Is(err, ErrConflict) {
		l.env.Metrics.CASConflicts.WithLabelValues().Inc()
		return false, nil
	}
	if err == nil {
		failpoint.Hit(failpoint.ManagerBeforeAck)
	}
	return true, err
}

func (l *leader) try(ctx context.Context, id string, m saga.Message) error {
	at, err := l.runs.load(ctx, id)
	if err != nil {
		return err
	}
	if at.revision == 0 {
		at.traceparent = bus.TraceOf(ctx).Parent
	}
	ctx = bus.WithTrace(ctx, bus.Trace{Parent: at.traceparent})

	if at.run.State.Ended() {
		return l.finish(ctx, at)
	}
	if len(at.outbox) > 0 && !at.run.Proves(m) {
		l.env.Metrics.OutboxReplays.WithLabelValues().Add(float64(len(at.outbox)))
		if err := l.publish(ctx, at); err != nil {
			return err
		}
	}
	if !at.run.Applies(m) {
		return l.idle(ctx, at, m)
	}
	return l.move(ctx, at, m)
}

// move stores the next state with its commands, and publishes them.
func (l *leader) move(ctx context.Context, at record, m saga.Message) error {
	next, document, err := l.step(ctx, at, m)
	if err != nil {
		return err
	}
	if err := l.remember(ctx, next.run); err != nil {
		return err
	}
	failpoint.Hit(failpoint.ManagerBeforeUpdate)
	if next, err = l.runs.save(ctx, next, document); err != nil {
		return err
	}
	l.measure(at.run, next.run, m)
	failpoint.Hit(failpoint.ManagerAfterUpdate)
	if err := l.publish(ctx, next); err != nil {
		return err
	}
	return l.settle(ctx, next)
}

// step computes the next record and its document, within the bounds of a document.
func (l *leader) step(ctx context.Context, at record, m saga.Message) (next record, document []byte, err error) {
	run, commands := saga.Step(at.run, m)
	memory, recalled, err := l.recall(ctx, at, run, commands)
	if err != nil {
		return next, nil, err
	}
	// What goes first when a document is too large: what its artefacts hold as well, what is remembered of other runs, the run.
	for _, limit := range []struct {
		bytes int
		lower func()
	}{
		{roomyDocument, func() { run = saga.Shrink(run) }},
		{maxDocument, func() { memory, recalled = nil, nil }},
		{maxDocument, func() { run, commands = saga.Overflow(run, commands, at.run.AuditHead) }},
		{math.MaxInt, nil},
	} {
		next = record{run: run, traceparent: at.traceparent, recalled: recalled, revision: at.revision}
		if next.outbox, err = outgoing(run, commands, memory); err != nil {
			return next, nil, err
		}
		if document, err = next.document(); err != nil {
			return next, nil, err
		}
		if len(document) <= limit.bytes {
			break
		}
		limit.lower()
	}
	return next, document, nil
}

// idle deals with a message that does not move the run. A message ahead of what was read is handed back, since it was read
// too early; a timer that fired for an earlier deadline is set again.
func (l *leader) idle(ctx context.Context, at record, m saga.Message) error {
	if at.run.Ahead(m) {
		return ErrAhead
	}
	due, ok := m.(saga.DeadlinePassed)
	if !ok {
		return l.settle(ctx, at)
	}
	if timer, ok := at.run.MovedOn(due); ok {
		out, err := outgoing(at.run, []saga.Command{timer}, nil)
		if err != nil {
			return err
		}
		return l.publish(ctx, record{run: at.run, outbox: out})
	}
	return nil
}

// publish publishes an outbox in order. Doing it twice is harmless: ids are functions of the transition.
func (l *leader) publish(ctx context.Context, r record) error {
	for i, out := range r.outbox {
		if i > 0 {
			failpoint.Hit(failpoint.ManagerBetweenPublishes)
		}
		if err := l.env.Publish.Publish(ctx, message(r.run, out)); err != nil {
			return fmt.Errorf("publish outbox of run %s: %w", r.run.ID, err)
		}
	}
	return nil
}

// settle completes a transition after which nothing follows by itself. In a busy state the next transition replaces the outbox
// soon; in a waiting one a message hours later would publish it again, after its ids were forgotten, so it is cleared: a lost
// race means that somebody went on, and published it first. A run that has ended keeps its outbox; that its mark is gone says
// that everything was published.
func (l *leader) settle(ctx context.Context, r record) error {
	switch {
	case r.run.State.Ended():
		failpoint.Hit(failpoint.ManagerBeforeClear)
		return l.runs.unmark(ctx, r.run.ID)
	case r.run.State.Busy() || len(r.outbox) == 0:
		return nil
	}
	failpoint.Hit(failpoint.ManagerBeforeClear)
	r.outbox = nil
	document, err := r.document()
	if err != nil {
		return err
	}
	if _, err := l.runs.save(ctx, r, document); err != nil && !errors.Is(err, ErrConflict) {
		return err
	}
	return nil
}

// finish deals with whatever comes to a run that has ended: nothing, unless the mark shows that its end was interrupted.
// Should the mark that was read be old, nothing happens twice either: every message of an end is published only as the first
// on its subject.
func (l *leader) finish(ctx context.Context, r record) error {
	marked, err := l.runs.marked(ctx, r.run.ID)
	if err != nil || !marked {
		return err
	}
	l.env.Metrics.OutboxReplays.WithLabelValues().Add(float64(len(r.outbox)))
	if err := l.publish(ctx, r); err != nil {
		return err
	}
	return l.settle(ctx, r)
}

// measure records what a stored transition meant.
func (l *leader) measure(before, after saga.Run, m saga.Message) {
	metrics := l.env.Metrics
	if due, ok := m.(saga.DeadlinePassed); ok {
		metrics.TimerLag.WithLabelValues().Observe(time.Time(due.Now).Sub(due.Deadline).Seconds())
	}
	for _, q := range after.Questions {
		metrics.Clarifications.WithLabelValues(q.Kind, "asked").Inc()
	}
	for _, q := range before.Questions {
		metrics.Clarifications.WithLabelValues(q.Kind, outcomeOf(after.State)).Inc()
	}
	if after.State.Ended() {
		metrics.RunsTotal.WithLabelValues(after.Requester.Door, string(after.State)).Inc()
		metrics.RunDuration.WithLabelValues(string(after.State)).Observe(after.Worked().Seconds())
		metrics.RunHumanWait.WithLabelValues().Observe(after.Waited.Seconds())
	}
}

// outcomeOf is what became of a question when the run left its waiting state.
func outcomeOf(s saga.State) string {
	switch s {
	case saga.Expired, saga.Cancelled:
		return string(s)
	}
	return "answered"
}
