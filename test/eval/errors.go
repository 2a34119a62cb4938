package eval

import "errors"

// ErrCase is returned when a file of cases cannot be used as written.
var ErrCase = errors.New("invalid case")

// ErrFixture is returned when a case names a cluster that does not exist.
var ErrFixture = errors.New("unknown fixture")
