package collector

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"proviso.dev/pkg/pve"
)

// rights tells what the token may do. A reader of Proxmox VE can; a test's snapshot function cannot.
type rights interface {
	Check(ctx context.Context) (pve.Access, error)
}

var _ rights = (*pve.Follower)(nil)

const (
	rightsFirst = time.Second // wait after the first failure; it doubles
	rightsMost  = time.Minute // longest wait between two attempts
	rightsCall  = 10 * time.Second
)

// tellRights says once, at the start, what the token may do beyond reading and what it lacks. The collector works with such a
// token all the same, since its transport sends GET alone; but who runs it should know that the token could do more. A cluster
// that cannot be read yet is asked again until ctx ends; runs report that failure themselves, so it is not logged here.
func tellRights(ctx context.Context, r rights, log *slog.Logger, after func(time.Duration) <-chan time.Time) {
	for wait := rightsFirst; ; wait = min(2*wait, rightsMost) {
		call, cancel := context.WithTimeout(ctx, rightsCall)
		a, err := r.Check(call)
		cancel()
		if err == nil {
			logRights(log, a)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-after(wait):
		}
	}
}

func logRights(log *slog.Logger, a pve.Access) {
	log = log.With("token", a.Token, "version", a.Version)
	if len(a.Excess) > 0 {
		log.Warn("token may do more than read; give it the role PVEAuditor on / alone, with propagation",
			"excess", strings.Join(a.Excess, " "))
	}
	if len(a.Missing) > 0 {
		log.Warn("token may not read everything", "missing", strings.Join(a.Missing, " "))
	}
	if len(a.Narrowed) > 0 {
		log.Warn("token holds less in places", "paths", strings.Join(a.Narrowed, " "))
	}
	if len(a.Excess)+len(a.Missing)+len(a.Narrowed) == 0 {
		log.Info("token may read and nothing else")
	}
}
