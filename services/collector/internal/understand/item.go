package understand

// itemKind tells what an item says.
type itemKind uint8

const (
	itHead        itemKind = iota // a machine or several: n, role, det
	itRole                        // what the machine is for: s
	itCount                       // n
	itNames                       // list
	itSource                      // source
	itCores                       // n
	itSockets                     // n
	itCPUType                     // s
	itMemory                      // n MiB
	itSize                        // n MiB of memory or disk, not said which
	itDisk                        // n MiB (0: not said), s storage, extra, count
	itStorage                     // s
	itNetwork                     // s bridge or vnet, n > 1: how many cards
	itVLAN                        // n
	itIPv4                        // s
	itGateway                     // s
	itUser                        // s
	itKey                         // s; empty: a key is wanted and not given
	itDNS                         // list
	itDomain                      // s
	itTags                        // list
	itPool                        // s
	itHA                          // on
	itHAGroup                     // s
	itBackup                      // on
	itBoot                        // on
	itStarted                     // on
	itDescription                 // s
	itNodes                       // list
	itAvoid                       // list
	itGrouping                    // s
	itObjective                   // s
	itNear                        // list
	itClone                       // on: full
	itProtection                  // on
	itVMID                        // n
	itAgent                       // on
	itOmission                    // s topic
	itSoftware                    // s program, role
	itFraction                    // n percent of what the field s was
	itAll                         // what follows or stands beside holds for all groups
	itComma                       // weak separator
	itStop                        // end of a sentence or line
	itMember                      // s: one of the machines just spoken of, by name: "web01 with 2 cores, db01 with 8"
	itUnknown                     // words not understood
	itSignal                      // a word that decides the kind of request: signal, s
	itSwap                        // n MiB
	itPrivilege                   // on: unprivileged
	itNesting                     // on
	itNewPool                     // list; empty: a pool is wanted and not named; on: the machines join it
	itInPool                      // the machines join the pool just spoken of
	itCluster                     // a Kubernetes cluster: n machines in all (0: not said), on: highly available
	itLike                        // s: a guest that exists; list: the fields it is about, empty for all
	itSame                        // what was spoken of before: n more of it (0: not said), list: the fields it is about, empty for all
	itSiblings                    // "like the others"
	itScale                       // n machines of a role or of a series s, more, or with on in total
	itOrder                       // n: place in the start order
	itDelay                       // n seconds before the next one starts
	itAfter                       // list: what starts before this, by role or name; with clear: what starts after this
	itSequence                    // list: in this order they start, by role or name
	itRow                         // a row of a table begins, or n of the machines just counted are described by themselves
	itNth                         // the n-th of the machines just spoken of, -1 the last, is described by itself
	itRowEnd                      // the table ends
	itMemoryMin                   // n MiB that the memory may be brought down to
	itDevice                      // n devices of kind s; list: the mapping, when it is named
)

// determiner tells whether a noun speaks of something new.
type determiner uint8

const (
	detNone  determiner = iota
	detNew              // "a", "three", "another"
	detKnown            // "the"
	detAll              // "all the"
)

// item is one thing that a text says, with the words that say it.
type item struct {
	kind       itemKind
	start, end int // byte offsets
	n          int
	s          string
	list       []string
	on         bool
	clear      bool // the value is expressly unwanted: "no pool"
	role       string
	det        determiner
	counted    bool // the noun came with a number or article: n counts
	extra      bool // a disk beside the boot disk
	source     Source
	signal     class
	byFor      bool // a role after "for", "as"
	instance   bool // a noun that counts copies
	machine    bool // a head whose noun is a virtual machine, not only a role
	guest      GuestKind
	vm         bool // the noun can only mean a virtual machine
	loose      bool // the noun is "container", which leaves its kind open
	within     bool // the noun stands after "in", "as", "on"
	byPurpose  bool // the noun stands after "for"
	oneFor     bool // a role after "one for": one of the guests just spoken of
	named      bool // its name follows directly
	several    bool // some machines, not said how many
	part       bool // so many of the machines just spoken of
	joined     bool // the noun begins something new: after "and", a comma, "create"
}

// parsed is what the grammar made of a text.
type parsed struct {
	looks int // at the class of a word, for the tests of linear time
	items []item
	// known are the names of existing guests that the text mentions.
	known []string
	// content counts the words that carry meaning, domain the ones among them that were understood.
	content, domain int
	question        bool // it ends like a question
	first           class
	hasHead         bool
	hasNewHead      bool
	hasAttribute    bool
	pools, cluster  bool // a pool, a Kubernetes cluster is to be created
}
