package prover

import "errors"

// errNoGuests is returned when the twin's dump has another form than the comparison reads.
var errNoGuests = errors.New("the dump of the twin has no guests")
