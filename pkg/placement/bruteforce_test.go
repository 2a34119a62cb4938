package placement

import (
	"slices"
	"strconv"

	"proviso.dev/pkg/pve"
)

// The referee knows nothing of indices, units, labels, stocks or bounds. It asks the world itself whether an assignment of nodes to the
// first demands breaks a condition, and tries every assignment.

// assignment searches one that breaks nothing and that accept, if given, agrees with; nil when there is none.
func (w world) assignment(accept func([]string) bool) []string {
	nodes := make([]string, 0, len(w.demands))
	var try func() bool
	try = func() bool {
		if w.broken(nodes) != "" {
			return false
		}
		if len(nodes) == len(w.demands) {
			return accept == nil || accept(nodes)
		}
		for _, n := range w.s.Nodes {
			nodes = append(nodes, n.Name)
			if try() {
				return true
			}
			nodes = nodes[:len(nodes)-1]
		}
		return false
	}
	if try() {
		return nodes
	}
	return nil
}

// broken names a condition that an assignment breaks, "" when it breaks none.
func (w world) broken(nodes []string) string {
	space := map[string]int64{}
	for i, name := range nodes {
		d := w.demands[i]
		if why := w.wrongNode(d, name); why != "" {
			return name + ": " + why
		}
		for _, disk := range d.Disks {
			pool := disk.Storage
			if !w.storage(disk.Storage, name).Shared {
				pool += "@" + name
			}
			if space[pool] += disk.Bytes; space[pool] > w.space(disk.Storage, name) {
				return pool + " is full"
			}
		}
		for j := range i {
			if why := w.wrongPair(d, w.demands[j], name == nodes[j]); why != "" {
				return why
			}
		}
	}
	for _, n := range w.s.Nodes {
		if slices.Contains(nodes, n.Name) {
			if why := w.overloaded(n, nodes); why != "" {
				return n.Name + ": " + why
			}
		}
	}
	return ""
}

func (w world) storage(name, node string) pve.Storage {
	for _, st := range w.s.Storages {
		if st.Name == name && st.Node == node {
			return st
		}
	}
	return pve.Storage{}
}

// space is what a storage has left; a shared one has what the least optimistic of its nodes says.
func (w world) space(name, node string) int64 {
	least := int64(-1)
	for _, st := range w.s.Storages {
		if st.Name != name || !st.Active || !st.Shared && st.Node != node {
			continue
		}
		free := st.TotalBytes - st.UsedBytes
		if told, ok := w.o.Usable[StorageOn{name, st.Node}]; ok {
			free = told
		}
		if least < 0 || free < least {
			least = free
		}
	}
	return least
}

// wrongNode says why one demand may not lie on a node, whatever else does.
func (w world) wrongNode(d Demand, name string) string {
	n, _ := w.s.Node(name)
	maintained := slices.ContainsFunc(w.s.HAManager.Nodes, func(h pve.HANode) bool { return h.Node == name })
	switch {
	case !n.Online() || maintained:
		return "not in use"
	case len(d.Nodes) > 0 && !slices.Contains(d.Nodes, name):
		return "not wished"
	case slices.Contains(d.Avoid, name):
		return "to be avoided"
	case len(d.Source.Nodes) > 0 && !slices.Contains(d.Source.Nodes, name):
		return "does not reach the source"
	case d.VCPUs > n.CPUs:
		return "too narrow"
	case len(d.Networks) > 0 && !slices.ContainsFunc(w.s.Bridges, func(b pve.Bridge) bool { return b.Node == name && b.Active }):
		return "no bridge"
	}
	for _, disk := range d.Disks {
		st := w.storage(disk.Storage, name)
		if !st.Active || d.HA && !st.Shared {
			return "storage"
		}
	}
	for _, dev := range d.Devices {
		if !slices.ContainsFunc(w.o.Mappings, func(m Mapping) bool {
			return m.Nodes[name] > 0 && (m.Name == dev.Mapping || dev.Mapping == "" && m.Kind == dev.Kind)
		}) {
			return "no such device"
		}
	}
	for _, g := range w.s.Guests {
		for _, reference := range d.Near {
			if (g.Name == reference || strconv.Itoa(g.VMID) == reference) && g.Node != name {
				return "not near " + g.Name
			}
		}
		for _, reference := range d.Apart {
			if (g.Name == reference || strconv.Itoa(g.VMID) == reference) && g.Node == name {
				return "not apart from " + g.Name
			}
		}
	}
	return w.againstHA(d, name)
}

