package cli

import (
	"runtime"
	"runtime/debug"
)

const (
	// memoryLimit is where the garbage collector begins to work harder instead of letting the heap grow; it is no bound. Near
	// the heap that a loaded system keeps, about 200 MB, the collector takes half of the throughput.
	memoryLimit = 384 << 20

	// gcPercent is lower than Go's 100 because half of the heap is block buffers of the embedded bus, which hold no pointers:
	// to collect more often costs little, and letting such a heap double costs much.
	gcPercent = 50

	// waitingOnDisk is how many threads may run beyond the number of cores. With every accepted message written through, two
	// cores spend about one of their two turns waiting for the disk, and a thread that waits keeps its turn until the
	// runtime notices. Seen on two cores: 88 runs a second without, 105 with.
	waitingOnDisk = 2
)

// tune fits Go's runtime to a process that embeds the bus. What the environment says (GOMEMLIMIT, GOGC, GOMAXPROCS) stays.
func tune(getenv func(string) string) {
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + waitingOnDisk)
	}
}
