package agent

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/observe"
)

// Unit is one agent as a runnable thing.
type Unit interface {
	// Role says whose subjects and rights it uses.
	Role() bus.Role
	// Run works until ctx ends and then returns nil, after handing back what it had begun. An error means that it cannot go
	// on; the supervisor starts it again.
	Run(ctx context.Context, env *Env) error
}

// ReadyChecker is what a [Unit] may implement when more than its connection and consumers decides whether it can work.
type ReadyChecker interface {
	Ready(ctx context.Context) error
}

// Env is what a unit is given. Nothing in it is shared with another unit but Metrics, Log and the artefacts' cache.
type Env struct {
	Role      bus.Role
	NC        *nats.Conn // the unit's own
	JS        jetstream.JetStream
	Publish   *bus.Publisher
	Artifacts *bus.Artifacts
	Log       *slog.Logger // carries the key "agent"
	Metrics   *observe.Metrics
	Now       func() time.Time

	mu    sync.Mutex // guards bound
	bound []jetstream.Consumer
}

// NewEnv returns the environment of a unit on a connection. Tests that drive a unit by hand use it; services get theirs from
// [RunUnits].
func NewEnv(role bus.Role, nc *nats.Conn, opt Options) (*Env, error) {
	opt = opt.withDefaults()
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open jetstream: %w", err)
	}
	agent := string(role)
	return &Env{
		Role: role, NC: nc, JS: js,
		Publish: bus.NewPublisher(js, bus.PublisherOptions{OnRetry: func(class string) {
			opt.Metrics.PublishRetries.WithLabelValues(agent, class).Inc()
		}}),
		Artifacts: bus.NewArtifactsCached(js, opt.Cache),
		Log:       opt.Log.With("agent", agent),
		Metrics:   opt.Metrics,
		Now:       opt.Now,
	}, nil
}

// Ready reports whether the unit is connected and its consumers answer.
func (e *Env) Ready(ctx context.Context) error {
	if status := e.NC.Status(); status != nats.CONNECTED {
		return fmt.Errorf("connection is %s", status)
	}
	e.mu.Lock()
	bound := e.bound
	e.mu.Unlock()
	for _, consumer := range bound {
		if _, err := consumer.Info(ctx); err != nil {
			return fmt.Errorf("consumer %s: %w", consumer.CachedInfo().Name, err)
		}
	}
	return nil
}

// remember makes a consumer count for [Env.Ready] until the returned function is called.
func (e *Env) remember(c jetstream.Consumer) (forget func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bound = append(slices.Clip(e.bound), c)
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		var rest []jetstream.Consumer
		for _, other := range e.bound {
			if other != c {
				rest = append(rest, other)
			}
		}
		e.bound = rest
	}
}

// Options of [RunUnits] and [NewEnv]. The zero value works.
type Options struct {
	Log          *slog.Logger     // nil: slog.Default
	Metrics      *observe.Metrics // nil: instruments that nobody reads
	Now          func() time.Time // nil: time.Now
	Cache        *bus.Cache       // of artefacts, shared by the units of the process; nil: 64 MiB
	DrainTimeout time.Duration    // how long a stopping unit may take; 0: 10 s
	Health       *Health          // is told how the units fare; nil: nobody is
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Metrics == nil {
		o.Metrics = observe.New()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Cache == nil {
		o.Cache = bus.NewCache(64 << 20)
	}
	if o.DrainTimeout == 0 {
		o.DrainTimeout = 10 * time.Second
	}
	if o.Health == nil {
		o.Health = NewHealth()
	}
	return o
}
