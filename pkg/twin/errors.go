package twin

import "errors"

var (
	// ErrSeed is returned when a seed contradicts itself, for example a guest on a node that is not there.
	ErrSeed = errors.New("seed is not consistent")
	// ErrState is returned when the laboratory has no state of that name.
	ErrState = errors.New("unknown state of the laboratory")
)
