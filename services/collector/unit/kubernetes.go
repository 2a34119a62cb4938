package collector

import (
	"context"
	"fmt"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// recentKubernetes keeps the last state of a Kubernetes cluster for as long as states may be old, and has one reader for all who
// wait. A failure is nobody's state.
type recentKubernetes struct {
	source Kubernetes
	maxAge time.Duration
	now    func() time.Time

	turn  chan struct{} // held by the one who reads; guards what follows
	last  *provisov1.KubernetesState
	began time.Time
}

func newRecentKubernetes(source Kubernetes, maxAge time.Duration, now func() time.Time) *recentKubernetes {
	return &recentKubernetes{source: source, maxAge: maxAge, now: now, turn: make(chan struct{}, 1)}
}

// Read returns a state that is at most maxAge old.
func (r *recentKubernetes) Read(ctx context.Context) (*provisov1.KubernetesState, error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the Kubernetes cluster: %w", context.Cause(ctx))
	}
	if r.last != nil && r.now().Sub(r.began) < r.maxAge {
		return r.last, nil
	}
	began := r.now()
	state, err := r.source.Read(ctx)
	if err != nil {
		return nil, err
	}
	r.last, r.began = state, began
	return state, nil
}
