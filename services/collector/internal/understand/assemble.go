package understand

import (
	"slices"
	"strconv"
	"strings"
)

// assembler puts items together into groups of equal machines.
type assembler struct {
	text   string
	origin Origin
	in     *Intent
	cur    *Group // the group that attributes go to; nil before the first noun
	all    bool   // what follows holds for every group
	loose  []looseSize
	ahead  []item // attributes before the first noun
	// family is what was said of several machines before each was named, familyOf their first group.
	family, familyOf *Group
	members          []*Group
	expected         Value[int] // how many members were announced
	clause           []item     // attributes of the clause at hand, for an "each" at its end
	whole            *Group     // the group that single machines were taken from, and the names it had
	wholeNames       []string
	untouched        bool // nothing was said of the current group since it was opened
	tabled           bool // a table has just been read: what follows it holds for its rows
	adding           bool // the clause at hand adds to what exists
}

// looseSize is a size of which it is not said whether memory or disk is meant.
type looseSize struct {
	group *Group
	it    item
	// inherited: it was said of the group that this one was taken from.
	inherited bool
}

// assemble builds the intent of one text. Origin is what its values are marked with.
func assemble(text string, items []item, origin Origin) *Intent {
	a := &assembler{text: text, origin: origin, in: &Intent{}}
	for k, it := range items {
		if a.poolItem(it) || a.clusterItem(it) {
			continue
		}
		a.item(it, items, k)
	}
	if len(a.in.Groups) == 0 && len(a.ahead) > 0 {
		a.open(item{kind: itHead, start: a.ahead[0].start, end: a.ahead[0].start})
	}
	a.settleSizes()
	a.announce()
	a.dropUmbrella()
	for _, g := range a.in.Groups {
		a.settle(g)
		if names := plannedNames(g); g.added && !g.Like.Has() && !g.Role.Has() && len(names) > 0 && !g.Source.Has() { // "add worker-node-4"
			g.Like = Value[reference]{V: reference{grow: true, base: strings.TrimRight(strings.TrimRight(names[0], "0123456789"), "-")}, Origin: a.origin}
		}
	}
	return a.in
}

func (a *assembler) item(it item, items []item, k int) {
	if it.kind != itHead && it.kind != itSame && it.kind != itUnknown && it.kind != itComma && it.kind != itSignal && it.kind != itSource {
		a.untouched = false
	}
	switch it.kind {
	case itHead:
		a.head(it)
	case itSame:
		a.same(it)
	case itScale:
		a.scale(it)
	case itSequence:
		if len(a.in.sequences) < relationsMost {
			a.in.sequences = append(a.in.sequences, it.list)
		}
	case itRow:
		a.row(it)
	case itNth:
		a.nth(it)
	case itRowEnd:
		a.tabled = true
	case itUnknown:
		a.in.NotUnderstood = append(a.in.NotUnderstood, clip(a.text[it.start:it.end], 500))
	case itOmission:
		a.in.omit(it.s, "")
	case itComma:
		a.clause = a.clause[:0]
	case itStop:
		a.clause, a.all, a.adding = a.clause[:0], false, false
	case itMember:
		a.member(it)
	case itAll:
		if len(a.in.Groups) > 1 && len(a.clause) > 0 && !a.all { // "…, 4 cores each"
			for _, c := range a.clause {
				a.loose = slices.DeleteFunc(a.loose, func(l looseSize) bool { return l.it.start == c.start })
				a.spread(c)
			}
			return
		}
		a.all = true
	case itSignal:
		if it.signal == clNone && it.s != "" && !slices.Contains(a.in.NotUnderstood, it.s) {
			a.in.NotUnderstood = append(a.in.NotUnderstood, it.s) // a machine that exists: nothing is taken from it
		}
		a.adding = a.adding || (it.signal == clCreate && it.s == "add" || it.signal == clChange)
	case itSoftware:
		if a.cur == nil {
			a.ahead = append(a.ahead, it)
			return
		}
		for _, g := range a.in.Groups { // "…, redis with 8 GB": the group spoken of before
			if g != a.cur && slices.Contains(g.programs, it.s) {
				a.cur, a.all = g, false
				return
			}
		}
		a.apply(a.cur, it)
	default:
		if a.cur == nil {
			a.ahead = append(a.ahead, it)
			return
		}
		a.clause = append(a.clause, it)
		if (a.all || a.tabled) && len(a.in.Groups) > 1 {
			a.spread(it)
			return
		}
		a.apply(a.cur, it)
	}
}

