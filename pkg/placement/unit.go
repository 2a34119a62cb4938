package placement

import "slices"

// A unit is what is placed as a whole: one demand, or all demands of a group that lie together.
type unit struct {
	demands   []int // indices, in order
	group     int
	apart     bool
	objective Objective
	members   []int64 // memory of each
	memory    int64
	vcpus     int
	widest    int       // vCPUs of the largest member
	space     [][]claim // per node, one claim a pool
	static    []hurdle  // per node: what keeps it off, whatever else is placed
}

type claim struct {
	pool  int
	bytes int64
}

type hurdle struct {
	cause  Cause
	detail string
}

// units groups the demands, in order of each unit's first.
func (x *Index) units(demands []Demand) []*unit {
	var units []*unit
	together := make(map[int]*unit)
	for i, d := range demands {
		u := together[d.Group]
		if d.Grouping != Together || u == nil {
			u = &unit{
				group:     d.Group,
				apart:     d.Grouping == Apart,
				objective: d.Objective,
				space:     make([][]claim, len(x.nodes)),
				static:    make([]hurdle, len(x.nodes)),
			}
			units = append(units, u)
			if d.Grouping == Together {
				together[d.Group] = u
			}
		}
		x.join(u, i, d)
	}
	return units
}

// join makes a demand part of a unit.
func (x *Index) join(u *unit, i int, d Demand) {
	u.demands = append(u.demands, i)
	u.members = append(u.members, d.MemoryBytes)
	u.memory += d.MemoryBytes
	u.vcpus += d.VCPUs
	u.widest = max(u.widest, d.VCPUs)
	for n := range x.nodes {
		if u.static[n].cause == NoCause {
			u.static[n] = x.hurdle(d, n)
		}
		for _, disk := range d.Disks {
			st, ok := x.storages[disk.Storage]
			if !ok || st.poolFor(disk.Content, n) < 0 {
				continue
			}
			if c := slices.IndexFunc(u.space[n], func(c claim) bool { return c.pool == st.pool[n] }); c >= 0 {
				u.space[n][c].bytes += disk.Bytes
			} else {
				u.space[n] = append(u.space[n], claim{st.pool[n], disk.Bytes})
			}
		}
	}
}

// hurdle names the first thing that keeps a demand off a node before any load is looked at.
func (x *Index) hurdle(d Demand, n int) hurdle {
	name := x.nodes[n].name
	switch {
	case !x.nodes[n].online:
		return hurdle{cause: NotOnline}
	case len(d.Nodes) > 0 && !slices.Contains(d.Nodes, name):
		return hurdle{cause: NotWished}
	case slices.Contains(d.Avoid, name):
		return hurdle{cause: Avoided}
	case len(d.HANodes) > 0 && !slices.Contains(d.HANodes, name):
		return hurdle{cause: OutsideHA}
	}
	for _, disk := range d.Disks {
		st, ok := x.storages[disk.Storage]
		if !ok || st.poolFor(disk.Content, n) < 0 {
			return hurdle{NoStorage, disk.Storage}
		}
		if d.HA && !st.shared {
			return hurdle{LocalDisk, disk.Storage}
		}
	}
	if len(d.Source.Nodes) > 0 && !slices.Contains(d.Source.Nodes, name) {
		return hurdle{cause: SourceTooFar}
	}
	for _, s := range d.Source.Storages {
		if st, ok := x.storages[s]; !ok || !st.active[n] {
			return hurdle{NoStorage, s}
		}
	}
	for _, network := range d.Networks {
		if on, ok := x.networks[network]; !ok || !on[n] {
			return hurdle{NoNetwork, network}
		}
	}
	if d.VCPUs > x.nodes[n].cpus {
		return hurdle{cause: TooManyVCPUs}
	}
	return hurdle{}
}

// obstacle names the first thing that keeps a unit off a node now, NoCause when nothing does. taken are the nodes that
// hold a guest of the unit's group already.
func (x *Index) obstacle(s *state, u *unit, n int, taken []bool) Cause {
	if u.static[n].cause != NoCause {
		return u.static[n].cause
	}
	if u.apart && taken[n] {
		return NotApart
	}
	if u.memory > s.free[n] {
		return Memory
	}
	if s.vcpus[n]+u.vcpus > x.nodes[n].limit {
		return VCPUs
	}
	if x.shortOfSpace(s, u, n) >= 0 {
		return StorageSpace
	}
	return NoCause
}

// shortOfSpace returns the index of the first claim that finds too little space, -1 when none does.
func (x *Index) shortOfSpace(s *state, u *unit, n int) int {
	return slices.IndexFunc(u.space[n], func(c claim) bool { return c.bytes > s.space[c.pool] })
}

// share is the free share of the node's scarcer resource once the unit is on it.
func (x *Index) share(s *state, u *unit, n int) float64 {
	node := &x.nodes[n]
	memory := float64(s.free[n]-u.memory) / float64(node.total)
	promised := float64(s.vcpus[n]+u.vcpus) / float64(node.limit)
	return min(memory, 1-max(node.cpuUsage, promised))
}
