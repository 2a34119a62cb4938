package agent

import (
	"errors"
	"fmt"
	"time"
)

// ErrClosed is the cause of a unit's context when its connection was closed for good. The supervisor connects anew.
var ErrClosed = errors.New("connection closed")

// ErrNobodyAnswers is returned when no unit of a role serves a query now: none runs, or it is starting or stopping.
var ErrNobodyAnswers = errors.New("nobody answers")

// Failure is returned by a [StepFunc] when the step cannot be done and the requester, or the manager, should know why. It is
// published as step_failed and the work is acknowledged.
type Failure struct {
	Code      string // stable, English: "platform_unreachable"; matches ^[a-z0-9_]+$
	Message   string // one sentence in the requester's language
	Retryable bool   // trying again may help
	Err       error  // for the log; nil: nothing to add
}

// Error is for logs; the requester sees Message.
func (f *Failure) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("%s: %v", f.Code, f.Err)
	}
	return f.Code + ": " + f.Message
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// maxDelay bounds how long a message may be handed back: a delayed message keeps its place among the unacknowledged ones, so
// longer waits are the manager's timers.
const maxDelay = 5 * time.Second

// RetryError is returned by a handler of [Consume] that wants the message again after a while. See [RetryAfter].
type RetryError struct {
	After time.Duration // at most 5 s counts
	Err   error
}

// Error names the delay and the reason.
func (e *RetryError) Error() string { return fmt.Sprintf("retry after %s: %v", e.After, e.Err) }

// Unwrap returns the reason.
func (e *RetryError) Unwrap() error { return e.Err }

// RetryAfter hands a message back, to be delivered again after d, at most 5 s. When the message has used up its deliveries it
// becomes a dead letter instead.
func RetryAfter(d time.Duration, err error) error {
	if err == nil {
		err = errors.New("asked for")
	}
	return &RetryError{After: d, Err: err}
}

// TerminateError is returned by a handler of [Consume] for a message that will never do. See [Terminate].
type TerminateError struct {
	Code   string // of the dead letter: "invalid", "unknown_verb", …
	Reason string // one line for operators, English
}

// Error names code and reason.
func (e *TerminateError) Error() string { return e.Code + ": " + e.Reason }

// Terminate moves a message to the dead letters at once.
func Terminate(code, reason string) error { return &TerminateError{Code: code, Reason: reason} }
