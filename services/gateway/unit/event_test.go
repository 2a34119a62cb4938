package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
	provisov1 "proviso.dev/proto/proviso/v1"
	gateway "proviso.dev/services/gateway/unit"
)

// sse is an event stream as a client sees it.
type sse struct {
	opened chan int      // its status, once
	lines  chan string   // "id event" of each event, or ":" for a comment
	ended  chan struct{} // closed when the gateway ends it
}

// stream opens the event stream of a run; it is read until it ends or the test does.
func (h *house) stream(run, lastEventID string) *sse {
	h.t.Helper()
	s := &sse{opened: make(chan int, 1), lines: make(chan string, 64), ended: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	h.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", h.url+"/v1/runs/"+run+"/events", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	go func() {
		defer close(s.ended)
		defer cancel()
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			s.opened <- 0
			return
		}
		defer func() { _ = resp.Body.Close() }()
		s.opened <- resp.StatusCode
		id, event := "", ""
		lines := bufio.NewScanner(resp.Body)
		for lines.Scan() {
			switch field, value, _ := strings.Cut(lines.Text(), ": "); {
			case field == "id":
				id = value
			case field == "event":
				event = value
			case field == "retry":
				s.lines <- "retry " + value
			case strings.HasPrefix(lines.Text(), ":"):
				s.lines <- ":"
			case lines.Text() == "" && event != "":
				s.lines <- strings.TrimSpace(id + " " + event)
				id, event = "", ""
			}
		}
	}()
	return s
}

// rest returns what a stream sends until it ends.
func (s *sse) rest(t *testing.T) []string {
	t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Fatal("the stream does not end")
	}
	close(s.lines)
	var got []string
	for line := range s.lines {
		got = append(got, line)
	}
	return got
}

func changed(run, state string) *provisov1.RunChanged {
	return &provisov1.RunChanged{RunId: run, State: state, At: timestamppb.New(now)}
}

// A client sees every event of its run once and in order, also when it comes back in the middle, and the stream ends with
// the run.
func TestEventsAndReplay(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	h.store(&provisov1.Run{RunId: "r-1", State: "building", Language: "en"})
	one := h.tell(bus.RoleManager, bus.KindState, "r-1", "1", changed("r-1", "understanding"))
	h.tell(bus.RoleManager, bus.KindState, "r-2", "1", changed("r-2", "understanding")) // of another run
	two := h.tell(bus.RoleManager, bus.KindState, "r-1", "2", changed("r-1", "collecting"))

	whole := h.stream("r-1", "")
	if status := receive(t, whole.opened); status != http.StatusOK {
		t.Fatalf("got %d", status)
	}
	for _, want := range []string{"retry 2000", fmt.Sprintf("%d state", one), fmt.Sprintf("%d state", two)} {
		if got := receive(t, whole.lines); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	back := h.stream("r-1", fmt.Sprint(one)) // comes back while the run goes on
	three := h.tell(bus.RoleBuilder, bus.KindProgress, "r-1", "3", &provisov1.Progress{RunId: "r-1", Step: "build", Kind: "iteration", At: timestamppb.New(now)})
	h.store(&provisov1.Run{RunId: "r-1", State: "delivered", Language: "en"})
	four := h.tell(bus.RoleManager, bus.KindEnded, "r-1", "4", changed("r-1", "delivered"))

	tail := []string{fmt.Sprintf("%d progress", three), fmt.Sprintf("%d ended", four)}
	if diff := cmp.Diff(tail, whole.rest(t)); diff != "" {
		t.Errorf("rest of the first stream (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(append([]string{"retry 2000", fmt.Sprintf("%d state", two)}, tail...), back.rest(t)); diff != "" {
		t.Errorf("the stream that came back (-want +got):\n%s", diff)
	}
	if got := receive(t, h.stream("r-1", fmt.Sprint(four)).opened); got != http.StatusNoContent {
		t.Errorf("after the end: got %d, want 204 so that the client stops", got)
	}
}

// What the stream has forgotten is made up for by the run itself.
func TestEventsArePurged(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	h.store(&provisov1.Run{RunId: "r-1", State: "delivered", Language: "en", UpdatedAt: timestamppb.New(now.Add(-15 * 24 * time.Hour))})
	last := h.tell(bus.RoleManager, bus.KindEnded, "r-1", "1", changed("r-1", "delivered"))
	h.store(&provisov1.Run{RunId: "r-2", State: "building", Language: "en"})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	events, err := h.js.Stream(ctx, bus.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"a", "b", "c"} {
		h.tell(bus.RoleManager, bus.KindState, "r-2", n, changed("r-2", "building"))
	}
	if err := events.Purge(ctx, jetstream.WithPurgeSequence(last+3)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"retry 2000", "snapshot"}, h.stream("r-1", "").rest(t)); diff != "" {
		t.Errorf("an ended run whose events are gone (-want +got):\n%s", diff)
	}
	back := h.stream("r-2", fmt.Sprint(last))
	for _, want := range []string{"retry 2000", "snapshot", fmt.Sprintf("%d state", last+3)} {
		if got := receive(t, back.lines); got != want {
			t.Errorf("a run whose oldest events are gone: got %q, want %q", got, want)
		}
	}
}

func TestSilentStreamSaysSo(t *testing.T) {
	h := newHouse(t, gateway.Config{StreamPing: 20 * time.Millisecond})
	h.store(&provisov1.Run{RunId: "r-1", State: "building", Language: "en"})
	s := h.stream("r-1", "")
	receive(t, s.lines) // retry
	if got := receive(t, s.lines); got != ":" {
		t.Errorf("got %q, want a comment", got)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	h := newHouse(t, gateway.Config{MaxStreams: 1})
	h.store(&provisov1.Run{RunId: "r-1", State: "building", Language: "en"})
	first := h.stream("r-1", "")
	receive(t, first.lines)
	if got := receive(t, h.stream("r-1", "").opened); got != http.StatusTooManyRequests {
		t.Errorf("second stream: got %d, want 429", got)
	}
}
