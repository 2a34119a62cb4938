package bus_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/natstest"
)

// startServer runs a real server inside the test, reachable only from inside.
func startServer(t testing.TB, change func(*server.Options)) *server.Server {
	t.Helper()
	return natstest.Start(t, change)
}

func connect(t testing.TB, s *server.Server, opts ...nats.Option) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect("", append(opts, nats.InProcessServer(s))...)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatalf("jetstream: %v", err)
	}
	return js
}

// provisioned returns a connection to a server that has the topology.
func provisioned(t testing.TB, opt bus.TopologyOptions) jetstream.JetStream {
	t.Helper()
	js := connect(t, startServer(t, nil))
	if err := bus.Provision(within(t, 20*time.Second), js, opt); err != nil {
		t.Fatal(err)
	}
	return js
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
