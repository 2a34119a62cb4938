package bus

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/wire"
)

// Contract is written into the metadata of everything that [Provision] creates.
const Contract = "proviso.v1"

// Names of the streams.
const (
	StreamIntents    = "INTENTS"
	StreamWork       = "WORK"
	StreamEvents     = "EVENTS"
	StreamResults    = "RESULTS"
	StreamTimers     = "TIMERS"
	StreamDLQ        = "DLQ"
	StreamAdvisories = "ADVISORIES"
	StreamAudit      = "AUDIT"
)

// Names of the key-value buckets and of the object store.
const (
	BucketRuns         = "runs"         // run records and marks of active runs
	BucketSessions     = "sessions"     // short-term memory of a dialogue
	BucketLeases       = "leases"       // who does a periodic duty; fences nothing
	BucketIdem         = "idem"         // idempotency keys of front doors
	BucketReservations = "reservations" // ids and names promised to runs
	BucketAnswers      = "answers"      // what models answered, so that no question is paid twice

	ObjectArtifacts = "artifacts" // artefacts by digest
)

const (
	day = 24 * time.Hour
	mib = int64(1) << 20

	// headerAllowance is added to [wire.MaxMessage] for headers.
	headerAllowance = 16 << 10

	maxMessageSize = wire.MaxMessage + headerAllowance
)

// Stream is one stream of the topology.
type Stream struct {
	Name      string
	Purpose   string // one line for the inventory
	Subjects  []string
	WorkQueue bool // a message is gone once acknowledged; otherwise it stays until a limit
	// RefuseWhenFull makes publishing fail with [ErrFull] at MaxBytes; otherwise the oldest messages go.
	RefuseWhenFull bool
	MaxAge         time.Duration // 0: no bound. WORK and TIMERS never have one: it would silently delete live work
	Duplicates     time.Duration // how long a message id is remembered
	MaxBytes       int64         // at [TopologyOptions.SizePercent] 100
	Schedules      bool          // holds scheduled messages
	AppendOnly     bool          // deleting and purging are denied for ever
}

// Consumer is one durable pull consumer of the topology. One name has one set of filters for ever: another filter under the
// same name would silently re-route messages, so a changed one gets the next version in its name.
type Consumer struct {
	Stream        string
	Name          string
	Role          Role // who consumes; empty for outside publishers
	Filters       []string
	MaxDeliver    int           // deliveries before the server gives up; -1: never
	MaxAckPending int           // unacknowledged messages over all replicas; a delayed Nak keeps its place
	AckWait       time.Duration // silence after which a message goes to somebody else
}

// Bucket is one key-value bucket of the topology.
type Bucket struct {
	Name     string
	Purpose  string
	Keys     string // grammar of its keys
	History  uint8
	TTL      time.Duration // age after which a value goes; writing it again renews it; 0: never
	MaxBytes int64         // at [TopologyOptions.SizePercent] 100; a full bucket refuses writes
}

// ObjectStore is one object store of the topology.
type ObjectStore struct {
	Name     string
	Purpose  string
	TTL      time.Duration // see [TopologyOptions.ArtifactTTL]
	MaxBytes int64         // at [TopologyOptions.SizePercent] 100
}

// TopologyOptions sizes the topology. The zero value suits one server on a laptop: about 3.5 GiB of limits, used only as
// they fill.
type TopologyOptions struct {
	Replicas       int                   // of every stream, consumer and bucket; 0: 1. Use 3 on a cluster of at least 3
	Storage        jetstream.StorageType // zero value: file
	SizePercent    int                   // scales every size limit; 0: 100
	AckWait        time.Duration         // of every consumer; 0: 30 s. Tests of redelivery shorten it
	ReservationTTL time.Duration         // 0: 1 h
	RunTTL         time.Duration         // since a run's last change; 0: 30 days
	ArtifactTTL    time.Duration         // since an artefact was last stored; 0: 30 days
	Publishers     []string              // outside publishers; each gets a consumer of its results
}

func (o TopologyOptions) withDefaults() TopologyOptions {
	if o.Replicas == 0 {
		o.Replicas = 1
	}
	if o.SizePercent == 0 {
		o.SizePercent = 100
	}
	if o.AckWait == 0 {
		o.AckWait = 30 * time.Second
	}
	if o.ReservationTTL == 0 {
		o.ReservationTTL = time.Hour
	}
	if o.RunTTL == 0 {
		o.RunTTL = 30 * day
	}
	if o.ArtifactTTL == 0 {
		o.ArtifactTTL = 30 * day
	}
	return o
}

func (o TopologyOptions) size(bytes int64) int64 { return bytes * int64(o.SizePercent) / 100 }

