package manager_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	manager "proviso.dev/services/manager/unit"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// order is an intent as a stranger writes it by hand, from the schema alone.
const order = `{
  "intent_id": "order-4711",
  "language": "fr",
  "target": {"platform": "proxmox"},
  "confirmed": true,
  "virtual_machines": [
    {"name": "web", "count": 2, "cores": 2, "memory_mib": 2048, "source": {"template": {"vm_id": 100}}}
  ]
}`

// publish leaves bytes where a publisher leaves its intents.
func (l *lab) publish(publisher, id, body string) {
	l.t.Helper()
	if err := l.env.Publish.Publish(l.ctx, bus.Message{Subject: bus.IntentSubject(publisher), ID: id, Body: []byte(body)}); err != nil {
		l.t.Fatal(err)
	}
}

// results waits for n results for a publisher and for the queue of intents to be empty.
func (l *lab) results(publisher string, n int) []*provisov1.RunResult {
	l.t.Helper()
	var out []*provisov1.RunResult
	l.eventually(fmt.Sprintf("%d results for %s", n, publisher), func() (bool, error) {
		out = stored[*provisov1.RunResult](l, bus.StreamResults, bus.ResultsOf(publisher))
		return len(out) >= n, nil
	})
	l.untilDrained()
	out = stored[*provisov1.RunResult](l, bus.StreamResults, bus.ResultsOf(publisher))
	if len(out) != n {
		l.t.Errorf("%d results for %s, want %d: %v", len(out), publisher, n, out)
	}
	return out
}

func (l *lab) deadLetters(subject string) []string {
	l.t.Helper()
	stream, err := l.env.JS.Stream(l.ctx, bus.StreamDLQ)
	if err != nil {
		l.t.Fatal(err)
	}
	var out []string
	for seq := uint64(1); ; {
		msg, err := stream.GetMsg(l.ctx, seq, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return out
		}
		if err != nil {
			l.t.Fatal(err)
		}
		out, seq = append(out, string(msg.Data)), msg.Sequence+1
	}
}

func TestIntentYieldsOneRun(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	l.work(allWell())
	if !json.Valid([]byte(order)) {
		t.Fatal("the intent of the test is no JSON")
	}
	l.publish("shop", "shop.first", order)
	l.publish("shop", "shop.second", order) // beyond the stream's memory of ids this is how a repetition looks
	got := l.results("shop", 1)[0]
	if got.GetState() != "delivered" || got.GetIntentId() != "order-4711" || got.GetManifest() == nil {
		t.Errorf("result %v, want order-4711 delivered with its manifest", got)
	}
	run := l.untilSettled(got.GetRunId(), "delivered").GetRun()
	if run.GetRequester().GetDoor() != "intent" || run.GetRequester().GetPublisher() != "shop" {
		t.Errorf("requester %v, want the publisher shop by the door intent", run.GetRequester())
	}
	if len(run.GetSteps()) != 4 {
		t.Errorf("%d steps, want 4: an intent that says confirmed is not asked", len(run.GetSteps()))
	}

	l.publish("billing", "billing.first", order) // the stream remembers ids over all publishers
	if other := l.results("billing", 1)[0]; other.GetRunId() == got.GetRunId() {
		t.Error("the same id of another publisher is the same run")
	}
}

// An intent is strangers' text: it is taken whole or refused, and its publisher is told if it says who it is.
func TestInvalidIntent(t *testing.T) {
	tests := map[string]struct {
		reason  string
		body    string
		results int
		says    string
	}{
		"UnknownField": {"A misspelt field must not be dropped silently.", strings.Replace(order, `"count"`, `"cuont"`, 1), 1, "cuont"},
		"OutOfRange":   {"All that is wrong is said.", strings.Replace(order, `"cores": 2`, `"cores": 0`, 1), 1, "virtual_machines[0].cores"},
		"NoID":         {"Nobody can be told about an intent without id.", strings.Replace(order, `"intent_id": "order-4711",`, ``, 1), 0, ""},
		"NoJSON":       {"Bytes must not block the queue.", "\x00\xff", 0, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, 0, false)
			l.manage(manager.Config{})
			l.work(allWell())
			l.publish("shop", "bad", tc.body)
			l.eventually("the intent is a dead letter", func() (bool, error) {
				letters := l.deadLetters(bus.DLQSubject(bus.RoleManager, "intent"))
				return len(letters) == 1 && letters[0] == tc.body, nil
			})
			for _, r := range l.results("shop", tc.results) {
				if r.GetState() != "refused" || r.GetIntentId() != "order-4711" || !strings.Contains(r.GetReason().GetMessage(), tc.says) {
					t.Errorf("result %v, want a refusal of order-4711 that names %s", r, tc.says)
				}
			}
			// The corrected intent of the same id is acted on.
			l.publish("shop", "good", order)
			l.results("shop", tc.results+1)
		})
	}
}

