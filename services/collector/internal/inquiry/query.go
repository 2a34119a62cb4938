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
	TopicNextID            // the next free id of a guest
	TopicID                // whether an id is free
	TopicIDs               // the ids that are taken
	TopicOnStorage         // guests with disks on a storage
	TopicAgent             // guests without the guest agent
	TopicIPFree            // whether an address is free
	TopicWhyOffline        // why a node does not answer
	TopicOnNetwork         // guests on a network
	TopicForecast          // how a figure of a node, a guest or a storage goes on
	TopicFull              // when a storage is full, or what is full first
	TopicScale             // what becomes of the cluster when its load grows
	TopicWaste             // guests that idle, and guests that are larger than what they use
	TopicBalance           // how even the load is, and the moves that would make it more so
	TopicPeak              // which guests were busy when a figure peaked
	TopicDrain             // where the guests of a node would go
	TopicPack              // how few nodes would carry the guests
	TopicMakeRoom          // the moves after which a guest fits
	TopicHotSpots          // what is tight or soon will be
	TopicClusters          // which of several clusters has most to offer
)

// When is the span that a question about the future means, seen from the snapshot's moment.
type When uint8

// The spans; the zero span is the coming day.
const (
	WhenDay      When = iota
	WhenTonight       // from 18:00 to 06:00
	WhenTomorrow      // the next calendar day
	WhenWeek          // the coming seven days
	WhenHours         // the coming Query.Hours
)

// A Moment is a time of the past as a question names it. The zero moment is none.
type Moment struct {
	Known        bool
	Hour, Minute int
	// DaysAgo is 0 for today, or the latest such time when the question names no day.
	DaysAgo int
	// Exact: an hour was named, else the whole day is meant.
	Exact bool
	// Night: the night before the snapshot's moment, of which no hour is named.
	Night bool
}

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
	AspectUptime // of a guest or a node
	AspectOS
	AspectDisks
	AspectSnapshots
	AspectBackups
	AspectProcessor // of a node: model and load
	AspectUsage     // processor and memory in use
	AspectHardware  // of a node: what it is made of
)

// Query is a question about a cluster. Fields that a topic does not need are ignored; zero values do not restrict.
type Query struct {
	Topic  Topic
	Aspect Aspect // of TopicGuest and TopicNode
	Guests []int  // ids, for TopicGuest
	Node   string // name of a node of the snapshot
	// Cores, MemoryMiB and DiskGiB are the size that room is wanted for, of each of Count guests (0: one).
	Cores, MemoryMiB, DiskGiB, Count int
	Kind                             pve.GuestKind   // of TopicGuests; empty: both
	Status                           pve.GuestStatus // of TopicGuests; empty: any
	HA                               *bool           // of TopicGuests
	Pool, Tag, Storage               string
	Network, HAGroup                 string   // names of the snapshot
	NoTags, NoPool                   bool     // of TopicGuests: only those without
	ID                               int      // of TopicID
	IP                               string   // of TopicIPFree, as parsed
	Setting                          string   // of AspectConfig: the key in the configuration; empty: not one of those that are known
	Like                             string   // of TopicTemplates and TopicImages: a part of the name; "cloud-init": templates that have it
	Content                          string   // of TopicImages: "iso", "import" or "vztmpl"; empty: all
	Losses                           int      // of TopicResilience: nodes lost at once, when several
	Lost                             []string // of TopicResilience: the nodes that are lost, when several are named
	Reference                        string   // of TopicRoom: the guest whose size is meant
	MemoryOverMiB                    int      // of TopicGuests: only those with more
	Down                             bool     // of TopicNode without a node: which are offline is asked
	Limit                            bool     // of TopicRoom: how many fit is asked, not whether Count do
	Number                           bool     // a number is asked for, not a list
	Most                             string   // of TopicGuests: "memory", "cpu", "cores", "disk": the largest users first
	Missing                          string   // of TopicNoSuchThing: the name as written. Untrusted
	Near                             []string
	Metric                           string  // of TopicForecast and TopicPeak: "cpu", "memory", "disk", "network_in", "network_out", "iowait"; empty: not named
	When                             When    // of TopicForecast
	Hours                            int     // of WhenHours
	Copes                            bool    // of TopicForecast: whether it will do is asked
	Factor                           float64 // of TopicScale: how often the load is what it was; 0: 2
	At                               Moment  // of TopicPeak
	Soon                             bool    // of TopicFull: whether, rather than when
	Headroom                         bool    // of TopicHotSpots: what is left is asked, rather than what is tight
	Cheapest                         bool    // of TopicClusters: by what it costs
}
