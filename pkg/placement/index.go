package placement

import (
	"math"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
)

// An Index is a snapshot prepared for questions about placement. It is immutable and safe for concurrent use; building it
// is linear in the guests, asking it is not, so it is worth keeping as long as the snapshot.
type Index struct {
	policy   Policy
	options  Options
	nodes    []node // in order of name
	position map[string]int
	storages map[string]storage
	networks map[string][]bool // by name, per node
	devices  map[deviceKey]int // stocks
	mappings []Mapping         // in order of name
	stocks   []stock
	roster   *roster
	at       []int // node of each guest of the roster, -1: nowhere
	start    state
	survives bool // the loss of one node, as the cluster stands
	needed   int  // votes for quorum, 0: not known
}

// A node is one hypervisor with what does not change while guests are placed.
type node struct {
	name     string
	status   pve.NodeStatus
	online   bool
	open     bool // takes guests: online and not in maintenance
	osd      bool // carries part of the cluster's Ceph
	cpus     int
	measured float64 // fraction of CPUs in use
	cpuUsage float64 // what counts: measured, or the forecast's peak
	load     int     // percent, as measured
	total    int64
	used     int64 // memory as measured
	inUse    int64 // what counts: measured, or the forecast's peak where that is more
	peak     *Peak
	vcpus    float64 // of running guests
	limit    int     // vCPUs
	guests   []int64 // configured memory of running guests, the largest first
	running  []int   // ids of running guests, in order
	promised int64   // their sum
	votes    int
	link     int // stock, -1: no limit
}

// committed is the memory that guests cannot have any more.
func (n *node) committed() int64 { return max(n.inUse, n.promised) }

// NewIndex prepares a snapshot. The snapshot must not change afterwards.
func NewIndex(s *pve.Snapshot, p Policy) *Index { return NewIndexWith(s, p, Options{}) }

// NewIndexWith prepares a snapshot with what it does not say. Neither may change afterwards.
func NewIndexWith(s *pve.Snapshot, p Policy, o Options) *Index {
	p = p.withDefaults()
	x := &Index{
		policy:   p,
		options:  o,
		nodes:    make([]node, len(s.Nodes)),
		position: make(map[string]int, len(s.Nodes)),
		storages: make(map[string]storage),
		networks: make(map[string][]bool),
	}
	for i, n := range s.Nodes {
		x.position[n.Name] = i
		x.nodes[i] = newNode(n, p, o)
	}
	x.addMaintenance(s)
	x.addVotes(s)
	x.start = state{
		free: make([]int64, len(x.nodes)), vcpus: make([]int, len(x.nodes)), cpu: make([]float64, len(x.nodes)), added: make([][]int64, len(x.nodes)),
	}
	x.addGuests(s)
	x.addStorages(s.Storages, o.Usable)
	x.addMappings(o.Mappings)
	x.addLinks(o.Links)
	x.addNetworks(s)
	for i := range x.nodes {
		x.refresh(i)
	}
	x.survives = x.survivesLoss(&x.start)
	x.start.heap = nil // every search has its own
	return x
}

func newNode(n pve.Node, p Policy, o Options) node {
	out := node{name: n.Name, status: n.Status, online: n.Online(), open: n.Online()}
	if !n.Online() || n.MemoryBytes <= 0 {
		return out
	}
	memory := float64(n.MemoryUsedBytes) / float64(n.MemoryBytes)
	out.cpus, out.measured, out.cpuUsage, out.total = n.CPUs, n.CPUUsage, n.CPUUsage, n.MemoryBytes
	out.load = int(100*(n.CPUUsage+memory)/2 + 0.5)
	out.used, out.inUse = n.MemoryUsedBytes, n.MemoryUsedBytes
	out.limit = int(p.VCPUOvercommit * float64(n.CPUs))
	if peak, ok := o.Peaks[n.Name]; ok {
		out.peak, out.cpuUsage, out.inUse = &peak, peak.CPU, max(n.MemoryUsedBytes, peak.MemoryBytes)
	}
	return out
}

// addMaintenance closes the nodes that HA has been told to empty, and marks those that carry OSDs.
func (x *Index) addMaintenance(s *pve.Snapshot) {
	for _, n := range s.HAManager.Nodes {
		if i, ok := x.position[n.Node]; ok && (strings.HasPrefix(n.State, "maintenance") || n.Member == "maintenance") {
			x.nodes[i].open = false
		}
	}
	for _, h := range s.Hardware {
		if i, ok := x.position[h.Node]; ok {
			x.nodes[i].osd = slices.ContainsFunc(h.Disks, func(d pve.PhysicalDisk) bool { return d.OSD })
		}
	}
}

func (x *Index) addVotes(s *pve.Snapshot) {
	for i := range x.nodes {
		x.nodes[i].votes = 1
		if v, ok := s.Membership.NodeVotes[x.nodes[i].name]; ok {
			x.nodes[i].votes = v
		}
	}
	if x.needed = s.Membership.Needed(); x.needed == 0 {
		x.needed = len(x.nodes)/2 + 1
	}
}

func (x *Index) addNetworks(s *pve.Snapshot) {
	for _, b := range s.Bridges {
		if i, ok := x.position[b.Node]; ok && b.Active {
			x.network(b.Name)[i] = true
		}
	}
	for _, v := range s.VNets {
		on := x.network(v.Name)
		for i, n := range x.nodes {
			on[i] = v.OnNode(n.name)
		}
	}
}

func (x *Index) network(name string) []bool {
	on, ok := x.networks[name]
	if !ok {
		on = make([]bool, len(x.nodes))
		x.networks[name] = on
	}
	return on
}

// refresh counts what node i has left for guests.
func (x *Index) refresh(i int) {
	n := &x.nodes[i]
	x.start.free[i], x.start.vcpus[i] = 0, int(math.Ceil(n.vcpus-0.001))
	if n.online {
		x.start.free[i] = n.total - x.policy.reserve(n.total) - n.committed()
	}
}

// SurvivesLoss reports whether, as the cluster stands, every running guest finds memory when any one node is lost.
func (x *Index) SurvivesLoss() bool { return x.survives }

// With returns the index of another snapshot, under the same policy and options.
func (x *Index) With(s *pve.Snapshot) *Index { return NewIndexWith(s, x.policy, x.options) }
