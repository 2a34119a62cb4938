package packing

import (
	"errors"
	"fmt"
)

var (
	// ErrTooLarge is returned when an item alone does not fit into an empty bin.
	ErrTooLarge = errors.New("item larger than a bin")
	// ErrNegative is returned when a size, a capacity, a count or a demand is below zero.
	ErrNegative = errors.New("number below zero")
	// ErrTruncated is returned when a file ends before its last number.
	ErrTruncated = errors.New("file ends too early")
	// ErrOverlong is returned when a file goes on after its last number.
	ErrOverlong = errors.New("file goes on after its last number")
	// ErrNumber is returned when a file holds something that is no decimal integer.
	ErrNumber = errors.New("no integer")
	// ErrLimit is returned when an instance is beyond MaxDimensions, MaxItems or MaxSize, or has no dimension.
	ErrLimit = errors.New("beyond the limits of an instance")
	// ErrPacking is returned when a packing misses an item, holds one twice, or overfills a bin.
	ErrPacking = errors.New("wrong packing")
)

// FormatError is what is wrong with a file and where.
type FormatError struct {
	Line int    // 1-based; the last line when the file ends too early
	Word string // the offending word, shortened; empty at the end of the file
	Err  error  // one of the sentinels above, or the reader's own error
}

// Error names the line, then the reason.
func (e *FormatError) Error() string {
	if e.Word == "" {
		return fmt.Sprintf("line %d: %v", e.Line, e.Err)
	}
	return fmt.Sprintf("line %d: %q: %v", e.Line, e.Word, e.Err)
}

// Unwrap returns the reason.
func (e *FormatError) Unwrap() error { return e.Err }
