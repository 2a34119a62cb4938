package builder

import (
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/pve"

	"proviso.dev/services/builder/internal/review"
)

// cachedClusters is how many clusters' states are kept decoded; runs of one moment share one.
const cachedClusters = 8

// newClusters keeps the latest snapshots, indexed for review, by digest.
func newClusters(fetch bus.FetchFn) (*bus.Decoded[*review.Cluster], error) {
	return bus.NewDecoded(fetch, cachedClusters, func(data []byte) (*review.Cluster, error) {
		snapshot, err := pve.DecodeSnapshot(data)
		if err != nil {
			return nil, err
		}
		return review.Index(snapshot), nil
	})
}
