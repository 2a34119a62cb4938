package understand

import (
	"slices"
)

// merge applies what an answer or a correction says. With a target it concerns that group; without one, the group that
// it names, else all groups. Additive corrections bring machines of their own.
func (d *dialogue) merge(delta *Intent, target int, additive bool) {
	d.in.NotUnderstood = append(d.in.NotUnderstood, delta.NotUnderstood...)
	for _, o := range delta.Omissions {
		d.in.omit(o.Topic, o.Detail)
	}
	if d.renamePool(delta) {
		return
	}
	d.mergePools(delta, additive)
	refer(delta, d.in.Groups, d.memory, d.lang)
	d.in.sequences = append(d.in.sequences, delta.sequences...)
	share(delta, say(d.lang, "reason.source_shared"))
	before := len(d.in.Groups)
	for k, dg := range delta.Groups {
		same := slices.IndexFunc(d.in.Groups[:before], func(g *Group) bool { return dg.Role.V != "" && g.Role.V == dg.Role.V })
		implicit := dg.Role.V == "" && dg.det != detNew
		switch meant := d.ofKind(dg, before); {
		case target < 0 && len(meant) > 0 && !(additive && dg.det == detNew):
			for _, g := range meant {
				mergeGroup(g, dg)
			}
		case target >= 0 && k == 0:
			mergeGroup(d.in.Groups[target], dg)
		case additive && dg.det == detNew || target >= 0:
			d.in.Groups = append(d.in.Groups, dg)
		case same >= 0:
			mergeGroup(d.in.Groups[same], dg)
		case implicit || before == 1 && len(delta.Groups) == 1:
			for _, g := range d.in.Groups[:before] {
				mergeGroup(g, dg)
			}
		case k < before:
			mergeGroup(d.in.Groups[k], dg)
		default:
			d.in.Groups = append(d.in.Groups, dg)
		}
	}
}

// take replaces a value by a newer one and settles what was contradictory about it.
func take[T any](g *Group, to *Value[T], from Value[T], field string) {
	if from.Has() {
		*to = from
		delete(g.conflicts, field)
	}
}

// mergeGroup lets a later text replace what it speaks of.
func mergeGroup(g, from *Group) {
	mergeNature(g, from)
	scaled(g, from)
	if from.Name.Has() || from.Names.Has() {
		g.Name, g.Names = from.Name, from.Names
		delete(g.conflicts, fieldName)
		if from.Names.Has() {
			delete(g.conflicts, fieldCount)
		}
	}
	if from.Count.Has() && !(from.Count.V == 1 && from.Role.Has() && g.Count.said() && len(from.Text()) == 0) {
		if g.Names.Has() && !from.Names.Has() && len(g.Names.V) != from.Count.V {
			g.Names = Value[[]string]{}
		}
		take(g, &g.Count, from.Count, fieldCount)
	}
	take(g, &g.Role, from.Role, "role")
	take(g, &g.Source, from.Source, fieldSource)
	take(g, &g.Cores, from.Cores, fieldCores)
	take(g, &g.Sockets, from.Sockets, fieldSockets)
	take(g, &g.CPUType, from.CPUType, fieldCPUType)
	take(g, &g.MemoryMiB, from.MemoryMiB, fieldMemory)
	take(g, &g.User, from.User, fieldUser)
	take(g, &g.Keys, from.Keys, fieldKeys)
	take(g, &g.DNS, from.DNS, fieldDNS)
	take(g, &g.Domain, from.Domain, fieldDomain)
	take(g, &g.Tags, from.Tags, fieldTags)
	take(g, &g.Pool, from.Pool, fieldPool)
	take(g, &g.Backup, from.Backup, fieldPool)
	if from.Backup.Has() && !from.Pool.Has() {
		g.Pool = Value[string]{}
	}
	take(g, &g.HA, from.HA, fieldHA)
	take(g, &g.HAGroup, from.HAGroup, fieldHA)
	if from.HA.Has() && !from.HA.V {
		g.HAGroup = Value[string]{}
	}
	take(g, &g.StartAtBoot, from.StartAtBoot, "start_at_boot")
	take(g, &g.Started, from.Started, "started")
	take(g, &g.Description, from.Description, fieldDescription)
	take(g, &g.StartOrder, from.StartOrder, fieldStartOrder)
	take(g, &g.StartDelay, from.StartDelay, fieldStartDelay)
	take(g, &g.Devices, from.Devices, fieldDevices)
	if from.Like.Has() {
		take(g, &g.Like, from.Like, fieldLike)
	}
	g.after, g.before = union(g.after, from.after), union(g.before, from.before)
	if from.startText.Has() {
		g.startText, g.delayAfter = from.startText, max(g.delayAfter, from.delayAfter)
	}
	mergePlacement(g, from)
	take(g, &g.FullClone, from.FullClone, "full_clone")
	take(g, &g.Protection, from.Protection, "protection")
	take(g, &g.VMID, from.VMID, fieldVMID)
	take(g, &g.Agent, from.Agent, "agent")
	mergeDisks(g, from)
	mergeNICs(g, from)
	g.redundant = g.redundant || from.redundant
	for _, p := range from.programs {
		if !slices.Contains(g.programs, p) {
			g.programs = append(g.programs, p)
		}
	}
	for field, values := range from.conflicts {
		g.conflict(field, values...)
	}
}

