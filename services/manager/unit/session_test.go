package manager_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	manager "proviso.dev/services/manager/unit"

	provisov1 "proviso.dev/proto/proviso/v1"
)

func acts(chain []*provisov1.AuditEntry) []string {
	var out []string
	for _, e := range chain {
		out = append(out, e.GetAct())
	}
	return out
}

// memory is what is stored of a session; nil: nothing.
func (l *lab) memory(publisher, subject, session string) *provisov1.SessionMemory {
	l.t.Helper()
	kv, err := l.env.JS.KeyValue(l.ctx, bus.BucketSessions)
	if err != nil {
		l.t.Fatal(err)
	}
	entry, err := kv.Get(l.ctx, bus.SessionKey(publisher, subject, session))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		l.t.Fatal(err)
	}
	if len(entry.Value()) > 64<<10 {
		l.t.Errorf("memory has %d bytes", len(entry.Value()))
	}
	m, err := wire.Decode[*provisov1.SessionMemory](entry.Value(), wire.Strict)
	if err != nil {
		l.t.Fatal(err)
	}
	return m
}

// remembered are the ids of the runs in a session's memory.
func (l *lab) remembered(publisher, subject, session string) []string {
	l.t.Helper()
	var ids []string
	for _, r := range l.memory(publisher, subject, session).GetRuns() {
		ids = append(ids, r.GetRunId())
	}
	return ids
}

// recalling is a collector that keeps the work it was given.
func recalling(got chan<- *provisov1.UnderstandWork) agent.StepFunc {
	return func(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
		u, err := wire.Decode[*provisov1.UnderstandWork](w.Data, wire.Strict)
		if err != nil {
			return nil, err
		}
		got <- u
		return understand(ctx, w)
	}
}

func inSession(run, subject, session string) *provisov1.StartRun {
	s := startRun(run, true)
	s.Requester.Subject, s.SessionId = subject, nil
	if session != "" {
		s.SessionId = &session
	}
	return s
}

