package understand

import (
	"maps"
	"slices"
)

// Origin says where a value comes from; the words are those of the contract.
type Origin string

// The origins of a value.
const (
	Stated    Origin = "stated"
	Answered  Origin = "answered"
	Corrected Origin = "corrected"
	Assumed   Origin = "assumed"
	Derived   Origin = "derived"
)

// Value is a value of an intent with its evidence. The zero Value is absent. A present Value that holds the zero of its
// type says that nothing is expressly wanted: "no pool".
type Value[T any] struct {
	V      T
	Origin Origin // empty: absent
	// Text are the words that carried the value, verbatim; empty when nobody said it.
	Text string
	// Start and End are the byte offsets of Text in the request; both zero when the words came later in the dialogue.
	Start, End int
	// Reason says why, in the requester's language; for assumed and derived values.
	Reason string
}

// Has reports whether the value is present.
func (v Value[T]) Has() bool { return v.Origin != "" }

// said reports whether the requester gave the value.
func (v Value[T]) said() bool {
	return v.Origin == Stated || v.Origin == Answered || v.Origin == Corrected
}

// assume sets an absent value.
func (v *Value[T]) assume(value T, origin Origin, reason string) {
	if !v.Has() {
		*v = Value[T]{V: value, Origin: origin, Reason: reason}
	}
}

// SourceKind tells what machines are made from.
type SourceKind uint8

// The kinds of source. Only templates and images are left after grounding.
const (
	SourceNone     SourceKind = iota // wanted, and not said which
	SourceTemplate                   // VMID or Name
	SourceImage                      // Name: a volume, or the name of a file
	SourceURL                        // URL
	SourceSystem                     // Name and Version of an operating system
)

// Source is what machines are made from.
type Source struct {
	Kind    SourceKind
	VMID    int
	Name    string
	Version string
	URL     string
	SHA256  string // of the download; only from typed intents
}

// Disk is one disk of a machine.
type Disk struct {
	MiB     Value[int] // rounded up to GiB in the contract
	Storage Value[string]
	extra   bool
}

// NIC is one network device.
type NIC struct {
	Bridge  Value[string]
	VLAN    Value[int]
	IPv4    Value[string] // "dhcp" or address with prefix length
	Gateway Value[string]
}

// Group is a number of equal machines.
type Group struct {
	Name        Value[string]
	Names       Value[[]string]
	Count       Value[int]
	Role        Value[string]
	Source      Value[Source]
	Cores       Value[int]
	Sockets     Value[int]
	CPUType     Value[string]
	MemoryMiB   Value[int]
	MemoryMin   Value[int] // MiB when ballooning
	Disks       []Disk     // the first is the boot disk
	NICs        []NIC
	User        Value[string]
	Keys        Value[[]string]
	DNS         Value[[]string]
	Domain      Value[string]
	Tags        Value[[]string]
	Pool        Value[string]
	Backup      Value[bool] // membership in the pool that is backed up
	HA          Value[bool]
	HAGroup     Value[string]
	StartAtBoot Value[bool]
	Started     Value[bool]
	Description Value[string]
	Nodes       Value[[]string]
	Avoid       Value[[]string]
	Grouping    Value[string]
	Objective   Value[string]
	Near        Value[[]string] // "ceph"
	FullClone   Value[bool]
	Protection  Value[bool]
	VMID        Value[int]
	Agent       Value[bool]
	StartOrder  Value[int] // place in the start order of the node
	StartDelay  Value[int] // seconds before the next guest starts
	// Devices of the node, each a kind, "gpu", or a kind and the mapping, "gpu:rtx".
	Devices Value[[]string]
	Like    Value[reference]
	nature  // what is not common to all kinds of guest

	det       determiner
	redundant bool
	// conflicts are the fields that were given several different values, with the values as shown to the requester.
	conflicts map[string][]string
	// programs are the programs that the request names for these machines.
	programs []string
	// at is the offset of the noun that opened the group.
	at int
	// same and sameFields: the group is as the one before it, in all or in these fields.
	same  bool
	again bool // same as in an earlier request
	// plus is how many more machines like that one are wanted.
	plus       Value[int]
	sameFields []string
	// after and before are the machines, by role or name, that start before and after these.
	after, before []string
	// delayAfter are the seconds that are to pass after the start of those in after.
	delayAfter int
	// continues is the name after which this group's names go on counting; empty: none. continueReason says why.
	continues, continueReason string
	// added: the group was spoken of as something that is added to what exists.
	added bool
	// special: one machine out of a group, whose own values replace those of the group.
	special bool
	// several: some of these machines are wanted, and it is not said how many.
	several bool
	// parts are values said as a part of what they were.
	parts []part
	// closed: a table or a pasted object says all of these machines; nothing that is said of the next ones is theirs.
	closed bool
	// ofThem: so many of the machines of the group before, which announced them.
	ofThem bool
	// oneDisk: expressly no further disks.
	oneDisk bool
	// startText is the evidence for after and before.
	startText Value[int]
	// likely are the templates that the machine referred to may come from, the likeliest first.
	likely []int
}

