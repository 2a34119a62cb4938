package builder

import (
	"context"
	"fmt"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/builder/internal/review"
)

// cachedClusters is how many clusters' states are kept decoded; runs of one moment share one.
const cachedClusters = 8

// A fetch returns the bytes behind a reference.
type fetch func(context.Context, *provisov1.Reference) ([]byte, error)

// clusters keeps the latest snapshots, indexed for review, by digest. Runs that ask for the same one at the same time wait
// for one decoding.
type clusters struct {
	fetch fetch
	mu    sync.Mutex // held while decoding: it is what runs would wait for anyway
	cache *lru.Cache[string, *review.Cluster]
}

func newClusters(f fetch) (*clusters, error) {
	cache, err := lru.New[string, *review.Cluster](cachedClusters)
	if err != nil {
		return nil, fmt.Errorf("make cache of clusters: %w", err)
	}
	return &clusters{fetch: f, cache: cache}, nil
}

func (c *clusters) get(ctx context.Context, ref *provisov1.Reference) (*review.Cluster, error) {
	if cluster, ok := c.cache.Get(ref.GetDigest()); ok {
		return cluster, nil
	}
	data, err := c.fetch(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("fetch snapshot: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if cluster, ok := c.cache.Get(ref.GetDigest()); ok {
		return cluster, nil
	}
	snapshot, err := pve.DecodeSnapshot(data)
	if err != nil {
		return nil, fmt.Errorf("decode snapshot: %w", err)
	}
	cluster := review.Index(snapshot)
	c.cache.Add(ref.GetDigest(), cluster)
	return cluster, nil
}