// spread applies an item to every group that has not got the value.
func (a *assembler) spread(it item) {
	for _, g := range a.in.Groups {
		before := g.clone()
		a.apply(g, it)
		if len(g.conflicts) > len(before.conflicts) && g != a.cur {
			*g = *before
		}
	}
}

// head opens a group or says which group is meant.
func (a *assembler) head(it item) {
	a.clause = a.clause[:0]
	if a.guestHead(it) {
		return
	}
	g := a.cur
	switch {
	case it.byFor && g != nil && !g.Role.Has(): // "a VM for a web server"
		g.Role = value(a, it.role, it)
		return
	case it.byFor && g != nil && g.Role.V == it.role:
		return
	case it.instance && g != nil: // "a web server with three instances"
		if it.counted {
			g.Count = value(a, it.n, it)
		}
		return
	case a.untouched && g != nil && g.same && it.role == "" && it.machine && it.counted: // "the same, but five machines"
		g.Count = value(a, it.n, it)
		return
	case it.det == detAll && len(a.in.Groups) > 0 && !it.counted:
		a.all = true
		return
	case it.det == detKnown && len(a.in.Groups) > 0 && !it.counted:
		for _, other := range a.in.Groups {
			if it.role != "" && other.Role.V == it.role {
				a.cur, a.all = other, false
				return
			}
		}
		if it.role == "" {
			a.all = len(a.in.Groups) > 1
			return
		}
	case it.det == detNone && it.role != "" && len(a.in.Groups) > 1 && a.withRole(it.role) != nil: // "…, apps 4 cores"
		a.cur, a.all = a.withRole(it.role), false
		return
	case it.det == detNone && g != nil && it.role == "":
		return // "… of the VM", "par vm"
	case it.det == detNone && g != nil && it.role != "" && !g.Role.Has() && len(a.in.Groups) == 1 && it.start-g.at < 24:
		g.Role = value(a, it.role, it)
		return
	}
	a.open(it)
}

// withRole returns the first group with a role.
func (a *assembler) withRole(role string) *Group {
	for _, g := range a.in.Groups {
		if g.Role.V == role {
			return g
		}
	}
	return nil
}

// member opens a group for one of the machines that were spoken of together; it has what was said of all of them.
func (a *assembler) member(it item) {
	if a.again(it) {
		return
	}
	a.row(item{start: it.start, end: it.end})
	a.cur.Name = value(a, it.s, it)
}

// again takes a machine that was named before out of its group: "web1 and web2 with 4 GB, web2 with 8 cores".
func (a *assembler) again(it item) bool {
	if a.cur == nil && slices.ContainsFunc(a.ahead, func(b item) bool { return b.kind == itNames && slices.Contains(b.list, it.s) }) {
		a.open(item{kind: itHead, start: a.ahead[0].start, end: a.ahead[0].start})
	}
	for _, g := range a.in.Groups {
		if g.Name.Has() && len(g.Names.V) == 0 && strings.EqualFold(g.Name.V, it.s) && g.count() == 1 {
			a.cur, a.all, g.special = g, false, true
			a.clause = a.clause[:0]
			return true
		}
	}
	for _, g := range a.in.Groups {
		k := slices.IndexFunc(g.Names.V, func(n string) bool { return strings.EqualFold(n, it.s) })
		if k < 0 {
			continue
		}
		a.cur = g
		a.whole, a.wholeNames = g, slices.Clone(g.Names.V)
		it.n = k + 1
		a.nth(it)
		return true
	}
	return false
}

