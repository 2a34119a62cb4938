package placement

import (
	"cmp"
	"slices"

	"proviso.dev/pkg/pve"
)

// An Index is a snapshot prepared for questions about placement. It is immutable and safe for concurrent use; building it
// is linear in the guests, asking it is not, so it is worth keeping as long as the snapshot.
type Index struct {
	policy   Policy
	nodes    []node // in order of name
	position map[string]int
	storages map[string]storage
	networks map[string][]bool // by name, per node
	start    state
	survives bool // the loss of one node, as the cluster stands
}

// A node is one hypervisor with what does not change while guests are placed.
type node struct {
	name      string
	status    pve.NodeStatus
	online    bool
	cpus      int
	cpuUsage  float64
	load      int // percent
	total     int64
	committed int64 // in use or promised
	vcpus     int
	limit     int     // vCPUs
	guests    []int64 // configured memory of running guests, the largest first
	promised  int64   // their sum
}

// A storage is one storage over all nodes. pool is, per node, the element of state.space that the node allocates from;
// -1 where it cannot put disks.
type storage struct {
	shared bool
	active []bool
	pool   []int
	// images and rootDirs report which disks it takes.
	images, rootDirs bool
}

// poolFor is the pool that a disk on node n is allocated from, -1 when the storage takes no such disk there.
func (st storage) poolFor(c Content, n int) int {
	if takes := c == Images && st.images || c == RootDirs && st.rootDirs; !takes {
		return -1
	}
	return st.pool[n]
}

// NewIndex prepares a snapshot. The snapshot must not change afterwards.
func NewIndex(s *pve.Snapshot, p Policy) *Index {
	p = p.withDefaults()
	x := &Index{
		policy:   p,
		nodes:    make([]node, len(s.Nodes)),
		position: make(map[string]int, len(s.Nodes)),
		storages: make(map[string]storage),
		networks: make(map[string][]bool),
	}
	for i, n := range s.Nodes {
		x.position[n.Name] = i
		x.nodes[i] = node{name: n.Name, status: n.Status, online: n.Online()}
		if n.Online() && n.MemoryBytes > 0 {
			memory := float64(n.MemoryUsedBytes) / float64(n.MemoryBytes)
			x.nodes[i].cpus, x.nodes[i].cpuUsage, x.nodes[i].total = n.CPUs, n.CPUUsage, n.MemoryBytes
			x.nodes[i].load = int(100*(n.CPUUsage+memory)/2 + 0.5)
			x.nodes[i].committed = n.MemoryUsedBytes
			x.nodes[i].limit = int(p.VCPUOvercommit * float64(n.CPUs))
		}
	}
	x.addGuests(s.Guests)
	x.addStorages(s.Storages)
	x.addNetworks(s)

	x.start.free = make([]int64, len(x.nodes))
	x.start.vcpus = make([]int, len(x.nodes))
	x.start.added = make([][]int64, len(x.nodes))
	for i, n := range x.nodes {
		if n.online {
			x.start.free[i] = n.total - p.reserve(n.total) - n.committed
		}
		x.start.vcpus[i] = n.vcpus
	}
	x.survives = x.survivesLoss(&x.start)
	return x
}

func (x *Index) addGuests(guests []pve.Guest) {
	vcpus := make([]float64, len(x.nodes))
	for _, g := range guests {
		i, ok := x.position[g.Node]
		if !ok || g.Template || g.Status != pve.GuestRunning || !x.nodes[i].online {
			continue
		}
		x.nodes[i].guests = append(x.nodes[i].guests, g.MemoryBytes)
		x.nodes[i].promised += g.MemoryBytes
		vcpus[i] += g.CPUs
	}
	for i := range x.nodes {
		n := &x.nodes[i]
		slices.SortFunc(n.guests, func(a, b int64) int { return cmp.Compare(b, a) })
		n.committed = max(n.committed, n.promised)
		n.vcpus = int(vcpus[i] + 0.999)
	}
}

// addStorages counts what is free. A shared storage is one pool, however many nodes report it; their reports may differ
// by what was written between them, and the smallest counts.
func (x *Index) addStorages(rows []pve.Storage) {
	for _, row := range rows {
		i, ok := x.position[row.Node]
		if !ok {
			continue
		}
		st, ok := x.storages[row.Name]
		if !ok {
			st = storage{shared: row.Shared, active: make([]bool, len(x.nodes)), pool: slices.Repeat([]int{-1}, len(x.nodes))}
			st.images, st.rootDirs = row.Holds(Images.name()), row.Holds(RootDirs.name())
			x.storages[row.Name] = st
		}
		st.active[i] = row.Active && x.nodes[i].online
		if !st.active[i] || !row.Holds(Images.name()) && !row.Holds(RootDirs.name()) {
			continue
		}
		free := max(0, row.TotalBytes-row.UsedBytes)
		if row.Shared {
			if first := slices.IndexFunc(st.pool, func(p int) bool { return p >= 0 }); first >= 0 {
				st.pool[i] = st.pool[first]
				x.start.space[st.pool[i]] = min(x.start.space[st.pool[i]], free)
				continue
			}
		}
		st.pool[i] = len(x.start.space)
		x.start.space = append(x.start.space, free)
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

// SurvivesLoss reports whether, as the cluster stands, every running guest finds memory when any one node is lost.
func (x *Index) SurvivesLoss() bool { return x.survives }

// FreeOn returns the bytes that a disk of that kind on that storage finds free on the node, and whether such disks can lie
// there at all.
func (x *Index) FreeOn(c Content, name, node string) (int64, bool) {
	i, known := x.position[node]
	st, ok := x.storages[name]
	if !known || !ok || st.poolFor(c, i) < 0 {
		return 0, false
	}
	return x.start.space[st.pool[i]], true
}
