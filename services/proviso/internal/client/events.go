package client

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Event is something that happened in a run. Exactly one field is set.
type Event struct {
	Changed   *provisov1.RunChanged
	Succeeded *provisov1.StepSucceeded
	Failed    *provisov1.StepFailed
	Progress  *provisov1.Progress
	Snapshot  *provisov1.Run // events are lost, so the run itself was sent
}

// ErrStop is what a handler of events returns to end the stream without an error.
var ErrStop = errors.New("enough")

// maxEvent bounds one line of an event stream, in bytes.
const maxEvent = 1 << 20

// Events hands each event of a run to a function until the run ends, the function returns an error, or ctx ends. A broken
// stream is taken up again after the last event that was handed over.
func (c *Client) Events(ctx context.Context, run string, handle func(Event) error) error {
	last := ""
	for failures := 0; ; {
		before := last
		over, err := c.stream(ctx, run, &last, handle)
		var unreachable *UnreachableError
		var p *Problem
		switch {
		case errors.Is(err, ErrStop):
			return nil
		case err == nil && over:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &p) && p.Status == http.StatusServiceUnavailable, errors.As(err, &unreachable):
		case err != nil:
			return err
		}
		if failures++; last != before {
			failures = 1
		}
		if failures == attempts {
			if err == nil {
				err = &UnreachableError{Server: c.server(), Err: io.ErrUnexpectedEOF}
			}
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond << failures):
		}
	}
}

// stream reads one connection's events. over: the run has ended and nothing will follow.
func (c *Client) stream(ctx context.Context, run string, last *string, handle func(Event) error) (over bool, err error) {
	header := http.Header{"Accept": {"text/event-stream"}}
	if *last != "" {
		header.Set("Last-Event-ID", *last)
	}
	resp, err := c.send(ctx, http.MethodGet, "/v1/runs/"+url.PathEscape(run)+"/events", nil, header)
	if err != nil {
		return false, err
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNoContent:
		return true, nil
	default:
		data, _ := io.ReadAll(io.LimitReader(resp.Body, maxEvent))
		return false, problemOf(resp, data)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 0, 64<<10), maxEvent)
	var id, kind string
	var data bytes.Buffer
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			data.WriteString(value)
			data.WriteByte('\n')
		case "":
			if kind == "" {
				continue
			}
			e, err := decodeEvent(kind, data.Bytes())
			if err != nil {
				return false, err
			}
			if err := handle(e); err != nil {
				return false, err
			}
			if id != "" {
				*last = id
			}
			if kind == bus.KindEnded || (e.Snapshot != nil && Ended(e.Snapshot.GetState())) {
				return true, nil
			}
			id, kind = "", ""
			data.Reset()
		}
	}
	if err := lines.Err(); err != nil {
		return false, &UnreachableError{Server: c.server(), Err: err}
	}
	return false, nil // the gateway stops; another one goes on
}

func decodeEvent(kind string, data []byte) (Event, error) {
	var e Event
	var err error
	switch kind {
	case bus.KindState, bus.KindEnded:
		e.Changed, err = wire.Decode[*provisov1.RunChanged](data, wire.OwnServices)
	case bus.KindStepSucceeded:
		e.Succeeded, err = wire.Decode[*provisov1.StepSucceeded](data, wire.OwnServices)
	case bus.KindStepFailed:
		e.Failed, err = wire.Decode[*provisov1.StepFailed](data, wire.OwnServices)
	case bus.KindProgress:
		e.Progress, err = wire.Decode[*provisov1.Progress](data, wire.OwnServices)
	case "snapshot":
		e.Snapshot, err = wire.Decode[*provisov1.Run](data, wire.OwnServices)
	default:
		return e, nil // of a newer gateway
	}
	if err != nil {
		return Event{}, fmt.Errorf("read event %s: %w", kind, err)
	}
	return e, nil
}
