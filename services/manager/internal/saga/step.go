package saga

import (
	"slices"
	"time"
)

// Step returns the run after m and the commands that follow, in the order in which they are to be published. A message that
// does not apply changes nothing and commands nothing.
func Step(r Run, m Message) (Run, []Command) {
	if !r.Applies(m) {
		return r, nil
	}
	t := &transition{run: r, now: m.moment(), before: r.UpdatedAt}
	t.run.UpdatedAt = t.now
	switch m := m.(type) {
	case Start:
		t.start(m)
	case Answers:
		t.answer(m)
	case Cancel:
		t.who = m.Who
		t.end(Cancelled, nil)
	case StepSucceeded:
		t.succeed(m)
	case StepFailed:
		t.finish(OutcomeFailed, 0)
		t.retry(m.Reason, m.Retryable)
	case DeadlinePassed:
		t.expire()
	}
	if t.run.State.Ended() {
		t.recordEnd()
		return t.run, append(t.audit, Ended{State: t.run.State}, Report{Publisher: t.run.Requester.Publisher})
	}
	t.commands = append(t.audit, t.commands...)
	if t.timer || t.run.Deadline.Before(r.Deadline) {
		t.commands = append(t.commands, Timer{Deadline: t.run.Deadline})
	}
	if t.work != nil {
		t.commands = append(t.commands, *t.work)
	}
	return t.run, t.commands
}

// transition is the run on its way through one message.
type transition struct {
	run      Run
	now      time.Time
	before   time.Time // of the last change
	commands []Command
	audit    []Command  // goes first: what happened is recorded before anything follows from it
	who      *Requester // who acts; nil: who asked
	// work goes last: its result then proves that everything before it was published.
	work  *Work
	timer bool // none can be pending that fires at the new deadline or before
}

// enter moves the run into a state and announces it; moving into the state it is in announces nothing.
func (t *transition) enter(s State) {
	if t.run.State != s {
		t.run.State = s
		t.commands = append(t.commands, Changed{State: s})
	}
}

func (t *transition) start(m Start) {
	r := &t.run
	r.CreatedAt = t.now
	r.Requester = m.Requester
	r.Text, r.Intent = m.Text, m.Intent
	r.Language = firstOf(m.Asked, m.Intent.GetLanguage(), m.Guessed, "en")
	r.Confirmed = m.Confirmed || m.Intent.GetConfirmed()
	r.Known = slices.Clone(m.Known)
	r.Session = m.Session
	t.notice(m.Notices)
	t.recordAsked()
	t.timer = true
	t.begin(Understand, firstOf(m.Asked, m.Intent.GetLanguage()))
}

// begin asks for the first attempt of a step. The language is what its texts must have; empty: the agent finds out.
func (t *transition) begin(step StepName, language string) {
	t.enter(step.state())
	t.attempt(step, language)
}

// attempt asks for the next attempt of a step.
func (t *transition) attempt(step StepName, language string) {
	r := &t.run
	number := r.numberOf(step) + 1
	r.Deadline = t.now.Add(stepTimeout(step)).Truncate(time.Millisecond)
	r.Attempts = append(slices.Clip(r.Attempts), Attempt{Step: step, Number: number, Outcome: OutcomeRunning, StartedAt: t.now})
	t.work = &Work{Step: step, Attempt: number, Deadline: r.Deadline, Language: language}
}

// finish closes the running attempt, if there is one.
func (t *transition) finish(o Outcome, worked time.Duration) {
	last := t.run.Last()
	if last.Outcome != OutcomeRunning {
		return
	}
	last.Outcome, last.FinishedAt, last.Worked = o, t.now, worked
	t.replaceLast(last)
}

// explain keeps what the attempt that has just ended says it came to.
func (t *transition) explain(summary string) {
	last := t.run.Last()
	last.Summary = summary
	t.replaceLast(last)
}

func (t *transition) replaceLast(last Attempt) {
	t.run.Attempts = slices.Clone(t.run.Attempts)
	t.run.Attempts[len(t.run.Attempts)-1] = last
}

// succeed goes on with the result of the running attempt. A result of another step, or one that lacks what the step is
// for, is an agent's mistake that a second attempt would only repeat.
func (t *transition) succeed(m StepSucceeded) {
	r := &t.run
	if m.Result == nil || m.Result.step() != m.Step {
		t.finish(OutcomeFailed, m.Worked)
		t.fail(CodeInvalidResult)
		return
	}
	t.finish(OutcomeSucceeded, m.Worked)
	switch res := m.Result.(type) {
	case Understood:
		t.understood(res)
	case Collected:
		if res.Context == nil {
			t.fail(CodeInvalidResult)
			return
		}
		r.Context, r.SnapshotTakenAt = res.Context, res.SnapshotTakenAt
		r.SnapshotAge, r.Unknown = res.SnapshotAge, res.Unknown
		t.suspect(res.Suspicions)
		t.explain(res.Summary)
		t.begin(Analyse, r.Language)
	case Analysed:
		r.Placement = res.Placement
		t.explain(res.Summary)
		switch {
		case res.Refusal != nil:
			r.Plan = res.Plan // a plan that no dialect writes is shown beside the refusal
			t.end(Refused, res.Refusal)
		case res.Plan == nil:
			t.fail(CodeInvalidResult)
		default:
			r.Plan = res.Plan
			t.begin(Build, r.Language)
		}
	case Built:
		r.Proof = res.Proof
		t.explain(res.Summary)
		if res.Manifest == nil || !res.Proven {
			t.end(Failed, &Refusal{CodeProofFailed, firstOf(res.Summary, reason(r.Language, CodeProofFailed).Message)})
			return
		}
		r.Manifest = res.Manifest
		t.end(Delivered, nil)
	}
}

// retry asks for the step again while attempts are left: at once the first time, after a pause the second time.
func (t *transition) retry(why Refusal, retryable bool) {
	r := &t.run
	switch inVain := r.inVain(); {
	case !retryable || inVain >= MaxAttempts:
		t.end(Failed, &why)
	case inVain == 1:
		t.attempt(r.State.step(), r.Language)
	default:
		r.Deadline = t.now.Add(RetryDelay).Truncate(time.Millisecond)
	}
}

// expire acts on the deadline of the state: nobody answered, an agent took too long, or the pause before an attempt is over.
func (t *transition) expire() {
	r := &t.run
	t.timer = true // the one that was set has fired
	switch {
	case r.State.Waiting():
		t.waited()
		t.end(Expired, nil)
	case r.Last().Outcome == OutcomeRunning:
		t.finish(OutcomeAbandoned, 0)
		t.retry(reason(r.Language, CodeTimeout), true)
	default:
		t.attempt(r.State.step(), r.Language)
	}
}

func firstOf(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}
