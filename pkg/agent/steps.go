package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// StepFunc does one step of a run. It decodes its own message from w.Data and returns the result with only the member of
// `result` set; run, step, attempt, time and duration are filled in. What it may return as error: a *[Failure]; an error of
// [wire.Decode], which makes the work a dead letter; anything else is reported as an internal, retryable failure and logged.
// Its context ends at the work's deadline and when the unit stops. It may be called twice for the same work.
type StepFunc func(ctx context.Context, w Work) (*provisov1.StepSucceeded, error)

// Work is one piece of work as a [StepFunc] sees it.
type Work struct {
	Verb     string
	Item     *provisov1.WorkItem // which step of which run
	Data     []byte              // the whole message, JSON
	Header   nats.Header
	Delivery int // from 1; above 1 somebody may have begun it before
	// Progress publishes something to show. The n-th call for the same attempt has the same message id whoever makes it, so
	// that a step done twice shows its progress once. Run, step and time are filled in where they are missing.
	Progress func(ctx context.Context, p *provisov1.Progress) error
}

// ServeSteps takes the work of a role and publishes what came of each piece as step_succeeded or step_failed, before it
// acknowledges: whoever dies in between leaves a duplicate, which the stream recognises, and never a gap. It returns as
// [Consume] does.
func ServeSteps(ctx context.Context, env *Env, consumer bus.Consumer, concurrency int, verbs map[string]StepFunc) error {
	classes := make([]string, 0, len(verbs))
	for verb := range maps.Keys(verbs) {
		classes = append(classes, "work."+verb)
	}
	env.Metrics.InitAgent(string(env.Role), classes...)
	s := steps{env: env, verbs: verbs}
	l := loop{env: env, consumer: consumer, concurrency: concurrency, handle: s.handle, dead: s.dead}
	return l.run(ctx)
}

type steps struct {
	env   *Env
	verbs map[string]StepFunc
}

// stepFailed says that a step failed and that everybody has been told: the work is done.
type stepFailed struct{ err error }

func (e *stepFailed) Error() string { return e.err.Error() }

func (s *steps) handle(ctx context.Context, d Delivery) error {
	_, verb, ok := bus.ParseWork(d.Subject)
	if !ok {
		return Terminate("unknown_verb", "not a subject of work")
	}
	step, ok := s.verbs[verb]
	if !ok {
		return Terminate("unknown_verb", fmt.Sprintf("verb %q is not served by %s", verb, s.env.Role))
	}
	item, err := wire.DecodeField[*provisov1.WorkItem](d.Data, "item", wire.OwnServices)
	if err != nil {
		return Terminate("invalid", err.Error())
	}
	began := time.Now()
	result, err := s.work(ctx, step, verb, item, d)
	if err == nil {
		return s.succeeded(ctx, item, result, time.Since(began))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if broken(err) {
		return Terminate("invalid", err.Error()) // the loop reports it through dead
	}
	s.env.Log.Warn("step failed", "run_id", item.GetRunId(), "verb", verb, "delivery", d.Attempt, "error", err)
	if err := s.failed(ctx, item, s.failure(item, err)); err != nil {
		return err
	}
	return &stepFailed{err: err}
}

// work runs the step under its deadline and turns a panic into an internal failure.
func (s *steps) work(ctx context.Context, step StepFunc, verb string, item *provisov1.WorkItem, d Delivery) (result *provisov1.StepSucceeded, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
			logPanic(s.env.Log, r, "subject", d.Subject, "run_id", item.GetRunId())
		}
	}()
	if item.GetDeadline() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, item.GetDeadline().AsTime())
		defer cancel()
	}
	w := Work{Verb: verb, Item: item, Data: d.Data, Header: d.Header, Delivery: d.Attempt, Progress: s.progress(item)}
	result, err = step(ctx, w)
	if err == nil && result == nil {
		err = errors.New("step returned neither result nor error")
	}
	return result, err
}

