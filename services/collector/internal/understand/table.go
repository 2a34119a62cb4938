package understand

import (
	"fmt"
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// table writes an intent as the rows that the requester confirms or corrects, in a fixed order.
type table struct {
	lang   string
	path   string
	prefix string
	of     string // "ct_" while the rows are those of containers
	rows   []*provisov1.InterpretationRow
}

// interpretation returns the rows of an intent.
func interpretation(gd *grounded, lang string) []*provisov1.InterpretationRow {
	t := &table{lang: lang}
	for i, g := range gd.Groups {
		t.path = gd.path(i) + "."
		if len(gd.Groups) > 1 {
			t.prefix = groupName(g) + " " + strconv.Itoa(gd.number(i)+1) + " · "
		}
		if g.among() {
			t.container(g, gd.sources[i])
			continue
		}
		t.group(g, gd.sources[i])
	}
	t.path, t.prefix = "", ""
	t.pools(gd.Pools)
	t.workloads(gd.Workloads)
	for i, o := range gd.Omissions {
		t.add(fmt.Sprintf("omissions[%d]", i), "omission", say(lang, "topic."+o.Topic), Derived, o.Detail)
	}
	for i, w := range gd.NotUnderstood {
		if i < 64 {
			t.add(fmt.Sprintf("not_understood[%d]", i), "not_understood", visible(w), Stated, gd.reasonFor(lang, w))
		}
	}
	return t.rows
}

func (t *table) add(path, label, value string, origin Origin, reason string) {
	t.rows = append(t.rows, &provisov1.InterpretationRow{
		Path: t.path + path, Label: t.prefix + t.labelText(label), Value: clip(value, 4000), Origin: string(origin), Reason: clip(reason, 1000),
	})
}

// row adds a value with its evidence: the words it came from, and why.
func row[T any](t *table, path, label string, v Value[T], value string) {
	if !v.Has() {
		return
	}
	t.add(path, label, value, v.Origin, evidence(t.lang, v))
}

// evidence is the words that a value came from, then the reason.
func evidence[T any](lang string, v Value[T]) string {
	text := quoteText(v.Text)
	switch {
	case text != "" && v.Reason != "":
		return say(lang, "quoted", "text", text) + " – " + v.Reason
	case text != "":
		return say(lang, "quoted", "text", text)
	}
	return v.Reason
}

func (t *table) group(g *Group, src resolved) {
	if g.Role.Has() {
		role := g.Role
		if role.Reason == "" {
			role.Reason = say(t.lang, "reason.role")
		}
		row(t, "role", "role", role, roleText(t.lang, g.Role.V))
	}
	t.called(g)
	row(t, "source", "source", g.Source, t.sourceText(g, src))
	row(t, "cores", "cores", g.Cores, strconv.Itoa(g.Cores.V))
	row(t, "sockets", "sockets", g.Sockets, strconv.Itoa(g.Sockets.V))
	row(t, "cpu_type", "cpu_type", g.CPUType, g.CPUType.V)
	row(t, "memory_mib", "memory", g.MemoryMiB, sizeText(t.lang, g.MemoryMiB.V))
	row(t, "memory_min_mib", "memory_min", g.MemoryMin, sizeText(t.lang, g.MemoryMin.V))
	t.disks(g, src)
	t.common(g)
}

// common writes the rows that all kinds of guest have, after their size.
func (t *table) common(g *Group) {
	for k, n := range g.NICs {
		path := fmt.Sprintf("networks[%d].", k)
		row(t, path+"bridge", "network", n.Bridge, n.Bridge.V)
		row(t, path+"vlan", "vlan", n.VLAN, strconv.Itoa(n.VLAN.V))
		row(t, path+"ipv4", "ipv4", n.IPv4, t.addressText(g, n))
		row(t, path+"gateway", "gateway", n.Gateway, n.Gateway.V)
	}
	row(t, "placement.nodes", "nodes", g.Nodes, t.orNone(strings.Join(g.Nodes.V, ", "), "any_node"))
	row(t, "placement.avoid_nodes", "avoid", g.Avoid, t.orNone(strings.Join(g.Avoid.V, ", "), "none"))
	row(t, "placement.grouping", "grouping", g.Grouping, say(t.lang, "grouping."+g.Grouping.V))
	row(t, "placement.near", "near", g.Near, say(t.lang, "near.ceph"))
	row(t, "placement.objective", "objective", g.Objective, say(t.lang, "objective."+g.Objective.V))
	row(t, "ha.enabled", "ha", g.HA, yesNo(t.lang, g.HA.V))
	row(t, "ha.group", "ha_group", g.HAGroup, t.orNone(g.HAGroup.V, "none"))
	if !g.Pool.Has() {
		t.add("pool", "pool", say(t.lang, "none"), Assumed, say(t.lang, "reason.pool_none"))
	}
	row(t, "pool", "pool", g.Pool, t.orNone(g.Pool.V, "none"))
	row(t, "start_at_boot", "start_at_boot", g.StartAtBoot, yesNo(t.lang, g.StartAtBoot.V))
	row(t, "startup.order", "start_order", g.StartOrder, strconv.Itoa(g.StartOrder.V))
	row(t, "startup.up_delay_seconds", "start_delay", g.StartDelay, say(t.lang, "seconds", "n", g.StartDelay.V))
	row(t, "devices", "devices", g.Devices, t.deviceText(g.Devices.V))
	row(t, "started", "started", g.Started, yesNo(t.lang, g.Started.V))
	row(t, "initialization.user", "user", g.User, t.orNone(g.User.V, "none"))
	row(t, "initialization.ssh_keys", "ssh_keys", g.Keys, t.orNone(keysText(g.Keys.V), "none"))
	row(t, "initialization.dns_servers", "dns", g.DNS, t.orNone(strings.Join(g.DNS.V, ", "), "none"))
	row(t, "initialization.search_domain", "domain", g.Domain, t.orNone(g.Domain.V, "none"))
	row(t, "tags", "tags", g.Tags, t.orNone(strings.Join(g.Tags.V, ", "), "none"))
	row(t, "full_clone", "full_clone", g.FullClone, say(t.lang, "clone."+strconv.FormatBool(g.FullClone.V)))
	row(t, "protection", "protection", g.Protection, yesNo(t.lang, g.Protection.V))
	row(t, "agent", "agent", g.Agent, yesNo(t.lang, g.Agent.V))
	if g.VMID.V != 0 {
		row(t, "vm_id", "vm_id", g.VMID, strconv.Itoa(g.VMID.V))
	}
	row(t, "description", "description", g.Description, t.orNone(visible(g.Description.V), "none"))
}

func (t *table) orNone(s, key string) string {
	if s == "" {
		return say(t.lang, key)
	}
	return s
}

// called writes how the guests of a group are called, and how many there are.
func (t *table) called(g *Group) {
	if g.Names.Has() {
		row(t, "names", "names", g.Names, strings.Join(g.Names.V, ", "))
	} else {
		row(t, "name", "name", g.Name, t.nameText(g))
	}
	row(t, "count", "count", g.Count, strconv.Itoa(g.Count.V))
}

// nameText writes the name, or the first and last of the names that the base stands for.
func (t *table) nameText(g *Group) string {
	n := g.count()
	if n < 2 || g.Name.V == "" {
		return g.Name.V
	}
	return say(t.lang, "names.range", "first", g.Name.V+"-1", "last", g.Name.V+"-"+strconv.Itoa(n))
}

func (t *table) sourceText(g *Group, src resolved) string {
	switch s := g.Source.V; {
	case src.template != nil:
		return clip(templateLabel(t.lang, *src.template), 500)
	case s.Kind == SourceTemplate && s.Name == "":
		return say(t.lang, "template.id", "id", s.VMID)
	default:
		return quoteText(showSource(s))
	}
}

func (t *table) disks(g *Group, src resolved) {
	for k, d := range g.Disks {
		path, label := fmt.Sprintf("disks[%d].", k), "disk"
		if k > 0 {
			label = "extra_disk"
		}
		value := sizeText(t.lang, gibibytes(d.MiB.V)*1024)
		switch {
		case !d.MiB.Has() && k == 0 && d.Storage.Has():
			row(t, path+"storage", "storage", d.Storage, d.Storage.V)
			continue
		case d.Storage.V != "":
			value = say(t.lang, "size_on", "size", value, "storage", d.Storage.V)
		case k == 0 && src.template != nil && src.template.Config != nil && src.template.Config.BootDisk() != nil && !d.MiB.said():
			value = say(t.lang, "size_on", "size", value, "storage", src.template.Config.BootDisk().Storage)
		}
		row(t, path+"size_gib", label, d.MiB, value)
	}
}

func (t *table) addressText(g *Group, n NIC) string {
	if n.IPv4.V == "dhcp" {
		return "DHCP"
	}
	if c := g.count(); c > 1 {
		if c == 2 {
			return say(t.lang, "address.following_one", "address", n.IPv4.V)
		}
		return say(t.lang, "address.following", "address", n.IPv4.V, "n", c-1)
	}
	return n.IPv4.V
}

// keysText shows keys by type and comment: the body of a key says nothing to a reader.
func keysText(keys []string) string {
	var short []string
	for _, k := range keys {
		f := strings.Fields(visible(k))
		switch {
		case len(f) > 2:
			short = append(short, f[0]+" … "+clip(strings.Join(f[2:], " "), 60))
		case len(f) == 2:
			short = append(short, f[0]+" …"+f[1][max(0, len(f[1])-8):])
		}
	}
	return strings.Join(short, ", ")
}
