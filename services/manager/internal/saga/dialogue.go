package saga

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// ConfirmID is the id of the question whether the interpretation is right.
const ConfirmID = "confirm"

// The two values of Understood.Confirmation that decide something; anything else shows the table again.
const (
	confirmationYes = "yes"
	confirmationNo  = "no"
)

// understood decides what follows from what the collector made of the request and the dialogue.
func (t *transition) understood(u Understood) {
	r := &t.run
	if u.Language != "" {
		r.Language = u.Language
	}
	t.notice(u.Notices)
	t.suspect(u.Suspicions)
	if u.ModelUse != nil && u.ModelUse.GetCalls() >= r.ModelUse.GetCalls() {
		r.ModelUse = u.ModelUse
	}
	if !u.consistent() {
		t.fail(CodeInvalidResult)
		return
	}
	asked := len(r.Turns) > 0 && r.Turns[len(r.Turns)-1].QuestionID == ConfirmID
	shown := u.Intent != nil && sameRows(r.Interpretation, u.Interpretation) &&
		(r.Text == "" || sameIntent(r.Intent, u.Intent))
	r.Interpretation = u.Interpretation
	if r.Text != "" && u.Intent != nil {
		r.Intent = u.Intent
	}
	switch {
	case u.Refusal != nil:
		t.end(Refused, u.Refusal)
	case u.Reply != nil:
		// Whatever was understood before is not what came of the run.
		if r.Text != "" {
			r.Intent = nil
		}
		r.Reply = u.Reply
		t.end(Delivered, nil)
	case asked && u.Confirmation == confirmationNo:
		t.end(Cancelled, nil)
	case len(u.Questions) > 0:
		t.ask(Clarifying, u.Questions)
	case u.Intent == nil:
		t.fail(CodeInvalidResult)
	case r.Confirmed, asked && shown && u.Confirmation == confirmationYes:
		r.Intent, r.Known = u.Intent, nil
		t.recordConfirmed()
		t.begin(Collect, r.Language)
	default:
		t.ask(Confirming, []Question{confirmation(r.Language)})
	}
}

// consistent reports whether at most one of refusal, questions and reply is there, and a reply without an intent. Whether an
// intent is missing is seen where one is needed.
func (u Understood) consistent() bool {
	n := 0
	for _, there := range []bool{u.Refusal != nil, len(u.Questions) > 0, u.Reply != nil} {
		if there {
			n++
		}
	}
	return n <= 1 && (u.Reply == nil || u.Intent == nil)
}

// notice adds what the requester should be told, none of it twice.
func (t *transition) notice(notices []string) {
	r := &t.run
	for _, n := range notices {
		if len(r.Notices) < MaxNotices && n != "" && !slices.Contains(r.Notices, n) {
			r.Notices = append(slices.Clip(r.Notices), n)
		}
	}
}

// ask puts questions to the requester, unless answers that came with the request settle some of them.
func (t *transition) ask(s State, questions []Question) {
	r := &t.run
	if r.rounds() > MaxRounds {
		t.end(Refused, new(reason(r.Language, CodeTooManyRounds)))
		return
	}
	r.Questions = questions
	var now, later []Answer
	for _, a := range r.Known {
		if r.open(a.ID) {
			now = append(now, a)
		} else {
			later = append(later, a)
		}
	}
	if len(now) > 0 {
		r.Known = later
		t.turns(now)
		return
	}
	r.Deadline = t.now.Add(AnswerTimeout).Truncate(time.Millisecond)
	r.Questions = make([]Question, len(questions))
	for i, q := range questions {
		q.ExpiresAt = r.Deadline
		r.Questions[i] = q
	}
	t.enter(s)
}

// answer takes answers to open questions into the dialogue. What they mean is the collector's to say: only its "yes" to an
// unchanged interpretation confirms.
func (t *transition) answer(m Answers) {
	r := &t.run
	t.waited()
	t.who = m.Who
	t.notice(m.Notices)
	t.recordAnswered(m.Answers)
	r.Applied = append(slices.Clone(r.Applied[max(0, len(r.Applied)-MaxAppliedKeys+1):]), m.ID)
	t.turns(m.Answers)
}

// turns appends the answers to open questions to the dialogue and has it understood again.
func (t *transition) turns(answers []Answer) {
	r := &t.run
	turns := slices.Clone(r.Turns)
	for _, a := range answers {
		if r.open(a.ID) {
			turns = append(turns, Turn{QuestionID: a.ID, Text: a.Text, At: t.now})
		}
	}
	size := 0
	for _, turn := range turns {
		size += len(turn.Text)
	}
	if size > MaxDialogueBytes {
		t.end(Refused, new(reason(r.Language, CodeDialogueTooLong)))
		return
	}
	r.Turns, r.Questions = turns, nil
	t.begin(Understand, r.Language)
}

// waited adds the time since the question was put: nothing else changes a run while it waits.
func (t *transition) waited() { t.run.Waited += max(0, t.now.Sub(t.before)) }

// confirmation is the question whether the interpretation is right.
func confirmation(language string) Question {
	yes, no := i18n.T(language, "manager.confirm.yes"), i18n.T(language, "manager.confirm.no")
	return Question{
		ID:       ConfirmID,
		Kind:     "confirm",
		Text:     i18n.T(language, "manager.confirm.question"),
		Options:  []Option{{Value: yes, Label: yes}, {Value: no, Label: no}},
		Required: true,
	}
}

// sameRows reports whether two tables show the same values; the reasons beside them may be worded differently.
func sameRows(a, b []Row) bool {
	return slices.EqualFunc(a, b, func(x, y Row) bool { return x.Path == y.Path && x.Value == y.Value })
}

// sameIntent reports whether two intents ask for the same. Where a value came from, which words were left over and who
// confirmed are not part of what is asked for.
func sameIntent(a, b *provisov1.ProvisionIntent) bool {
	return proto.Equal(asked(a), asked(b))
}

func asked(i *provisov1.ProvisionIntent) *provisov1.ProvisionIntent {
	return &provisov1.ProvisionIntent{
		Target:          i.GetTarget(),
		VirtualMachines: i.GetVirtualMachines(),
		Containers:      i.GetContainers(),
		Pools:           i.GetPools(),
		Omissions:       i.GetOmissions(),
		Changes:         i.GetChanges(),
		Imports:         i.GetImports(),
		Workloads:       i.GetWorkloads(),
	}
}
