package manager_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	manager "proviso.dev/services/manager/unit"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Shows: T-C.2-02, T-4.6.3-03, T-0-05
func TestDelivered(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	l.work(allWell())

	l.ask("r1", false)
	waiting := l.until("r1", "confirming with an empty outbox", func(r *provisov1.RunRecord) bool {
		return r.GetRun().GetState() == "confirming" && len(r.GetOutbox()) == 0
	})
	q := waiting.GetRun().GetQuestions()
	if len(q) != 1 || q[0].GetId() != "confirm" || q[0].GetText() != "Est-ce exact ? (oui / non / corrigez avec vos mots)" {
		t.Errorf("open questions %v, want the confirmation in French", q)
	}
	l.answer("r1", "m1", "confirm", "oui")
	run := l.untilSettled("r1", "delivered").GetRun()

	want := []string{"understanding", "confirming", "understanding", "collecting", "analysing", "building"}
	if diff := cmp.Diff(want, l.states("r1")); diff != "" {
		t.Errorf("announced states (-want +got):\n%s", diff)
	}
	l.wantOneEnd("gateway", "r1", "delivered")
	if run.GetManifest().GetDigest() != reference('3').GetDigest() || run.GetProof().GetStatus() != "validated" || len(run.GetPlacement()) != 1 {
		t.Errorf("delivered with manifest %v, proof %v, placement %v", run.GetManifest(), run.GetProof(), run.GetPlacement())
	}
	var steps []string
	for _, s := range run.GetSteps() {
		if s.GetOutcome() != "succeeded" || !s.GetFinishedAt().IsValid() {
			t.Errorf("step %v", s)
		}
		steps = append(steps, s.GetRole()+" "+s.GetStep())
	}
	wantSteps := []string{"collector understand", "collector understand", "collector collect", "analyser analyse", "builder build"}
	if diff := cmp.Diff(wantSteps, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestDuplicatesHaveNoEffect(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	l.work(allWell())

	l.ask("r1", true)
	l.untilSettled("r1", "delivered")
	before := l.states("r1")
	// The same requests under other message ids, as a door sends them after its idempotency window.
	l.send(bus.VerbStart, "again.start", startRun("r1", true))
	l.answer("r1", "again.answer", "confirm", "oui")
	l.cancel("r1")
	l.untilDrained()

	run := l.untilState("r1", "delivered").GetRun()
	if len(run.GetSteps()) != 4 {
		t.Errorf("%d steps, want 4: %v", len(run.GetSteps()), run.GetSteps())
	}
	if diff := cmp.Diff(before, l.states("r1")); diff != "" {
		t.Errorf("announced states (-before +after):\n%s", diff)
	}
	l.wantOneEnd("gateway", "r1", "delivered")
}

// A sentence of which the source is missing goes to understanding first, and then back to the administrator.
//
// Shows: T-C.2-01
func TestSentenceIsUnderstoodFirst(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	var asked []string
	s := allWell()
	s[bus.VerbUnderstand] = func(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
		u, err := wire.Decode[*provisov1.UnderstandWork](w.Data, wire.Strict)
		if err != nil {
			return nil, err
		}
		asked = append(asked, u.GetText())
		out := &provisov1.Understanding{Language: "fr", Kind: "provision", Questions: []*provisov1.Clarification{
			{Id: "vm1.source", Kind: "value", Text: "Quel template ?", Options: []*provisov1.Option{{Value: "100", Label: "k3s-template"}}, Required: true},
		}}
		return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Understanding{Understanding: out}}, nil
	}
	l.work(s)
	start := startRun("r1", true)
	start.Text = "crée une vm webserver"
	l.send(bus.VerbStart, "r1.start", start)

	run := l.untilSettled("r1", "clarifying").GetRun()
	if diff := cmp.Diff([]string{"crée une vm webserver"}, asked); diff != "" {
		t.Errorf("understood (-want +got):\n%s", diff)
	}
	if q := run.GetQuestions(); len(q) != 1 || q[0].GetId() != "vm1.source" || !q[0].GetExpiresAt().IsValid() {
		t.Errorf("open questions %v, want vm1.source with its expiry", q)
	}
	events := stored[*provisov1.RunChanged](l, bus.StreamEvents, bus.EventSubject(bus.RoleManager, bus.KindState, "r1"))
	if last := events[len(events)-1]; last.GetState() != "clarifying" || len(last.GetQuestions()) != 1 {
		t.Errorf("last announcement %v, want clarifying with its question", last)
	}
}

// The words of a request may be anything. What does not fit into a run's document ends the run and loses nothing else.
func TestWordsThatDoNotFit(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	start := startRun("r1", true)
	start.Text = strings.Repeat("\x01", 16<<10) // six bytes each in JSON, seven in the outbox
	l.send(bus.VerbStart, "r1.start", start)
	run := l.untilSettled("r1", "failed").GetRun()
	if run.GetFailure().GetCode() != "too_large" {
		t.Errorf("failure %v, want too_large", run.GetFailure())
	}
	l.wantOneEnd("gateway", "r1", "failed")
}

func TestWhatCannotBeReadBecomesADeadLetter(t *testing.T) {
	tests := map[string]struct {
		reason string
		verb   string
		body   string
	}{
		"NotJSON":      {"Bytes that are no message must not block the queue.", bus.VerbStart, "\xff"},
		"Nothing":      {"A start without words and without intent asks for nothing.", bus.VerbStart, `{"run_id":"r1","requester":{"door":"http","publisher":"gateway"},"at":"2026-11-21T08:00:00Z"}`},
		"BadRunID":     {"A run id that is no token would change the subject's meaning.", bus.VerbCancel, `{"run_id":"a.b","message_id":"m","at":"2026-11-21T08:00:00Z"}`},
		"UnknownVerb":  {"A verb of a later version is kept for it.", "frobnicate", `{}`},
		"UnknownRun":   {"An answer to a run that never comes must not wait for ever.", bus.VerbCancel, `{"run_id":"nobody","message_id":"m","at":"2026-11-21T08:00:00Z"}`},
		"MissingField": {"A message that breaks the contract is refused whole.", bus.VerbAnswer, `{"run_id":"r1","message_id":"m","at":"2026-11-21T08:00:00Z"}`},
	}
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := l.env.Publish.Publish(l.ctx, bus.Message{Subject: bus.WorkSubject(bus.RoleManager, tc.verb), ID: name, Body: []byte(tc.body)})
			if err != nil {
				t.Fatal(err)
			}
			stream, err := l.env.JS.Stream(l.ctx, bus.StreamDLQ)
			if err != nil {
				t.Fatal(err)
			}
			l.eventually(name+" is a dead letter", func() (bool, error) {
				for seq := uint64(1); ; {
					msg, err := stream.GetMsg(l.ctx, seq, jetstream.WithGetMsgSubject(bus.DLQSubject(bus.RoleManager, tc.verb)))
					if errors.Is(err, jetstream.ErrMsgNotFound) {
						return false, nil
					}
					if err != nil || string(msg.Data) == tc.body {
						return true, err
					}
					seq = msg.Sequence + 1
				}
			})
		})
	}
}

// The trace of the request is kept in the run, so that work which follows from an answer, or from a timer, rejoins it.
func TestTraceOfTheRequest(t *testing.T) {
	const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	traces := make(chan string, 4)
	l.work(script{bus.VerbUnderstand: func(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
		traces <- bus.TraceFrom(w.Header).Parent
		return understand(ctx, w)
	}})
	untraced := l.ctx
	l.ctx = bus.WithTrace(untraced, bus.Trace{Parent: parent})
	l.ask("r1", false)
	l.ctx = untraced
	l.untilState("r1", "confirming")
	l.answer("r1", "m1", "confirm", "peut-être")
	for _, what := range []string{"request", "answer"} {
		select {
		case got := <-traces:
			if got != parent {
				t.Errorf("work after the %s has the trace %q, want %q", what, got, parent)
			}
		case <-time.After(patience):
			t.Fatalf("no work after the %s", what)
		}
	}
}
