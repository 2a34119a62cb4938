package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
)

const (
	// streamRetry is how long a client waits before it reconnects.
	streamRetry = 2 * time.Second
	// streamWriteTimeout bounds one write to a client that does not read.
	streamWriteTimeout = 10 * time.Second
	// endPatience is how long after a run's end its last event may still come: the manager stores first and tells then, and
	// its reconciler finds what it left untold within two minutes.
	endPatience = 5 * time.Minute
	// eventBuffer is how many events may wait for a slow client before the bus is asked to pause.
	eventBuffer = 64
)

// streamEvents sends the events of a run as they happen, from the beginning or after Last-Event-ID, and ends after the
// run's end. Each event's id is its sequence in the stream EVENTS, so any replica can go on where another stopped.
func (d *door) streamEvents(w http.ResponseWriter, r *http.Request) error {
	v, err := d.loadFrom(r)
	if err != nil {
		return err
	}
	lang := v.run.GetLanguage()
	last, err := lastEventID(r)
	if err != nil {
		return err
	}
	if d.streams.Add(1) > int64(d.cfg.MaxStreams) {
		d.streams.Add(-1)
		return &problem{code: codeStreams, retryAfter: 5 * time.Second, language: lang}
	}
	d.countStream(+1)
	defer func() { d.streams.Add(-1); d.countStream(-1) }()

	begin, err := d.beginningOf(r.Context(), v, last)
	if err != nil {
		return err
	}
	if begin.over {
		w.WriteHeader(http.StatusNoContent) // tells an EventSource to stop reconnecting
		return nil
	}
	s := &eventStream{w: w, control: http.NewResponseController(w)}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	h.Set("Content-Language", lang)
	w.WriteHeader(http.StatusOK)
	if err := s.write("retry: %d\n\n", streamRetry.Milliseconds()); err != nil {
		return nil // the client has gone
	}
	if begin.snapshot {
		if err := s.event(0, "snapshot", v.body); err != nil {
			return nil
		}
		if begin.noEnd {
			return nil
		}
	}
	return d.follow(r.Context(), s, v.run.GetRunId(), last+1)
}

// beginning says how a stream begins.
type beginning struct {
	over     bool // the client has seen the run's end
	snapshot bool // events are gone that the client has not seen: send the run itself first
	noEnd    bool // the run has ended and its last event is gone: nothing will follow
}

// beginningOf finds out whether events are missing. Only a resumed stream or an ended run can miss some.
func (d *door) beginningOf(ctx context.Context, v *runView, last uint64) (beginning, error) {
	var b beginning
	if isEnd(v.run.GetState()) {
		end, err := d.events.GetLastMsgForSubject(ctx, bus.EventSubject(bus.RoleManager, bus.KindEnded, v.run.GetRunId()))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound) && d.env.Now().Sub(v.run.GetUpdatedAt().AsTime()) < endPatience:
			// The end is stored and will be told in a moment.
		case errors.Is(err, jetstream.ErrMsgNotFound):
			return beginning{snapshot: true, noEnd: true}, nil
		case err != nil:
			return b, fmt.Errorf("read the run's end: %w", err)
		}
		b.over = end != nil && last >= end.Sequence
	}
	if last == 0 || b.over {
		return b, nil
	}
	info, err := d.events.Info(ctx)
	if err != nil {
		return b, fmt.Errorf("ask for stream %s: %w", bus.StreamEvents, err)
	}
	b.snapshot = last+1 < info.State.FirstSeq
	return b, nil
}

// follow sends events from a sequence on until the run's end, the client's departure or the gateway's stop.
func (d *door) follow(ctx context.Context, s *eventStream, run string, from uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	consumer, err := d.env.JS.OrderedConsumer(ctx, bus.StreamEvents, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{bus.EventsOf(run)},
		DeliverPolicy:  jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:    max(from, 1),
	})
	if err != nil {
		return fmt.Errorf("follow events: %w", err)
	}
	messages := make(chan jetstream.Msg, eventBuffer)
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		select {
		case messages <- m:
		case <-ctx.Done():
		}
	}, jetstream.PullMaxMessages(eventBuffer))
	if err != nil {
		return fmt.Errorf("follow events: %w", err)
	}
	defer consuming.Stop()

	ping := time.NewTicker(d.cfg.StreamPing)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.stopping:
			return nil // the client reconnects, to another replica or to our successor
		case <-ping.C:
			if s.write(": still here\n\n") != nil {
				return nil
			}
		case m := <-messages:
			meta, err := m.Metadata()
			if err != nil {
				return fmt.Errorf("read an event's sequence: %w", err)
			}
			_, kind, _, ok := bus.ParseEvent(m.Subject())
			if !ok {
				continue
			}
			if s.event(meta.Sequence.Stream, kind, m.Data()) != nil {
				return nil
			}
			if kind == bus.KindEnded {
				return nil
			}
		}
	}
}

// eventStream writes server-sent events.
type eventStream struct {
	w       io.Writer
	control *http.ResponseController
}

// event sends one event; id 0 sends none, so that the client keeps the id it has.
func (s *eventStream) event(id uint64, kind string, data []byte) error {
	var b bytes.Buffer
	if id > 0 {
		fmt.Fprintf(&b, "id: %d\n", id)
	}
	fmt.Fprintf(&b, "event: %s\n", kind)
	for line := range bytes.Lines(data) {
		fmt.Fprintf(&b, "data: %s\n", bytes.TrimRight(line, "\r\n"))
	}
	return s.write("%s\n", b.Bytes())
}

func (s *eventStream) write(format string, args ...any) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(streamWriteTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil {
		return err
	}
	return s.control.Flush()
}

// lastEventID is the sequence of the last event that a client has seen; 0: none.
func lastEventID(r *http.Request) (uint64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, &problem{code: codeBadParameter, args: []any{"name", "Last-Event-ID", "example", "1234"}}
	}
	return id, nil
}
