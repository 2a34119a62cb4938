package placement

import "time"

// Options are what a snapshot does not say of a cluster. The zero value adds nothing.
type Options struct {
	// Usable are the bytes that new disks find on a storage of a node, net of replicas and of what thin volumes may still grow to;
	// a storage that is not named has what its total leaves over its use. A shared storage may be named for any of its nodes.
	Usable map[StorageOn]int64
	// Peaks are what the forecast expects of the coming day, by node. A node that is not named counts as it is measured.
	Peaks map[string]Peak
	// Links are what a node's network carries, by node. A node that is not named has no limit.
	Links map[string]Link
	// Mappings are the devices that guests can be given.
	Mappings []Mapping
	// Quotas limit what the guests of a resource pool may have, by pool.
	Quotas map[string]Quota
}

// A StorageOn is a storage as one node sees it.
type StorageOn struct{ Storage, Node string }

// A Peak is the greatest load that a forecast expects of a node, nineteen times in twenty not exceeded.
type Peak struct {
	// CPU is the fraction of the node's threads, 0 to 1.
	CPU float64
	// MemoryBytes in use; 0: as measured.
	MemoryBytes int64
	// At is when it is expected; the zero value: not known.
	At time.Time
}

// A Link is the network of a node, in bits per second.
type Link struct {
	Capacity, Used int64
}

// A Mapping is a cluster-wide name for devices of nodes.
type Mapping struct {
	Name string
	// Kind is what its devices are, for example "gpu"; empty: not known.
	Kind string
	// Nodes are the devices that each node has under this name, InUse those that guests have already.
	Nodes, InUse map[string]int
}

// A Quota limits the guests of a resource pool together, those that exist and those that come. 0: no limit.
type Quota struct {
	Guests, VCPUs int
	MemoryBytes   int64
}