// What a session's runs came to is in the work of the next one, for the same person and session only.
//
// Shows: T-3.3.5-102
func TestSessionIsRecalled(t *testing.T) {
	l := newLab(t, 0, false)
	_, stop := l.manage(manager.Config{})
	work := make(chan *provisov1.UnderstandWork, 8)
	s := allWell()
	s[bus.VerbUnderstand] = recalling(work)
	l.work(s)
	recalled := func(run, subject, session string) *provisov1.SessionMemory {
		t.Helper()
		l.send(bus.VerbStart, run+".start", inSession(run, subject, session))
		l.untilSettled(run, "delivered")
		return (<-work).GetMemory()
	}

	if m := recalled("r1", "alice", "lab"); m != nil {
		t.Errorf("the first run of a session recalls %v", m)
	}
	stop()
	l.manage(manager.Config{}) // a manager keeps nothing
	got := recalled("r2", "alice", "lab")
	if len(got.GetRuns()) != 1 {
		t.Fatalf("the second run recalls %v, want the first", got)
	}
	want := &provisov1.RememberedRun{
		RunId: "r1", Text: "un serveur web", Intent: intent("r1"), Guests: []string{"web"}, EndedAt: got.GetRuns()[0].GetEndedAt(),
	}
	if diff := cmp.Diff(want, got.GetRuns()[0], protocmp.Transform()); diff != "" {
		t.Errorf("recalled (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"r1", "r2"}, l.remembered("gateway", "alice", "lab")); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	for run, who := range map[string][2]string{"r3": {"bob", "lab"}, "r4": {"alice", "other"}, "r5": {"alice", ""}, "r6": {"", "alicelab"}} {
		if m := recalled(run, who[0], who[1]); m != nil {
			t.Errorf("%q in session %q recalls what alice did in lab: %v", who[0], who[1], m)
		}
	}
	kv, err := l.env.JS.KeyValue(l.ctx, bus.BucketSessions)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := kv.Keys(l.ctx)
	if err != nil || len(keys) != 4 {
		t.Errorf("%d sessions are kept (%v), want four: nothing is kept of a run without one", len(keys), err)
	}
}

// A run that ends beside a dialogue does not change what the dialogue is about between the table and the yes.
func TestRoundsRecallTheSame(t *testing.T) {
	l := newLab(t, 0, false)
	l.session = "lab"
	l.manage(manager.Config{})
	work := make(chan *provisov1.UnderstandWork, 8)
	s := allWell()
	s[bus.VerbUnderstand] = recalling(work)
	l.work(s)
	ids := func() []string {
		var out []string
		for _, r := range (<-work).GetMemory().GetRuns() {
			out = append(out, r.GetRunId())
		}
		return out
	}
	for _, run := range []string{"r1", "r2", "r3"} {
		if run == "r2" {
			l.ask(run, false)
			l.untilState(run, "confirming")
			continue
		}
		l.ask(run, true)
		l.untilSettled(run, "delivered")
	}
	ids() // r1
	if diff := cmp.Diff([]string{"r1"}, ids()); diff != "" {
		t.Errorf("first round of r2 (-want +got):\n%s", diff)
	}
	ids() // r3
	l.answer("r2", "m1", "confirm", "oui")
	l.untilSettled("r2", "delivered")
	if diff := cmp.Diff([]string{"r1"}, ids()); diff != "" {
		t.Errorf("second round of r2 (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"r1", "r3", "r2"}, l.remembered("gateway", "", "lab")); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
}

// The newest runs are kept, and a memory stays within its bound however much was said.
//
// Shows: T-3.3.5-102
func TestMemoryIsBounded(t *testing.T) {
	l := newLab(t, 0, false)
	l.session = "lab"
	l.manage(manager.Config{})
	l.work(allWell())
	var want []string
	for i := range 11 {
		run := fmt.Sprint("r", i)
		start := inSession(run, "", "lab")
		start.Text = strings.Repeat("é", 8<<10)
		l.send(bus.VerbStart, run+".start", start)
		l.untilSettled(run, "delivered")
		if i >= 3 {
			want = append(want, run)
		}
	}
	if diff := cmp.Diff(want, l.remembered("gateway", "", "lab")); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	if text := l.memory("gateway", "", "lab").GetRuns()[0].GetText(); len([]rune(text)) != 1024 {
		t.Errorf("%d characters of a request are remembered", len([]rune(text)))
	}
}

// Nothing is remembered of what was cancelled or never became an intent.
func TestWhatIsNotRemembered(t *testing.T) {
	l := newLab(t, 0, false)
	l.session = "lab"
	l.manage(manager.Config{})
	s := allWell()
	s[bus.VerbUnderstand] = func(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
		u, err := wire.Decode[*provisov1.UnderstandWork](w.Data, wire.Strict)
		if err != nil {
			return nil, err
		}
		out := &provisov1.Understanding{Language: "fr", Kind: "question", Reply: &provisov1.Reply{Text: "pmox02."}}
		if u.GetText() == "météo" {
			out = &provisov1.Understanding{Language: "fr", Kind: "off_topic", Refusal: &provisov1.Refusal{Code: "off_topic", Message: "Non."}}
		}
		return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Understanding{Understanding: out}}, nil
	}
	l.work(s)
	for run, tc := range map[string]struct{ text, state string }{"r1": {"météo", "refused"}, "r2": {"quel nœud ?", "delivered"}} {
		start := inSession(run, "", "lab")
		start.Text = tc.text
		l.send(bus.VerbStart, run+".start", start)
		l.untilSettled(run, tc.state)
	}
	if m := l.memory("gateway", "", "lab"); m != nil {
		t.Errorf("remembered: %v", m)
	}
}

// A memory that a later version wrote, or nobody can read, costs the memory and not the request.
func TestUnreadableMemory(t *testing.T) {
	l := newLab(t, 0, false)
	l.session = "lab"
	l.manage(manager.Config{})
	l.work(allWell())
	kv, err := l.env.JS.KeyValue(l.ctx, bus.BucketSessions)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Put(l.ctx, bus.SessionKey("gateway", "", "lab"), []byte("{")); err != nil {
		t.Fatal(err)
	}
	l.ask("r1", true)
	l.untilSettled("r1", "delivered")
	if diff := cmp.Diff([]string{"r1"}, l.remembered("gateway", "", "lab")); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
}

// A memory as large as it may be is handed on whole. What yields to a request that leaves no room is the memory.
func TestLargeMemoryOrLargeRequest(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	work := make(chan *provisov1.UnderstandWork, 8)
	s := allWell()
	s[bus.VerbUnderstand] = recalling(work)
	l.work(s)
	m := &provisov1.SessionMemory{}
	for i := range 7 {
		r := &provisov1.RememberedRun{RunId: fmt.Sprint("old", i), Intent: intent("i"), EndedAt: timestamppb.New(time.Unix(int64(i), 0))}
		for g := range 80 {
			r.Guests = append(r.Guests, fmt.Sprintf("%03d%s", g, strings.Repeat("x", 100)))
		}
		m.Runs = append(m.Runs, r)
	}
	data, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) < 58<<10 {
		t.Fatalf("the memory has only %d bytes", len(data))
	}
	kv, err := l.env.JS.KeyValue(l.ctx, bus.BucketSessions)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Put(l.ctx, bus.SessionKey("gateway", "", "lab"), data); err != nil {
		t.Fatal(err)
	}
	for run, tc := range map[string]struct {
		text string
		want int
	}{"small": {"un serveur", 7}, "large": {strings.Repeat("\x01", 12<<10), 0}} {
		start := inSession(run, "", "lab")
		start.Text = tc.text
		start.RunId = run
		l.send(bus.VerbStart, run+".start", start)
		got := <-work
		if len(got.GetMemory().GetRuns()) != tc.want {
			t.Errorf("%s request: %d runs are recalled, want %d", run, len(got.GetMemory().GetRuns()), tc.want)
		}
		if got.GetText() != tc.text {
			t.Errorf("%s request: the words changed", run)
		}
		l.untilSettled(run, "delivered")
		if _, err := kv.Put(l.ctx, bus.SessionKey("gateway", "", "lab"), data); err != nil {
			t.Fatal(err)
		}
	}
}
