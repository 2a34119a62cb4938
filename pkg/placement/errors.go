package placement

import (
	"errors"
	"fmt"
)

// ErrInfeasible is what every InfeasibleError unwraps to.
var ErrInfeasible = errors.New("no node can take the guest")

// An InfeasibleError is returned when the demands do not fit.
type InfeasibleError struct {
	// Demand is the index of the first demand that found no node after those before it had theirs.
	Demand int
	// Nodes says for each node which resource ran out first.
	Nodes []Assessment
	// MostMemoryBytes is the largest memory with which that demand would fit now, everything else unchanged; 0: none would.
	MostMemoryBytes int64
	// MostMemoryNode is the node that has it.
	MostMemoryNode string
	// Elsewhere are the nodes that would take the demand without its wishes about nodes.
	Elsewhere []string
	// Proven is false when not everything was looked at: a placement might exist.
	Proven bool
	// Moves are the fewest moves of guests that the cluster has, one or two, after which the demands fit; nil when none were found.
	Moves *Advice
}

func (e *InfeasibleError) Error() string {
	return fmt.Sprintf("demand %d: %v", e.Demand, ErrInfeasible)
}

// Unwrap lets errors.Is find ErrInfeasible.
func (e *InfeasibleError) Unwrap() error { return ErrInfeasible }
