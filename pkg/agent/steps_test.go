package agent_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// builds serves the verb build with a step until the test ends.
func builds(t testing.TB, env *agent.Env, step agent.StepFunc) {
	t.Helper()
	serve(t, func(ctx context.Context) error {
		return agent.ServeSteps(ctx, env, bus.ConsumerBuilder, 2, map[string]agent.StepFunc{bus.VerbBuild: step})
	})
}

// Shows: T-3.3.5-02
func TestStepSucceeds(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	env := environment(t, s, bus.RoleBuilder)
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	env.Now = func() time.Time { return at }
	builds(t, env, func(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
		for _, kind := range []string{"iteration", "exit_loop"} {
			if err := w.Progress(ctx, &provisov1.Progress{Kind: kind}); err != nil {
				return nil, err
			}
		}
		return built(), nil
	})
	next := events(t, manager, "r1")
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	body, err := wire.Encode(&provisov1.BuildWork{Item: &provisov1.WorkItem{RunId: "r1", Step: "build", Attempt: 3}})
	if err != nil {
		t.Fatal(err)
	}
	err = manager.Publish.Publish(bus.WithTrace(t.Context(), bus.Trace{Parent: trace}), bus.Message{
		Subject: bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild), ID: "r1.build.3.work", Body: body, RunID: "r1", Attempt: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range []string{"iteration", "exit_loop"} {
		m := next()
		want := &provisov1.Progress{RunId: "r1", Step: "build", Kind: kind, At: timestamppb.New(at)}
		if diff := cmp.Diff(want, decode[*provisov1.Progress](t, m), protocmp.Transform()); diff != "" {
			t.Errorf("progress (-want +got):\n%s", diff)
		}
		if want := fmt.Sprintf("r1.build.3.progress.%d", i+1); m.Headers().Get("Nats-Msg-Id") != want {
			t.Errorf("got id %q, want %q", m.Headers().Get("Nats-Msg-Id"), want)
		}
	}
	m := next()
	got := decode[*provisov1.StepSucceeded](t, m)
	if got.GetWorkedMs() <= 0 || got.GetWorkedMs() > 10_000 {
		t.Errorf("worked %v ms", got.GetWorkedMs())
	}
	want := built()
	want.RunId, want.Step, want.Attempt, want.At, want.WorkedMs = "r1", "build", 3, timestamppb.New(at), got.GetWorkedMs()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if m.Subject() != "proviso.v1.event.builder.step_succeeded.r1" {
		t.Errorf("got subject %s", m.Subject())
	}
	h := m.Headers()
	delete(h, bus.HeaderSchema)
	wantHeader := nats.Header{
		"Nats-Msg-Id": {"r1.build.3.succeeded"}, "Content-Type": {"application/json; proto=proviso.v1.StepSucceeded"},
		"Proviso-Run-Id": {"r1"}, "Proviso-Attempt": {"3"}, "traceparent": {trace},
	}
	if diff := cmp.Diff(wantHeader, h); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	wantEmpty(t, manager, bus.StreamWork)
}

// Shows: T-3.3.5-02
func TestStepFails(t *testing.T) {
	past := func(i *provisov1.WorkItem) { i.Deadline = timestamppb.New(time.Now().Add(50 * time.Millisecond)) }
	returns := func(err error) agent.StepFunc {
		return func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) { return nil, err }
	}
	tests := map[string]struct {
		reason    string
		step      agent.StepFunc
		change    func(*provisov1.WorkItem)
		code      string
		message   string
		retryable bool
		letters   uint64
	}{
		"Failure": {"What the step says is what the requester reads.",
			returns(fmt.Errorf("reach cluster: %w", &agent.Failure{Code: "platform_unreachable", Message: "Le cluster ne répond pas.", Retryable: true})), nil,
			"platform_unreachable", "Le cluster ne répond pas.", true, 0},
		"Refused": {"", returns(&agent.Failure{Code: "no_capacity", Message: "x"}), nil, "no_capacity", "x", false, 0},
		"BadCode": {"A failure that breaks the contract is still told, as ours.",
			returns(&agent.Failure{Code: "No Capacity!", Message: "x"}), nil, "internal", i18n.T("fr", "agent.internal"), false, 0},
		"AnyError": {"A Go error never reaches a requester.",
			returns(errors.New("dial tcp 10.0.0.1: secret")), nil, "internal", i18n.T("fr", "agent.internal"), true, 0},
		"Panic": {"", func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) { panic("x") }, nil,
			"internal", i18n.T("fr", "agent.internal"), true, 0},
		"Nothing": {"Neither result nor error is an error.", returns(nil), nil, "internal", i18n.T("fr", "agent.internal"), true, 0},
		"InvalidResult": {"Our own result is checked before anybody relies on it.",
			func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
				return &provisov1.StepSucceeded{}, nil
			}, nil,
			"internal", i18n.T("fr", "agent.internal"), true, 0},
		"LargeResult": {"A result that does not fit is ours to mend, not to repeat for ever.",
			func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
				r := built()
				r.GetBuilt().Summary = string(make([]byte, wire.MaxMessage))
				return r, nil
			}, nil, "internal", i18n.T("fr", "agent.internal"), true, 0},
		"Deadline": {"Nobody waits for it any more, so it is cut off.",
			func(ctx context.Context, _ agent.Work) (*provisov1.StepSucceeded, error) {
				return nil, takes(ctx, time.Minute)
			}, past,
			"deadline", i18n.T("fr", "agent.deadline"), true, 0},
		"BrokenWork": {"Work that cannot be read is a dead letter, and the run is told.",
			func(_ context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
				_, err := wire.Decode[*provisov1.BuildWork](w.Data, wire.OwnServices) // lacks plan and context
				return nil, err
			}, nil, "invalid", i18n.T("fr", "agent.dead"), false, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, manager := provisioned(t, bus.TopologyOptions{})
			var calls atomic.Int32
			builds(t, environment(t, s, bus.RoleBuilder), func(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
				calls.Add(1)
				return tc.step(ctx, w)
			})
			next := events(t, manager, "r1")
			assign(t, manager, "r1", tc.change)
			m := next()
			if m.Subject() != bus.EventSubject(bus.RoleBuilder, bus.KindStepFailed, "r1") {
				t.Fatalf("got %s", m.Subject())
			}
			got := decode[*provisov1.StepFailed](t, m)
			want := &provisov1.StepFailed{
				RunId: "r1", Step: "build", Attempt: 1, At: got.GetAt(), Retryable: tc.retryable,
				Reason: &provisov1.Refusal{Code: tc.code, Message: tc.message},
			}
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if id := m.Headers().Get("Nats-Msg-Id"); id != "r1.build.1.failed" {
				t.Errorf("got id %q", id)
			}
			wantEmpty(t, manager, bus.StreamWork)
			if calls.Load() != 1 {
				t.Errorf("the step ran %d times: whether to try again is the manager's decision", calls.Load())
			}
			if got := stored(t, manager, bus.StreamDLQ); got != tc.letters {
				t.Errorf("got %d dead letters, want %d", got, tc.letters)
			}
		})
	}
}

