package inquiry

import "proviso.dev/pkg/pve"

// Topic is what a question is about.
type Topic uint8

// The topics. The zero topic is a question about the cluster that has no answer here: the reply says what can be asked.
const (
	TopicNone        Topic = iota
	TopicHelp              // what can be done and asked
	TopicRoom              // nodes that have room for a guest
	TopicNode              // state and free capacity of one node, or of all
	TopicTemplates         // templates of machines
	TopicImages            // cloud images, ISO images, container templates
	TopicStorages          // storages and their space
	TopicNetworks          // bridges and vnets
	TopicPools             // resource pools
	TopicHAGroups          // HA groups or rules
	TopicGuests            // guests that match
	TopicGuest             // one or several guests by id
	TopicBackup            // guests that are not backed up
	TopicResilience        // loss of a node
	TopicCluster           // version, quorum, totals
	TopicNoSuchThing       // something was named that the cluster does not have
)

// Aspect is what is asked of a guest.
type Aspect uint8

// The aspects; the zero aspect is everything.
const (
	AspectAll Aspect = iota
	AspectNode
	AspectAddress
	AspectSize
	AspectStatus
	AspectHA
	AspectTags
	AspectPool
	AspectDescription
	AspectNetwork
	AspectConfig // a setting that only the configuration holds
)

// Query is a question about a cluster. Fields that a topic does not need are ignored; zero values do not restrict.
type Query struct {
	Topic  Topic
	Aspect Aspect // of TopicGuest
	Guests []int  // ids, for TopicGuest
	Node   string // name of a node of the snapshot
	// Cores, MemoryMiB and DiskGiB are the size that room is wanted for, of each of Count guests (0: one).
	Cores, MemoryMiB, DiskGiB, Count int
	Kind                             pve.GuestKind   // of TopicGuests; empty: both
	Status                           pve.GuestStatus // of TopicGuests; empty: any
	HA                               *bool           // of TopicGuests
	Pool, Tag, Storage               string
	Number                           bool   // a number is asked for, not a list
	Most                             string // of TopicGuests: "memory", "cpu", "disk": the largest users first
	Missing                          string // of TopicNoSuchThing: the name as written. Untrusted
	Near                             []string
}
