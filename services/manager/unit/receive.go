package manager

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/wire"
	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Codes of dead letters.
const (
	codeInvalid     = "invalid"
	codeUnknownVerb = "unknown_verb"
	codeUnknownRun  = "unknown_run"
)

const (
	// aheadPause is how long a message waits for the run to catch up, and aheadDeliveries how often. What never comes to fit
	// belongs to a run that does not exist any more.
	aheadPause      = 200 * time.Millisecond
	aheadDeliveries = 10
)

// work handles what front doors ask of the manager.
func (l *leader) work(ctx context.Context, d agent.Delivery) error {
	_, verb, ok := bus.ParseWork(d.Subject)
	if !ok {
		return agent.Terminate(codeUnknownVerb, d.Subject)
	}
	switch verb {
	case bus.VerbStart:
		return received(d, func(s *provisov1.StartRun) error {
			if s.GetText() == "" && s.GetIntent() == nil {
				return agent.Terminate(codeInvalid, "proviso.v1.StartRun: neither text nor intent")
			}
			return l.take(ctx, d, s.GetRunId(), l.start(s))
		})
	case bus.VerbAnswer:
		return received(d, func(a *provisov1.AnswerRun) error {
			return l.take(ctx, d, a.GetRunId(), saga.Answers{
				Now: l.now(), ID: a.GetMessageId(), Answers: saga.AnswersFromContract(a.GetAnswers()),
				Who: requester(a.GetRequester()), Notices: a.GetNotices(),
			})
		})
	case bus.VerbCancel:
		return received(d, func(c *provisov1.CancelRun) error {
			return l.take(ctx, d, c.GetRunId(), saga.Cancel{Now: l.now(), ID: c.GetMessageId(), Who: requester(c.GetRequester())})
		})
	}
	return agent.Terminate(codeUnknownVerb, verb)
}

// event handles the results of steps.
func (l *leader) event(ctx context.Context, d agent.Delivery) error {
	role, kind, run, ok := bus.ParseEvent(d.Subject)
	if !ok {
		return agent.Terminate(codeUnknownVerb, d.Subject)
	}
	switch kind {
	case bus.KindStepSucceeded:
		return received(d, func(s *provisov1.StepSucceeded) error {
			if err := speaksFor(role, s.GetStep(), run, s.GetRunId()); err != nil {
				return err
			}
			return l.take(ctx, d, run, l.succeeded(s))
		})
	case bus.KindStepFailed:
		return received(d, func(f *provisov1.StepFailed) error {
			if err := speaksFor(role, f.GetStep(), run, f.GetRunId()); err != nil {
				return err
			}
			return l.take(ctx, d, run, saga.StepFailed{
				Now: l.now(), Step: saga.StepName(f.GetStep()), Attempt: int(f.GetAttempt()),
				Reason: *saga.RefusalFromContract(f.GetReason()), Retryable: f.GetRetryable(),
			})
		})
	}
	return agent.Terminate(codeUnknownVerb, kind)
}

// timer handles a deadline that has come. One that fired early, by a clock that is ahead, is handed back: a timer fires once.
func (l *leader) timer(ctx context.Context, d agent.Delivery) error {
	return received(d, func(t *provisov1.TimerDue) error {
		m := saga.DeadlinePassed{Now: l.now(), Deadline: saga.Moment(t.GetDeadline())}
		if early := m.Deadline.Sub(time.Time(m.Now)); early > 0 {
			return agent.RetryAfter(early, fmt.Errorf("timer is %s early", early))
		}
		return l.take(ctx, d, t.GetRunId(), m)
	})
}

// take applies a message and turns what hinders it into what the loop understands.
func (l *leader) take(ctx context.Context, d agent.Delivery, run string, m saga.Message) error {
	if !bus.ValidID(run) {
		return agent.Terminate(codeInvalid, fmt.Sprintf("run id %q is not valid", run))
	}
	err := l.apply(ctx, run, m)
	switch {
	case errors.Is(err, ErrAhead) && d.Attempt >= aheadDeliveries:
		return agent.Terminate(codeUnknownRun, fmt.Sprintf("%T is ahead of run %s", m, run))
	case errors.Is(err, ErrAhead), errors.Is(err, ErrContended):
		return agent.RetryAfter(aheadPause, err)
	}
	return err
}

