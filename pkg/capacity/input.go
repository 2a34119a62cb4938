package capacity

import (
	"time"

	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Input is what a diagnosis rests on. Snapshot and Now are required.
type Input struct {
	Snapshot *pve.Snapshot
	// SnapshotRef and HistoryRef name the artefacts, so that every figure can be checked; nil: none was stored.
	SnapshotRef, HistoryRef *provisov1.Reference
	// History is the load of nodes and storages over time; nil: none was read. Then nothing is forecast.
	History *pve.History
	// Kubernetes is the cluster that runs on this one; nil: none was read, so that its features are unknown.
	Kubernetes *provisov1.KubernetesState
	// Now is the moment from which "the coming day" counts.
	Now time.Time
	// Forecaster continues a history; nil: nothing is forecast, and there are no trends.
	Forecaster forecast.Forecaster
	// Policy says how full nodes may become; the zero value is the default. Index is the snapshot prepared under it; nil: it is
	// prepared here. Where it counts on forecast peaks, so does what is said to be free.
	Policy placement.Policy
	Index  *placement.Index
	// Bounds are what makes a figure a hot spot; the zero value is the default.
	Bounds Bounds
}

// Bounds are the figures from which something is a hot spot. All are fractions; the zero value of each is its default.
type Bounds struct {
	// CPU in use of a node: 0.80, and 0.95 for an error.
	CPU, CPUError float64
	// Memory in use, of what guests may have: 0.90. All of it is an error.
	Memory float64
	// Storage in use, of what may be used: 0.85. All of it is an error.
	Storage float64
	// IOWait, mean of a day: 0.10, and 0.25 for an error.
	IOWait, IOWaitError float64
}

func (b Bounds) withDefaults() Bounds {
	for _, d := range []struct {
		field *float64
		value float64
	}{{&b.CPU, 0.80}, {&b.CPUError, 0.95}, {&b.Memory, 0.90}, {&b.Storage, 0.85}, {&b.IOWait, 0.10}, {&b.IOWaitError, 0.25}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return b
}