func (s *steps) succeeded(ctx context.Context, item *provisov1.WorkItem, result *provisov1.StepSucceeded, worked time.Duration) error {
	if ctx.Err() != nil {
		// The unit is stopping and the work is done: to tell takes less than to let somebody else do it again.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
		defer cancel()
	}
	result.RunId, result.Step, result.Attempt = item.GetRunId(), item.GetStep(), item.GetAttempt()
	result.At = timestamppb.New(s.env.Now())
	result.WorkedMs = float64(worked.Microseconds()) / 1000
	if err := wire.Validate(result); err != nil {
		// Our own result breaks our own contract: to try again would break it again, and the manager could not read it.
		s.env.Log.Error("result is invalid", "run_id", item.GetRunId(), "verb", item.GetStep(), "error", err)
		if err := s.failed(ctx, item, s.internal(item)); err != nil {
			return err
		}
		return &stepFailed{err: err}
	}
	failpoint.Hit(failpoint.AgentBeforePublish)
	err := s.publish(ctx, item, bus.KindStepSucceeded, "succeeded", result)
	if _, ok := errors.AsType[*wire.TooLargeError](err); ok {
		s.env.Log.Error("result is too large", "run_id", item.GetRunId(), "verb", item.GetStep(), "error", err)
		if err := s.failed(ctx, item, s.internal(item)); err != nil {
			return err
		}
		return &stepFailed{err: err}
	}
	if err != nil {
		return err
	}
	failpoint.Hit(failpoint.AgentAfterPublish)
	return nil
}

func (s *steps) failed(ctx context.Context, item *provisov1.WorkItem, f *Failure) error {
	m := &provisov1.StepFailed{
		RunId: item.GetRunId(), Step: item.GetStep(), Attempt: item.GetAttempt(), At: timestamppb.New(s.env.Now()),
		Reason:    &provisov1.Refusal{Code: f.Code, Message: f.Message},
		Retryable: f.Retryable,
	}
	if err := wire.Validate(m); err != nil {
		s.env.Log.Error("failure is invalid", "run_id", item.GetRunId(), "verb", item.GetStep(), "error", err)
		internal := s.internal(item)
		m.Reason = &provisov1.Refusal{Code: internal.Code, Message: internal.Message}
	}
	return s.publish(ctx, item, bus.KindStepFailed, "failed", m)
}

func (s *steps) progress(item *provisov1.WorkItem) func(context.Context, *provisov1.Progress) error {
	var count atomic.Int32
	return func(ctx context.Context, p *provisov1.Progress) error {
		n := count.Add(1)
		p.RunId, p.Step = item.GetRunId(), item.GetStep()
		if p.GetAt() == nil {
			p.At = timestamppb.New(s.env.Now())
		}
		return s.publish(ctx, item, bus.KindProgress, "progress."+strconv.Itoa(int(n)), p)
	}
}

func (s *steps) publish(ctx context.Context, item *provisov1.WorkItem, kind, action string, m proto.Message) error {
	body, err := wire.Encode(m)
	if err != nil {
		return err
	}
	return s.env.Publish.Publish(ctx, bus.Message{
		Subject: bus.EventSubject(s.env.Role, kind, item.GetRunId()),
		ID:      bus.StepID(item.GetRunId(), item.GetStep(), int(item.GetAttempt()), action),
		Body:    body, Type: wire.TypeName(m), RunID: item.GetRunId(), Attempt: int(item.GetAttempt()),
	})
}

// failure is what to tell about an error of a step.
func (s *steps) failure(item *provisov1.WorkItem, err error) *Failure {
	var f *Failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, context.DeadlineExceeded):
		return &Failure{Code: "deadline", Message: i18n.T(item.GetLanguage(), "agent.deadline"), Retryable: true}
	default:
		return s.internal(item)
	}
}

func (s *steps) internal(item *provisov1.WorkItem) *Failure {
	return &Failure{Code: "internal", Message: i18n.T(item.GetLanguage(), "agent.internal"), Retryable: true}
}

// dead reports a piece of work that becomes a dead letter, so that no run waits for it. Where the body cannot be read the
// headers say which run it was.
func (s *steps) dead(ctx context.Context, d Delivery, code, _ string) error {
	item, err := wire.DecodeField[*provisov1.WorkItem](d.Data, "item", wire.OwnServices)
	if err != nil {
		item = itemOfHeaders(d)
	}
	if item == nil {
		return nil // nobody's
	}
	return s.failed(ctx, item, &Failure{Code: code, Message: i18n.T(item.GetLanguage(), "agent.dead"), Retryable: code == "exhausted"})
}

func itemOfHeaders(d Delivery) *provisov1.WorkItem {
	_, verb, ok := bus.ParseWork(d.Subject)
	run := d.Header.Get(bus.HeaderRun)
	attempt, err := strconv.ParseInt(d.Header.Get(bus.HeaderAttempt), 10, 32)
	if !ok || !bus.ValidID(run) || err != nil || attempt < 1 {
		return nil
	}
	return &provisov1.WorkItem{RunId: run, Step: verb, Attempt: int32(attempt)}
}

// broken reports whether an error means that a message does not keep the contract.
func broken(err error) bool {
	var syntax *wire.SyntaxError
	var invalid *wire.InvalidError
	var large *wire.TooLargeError
	return errors.As(err, &syntax) || errors.As(err, &invalid) || errors.As(err, &large)
}
