package placement

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// A roster is the guests that a cluster has and the rules that HA has about them. It is immutable; where the guests are is in
// Index.at, so that indices of the same cluster after some moves share it.
type roster struct {
	guests []resident
	byID   map[int]int
	byName map[string][]int
	groups map[string]pve.HAGroup
	rules  map[string]pve.HARule
	// groupOf is the HA group and rulesOf are the rules in force of a guest, by its HA id.
	groupOf map[string]string
	rulesOf map[string][]string
	// left are the guests, by their HA id, that HA knows and has been told to leave alone.
	left map[string]bool
}

// A resident is one guest of the cluster; templates are none.
type resident struct {
	*pve.Guest
	running bool
}

// sid is the id by which HA knows the guest.
func (r resident) sid() string {
	if r.Kind == pve.KindContainer {
		return "ct:" + strconv.Itoa(r.VMID)
	}
	return "vm:" + strconv.Itoa(r.VMID)
}

// threads that the guest keeps busy.
func (r resident) threads() float64 { return r.CPUUsage * r.CPUs }

// pinned reports whether the guest is tied to a device of its node that no mapping names.
func (r resident) pinned() bool {
	if r.Config == nil {
		return false
	}
	for key, value := range r.Config.Lines {
		if strings.HasPrefix(key, "hostpci") && !strings.Contains(value, "mapping=") {
			return true
		}
	}
	return false
}

func (x *Index) addGuests(s *pve.Snapshot) {
	x.roster = newRoster(s)
	x.at = make([]int, len(x.roster.guests))
	for g, r := range x.roster.guests {
		i, ok := x.position[r.Node]
		if !ok {
			i = -1
		}
		x.at[g] = i
		if !ok || !r.running || !x.nodes[i].online {
			continue
		}
		x.nodes[i].guests = append(x.nodes[i].guests, r.MemoryBytes)
		x.nodes[i].running = append(x.nodes[i].running, r.VMID)
		x.nodes[i].promised += r.MemoryBytes
		x.nodes[i].vcpus += r.CPUs
	}
	for i := range x.nodes {
		slices.SortFunc(x.nodes[i].guests, descending)
		slices.Sort(x.nodes[i].running)
	}
}

func newRoster(s *pve.Snapshot) *roster {
	r := &roster{
		guests: make([]resident, 0, len(s.Guests)),
		byID:   make(map[int]int, len(s.Guests)), byName: make(map[string][]int, len(s.Guests)),
		groups: make(map[string]pve.HAGroup), rules: make(map[string]pve.HARule),
		groupOf: make(map[string]string), rulesOf: make(map[string][]string), left: make(map[string]bool),
	}
	for i := range s.Guests {
		g := &s.Guests[i]
		if g.Template {
			continue
		}
		at := len(r.guests)
		r.guests = append(r.guests, resident{g, g.Status == pve.GuestRunning})
		r.byID[g.VMID] = at
		if g.Name != "" {
			r.byName[g.Name] = append(r.byName[g.Name], at)
		}
	}
	for _, g := range s.HAGroups {
		r.groups[g.Name] = g
	}
	for _, rule := range s.HARules {
		r.rules[rule.Name] = rule
		if rule.Disabled {
			continue
		}
		for _, sid := range rule.Resources {
			r.rulesOf[sid] = append(r.rulesOf[sid], rule.Name)
		}
	}
	for _, service := range s.HAServices {
		r.groupOf[service.SID] = service.Group
		r.left[service.SID] = service.State == "ignored" || service.State == "disabled"
	}
	return r
}

// find returns the guests that a reference names: an id, or a name that several may bear.
func (r *roster) find(reference string) []int {
	if id, err := strconv.Atoi(reference); err == nil {
		if g, ok := r.byID[id]; ok {
			return []int{g}
		}
	}
	return r.byName[reference]
}

// ofSID returns the guest that HA knows by that id.
func (r *roster) ofSID(sid string) (int, bool) {
	_, digits, _ := strings.Cut(sid, ":")
	id, err := strconv.Atoi(digits)
	if err != nil {
		return 0, false
	}
	g, ok := r.byID[id]
	return g, ok
}