// TestUnreadableWork: no step can be asked, but the headers say which run waits.
//
// Shows: T-3.3.5-02
func TestUnreadableWork(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	builds(t, environment(t, s, bus.RoleBuilder), func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
		t.Error("a step was asked")
		return built(), nil
	})
	for run, work := range map[string]struct{ verb, body string }{
		"r1": {bus.VerbBuild, "not json"}, "r2": {bus.VerbBuild, `{"item":{"run_id":""}}`}, "r3": {"paint", `{"item":{"run_id":"r3","step":"paint","attempt":1}}`},
	} {
		next := events(t, manager, run)
		assignRaw(t, manager, work.verb, run, []byte(work.body))
		got := decode[*provisov1.StepFailed](t, next())
		if got.GetRunId() != run || got.GetRetryable() {
			t.Errorf("%s: got %v", run, got)
		}
	}
	wantEmpty(t, manager, bus.StreamWork)
	if got := stored(t, manager, bus.StreamDLQ); got != 3 {
		t.Errorf("got %d dead letters, want 3", got)
	}
}

// TestDeathAtEachPlace cuts the worker's connection at each place in turn, which to everybody else is its death, and lets
// another go on. The run gets one result.
//
// Shows: T-3.3.5-07, T-3.3.5-134
func TestDeathAtEachPlace(t *testing.T) {
	for _, place := range []string{
		failpoint.AgentReceived, failpoint.AgentBeforePublish, failpoint.AgentAfterPublish, failpoint.AgentBeforeAck, failpoint.AgentAfterAck,
	} {
		t.Run(place, func(t *testing.T) {
			s, manager := provisioned(t, bus.TopologyOptions{AckWait: 500 * time.Millisecond})
			step := func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) { return built(), nil }
			dying := environment(t, s, bus.RoleBuilder)
			reached := make(chan struct{})
			var once atomic.Bool
			restore := failpoint.Hook(func(at string) {
				if at == place && once.CompareAndSwap(false, true) {
					dying.NC.Close()
					close(reached)
				}
			})
			defer restore()
			ctx, cancel := context.WithCancel(context.Background())
			died := make(chan struct{})
			go func() {
				defer close(died)
				_ = agent.ServeSteps(ctx, dying, bus.ConsumerBuilder, 1, map[string]agent.StepFunc{bus.VerbBuild: step})
			}()
			assign(t, manager, "r1", nil)
			select {
			case <-reached:
			case <-time.After(10 * time.Second):
				t.Fatal("the place was not reached")
			}
			builds(t, environment(t, s, bus.RoleBuilder), step)
			next := events(t, manager, "r1")
			if got := decode[*provisov1.StepSucceeded](t, next()); got.GetRunId() != "r1" {
				t.Errorf("got %v", got)
			}
			wantEmpty(t, manager, bus.StreamWork)
			if got := stored(t, manager, bus.StreamEvents); got != 1 {
				t.Errorf("got %d results, want 1", got)
			}
			cancel()
			select {
			case <-died:
			case <-time.After(20 * time.Second):
				t.Error("the dying worker's loop did not end")
			}
		})
	}
}

func TestResultOfAStoppingUnitIsKept(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	env := environment(t, s, bus.RoleBuilder)
	taken := make(chan struct{})
	stop := serve(t, func(ctx context.Context) error {
		return agent.ServeSteps(ctx, env, bus.ConsumerBuilder, 1, map[string]agent.StepFunc{
			bus.VerbBuild: func(ctx context.Context, _ agent.Work) (*provisov1.StepSucceeded, error) {
				close(taken)
				<-ctx.Done() // it was about to finish
				return built(), nil
			},
		})
	})
	assign(t, manager, "r1", nil)
	<-taken
	stop()
	if got := stored(t, manager, bus.StreamEvents); got != 1 {
		t.Errorf("got %d results, want 1", got)
	}
	if got := stored(t, manager, bus.StreamWork); got != 0 {
		t.Errorf("%d pieces of work are left to be done again, want 0", got)
	}
}
