// Package saga is the life of a run as a state machine: Step takes a run and one message and returns the run after it and
// the commands that follow.
//
// It owns the states, which message moves which state, retries, deadlines, the limits of a dialogue, and the times that a run
// records. It does not publish, store, measure time or understand language: the moment is in the message, what a requester
// said is handed to the step "understand" as it is, and intents, plans and proofs are carried without being read.
//
// A message may arrive twice, late or out of order. Run.Applies decides from the run alone whether it still means something;
// if not, Step changes nothing. So equal messages in any number and order never act twice, and an end is final.
package saga
