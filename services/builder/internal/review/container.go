package review

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// What the provider takes for a container when nothing is written. None of it is what Proxmox VE's own dialogue offers.
const (
	defaultContainerStorage = "local"
	defaultContainerGiB     = 4
	defaultContainerMiB     = 512
	defaultContainerOS      = "unmanaged"
	rootDisk                = "rootfs"
)

// A container is what only a container has.
type container struct {
	template     string // volume
	swap         int
	unprivileged bool
	nesting      bool
}

// readContainer reads a container. Its root disk is its only disk; mount points are no concern of a plan.
func readContainer(in *instance) *guest {
	ct := &container{}
	g := &guest{instance: in, ct: ct, sockets: 1, unknown: map[string]bool{}}
	r := reading{in.node, "", g.unknown}
	g.id, g.nodeName = r.num("vm_id", 0), r.str("node_name", "")
	g.template, g.started, g.onBoot = r.yes("template", false), r.yes("started", true), r.yes("start_on_boot", true)
	g.protection, ct.unprivileged = r.yes("protection", false), r.yes("unprivileged", false)
	g.description, g.pool = r.str("description", ""), r.str("pool_id", "")
	var ok bool
	g.tags, ok = in.texts("tags")
	r.note("tags", ok)
	g.ignoresNode = ignores(in.resource, "node_name")
	g.startup = readStartup(in)

	system := r.at(in.child("operating_system"), "operating_system.")
	ct.template, g.osType = system.str("template_file_id", ""), system.str("type", defaultContainerOS)
	g.cores = r.at(in.child("cpu"), "cpu.").num("cores", 1)
	memory := r.at(in.child("memory"), "memory.")
	g.memory, ct.swap = memory.num("dedicated", defaultContainerMiB), memory.num("swap", 0)
	ct.nesting = r.at(in.child("features"), "features.").yes("nesting", false)
	for _, n := range in.blocks["disk"] {
		d := r.at(n, "disk.")
		g.disks = append(g.disks, disk{node: n, slot: rootDisk, storage: d.str("datastore_id", defaultContainerStorage), size: d.num("size", defaultContainerGiB)})
	}
	for _, n := range in.blocks["network_interface"] {
		d := r.at(n, "network_interface.")
		g.nics = append(g.nics, nic{node: n, bridge: d.str("bridge", defaultNICBridge), model: "veth", vlan: d.num("vlan_id", 0)})
	}
	if n := in.child("initialization"); n != nil {
		i := r.at(n, "initialization.")
		g.init = readInitialization(i)
		g.name = i.str("hostname", "")
		g.unknown["name"] = g.unknown["initialization.hostname"]
	}
	return g
}

// readStartup reads the place in the start order; -1, the provider's default, is none.
func readStartup(in *instance) string {
	n := in.child("startup")
	if n == nil {
		return startupText(nil)
	}
	s := &provisov1.Startup{}
	if order, ok := n.number("order"); ok && order >= 0 {
		s.Order = new(int32(order))
	}
	if delay, ok := n.number("up_delay"); ok && delay >= 0 {
		s.UpDelaySeconds = new(int32(delay))
	}
	return startupText(s)
}

// startupText writes a place in the start order as Proxmox VE does; empty: none.
func startupText(s *provisov1.Startup) string {
	var parts []string
	if s != nil && s.Order != nil {
		parts = append(parts, "order="+strconv.Itoa(int(s.GetOrder())))
	}
	if s != nil && s.UpDelaySeconds != nil {
		parts = append(parts, "up="+strconv.Itoa(int(s.GetUpDelaySeconds())))
	}
	return strings.Join(parts, ",")
}

// is reports whether a name of the HA manager means this guest. A container under a machine's prefix is none of its own.
func (g *guest) is(sid string) bool {
	return g != nil && strings.HasPrefix(sid, g.service()+":")
}

// service is the HA manager's prefix of the guest's kind.
func (g *guest) service() string {
	if g.ct != nil {
		return "ct"
	}
	return "vm"
}

// what is the catalogue's word for the guest's kind.
func (g *guest) what() string {
	if g.ct != nil {
		return "container"
	}
	return "virtual machine"
}

// content is what a storage must take for the guest's disks.
func (g *guest) content() string {
	if g.ct != nil {
		return "rootdir"
	}
	return "images"
}

// defaultStorage is where the provider puts the guest's disks when nothing is written.
func (g *guest) defaultStorage() string {
	if g.ct != nil {
		return defaultContainerStorage
	}
	return defaultStorage
}

// nicBlock is the block that describes a network device.
func (g *guest) nicBlock() string {
	if g.ct != nil {
		return "network_interface"
	}
	return "network_device"
}

// onBootName is the argument that starts the guest with its node.
func (g *guest) onBootName() string {
	if g.ct != nil {
		return "start_on_boot"
	}
	return "on_boot"
}

// named returns where the guest's name stands: a container is called by its host name.
func (g *guest) named() (address string, at hcl.Range) {
	if g.ct == nil {
		return g.address + ".name", g.where("name")
	}
	if g.init == nil {
		return g.address, g.at
	}
	return g.address + ".initialization.hostname", g.init.where("hostname")
}
