package forecast

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrNoHistory is returned when there is no value to forecast from and no prior either.
	ErrNoHistory = errors.New("no history")
	// ErrNotFinite is returned when a value is NaN or infinite. The error is a [*ValueError] that says which.
	ErrNotFinite = errors.New("value is not finite")
	// ErrStep is returned when a step is not positive, or below the resolution of a second.
	ErrStep = errors.New("step is not a positive number of whole seconds")
	// ErrTooLong is returned when first and last sample lie further apart than MaxBuckets steps, or a horizon asks for more than
	// MaxHorizon: a mistyped time must not cost gigabytes.
	ErrTooLong = errors.New("too many steps")
	// ErrOptions is returned when options contradict one another or a quantile is not between 0 and 1.
	ErrOptions = errors.New("options")
	// ErrTime is returned when a row's first field is no time.
	ErrTime = errors.New("no time")
	// ErrValue is returned when a row's second field is no number.
	ErrValue = errors.New("no number")
	// ErrColumns is returned when a row does not have two fields.
	ErrColumns = errors.New("not two columns")
)

// ValueError says which value cannot be used.
type ValueError struct {
	Index int       // of the value among those given, from 0
	Time  time.Time // of the value
	Value float64
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("value %d at %s is %v: %v", e.Index, e.Time.UTC().Format(time.RFC3339), e.Value, ErrNotFinite)
}

// Unwrap makes the error an [ErrNotFinite].
func (e *ValueError) Unwrap() error { return ErrNotFinite }
