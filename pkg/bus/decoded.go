package bus

import (
	"context"
	"fmt"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// FetchFn returns the bytes behind a reference; [Artifacts.Get] is one.
type FetchFn func(context.Context, *provisov1.Reference) ([]byte, error)

// Decoded keeps the latest artefacts of one kind in the form that a unit works with, by digest: decoding a snapshot of
// thousands of guests, and indexing it, costs more than all the rest of a step. It is safe for concurrent use.
type Decoded[T any] struct {
	fetch  FetchFn
	decode func([]byte) (T, error)

	mu    sync.Mutex // held while decoding: those who ask for the same artefact would wait for it anyway
	cache *lru.Cache[string, T]
}

// NewDecoded keeps at most size artefacts; size is at least 1. What decode returns is shared and must not be changed.
func NewDecoded[T any](fetch FetchFn, size int, decode func([]byte) (T, error)) (*Decoded[T], error) {
	cache, err := lru.New[string, T](size)
	if err != nil {
		return nil, fmt.Errorf("make cache of decoded artefacts: %w", err)
	}
	return &Decoded[T]{fetch: fetch, decode: decode, cache: cache}, nil
}

// Get returns the decoded artefact. The error is that of fetching or of decoding, and is not kept.
func (d *Decoded[T]) Get(ctx context.Context, ref *provisov1.Reference) (T, error) {
	var none T
	if v, ok := d.cache.Get(ref.GetDigest()); ok {
		return v, nil
	}
	data, err := d.fetch(ctx, ref)
	if err != nil {
		return none, fmt.Errorf("fetch artefact: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if v, ok := d.cache.Get(ref.GetDigest()); ok {
		return v, nil
	}
	v, err := d.decode(data)
	if err != nil {
		return none, fmt.Errorf("decode artefact: %w", err)
	}
	d.cache.Add(ref.GetDigest(), v)
	return v, nil
}
