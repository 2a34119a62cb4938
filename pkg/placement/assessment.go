package placement

import "proviso.dev/pkg/pve"

// Outcome is how a node fared for one demand.
type Outcome string

// The outcomes.
const (
	Chosen   Outcome = "chosen"
	Possible Outcome = "possible"
	Rejected Outcome = "rejected"
)

// Cause is the first thing that kept a demand off a node, in the order in which they are looked at.
type Cause string

// The causes. NoCause belongs to nodes that could take the demand.
const (
	NoCause       Cause = ""
	NotOnline     Cause = "not_online"
	InMaintenance Cause = "in_maintenance" // HA has been told to empty it
	OverQuota     Cause = "over_quota"     // the resource pool may have no more, on whichever node
	NotWished     Cause = "not_wished"     // the requester named other nodes
	Avoided       Cause = "avoided"        // the requester excluded it
	OutsideHA     Cause = "outside_ha"     // the HA group would move the guest away
	NoSuchGuest   Cause = "no_such_guest"  // it is to lie near or apart from a guest that there is not
	NotNear       Cause = "not_near"       // a guest that it is to lie near is not on it
	NoSuchRule    Cause = "no_such_rule"   // it is to join an HA rule that there is not
	LocalDisk     Cause = "local_disk"     // HA on a storage that only one node reaches
	NoStorage     Cause = "no_storage"     // a storage is missing or inactive on it
	NoNetwork     Cause = "no_network"     // a bridge or vnet is missing on it
	NoDevice      Cause = "no_device"      // it has no device of a mapping or kind
	SourceTooFar  Cause = "source_too_far" // the template or image cannot be reached from it
	TooManyVCPUs  Cause = "too_many_vcpus" // one guest may not have more vCPUs than the node has threads
	Memory        Cause = "memory"
	VCPUs         Cause = "vcpus"
	StorageSpace  Cause = "storage_space"
	NoDeviceFree  Cause = "no_device_free" // guests have all devices of a mapping or kind
	LinkFull      Cause = "link_full"      // the node's network has too little bandwidth left
	NotApart      Cause = "not_apart"      // a guest that it is to lie apart from is on it
)

// An Assessment is one node with the figures that a decision about it rests on. Figures of a node that is not online are
// unknown and zero.
type Assessment struct {
	Node    string
	Outcome Outcome
	Cause   Cause
	// Detail names what Cause is about: a storage, a network, a mapping or kind of device, a guest, a rule or a pool; else empty.
	Detail string
	Status pve.NodeStatus
	// LoadPercent is the mean of CPU and memory in use, as measured.
	LoadPercent int
	// Peak is what the forecast expects of the node, by which its share is counted; nil: it counts as measured.
	Peak *Peak
	// TotalBytes is physical memory; FreeBytes what is left of it for guests before this one, without the host's part;
	// NeedBytes what this demand, and guests that go with it, take.
	TotalBytes, FreeBytes, NeedBytes int64
	// ShareAfter is the free share of the scarcer resource after the guest is placed, 0 to 1.
	ShareAfter float64
	// VCPUs of running guests and planned ones before this one, and the most that the policy allows.
	VCPUs, VCPULimit int
	// NeedVCPUs is what this demand, and guests that go with it, take.
	NeedVCPUs int
	// SpaceBytes is what is free on the storage that Detail names, with StorageSpace; with NoDeviceFree and LinkFull, what is left there
	// in devices or bits per second. NeedBytes is then what is needed of it.
	SpaceBytes int64
	// CopyBytes go over the network when the guest is made there.
	CopyBytes int64
	// HARank is how far down HA's list of nodes it comes: 0 is where HA would take the guest.
	HARank int
	// Scores say how good the node is by each objective, for nodes that could take the demand. Availability is looked at in order of
	// preference, up to the chosen.
	Scores Scores
	// Wishes are the reasons of the preferences for the node.
	Wishes []string
	// GivesUpLoss marks a possible node that comes before the chosen one in order of preference and was passed over because
	// the loss of one node could no longer be borne.
	GivesUpLoss bool
	// Displaced marks one that was passed over because another guest of the plan fits nowhere else.
	Displaced bool
	// ForWhole marks one that was passed over because the plan is better as a whole with the guest elsewhere.
	ForWhole bool
}

// A Choice is the node of one demand, with every node of the cluster in order of name.
type Choice struct {
	Node  string
	Nodes []Assessment
	// Devices are the mappings that serve the demand's devices, in their order, one element a device.
	Devices []string
	// KeepsLoss reports that with this guest and those before it every running guest still finds memory when any one node
	// is lost.
	KeepsLoss bool
}

// A NodeLoad is what is promised on one node.
type NodeLoad struct {
	Node        string
	CPUs        int
	VCPUs       int
	MemoryBytes int64
	UsedBytes   int64 // in use or promised, whichever is more
}

// A Result is a node for every demand.
type Result struct {
	// Choices has one element a demand, in order.
	Choices []Choice
	// Before and After are the online nodes, in order of name.
	Before, After []NodeLoad
	// SurvivedLoss and SurvivesLoss report whether every running guest finds memory when any one node is lost, before and
	// after. Once lost, it is not looked for again.
	SurvivedLoss, SurvivesLoss bool
	// FreeBytes is the memory that stays free for guests over all online nodes.
	FreeBytes int64
	// Algorithm is how it was found: Greedy; Search where that ended in a dead end or would give up the loss of a node; Improved where
	// either was made better as a whole.
	Algorithm string
	// Weights are those by which it was decided.
	Weights Weights
	// Worth compares placements of the same demands, less is better: half the sum of the squared loads of the nodes times the weight of
	// balance less that of cost, less what the guests like of their nodes. Improvement lowers it.
	Worth float64
}

// The algorithms.
const (
	Greedy   = "greedy"
	Search   = "search"
	Improved = "improved"
)
