package review

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// containerTypes are the operating systems that Proxmox VE knows how to set up in a container.
var containerTypes = []string{
	"alpine", "archlinux", "centos", "debian", "devuan", "fedora", "gentoo", "nixos", "opensuse", "ubuntu", "unmanaged",
}

// containerTemplates: the template exists, is one, and the container's node reaches it.
func containerTemplates(s *subject, report reportFunc) {
	for _, g := range s.containers {
		id := g.ct.template
		if id == "" || s.volumes[id] {
			continue
		}
		os := g.child("operating_system")
		address := g.address + ".operating_system.template_file_id"
		storage, _, _ := strings.Cut(id, ":")
		if s.cluster.nodes[g.nodeName] != nil && s.cluster.storage(storage, g.nodeName) == nil {
			report(address, os.where("template_file_id"), "what", "storage", "name", storage, "on", g.nodeName)
			continue
		}
		// Content that could not be read may be there all the same.
		if !s.cluster.vztmpl[id] && len(s.cluster.Volumes) > 0 {
			report(address, os.where("template_file_id"), "what", "container template", "name", id, "on", "")
		}
	}
}

// containerTemplateElsewhere: a template on a node's own storage makes containers on that node alone.
func containerTemplateElsewhere(s *subject, report reportFunc) {
	for _, g := range s.containers {
		id := g.ct.template
		storage, _, _ := strings.Cut(id, ":")
		if !s.cluster.vztmpl[id] || s.cluster.shared(storage, g.nodeName) || s.cluster.storage(storage, g.nodeName) == nil {
			continue
		}
		if at := s.cluster.templateNodes(id); !slices.Contains(at, g.nodeName) {
			report(g.address+".operating_system.template_file_id", g.child("operating_system").where("template_file_id"),
				"template", id, "node", g.nodeName, "real", strings.Join(at, ", "))
		}
	}
}

// templateNodes are the nodes on which a container template was seen.
func (c *Cluster) templateNodes(id string) []string {
	var nodes []string
	for _, v := range c.Volumes {
		if v.ID == id {
			nodes = append(nodes, v.Node)
		}
	}
	return nodes
}

// containerRootOnly names what Proxmox VE takes from root@pam with a password alone: it lets a token turn nesting on, for
// unprivileged containers, and no other feature.
func containerRootOnly(s *subject, report reportFunc) {
	for _, g := range s.containers {
		if f := g.child("features"); f != nil {
			for _, name := range []string{"fuse", "keyctl", "mknod"} {
				if on, _ := f.flag(name); on {
					report(g.address+".features."+name, f.where(name), "name", "features."+name)
				}
			}
			if kinds, _ := f.texts("mount"); len(kinds) > 0 {
				report(g.address+".features.mount", f.where("mount"), "name", "features.mount")
			}
			if g.ct.nesting && !g.ct.unprivileged && !g.unknown["unprivileged"] {
				report(g.address+".features.nesting", f.where("nesting"), "name", "features.nesting")
			}
		}
		for i, m := range g.blocks["mount_point"] {
			if volume, _ := m.text("volume"); strings.HasPrefix(volume, "/") {
				report(fmt.Sprintf("%s.mount_point[%d].volume", g.address, i), m.where("volume"), "name", "mount_point.volume")
			}
		}
		for _, name := range []string{"device_passthrough", "idmap"} {
			if n := g.child(name); n != nil {
				report(g.address+"."+name, n.at, "name", name)
			}
		}
		if g.has("hook_script_file_id") {
			report(g.address+".hook_script_file_id", g.where("hook_script_file_id"), "name", "hook_script_file_id")
		}
	}
}

// privileged: root in a privileged container is root on the node. Left out, the provider makes one.
func privileged(s *subject, report reportFunc) {
	for _, g := range s.containers {
		if !g.ct.unprivileged && !g.unknown["unprivileged"] {
			report(g.address+".unprivileged", g.where("unprivileged"), "name", g.name)
		}
	}
}

