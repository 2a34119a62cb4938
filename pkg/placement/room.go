package placement

import "slices"

// Room is what a node has for guests, as the cluster stands. A node that is not online has none.
type Room struct {
	Node   string
	Online bool
	// Maintenance reports that HA has been told to empty it.
	Maintenance bool
	// LoadPercent is the mean of CPU and memory in use, as measured; CPU the fraction of threads in use.
	LoadPercent int
	CPU         float64
	// Peak is what the forecast expects; nil: not known.
	Peak *Peak
	// TotalBytes is physical memory; UsedBytes what is in use of it, PromisedBytes what running guests may take; FreeBytes what is left of
	// it for guests without the host's part, negative when more is promised than there is.
	TotalBytes, UsedBytes, PromisedBytes, FreeBytes int64
	// CPUs are the node's threads; VCPUs those of its running guests, VCPULimit the most that the policy allows.
	CPUs, VCPUs, VCPULimit int
	// Guests are the ids of those that run there, in order; shared, not to be changed.
	Guests []int
}

// Room returns what a node has; ok is false when there is no such node.
func (x *Index) Room(name string) (r Room, ok bool) {
	i, ok := x.position[name]
	if !ok {
		return Room{}, false
	}
	return x.room(i), true
}

// Rooms returns what every node has, in order of name.
func (x *Index) Rooms() []Room {
	rooms := make([]Room, len(x.nodes))
	for i := range x.nodes {
		rooms[i] = x.room(i)
	}
	return rooms
}

func (x *Index) room(i int) Room {
	n := &x.nodes[i]
	if !n.online {
		return Room{Node: n.name}
	}
	return Room{
		Node: n.name, Online: true, Maintenance: !n.open, LoadPercent: n.load, CPU: n.measured, Peak: n.peak,
		TotalBytes: n.total, UsedBytes: n.used, PromisedBytes: n.promised, FreeBytes: x.start.free[i],
		CPUs: n.cpus, VCPUs: x.start.vcpus[i], VCPULimit: n.limit, Guests: n.running,
	}
}

// A Fit is how often a demand fits.
type Fit struct {
	// Nodes say how often on each node alone, by name; those on which it does not fit at all are absent.
	Nodes map[string]int
	// Total is how often on all nodes together: less than the sum where they share a storage.
	Total int
}

// Fits returns how often a demand fits, at most that often. The guests are put one after the other on the node that the demand's objective
// prefers.
func (x *Index) Fits(d Demand, most int) Fit {
	d.Grouping = NoGrouping
	f := Fit{Nodes: make(map[string]int)}
	for n := range x.nodes {
		alone := d
		if alone.Nodes = []string{x.nodes[n].name}; len(d.Nodes) > 0 && !slices.Contains(d.Nodes, x.nodes[n].name) {
			continue
		}
		if times := x.times(alone, most); times > 0 {
			f.Nodes[x.nodes[n].name] = times
		}
	}
	f.Total = x.times(d, most)
	return f
}

// times puts a demand again and again.
func (x *Index) times(d Demand, most int) int {
	p := newSearch(x, x.units([]Demand{d}), &Budget{})
	for count := range most {
		ranked := p.rank(0)
		if len(ranked) == 0 {
			return count
		}
		p.put(0, ranked[0])
	}
	return most
}