// Streams returns the streams, in the order in which they are created.
func Streams() []Stream {
	return []Stream{
		{
			Name: StreamIntents, Purpose: "typed intents and CloudEvents from other services",
			Subjects:  []string{planeIntent + "*"},
			WorkQueue: true, RefuseWhenFull: true, Duplicates: day, MaxBytes: 64 * mib,
		},
		{
			Name: StreamWork, Purpose: "work for the agents",
			Subjects:  []string{planeWork + "*.*"},
			WorkQueue: true, RefuseWhenFull: true, Duplicates: 30 * time.Minute, MaxBytes: 128 * mib,
		},
		{
			Name: StreamEvents, Purpose: "facts about runs; front doors stream them, the manager consumes the results of steps",
			Subjects: []string{planeEvent + "*.*.*"},
			MaxAge:   14 * day, Duplicates: 30 * time.Minute, MaxBytes: 512 * mib,
		},
		{
			Name: StreamResults, Purpose: "what came of an intent, one a run",
			Subjects: []string{planeResult + "*.*"},
			MaxAge:   7 * day, Duplicates: day, MaxBytes: 256 * mib,
		},
		{
			Name: StreamTimers, Purpose: "deadlines and expiry as scheduled messages",
			Subjects:  []string{planeTimerSet + "*.*", planeTimerDue + "*.*"},
			Schedules: true, Duplicates: 30 * time.Minute, MaxBytes: 64 * mib,
		},
		{
			Name: StreamDLQ, Purpose: "dead letters; not a work queue, so that they can be looked at",
			Subjects: []string{planeDLQ + "*.*"},
			MaxAge:   30 * day, Duplicates: day, MaxBytes: 64 * mib,
		},
		{
			Name: StreamAdvisories, Purpose: "messages that a consumer gave up on: the net under crash loops",
			Subjects: []string{AdvisorySubject(StreamWork, "*"), AdvisorySubject(StreamIntents, "*")},
			MaxAge:   7 * day, Duplicates: 2 * time.Minute, MaxBytes: 16 * mib,
		},
		{
			Name: StreamAudit, Purpose: "who asked, answered and confirmed, and what came of it: one chain a run",
			Subjects:   []string{planeAudit + "*.*.*"},
			AppendOnly: true, RefuseWhenFull: true, Duplicates: 30 * time.Minute, MaxBytes: 256 * mib,
		},
	}
}

// The consumers of the agents. A name never contains a replica: all replicas of a role share it.
var (
	ConsumerCollector         = worker(RoleCollector)
	ConsumerAnalyser          = worker(RoleAnalyser)
	ConsumerBuilder           = worker(RoleBuilder)
	ConsumerManager           = managers(StreamWork, "manager-v1", managerBudget, WorkOf(RoleManager))
	ConsumerManagerEvents     = managers(StreamEvents, "manager-events-v1", -1, EventKind(KindStepSucceeded), EventKind(KindStepFailed))
	ConsumerManagerIntents    = managers(StreamIntents, "manager-intents-v1", managerBudget, planeIntent+"*")
	ConsumerManagerTimers     = managers(StreamTimers, "manager-timers-v1", -1, planeTimerDue+">")
	ConsumerManagerAdvisories = managers(StreamAdvisories, "manager-advisories-v1", -1, advisoryMaxDeliveries+">")
)

const (
	// workerBudget bounds crashes only: a worker that fails says so in an event and acknowledges.
	workerBudget = 6
	// managerBudget is larger because the manager, the retry authority, hands a message back while its own store is away.
	managerBudget = 20
)

// Consumers returns the consumers of all agents.
func Consumers() []Consumer {
	return []Consumer{
		ConsumerCollector, ConsumerAnalyser, ConsumerBuilder, ConsumerManager,
		ConsumerManagerEvents, ConsumerManagerIntents, ConsumerManagerTimers, ConsumerManagerAdvisories,
	}
}

func worker(role Role) Consumer {
	// 8 replicas with 16 pieces of work each, twice over.
	return Consumer{
		Stream: StreamWork, Name: string(role) + "-v1", Role: role, Filters: []string{WorkOf(role)},
		MaxDeliver: workerBudget, MaxAckPending: 256, AckWait: 30 * time.Second,
	}
}

func managers(stream, name string, budget int, filters ...string) Consumer {
	return Consumer{
		Stream: stream, Name: name, Role: RoleManager, Filters: filters,
		MaxDeliver: budget, MaxAckPending: 1024, AckWait: 30 * time.Second,
	}
}

// PublisherConsumer is the consumer by which an outside publisher takes its results.
func PublisherConsumer(publisher string) Consumer {
	return Consumer{
		Stream: StreamResults, Name: publisher + "-v1", Filters: []string{ResultsOf(publisher)},
		MaxDeliver: -1, MaxAckPending: 256, AckWait: 30 * time.Second,
	}
}

// Buckets returns the key-value buckets.
func Buckets() []Bucket {
	return []Bucket{
		{Name: BucketRuns, Purpose: "one record a run, written by compare-and-set; marks of active runs", Keys: "`run.<id>`, `active.<id>`", History: 5, TTL: 30 * day, MaxBytes: 1024 * mib},
		{Name: BucketSessions, Purpose: "short-term memory of dialogues", Keys: "`<digest>` of who and which dialogue", History: 1, TTL: day, MaxBytes: 64 * mib},
		{Name: BucketLeases, Purpose: "who does a periodic duty", Keys: "`<duty>`", History: 1, TTL: 15 * time.Second, MaxBytes: 4 * mib},
		{Name: BucketIdem, Purpose: "idempotency keys of front doors", Keys: "`<door>.<key>`", History: 1, TTL: day, MaxBytes: 32 * mib},
		{Name: BucketReservations, Purpose: "ids and names promised to runs", Keys: "`<kind>.<id>`", History: 1, TTL: time.Hour, MaxBytes: 32 * mib},
		{Name: BucketAnswers, Purpose: "what models answered, so that no question is paid twice", Keys: "`<sha256 of the question>`", History: 1, TTL: 2 * day, MaxBytes: 32 * mib},
	}
}

// Objects returns the object stores.
func Objects() []ObjectStore {
	return []ObjectStore{
		{Name: ObjectArtifacts, Purpose: "snapshots, payloads, plans, manifests; the name is the digest", TTL: 30 * day, MaxBytes: 1024 * mib},
	}
}
