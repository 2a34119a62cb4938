package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"google.golang.org/protobuf/proto"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
)

// queryTimeout bounds the answer to one query: whoever asked has given up by then.
const queryTimeout = 5 * time.Second

// Codes of queries that were not answered. They stand in the header Nats-Service-Error-Code, a sentence in English in
// Nats-Service-Error.
const (
	QueryInvalid  = "invalid"   // the question is not what the contract says
	QueryTooLarge = "too_large" // the question exceeds the limit
	QueryFailed   = "internal"  // the question could not be answered
)

// QueryError is returned by a query's function that wants a code of its own.
type QueryError struct {
	Code    string // stable, lower case
	Message string // one sentence, in English
}

// Error is the sentence.
func (e *QueryError) Error() string { return e.Message }

// A Query is a short idempotent question and the function that answers it.
type Query struct {
	Verb   string
	answer func(ctx context.Context, data []byte) (proto.Message, error)
}

// NewQuery returns the query of a verb. The function is given a valid request; its context ends when the unit stops.
func NewQuery[Q, A proto.Message](verb string, answer func(ctx context.Context, request Q) (A, error)) Query {
	return Query{Verb: verb, answer: func(ctx context.Context, data []byte) (proto.Message, error) {
		request, err := wire.Decode[Q](data, wire.OwnServices)
		if err != nil {
			return nil, err
		}
		return answer(ctx, request)
	}}
}

// ServeQueries answers queries of the unit's role until stop is called: then no more are taken, and what was received is
// answered while the connection drains. The replicas of a role share the questions.
func ServeQueries(ctx context.Context, env *Env, queries ...Query) (stop func(), err error) {
	name := "proviso-" + string(env.Role)
	service, err := micro.AddService(env.NC, micro.Config{Name: name, Version: "1.0.0", Description: "short queries of the " + string(env.Role)})
	if err != nil {
		return nil, fmt.Errorf("add service %s: %w", name, err)
	}
	stop = func() {
		// The server must have heard of it before the unit says that it has stopped.
		if err := errors.Join(service.Stop(), env.NC.FlushTimeout(queryTimeout)); err != nil && !errors.Is(err, nats.ErrConnectionClosed) && !errors.Is(err, nats.ErrConnectionDraining) {
			env.Log.Warn("queries not drained", "error", err)
		}
	}
	for _, q := range queries {
		err := service.AddEndpoint(q.Verb, micro.HandlerFunc(func(r micro.Request) { q.serve(ctx, env, r) }),
			micro.WithEndpointSubject(bus.RPCSubject(env.Role, q.Verb)))
		if err != nil {
			stop()
			return nil, fmt.Errorf("serve query %s: %w", q.Verb, err)
		}
	}
	return stop, nil
}

// serve answers one question.
func (q Query) serve(ctx context.Context, env *Env, r micro.Request) {
	began := time.Now()
	header := nats.Header(r.Headers())
	ctx, cancel := context.WithTimeout(bus.WithTrace(ctx, bus.TraceFrom(header)), queryTimeout)
	defer cancel()

	outcome := observe.OutcomeOK
	body, err := q.call(ctx, env, r.Data())
	if err == nil {
		err = r.Respond(body)
	} else {
		outcome = observe.OutcomeFailed
		code, message := codeOf(err)
		if code == QueryFailed {
			env.Log.Error("query not answered", "verb", q.Verb, "error", err)
		}
		err = r.Error(code, message, nil)
	}
	if err != nil {
		env.Log.Warn("answer not sent", "verb", q.Verb, "error", err)
	}
	agent, class := string(env.Role), bus.SubjectClass(r.Subject())
	env.Metrics.Messages.WithLabelValues(agent, class, outcome).Inc()
	env.Metrics.ProcessDuration.WithLabelValues(agent, class, outcome).Observe(time.Since(began).Seconds())
}

// call answers and encodes; a panic counts as an error.
func (q Query) call(ctx context.Context, env *Env, data []byte) (body []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			logPanic(env.Log, r, "verb", q.Verb)
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	answer, err := q.answer(ctx, data)
	if err != nil {
		return nil, err
	}
	if err := wire.Validate(answer); err != nil {
		return nil, fmt.Errorf("answer: %v", err) //nolint:errorlint // The requester's question is not what is invalid.
	}
	return wire.Encode(answer)
}

// codeOf is what the requester is told. The reason of an internal failure stays in the log.
func codeOf(err error) (code, message string) {
	var own *QueryError
	var tooLarge *wire.TooLargeError
	var syntax *wire.SyntaxError
	var invalid *wire.InvalidError
	switch {
	case errors.As(err, &own):
		return own.Code, own.Message
	case errors.As(err, &tooLarge):
		return QueryTooLarge, tooLarge.Error()
	case errors.As(err, &syntax):
		return QueryInvalid, syntax.Error()
	case errors.As(err, &invalid):
		return QueryInvalid, invalid.Error()
	}
	return QueryFailed, "the query could not be answered"
}
