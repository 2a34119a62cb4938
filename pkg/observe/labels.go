package observe

// Outcomes of a message.
const (
	OutcomeOK      = "ok"      // done
	OutcomeRefused = "refused" // done: the answer is no
	OutcomeRetried = "retried" // handed back, to be delivered again
	OutcomeFailed  = "failed"  // done: a failure was reported
	OutcomeDead    = "dead"    // moved to the dead letters
)

// Reasons for a redelivery.
const (
	RedeliveryRetry    = "retry"    // the handler asked for it
	RedeliveryShutdown = "shutdown" // the unit was stopping
	RedeliveryAgain    = "again"    // taken up again, after a retry, a shutdown or a death
)

// Outcomes returns the outcomes of a message.
func Outcomes() []string {
	return []string{OutcomeOK, OutcomeRefused, OutcomeRetried, OutcomeFailed, OutcomeDead}
}
