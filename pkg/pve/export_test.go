package pve

import "time"

// NoPause makes a reader send its attempts one right after the other.
func NoPause(r *Reader) { r.backoff = func(int) time.Duration { return 0 } }
