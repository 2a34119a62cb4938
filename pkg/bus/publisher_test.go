package bus_test

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
)

func messages(t *testing.T, js jetstream.JetStream, stream string) uint64 {
	t.Helper()
	s, err := js.Stream(within(t, 5*time.Second), stream)
	if err != nil {
		t.Fatal(err)
	}
	return s.CachedInfo().State.Msgs
}

// Shows: T-3.3.5-134
func TestDuplicateIsSuccessAndStoredOnce(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	p := bus.NewPublisher(js)
	m := bus.Message{Subject: bus.WorkSubject(bus.RoleAnalyser, bus.VerbAnalyse), ID: "r1.analyse.1.work", Body: []byte("{}"), RunID: "r1"}
	for range 3 {
		if err := p.Publish(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	if got := messages(t, js, bus.StreamWork); got != 1 {
		t.Fatalf("got %d messages, want 1", got)
	}
	// Recognised even after the first copy was done and is gone.
	c, err := bus.Bind(ctx, js, bus.ConsumerAnalyser)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Next(jetstream.FetchMaxWait(5 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if err := got.DoubleAck(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(ctx, m); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, js, bus.StreamWork); got != 0 {
		t.Errorf("got %d messages after the acknowledgement, want 0", got)
	}
	m.ID = "r1.analyse.2.work"
	if err := p.Publish(ctx, m); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, js, bus.StreamWork); got != 1 {
		t.Errorf("got %d messages of another attempt, want 1", got)
	}
}

// Shows: T-3.3.5-07
func TestFirstOnlyHoldsBeyondTheWindow(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	p := bus.NewPublisher(js)
	// Another id stands for the same id after the stream has forgotten it.
	for i := range 3 {
		m := bus.Message{Subject: bus.ResultSubject("shop", "r1"), ID: fmt.Sprintf("r1.result.%d", i), Body: []byte("{}"), FirstOnly: true}
		if err := p.Publish(ctx, m); err != nil {
			t.Fatalf("publication %d: %v; that it is there already is success", i, err)
		}
	}
	if got := messages(t, js, bus.StreamResults); got != 1 {
		t.Errorf("got %d results, want 1", got)
	}
}

func TestEnvelope(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	trace := bus.Trace{Parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", State: "a=b"}
	ctx := bus.WithTrace(within(t, 10*time.Second), trace)
	err := bus.NewPublisher(js).Publish(ctx, bus.Message{
		Subject: bus.EventSubject(bus.RoleBuilder, bus.KindStepSucceeded, "r1"), ID: "r1.build.2.succeeded",
		Body: []byte("{}"), Type: "proviso.v1.StepSucceeded", RunID: "r1", Attempt: 2,
		Header: nats.Header{"X-Mine": {"kept"}, "Nats-Expected-Stream": {"ELSEWHERE"}, "nats-msg-id": {"old"}},
	})
	if err != nil {
		t.Fatalf("a copied header of the server's must not decide: %v", err)
	}
	s, err := js.Stream(ctx, bus.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := s.GetLastMsgForSubject(ctx, bus.EventsOf("r1"))
	if err != nil {
		t.Fatal(err)
	}
	schema := stored.Header.Get(bus.HeaderSchema)
	delete(stored.Header, bus.HeaderSchema)
	want := nats.Header{
		"Nats-Msg-Id":  {"r1.build.2.succeeded"},
		"Content-Type": {"application/json; proto=proviso.v1.StepSucceeded"}, "Proviso-Run-Id": {"r1"}, "Proviso-Attempt": {"2"},
		"traceparent": {trace.Parent}, "tracestate": {"a=b"}, "X-Mine": {"kept"},
	}
	if diff := cmp.Diff(want, stored.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	const name = "proviso.v1.StepSucceeded.schema.strict.bundle.json@sha256:"
	if len(schema) != len(name)+64 || schema[:len(name)] != name {
		t.Errorf("got schema %q, want %q and 64 digits", schema, name)
	}
	if diff := cmp.Diff(trace, bus.TraceFrom(stored.Header)); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

func TestTraceFromAnySpelling(t *testing.T) {
	for _, name := range []string{"traceparent", "Traceparent", "TRACEPARENT", "ce-traceparent", "Ce-Traceparent"} {
		if got := bus.TraceFrom(nats.Header{name: {"x"}}); got.Parent != "x" {
			t.Errorf("header %q was not read", name)
		}
	}
}

func TestPublishRefuses(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	p := bus.NewPublisher(js)
	ctx := within(t, 10*time.Second)
	subject := bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild)
	if err := p.Publish(ctx, bus.Message{Subject: subject, Body: []byte("{}")}); !errors.Is(err, bus.ErrNoID) {
		t.Errorf("without id: got %v, want %v", err, bus.ErrNoID)
	}
	var large *wire.TooLargeError
	if err := p.Publish(ctx, bus.Message{Subject: subject, ID: "x", Body: make([]byte, wire.MaxMessage+1)}); !errors.As(err, &large) {
		t.Errorf("too large: got %v, want a TooLargeError", err)
	}
	if err := p.Publish(ctx, bus.Message{Subject: subject, ID: "x", Body: make([]byte, wire.MaxMessage)}); err != nil {
		t.Errorf("exactly as large as allowed: %v", err)
	}
	if err := p.Publish(ctx, bus.Message{Subject: subject, ID: "y", At: time.Now()}); err == nil {
		t.Error("a timer on a subject of work was accepted")
	}
}

func TestFullStream(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{SizePercent: 1}) // WORK: 1.28 MiB
	ctx := within(t, 20*time.Second)
	var retries atomic.Int32
	p := bus.NewPublisher(js, bus.PublisherOptions{OnRetry: func(string) { retries.Add(1) }})
	work := func(i int) bus.Message {
		return bus.Message{Subject: bus.WorkSubject(bus.RoleManager, bus.VerbStart), ID: fmt.Sprintf("r%d.start", i), Body: make([]byte, 200<<10)}
	}
	var err error
	var i int
	for i = 0; i < 20 && err == nil; i++ {
		err = p.Publish(ctx, work(i))
	}
	if !errors.Is(err, bus.ErrFull) {
		t.Fatalf("after %d messages: got %v, want %v", i, err, bus.ErrFull)
	}
	if retries.Load() != 0 {
		t.Errorf("a full stream was tried %d times more: that belongs to whoever asked", retries.Load())
	}
	if err := p.Publish(ctx, work(0)); err != nil {
		t.Errorf("a repetition of what is stored, while full: %v, want success", err)
	}
}

// TestRetryWithTheSameID takes the server away under a publisher. What was confirmed must be there, once.
func TestRetryWithTheSameID(t *testing.T) {
	dir := t.TempDir()
	first := startServer(t, func(o *server.Options) { o.StoreDir, o.DontListen, o.Host, o.Port = dir, false, "127.0.0.1", -1 })
	port := first.Addr().(*net.TCPAddr).Port
	nc, err := nats.Connect(first.ClientURL(), nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectBufSize(64<<10))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx := within(t, 30*time.Second)
	if err := bus.Provision(ctx, js, bus.TopologyOptions{}); err != nil {
		t.Fatal(err)
	}
	first.Shutdown()
	first.WaitForShutdown()

	retried, published := make(chan struct{}, 16), make(chan error, 1)
	p := bus.NewPublisher(js, bus.PublisherOptions{Patience: bus.Patience{Timeout: 200 * time.Millisecond, Attempts: 12}, OnRetry: func(string) { retried <- struct{}{} }})
	go func() {
		published <- p.Publish(ctx, bus.Message{Subject: bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild), ID: "r.build.1.work", Body: []byte("{}")})
	}()
	for range 2 {
		select {
		case <-retried:
		case err := <-published:
			t.Fatalf("gave up while the server was away: %v", err)
		case <-ctx.Done():
			t.Fatal("no retry")
		}
	}
	startServer(t, func(o *server.Options) { o.StoreDir, o.DontListen, o.Host, o.Port = dir, false, "127.0.0.1", port })
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	if got := messages(t, js, bus.StreamWork); got != 1 {
		t.Errorf("got %d messages, want 1", got)
	}
}

func TestTimers(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 20*time.Second)
	p := bus.NewPublisher(js)
	set := func(name, id string, at time.Time) {
		t.Helper()
		err := p.Publish(ctx, bus.Message{Subject: bus.TimerSet("r1", name), ID: id, Body: []byte(id), At: at, RunID: "r1",
			Header: nats.Header{"traceparent": {"00-x"}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	// Just after a full second, so that truncating would make it almost a second early.
	due := time.Now().Truncate(time.Second).Add(2*time.Second + 50*time.Millisecond)
	set("deadline", "r1.deadline.1", due)
	set("replaced", "r1.replaced.1", due)
	set("replaced", "r1.replaced.2", due.Add(time.Second))
	set("replaced", "r1.replaced.2", due.Add(time.Hour)) // the same id changes nothing

	c, err := bus.Bind(ctx, js, bus.ConsumerManagerTimers)
	if err != nil {
		t.Fatal(err)
	}
	next := func() jetstream.Msg {
		t.Helper()
		m, err := c.Next(jetstream.FetchMaxWait(8 * time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.DoubleAck(ctx); err != nil {
			t.Fatal(err)
		}
		return m
	}
	m := next()
	if early := time.Until(due); early > 0 {
		t.Errorf("fired %s early", early)
	}
	if late := time.Since(due); late > 2*time.Second {
		t.Errorf("fired %s late, want at most about a second", late)
	}
	if m.Subject() != bus.TimerDue("r1", "deadline") || string(m.Data()) != "r1.deadline.1" {
		t.Errorf("got %s %q", m.Subject(), m.Data())
	}
	if m.Headers().Get("traceparent") != "00-x" || m.Headers().Get(bus.HeaderRun) != "r1" {
		t.Errorf("headers were lost on the way: %v", m.Headers())
	}
	if m := next(); string(m.Data()) != "r1.replaced.2" {
		t.Errorf("got %q, want the timer that replaced the first", m.Data())
	}
}

func TestCancelTimers(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	p := bus.NewPublisher(js)
	for _, run := range []string{"r1", "r2"} {
		for _, name := range []string{"deadline", "expiry"} {
			if err := p.Publish(ctx, bus.Message{Subject: bus.TimerSet(run, name), ID: run + name, Body: []byte("{}"), At: time.Now().Add(time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := p.CancelTimers(ctx, "r1"); err != nil {
		t.Fatal(err)
	}
	if got := messages(t, js, bus.StreamTimers); got != 2 {
		t.Errorf("got %d pending timers, want the 2 of the other run", got)
	}
	if err := p.CancelTimers(ctx, "*"); err == nil {
		t.Error("a wildcard was accepted as a run id")
	}
}

func TestDeadLetterKeepsWhatWasReceived(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	letter := bus.DeadLetter{
		Role: bus.RoleBuilder, Stream: bus.StreamWork, Sequence: 7, Subject: bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild),
		Body:   []byte("not json"),
		Header: nats.Header{"Nats-Msg-Id": {"old"}, "Nats-Expected-Stream": {bus.StreamWork}, "Proviso-Run-Id": {"r1"}, "X-Unknown": {"kept"}},
		Code:   "invalid", Reason: "two\nlines", Stage: "decode",
	}
	for range 2 { // whoever moves it, it is there once
		if err := bus.NewPublisher(js).Publish(ctx, letter.Message()); err != nil {
			t.Fatalf("a header of the original must not decide: %v", err)
		}
	}
	if got := messages(t, js, bus.StreamDLQ); got != 1 {
		t.Fatalf("got %d dead letters, want 1", got)
	}
	s, err := js.Stream(ctx, bus.StreamDLQ)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.GetLastMsgForSubject(ctx, bus.DLQSubject(bus.RoleBuilder, bus.VerbBuild))
	if err != nil {
		t.Fatal(err)
	}
	want := nats.Header{
		"Nats-Msg-Id": {"WORK.7"}, "Proviso-Run-Id": {"r1"}, "X-Unknown": {"kept"},
		"Proviso-Error-Code": {"invalid"}, "Proviso-Error-Reason": {"two lines"}, "Proviso-Error-Stage": {"decode"},
		"Proviso-Error-Subject": {letter.Subject},
	}
	if diff := cmp.Diff(want, got.Header); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if string(got.Data) != "not json" {
		t.Errorf("got body %q, want the original bytes", got.Data)
	}
}
