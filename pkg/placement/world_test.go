package placement

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"proviso.dev/pkg/pve"
)

// A world is one random case: a small cluster, what is known of it beside, and demands.
type world struct {
	s       *pve.Snapshot
	o       Options
	demands []Demand
}

// A dice draws the parts of a world. Equal numbers give equal worlds.
type dice struct{ *rand.Rand }

func (d dice) between(low, high int) int { return low + d.IntN(high-low+1) }

func (d dice) oneIn(n int) bool { return d.IntN(n) == 0 }

func newWorld(number uint64) world {
	d := dice{rand.New(rand.NewPCG(number, 5))}
	w := world{s: &pve.Snapshot{}, o: Options{Usable: map[StorageOn]int64{}, Peaks: map[string]Peak{}, Links: map[string]Link{}}}
	for i := range max(d.between(1, 5), d.between(1, 5)) {
		d.node(&w, fmt.Sprintf("n%d", i))
	}
	d.ha(&w)
	d.devices(&w)
	d.demand(&w)
	return w
}

func (d dice) node(w *world, name string) {
	n := pve.Node{Name: name, Status: pve.NodeOnline}
	if d.oneIn(16) {
		n.Status = pve.NodeOffline // the node that is lost
	} else {
		n.CPUs, n.CPUUsage = d.between(4, 8), d.Float64()
		n.MemoryBytes = gib * int64(d.between(8, 40))
		n.MemoryUsedBytes = gib * int64(d.IntN(int(n.MemoryBytes/gib)/3+1))
		if d.oneIn(4) {
			w.o.Peaks[name] = Peak{CPU: d.Float64(), MemoryBytes: gib * int64(d.IntN(int(n.MemoryBytes/gib)*2/3))}
		}
		if d.oneIn(4) {
			w.o.Links[name] = Link{Capacity: 10, Used: int64(d.IntN(12))}
		}
		if d.oneIn(20) {
			w.s.HAManager.Nodes = append(w.s.HAManager.Nodes, pve.HANode{Node: name, State: "maintenance mode"})
		}
	}
	w.s.Nodes = append(w.s.Nodes, n)
	for range d.IntN(4) {
		id := 100 + len(w.s.Guests)
		g := pve.Guest{
			VMID: id, Name: fmt.Sprintf("g%d", id), Kind: pve.KindVM, Node: name, Status: pve.GuestRunning,
			CPUs: float64(d.between(1, 4)), CPUUsage: d.Float64(), MemoryBytes: gib * int64(d.between(1, 8)),
		}
		g.MemoryUsedBytes = g.MemoryBytes / 2
		if d.oneIn(5) {
			g.Status = pve.GuestStopped
		}
		if !n.Online() {
			g.Status = pve.GuestUnknown
		}
		w.s.Guests = append(w.s.Guests, g)
	}
	for _, st := range []pve.Storage{
		{Name: "local", TotalBytes: gib * int64(d.between(30, 120)), Active: true},
		{Name: "shared", TotalBytes: gib * int64(d.between(60, 400)), Active: true, Shared: true},
		{Name: "san", TotalBytes: gib * 200, Active: !d.oneIn(3), Shared: true},
	} {
		st.Node, st.Content, st.Active = name, []string{"images"}, st.Active && n.Online()
		w.s.Storages = append(w.s.Storages, st)
		if d.oneIn(10) {
			w.o.Usable[StorageOn{st.Name, name}] = gib * int64(d.IntN(150))
		}
	}
	w.s.Bridges = append(w.s.Bridges, pve.Bridge{Name: "vmbr0", Node: name, Active: !d.oneIn(10)})
}

// some draws some of the names of nodes, with priorities.
func (d dice) some(w *world) map[string]int {
	nodes := map[string]int{}
	for _, n := range w.s.Nodes {
		if d.oneIn(2) {
			nodes[n.Name] = d.IntN(3)
		}
	}
	return nodes
}

func (d dice) sids(w *world, most int) []string {
	var sids []string
	for _, k := range d.Perm(len(w.s.Guests))[:min(len(w.s.Guests), d.IntN(most+1))] {
		sids = append(sids, fmt.Sprintf("vm:%d", w.s.Guests[k].VMID))
	}
	return sids
}

