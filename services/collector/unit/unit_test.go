package collector_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/llm/fake"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	collector "proviso.dev/services/collector/unit"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// envOf connects a role to a server.
func envOf(t *testing.T, s nats.InProcessConnProvider, role bus.Role) *agent.Env {
	t.Helper()
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

// The unit takes its work from the bus and answers there: once with an understanding, once with a failure of which the
// requester is told.
func TestUnitOnTheBus(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := natstest.Start(t, nil)
	connect := func(role bus.Role) *agent.Env { return envOf(t, s, role) }
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

// Two processes share what a model answered: the second one, that takes the work up again, pays nothing. The answer is in
// its bucket without the requester's secret.
func TestAnswersOnTheBus(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := natstest.Start(t, nil)
	connect := func(role bus.Role) *agent.Env { return envOf(t, s, role) }
	manager := connect(bus.RoleManager)
	if err := bus.Provision(ctx, manager.JS, bus.TopologyOptions{}); err != nil {
		t.Fatal(err)
	}
	model := fake.New(fake.Script{Rules: []fake.Rule{{Reply: `{"kind":"provision","guests":[{"cores":8}]}`}}})
	url, stop := model.Start()
	t.Cleanup(stop)
	events, err := manager.JS.OrderedConsumer(ctx, bus.StreamEvents, jetstream.OrderedConsumerConfig{FilterSubjects: []string{bus.EventKind(bus.KindStepSucceeded)}})
	if err != nil {
		t.Fatal(err)
	}
	for attempt := int32(1); attempt <= 2; attempt++ {
		unit, err := collector.New(collector.Config{
			Snapshots: collector.SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
				return &pve.Snapshot{Nodes: []pve.Node{{Name: "pmox01", Status: pve.NodeOnline}}}, nil
			}),
			LLM: llm.Config{Entries: []llm.Entry{{Provider: llm.OpenAI, Model: "fake", BaseURL: url + "/v1"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		running, end := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- unit.Run(running, connect(unit.Role())) }()
		body, err := wire.Encode(&provisov1.UnderstandWork{Item: &provisov1.WorkItem{RunId: "run-a", Step: "understand", Attempt: attempt}, Text: "a beefy web server, password: Zq7!kVw2Rt"})
		if err != nil {
			t.Fatal(err)
		}
		if err := manager.Publish.Publish(ctx, bus.Message{Subject: bus.WorkSubject(bus.RoleCollector, bus.VerbUnderstand),
			ID: bus.StepID("run-a", "understand", int(attempt), "work"), Body: body, Type: "proviso.v1.UnderstandWork", RunID: "run-a", Attempt: int(attempt)}); err != nil {
			t.Fatal(err)
		}
		m, err := events.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			t.Fatal(err)
		}
		result, err := wire.Decode[*provisov1.StepSucceeded](m.Data(), wire.Strict)
		if err != nil {
			t.Fatal(err)
		}
		if got := result.GetUnderstanding().GetModelUse(); got.GetCalls() != 1 || len(model.Requests()) != 1 {
			t.Errorf("attempt %d: %v after %d requests", attempt, got, len(model.Requests()))
		}
		end()
		if err := <-done; err != nil {
			t.Errorf("unit ended with %v", err)
		}
	}
	kv, err := manager.JS.KeyValue(ctx, bus.BucketAnswers)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := kv.Keys(ctx)
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys %q: %v", keys, err)
	}
	if entry, err := kv.Get(ctx, keys[0]); err != nil || bytes.Contains(entry.Value(), []byte("Zq7!kVw2Rt")) {
		t.Errorf("stored %s: %v", entry.Value(), err)
	}
}
