package bus

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Prefixes of keys, so that watches and rights can stop at them.
const (
	keyRun    = "run."
	keyActive = "active."
)

// RunKey is the key of a run's record in the bucket [BucketRuns].
func RunKey(run string) string { return keyRun + run }

// ParseRunKey is the inverse of [RunKey].
func ParseRunKey(key string) (run string, ok bool) {
	run, ok = strings.CutPrefix(key, keyRun)
	return run, ok && ValidID(run)
}

// ActiveKey is the key that marks a run as not ended. It is written before the run and removed after its end, so that
// whoever looks for unfinished runs need not read every run ever made; a stale mark is harmless.
func ActiveKey(run string) string { return keyActive + run }

// ParseActiveKey is the inverse of [ActiveKey].
func ParseActiveKey(key string) (run string, ok bool) {
	run, ok = strings.CutPrefix(key, keyActive)
	return run, ok && ValidID(run)
}

// ActiveKeys matches the mark of every run that has not ended.
const ActiveKeys = keyActive + "*"

// SessionKey is the key of a dialogue's memory in the bucket [BucketSessions]. It is a digest over who speaks as well, so that
// nobody reads somebody else's by knowing its name, and no name becomes part of a key.
func SessionKey(publisher, subject, session string) string {
	h := sha256.New()
	for _, part := range []string{"proviso session", publisher, subject, session} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// StepID is the message id of what somebody does about one attempt of a step. The action is part of it: two messages about
// the same attempt must not be taken for one.
func StepID(run, step string, attempt int, action string) string {
	return run + "." + step + "." + strconv.Itoa(attempt) + "." + action
}
