package understand

import (
	"slices"
	"strings"
)

// reference is a machine or a series of machines that exists, which new ones are to be like.
type reference struct {
	// guest is the name or the id of one machine; empty: the series is meant.
	guest string
	// fields are what is taken from it; empty: everything that two machines can share.
	fields []string
	// grow: one series of role or base is to have more machines, which continue its numbering.
	grow       bool
	role, base string
	// certain: the words only make sense for a series that exists ("one more", "scale to"); else it may be an ordinary creation.
	certain bool
	// total is how many machines the series is to have in the end; 0: the group's count are new ones.
	total int
}

// like keeps what a text says of machines that exist.
func (a *assembler) like(g *Group, it item) {
	switch it.kind {
	case itLike:
		ref := g.Like.V
		if ref.guest != "" && !strings.EqualFold(ref.guest, it.s) {
			if len(it.list) == 0 && len(ref.fields) == 0 || len(it.list) > 0 && len(ref.fields) > 0 { // one model serves a machine
				g.conflict(fieldLike, ref.guest, it.s)
			}
			return
		}
		if fields := it.list; ref.guest != "" && len(ref.fields) > 0 && len(fields) > 0 { // "the same cores as db1 and the same memory as db1"
			ref.fields = append(slices.Clone(ref.fields), fields...)
		} else if ref.guest == "" || len(fields) == 0 {
			ref.fields = fields
		}
		ref.guest = it.s
		g.Like = value(a, ref, it)
	case itSiblings:
		ref := g.Like.V
		ref.grow, ref.certain, ref.role, ref.base = true, true, g.Role.V, it.s
		if it.role != "" {
			ref.role = it.role
			g.Role.assume(it.role, Derived, "")
		}
		g.Like = value(a, ref, it)
	}
}

// same opens a group that is as the one before it, or says so of the group at hand when nothing else was said of it.
func (a *assembler) same(it item) {
	if len(it.list) > 0 { // "on the same network"
		if a.cur == nil {
			a.open(item{kind: itHead, start: it.start, end: it.start})
		}
		if !a.cur.same {
			a.cur.sameFields = append(a.cur.sameFields, it.list...)
		}
		return
	}
	grows := a.cur != nil && a.untouched && a.cur.Like.V.grow && !it.counted // "one more web server like the last one"
	fresh := grows || a.cur != nil && (a.untouched || a.cur.same && len(a.clause) == 0) && (len(a.in.Groups) > 1 || a.cur.same || it.on)
	if it.byFor && len(a.in.Groups) > 1 && !a.cur.same { // "a database with the same resources"
		fresh = true
	}
	if !fresh {
		a.open(item{kind: itHead, det: detNew, start: it.start, end: it.end})
	}
	g := a.cur
	g.same, g.again = true, g.again || it.on
	if it.counted {
		g.Count = value(a, it.n, it)
	}
	if it.extra {
		g.plus = value(a, it.n, it)
	}
	a.untouched = true
}

// scale opens a group that continues a series.
func (a *assembler) scale(it item) {
	a.open(item{kind: itHead, det: detNew, start: it.start, end: it.end})
	g := a.cur
	if it.role != "" {
		g.Role = value(a, it.role, it)
	}
	ref := reference{grow: true, certain: true, role: it.role, base: it.s}
	if it.on {
		ref.total = it.n
	} else {
		g.Count = value(a, it.n, it)
	}
	g.Like = value(a, ref, it)
}

// grow marks a group that a noun opened as one that continues a series: "add a worker node", "two more web servers".
func (a *assembler) grow(g *Group, it item) {
	certain := it.extra
	g.added = a.adding
	if slices.ContainsFunc(a.in.Groups, func(other *Group) bool { return other != g && other.Role.V == g.Role.V }) {
		return // a second one of this request
	}
	if g.Role.V == "" || g.det != detNew || g.Like.Has() || !certain && (!a.adding || len(a.in.Groups) > 1) {
		return
	}
	g.Like = value(a, reference{grow: true, role: g.Role.V, certain: certain}, it)
}