// demandOf is what a guest needs of a node that it would move to. Disks on shared storage take nothing there, they need to be
// reached; disks on its node's own storage are copied.
func (x *Index) demandOf(g int) Demand {
	r := x.roster.guests[g]
	d := Demand{
		VCPUs: int(r.CPUs + 0.999), MemoryBytes: r.MemoryBytes, Load: r.threads(),
		HAGroup: x.roster.groupOf[r.sid()], HARules: x.roster.rulesOf[r.sid()],
	}
	if r.pinned() {
		d.Nodes = []string{r.Node}
	}
	if r.Config == nil {
		return d
	}
	content := Images
	if r.Kind == pve.KindContainer {
		content = RootDirs
	}
	for _, disk := range r.Config.Disks {
		st, ok := x.storages[disk.Storage]
		if !ok {
			continue
		}
		bytes := disk.SizeBytes
		if st.shared {
			bytes = 0
		}
		d.Disks = append(d.Disks, Disk{Storage: disk.Storage, Bytes: bytes, Content: content})
	}
	for _, nic := range r.Config.NICs {
		d.Networks = append(d.Networks, nic.Bridge)
	}
	for key, value := range r.Config.Lines {
		if !strings.HasPrefix(key, "hostpci") {
			continue
		}
		for property := range strings.SplitSeq(value, ",") {
			if name, ok := strings.CutPrefix(property, "mapping="); ok {
				d.Devices = append(d.Devices, Device{Mapping: name})
			}
		}
	}
	slices.SortFunc(d.Devices, func(a, b Device) int { return cmp.Compare(a.Mapping, b.Mapping) })
	return d
}

// A relocation puts a guest on another node; -1 takes it out of the cluster.
type relocation struct{ guest, to int }

// lift returns the cluster without some guests, and what each of them demands to come back, in a group of its own.
func (x *Index) lift(guests []int) (*Index, []Demand) {
	leave, demands := make([]relocation, len(guests)), make([]Demand, len(guests))
	for k, g := range guests {
		leave[k] = relocation{g, -1}
		demands[k] = x.demandOf(g)
		demands[k].Group = k
	}
	return x.relocated(leave), demands
}

// relocated returns the index of the cluster after some moves.
func (x *Index) relocated(moves []relocation) *Index {
	y := *x
	y.nodes, y.at, y.start = slices.Clone(x.nodes), slices.Clone(x.at), x.start.clone()
	touched := make(map[int]bool)
	for _, m := range moves {
		from := y.at[m.guest]
		y.at[m.guest] = m.to
		d := x.demandOf(m.guest)
		for _, end := range []struct {
			node int
			sign int64
		}{{from, 1}, {m.to, -1}} {
			if end.node < 0 {
				continue
			}
			y.shift(m.guest, end.node, end.sign, touched)
			taken := x.newUnit(&d)
			x.claim(taken, &d, end.node)
			for _, c := range taken.claims[end.node] {
				y.start.left[c.stock] += end.sign * c.amount
			}
		}
	}
	for i := range touched {
		y.refresh(i)
	}
	y.survives = y.survivesLoss(&y.start)
	y.start.heap = nil
	return &y
}

// taken is a sorted list with a value more or, with sign 1, one less.
func taken[T any](list []T, value T, sign int64, order func(a, b T) int) []T {
	at, found := slices.BinarySearchFunc(list, value, order)
	switch {
	case sign < 0:
		return slices.Insert(list, at, value)
	case found:
		return slices.Delete(list, at, at+1)
	}
	return list
}

// shift adds a running guest's load to a node, or with sign 1 gives it back.
func (x *Index) shift(g, i int, sign int64, touched map[int]bool) {
	r := x.roster.guests[g]
	n := &x.nodes[i]
	if !r.running || !n.online {
		return
	}
	if !touched[i] {
		n.guests, n.running = slices.Clone(n.guests), slices.Clone(n.running)
		touched[i] = true
	}
	n.promised -= sign * r.MemoryBytes
	n.vcpus -= float64(sign) * r.CPUs
	n.used = max(0, n.used-sign*r.MemoryUsedBytes)
	n.inUse = max(0, n.inUse-sign*r.MemoryUsedBytes)
	if n.cpus > 0 {
		busy := float64(sign) * r.threads() / float64(n.cpus)
		n.measured, n.cpuUsage = max(0, n.measured-busy), max(0, n.cpuUsage-busy)
	}
	n.guests = taken(n.guests, r.MemoryBytes, sign, descending)
	n.running = taken(n.running, r.VMID, sign, cmp.Compare)
}
