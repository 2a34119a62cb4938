package placement

import "slices"

// A unit is what is placed as a whole: one demand, or all demands that lie together.
type unit struct {
	demands []int // indices, in order
	bond
	weights Weights
	members []int64 // memory of each
	memory  int64
	vcpus   int
	cpu     float64   // threads known to be kept busy
	widest  int       // vCPUs of the largest member
	claims  [][]claim // per node, one claim a stock
	static  []hurdle  // per node: what keeps it off, whatever else is placed
	haRank  []int     // per node: how far down HA's list, 0 first; nil: HA does not care
	wish    []float64 // per node, 0 to 1; nil: no preference
	copies  []int64   // per node: bytes that go over the network
	most    int64     // the greatest of copies
}

type claim struct {
	stock  int
	amount int64
}

// units groups the demands, in order of each unit's first.
func (x *Index) units(demands []Demand) []*unit {
	bonds, _ := x.bonds(demands)
	first := parts(demands, bonds)
	units := make([]*unit, 0, len(demands))
	of := make([]*unit, len(demands))
	members := make(map[*unit][]bond)
	for i := range demands {
		u := of[first[i]]
		if u == nil {
			u = x.newUnit(&demands[i])
			of[i] = u
			units = append(units, u)
		}
		x.join(u, i, &demands[i])
		members[u] = append(members[u], bonds[i])
		u.carries, u.shuns = append(u.carries, bonds[i].carries...), append(u.shuns, bonds[i].shuns...)
	}
	for u, bonds := range members {
		if torn(bonds) {
			u.static = slices.Repeat([]hurdle{{cause: NotApart}}, len(x.nodes))
		}
	}
	return units
}

func (x *Index) newUnit(d *Demand) *unit {
	return &unit{
		weights: x.policy.Weights.of(d.Objective),
		claims:  make([][]claim, len(x.nodes)),
		static:  make([]hurdle, len(x.nodes)),
		copies:  make([]int64, len(x.nodes)),
	}
}

// join makes a demand part of a unit.
func (x *Index) join(u *unit, i int, d *Demand) {
	u.demands = append(u.demands, i)
	u.members = append(u.members, d.MemoryBytes)
	u.memory += d.MemoryBytes
	u.vcpus += d.VCPUs
	u.cpu += d.Load
	u.widest = max(u.widest, d.VCPUs)
	for n := range x.nodes {
		if u.static[n].cause == NoCause {
			u.static[n] = x.hurdle(d, n)
		}
		x.claim(u, d, n)
		if d.Source.CopyBytes > 0 && !slices.Contains(d.Source.LocalTo, x.nodes[n].name) {
			u.copies[n] += d.Source.CopyBytes
			u.most = max(u.most, u.copies[n])
		}
	}
	x.prefer(u, d)
}

// claim adds what a demand takes of the stocks of node n.
func (x *Index) claim(u *unit, d *Demand, n int) {
	add := func(stock int, amount int64) {
		if c := slices.IndexFunc(u.claims[n], func(c claim) bool { return c.stock == stock }); c >= 0 {
			u.claims[n][c].amount += amount
		} else {
			u.claims[n] = append(u.claims[n], claim{stock, amount})
		}
	}
	for _, disk := range d.Disks {
		if st, ok := x.storages[disk.Storage]; ok && st.poolFor(disk.Content, n) >= 0 {
			add(st.pool[n], disk.Bytes)
		}
	}
	for _, device := range d.Devices {
		if claims, ok := x.deviceClaims(device, n); ok {
			for _, c := range claims {
				add(c.stock, c.amount)
			}
		}
	}
	if d.Bandwidth > 0 && x.nodes[n].link >= 0 {
		add(x.nodes[n].link, d.Bandwidth)
	}
}

// prefer adds where a demand would rather be, and where HA would take it.
func (x *Index) prefer(u *unit, d *Demand) {
	if d.HAGroup != "" || len(d.HARules) > 0 {
		if u.haRank == nil {
			u.haRank = make([]int, len(x.nodes))
		}
		for n := range x.nodes {
			_, rank := x.haNodes(*d, n)
			u.haRank[n] += rank
		}
	}
	for _, p := range d.Prefer {
		if n, ok := x.position[p.Node]; ok {
			if u.wish == nil {
				u.wish = make([]float64, len(x.nodes))
			}
			u.wish[n] = max(u.wish[n], min(1, p.Weight))
		}
	}
}

// obstacle names the first thing that keeps a unit off a node now, NoCause when nothing does.
func (p *search) obstacle(i, n int) Cause { return p.hinders(p.units[i], n) }

func (p *search) hinders(u *unit, n int) Cause {
	if u.static[n].cause != NoCause {
		return u.static[n].cause
	}
	for _, l := range u.shuns {
		if p.held[l][n] > 0 {
			return NotApart
		}
	}
	if u.memory > p.state.free[n] {
		return Memory
	}
	if p.state.vcpus[n]+u.vcpus > p.nodes[n].limit {
		return VCPUs
	}
	if c := p.shortOf(p.state, u, n); c >= 0 {
		return p.stocks[u.claims[n][c].stock].cause
	}
	return NoCause
}

// shortOf returns the index of the first claim that finds too little, -1 when none does.
func (x *Index) shortOf(s *state, u *unit, n int) int {
	return slices.IndexFunc(u.claims[n], func(c claim) bool { return c.amount > s.left[c.stock] })
}
