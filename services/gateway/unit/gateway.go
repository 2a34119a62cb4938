package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
)

// Limits of the HTTP server. They follow Envoy's edge guide. The server has no timeout for whole requests, since that would
// cut event streams and long polls: bodies and writes to streams have deadlines of their own.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second // of a body
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	drainTimeout      = 5 * time.Second
)

// Unit is the gateway as a runnable agent.
type Unit struct {
	cfg  Config
	keys keyring
	door atomic.Pointer[door] // nil while not running
}

var _ agent.Unit = (*Unit)(nil)

// New checks the configuration and reads the token file. It returns ErrOpenToNetwork or ErrTokenFile, wrapped.
func New(cfg Config) (*Unit, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	keys, err := readTokenFile(cfg.TokenFile)
	if err != nil {
		return nil, err
	}
	if cfg.Listen == nil {
		cfg.Listen = listenTCP
	}
	return &Unit{cfg: cfg, keys: keys}, nil
}

// Role returns the gateway's name on the bus.
func (u *Unit) Role() bus.Role { return bus.RoleGateway }

// Ready says whether requests can be served: the unit listens, and is connected to the bus.
func (u *Unit) Ready(ctx context.Context) error {
	d := u.door.Load()
	if d == nil {
		return errors.New("not listening")
	}
	return d.ready(ctx)
}

// Run serves until ctx ends, then refuses new connections, ends event streams and lets other requests finish.
func (u *Unit) Run(ctx context.Context, env *agent.Env) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	d, err := newDoor(ctx, u.cfg, u.keys, env)
	if err != nil {
		return err
	}
	listener, err := u.cfg.Listen(ctx, u.cfg.Address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{
		Handler:           d.handler(),
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(env.Log.Handler(), slog.LevelDebug),
	}
	go func() { cancel(d.watch.run(ctx)) }()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	u.door.Store(d)
	defer u.door.Store(nil)
	env.Log.Info("listening", "address", listener.Addr().String(), "login", len(u.keys) > 0)

	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	close(d.stopping)
	drain, done := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer done()
	if err := server.Shutdown(drain); err != nil {
		_ = server.Close()
	}
	if cause := context.Cause(ctx); errors.Is(cause, errWatchEnded) {
		return cause
	}
	return nil
}
