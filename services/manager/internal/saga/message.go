package saga

import (
	"slices"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Message is one thing that happened to a run: Start, Answers, Cancel, StepSucceeded, StepFailed or DeadlinePassed.
type Message interface {
	// applies reports whether the message still means something to r.
	applies(r Run) bool
	// moment is when the manager took the message up.
	moment() time.Time
}

// Now is the moment at which the manager took a message up; every message carries one.
type Now time.Time

func (n Now) moment() time.Time { return time.Time(n).UTC() }

// Start begins a run.
type Start struct {
	Now
	Requester Requester
	Text      string
	Intent    *provisov1.ProvisionIntent
	// Asked is the language that the requester asked for; empty: that of the words.
	Asked string
	// Guessed is the language to speak until the words are understood, when none was asked for.
	Guessed   string
	Confirmed bool
	Known     []Answer
	Session   string   // empty: none
	Notices   []string // of the door
}

// Answers are the requester's. Those to questions that are not open mean nothing.
type Answers struct {
	Now
	ID      string // of the message
	Answers []Answer
	Who     *Requester // who answers; nil: who asked
	Notices []string   // of the door
}

// Cancel ends a run that has not ended.
type Cancel struct {
	Now
	ID  string     // of the message
	Who *Requester // who cancels; nil: who asked
}

// StepSucceeded is the result of an attempt.
type StepSucceeded struct {
	Now
	Step    StepName
	Attempt int
	Worked  time.Duration
	Result  Result
}

// StepFailed says that an attempt came to nothing.
type StepFailed struct {
	Now
	Step      StepName
	Attempt   int
	Reason    Refusal
	Retryable bool
}

// DeadlinePassed comes from a timer or from the reconciler. Deadline is the one it was set for.
type DeadlinePassed struct {
	Now
	Deadline time.Time
}

// Result is what a step yields: Understood, Collected, Analysed or Built.
type Result interface{ step() StepName }

// Understood is the result of Understand: one of a refusal, questions, a reply and a complete intent. A refusal and questions may
// come with the intent as far as it was understood.
type Understood struct {
	Language       string
	Intent         *provisov1.ProvisionIntent
	Interpretation []Row
	Questions      []Question
	Refusal        *Refusal
	// Reply answers a question, or an operation that a person does.
	Reply *provisov1.Reply
	// Notices are what the requester should be told besides.
	Notices []string
	// Suspicions are what looked like an attack, of the whole dialogue every time.
	Suspicions []*provisov1.Suspicion
	// ModelUse is what models were asked for the run so far; nil: as before.
	ModelUse *provisov1.ModelUse
	// Confirmation is what the last answer to "confirm" meant: "yes", "no", "correction"; empty when nothing was asked.
	Confirmation string
}

// Collected is the result of Collect.
type Collected struct {
	Context         *Reference
	SnapshotTakenAt time.Time
	SnapshotAge     time.Duration
	// Unknown is what could not be read, in the requester's language.
	Unknown []string
	// Suspicions are what looked like an attack in repositories.
	Suspicions []*provisov1.Suspicion
	// Summary is the collector's sentence for the requester.
	Summary string
}

// Analysed is the result of Analyse: a plan or a refusal.
type Analysed struct {
	Plan      *Reference
	Placement []*provisov1.PlacementDecision
	Refusal   *Refusal
	// Summary is the analyser's sentence for the requester.
	Summary string
}

// Built is the result of Build. Without a manifest, or with a proof that failed, nothing is delivered.
type Built struct {
	Manifest *Reference
	Proof    *provisov1.Proof
	// Proven says that no stage of the proof failed.
	Proven bool
	// Summary is the builder's sentence for the requester.
	Summary string
}

func (Understood) step() StepName { return Understand }
func (Collected) step() StepName  { return Collect }
func (Analysed) step() StepName   { return Analyse }
func (Built) step() StepName      { return Build }

// Applies reports whether m still means something to the run. It does not when m was applied before, when the question,
// attempt or deadline it speaks of is no longer the run's, or when the run has ended.
func (r Run) Applies(m Message) bool { return !r.State.Ended() && m.applies(r) }

func (m Start) applies(r Run) bool { return r.State == Received }

func (m Answers) applies(r Run) bool {
	return r.State.Waiting() && !slices.Contains(r.Applied, m.ID) &&
		slices.ContainsFunc(m.Answers, func(a Answer) bool { return r.open(a.ID) })
}

func (m Cancel) applies(r Run) bool { return r.State != Received }

func (m StepSucceeded) applies(r Run) bool { return r.running(m.Step, m.Attempt) }

func (m StepFailed) applies(r Run) bool { return r.running(m.Step, m.Attempt) }

func (m DeadlinePassed) applies(r Run) bool {
	return r.State != Received && m.Deadline.Equal(r.Deadline) && !m.moment().Before(m.Deadline)
}

// MovedOn tells what follows from a timer that fired for an earlier deadline than the run's: set it again. The deadlines of
// consecutive steps only grow, so one timer serves a stretch of them and moves on when it fires. It reports false when there
// is nothing to set.
func (r Run) MovedOn(m DeadlinePassed) (Timer, bool) {
	if r.State == Received || r.State.Ended() || !m.Deadline.Before(r.Deadline) {
		return Timer{}, false
	}
	return Timer{Deadline: r.Deadline}, true
}

// Proves reports whether m is the result of the attempt that the run waits for. The work for it was the last command of the
// transition that asked for it, so that all commands of that transition have been published.
func (r Run) Proves(m Message) bool {
	switch m := m.(type) {
	case StepSucceeded:
		return r.running(m.Step, m.Attempt)
	case StepFailed:
		return r.running(m.Step, m.Attempt)
	}
	return false
}

// Ahead reports whether m speaks of an attempt that this copy of the run has not asked for: the copy is old, not the message.
func (r Run) Ahead(m Message) bool {
	switch m := m.(type) {
	case StepSucceeded:
		return !r.State.Ended() && m.Attempt > r.numberOf(m.Step)
	case StepFailed:
		return !r.State.Ended() && m.Attempt > r.numberOf(m.Step)
	case Answers, Cancel:
		return r.State == Received
	}
	return false
}
