package analyser

import (
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/pve"

	"proviso.dev/pkg/placement"
	"proviso.dev/services/analyser/internal/reservation"
)

// cachedSnapshots is how many clusters' states are kept decoded; runs of one moment share one.
const cachedSnapshots = 8

// A cluster is a snapshot with what is derived from it once.
type cluster struct {
	snapshot *pve.Snapshot
	index    *placement.Index
	policy   placement.Policy
	inUse    *reservation.InUse
}

// newSnapshots keeps the latest clusters by the digest of their snapshot.
func newSnapshots(fetch bus.FetchFn, p placement.Policy) (*bus.Decoded[*cluster], error) {
	return bus.NewDecoded(fetch, cachedSnapshots, func(data []byte) (*cluster, error) {
		snapshot, err := pve.DecodeSnapshot(data)
		if err != nil {
			return nil, err
		}
		return &cluster{
			snapshot: snapshot,
			index:    placement.NewIndex(snapshot, p),
			policy:   p,
			inUse:    reservation.NewInUse(snapshot.Guests),
		}, nil
	})
}