// Work that kills everybody who takes it ends in the dead letters, and its run fails instead of waiting.
func TestWorkThatNobodySurvives(t *testing.T) {
	const ackWait = 100 * time.Millisecond
	l := newLab(t, ackWait, false)
	l.manage(manager.Config{})
	l.ask("r1", true)
	l.untilState("r1", "understanding")
	consumer, err := l.env.JS.Consumer(l.ctx, bus.StreamWork, bus.ConsumerCollector.Name)
	if err != nil {
		t.Fatal(err)
	}
	// Takes the work again and again and never says anything; the last request is what makes the server give up on it.
	for range bus.ConsumerCollector.MaxDeliver + 1 {
		msgs, err := consumer.Fetch(1, jetstream.FetchMaxWait(5*ackWait))
		if err != nil {
			t.Fatal(err)
		}
		for range msgs.Messages() {
		}
	}
	run := l.untilSettled("r1", "failed").GetRun()
	if run.GetFailure().GetCode() != "exhausted" {
		t.Errorf("failure %v, want exhausted", run.GetFailure())
	}
	l.wantOneEnd("gateway", "r1", "failed")
	l.eventually("the work is a dead letter", func() (bool, error) {
		return len(l.deadLetters(bus.DLQSubject(bus.RoleCollector, bus.VerbUnderstand))) == 1, nil
	})
	l.eventually("the work is gone", func() (bool, error) {
		stream, err := l.env.JS.Stream(l.ctx, bus.StreamWork)
		if err != nil {
			return false, err
		}
		return stream.CachedInfo().State.Msgs == 0, nil
	})
}

// Secrets that a publisher writes into its intent stay out of the run, its events and the chain, and the publisher is told.
//
// Shows: T-3.3.5-103
func TestIntentIsCleaned(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	l.work(allWell())
	in := intent("order-9")
	in.Goal, in.Confirmed = new("un serveur web, mot de passe: Tr0ub4dor&3"), new(true)
	body, err := wire.Encode(in)
	if err != nil {
		t.Fatal(err)
	}
	err = l.env.Publish.Publish(l.ctx, bus.Message{Subject: bus.IntentSubject("shop"), ID: "order-9", Body: body})
	if err != nil {
		t.Fatal(err)
	}
	var run *provisov1.Run
	l.eventually("the intent became a run that ended", func() (bool, error) {
		results := stored[*provisov1.RunResult](l, bus.StreamResults, bus.ResultsOf("shop"))
		if len(results) == 0 {
			return false, nil
		}
		run = l.untilSettled(results[0].GetRunId(), "delivered").GetRun()
		return true, nil
	})
	if got := run.GetIntent().GetGoal(); got != "un serveur web, mot de passe: [secret-1]" {
		t.Errorf("goal %q", got)
	}
	if n := run.GetNotices(); len(n) != 1 || !strings.Contains(n[0], "mot de passe") {
		t.Errorf("notices %q, want one that names the kind", n)
	}
	for _, name := range []string{bus.StreamEvents, bus.StreamResults, bus.StreamAudit, bus.StreamDLQ, "KV_" + bus.BucketRuns} {
		stream, err := l.env.JS.Stream(l.ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		for seq := uint64(1); seq <= stream.CachedInfo().State.LastSeq; seq++ {
			if msg, err := stream.GetMsg(l.ctx, seq); err == nil && strings.Contains(string(msg.Data), "Tr0ub4dor") {
				t.Errorf("%s holds the secret: %s", name, msg.Subject)
			}
		}
	}
}
