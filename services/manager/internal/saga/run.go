package saga

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/structpb"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Run is the life of one request. Step never changes the Run it is given, nor anything reachable from it.
//
// Intent, Placement and Proof are documents of the contract that one agent wrote for another: the machine carries them.
type Run struct {
	ID        string
	State     State
	Language  string // "en" or "fr": the dialogue's, once understood; before, the one asked for or guessed
	Requester Requester
	// Text is the request in words; empty for a typed intent.
	Text string
	// Intent is as understood so far. A typed intent stays as received until it is confirmed, so that every round of the
	// dialogue starts from what the publisher said.
	Intent         *provisov1.ProvisionIntent
	Interpretation []Row
	Questions      []Question
	Turns          []Turn
	// Known are answers that came with the request and have not been used; empty once the dialogue is over.
	Known []Answer
	// Confirmed says that the caller waived the confirmation.
	Confirmed bool
	// Reason says why, in the states Refused, Failed, Cancelled and Expired.
	Reason *Refusal
	// Attempts are the steps in order, each attempt apart.
	Attempts []Attempt

	Context         *Reference // once collected
	SnapshotTakenAt time.Time  // zero before Context is there
	// SnapshotAge is how old the snapshot was when it was collected.
	SnapshotAge time.Duration
	// Unknown is what could not be read, in the requester's language.
	Unknown   []string
	Plan      *Reference // once analysed
	Placement []*provisov1.PlacementDecision
	Manifest  *Reference // once built
	Proof     *provisov1.Proof
	// Reply is the answer, when the run was a question or an operation that a person does; then there is no manifest.
	Reply *provisov1.Reply

	// Session is the dialogue that the run belongs to; empty: none, and nothing of it is remembered.
	Session string
	// Notices are what the requester should be told besides, at most MaxNotices, none twice.
	Notices []string
	// ModelUse is what models were asked so far; nil: nothing.
	ModelUse *provisov1.ModelUse

	// AuditHead is the end of the run's audit chain; nil: nothing was recorded.
	AuditHead *provisov1.AuditHead
	// Suspected are the digests of the suspicions that are in the chain.
	Suspected []string

	CreatedAt time.Time
	UpdatedAt time.Time
	// Deadline ends the attempt, the pause before the next one, or the wait for the requester; zero in an end.
	Deadline time.Time
	// Waited is the time spent waiting for people so far; it is in no attempt.
	Waited time.Duration
	// Applied are the ids of the outside messages that were applied, oldest first.
	Applied []string
}

// Requester is who asked.
type Requester struct {
	Door      string // "http", "cli", "intent", …
	Subject   string // empty: anonymous
	Publisher string // addressee of the result
}

// Row is one line of the table to confirm.
type Row struct {
	Path, Label, Value, Origin, Reason string
}

// Question is one clarification.
type Question struct {
	ID       string
	Kind     string // "value" or "confirm"
	Text     string
	Options  []Option
	Required bool
	// Schema of the answer; nil: any text. Carried.
	Schema    *structpb.Struct
	ExpiresAt time.Time
}

// Option is one answer to choose.
type Option struct{ Value, Label string }

// Answer is the requester's answer to the question of that id.
type Answer struct{ ID, Text string }

// Turn is an answer that became part of the dialogue.
type Turn struct {
	QuestionID string // empty: a correction in words
	Text       string
	At         time.Time
}

// Refusal is a stable code and a sentence in the requester's language.
type Refusal struct{ Code, Message string }

// Reference points at an artefact.
type Reference struct {
	Digest    string
	Size      int32 // bytes
	MediaType string
}

// Outcome is how an attempt went.
type Outcome string

// The outcomes of an attempt. OutcomeAbandoned: its deadline passed or the run ended meanwhile; a result that still comes is stale.
const (
	OutcomeRunning   Outcome = "running"
	OutcomeSucceeded Outcome = "succeeded"
	OutcomeAbandoned Outcome = "abandoned"
	OutcomeFailed    Outcome = "failed"
)

// Attempt is one attempt of one step.
type Attempt struct {
	Step       StepName
	Number     int // from 1, counted over the run for this step
	Outcome    Outcome
	StartedAt  time.Time
	FinishedAt time.Time     // zero while running
	Worked     time.Duration // as the agent says
	Summary    string        // what came of it, for the requester; empty: nothing to add
}

// New is a run that nobody has asked for yet: the state before Start.
func New(id string) Run { return Run{ID: id, State: Received} }

// IntentID is the id of a typed intent as its publisher chose it; empty for a request in words.
func (r Run) IntentID() string {
	if r.Text != "" {
		return ""
	}
	return r.Intent.GetIntentId()
}

// Last is the latest attempt; the zero value before the first.
func (r Run) Last() Attempt {
	if len(r.Attempts) == 0 {
		return Attempt{}
	}
	return r.Attempts[len(r.Attempts)-1]
}

// Worked is the time between the request and the last change that was not spent waiting for people.
func (r Run) Worked() time.Duration { return max(0, r.UpdatedAt.Sub(r.CreatedAt)-r.Waited) }

// running reports whether the attempt is the one the run waits for.
func (r Run) running(step StepName, attempt int) bool {
	l := r.Last()
	return r.State.Busy() && l.Outcome == OutcomeRunning && l.Step == step && l.Number == attempt
}

// open returns the open question of that id.
func (r Run) open(id string) bool {
	return slices.ContainsFunc(r.Questions, func(q Question) bool { return q.ID == id })
}

// rounds is how often the request was understood so far.
func (r Run) rounds() int {
	n := 0
	for _, a := range r.Attempts {
		if a.Step == Understand && a.Outcome == OutcomeSucceeded {
			n++
		}
	}
	return n
}

// numberOf is how many attempts a step has had over the run.
func (r Run) numberOf(step StepName) int {
	n := 0
	for _, a := range r.Attempts {
		if a.Step == step {
			n++
		}
	}
	return n
}

// inVain is how many attempts of the current step ended without success since it was last begun.
func (r Run) inVain() int {
	n := 0
	for _, a := range slices.Backward(r.Attempts) {
		if a.Step != r.State.step() || a.Outcome == OutcomeSucceeded || a.Outcome == OutcomeRunning {
			break
		}
		n++
	}
	return n
}
