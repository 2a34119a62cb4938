package twin

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// FromJSON reads a seed that was written as JSON. Unknown fields are errors, because a misspelt one would silently give
// another cluster. The error is ErrSeed.
func FromJSON(fixture []byte) (Seed, error) {
	var seed Seed
	d := json.NewDecoder(bytes.NewReader(fixture))
	d.DisallowUnknownFields()
	if err := d.Decode(&seed); err != nil {
		return Seed{}, fmt.Errorf("%w: read fixture: %w", ErrSeed, err)
	}
	return seed, nil
}
