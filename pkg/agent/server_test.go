package agent_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// startServer runs a real server inside the test, reachable only from inside unless change says otherwise.
func startServer(t testing.TB, change func(*server.Options)) *server.Server {
	t.Helper()
	return natstest.Start(t, change)
}

// inside connects units to a server in this process.
func inside(s *server.Server) agent.Connector {
	return func(role bus.Role) (*nats.Conn, error) {
		return nats.Connect("", append(agent.ConnectOptions(role, "test"), nats.InProcessServer(s))...)
	}
}

func options() agent.Options {
	return agent.Options{Log: slog.New(slog.DiscardHandler), Metrics: observe.New()}
}

// environment is a role's own connection and environment.
func environment(t testing.TB, s *server.Server, role bus.Role) *agent.Env {
	t.Helper()
	nc, err := inside(s)(role)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	env, err := agent.NewEnv(role, nc, options())
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// provisioned returns a server with the topology and the manager's environment on it.
func provisioned(t testing.TB, opt bus.TopologyOptions) (*server.Server, *agent.Env) {
	t.Helper()
	s := startServer(t, nil)
	env := environment(t, s, bus.RoleManager)
	if err := bus.Provision(within(t, 20*time.Second), env.JS, opt); err != nil {
		t.Fatal(err)
	}
	return s, env
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// assign publishes a piece of work for the builder.
func assign(t testing.TB, env *agent.Env, run string, change func(*provisov1.WorkItem)) {
	t.Helper()
	item := &provisov1.WorkItem{RunId: run, Step: bus.VerbBuild, Attempt: 1, Language: new("fr")}
	if change != nil {
		change(item)
	}
	body, err := wire.Encode(&provisov1.BuildWork{Item: item})
	if err != nil {
		t.Fatal(err)
	}
	assignRaw(t, env, bus.VerbBuild, run, body)
}

func assignRaw(t testing.TB, env *agent.Env, verb, run string, body []byte) {
	t.Helper()
	err := env.Publish.Publish(within(t, 10*time.Second), bus.Message{
		Subject: bus.WorkSubject(bus.RoleBuilder, verb), ID: bus.StepID(run, verb, 1, "work"),
		Body: body, Type: "proviso.v1.BuildWork", RunID: run, Attempt: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// serve runs f until the test ends, or until the returned function is called, and reports its error.
func serve(t testing.TB, f func(ctx context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("stopped with %v", err)
			}
		case <-time.After(15 * time.Second):
			t.Error("did not stop")
		}
	}
	t.Cleanup(stop)
	return stop
}

// events follows the events of a run.
func events(t testing.TB, env *agent.Env, run string) func() jetstream.Msg {
	t.Helper()
	ctx := within(t, 30*time.Second)
	c, err := env.JS.OrderedConsumer(ctx, bus.StreamEvents, jetstream.OrderedConsumerConfig{FilterSubjects: []string{bus.EventsOf(run)}})
	if err != nil {
		t.Fatal(err)
	}
	return func() jetstream.Msg {
		t.Helper()
		m, err := c.Next(jetstream.FetchMaxWait(15 * time.Second))
		if err != nil {
			t.Fatalf("no event: %v", err)
		}
		return m
	}
}

func decode[T proto.Message](t testing.TB, m jetstream.Msg) T {
	t.Helper()
	out, err := wire.Decode[T](m.Data(), wire.Strict)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func stored(t testing.TB, env *agent.Env, stream string) uint64 {
	t.Helper()
	s, err := env.JS.Stream(within(t, 5*time.Second), stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

// takes is work that takes a while unless it is stopped.
func takes(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

func built() *provisov1.StepSucceeded {
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Built{Built: &provisov1.Built{Proof: &provisov1.Proof{Status: "validated"}}}}
}
