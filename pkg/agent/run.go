package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	firstPause = 250 * time.Millisecond
	maxPause   = 30 * time.Second
	// settled is how long a unit must have run for its next failure to count as a first one.
	settled = time.Minute
)

// RunUnits runs units beside each other, each with a connection of its own, until ctx ends. A unit that fails, or panics, is
// started again after a pause that grows to 30 s; the others do not notice. When ctx ends every unit hands back what it
// had begun and its connection is drained. The error is that of a connector, which ends everything, or names units that did
// not stop in time.
func RunUnits(ctx context.Context, units []Unit, connect Connector, opt Options) error {
	opt = opt.withDefaults()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	errs := make([]error, len(units))
	var running sync.WaitGroup
	for i, unit := range units {
		running.Go(func() {
			s := supervisor{unit: unit, connect: connect, opt: opt}
			if err := s.run(ctx); err != nil {
				errs[i] = fmt.Errorf("unit %s: %w", unit.Role(), err)
				cancel(errs[i])
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

type supervisor struct {
	unit    Unit
	connect Connector
	opt     Options
}

func (s *supervisor) run(ctx context.Context) error {
	agent := string(s.unit.Role())
	log := s.opt.Log.With("agent", agent)
	pause := firstPause
	for failures := 1; ; failures++ {
		began := time.Now()
		err := s.once(ctx)
		var fatal *connectError
		switch isFatal := errors.As(err, &fatal); {
		case ctx.Err() != nil && isFatal:
			return nil // it was told to stop while connecting
		case ctx.Err() != nil, isFatal:
			return err
		}
		if time.Since(began) > settled {
			failures, pause = 1, firstPause
		}
		s.opt.Metrics.UnitRestarts.WithLabelValues(agent).Inc()
		if powerOfTwo(failures) {
			log.Error("unit failed and is started again", "failures", failures, "pause", pause, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
			pause = min(2*pause, maxPause)
		}
	}
}

// connectError tells a connector's error from a unit's.
type connectError struct{ err error }

func (e *connectError) Error() string { return e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

// once connects, runs the unit until it ends or ctx does, and drains. While ctx lasts it returns an error always: a unit has no
// other reason to end.
func (s *supervisor) once(ctx context.Context) error {
	role := s.unit.Role()
	nc, err := s.connect(role)
	if err != nil {
		return &connectError{err: err}
	}
	env, err := NewEnv(role, nc, s.opt)
	if err != nil {
		nc.Close()
		return err
	}
	unitCtx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watch(nc, role, s.opt.Metrics, env.Log, func() { stop(ErrClosed) })

	health := &unitHealth{env: env}
	if checker, ok := s.unit.(ReadyChecker); ok {
		health.check = checker.Ready
	}
	s.opt.Health.set(string(role), health)
	ready := s.opt.Metrics.UnitReady.WithLabelValues(string(role))
	ready.Set(1)

	err = s.await(ctx, unitCtx, env)

	ready.Set(0)
	s.opt.Health.set(string(role), &unitHealth{env: env, err: errors.Join(errors.New("unit is not running"), err)})
	s.drain(nc)
	switch {
	case err != nil:
		return err
	case ctx.Err() != nil:
		return nil
	case unitCtx.Err() != nil:
		return context.Cause(unitCtx)
	default:
		return errors.New("unit ended by itself")
	}
}

// await runs the unit and waits for it, but not for ever once it was told to stop.
func (s *supervisor) await(ctx, unitCtx context.Context, env *Env) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				logPanic(env.Log, r)
				done <- fmt.Errorf("panic: %v", r)
			}
		}()
		done <- s.unit.Run(unitCtx, env)
	}()
	select {
	case err := <-done:
		return err
	case <-unitCtx.Done():
	}
	select {
	case err := <-done:
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	case <-time.After(s.opt.DrainTimeout):
		return fmt.Errorf("did not stop within %s", s.opt.DrainTimeout)
	}
}

// drain lets the last acknowledgements leave and waits until the connection is closed.
func (s *supervisor) drain(nc *nats.Conn) {
	if nc.IsClosed() {
		return
	}
	closed := nc.StatusChanged(nats.CLOSED)
	if err := nc.Drain(); err != nil {
		nc.Close()
		return
	}
	select {
	case <-closed:
	case <-time.After(s.opt.DrainTimeout):
		nc.Close()
	}
}
