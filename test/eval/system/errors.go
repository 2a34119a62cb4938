package system

import (
	"errors"
	"fmt"
)

// errNoGuest is returned when a guest is to be configured that the fixture does not have.
var errNoGuest = errors.New("no such guest in the fixture")

// ErrRefused is returned when the gateway does not take a request in.
var ErrRefused = errors.New("gateway refused the request")

// statusError is returned when an HTTP server answers with an unexpected status.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("status %d", int(e)) }