// ha draws groups as Proxmox VE 8 has them, and rules as 9 has them: a case tests both.
func (d dice) ha(w *world) {
	w.s.HAGroups = []pve.HAGroup{{Name: "group", Nodes: d.some(w), Restricted: d.oneIn(2)}}
	w.s.HARules = []pve.HARule{
		{Name: "where", Type: "node-affinity", Nodes: d.some(w), Strict: d.oneIn(2), Resources: d.sids(w, 2)},
		{Name: "near", Type: "resource-affinity", Affinity: "positive", Resources: d.sids(w, 1)},
		{Name: "apart", Type: "resource-affinity", Affinity: "negative", Resources: d.sids(w, 2)},
		{Name: "off", Type: "node-affinity", Strict: true, Disabled: true},
	}
	if len(w.s.Guests) > 0 && d.oneIn(2) {
		sid := fmt.Sprintf("vm:%d", w.s.Guests[d.IntN(len(w.s.Guests))].VMID)
		if !slices.Contains(w.s.HARules[0].Resources, sid) { // no version has both for a guest
			w.s.HAServices = []pve.HAService{{SID: sid, Group: "group"}}
		}
	}
}

func (d dice) devices(w *world) {
	for _, name := range []string{"a100", "t4", "card"} {
		m := Mapping{Name: name, Kind: "gpu", Nodes: map[string]int{}, InUse: map[string]int{}}
		if name == "card" {
			m.Kind = ""
		}
		for _, n := range w.s.Nodes {
			if d.oneIn(2) {
				m.Nodes[n.Name] = d.between(1, 3)
				m.InUse[n.Name] = d.IntN(2)
			}
		}
		w.o.Mappings = append(w.o.Mappings, m)
	}
}

// demand draws up to six guests in up to three groups; together they ask for a third to all of the memory that is free.
func (d dice) demand(w *world) {
	var free int64
	for _, n := range w.s.Nodes {
		if memory, _ := promised(w.s, n.Name); n.Online() {
			free += max(0, usable(n)-max(memory, n.MemoryUsedBytes))
		}
	}
	groups, each := d.between(1, 3), d.between(1, 2)
	fair := int(max(3, free/gib/int64(groups*each)))
	for group := range groups {
		x := Demand{
			Group: group, VCPUs: d.between(1, 4), MemoryBytes: gib * int64(d.between(max(1, fair/6), max(2, fair*2/3))),
			Grouping:  []Grouping{NoGrouping, NoGrouping, NoGrouping, Apart, Together}[d.IntN(5)],
			Objective: []Objective{Balance, Balance, Pack}[d.IntN(3)],
			Disks:     []Disk{{Storage: []string{"local", "shared", "shared", "san"}[d.IntN(4)], Bytes: gib * int64(d.IntN(25))}},
		}
		x.HA = x.Disks[0].Storage != "local" && d.oneIn(2) || d.oneIn(30)
		if d.oneIn(2) {
			x.Networks = []string{"vmbr0"}
		}
		d.wishes(w, &x)
		d.relations(w, &x, groups)
		w.demands = append(w.demands, slices.Repeat([]Demand{x}, each)...)
	}
}

func (d dice) wishes(w *world, x *Demand) {
	anyNode := func() string { return w.s.Nodes[d.IntN(len(w.s.Nodes))].Name }
	if d.oneIn(20) {
		x.Avoid = []string{anyNode()}
	}
	if d.oneIn(20) {
		x.Nodes = []string{anyNode(), anyNode()}
	}
	if d.oneIn(20) {
		x.Source = Source{Nodes: []string{anyNode(), anyNode()}, CopyBytes: 8 * gib, LocalTo: []string{anyNode()}}
	}
	if d.oneIn(4) {
		x.Prefer = []Preference{{Node: anyNode(), Weight: 1, Reason: "storage"}}
	}
	if d.oneIn(8) {
		x.Bandwidth = int64(d.between(1, 4))
	}
	for range d.IntN(3) {
		switch d.IntN(12) {
		case 0:
			x.Devices = append(x.Devices, Device{Mapping: []string{"a100", "t4", "card"}[d.IntN(3)]})
		case 1:
			x.Devices = append(x.Devices, Device{Kind: "gpu", Count: d.between(1, 2)})
		}
	}
}

func (d dice) relations(w *world, x *Demand, groups int) {
	if d.oneIn(20) {
		x.NearGroups = []int{d.IntN(groups)}
	}
	if d.oneIn(20) {
		x.ApartGroups = []int{d.IntN(groups)}
	}
	if len(w.s.Guests) > 0 {
		guest := w.s.Guests[d.IntN(len(w.s.Guests))]
		if d.oneIn(30) {
			x.Near = []string{guest.Name}
		}
		if d.oneIn(14) {
			x.Apart = []string{fmt.Sprint(guest.VMID)}
		}
	}
	if d.oneIn(14) {
		x.HAGroup = "group"
	}
	for _, rule := range []string{"where", "near", "apart", "off"} {
		if d.oneIn(20) {
			x.HARules = append(x.HARules, rule)
		}
	}
}
