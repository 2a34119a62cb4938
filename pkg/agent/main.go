package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
)

// Main runs one unit as a service of its own: configuration from the environment ([Config]), JSON logs on standard error,
// health and metrics over HTTP. It returns nil after SIGTERM or SIGINT once everything is handed back; a second signal ends
// the process at once.
func Main(ctx context.Context, unit Unit) error {
	cfg, err := LoadConfig(os.LookupEnv)
	if err != nil {
		return err
	}
	if err := failpoint.Check(); err != nil {
		return err
	}
	ctx, restoreSignals := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer restoreSignals()
	context.AfterFunc(ctx, restoreSignals)
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.LogLevel}))
	return serve(ctx, cfg, log, unit)
}

func serve(ctx context.Context, cfg Config, log *slog.Logger, unit Unit) error {
	go func() {
		if err := wire.Warm(); err != nil {
			log.Error("rules of the contract cannot be prepared", "error", err)
		}
	}()
	connect := dialer(ctx, cfg)
	if cfg.Provision {
		if err := provision(ctx, connect, cfg); err != nil {
			return err
		}
	}
	opt := Options{Log: log, Metrics: observe.New(), DrainTimeout: cfg.DrainTimeout, Health: NewHealth()}
	stop, err := serveHealth(cfg.MetricsAddr, opt)
	if err != nil {
		return err
	}
	defer stop()
	return RunUnits(ctx, []Unit{unit}, connect, opt)
}

// dialer connects over TCP as the configuration says.
func dialer(ctx context.Context, cfg Config) Connector {
	return func(role bus.Role) (*nats.Conn, error) {
		opts := ConnectOptions(role, cfg.Instance)
		if cfg.NKeyFile != "" {
			key, err := nats.NkeyOptionFromSeed(cfg.NKeyFile)
			if err != nil {
				return nil, fmt.Errorf("read nkey: %w", err)
			}
			opts = append(opts, key)
		}
		if cfg.CAFile != "" {
			opts = append(opts, nats.RootCAs(cfg.CAFile))
		}
		if cfg.CertFile != "" {
			opts = append(opts, nats.ClientCert(cfg.CertFile, cfg.CertKeyFile))
		}
		ctx, cancel := context.WithTimeout(ctx, cfg.ConnectTimeout)
		defer cancel()
		return Connect(ctx, cfg.NATSURL, opts...)
	}
}

func provision(ctx context.Context, connect Connector, cfg Config) error {
	nc, err := connect(bus.RoleProvisioner)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("open jetstream: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.ConnectTimeout)
	defer cancel()
	return bus.Provision(ctx, js, bus.TopologyOptions{Replicas: cfg.Replicas})
}

func serveHealth(addr string, opt Options) (stop func(), err error) {
	if addr == "" {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for health: %w", err)
	}
	server := &http.Server{Handler: opt.Health.Handler(opt.Metrics.Handler()), ReadHeaderTimeout: 5 * time.Second}
	opt.Log.Info("health and metrics", "addr", listener.Addr().String())
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			opt.Log.Error("health server ended", "error", err)
		}
	}()
	return func() { _ = server.Close() }, nil
}
