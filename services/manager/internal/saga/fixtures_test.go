package saga_test

import (
	"fmt"
	"testing"
	"time"

	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

var zero = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

// at is the moment so many seconds after zero.
func at(seconds int) saga.Now { return saga.Now(zero.Add(time.Duration(seconds) * time.Second)) }

func deadline(seconds int) time.Time { return time.Time(at(seconds)) }

// web is an intent for one machine with so many cores, and rows its table.
func web(cores int32) *provisov1.ProvisionIntent {
	return &provisov1.ProvisionIntent{
		IntentId: "order-1", Language: "fr", Target: &provisov1.Target{Platform: "proxmox"},
		VirtualMachines: []*provisov1.VirtualMachine{{Cores: &cores}},
	}
}

func rows(cores int) []saga.Row {
	return []saga.Row{{Path: "virtual_machines[0].cores", Label: "Cœurs", Value: fmt.Sprint(cores), Origin: "stated"}}
}

func ref(name string) *saga.Reference {
	return &saga.Reference{Digest: "sha256-" + name, Size: 1, MediaType: "application/json"}
}

func question(id string) saga.Question {
	return saga.Question{ID: id, Kind: "value", Text: id + " ?", Required: true}
}

// The messages of a run, each at its own second.
func start(now int, known ...saga.Answer) saga.Start {
	return saga.Start{
		Now: at(now), Requester: saga.Requester{Door: "http", Publisher: "gateway"}, Text: "un serveur web", Guessed: "fr", Known: known,
	}
}

func confirmed(now int) saga.Start {
	s := start(now)
	s.Confirmed = true
	return s
}

func done(now, attempt int, result saga.Result) saga.StepSucceeded {
	step := saga.Understand
	switch result.(type) {
	case saga.Collected:
		step = saga.Collect
	case saga.Analysed:
		step = saga.Analyse
	case saga.Built:
		step = saga.Build
	}
	return saga.StepSucceeded{Now: at(now), Step: step, Attempt: attempt, Worked: 5 * time.Millisecond, Result: result}
}

func complete(now, attempt int, cores int32, confirmation string) saga.StepSucceeded {
	return done(now, attempt, saga.Understood{
		Language: "fr", Intent: web(cores), Interpretation: rows(int(cores)), Confirmation: confirmation,
	})
}

func asks(now, attempt int, ids ...string) saga.StepSucceeded {
	u := saga.Understood{Language: "fr", Intent: web(1), Interpretation: rows(1)}
	for _, id := range ids {
		u.Questions = append(u.Questions, question(id))
	}
	return done(now, attempt, u)
}

func failed(now int, step saga.StepName, attempt int, retryable bool) saga.StepFailed {
	return saga.StepFailed{
		Now: at(now), Step: step, Attempt: attempt, Retryable: retryable, Reason: saga.Refusal{Code: "pve_down", Message: "Le cluster ne répond pas."},
	}
}

func answers(now int, id string, as ...saga.Answer) saga.Answers {
	return saga.Answers{Now: at(now), ID: id, Answers: as}
}

func collected(now int) saga.Message {
	return done(now, 1, saga.Collected{Context: ref("context"), SnapshotTakenAt: zero})
}

func analysed(now int) saga.Message { return done(now, 1, saga.Analysed{Plan: ref("plan")}) }

func built(now int) saga.Message {
	return done(now, 1, saga.Built{Manifest: ref("manifest"), Proof: &provisov1.Proof{Status: "validated"}, Proven: true})
}

// fold applies messages that must all apply.
func fold(t *testing.T, ms []saga.Message) saga.Run {
	t.Helper()
	r := saga.New("r1")
	for i, m := range ms {
		if !r.Applies(m) {
			t.Fatalf("message %d (%T) does not apply in state %s", i, m, r.State)
		}
		r, _ = saga.Step(r, m)
	}
	return r
}

// view is the part of a run that a case is about.
type view struct {
	State    saga.State
	Attempts []string
	Turns    []string
	Open     []string
	Known    []saga.Answer
	Deadline time.Time
	Waited   time.Duration
	Reason   string
}

func viewOf(r saga.Run) view {
	v := view{State: r.State, Known: r.Known, Deadline: r.Deadline, Waited: r.Waited}
	for _, a := range r.Attempts {
		v.Attempts = append(v.Attempts, fmt.Sprintf("%s/%d %s", a.Step, a.Number, a.Outcome))
	}
	for _, t := range r.Turns {
		v.Turns = append(v.Turns, t.QuestionID+"="+t.Text)
	}
	for _, q := range r.Questions {
		v.Open = append(v.Open, q.ID)
	}
	if r.Reason != nil {
		v.Reason = r.Reason.Code
	}
	return v
}

func work(step saga.StepName, attempt, deadlineAt int, language string) saga.Work {
	return saga.Work{Step: step, Attempt: attempt, Deadline: deadline(deadlineAt), Language: language}
}

func ended(s saga.State) []saga.Command {
	return []saga.Command{saga.Ended{State: s}, saga.Report{Publisher: "gateway"}}
}

const day = 24 * 60 * 60
