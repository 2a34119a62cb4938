package saga

// State is where a run is. The zero value is not a state.
type State string

// The states of a run. Received has no document yet; Clarifying and Confirming wait for the requester; the last five are
// ends, which nothing leaves.
const (
	Received      State = "received"
	Understanding State = "understanding"
	Clarifying    State = "clarifying"
	Confirming    State = "confirming"
	Collecting    State = "collecting"
	Analysing     State = "analysing"
	Building      State = "building"
	Delivered     State = "delivered"
	Refused       State = "refused"
	Failed        State = "failed"
	Cancelled     State = "cancelled"
	Expired       State = "expired"
)

// States lists every state in the order of a run's life, ends last.
var States = []State{
	Received, Understanding, Clarifying, Confirming, Collecting, Analysing, Building,
	Delivered, Refused, Failed, Cancelled, Expired,
}

// Ended reports whether s is an end.
func (s State) Ended() bool {
	switch s {
	case Delivered, Refused, Failed, Cancelled, Expired:
		return true
	}
	return false
}

// Waiting reports whether s waits for the requester.
func (s State) Waiting() bool { return s == Clarifying || s == Confirming }

// Busy reports whether s waits for an agent, or for the moment to ask it again.
func (s State) Busy() bool { return s.step() != "" }

// step is the step that runs in s; empty unless s is busy.
func (s State) step() StepName {
	switch s {
	case Understanding:
		return Understand
	case Collecting:
		return Collect
	case Analysing:
		return Analyse
	case Building:
		return Build
	}
	return ""
}

// StepName names a step that an agent does for a run; it is the verb of the work.
type StepName string

// The steps of a run, in order. Understand comes as often as the dialogue needs it.
const (
	Understand StepName = "understand"
	Collect    StepName = "collect"
	Analyse    StepName = "analyse"
	Build      StepName = "build"
)

// Role is the agent that does the step.
func (s StepName) Role() string {
	switch s {
	case Understand, Collect:
		return "collector"
	case Analyse:
		return "analyser"
	case Build:
		return "builder"
	}
	return ""
}

// state is the state in which the step runs.
func (s StepName) state() State {
	switch s {
	case Understand:
		return Understanding
	case Collect:
		return Collecting
	case Analyse:
		return Analysing
	case Build:
		return Building
	}
	return ""
}
