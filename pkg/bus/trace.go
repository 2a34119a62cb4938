package bus

import (
	"context"
	"strings"

	"github.com/nats-io/nats.go"
)

// Trace is the W3C trace context that travels with messages. It is carried verbatim: nothing here starts a span.
type Trace struct {
	Parent string // header traceparent; empty: no trace
	State  string // header tracestate; often empty
}

// TraceFrom reads the trace context of a message. nats.Header keeps the sender's spelling and senders differ, so names are
// compared without case; CloudEvents carry it as ce-traceparent.
func TraceFrom(h nats.Header) Trace {
	var t Trace
	for name, values := range h {
		if len(values) == 0 {
			continue
		}
		switch strings.TrimPrefix(strings.ToLower(name), "ce-") {
		case headerTraceparent:
			t.Parent = values[0]
		case headerTracestate:
			t.State = values[0]
		}
	}
	return t
}

type traceKey struct{}

// WithTrace returns a context whose publications carry the trace. A trace without parent changes nothing.
func WithTrace(ctx context.Context, t Trace) context.Context {
	if t.Parent == "" {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf returns the trace of a context; zero when it has none.
func TraceOf(ctx context.Context) Trace {
	t, _ := ctx.Value(traceKey{}).(Trace)
	return t
}

// put writes the trace in lower case.
func (t Trace) put(h nats.Header) {
	if t.Parent == "" {
		return
	}
	h[headerTraceparent] = []string{t.Parent}
	if t.State != "" {
		h[headerTracestate] = []string{t.State}
	}
}
