package saga

import "time"

// The bounds of a run. They are part of the machine: changing one changes what a stored run means.
const (
	// MaxAttempts is how often a step is asked for before the run fails. Each round of the dialogue counts afresh.
	MaxAttempts = 3
	// MaxRounds is how many answers the dialogue takes before the run is refused.
	MaxRounds = 10
	// MaxDialogueBytes bounds what a requester may say in all answers together.
	MaxDialogueBytes = 12 << 10
	// MaxAppliedKeys bounds the memory of message ids. Older ones are stale for other reasons: their question is closed.
	MaxAppliedKeys = 64

	// MaxNotices is how many notices a run has; later ones are left out.
	MaxNotices = 16
	// MaxSuspected is how many suspicions of a run are recorded; later ones only say again that the request is hostile.
	MaxSuspected = 64

	// AnswerTimeout is how long an open question waits before the run expires.
	AnswerTimeout = 24 * time.Hour
	// RetryDelay is the pause before the last attempt; the one before follows at once.
	RetryDelay = 2 * time.Second
)

// stepTimeout is how long an attempt of a step may take.
func stepTimeout(s StepName) time.Duration {
	if s == Build {
		return 15 * time.Minute
	}
	return time.Minute
}
