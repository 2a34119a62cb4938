package manager

import "errors"

var (
	// ErrConflict is returned when a run was written by somebody else since it was read.
	ErrConflict = errors.New("run was changed meanwhile")

	// ErrContended is returned when a run, or the memory of its session, could not be written because others kept writing it. The
	// message is to be delivered again a little later.
	ErrContended = errors.New("document is contended")

	// ErrAhead is returned when a message speaks of something that the run, as read, has not come to: the copy was old, or the
	// message was quicker than the one before it.
	ErrAhead = errors.New("message is ahead of the run")
)
