package saga

import (
	"math"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// ToContract is the run as every door shows it. It shares the carried documents with r.
// What only the manager needs (Known, Applied, AuditHead, Suspected) stands in its record, not here.
func ToContract(r Run) *provisov1.Run {
	run := &provisov1.Run{
		RunId:             r.ID,
		State:             string(r.State),
		Language:          r.Language,
		Requester:         &provisov1.Requester{Door: r.Requester.Door, Subject: r.Requester.Subject, Publisher: r.Requester.Publisher},
		Text:              r.Text,
		Intent:            r.Intent,
		Interpretation:    RowsToContract(r.Interpretation),
		Questions:         QuestionsToContract(r.Questions),
		Turns:             TurnsToContract(r.Turns),
		Context:           ReferenceToContract(r.Context),
		Plan:              ReferenceToContract(r.Plan),
		Manifest:          ReferenceToContract(r.Manifest),
		SnapshotTakenAt:   moment(r.SnapshotTakenAt),
		SnapshotAgeMs:     r.SnapshotAge.Milliseconds(),
		Unknown:           r.Unknown,
		Placement:         r.Placement,
		Proof:             r.Proof,
		CreatedAt:         moment(r.CreatedAt),
		UpdatedAt:         moment(r.UpdatedAt),
		Deadline:          moment(r.Deadline),
		WaitedMs:          int32(min(r.Waited.Milliseconds(), math.MaxInt32)),
		ConfirmedByCaller: r.Confirmed,
		Reply:             r.Reply,
		Notices:           r.Notices,
		ModelUse:          r.ModelUse,
	}
	if r.Session != "" {
		run.SessionId = &r.Session
	}
	switch r.State {
	case Refused:
		run.Refusal = RefusalToContract(r.Reason)
	case Failed:
		run.Failure = RefusalToContract(r.Reason)
	}
	for _, a := range r.Attempts {
		run.Steps = append(run.Steps, &provisov1.StepRecord{
			Step:       string(a.Step),
			Role:       a.Step.Role(),
			Attempt:    int32(a.Number),
			Outcome:    string(a.Outcome),
			StartedAt:  moment(a.StartedAt),
			FinishedAt: moment(a.FinishedAt),
			WorkedMs:   float64(a.Worked) / float64(time.Millisecond),
			Summary:    a.Summary,
		})
	}
	return run
}

// FromContract is the inverse of ToContract for a record that passed the contract's checks.
func FromContract(run *provisov1.Run) Run {
	r := Run{
		ID:       run.GetRunId(),
		State:    State(run.GetState()),
		Language: run.GetLanguage(),
		Requester: Requester{
			Door:      run.GetRequester().GetDoor(),
			Subject:   run.GetRequester().GetSubject(),
			Publisher: run.GetRequester().GetPublisher(),
		},
		Text:            run.GetText(),
		Intent:          run.GetIntent(),
		Interpretation:  RowsFromContract(run.GetInterpretation()),
		Questions:       QuestionsFromContract(run.GetQuestions()),
		Context:         ReferenceFromContract(run.GetContext()),
		Plan:            ReferenceFromContract(run.GetPlan()),
		Manifest:        ReferenceFromContract(run.GetManifest()),
		SnapshotTakenAt: Moment(run.GetSnapshotTakenAt()),
		SnapshotAge:     time.Duration(run.GetSnapshotAgeMs()) * time.Millisecond,
		Unknown:         run.GetUnknown(),
		Placement:       run.GetPlacement(),
		Proof:           run.GetProof(),
		CreatedAt:       Moment(run.GetCreatedAt()),
		UpdatedAt:       Moment(run.GetUpdatedAt()),
		Deadline:        Moment(run.GetDeadline()),
		Waited:          time.Duration(run.GetWaitedMs()) * time.Millisecond,
		Confirmed:       run.GetConfirmedByCaller(),
		Reply:           run.GetReply(),
		Session:         run.GetSessionId(),
		Notices:         run.GetNotices(),
		ModelUse:        run.GetModelUse(),
	}
	for _, turn := range run.GetTurns() {
		r.Turns = append(r.Turns, Turn{QuestionID: turn.GetQuestionId(), Text: turn.GetText(), At: Moment(turn.GetAt())})
	}
	switch r.State {
	case Refused:
		r.Reason = RefusalFromContract(run.GetRefusal())
	case Failed:
		r.Reason = RefusalFromContract(run.GetFailure())
	case Cancelled:
		r.Reason = new(reason(r.Language, CodeCancelled))
	case Expired:
		r.Reason = new(reason(r.Language, CodeExpired))
	}
	for _, a := range run.GetSteps() {
		r.Attempts = append(r.Attempts, Attempt{
			Step:       StepName(a.GetStep()),
			Number:     int(a.GetAttempt()),
			Outcome:    Outcome(a.GetOutcome()),
			StartedAt:  Moment(a.GetStartedAt()),
			FinishedAt: Moment(a.GetFinishedAt()),
			Worked:     Milliseconds(a.GetWorkedMs()),
			Summary:    a.GetSummary(),
		})
	}
	return r
}

// RowsToContract converts the table to confirm.
func RowsToContract(rows []Row) []*provisov1.InterpretationRow {
	var out []*provisov1.InterpretationRow
	for _, r := range rows {
		out = append(out, &provisov1.InterpretationRow{Path: r.Path, Label: r.Label, Value: r.Value, Origin: r.Origin, Reason: r.Reason})
	}
	return out
}

// RowsFromContract is the inverse of RowsToContract.
func RowsFromContract(rows []*provisov1.InterpretationRow) []Row {
	var out []Row
	for _, r := range rows {
		out = append(out, Row{
			Path: r.GetPath(), Label: r.GetLabel(), Value: r.GetValue(), Origin: r.GetOrigin(), Reason: r.GetReason(),
		})
	}
	return out
}

// QuestionsToContract converts open questions.
func QuestionsToContract(questions []Question) []*provisov1.Clarification {
	var out []*provisov1.Clarification
	for _, q := range questions {
		c := &provisov1.Clarification{
			Id: q.ID, Kind: q.Kind, Text: q.Text, Required: q.Required, Schema: q.Schema, ExpiresAt: moment(q.ExpiresAt),
		}
		for _, o := range q.Options {
			c.Options = append(c.Options, &provisov1.Option{Value: o.Value, Label: o.Label})
		}
		out = append(out, c)
	}
	return out
}

// QuestionsFromContract is the inverse of QuestionsToContract.
func QuestionsFromContract(questions []*provisov1.Clarification) []Question {
	var out []Question
	for _, c := range questions {
		q := Question{
			ID: c.GetId(), Kind: c.GetKind(), Text: c.GetText(), Required: c.GetRequired(), Schema: c.GetSchema(),
			ExpiresAt: Moment(c.GetExpiresAt()),
		}
		for _, o := range c.GetOptions() {
			q.Options = append(q.Options, Option{Value: o.GetValue(), Label: o.GetLabel()})
		}
		out = append(out, q)
	}
	return out
}

// TurnsToContract converts the dialogue.
func TurnsToContract(turns []Turn) []*provisov1.Turn {
	var out []*provisov1.Turn
	for _, t := range turns {
		turn := &provisov1.Turn{Text: t.Text, At: moment(t.At)}
		if t.QuestionID != "" {
			turn.QuestionId = &t.QuestionID
		}
		out = append(out, turn)
	}
	return out
}

// ReferenceToContract converts a reference; nil stays nil.
func ReferenceToContract(r *Reference) *provisov1.Reference {
	if r == nil {
		return nil
	}
	return &provisov1.Reference{Digest: r.Digest, Size: r.Size, MediaType: r.MediaType}
}

// ReferenceFromContract is the inverse of ReferenceToContract.
func ReferenceFromContract(r *provisov1.Reference) *Reference {
	if r == nil {
		return nil
	}
	return &Reference{Digest: r.GetDigest(), Size: r.GetSize(), MediaType: r.GetMediaType()}
}

// RefusalToContract converts a reason; nil stays nil.
func RefusalToContract(r *Refusal) *provisov1.Refusal {
	if r == nil {
		return nil
	}
	return &provisov1.Refusal{Code: r.Code, Message: r.Message}
}

// RefusalFromContract is the inverse of RefusalToContract.
func RefusalFromContract(r *provisov1.Refusal) *Refusal {
	if r == nil {
		return nil
	}
	return &Refusal{Code: r.GetCode(), Message: r.GetMessage()}
}

// Moment is the contract's moment in UTC; absent is the zero time.
func Moment(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// Milliseconds is a duration that the contract gives in milliseconds.
func Milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// moment is the inverse of Moment.
func moment(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// AnswersToContract is what the contract calls these answers.
func AnswersToContract(in []Answer) []*provisov1.Answer {
	var out []*provisov1.Answer
	for _, a := range in {
		out = append(out, &provisov1.Answer{Id: a.ID, Text: a.Text})
	}
	return out
}

// AnswersFromContract is the inverse of AnswersToContract.
func AnswersFromContract(in []*provisov1.Answer) []Answer {
	var out []Answer
	for _, a := range in {
		out = append(out, Answer{ID: a.GetId(), Text: a.GetText()})
	}
	return out
}