// nestingOn is worth knowing: the guest sees more of its node.
func nestingOn(s *subject, report reportFunc) {
	for _, g := range s.containers {
		if g.ct.nesting {
			report(g.address+".features.nesting", g.child("features").where("nesting"), "name", g.name)
		}
	}
}

// replacedElsewhere: the provider cannot migrate a container, so under HA a written node must not be followed.
func replacedElsewhere(s *subject, report reportFunc) {
	for _, g := range s.containers {
		if g.ha != nil && !g.ignoresNode {
			report(g.address, g.at)
		}
	}
}

// containerFormats checks values that the provider passes on unchecked.
func containerFormats(s *subject, report reportFunc) {
	for _, g := range s.containers {
		f := formatCheck{g, report}
		cpu, memory, os := g.child("cpu"), g.child("memory"), g.child("operating_system")
		f.wrong(g.cores >= 1 && g.cores <= 8192 || g.unknown["cpu.cores"], cpu, "cpu", "cores", g.cores, "1..8192")
		f.wrong(g.memory >= 16 || g.unknown["memory.dedicated"], memory, "memory", "dedicated", g.memory, "≥ 16")
		f.wrong(g.ct.swap >= 0 || g.unknown["memory.swap"], memory, "memory", "swap", g.ct.swap, "≥ 0")
		f.wrong(slices.Contains(containerTypes, g.osType) || g.unknown["operating_system.type"], os, "operating_system", "type", g.osType,
			strings.Join(containerTypes, ", "))
		f.wrong(strings.Contains(g.ct.template, ":vztmpl/") || g.unknown["operating_system.template_file_id"], os, "operating_system", "template_file_id",
			g.ct.template, "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst")
		for _, t := range g.tags {
			f.wrong(tagForm.MatchString(t), g.node, "", "tags", t, "a-z 0-9 _ . + -")
		}
		for i, d := range g.disks {
			f.wrong(d.size >= 1 || f.unknown["disk.size"], d.node, fmt.Sprintf("disk[%d]", i), "size", d.size, "≥ 1")
		}
		f.interfaces()
		if g.init != nil {
			f.firstBoot()
		}
	}
	s.servicePrefixes(report)
}

// servicePrefixes: the HA manager knows containers as ct:100 and machines as vm:100.
func (s *subject) servicePrefixes(report reportFunc) {
	entries := s.instances[typeHAResource]
	if len(entries) == 0 {
		return
	}
	byID := make(map[int]*guest, len(s.everyone))
	for _, g := range s.everyone {
		byID[g.id] = g
	}
	for _, in := range entries {
		sid, _ := in.text("resource_id")
		if g := byID[serviceID(sid)]; g != nil && g.id != 0 && !g.is(sid) {
			report(in.address+".resource_id", in.where("resource_id"), "value", sid, "form", g.service()+":"+strconv.Itoa(g.id))
		}
	}
}

// interfaces: names differ, and Proxmox VE makes net0, net1 of them in order.
func (f formatCheck) interfaces() {
	seen := map[string]bool{}
	for i, n := range f.nics {
		place := fmt.Sprintf("network_interface[%d]", i)
		name, known := n.text("name")
		f.wrong(!known || name != "" && len(name) <= 15 && !seen[name] && !strings.ContainsAny(name, " /,="), n.node, place, "name", name, "eth"+strconv.Itoa(i))
		seen[name] = true
		f.wrong(n.vlan >= 0 && n.vlan <= 4094 || f.unknown["network_interface.vlan_id"], n.node, place, "vlan_id", n.vlan, "0..4094")
		if mac, ok := n.text("mac_address"); ok {
			f.wrong(mac == "" || macForm.MatchString(mac), n.node, place, "mac_address", mac, "BC:24:11:00:00:01")
		}
	}
}
