package strategy

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"

	"proviso.dev/pkg/placement"
)

// Defaults of a machine, where neither the intent nor a template says anything.
const (
	defaultCPUType   = "x86-64-v2-AES" // what Proxmox VE's own dialogue offers: every x86 server since 2011 migrates to every other
	defaultMemoryMiB = 2048
	defaultImageGiB  = 10 // cloud images grow into the disk they find
	singleController = "virtio-scsi-single"
)

// resolveHardware decides what the machine looks like to its guest. A template decides what its disk was installed for.
func (d *Draft) resolveHardware(g *group) error {
	vm, c := g.vm, new(pve.GuestConfig)
	if g.template != nil {
		c = g.template.Config
	} else {
		c.SCSIHW, c.Serial0 = singleController, true // cloud images write their console to the serial port
	}
	vm.Cores, vm.Sockets = g.intent.GetCores(), max(1, g.intent.GetSockets())
	if g.intent.Cores == nil {
		vm.Cores = max(1, int32(c.Cores))
		if g.intent.Sockets == nil {
			vm.Sockets = max(1, int32(c.Sockets))
		}
	}
	vm.CpuType = cmp.Or(g.intent.GetCpuType(), defaultCPUType)
	vm.MemoryMib = cmp.Or(g.intent.GetMemoryMib(), int32(c.MemoryMiB), defaultMemoryMiB)
	vm.MemoryMinMib = g.intent.GetMemoryMinMib()
	if vm.GetMemoryMinMib() > vm.GetMemoryMib() {
		return d.refuse(CodeIncomplete, "memory_min", "min", vm.GetMemoryMinMib(), "max", vm.GetMemoryMib())
	}
	vm.Bios = cmp.Or(c.BIOS, "seabios")
	vm.OsType = cmp.Or(c.OSType, "l26")
	vm.ScsiHardware = cmp.Or(c.SCSIHW, "virtio-scsi-pci")
	vm.SerialConsole = c.Serial0
	vm.Machine = c.Machine
	vm.Agent = c.Agent
	if g.intent.Agent != nil {
		vm.Agent = g.intent.GetAgent()
	} else if g.image != nil {
		d.warn("agent_unknown")
	}
	return nil
}

// resolveWishes carries the wishes about nodes over to the demand.
func (d *Draft) resolveWishes(g *group) error {
	p := g.wish.GetPlacement()
	for _, name := range slices.Concat(p.GetNodes(), p.GetAvoidNodes()) {
		if _, ok := d.in.Snapshot.Node(name); !ok {
			return d.refuse(CodeNodeUnknown, "node_unknown", "node", name, "nodes", d.list(nodeNames(d.in.Snapshot)))
		}
	}
	g.demand.Nodes, g.demand.Avoid = p.GetNodes(), p.GetAvoidNodes()
	g.demand.Grouping = placement.Grouping(p.GetGrouping())
	if p.GetObjective() == string(placement.Pack) {
		g.demand.Objective = placement.Pack
	}
	d.prefer(g)
	return nil
}

func nodeNames(s *pve.Snapshot) []string {
	var names []string
	for _, n := range s.Nodes {
		names = append(names, n.Name)
	}
	return names
}

// resolveHA finds the group (PVE 8) or rule (PVE 9). HA moves a guest to the online nodes of highest priority in its group,
// so the plan must put it there in the first place.
func (d *Draft) resolveHA(g *group) error {
	ha := g.wish.GetHa()
	name := ha.GetGroup()
	g.vm.Ha = ha.GetEnabled() || ha != nil && ha.Enabled == nil && name != ""
	g.demand.HA = g.vm.GetHa()
	if !g.demand.HA || name == "" {
		return nil
	}
	groups := haGroups(d.in.Snapshot)
	found, ok := groups[name]
	if !ok {
		return d.refuse(CodeHAGroupUnknown, "ha_group_unknown", "group", name, "groups", d.list(slices.Sorted(maps.Keys(groups))))
	}
	g.vm.HaGroup = name
	var preferred []string
	highest := 0
	for node, priority := range found.nodes {
		switch n, _ := d.in.Snapshot.Node(node); {
		case !n.Online():
		case len(preferred) == 0 || priority > highest:
			preferred, highest = []string{node}, priority
		case priority == highest:
			preferred = append(preferred, node)
		}
	}
	if len(preferred) == 0 && found.strict {
		preferred = slices.Collect(maps.Keys(found.nodes))
	}
	slices.Sort(preferred)
	g.demand.HANodes = preferred
	return nil
}

type haGroup struct {
	nodes  map[string]int
	strict bool
}

func haGroups(s *pve.Snapshot) map[string]haGroup {
	groups := make(map[string]haGroup)
	if s.Major() < 9 {
		for _, g := range s.HAGroups {
			groups[g.Name] = haGroup{g.Nodes, g.Restricted}
		}
		return groups
	}
	for _, r := range s.HARules {
		if r.Type == "node-affinity" && !r.Disabled {
			groups[r.Name] = haGroup{r.Nodes, r.Strict}
		}
	}
	return groups
}

// resolvePolicies decides what is left: membership, start, protection, words.
func (d *Draft) resolvePolicies(g *group) error {
	vm := g.vm
	var tags []string
	for _, tag := range g.wish.GetTags() {
		tags = append(tags, strings.ToLower(tag))
	}
	slices.Sort(tags)
	vm.Tags = slices.Compact(tags)

	pool := g.wish.GetPool()
	if pool != "" && !slices.Contains(d.poolNames(), pool) {
		return d.refuse(CodePoolUnknown, "pool_unknown", "pool", pool, "pools", d.list(d.poolNames()))
	}
	vm.Pool = pool
	vm.StartAtBoot = g.wish.GetStartAtBoot()
	vm.Description = g.wish.GetDescription()
	vm.Protection = g.wish.GetProtection()
	d.resolveStartup(g)
	return nil
}

// poolNames are the pools of the cluster and those that the plan creates.
func (d *Draft) poolNames() []string {
	var names []string
	for _, p := range d.in.Snapshot.Pools {
		names = append(names, p.Name)
	}
	for _, p := range d.pools {
		names = append(names, p.GetName())
	}
	slices.Sort(names)
	return names
}