// Text returns the words that gave the group its count.
func (g *Group) Text() string { return g.Count.Text }

// mergePlacement keeps wishes about nodes free of contradiction: the later word counts.
func mergePlacement(g, from *Group) {
	take(g, &g.Nodes, from.Nodes, fieldNode)
	take(g, &g.Avoid, from.Avoid, fieldNode)
	take(g, &g.Grouping, from.Grouping, "grouping")
	take(g, &g.Objective, from.Objective, "objective")
	take(g, &g.Near, from.Near, "near")
	if from.Objective.Has() && !from.Nodes.Has() {
		g.Nodes = Value[[]string]{}
	}
	without := func(list, drop []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(drop, s) })
	}
	switch {
	case from.Nodes.Has() && !from.Avoid.Has():
		g.Avoid.V = without(g.Avoid.V, from.Nodes.V)
	case from.Avoid.Has() && !from.Nodes.Has():
		if g.Nodes.V = without(g.Nodes.V, from.Avoid.V); len(g.Nodes.V) == 0 {
			g.Nodes = Value[[]string]{}
		}
	}
}

// mergeDisks replaces the boot disk's properties and adds or replaces further disks.
func mergeDisks(g, from *Group) {
	extra := 0
	for _, d := range from.Disks {
		if !d.extra {
			if len(g.Disks) == 0 || g.Disks[0].extra {
				g.Disks = slices.Insert(g.Disks, 0, Disk{})
			}
			take(g, &g.Disks[0].MiB, d.MiB, fieldDisk)
			take(g, &g.Disks[0].Storage, d.Storage, fieldStorage)
			continue
		}
		extra++
		if len(g.Disks) == 0 || g.Disks[0].extra {
			g.Disks = slices.Insert(g.Disks, 0, Disk{})
		}
		if extra < len(g.Disks) && d.MiB.Origin == Answered {
			take(g, &g.Disks[extra].MiB, d.MiB, fieldDisk)
			take(g, &g.Disks[extra].Storage, d.Storage, fieldStorage)
			continue
		}
		g.Disks = append(g.Disks, d)
	}
}

// mergeNICs replaces what is said of each network device; a new network takes the old one's VLAN and address with it.
func mergeNICs(g, from *Group) {
	for k, n := range from.NICs {
		if k >= len(g.NICs) {
			g.NICs = append(g.NICs, n)
			continue
		}
		to := &g.NICs[k]
		if n.Bridge.Has() && to.Bridge.Has() && n.Bridge.V != to.Bridge.V {
			*to = NIC{}
		}
		take(g, &to.Bridge, n.Bridge, fieldNetwork)
		take(g, &to.VLAN, n.VLAN, fieldVLAN)
		take(g, &to.IPv4, n.IPv4, fieldIPv4)
		take(g, &to.Gateway, n.Gateway, fieldGateway)
	}
}