func (w world) againstHA(d Demand, name string) string {
	for _, group := range w.s.HAGroups {
		if _, member := group.Nodes[name]; group.Name == d.HAGroup && group.Restricted && !member {
			return "outside its group"
		}
	}
	for _, rule := range w.s.HARules {
		if rule.Disabled || !slices.Contains(d.HARules, rule.Name) {
			continue
		}
		if _, member := rule.Nodes[name]; rule.Type == "node-affinity" && rule.Strict && !member {
			return "outside its rule"
		}
		for _, sid := range rule.Resources {
			for _, g := range w.s.Guests {
				here := g.Node == name
				if sid == "vm:"+strconv.Itoa(g.VMID) && (rule.Affinity == "positive" && !here || rule.Affinity == "negative" && here) {
					return "against rule " + rule.Name
				}
			}
		}
	}
	return ""
}

// wrongPair says why two demands may not lie so to one another.
func (w world) wrongPair(a, b Demand, same bool) string {
	both := func(rule string) bool { return slices.Contains(a.HARules, rule) && slices.Contains(b.HARules, rule) }
	of := func(groups []int, d Demand) bool { return slices.Contains(groups, d.Group) }
	if !same {
		if a.Group == b.Group && a.Grouping == Together || both("near") || of(a.NearGroups, b) || of(b.NearGroups, a) {
			return "not together"
		}
		return ""
	}
	if a.Group == b.Group && a.Grouping == Apart || both("apart") ||
		a.Group != b.Group && (of(a.ApartGroups, b) || of(b.ApartGroups, a)) {
		return "not apart"
	}
	return ""
}

// overloaded says what a node has too little of.
func (w world) overloaded(n pve.Node, nodes []string) string {
	memory, vcpus := promised(w.s, n.Name)
	memory = max(memory, n.MemoryUsedBytes, w.o.Peaks[n.Name].MemoryBytes)
	var bandwidth int64
	named, kinds := map[string]int{}, map[string]int{}
	for i, name := range nodes {
		if name != n.Name {
			continue
		}
		d := w.demands[i]
		memory, vcpus, bandwidth = memory+d.MemoryBytes, vcpus+d.VCPUs, bandwidth+d.Bandwidth
		for _, dev := range d.Devices {
			if dev.Mapping != "" {
				named[dev.Mapping] += max(1, dev.Count)
			} else {
				kinds[dev.Kind] += max(1, dev.Count)
			}
		}
	}
	link, limited := w.o.Links[n.Name]
	switch {
	case memory > usable(n):
		return "memory"
	case vcpus > 4*n.CPUs:
		return "vcpus"
	case limited && bandwidth > max(0, link.Capacity-link.Used):
		return "link"
	}
	rest := map[string]int{}
	for _, m := range w.o.Mappings {
		left := max(0, m.Nodes[n.Name]-m.InUse[n.Name]) - named[m.Name]
		if left < 0 {
			return "devices of " + m.Name
		}
		rest[m.Kind] += left
	}
	for kind, wanted := range kinds {
		if wanted > rest[kind] {
			return "devices that are a " + kind
		}
	}
	return ""
}

// bearsLoss plays the loss of each node: its guests, the largest first, each to the node with most free memory.
func (w world) bearsLoss(nodes []string) bool {
	for _, lost := range w.s.Nodes {
		if lost.Online() && !w.bearsLossOf(lost.Name, nodes) {
			return false
		}
	}
	return true
}

func (w world) bearsLossOf(lost string, nodes []string) bool {
	free := map[string]int64{}
	var homeless []int64
	for _, n := range w.s.Nodes {
		maintained := slices.ContainsFunc(w.s.HAManager.Nodes, func(h pve.HANode) bool { return h.Node == n.Name })
		if n.Online() && !maintained && n.Name != lost {
			memory, _ := promised(w.s, n.Name)
			free[n.Name] = usable(n) - max(memory, n.MemoryUsedBytes, w.o.Peaks[n.Name].MemoryBytes)
		}
	}
	for _, g := range w.s.Guests {
		if g.Node == lost && g.Status == pve.GuestRunning {
			homeless = append(homeless, g.MemoryBytes)
		}
	}
	for i, name := range nodes {
		if name == lost {
			homeless = append(homeless, w.demands[i].MemoryBytes)
		} else {
			free[name] -= w.demands[i].MemoryBytes
		}
	}
	slices.Sort(homeless)
	slices.Reverse(homeless)
	for _, m := range homeless {
		best := ""
		for name, f := range free {
			if best == "" || f > free[best] || f == free[best] && name < best {
				best = name
			}
		}
		if best == "" || free[best] < m {
			return false
		}
		free[best] -= m
	}
	return true
}