// clone returns a copy that shares nothing that is written in place.
func (g *Group) clone() *Group {
	c := *g
	c.Disks, c.NICs = slices.Clone(g.Disks), slices.Clone(g.NICs)
	c.conflicts, c.programs = maps.Clone(g.conflicts), slices.Clone(g.programs)
	return &c
}

// count returns how many machines the group has, at least 1.
func (g *Group) count() int {
	if n := len(g.Names.V); n > 0 && !g.Count.said() {
		return n
	}
	return max(1, g.Count.V)
}

// Omission is a part of the request that is left out.
type Omission struct {
	Topic, Detail string
}

// Intent is what was understood so far, before it meets the cluster.
type Intent struct {
	Groups        []*Group
	Pools         []NewPool
	Workloads     []Workload
	NotUnderstood []string
	// Reasons says of words in NotUnderstood why they were not used; absent for those whose meaning is not known.
	Reasons   map[string]string
	Omissions []Omission
	// memory is what is remembered of earlier requests; nil: nothing.
	memory *memory
	// unclear are the requests that the text may mean, when it points at several remembered machines at once.
	unclear []string
	// sequences are orders of start that the text states, by role or name.
	sequences [][]string
	// announced is how many machines the text speaks of before it lists others: a contradiction; 0: none.
	announced int
	listed    int
}

// clone returns a deep copy.
func (in *Intent) clone() *Intent {
	c := &Intent{NotUnderstood: slices.Clone(in.NotUnderstood), Omissions: slices.Clone(in.Omissions), Pools: slices.Clone(in.Pools),
		Workloads: slices.Clone(in.Workloads), Reasons: maps.Clone(in.Reasons),
		memory: in.memory, sequences: in.sequences, announced: in.announced, listed: in.listed}
	for _, g := range in.Groups {
		c.Groups = append(c.Groups, g.clone())
	}
	return c
}

// omit notes a topic once.
func (in *Intent) omit(topic, detail string) {
	if !slices.Contains(in.Omissions, Omission{topic, detail}) {
		in.Omissions = append(in.Omissions, Omission{topic, detail})
	}
}

// conflict notes that a field was given different values.
func (g *Group) conflict(field string, values ...string) {
	if g.conflicts == nil {
		g.conflicts = map[string][]string{}
	}
	for _, v := range values {
		if !slices.Contains(g.conflicts[field], v) {
			g.conflicts[field] = append(g.conflicts[field], v)
		}
	}
}

// The fields that questions are about; "vm1." and the field make the id of a question.
const (
	fieldSource      = "source"
	fieldName        = "name"
	fieldCount       = "count"
	fieldCores       = "cores"
	fieldSockets     = "sockets"
	fieldCPUType     = "cpu_type"
	fieldMemory      = "memory"
	fieldDisk        = "disk"
	fieldStorage     = "storage"
	fieldNetwork     = "network"
	fieldVLAN        = "vlan"
	fieldIPv4        = "ipv4"
	fieldGateway     = "gateway"
	fieldUser        = "user"
	fieldKeys        = "ssh_keys"
	fieldDNS         = "dns"
	fieldDomain      = "domain"
	fieldTags        = "tags"
	fieldPool        = "pool"
	fieldHA          = "ha"
	fieldNode        = "node"
	fieldVMID        = "vm_id"
	fieldDescription = "description"
	fieldLike        = "like"
	fieldStartOrder  = "start_order"
	fieldStartDelay  = "start_delay"
	fieldDevices     = "devices"
)
