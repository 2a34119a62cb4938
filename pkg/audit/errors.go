package audit

import "fmt"

// BrokenError is returned when a chain is not whole. Seq is the place where it breaks, from 1; What says how.
type BrokenError struct {
	Seq  int32
	What string
}

func (e *BrokenError) Error() string { return fmt.Sprintf("audit chain: entry %d %s", e.Seq, e.What) }
