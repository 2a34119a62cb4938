package saga

import (
	"time"

	"proviso.dev/pkg/i18n"
)

// Codes of the reasons that the machine itself gives. Their texts are the catalogue's "manager.reason.<code>".
const (
	CodeTimeout         = "timeout"           // an agent did not finish an attempt in time
	CodeInvalidResult   = "invalid_result"    // an agent's result lacks what its step is for
	CodeProofFailed     = "proof_failed"      // the manifest did not pass its proof
	CodeTooManyRounds   = "too_many_rounds"   // MaxRounds answers did not complete the request
	CodeDialogueTooLong = "dialogue_too_long" // the answers exceed MaxDialogueBytes
	CodeTooLarge        = "too_large"         // the run does not fit into its document
	CodeCancelled       = "cancelled"
	CodeExpired         = "expired"
)

// end ends the run. Without a reason the state's own is given; a delivered run has none.
func (t *transition) end(s State, why *Refusal) {
	r := &t.run
	if r.State.Waiting() && s == Cancelled {
		t.waited()
	}
	t.finish(OutcomeAbandoned, 0)
	r.State = s
	switch {
	case why != nil:
		r.Reason = why
	case s == Cancelled:
		r.Reason = new(reason(r.Language, CodeCancelled))
	case s == Expired:
		r.Reason = new(reason(r.Language, CodeExpired))
	}
	r.Questions, r.Known = nil, nil
	r.Deadline = time.Time{}
}

func (t *transition) fail(code string) { t.end(Failed, new(reason(t.run.Language, code))) }

// reason is a reason of the machine's own, in the requester's language.
func reason(language, code string) Refusal {
	return Refusal{Code: code, Message: i18n.T(language, "manager.reason."+code)}
}