// refer gives the groups of a text what they share with the group before them; prior are the groups of the dialogue so far. It
// reports whether a text points at something that neither the text nor the memory holds.
func refer(in *Intent, prior []*Group, mem *memory, lang string) (lost bool) {
	for k := 0; k < len(in.Groups); k++ {
		g := in.Groups[k]
		if !g.same && len(g.sameFields) == 0 {
			continue
		}
		if g.Like.V.guest != "" { // "two more like web-01"
			g.same = false
			continue
		}
		if g.same && g.Like.V.grow { // the last of the dialogue when it was such a one, else the last of the series
			if groups, _ := mem.newest(lang); !slices.ContainsFunc(groups, func(other *Group) bool { return other.Role.V == g.Role.V }) {
				g.same = false
				continue
			}
			g.Like = Value[reference]{}
		}
		var from *Group
		switch {
		case k > 0:
			from = in.Groups[k-1]
		case len(prior) > 0:
			from = prior[len(prior)-1]
		}
		if from != nil && !(g.again && len(prior) == 0 && mem != nil) {
			share := g.sameFields
			if g.same {
				share = nil
			}
			copyGroup(g, from, share, say(lang, "reason.same_before"))
			g.addPlus()
			if names := plannedNames(from); g.same && len(names) > 0 && !g.Name.Has() && !g.Names.Has() && g.Role.V == from.Role.V {
				g.continues, g.continueReason = names[len(names)-1], say(lang, "reason.same_before")
			}
			g.same, g.sameFields = false, nil
			continue
		}
		groups, reason := mem.newest(lang)
		if len(groups) == 0 {
			return true
		}
		if in.unclear = kindsOf(g, groups, lang); len(in.unclear) > 0 {
			return true
		}
		in.Groups = slices.Replace(in.Groups, k, k+1, remembered(g, groups, reason)...)
		in.memory = mem
		k += len(groups) - 1
	}
	return false
}

// copyGroup gives a group what another has and it lacks: everything that two machines can share, so no names, ids, and addresses.
func copyGroup(g, from *Group, fields []string, reason string) {
	wanted := func(field string) bool { return len(fields) == 0 || slices.Contains(fields, field) }
	if len(fields) == 0 {
		copyValue(&g.Role, from.Role, reason)
		copyValue(&g.StartAtBoot, from.StartAtBoot, reason)
		copyValue(&g.Started, from.Started, reason)
		copyValue(&g.Grouping, from.Grouping, reason)
		copyValue(&g.Near, from.Near, reason)
		copyValue(&g.Protection, from.Protection, reason)
		copyValue(&g.Agent, from.Agent, reason)
		copyValue(&g.FullClone, from.FullClone, reason)
		copyValue(&g.MemoryMin, from.MemoryMin, reason)
		copyValue(&g.Backup, from.Backup, reason)
		copyValue(&g.StartDelay, from.StartDelay, reason)
		copyValue(&g.Devices, from.Devices, reason)
		copyValue(&g.StartOrder, from.StartOrder, reason)
		if !g.Nodes.Has() && !g.Avoid.Has() && !g.Objective.Has() {
			copyValue(&g.Nodes, from.Nodes, reason)
			copyValue(&g.Avoid, from.Avoid, reason)
			copyValue(&g.Objective, from.Objective, reason)
		}
		if !g.HA.Has() {
			copyValue(&g.HA, from.HA, reason)
			copyValue(&g.HAGroup, from.HAGroup, reason)
		}
		copyValue(&g.Like, from.Like, reason)
		for _, p := range from.programs {
			if !slices.Contains(g.programs, p) {
				g.programs = append(g.programs, p)
			}
		}
	}
	if wanted(fieldSource) {
		copyValue(&g.Source, from.Source, reason)
	}
	if wanted(fieldCores) {
		if !g.Cores.Has() { // "with 8 cores" counts them all
			copyValue(&g.Sockets, from.Sockets, reason)
		}
		copyValue(&g.Cores, from.Cores, reason)
	}
	if wanted(fieldCPUType) {
		copyValue(&g.CPUType, from.CPUType, reason)
	}
	if wanted(fieldMemory) {
		copyValue(&g.MemoryMiB, from.MemoryMiB, reason)
	}
	if wanted(fieldUser) {
		copyValue(&g.User, from.User, reason)
	}
	if wanted(fieldKeys) {
		copyValue(&g.Keys, from.Keys, reason)
	}
	if wanted(fieldDNS) {
		copyValue(&g.DNS, from.DNS, reason)
	}
	if wanted(fieldDomain) {
		copyValue(&g.Domain, from.Domain, reason)
	}
	if wanted(fieldTags) {
		copyValue(&g.Tags, from.Tags, reason)
	}
	if wanted(fieldPool) && !g.Backup.said() {
		copyValue(&g.Pool, from.Pool, reason)
	}
	copyDisks(g, from, wanted, len(fields) == 0, reason)
	if wanted(fieldNetwork) || wanted(fieldVLAN) {
		copyNICs(g, from, len(fields) > 0, reason)
	}
}

