package collector_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	collector "proviso.dev/services/collector/unit"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// The unit takes its work from the bus and answers there: once with an understanding, once with a failure of which the
// requester is told.
func TestUnitOnTheBus(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := server.NewServer(&server.Options{ServerName: "bench", JetStream: true, StoreDir: t.TempDir(), DontListen: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		t.Fatal("server is not ready")
	}
	connect := func(role bus.Role) *agent.Env {
		nc, err := nats.Connect("", nats.InProcessServer(s))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		env, err := agent.NewEnv(role, nc, agent.Options{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return env
	}
	manager := connect(bus.RoleManager)
	if err := bus.Provision(ctx, manager.JS, bus.TopologyOptions{}); err != nil {
		t.Fatal(err)
	}
	unit, err := collector.New(collector.Config{Snapshots: collector.SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
		return nil, &pve.UnreachableError{Host: "pmox01:8006", Reach: pve.ReachRefused}
	})})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- unit.Run(running, connect(unit.Role())) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("unit ended with %v", err)
		}
	}()
	for run, text := range map[string]string{"run-a": "a VM on AWS", "run-b": "créer un serveur web depuis 100"} {
		body, err := wire.Encode(&provisov1.UnderstandWork{Item: &provisov1.WorkItem{RunId: run, Step: "understand", Attempt: 1}, Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if err := manager.Publish.Publish(ctx, bus.Message{Subject: bus.WorkSubject(bus.RoleCollector, bus.VerbUnderstand),
			ID: bus.StepID(run, "understand", 1, "work"), Body: body, Type: "proviso.v1.UnderstandWork", RunID: run, Attempt: 1}); err != nil {
			t.Fatal(err)
		}
	}
	next := func(kind string) []byte {
		t.Helper()
		consumer, err := manager.JS.OrderedConsumer(ctx, bus.StreamEvents, jetstream.OrderedConsumerConfig{FilterSubjects: []string{bus.EventKind(kind)}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := consumer.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		return m.Data()
	}
	succeeded, err := wire.Decode[*provisov1.StepSucceeded](next(bus.KindStepSucceeded), wire.Strict)
	if err != nil {
		t.Fatal(err)
	}
	if got := succeeded.GetUnderstanding().GetRefusal().GetCode(); succeeded.GetRunId() != "run-a" || got != "platform_unsupported" {
		t.Errorf("%s: got %q", succeeded.GetRunId(), got)
	}
	failed, err := wire.Decode[*provisov1.StepFailed](next(bus.KindStepFailed), wire.Strict)
	if err != nil {
		t.Fatal(err)
	}
	if got := failed.GetReason().GetCode(); failed.GetRunId() != "run-b" || got != "pve_unreachable" || !failed.GetRetryable() {
		t.Errorf("%s: got %q", failed.GetRunId(), got)
	}
}
