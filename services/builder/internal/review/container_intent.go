package review

import (
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// containers holds the containers, read back, against the plan's.
func (c comparison) containers() {
	have := make(map[string]*guest, len(c.s.containers))
	for _, g := range c.s.containers {
		have[g.name] = g
	}
	wanted := make(map[string]bool, len(c.plan.GetContainers()))
	for _, ct := range c.plan.GetContainers() {
		wanted[ct.GetName()] = true
		if g := have[ct.GetName()]; g != nil {
			c.container(g, ct)
		} else {
			c.absent("container", ct.GetName())
		}
	}
	for _, g := range c.s.containers {
		if !wanted[g.name] && c.s.adopts(g.instance) == nil {
			c.report(Finding{Rule: ruleExtra, Severity: Error, Address: g.address, Range: g.at, Args: []any{"what", g.what(), "name", g.name}})
		}
	}
}

func (c comparison) container(g *guest, ct *provisov1.PlannedContainer) {
	is := func(field string, want, got any) { c.differ(g, field, g.where(field), want, got) }
	in := func(block, argument string, want, got any) { c.differIn(g, block, argument, want, got) }
	is("vm_id", int(ct.GetVmId()), g.id)
	is("node_name", ct.GetNode(), g.nodeName)
	is("description", ct.GetDescription(), g.description)
	is("pool_id", ct.GetPool(), g.pool)
	is("tags", tagSet(ct.GetTags()), tagSet(g.tags))
	is("started", ct.GetStarted(), g.started)
	is("start_on_boot", ct.GetStartAtBoot(), g.onBoot)
	is("protection", ct.GetProtection(), g.protection)
	is("template", false, g.template)
	is("unprivileged", ct.GetUnprivileged(), g.ct.unprivileged)
	in("features", "nesting", ct.GetNesting(), g.ct.nesting)
	in("operating_system", "template_file_id", ct.GetTemplateVolume(), g.ct.template)
	in("operating_system", "type", ct.GetOsType(), g.osType)
	in("cpu", "cores", int(ct.GetCores()), g.cores)
	in("memory", "dedicated", int(ct.GetMemoryMib()), g.memory)
	in("memory", "swap", int(ct.GetSwapMib()), g.ct.swap)
	in("startup", "order", startupText(ct.GetStartup()), g.startup)
	if n := g.child("clone"); n != nil {
		id, _ := n.number("vm_id")
		c.differ(g, "clone", n.at, 0, id)
	}
	c.rootDisk(g, ct)
	c.interfaces(g, ct)
	c.firstBoot(g, ct)
	c.availability(g, ct)
}

func (c comparison) rootDisk(g *guest, ct *provisov1.PlannedContainer) {
	if len(g.disks) == 0 {
		c.report(Finding{Rule: ruleMissing, Severity: Error, Address: g.address, Range: g.at, Args: []any{"what", "disk", "name", rootDisk}})
		return
	}
	d := g.disks[0]
	c.differ(g, "disk[0].datastore_id", d.where("datastore_id"), ct.GetDiskStorage(), d.storage)
	c.differ(g, "disk[0].size", d.where("size"), int(ct.GetDiskGib()), d.size)
	for i, m := range g.blocks["mount_point"] {
		path, _ := m.text("path")
		c.report(Finding{Rule: ruleExtra, Severity: Error, Address: fmt.Sprintf("%s.mount_point[%d]", g.address, i), Range: m.at, Args: []any{"what", "disk", "name", path}})
	}
}

func (c comparison) interfaces(g *guest, ct *provisov1.PlannedContainer) {
	c.differ(g, "network_interface", g.at, len(ct.GetNics()), len(g.nics))
	for i, want := range ct.GetNics() {
		if i >= len(g.nics) {
			return
		}
		got := g.nics[i]
		field := fmt.Sprintf("network_interface[%d].", i)
		c.differ(g, field+"bridge", got.where("bridge"), want.GetBridge(), got.bridge)
		c.differ(g, field+"vlan_id", got.where("vlan_id"), int(want.GetVlan()), got.vlan)
	}
}

// firstBoot compares what the container is told; its host name is what it was found by.
func (c comparison) firstBoot(g *guest, ct *provisov1.PlannedContainer) {
	got := g.init
	if got == nil {
		return // without it there is no host name, and the container is missing
	}
	is := func(argument string, n *node, want, have any) {
		at := got.at
		if n != nil {
			at = n.where(argument)
		}
		c.differ(g, "initialization."+argument, at, want, have)
	}
	account, dns := got.child("user_account"), got.child("dns")
	is("keys", account, norm.NFC.String(strings.Join(ct.GetSshKeys(), "\n")), strings.Join(got.keys, "\n"))
	is("servers", dns, strings.Join(ct.GetDnsServers(), ", "), strings.Join(got.dns, ", "))
	is("domain", dns, ct.GetSearchDomain(), got.domain)
	is("ip_config", got.node, len(ct.GetNics()), len(got.addresses))
	for i, nic := range ct.GetNics() {
		if i >= len(got.addresses) {
			return
		}
		a := got.addresses[i]
		c.differ(g, fmt.Sprintf("ip_config[%d].address", i), a.where("address"), nic.GetIpv4(), a.ipv4)
		c.differ(g, fmt.Sprintf("ip_config[%d].gateway", i), a.where("gateway"), nic.GetGateway(), a.gateway)
	}
}
