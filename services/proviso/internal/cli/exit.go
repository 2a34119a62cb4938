package cli

import "errors"

// Exit codes; they are part of the interface.
const (
	exitDelivered  = 0 // delivered, or the command did what it was asked to
	exitFailed     = 1 // something went wrong on our side or on the way
	exitUsage      = 2 // the command or its configuration is wrong
	exitNeedsInput = 3 // there are open questions and nobody to ask
	exitRefused    = 4 // the request cannot be served as it is
)

// errNoInput is returned when a question has to be asked and standard input has ended.
var errNoInput = errors.New("input has ended")

// usageError is a mistake in the command or its configuration.
type usageError struct {
	key  string // of the sentence in the catalogue
	args []any
}

func (e *usageError) Error() string { return e.key }

// refusal is a request that cannot be served, known before a run began.
type refusal struct {
	code string
	key  string // of the sentence in the catalogue
	args []any
}

func (e *refusal) Error() string { return e.code }