// addPlus counts the machines of a group that is to be made again with some more: those some. What was made before is there
// already, and the number is shown before anything is done.
func (g *Group) addPlus() {
	if g.plus.Has() && !g.Count.Has() {
		g.Count = g.plus
	}
}

// copyValue fills an absent value.
func copyValue[T any](to *Value[T], from Value[T], reason string) {
	if from.Has() {
		to.assume(from.V, Derived, reason)
	}
}

// copyDisks fills in the disks: the boot disk's properties one by one, further disks when the group has none of its own.
func copyDisks(g, from *Group, wanted func(string) bool, all bool, reason string) {
	var boot Disk
	var extra []Disk
	for k, d := range from.Disks {
		if k == 0 && !d.extra {
			boot = d
			continue
		}
		d.MiB, d.Storage = derived(d.MiB, reason), derived(d.Storage, reason)
		extra = append(extra, d)
	}
	own := slices.IndexFunc(g.Disks, func(d Disk) bool { return !d.extra })
	if own < 0 && (boot.MiB.Has() || boot.Storage.Has()) {
		g.Disks, own = slices.Insert(g.Disks, 0, Disk{}), 0
	}
	if own >= 0 && wanted(fieldDisk) {
		copyValue(&g.Disks[own].MiB, boot.MiB, reason)
	}
	if own >= 0 && wanted(fieldStorage) {
		copyValue(&g.Disks[own].Storage, boot.Storage, reason)
	}
	if all && !g.oneDisk && !slices.ContainsFunc(g.Disks, func(d Disk) bool { return d.extra }) {
		g.Disks = append(g.Disks, extra...)
	}
}

// copyNICs fills in networks and VLANs. An address is for one machine: where the other has one, this one's is to be asked.
func copyNICs(g, from *Group, only bool, reason string) {
	for k, n := range from.NICs {
		if k >= len(g.NICs) {
			g.NICs = append(g.NICs, NIC{})
		}
		to := &g.NICs[k]
		if to.Bridge.Has() && !strings.EqualFold(to.Bridge.V, n.Bridge.V) {
			continue
		}
		copyValue(&to.Bridge, n.Bridge, reason)
		copyValue(&to.VLAN, n.VLAN, reason)
		switch {
		case only || to.IPv4.Has():
		case n.IPv4.V == "dhcp":
			copyValue(&to.IPv4, n.IPv4, reason)
		case n.IPv4.V != "":
			to.IPv4 = Value[string]{Origin: Derived, Reason: reason}
		}
	}
}

// derived is a value taken over from elsewhere; an absent value stays absent.
func derived[T any](v Value[T], reason string) Value[T] {
	if !v.Has() {
		return v
	}
	return Value[T]{V: v.V, Origin: Derived, Reason: reason}
}

// likeAnswer takes the machine that an answer names, or none.
func (g *Group) likeAnswer(answer, text string, none bool) {
	ref := g.Like.V
	g.Like = Value[reference]{}
	if none {
		return
	}
	ref.guest = answer
	g.Like = Value[reference]{V: ref, Origin: Answered, Text: text}
}
