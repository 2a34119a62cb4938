// Package manager is the unit that leads runs: it takes requests, typed intents, step results and timers from the bus, has
// [saga.Step] decide what follows, and stores and publishes it.
//
// It owns the record of each run, retries, deadlines, the result, and the dead letters of agents that died on their work. It
// does no agent's work: it understands no language, reads no cluster, places, renders and proves nothing. It keeps nothing in
// memory that matters; any number of managers work side by side, and the next one goes on where one died.
package manager

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
)

// Config adjusts a manager. The zero value is what services use.
type Config struct {
	// Concurrency is how many messages of one kind are handled at a time; 0: 16.
	Concurrency int
	// ReconcileEvery is the pause between two searches for runs that were left behind; 0: 1 minute.
	ReconcileEvery time.Duration
	// Instance names this manager in leases; empty: host name and process id.
	Instance string
}

// Unit is a manager that can run alone or beside other units.
type Unit struct{ cfg Config }

var _ agent.Unit = (*Unit)(nil)

// New checks the configuration and fills its defaults.
func New(cfg Config) (*Unit, error) {
	if cfg.Concurrency < 0 {
		return nil, fmt.Errorf("concurrency %d is negative", cfg.Concurrency)
	}
	if cfg.ReconcileEvery < 0 {
		return nil, fmt.Errorf("pause between reconciliations %s is negative", cfg.ReconcileEvery)
	}
	if cfg.Concurrency == 0 {
		cfg.Concurrency = 16
	}
	if cfg.ReconcileEvery == 0 {
		cfg.ReconcileEvery = time.Minute
	}
	if cfg.Instance == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "manager"
		}
		cfg.Instance = fmt.Sprintf("%s-%d", host, os.Getpid())
	}
	return &Unit{cfg: cfg}, nil
}

// Role is the manager's.
func (u *Unit) Role() bus.Role { return bus.RoleManager }

// Run serves until ctx ends, and returns nil then. It returns an error when a consumer or bucket it needs is missing or wrong.
func (u *Unit) Run(ctx context.Context, env *agent.Env) error {
	runs, err := openStore(ctx, env.JS)
	if err != nil {
		return err
	}
	sessions, err := openSessions(ctx, env.JS)
	if err != nil {
		return err
	}
	l := &leader{env: env, runs: runs, sessions: sessions}
	leases, err := env.JS.KeyValue(ctx, bus.BucketLeases)
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", bus.BucketLeases, err)
	}
	env.Metrics.InitAgent(string(bus.RoleManager),
		"work."+bus.VerbStart, "work."+bus.VerbAnswer, "work."+bus.VerbCancel,
		"event."+bus.KindStepSucceeded, "event."+bus.KindStepFailed, "timer", "intent", "advisory")
	r := &reconciler{leader: l, leases: leases, instance: u.cfg.Instance}
	mover := &mover{env: env}

	return together(ctx,
		u.consumer(env, bus.ConsumerManager, l.work),
		u.consumer(env, bus.ConsumerManagerEvents, l.event),
		u.consumer(env, bus.ConsumerManagerTimers, l.timer),
		u.consumer(env, bus.ConsumerManagerIntents, l.intent),
		u.consumer(env, bus.ConsumerManagerAdvisories, mover.advisory),
		func(ctx context.Context) error { return r.run(ctx, u.cfg.ReconcileEvery) },
	)
}

func (u *Unit) consumer(env *agent.Env, c bus.Consumer, handle agent.Handler) func(context.Context) error {
	return func(ctx context.Context) error {
		return agent.Consume(ctx, env, c, u.cfg.Concurrency, handle)
	}
}

// together runs loops until ctx ends or one of them fails, waits for all, and returns the first failure.
func together(ctx context.Context, loops ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	failures := make(chan error, len(loops))
	for _, loop := range loops {
		wg.Go(func() {
			if err := loop(ctx); err != nil {
				failures <- err
				cancel(err)
			}
		})
	}
	wg.Wait()
	close(failures)
	return <-failures
}
