package pve

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// defaultDetailAge is how old details may become.
const defaultDetailAge = 5 * time.Minute

// defaultBriefAge is how old brief sections may become.
const defaultBriefAge = 30 * time.Second

// A Follower reads one cluster again and again. What it hands out is as fresh as a reading of its reader, for the price of a
// refresh: four requests, and the sections that are not known well enough any more. It is safe for concurrent use.
type Follower struct {
	*Reader

	detailAge time.Duration
	briefAge  time.Duration
	turn      chan struct{} // held by the one who reads

	mu   sync.Mutex // guards what follows
	last *memory    // nil until a reading succeeded
	cost Reading
}

// A FollowerConfig says what a follower may keep.
type FollowerConfig struct {
	// DetailAge is the age from which bridges and details are read anew. Zero means 5 minutes. Who keeps snapshots for a while
	// takes that time off.
	DetailAge time.Duration
	// BriefAge is the same for HA rules and Ceph, which cost few requests, change without leaving a task, and by which a plan goes
	// wrong. Zero means 30 seconds; more than DetailAge means DetailAge.
	BriefAge time.Duration
}

// A Reading says what the last reading cost.
type Reading struct {
	Began time.Time
	// Took is how long it took.
	Took time.Duration
	// Requests that were sent, all attempts, and Bytes of their answers, uncompressed.
	Requests int
	Bytes    int64
	// Rows of the list of resources that were new or changed.
	Rows int
	// Sections are the names of the sections that were read beside the state.
	Sections []string
}

// NewFollower returns a follower of the reader's cluster. It sends nothing yet.
func NewFollower(r *Reader, cfg FollowerConfig) *Follower {
	if cfg.DetailAge <= 0 {
		cfg.DetailAge = defaultDetailAge
	}
	if cfg.BriefAge <= 0 {
		cfg.BriefAge = defaultBriefAge
	}
	return &Follower{Reader: r, detailAge: cfg.DetailAge, briefAge: min(cfg.BriefAge, cfg.DetailAge), turn: make(chan struct{}, 1)}
}

// Snapshot is Refresh.
func (f *Follower) Snapshot(ctx context.Context) (*Snapshot, error) { return f.Refresh(ctx) }

// Refresh reads the present state. Sections whose reading is younger than their bound are shared with the last snapshot, unless
// something hints at a change: a node that came, went or changed its state, a task, a new version. When the state cannot be read
// it fails as [Reader.Snapshot] does; an older one is never returned in its place.
func (f *Follower) Refresh(ctx context.Context) (*Snapshot, error) {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("read cluster: %w", context.Cause(ctx))
	}
	f.mu.Lock()
	last := f.last
	f.mu.Unlock()
	s := &survey{r: f.Reader, last: last, details: true, follow: true, bound: f.detailAge, brief: f.briefAge}
	metered, meter := WithMeter(ctx)
	m, err := s.read(metered)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cost = Reading{
		Began: s.began, Took: f.now().Sub(s.began), Requests: meter.Requests(), Bytes: meter.Bytes(),
		Rows: meter.Rows(), Sections: s.reread,
	}
	if err != nil {
		return nil, err
	}
	f.last = m
	return m.snap, nil
}

// LastReading returns what the last reading cost, whether it succeeded or not; zero before the first.
func (f *Follower) LastReading() Reading {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cost
}
