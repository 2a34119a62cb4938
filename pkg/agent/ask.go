package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
	"google.golang.org/protobuf/proto"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
)

// Ask asks a role a short question and waits for the answer until ctx ends. The error is ErrNobodyAnswers when no unit of the
// role serves the verb now, a *QueryError with what the role said when it could not answer, or that of the transport.
func Ask[A proto.Message](ctx context.Context, nc *nats.Conn, role bus.Role, verb string, question proto.Message) (A, error) {
	var none A
	body, err := wire.Encode(question)
	if err != nil {
		return none, fmt.Errorf("encode question: %w", err)
	}
	msg, err := nc.RequestWithContext(ctx, bus.RPCSubject(role, verb), body)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return none, fmt.Errorf("ask %s: %w", role, ErrNobodyAnswers)
	case err != nil:
		return none, fmt.Errorf("ask %s: %w", role, err)
	}
	if code := msg.Header.Get(micro.ErrorCodeHeader); code != "" {
		return none, &QueryError{Code: code, Message: msg.Header.Get(micro.ErrorHeader)}
	}
	return wire.Decode[A](msg.Data, wire.OwnServices)
}
