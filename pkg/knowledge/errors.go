package knowledge

import "errors"

// ErrNotIndexed is returned when the provider's documentation is not at hand.
var ErrNotIndexed = errors.New("the provider's documentation is not indexed")
