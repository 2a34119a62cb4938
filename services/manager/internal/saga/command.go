package saga

import (
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Command is one thing to publish after a transition: Audit, Work, Changed, Ended, Report or Timer. What it says beyond its fields is
// in the run after the transition.
type Command interface{ command() }

// Work asks an agent for an attempt of a step.
type Work struct {
	Step     StepName
	Attempt  int
	Deadline time.Time
	// Language that the texts for the requester must have; empty: the agent finds out.
	Language string
}

// Changed announces that the run entered a state that is not an end.
type Changed struct{ State State }

// Ended announces the end; it is published only if no end was announced before.
type Ended struct{ State State }

// Report hands what came of the request to its publisher; published only if there is none yet.
type Report struct{ Publisher string }

// Timer sets the run's timer; it replaces the one that is set.
type Timer struct{ Deadline time.Time }

// Audit records an entry of the run's chain; published only if it is not there yet.
type Audit struct{ Entry *provisov1.AuditEntry }

func (Audit) command()   {}
func (Work) command()    {}
func (Changed) command() {}
func (Ended) command()   {}
func (Report) command()  {}
func (Timer) command()   {}
