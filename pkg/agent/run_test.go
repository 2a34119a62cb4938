package agent_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// unit is a Unit from a function.
type unit struct {
	role bus.Role
	run  func(ctx context.Context, env *agent.Env) error
}

func (u unit) Role() bus.Role                                { return u.role }
func (u unit) Run(ctx context.Context, env *agent.Env) error { return u.run(ctx, env) }

var _ agent.Unit = unit{}

func builder(step agent.StepFunc) unit {
	return unit{role: bus.RoleBuilder, run: func(ctx context.Context, env *agent.Env) error {
		return agent.ServeSteps(ctx, env, bus.ConsumerBuilder, 2, map[string]agent.StepFunc{bus.VerbBuild: step})
	}}
}

func TestFailingUnitIsStartedAgainAndDisturbsNobody(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	opt := options()
	var starts atomic.Int32
	failing := unit{role: bus.RoleAnalyser, run: func(ctx context.Context, _ *agent.Env) error {
		switch starts.Add(1) {
		case 1:
			return errors.New("cannot go on")
		case 2:
			panic("nor this")
		case 3:
			return nil // by itself, without having been told
		}
		<-ctx.Done()
		return nil
	}}
	working := builder(func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) { return built(), nil })
	serve(t, func(ctx context.Context) error {
		return agent.RunUnits(ctx, []agent.Unit{failing, working}, inside(s), opt)
	})
	next := events(t, manager, "r1")
	assign(t, manager, "r1", nil)
	next()
	ctx := within(t, 10*time.Second)
	for starts.Load() < 4 {
		if err := takes(ctx, 10*time.Millisecond); err != nil {
			t.Fatalf("started %d times, want 4", starts.Load())
		}
	}
	if got := testutil.ToFloat64(opt.Metrics.UnitRestarts.WithLabelValues("analyser")); got != 3 {
		t.Errorf("counted %v restarts, want 3", got)
	}
	if got := testutil.ToFloat64(opt.Metrics.UnitRestarts.WithLabelValues("builder")); got != 0 {
		t.Errorf("the other unit was started again %v times", got)
	}
}

func TestClosedConnectionIsReplaced(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	var connections atomic.Int32
	first := make(chan *nats.Conn, 1)
	connect := func(role bus.Role) (*nats.Conn, error) {
		nc, err := inside(s)(role)
		if connections.Add(1) == 1 {
			first <- nc
		}
		return nc, err
	}
	step := func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) { return built(), nil }
	serve(t, func(ctx context.Context) error {
		return agent.RunUnits(ctx, []agent.Unit{builder(step)}, connect, options())
	})
	(<-first).Close()
	next := events(t, manager, "r1")
	assign(t, manager, "r1", nil)
	next()
	if got := connections.Load(); got != 2 {
		t.Errorf("connected %d times, want 2", got)
	}
}

func TestConnectorsErrorEndsEverything(t *testing.T) {
	s, _ := provisioned(t, bus.TopologyOptions{})
	refused := errors.New("refused")
	connect := func(role bus.Role) (*nats.Conn, error) {
		if role == bus.RoleAnalyser {
			return nil, refused
		}
		return inside(s)(role)
	}
	waits := func(ctx context.Context, _ *agent.Env) error { <-ctx.Done(); return nil }
	done := make(chan error, 1)
	go func() {
		done <- agent.RunUnits(context.Background(), []agent.Unit{unit{bus.RoleBuilder, waits}, unit{bus.RoleAnalyser, waits}}, connect, options())
	}()
	select {
	case err := <-done:
		if !errors.Is(err, refused) || !strings.Contains(err.Error(), "analyser") {
			t.Errorf("got %v, want whose connection was refused", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("RunUnits waits for ever")
	}
}

func TestUnitThatDoesNotStopIsNamed(t *testing.T) {
	s, _ := provisioned(t, bus.TopologyOptions{})
	opt := options()
	opt.DrainTimeout = 50 * time.Millisecond
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(context.Background())
	started := make(chan struct{})
	stubborn := unit{bus.RoleBuilder, func(context.Context, *agent.Env) error { close(started); <-release; return nil }}
	done := make(chan error, 1)
	go func() { done <- agent.RunUnits(ctx, []agent.Unit{stubborn}, inside(s), opt) }()
	<-started
	cancel()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "builder: did not stop") {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("RunUnits waits for ever")
	}
}

// TestServerRestarts takes the whole server away and back, with the same store, under a running unit.
//
// Shows: T-3.3.5-07
func TestServerRestarts(t *testing.T) {
	dir := t.TempDir()
	listen := func(port int) func(o *server.Options) {
		return func(o *server.Options) { o.StoreDir, o.DontListen, o.Host, o.Port = dir, false, "127.0.0.1", port }
	}
	s := startServer(t, listen(-1))
	port := s.Addr().(*net.TCPAddr).Port
	url := s.ClientURL()
	connect := func(role bus.Role) (*nats.Conn, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return agent.Connect(ctx, url, agent.ConnectOptions(role, "test")...)
	}
	nc, err := connect(bus.RoleManager)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	opt := options()
	opt.Health = agent.NewHealth()
	manager, err := agent.NewEnv(bus.RoleManager, nc, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Provision(within(t, 20*time.Second), manager.JS, bus.TopologyOptions{AckWait: time.Second}); err != nil {
		t.Fatal(err)
	}
	step := func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) { return built(), nil }
	serve(t, func(ctx context.Context) error {
		return agent.RunUnits(ctx, []agent.Unit{builder(step)}, connect, opt)
	})
	handler := opt.Health.Handler(http.NotFoundHandler())
	wantStatus := func(path string, want int) {
		t.Helper()
		ctx := within(t, 15*time.Second)
		for {
			r := httptest.NewRecorder()
			handler.ServeHTTP(r, httptest.NewRequest(http.MethodGet, path, nil))
			if r.Code == want {
				return
			}
			if err := takes(ctx, 10*time.Millisecond); err != nil {
				t.Fatalf("%s: got %d %s, want %d", path, r.Code, r.Body, want)
			}
		}
	}
	wantStatus("/readyz", http.StatusOK)
	assign(t, manager, "r1", nil)
	events(t, manager, "r1")()

	s.Shutdown()
	s.WaitForShutdown()
	wantStatus("/readyz", http.StatusServiceUnavailable)
	wantStatus("/healthz", http.StatusOK) // it will reconnect; killing it would not help

	startServer(t, listen(port))
	assign(t, manager, "r2", nil)
	events(t, manager, "r2")()
	wantStatus("/readyz", http.StatusOK)
	wantEmpty(t, manager, bus.StreamWork)
}