// row opens a group for one of the machines that were spoken of together, by name or as the row of a table.
func (a *assembler) row(it item) {
	a.clause, a.all, a.tabled = a.clause[:0], false, false
	if a.family == nil || a.familyOf != a.cur && !slices.Contains(a.members, a.cur) {
		if a.cur == nil || a.cur.Name.Has() || a.cur.Names.Has() {
			a.open(item{kind: itHead, start: it.start, end: it.end})
		}
		a.announce()
		a.family, a.familyOf, a.members = a.cur.clone(), a.cur, nil
		a.expected, a.family.Count = a.family.Count, Value[int]{}
	} else {
		a.cur = a.family.clone()
		a.in.Groups = append(a.in.Groups, a.cur)
	}
	a.cur.Count = Value[int]{}
	if it.n > 0 {
		a.cur.Count = value(a, it.n, it)
	}
	a.cur.closed = it.on
	a.members = append(a.members, a.cur)
}

func (a *assembler) open(it item) {
	g := &Group{det: it.det, at: it.start, several: it.several && !it.counted, ofThem: it.part && len(a.in.Groups) > 0}
	if it.role != "" {
		g.Role = value(a, it.role, it)
	}
	if it.counted {
		g.Count = value(a, it.n, it)
	}
	a.openAs(g, it)
	a.in.Groups = append(a.in.Groups, g)
	a.cur, a.all, a.untouched, a.tabled = g, false, true, false
	a.grow(g, it)
	for _, before := range a.ahead {
		a.apply(g, before)
	}
	a.ahead = nil
}

// value makes a value of what an item says.
func value[T any](a *assembler, v T, it item) Value[T] {
	out := Value[T]{V: v, Origin: a.origin, Text: clip(a.text[it.start:it.end], 500)}
	if a.origin == Stated {
		out.Start, out.End = it.start, it.end
		if out.Text != a.text[it.start:it.end] {
			out.Start, out.End = 0, 0
		}
	}
	return out
}

// set stores a value of a field; another value before it in the same text is a contradiction.
func set[T comparable](a *assembler, g *Group, to *Value[T], v T, it item, field string, show func(T) string) {
	if to.Has() && to.V != v && !g.special {
		g.conflict(field, show(to.V), show(v))
		return
	}
	if !to.Has() || g.special {
		*to = value(a, v, it)
	}
}

func shown(s string) string { return s }
func showInt(n int) string  { return strconv.Itoa(n) }
func showMiB(n int) string  { return showSize(n) }

// showSize writes a size so that the parser reads it again.
func showSize(mib int) string {
	if mib%1024 == 0 {
		return strconv.Itoa(mib/1024) + " GB"
	}
	return strconv.Itoa(mib) + " MB"
}

