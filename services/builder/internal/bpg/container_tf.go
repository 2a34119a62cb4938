package bpg

import (
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// containers is one resource: a single container, or several that differ only in name, id, node and address.
type containers struct {
	name   string
	guests []*provisov1.PlannedContainer
	spread
}

func (m containers) single() bool                        { return len(m.guests) == 1 }
func (m containers) sample() *provisov1.PlannedContainer { return m.guests[0] }
func (m containers) resource() (typ, label string) {
	return "proxmox_virtual_environment_container", m.name
}

// containers writes one resource of containers. Whatever the provider has a default for is written: its defaults are
// not Proxmox VE's.
func (l layout) containers(b block, m containers) {
	ct := m.sample()
	typ, label := m.resource()
	r := b.block("resource", typ, label)
	if m.single() {
		r.text("node_name", ct.GetNode())
		r.number("vm_id", int(ct.GetVmId()))
	} else {
		r.ref("for_each", "var", m.name)
		r.gap()
		if m.nodes {
			r.ref("node_name", "each", "value", "node_name")
		} else {
			r.text("node_name", ct.GetNode())
		}
		r.ref("vm_id", "each", "value", "vm_id")
	}
	if ct.GetDescription() != "" {
		r.text("description", ct.GetDescription())
	}
	if len(ct.GetTags()) > 0 {
		r.texts("tags", ct.GetTags())
	}
	l.writePool(r, ct.GetPool())

	r.gap()
	r.flag("started", ct.GetStarted())
	r.flag("start_on_boot", ct.GetStartAtBoot())
	r.flag("unprivileged", ct.GetUnprivileged())
	if ct.GetProtection() {
		r.flag("protection", true)
	}

	c := r.block("operating_system")
	c.text("template_file_id", ct.GetTemplateVolume())
	c.text("type", ct.GetOsType())
	r.block("cpu").number("cores", int(ct.GetCores()))
	c = r.block("memory")
	c.number("dedicated", int(ct.GetMemoryMib()))
	c.number("swap", int(ct.GetSwapMib()))
	c = r.block("disk")
	c.text("datastore_id", ct.GetDiskStorage())
	c.number("size", int(ct.GetDiskGib()))
	if ct.GetNesting() {
		r.block("features").flag("nesting", true)
	}
	m.writeInitialization(r)
	for i, nic := range ct.GetNics() {
		c = r.block("network_interface")
		c.text("name", "eth"+strconv.Itoa(i))
		c.text("bridge", nic.GetBridge())
		if nic.GetVlan() > 0 {
			c.number("vlan_id", int(nic.GetVlan()))
		}
	}
	writeStartup(r, ct.GetStartup())
	// Root's keys are written once, when the container is made: the provider would replace it for other ones, and for a key that
	// somebody puts into the variable later.
	ignored := "[initialization[0].user_account]"
	if l.draft.Practices.MigrationGuard && ct.GetHa() {
		// Under HA the cluster chooses the node; following it would replace the container.
		ignored = "[node_name, initialization[0].user_account]"
	}
	r.block("lifecycle").expr("ignore_changes", ignored)
}

func (m containers) writeInitialization(r block) {
	ct := m.sample()
	c := r.block("initialization")
	if m.single() {
		c.text("hostname", ct.GetName())
	} else {
		c.ref("hostname", "each", "key")
	}
	writeDNS(c, ct.GetDnsServers(), ct.GetSearchDomain())
	m.writeAddresses(c, ct.GetNics())
	if len(ct.GetSshKeys()) > 0 {
		c.block("user_account").texts("keys", ct.GetSshKeys())
	} else {
		writeKeysIfAny(c)
	}
}

// output tells where the containers are. Proxmox VE knows a container's addresses without an agent.
func (m containers) output(b block) {
	o := b.block("output", m.name)
	typ, label := m.resource()
	if m.single() {
		o.text("description", "Where the container is and how to reach it.")
		o.expr("value", "{\n    vm_id = %s.%s.vm_id\n    node_name = %s.%s.node_name\n    ipv4_addresses = %s.%s.ipv4\n  }",
			typ, label, typ, label, typ, label)
		return
	}
	o.text("description", "Where each container is and how to reach it.")
	o.expr("value", "{ for name, ct in %s.%s : name => {\n    vm_id = ct.vm_id\n    node_name = ct.node_name\n    ipv4_addresses = ct.ipv4\n  } }", typ, label)
}

// containerExtras are the further words of a container's row in the README.
func (l layout) containerExtras(ct *provisov1.PlannedContainer) string {
	var out []string
	if !ct.GetUnprivileged() {
		out = append(out, l.say("readme.privileged"))
	}
	if ct.GetNesting() {
		out = append(out, l.say("readme.nesting"))
	}
	if further := l.extras(ct); further != "" {
		out = append(out, further)
	}
	return strings.Join(out, ", ")
}
