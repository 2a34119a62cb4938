package eval

import (
	"fmt"
	"strconv"
)

// Expected flattens what a case expects into the form of [Understood].
func Expected(e Expect, cluster Cluster) []Group {
	var groups []Group
	for _, g := range e.VMs {
		groups = append(groups, guestGroup("virtual_machines", g, cluster))
	}
	for _, g := range e.CTs {
		groups = append(groups, guestGroup("containers", g, cluster))
	}
	for _, p := range e.Pools {
		s := sink{}
		s.text("name", p.Name)
		s.text("comment", p.Comment)
		groups = append(groups, Group{"pools", s})
	}
	for _, c := range e.Changes {
		groups = append(groups, changeGroup(c, cluster))
	}
	for _, name := range e.Imports {
		groups = append(groups, Group{"imports", sink{fieldGuest: {Text: cluster.guest(name, 0)}}})
	}
	for _, w := range e.Workloads {
		s := sink{}
		s.text("name", w.Name)
		s.text("image", w.Image)
		s.number("replicas", w.Replicas)
		s.number("port", w.Port)
		s.text("exposure", w.Exposure)
		s.text("host", w.Host)
		s.text("namespace", w.Namespace)
		groups = append(groups, Group{"workloads", s})
	}
	for _, r := range e.Repositories {
		s := sink{}
		s.text("url", r.URL)
		s.text("ref", r.Ref)
		s.text("subdirectory", r.Folder)
		s.text("runs_on", r.On)
		groups = append(groups, Group{"repositories", s})
	}
	return regroup(groups)
}

// A sink collects the fields that a case names; what it leaves out is not expected.
type sink map[string]Value

func (s sink) text(path, v string) {
	if v != "" {
		s[path] = Value{Text: v}
	}
}

func (s sink) number(path string, v int) {
	if v != 0 {
		s[path] = Value{Text: strconv.Itoa(v)}
	}
}

func (s sink) flag(path string, v *bool) {
	if v != nil {
		s[path] = Value{Text: strconv.FormatBool(*v)}
	}
}

func (s sink) list(path string, v []string) {
	if len(v) > 0 {
		s[path] = Value{Text: joined(v)}
	}
}

func guestGroup(kind string, g Guest, cluster Cluster) Group {
	s := sink{}
	s.text("name", g.Name)
	s.list(fieldNames, g.Names)
	s.number(fieldCount, max(g.Count, len(g.Names)))
	s.text("role", g.Role)
	switch {
	case g.Template != "" && kind == "containers":
		s.text("template_volume", g.Template)
	case g.Template != "":
		s[fieldSource] = Value{Text: cluster.guest(g.Template, 0)}
	case g.Image != "":
		s[fieldSource] = Value{Text: g.Image}
	}
	s.number("cores", g.Cores)
	s.number("sockets", g.Sockets)
	s.text("cpu_type", g.CPU)
	s.number("memory_mib", g.Memory)
	s.number("memory_min_mib", g.MemoryMin)
	s.number("swap_mib", g.Swap)
	s.disks(kind, g)
	nets := g.Nets
	if len(nets) == 0 {
		nets = []Net{{g.Net, g.VLAN, g.IP, g.Gateway}}
	}
	for i, n := range nets {
		at := fmt.Sprintf("networks[%d].", i)
		s.text(at+"bridge", n.Net)
		s.number(at+"vlan", n.VLAN)
		s.text(at+"ipv4", n.IP)
		s.text(at+"gateway", n.Gateway)
	}
	s.text("initialization.user", g.User)
	s.list("initialization.ssh_keys", g.Keys)
	s.list("initialization.dns_servers", g.DNS)
	s.text("initialization.search_domain", g.Domain)
	s.list("tags", g.Tags)
	s.text("pool", g.Pool)
	s.flag("ha.enabled", g.HA)
	s.text("ha.group", g.HAGroup)
	s.flag("start_at_boot", g.OnBoot)
	s.flag("started", g.Started)
	s.text("description", g.Description)
	s.list("placement.nodes", g.On)
	s.list("placement.avoid_nodes", g.Avoid)
	s.text("placement.grouping", g.Grouping)
	s.text("placement.objective", g.Objective)
	s.flag("full_clone", g.FullClone)
	s.flag("protection", g.Protection)
	s.flag("agent", g.Agent)
	s.number("vm_id", g.VMID)
	s.number("startup.order", g.Order)
	s.number("startup.up_delay_seconds", g.Delay)
	if g.Privileged != nil {
		s["unprivileged"] = Value{Text: strconv.FormatBool(!*g.Privileged)}
	}
	s.flag("nesting", g.Nesting)
	if g.Name == optional { // a base that is not known cannot be numbered
		delete(s, "name")
		s[fieldNames] = Value{Text: optional}
	}
	return canonical(Group{kind, s}, cluster)
}

func (s sink) disks(kind string, g Guest) {
	disks := g.Disks
	if len(disks) == 0 {
		disks = []Disk{{g.Disk, g.Storage}}
	}
	for i, d := range disks {
		at := fmt.Sprintf("disks[%d].", i)
		if kind == "containers" {
			at = "disk."
		}
		s.number(at+"size_gib", d.Size)
		s.text(at+"storage", d.Storage)
	}
}

func changeGroup(c Change, cluster Cluster) Group {
	s := sink{fieldGuest: {Text: cluster.guest(c.Guest, 0)}}
	s.text("new_name", c.NewName)
	s.number("cores", c.Cores)
	s.number("memory_mib", c.Memory)
	s.number("disk_gib", c.Disk)
	s.list("add_tags", c.AddTags)
	s.list("remove_tags", c.RemoveTags)
	s.flag("start_at_boot", c.OnBoot)
	s.text("description", c.Description)
	for i, d := range c.AddDisks {
		s.number(fmt.Sprintf("add_disks[%d].size_gib", i), d.Size)
		s.text(fmt.Sprintf("add_disks[%d].storage", i), d.Storage)
	}
	s.flag("protection", c.Protection)
	return Group{"changes", s}
}
