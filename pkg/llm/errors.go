package llm

import (
	"errors"
	"fmt"
	"time"
)

// ErrBudget is returned when a call would exceed what a run may spend.
var ErrBudget = errors.New("budget of the run is spent")

// ErrOpen is returned when the breaker of a model is open: it failed often a moment ago and is left alone.
var ErrOpen = errors.New("breaker is open")

// ErrPrompt is returned when a prompt is larger than one may be. It is the caller's mistake: extracts have caps.
var ErrPrompt = errors.New("prompt is too large")

// Kind says how a call failed. It is a closed set: metrics carry it.
type Kind string

// The ways in which a call fails.
const (
	KindLimited     Kind = "rate_limited" // 429; RetryAfter may say when to come back
	KindUnavailable Kind = "unavailable"  // 5xx, no connection, a cut answer
	KindTimeout     Kind = "timeout"      // no answer in time
	KindRejected    Kind = "rejected"     // another 4xx: asking again changes nothing
	KindBlocked     Kind = "blocked"      // the provider refuses the prompt or its own answer
	KindTruncated   Kind = "truncated"    // the answer did not fit into the tokens given
	KindProtocol    Kind = "protocol"     // what came is no answer of this protocol
)

// Error is returned by a [Model] for every failed call. It never holds the prompt, the answer, or a key.
type Error struct {
	Kind       Kind
	Status     int           // of HTTP; 0: there was none
	RetryAfter time.Duration // as the provider asks; 0: it does not say
	Again      bool          // the adapter learned something: the same call may succeed at once
	Err        error         // for the log
}

// Error names the kind, the status and the cause.
func (e *Error) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("%s (status %d): %v", e.Kind, e.Status, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Kind, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// retryable reports whether the same call may succeed later.
func (e *Error) retryable() bool {
	return e.Kind == KindLimited || e.Kind == KindUnavailable || e.Kind == KindTimeout
}

// Reason says why the models are out for a run. It is a closed set: texts for people and metrics carry it.
type Reason string

// The reasons for being out.
const (
	ReasonBudget      Reason = "budget"      // the run may spend no more
	ReasonNonsense    Reason = "nonsense"    // the answer could not be used, and neither could its repair, if the budget had room for one
	ReasonUnavailable Reason = "unavailable" // no configured model answered
	ReasonTimeout     Reason = "timeout"     // none answered in time
	ReasonEarlier     Reason = "earlier"     // it was out before; the requester has been told
)

// OutError is returned when the models are out for this run: the caller goes on without.
type OutError struct {
	Reason Reason
	Err    error // the last failure, for the log; may be nil
}

// Error names the reason.
func (e *OutError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("models are out (%s)", e.Reason)
	}
	return fmt.Sprintf("models are out (%s): %v", e.Reason, e.Err)
}

// Unwrap returns the last failure.
func (e *OutError) Unwrap() error { return e.Err }

// KindOf returns the kind of failure that a status of HTTP means.
func KindOf(status int) Kind {
	switch {
	case status == 429:
		return KindLimited
	case status == 408 || status == 504:
		return KindTimeout
	case status >= 500:
		return KindUnavailable
	case status >= 400:
		return KindRejected
	}
	return KindProtocol
}
