package twin

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	mathrand "math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin/apifacts"
)

// Options are what does not belong to the cluster's state. The zero value is a cluster that does everything at once, on
// the wall clock, for one token that may do everything.
type Options struct {
	// Version of Proxmox VE instead of the seed's, for example "9.1.1". It decides the schema: 8 has HA groups, 9 has HA rules.
	Version string
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// TaskTime is how long a task of a type such as "qmclone" takes; nil: no time.
	TaskTime func(taskType string) time.Duration
	// TokenID and TokenSecret of the administrator's token; empty: "root@pam!twin" and a random secret.
	TokenID, TokenSecret string
	// LoginDelay is how long a refused login is held back, 3 s on a real cluster; 0: not at all.
	LoginDelay time.Duration
}

// A Cluster is the state of the twin and the API over it. It is safe for concurrent use.
type Cluster struct {
	api      *apifacts.API
	handlers map[*apifacts.Endpoint]handler
	options  Options
	admin    Token
	recorder recorder
	faults   faults

	// mu guards everything below. Handlers run with it held, so none of them may wait.
	mu       sync.Mutex
	random   *mathrand.Rand // seeded with a constant: equal requests in equal order give equal addresses
	name     string
	version  string
	booted   time.Time
	nodes    map[string]*node
	order    []string // node names, sorted
	storages map[string]*storage
	volumes  map[volumeKey]*volume
	guests   map[int]*guest
	pools    map[string]*pool
	ha       highAvailability
	sdn      sdn
	tasks    taskLog
	backups  map[string]url.Values
	replicas map[string]url.Values
	access   access
	firewall map[string]*firewall
	mappings map[string]url.Values // "pci/gpu" to its parameters
	download map[string]int64      // size by URL
	ceph     string
	list     guestList

	cephNodes []string // that have a monitor; empty: every node
	osds      []*osd
}

// New makes a cluster. The error is ErrSeed or apifacts.ErrUnknownRelease.
func New(seed Seed, options Options) (*Cluster, error) {
	version := options.Version
	if version == "" {
		version = seed.Version
	}
	if version == "" {
		version = DefaultVersion
	}
	release := apifacts.PVE8
	if strings.HasPrefix(version, "9") {
		release = apifacts.PVE9
	}
	api, err := apifacts.Load(release)
	if err != nil {
		return nil, fmt.Errorf("load API facts: %w", err)
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.TokenID == "" {
		options.TokenID = "root@pam!twin"
	}
	if options.TokenSecret == "" {
		options.TokenSecret = uuid(nil)
	}
	c := &Cluster{
		api:      api,
		handlers: routesOf(api),
		options:  options,
		admin:    Token{ID: options.TokenID, Secret: options.TokenSecret},
		random:   mathrand.New(mathrand.NewPCG(1, 2)),
		name:     seed.Name,
		version:  version,
		booted:   options.Now(),
		nodes:    make(map[string]*node, len(seed.Nodes)),
		storages: map[string]*storage{},
		volumes:  map[volumeKey]*volume{},
		guests:   make(map[int]*guest, len(seed.Guests)),
		pools:    map[string]*pool{},
		backups:  map[string]url.Values{},
		replicas: map[string]url.Values{},
		firewall: map[string]*firewall{},
		mappings: map[string]url.Values{},
		download: seed.Downloads,
	}
	c.access.init(c.admin)
	if err := c.plant(seed); err != nil {
		return nil, err
	}
	return c, nil
}

// plant fills the state from the seed.
func (c *Cluster) plant(seed Seed) error {
	for _, n := range seed.Nodes {
		c.nodes[n.Name] = newNode(n)
		c.order = append(c.order, n.Name)
	}
	slices.Sort(c.order)
	if len(c.order) == 0 {
		return fmt.Errorf("%w: no node", ErrSeed)
	}
	for _, s := range seed.Storages {
		c.storages[s.Name] = newStorage(s)
	}
	for _, v := range seed.Volumes {
		if err := c.plantVolume(v); err != nil {
			return err
		}
	}
	for _, p := range seed.Pools {
		c.pools[p.Name] = &pool{comment: p.Comment, storages: map[string]bool{}}
	}
	guests := make([]guest, len(seed.Guests)) // one allocation for thousands
	for i := range seed.Guests {
		g := &seed.Guests[i]
		if c.nodes[g.Node] == nil {
			return fmt.Errorf("%w: guest %d is on unknown node %q", ErrSeed, g.VMID, g.Node)
		}
		if g.Pool != "" && c.pools[g.Pool] == nil {
			return fmt.Errorf("%w: guest %d is in unknown pool %q", ErrSeed, g.VMID, g.Pool)
		}
		if c.guests[g.VMID] != nil {
			return fmt.Errorf("%w: guest %d is there twice", ErrSeed, g.VMID)
		}
		c.plantGuest(&guests[i], g)
	}
	c.plantHA(seed)
	c.plantSDN(seed)
	c.plantCeph(seed)
	c.plantReplicas(seed)
	c.plantMappings(seed)
	for i, job := range seed.BackupJobs {
		values := url.Values{}
		for k, v := range job {
			values.Set(k, v)
		}
		id := values.Get("id")
		if id == "" {
			id = fmt.Sprintf("backup-%08d", i+1)
		}
		values.Set("id", id)
		c.backups[id] = values
	}
	return nil
}

// major is the major version of Proxmox VE.
func (c *Cluster) major() int {
	return (&pve.Snapshot{Version: c.version}).Major()
}

func (c *Cluster) now() time.Time { return c.options.Now() }

// change runs deed on the state, after the tasks that are due. It is how tests reach in from outside of a request.
func (c *Cluster) change(deed func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tasks.settle(c.now())
	c.list = guestList{}
	deed()
}

// uuid makes a version 4 UUID from r, or from the system's randomness where r is nil.
func uuid(r *mathrand.Rand) string {
	var b [16]byte
	if r == nil {
		_, _ = rand.Read(b[:]) // crypto/rand never fails
	} else {
		for i := range b {
			b[i] = byte(r.UintN(256))
		}
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
