package analyser

import (
	"context"
	"fmt"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/analyser/internal/placement"
	"proviso.dev/services/analyser/internal/reservation"
)

// cachedSnapshots is how many clusters' states are kept decoded; runs of one moment share one.
const cachedSnapshots = 8

// A cluster is a snapshot with what is derived from it once.
type cluster struct {
	snapshot *pve.Snapshot
	index    *placement.Index
	inUse    *reservation.InUse
}

// A fetch returns the bytes behind a reference.
type fetch func(context.Context, *provisov1.Reference) ([]byte, error)

// snapshots keeps the latest clusters by the digest of their snapshot. Runs that ask for the same one at the same time
// wait for one decoding.
type snapshots struct {
	fetch  fetch
	policy placement.Policy

	mu    sync.Mutex // held while decoding: it is what runs would wait for anyway
	cache *lru.Cache[string, *cluster]
}

func newSnapshots(f fetch, p placement.Policy) (*snapshots, error) {
	cache, err := lru.New[string, *cluster](cachedSnapshots)
	if err != nil {
		return nil, fmt.Errorf("make cache of snapshots: %w", err)
	}
	return &snapshots{fetch: f, policy: p, cache: cache}, nil
}

func (s *snapshots) get(ctx context.Context, ref *provisov1.Reference) (*cluster, error) {
	if c, ok := s.cache.Get(ref.GetDigest()); ok {
		return c, nil
	}
	data, err := s.fetch(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("fetch snapshot: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.cache.Get(ref.GetDigest()); ok {
		return c, nil
	}
	snapshot, err := pve.DecodeSnapshot(data)
	if err != nil {
		return nil, fmt.Errorf("decode snapshot: %w", err)
	}
	c := &cluster{
		snapshot: snapshot,
		index:    placement.NewIndex(snapshot, s.policy),
		inUse:    reservation.NewInUse(snapshot.Guests),
	}
	s.cache.Add(ref.GetDigest(), c)
	return c, nil
}
