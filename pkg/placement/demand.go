package placement

// A Policy says how full nodes may become. The zero value is the default.
type Policy struct {
	// VCPUOvercommit is the number of vCPUs of running guests that one thread may carry; 0: 4.
	VCPUOvercommit float64
	// ReserveShare is the part of a node's memory that the host keeps, 0 to 1; 0: 0.05.
	ReserveShare float64
	// ReserveBytes is the least that the host keeps, whatever ReserveShare says; 0: 2 GiB.
	ReserveBytes int64
}

// Defaults of a Policy.
const (
	DefaultVCPUOvercommit = 4.0
	DefaultReserveShare   = 0.05
	DefaultReserveBytes   = 2 << 30
)

func (p Policy) withDefaults() Policy {
	if p.VCPUOvercommit <= 0 {
		p.VCPUOvercommit = DefaultVCPUOvercommit
	}
	if p.ReserveShare <= 0 {
		p.ReserveShare = DefaultReserveShare
	}
	if p.ReserveBytes <= 0 {
		p.ReserveBytes = DefaultReserveBytes
	}
	return p
}

// reserve is what the host keeps of that much memory.
func (p Policy) reserve(memory int64) int64 {
	return max(p.ReserveBytes, int64(p.ReserveShare*float64(memory)))
}

// Grouping is how the guests of one group lie to one another.
type Grouping string

// The ways guests of a group lie to one another. Both wishes are conditions: a plan keeps them or is refused.
const (
	NoGrouping Grouping = ""
	Apart      Grouping = "apart"    // each on a node of its own
	Together   Grouping = "together" // all on one node
)

// Objective is what a choice optimises.
type Objective string

// The objectives.
const (
	// Balance takes the node that keeps the highest share of its scarcer resource, memory or CPU. It is the default.
	Balance Objective = ""
	// Pack takes the node that keeps the lowest share and still has room.
	Pack Objective = "pack"
)

// A Demand is one guest that needs a node.
type Demand struct {
	// Group tells the guests that Grouping is about; guests of one group carry the same number.
	Group    int
	Grouping Grouping
	Objective
	// Nodes are the nodes that it must be on, any of them; empty: all. Avoid are nodes that it must not be on.
	Nodes, Avoid []string
	// HANodes are the nodes that its HA group or rule keeps it on; empty: all.
	HANodes []string
	// VCPUs is cores times sockets.
	VCPUs int
	// MemoryBytes is the configured memory, which is promised in full.
	MemoryBytes int64
	// Disks are the disks to allocate.
	Disks []Disk
	// Networks are the bridges and vnets that it joins.
	Networks []string
	// HA demands that another node can take it over: every disk on shared storage.
	HA bool
	// Source is what has to be reached from the node.
	Source Source
}

// A Disk is space on a storage.
type Disk struct {
	Storage string
	// Bytes that are taken; 0 for what a linked clone shares with its template.
	Bytes int64
	// Content is what the storage must take: Images, the zero value, or RootDirs.
	Content Content
}

// Content is a kind of disk, as storages tell them apart.
type Content string

// The kinds of disk.
const (
	Images   Content = ""        // of virtual machines
	RootDirs Content = "rootdir" // of containers
)

// name is Proxmox VE's word.
func (c Content) name() string {
	if c == Images {
		return "images"
	}
	return string(c)
}

// A Source limits the nodes on which a guest can be made from its template or image. The zero value limits nothing.
type Source struct {
	// Nodes are the nodes that reach it; empty: all.
	Nodes []string
	// Storages must be active on the node, for example the one that holds an image.
	Storages []string
}
