package placement

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
	// Balance takes the node that the policy's weights prefer. It is the default.
	Balance Objective = ""
	// Pack takes the fullest node that still has room: the weight of balance goes to cost.
	Pack Objective = "pack"
)

// A Demand is one guest that needs a node.
type Demand struct {
	// Group tells the guests that Grouping is about; guests of one group carry the same number.
	Group    int
	Grouping Grouping
	// NearGroups are other groups of the request that it shares its node with, ApartGroups those that it does not. Groups of which the
	// request has no guest bind nothing.
	NearGroups, ApartGroups []int
	Objective
	// Nodes are the nodes that it must be on, any of them; empty: all. Avoid are nodes that it must not be on.
	Nodes, Avoid []string
	// Prefer are nodes that it would rather be on.
	Prefer []Preference
	// HANodes are the nodes that its HA group or rule keeps it on; empty: all.
	HANodes []string
	// HAGroup is the HA group of Proxmox VE 8 that it joins, HARules the rules of Proxmox VE 9. A restricted group and a strict rule bind;
	// else HA moves the guest to where its priorities are highest, so those nodes go first. Guests that join one rule of affinity
	// lie to one another, and to the guests that the rule has, as it says. A rule that is disabled binds nothing.
	HAGroup string
	HARules []string
	// Near are guests, by id or name, that it shares its node with; Apart are guests that it does not. A name stands for all guests
	// that bear it.
	Near, Apart []string
	// VCPUs is cores times sockets.
	VCPUs int
	// Load is the number of threads that it is known to keep busy; 0: not known.
	Load float64
	// MemoryBytes is the configured memory, which is promised in full.
	MemoryBytes int64
	// Disks are the disks to allocate.
	Disks []Disk
	// Networks are the bridges and vnets that it joins.
	Networks []string
	// Bandwidth is what it needs of the node's link, in bits per second.
	Bandwidth int64
	// Devices are the mapped devices that it is given.
	Devices []Device
	// HA demands that another node can take it over: every disk on shared storage.
	HA bool
	// Pool is the resource pool that it joins, the quota of which counts.
	Pool string
	// Source is what has to be reached from the node.
	Source Source
}

// A Preference is a node that a guest would rather be on.
type Preference struct {
	Node string
	// Weight from 0 to 1; where a node is named more than once the greatest counts.
	Weight float64
	// Reason is handed through to the assessment.
	Reason string
}

// A Device is a need for mapped devices, by the name of a mapping or by kind.
type Device struct {
	Mapping, Kind string
	// Count of devices; 0: 1.
	Count int
}

func (d Device) count() int { return max(1, d.Count) }

// label is what the need calls its device.
func (d Device) label() string {
	if d.Mapping != "" {
		return d.Mapping
	}
	return d.Kind
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
	// CopyBytes is what making the guest copies; 0 for a linked clone.
	CopyBytes int64
	// LocalTo are the nodes whose own disks hold it: there nothing goes over the network. Empty: it lies on shared storage, and the
	// copy goes over the network wherever it is made.
	LocalTo []string
}
