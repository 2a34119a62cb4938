package reservation

import (
	"errors"
	"fmt"
)

// ErrNoFreeID is returned when every id from 100 to 999999999 is taken.
var ErrNoFreeID = errors.New("no free VM id")

// A NameError is returned when a name that may not be changed is taken.
type NameError struct {
	Name string
	// Run that holds it; empty: a guest of the cluster, or another machine of the same run.
	Run string
}

func (e *NameError) Error() string { return fmt.Sprintf("name %s is taken", e.Name) }

// An IDError is returned when an id that was demanded is promised to another run, or to another machine of the same.
type IDError struct {
	VMID int
	Run  string
}

func (e *IDError) Error() string { return fmt.Sprintf("VM id %d is promised to run %s", e.VMID, e.Run) }