// speaksFor refuses an event of an agent about somebody else's step. The manager itself may: it reports steps whose agent died.
func speaksFor(role bus.Role, step, subject, body string) error {
	if subject != body {
		return agent.Terminate(codeInvalid, fmt.Sprintf("event of run %s on the subject of run %s", body, subject))
	}
	if want := saga.StepName(step).Role(); role != bus.Role(want) && role != bus.RoleManager {
		return agent.Terminate(codeInvalid, fmt.Sprintf("event of %s about step %q", role, step))
	}
	return nil
}

// received decodes a message of our own services and hands it to f.
func received[T proto.Message](d agent.Delivery, f func(T) error) error {
	m, err := wire.Decode[T](d.Data, wire.OwnServices)
	if err != nil {
		return agent.Terminate(codeInvalid, err.Error())
	}
	return f(m)
}

func (l *leader) now() saga.Now { return saga.Now(l.env.Now()) }

func (l *leader) start(s *provisov1.StartRun) saga.Start {
	return saga.Start{
		Now:       l.now(),
		Requester: *requester(s.GetRequester()),
		Text:      s.GetText(), Intent: s.GetIntent(), Asked: s.GetLanguage(), Guessed: i18n.Detect(s.GetText()),
		Confirmed: s.GetConfirmed(), Known: saga.AnswersFromContract(s.GetAnswers()),
		Session: s.GetSessionId(), Notices: s.GetNotices(),
	}
}

// requester is nil when nobody is named.
func requester(r *provisov1.Requester) *saga.Requester {
	if r == nil {
		return nil
	}
	return &saga.Requester{Door: r.GetDoor(), Subject: r.GetSubject(), Publisher: r.GetPublisher()}
}

func (l *leader) succeeded(s *provisov1.StepSucceeded) saga.StepSucceeded {
	m := saga.StepSucceeded{
		Now: l.now(), Step: saga.StepName(s.GetStep()), Attempt: int(s.GetAttempt()), Worked: saga.Milliseconds(s.GetWorkedMs()),
	}
	switch r := s.GetResult().(type) {
	case *provisov1.StepSucceeded_Understanding:
		u := r.Understanding
		m.Result = saga.Understood{
			Language: u.GetLanguage(), Intent: u.GetIntent(), Interpretation: saga.RowsFromContract(u.GetInterpretation()),
			Questions: saga.QuestionsFromContract(u.GetQuestions()), Refusal: saga.RefusalFromContract(u.GetRefusal()),
			Confirmation: u.GetConfirmation(), Reply: u.GetReply(), Notices: u.GetNotices(), Suspicions: u.GetSuspicions(),
			ModelUse: u.GetModelUse(),
		}
	case *provisov1.StepSucceeded_Collected:
		m.Result = saga.Collected{
			Context: saga.ReferenceFromContract(r.Collected.GetContext()), SnapshotTakenAt: saga.Moment(r.Collected.GetSnapshotTakenAt()),
			SnapshotAge: time.Duration(r.Collected.GetSnapshotAgeMs()) * time.Millisecond, Unknown: r.Collected.GetUnknown(),
			Suspicions: r.Collected.GetSuspicions(),
			Summary:    r.Collected.GetSummary(),
		}
	case *provisov1.StepSucceeded_Analysed:
		m.Result = saga.Analysed{
			Plan: saga.ReferenceFromContract(r.Analysed.GetPlan()), Placement: r.Analysed.GetPlacement(),
			Refusal: saga.RefusalFromContract(r.Analysed.GetRefusal()), Summary: r.Analysed.GetSummary(),
		}
	case *provisov1.StepSucceeded_Built:
		m.Result = saga.Built{
			Manifest: saga.ReferenceFromContract(r.Built.GetManifest()), Proof: r.Built.GetProof(),
			Proven: r.Built.GetProof().GetStatus() != "failed", Summary: r.Built.GetSummary(),
		}
	}
	return m
}
