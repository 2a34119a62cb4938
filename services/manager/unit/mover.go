package manager

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/wire"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// codeExhausted is the code of a message that killed or silenced everybody who took it.
const codeExhausted = "exhausted"

// mover takes messages that a consumer gave up on to the dead letters. Such a message stays in its stream, where nobody sees
// it any more, and the server only says its number. It is the net under crash loops: whoever can still speak buries its own.
type mover struct{ env *agent.Env }

// advisory handles one MAX_DELIVERIES advisory. Doing it twice is harmless: the dead letter has the id of the message, and
// the message is deleted last.
func (v *mover) advisory(ctx context.Context, d agent.Delivery) error {
	var a struct {
		Stream     string `json:"stream"`
		Consumer   string `json:"consumer"`
		Sequence   uint64 `json:"stream_seq"`
		Deliveries int    `json:"deliveries"`
	}
	if err := json.Unmarshal(d.Data, &a); err != nil {
		return agent.Terminate(codeInvalid, "advisory: "+err.Error())
	}
	stream, err := v.env.JS.Stream(ctx, a.Stream)
	if err != nil {
		return fmt.Errorf("open stream %s: %w", a.Stream, err)
	}
	msg, err := stream.GetMsg(ctx, a.Sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s/%d: %w", a.Stream, a.Sequence, err)
	}
	letter := bus.DeadLetter{
		Role: bus.RoleManager, Stream: a.Stream, Sequence: a.Sequence, Subject: msg.Subject, Body: msg.Data, Header: msg.Header,
		Code: codeExhausted, Reason: fmt.Sprintf("%s gave up after %d deliveries", a.Consumer, a.Deliveries), Stage: "deliver",
	}
	if role, _, ok := bus.ParseWork(msg.Subject); ok {
		letter.Role = role
		if err := v.fail(ctx, role, msg); err != nil {
			return err
		}
	}
	if err := v.env.Publish.Publish(ctx, letter.Message()); err != nil {
		return err
	}
	v.env.Metrics.DeadLetters.WithLabelValues(string(letter.Role), codeExhausted).Inc()
	v.env.Log.Error("message became a dead letter", "subject", msg.Subject, "code", codeExhausted, "reason", letter.Reason)
	if err := stream.DeleteMsg(ctx, a.Sequence); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("delete %s/%d: %w", a.Stream, a.Sequence, err)
	}
	return nil
}

// fail says in the agent's place that the step came to nothing, so that no run waits for it. Work that is no step, or that
// cannot be read, belongs to no attempt.
func (v *mover) fail(ctx context.Context, role bus.Role, msg *jetstream.RawStreamMsg) error {
	item, err := wire.DecodeField[*provisov1.WorkItem](msg.Data, "item", wire.OwnServices)
	if err != nil || role == bus.RoleManager || !bus.ValidID(item.GetRunId()) {
		return nil
	}
	body, err := wire.Encode(&provisov1.StepFailed{
		RunId: item.GetRunId(), Step: item.GetStep(), Attempt: item.GetAttempt(), At: timestamppb.New(v.env.Now()),
		Reason: &provisov1.Refusal{Code: codeExhausted, Message: i18n.T(item.GetLanguage(), "manager.reason.exhausted")},
	})
	if err != nil {
		return err
	}
	return v.env.Publish.Publish(ctx, bus.Message{
		Subject: bus.EventSubject(bus.RoleManager, bus.KindStepFailed, item.GetRunId()),
		ID:      fmt.Sprintf("%s.%s.%d.exhausted", item.GetRunId(), item.GetStep(), item.GetAttempt()),
		Type:    "proviso.v1.StepFailed", Body: body, RunID: item.GetRunId(), Attempt: int(item.GetAttempt()),
	})
}
