package manager

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/services/manager/internal/saga"
)

const (
	leaseReconciler = "manager-reconciler"

	// patience is how long an outbox may lie before somebody must have died over it: longer than a redelivery takes.
	patience = 45 * time.Second
	// timerGrace is how late a timer may be without being lost.
	timerGrace = 10 * time.Second
	// markGrace is how long a mark may stand without its run: the manager that wrote it comes to write the run, or its message
	// comes again.
	markGrace = time.Hour
)

// Kinds of repairs. Each should be 0: it is what timers, redelivery and the order of writes are for.
const (
	repairOutbox   = "outbox"   // commands of an interrupted transition were published, or an interrupted end was completed
	repairDeadline = "deadline" // a deadline had passed and no timer had said so
	repairMark     = "mark"     // a mark stood for nothing
)

// reconciler looks for runs that were left behind: by timers or events that a restored or overfull stream lost, or by a death
// whose message never came again. It is the net below everything else.
type reconciler struct {
	leader   *leader
	leases   jetstream.KeyValue
	instance string
}

func (r *reconciler) run(ctx context.Context, every time.Duration) error {
	for _, kind := range []string{repairOutbox, repairDeadline, repairMark} {
		r.leader.env.Metrics.ReconcilerRepairs.WithLabelValues(kind)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		mine, err := r.lease(ctx)
		if err == nil && mine {
			err = r.pass(ctx)
		}
		if err != nil && ctx.Err() == nil {
			r.leader.env.Log.Warn("reconciliation is incomplete", "error", err)
		}
	}
}

// lease reports whether this pass is ours. The lease ends by itself; it spares work and fences nothing.
func (r *reconciler) lease(ctx context.Context) (bool, error) {
	_, err := r.leases.Create(ctx, leaseReconciler, []byte(r.instance))
	if errors.Is(err, jetstream.ErrKeyExists) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("take lease %s: %w", leaseReconciler, err)
	}
	return true, nil
}

// pass looks at every run that is marked as active. One that cannot be mended does not keep the others from it.
func (r *reconciler) pass(ctx context.Context) error {
	ids, err := r.leader.runs.active(ctx)
	if err != nil {
		return err
	}
	var failures []error
	states := map[saga.State]int{}
	for _, id := range ids {
		state, err := r.mend(ctx, id)
		if err != nil {
			failures = append(failures, err)
		}
		states[state]++
	}
	for _, s := range saga.States {
		if !s.Ended() {
			r.leader.env.Metrics.Runs.WithLabelValues(string(s)).Set(float64(states[s]))
		}
	}
	return errors.Join(failures...)
}

// mend repairs one run and returns the state it was found in.
func (r *reconciler) mend(ctx context.Context, id string) (saga.State, error) {
	l := r.leader
	at, err := l.runs.load(ctx, id)
	if err != nil {
		return saga.Received, err
	}
	state, now := at.run.State, l.env.Now()
	ctx = bus.WithTrace(ctx, bus.Trace{Parent: at.traceparent})
	switch {
	case at.revision == 0:
		return state, r.unmark(ctx, id, now)
	case state.Ended() && now.Sub(at.run.UpdatedAt) > patience:
		kind := repairOutbox
		if len(at.outbox) == 0 {
			kind = repairMark
		}
		r.repaired(kind, id, state)
		return state, l.finish(ctx, at)
	case len(at.outbox) > 0 && now.Sub(at.run.UpdatedAt) > patience:
		// A busy run keeps its outbox until the next transition, so this is a repair only in the other states.
		if !state.Busy() {
			r.repaired(repairOutbox, id, state)
		}
		if err := l.publish(ctx, at); err != nil {
			return state, err
		}
		if !state.Busy() {
			return state, l.settle(ctx, at)
		}
	}
	if deadline := at.run.Deadline; !deadline.IsZero() && now.Sub(deadline) > timerGrace {
		r.repaired(repairDeadline, id, state)
		return state, l.apply(ctx, id, saga.DeadlinePassed{Now: saga.Now(now), Deadline: deadline})
	}
	return state, nil
}

// unmark removes the mark of a run that never came to be.
func (r *reconciler) unmark(ctx context.Context, id string, now time.Time) error {
	mark, err := r.leader.runs.kv.Get(ctx, bus.ActiveKey(id))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read mark of run %s: %w", id, err)
	}
	if now.Sub(mark.Created()) < markGrace {
		return nil
	}
	r.repaired(repairMark, id, saga.Received)
	return r.leader.runs.unmark(ctx, id)
}

func (r *reconciler) repaired(kind, id string, state saga.State) {
	r.leader.env.Metrics.ReconcilerRepairs.WithLabelValues(kind).Inc()
	r.leader.env.Log.Warn("run repaired", "run_id", id, "state", state, "repair", kind)
}