// apply stores what an item says in a group.
func (a *assembler) apply(g *Group, it item) {
	if a.applyGuest(g, it) {
		return
	}
	switch it.kind {
	case itRole:
		g.Role = value(a, it.role, it)
	case itCount:
		if g.Count.Has() && g.Count.V == 1 {
			g.Count = value(a, it.n, it)
			return
		}
		set(a, g, &g.Count, it.n, it, fieldCount, showInt)
	case itNames:
		a.names(g, it)
	case itSource:
		a.source(g, it)
	case itCores:
		set(a, g, &g.Cores, it.n, it, fieldCores, showInt)
	case itSockets:
		set(a, g, &g.Sockets, it.n, it, fieldSockets, showInt)
	case itCPUType:
		set(a, g, &g.CPUType, it.s, it, fieldCPUType, shown)
	case itMemory:
		set(a, g, &g.MemoryMiB, it.n, it, fieldMemory, showMiB)
	case itMemoryMin:
		set(a, g, &g.MemoryMin, it.n, it, fieldMemory, showMiB)
	case itSize:
		a.loose = append(a.loose, looseSize{group: g, it: it})
	case itDisk:
		a.disk(g, it)
	case itStorage:
		if len(g.Disks) == 0 {
			g.Disks = []Disk{{}}
		}
		last := &g.Disks[len(g.Disks)-1]
		if last.Storage.Has() && len(g.Disks) == 1 {
			set(a, g, &last.Storage, it.s, it, fieldStorage, shown)
			return
		}
		last.Storage = value(a, it.s, it)
	case itNetwork, itVLAN, itIPv4, itGateway:
		a.network(g, it)
	case itUser:
		set(a, g, &g.User, it.s, it, fieldUser, shown)
	case itKey:
		a.key(g, it)
	case itDNS:
		g.DNS = extend(a, g.DNS, it.list, it)
	case itDomain:
		set(a, g, &g.Domain, it.s, it, fieldDomain, shown)
	case itTags:
		var tags []string
		for _, t := range it.list {
			tags = append(tags, strings.ToLower(t))
		}
		g.Tags = extend(a, g.Tags, tags, it)
	case itPool:
		set(a, g, &g.Pool, it.s, it, fieldPool, shown)
	case itBackup:
		g.Backup = value(a, it.on, it)
	case itHA:
		if !g.HA.Has() || it.on == g.HA.V || a.origin != Stated {
			g.HA = value(a, it.on, it)
			return
		}
		g.conflict(fieldHA, "HA", "no HA")
	case itHAGroup:
		if !it.clear {
			g.HA = value(a, true, it)
		}
		set(a, g, &g.HAGroup, it.s, it, fieldHA, shown)
	case itBoot:
		g.StartAtBoot = value(a, it.on, it)
	case itStarted:
		g.Started = value(a, it.on, it)
	case itDescription:
		set(a, g, &g.Description, it.s, it, fieldDescription, shown)
	case itNodes:
		if g.Nodes.Has() && !it.clear && !slices.Equal(g.Nodes.V, it.list) {
			g.conflict(fieldNode, append(slices.Clone(g.Nodes.V), it.list...)...)
			return
		}
		g.Nodes = value(a, it.list, it)
	case itAvoid:
		g.Avoid = extend(a, g.Avoid, it.list, it)
	case itGrouping:
		if it.s == "redundant" {
			g.redundant = true
			if !g.Grouping.Has() {
				g.Grouping = value(a, "apart", it)
			}
			return
		}
		g.Grouping = value(a, it.s, it)
	case itNear:
		g.Near = value(a, it.list, it)
	case itObjective:
		g.Objective = value(a, it.s, it)
	case itClone:
		g.FullClone = value(a, it.on, it)
	case itProtection:
		g.Protection = value(a, it.on, it)
	case itVMID:
		set(a, g, &g.VMID, it.n, it, fieldVMID, showInt)
	case itAgent:
		g.Agent = value(a, it.on, it)
	case itLike, itSiblings:
		a.like(g, it)
	case itDevice:
		g.Devices = extend(a, g.Devices, devicesOf(it), it)
	case itOrder:
		set(a, g, &g.StartOrder, it.n, it, fieldStartOrder, showInt)
	case itDelay:
		a.delay(g, it)
	case itAfter:
		a.after(g, it)
	case itFraction:
		a.applyPart(g, it)
	case itSoftware:
		if !slices.Contains(g.programs, it.s) {
			g.programs = append(g.programs, it.s)
		}
		if !g.Role.Has() && it.role != "" {
			g.Role = value(a, it.role, it)
		}
	}
}

// extend appends to a list value.
func extend(a *assembler, v Value[[]string], list []string, it item) Value[[]string] {
	if !v.Has() {
		return value(a, list, it)
	}
	v.V = slices.Clone(v.V)
	for _, s := range list {
		if !slices.Contains(v.V, s) {
			v.V = append(v.V, s)
		}
	}
	return v
}

func (a *assembler) names(g *Group, it item) {
	if len(it.list) > 1 {
		if g.Names.Has() {
			g.Names = extend(a, g.Names, it.list, it)
			return
		}
		g.Names = value(a, it.list, it)
		return
	}
	if g.Names.Has() {
		g.Names = extend(a, g.Names, it.list, it)
		return
	}
	if g.Name.Has() && g.Name.V != it.list[0] && g.Count.V > 1 { // "two VMs, one named alpha and one named beta"
		first := g.Name
		g.Name = Value[string]{}
		g.Names = value(a, []string{first.V, it.list[0]}, item{start: min(it.start, max(first.Start, 0)), end: it.end})
		return
	}
	set(a, g, &g.Name, it.list[0], it, fieldName, shown)
}

