package allinone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
	gateway "proviso.dev/services/gateway/unit"
	"proviso.dev/services/proviso/internal/natsruntime"
)

// provisionTimeout bounds creating the topology.
const provisionTimeout = 30 * time.Second

// Config says how to run all units together.
type Config struct {
	// DataDir is where streams are kept, written through to the disk. It is made if it does not exist and may be used by one
	// process only. Empty: in memory, for as long as the process lives.
	DataDir string
	// Gateway configures the HTTP door.
	Gateway gateway.Config
	// MetricsAddr is where /healthz, /readyz and /metrics of all units are served besides, host:port. Empty: nowhere.
	MetricsAddr string
	// Lookup reads the environment, from which the units take their own configuration: os.LookupEnv, or a test's.
	Lookup func(string) (string, bool)
	// Log receives what units and server say. Required.
	Log *slog.Logger
}

// Run runs all units until ctx ends, then stops them in order. Errors are *ConfigError, ErrLocked, or what went wrong.
func Run(ctx context.Context, cfg Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The codec compiles its rules at first use; doing so beside the start saves the first request a tenth of a second.
	go func() { _ = wire.Warm() }()

	units, err := compose(ctx, cfg)
	if err != nil {
		return err
	}
	return runUnits(ctx, cfg, units)
}

// runUnits runs units on a server of their own.
func runUnits(ctx context.Context, cfg Config, units []agent.Unit) error {
	store, opt, release, err := openStore(cfg.DataDir)
	if err != nil {
		return err
	}
	defer release()
	server, err := natsruntime.Start(natsruntime.Options{StoreDir: store, SyncAlways: cfg.DataDir != "", Log: cfg.Log.With("agent", "nats-server")})
	if err != nil {
		return err
	}
	defer server.Stop()
	if err := provision(ctx, server, opt); err != nil {
		return err
	}
	options := agent.Options{Log: cfg.Log, Metrics: observe.New(), Cache: bus.NewCache(artifactCache), Health: agent.NewHealth()}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return agent.RunUnits(ctx, units, server.Connect, options) })
	if cfg.MetricsAddr != "" {
		group.Go(func() error { return serveHealth(ctx, cfg.MetricsAddr, options) })
	}
	return group.Wait()
}

// artifactCache is the memory in bytes that all units together keep artefacts in: a snapshot of some thousand guests and what
// the runs in progress hand on. Nobody reads a manifest often.
const artifactCache = 16 << 20

// openStore returns the folder for the server and what goes with it: durable in a data folder, else temporary and in memory.
func openStore(dataDir string) (folder string, opt bus.TopologyOptions, release func(), err error) {
	if dataDir == "" {
		folder, err = os.MkdirTemp("", "proviso-")
		if err != nil {
			return "", opt, nil, fmt.Errorf("make temporary folder: %w", err)
		}
		return folder, bus.TopologyOptions{Storage: jetstream.MemoryStorage}, func() { _ = os.RemoveAll(folder) }, nil
	}
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return "", opt, nil, fmt.Errorf("make data folder: %w", err)
	}
	unlock, err := lock(dataDir)
	if err != nil {
		return "", opt, nil, err
	}
	return filepath.Join(dataDir, "nats"), opt, unlock, nil
}

func provision(ctx context.Context, server *natsruntime.Server, opt bus.TopologyOptions) error {
	nc, err := server.Connect(bus.RoleProvisioner)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return fmt.Errorf("open jetstream: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, provisionTimeout)
	defer cancel()
	return bus.Provision(ctx, js, opt)
}

// serveHealth serves the health and metrics of all units on a port of their own.
func serveHealth(ctx context.Context, address string, opt agent.Options) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for metrics: %w", err)
	}
	server := &http.Server{Handler: opt.Health.Handler(opt.Metrics.Handler()), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics: %w", err)
	}
	return nil
}