// source keeps the most exact of what was said: an operating system beside a template is a remark on it.
func (a *assembler) source(g *Group, it item) {
	s := it.source
	switch {
	case s.Kind == SourceNone:
	case !g.Source.Has(), g.Source.V.Kind == SourceSystem && s.Kind != SourceSystem:
		g.Source = value(a, s, it)
	case s.Kind == SourceSystem:
		if g.Source.V.Kind == SourceSystem && g.Source.V.Version == "" {
			g.Source = value(a, s, it)
		}
	case g.Source.V.Kind == SourceTemplate && s.Kind == SourceTemplate && g.Source.V.VMID == 0 != (s.VMID == 0):
		merged := g.Source // id and name of the same template
		merged.V.VMID, merged.V.Name = max(merged.V.VMID, s.VMID), merged.V.Name+s.Name
		g.Source = merged
	case g.Source.V != s:
		g.conflict(fieldSource, showSource(g.Source.V), showSource(s))
	}
}

// showSource writes a source so that the parser reads it again.
func showSource(s Source) string {
	switch {
	case s.Kind == SourceURL:
		return s.URL
	case s.Kind == SourceSystem:
		return strings.TrimSpace(s.Name + " " + s.Version)
	case s.Name != "":
		return s.Name
	}
	return strconv.Itoa(s.VMID)
}

func (a *assembler) disk(g *Group, it item) {
	if it.clear {
		g.oneDisk = true
		return
	}
	d := Disk{extra: it.extra}
	if it.n > 0 {
		d.MiB = value(a, it.n, it)
	}
	if it.s != "" {
		d.Storage = value(a, it.s, it)
	}
	boot := slices.IndexFunc(g.Disks, func(d Disk) bool { return !d.extra })
	switch {
	case it.extra:
	case boot < 0:
		g.Disks = slices.Insert(g.Disks, 0, d)
		return
	case !g.Disks[boot].MiB.Has():
		g.Disks[boot].MiB = d.MiB
		if d.Storage.Has() {
			g.Disks[boot].Storage = d.Storage
		}
		return
	case d.MiB.Has() && g.Disks[boot].MiB.V == d.MiB.V && !d.Storage.Has() && a.origin != Stated:
		return
	default:
		d.extra = true // a second disk without the word
	}
	g.Disks = append(g.Disks, d)
}

func (a *assembler) network(g *Group, it item) {
	n := len(g.NICs)
	switch {
	case it.kind == itNetwork && it.s == "": // "two network cards"
		for len(g.NICs) < it.n {
			g.NICs = append(g.NICs, NIC{})
		}
		return
	case it.kind == itNetwork:
		for k := range g.NICs {
			if !g.NICs[k].Bridge.Has() {
				g.NICs[k].Bridge = value(a, it.s, it)
				return
			}
			if g.NICs[k].Bridge.V == it.s {
				return
			}
		}
		g.NICs = append(g.NICs, NIC{Bridge: value(a, it.s, it)})
		return
	case n == 0:
		g.NICs = append(g.NICs, NIC{})
		n = 1
	}
	nic := &g.NICs[n-1]
	for n > 1 && !nic.Bridge.Has() { // announced and not yet spoken of
		n--
		nic = &g.NICs[n-1]
	}
	switch it.kind {
	case itVLAN:
		set(a, g, &nic.VLAN, it.n, it, fieldVLAN, showInt)
	case itIPv4:
		if it.s == "" && nic.IPv4.Has() || nic.IPv4.Has() && nic.IPv4.V == "" {
			if it.s != "" {
				nic.IPv4 = value(a, it.s, it)
			}
			return
		}
		set(a, g, &nic.IPv4, it.s, it, fieldIPv4, shown)
	case itGateway:
		set(a, g, &nic.Gateway, it.s, it, fieldGateway, shown)
	}
}

func (a *assembler) key(g *Group, it item) {
	switch {
	case it.clear:
		g.Keys = value(a, []string(nil), it)
	case it.s == "":
		if !g.Keys.Has() {
			g.Keys = value(a, []string{""}, it)
		}
	case len(g.Keys.V) == 1 && g.Keys.V[0] == "":
		g.Keys = value(a, []string{it.s}, it)
	default:
		g.Keys = extend(a, g.Keys, []string{it.s}, it)
	}
}
