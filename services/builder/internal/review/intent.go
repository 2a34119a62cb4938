package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"golang.org/x/text/unicode/norm"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Rules of the intent stage. Every other field that differs has a rule named after it, intent.<field>.
const (
	ruleMissing = "intent.missing"
	ruleExtra   = "intent.extra"
	ruleTuning  = "intent.disk_tuning"
	ruleDiffers = "intent.differs"
)

// intentTexts have a text of their own in the catalogue; the others share that of ruleDiffers.
var intentTexts = []string{ruleMissing, ruleExtra, ruleTuning, ruleLeftOut}

// compare holds the manifest, read back, against the plan: each has what the other has, with the same values.
func compare(s *subject, plan *provisov1.StrategicPlan, report func(Finding)) {
	if plan == nil {
		return
	}
	c := comparison{s: s, plan: plan, report: func(f Finding) { f.Stage = StageIntent; report(f) }}
	have := make(map[string]*guest, len(s.guests))
	for _, g := range s.guests {
		if s.adopts(g.instance) == nil {
			have[g.name] = g
		}
	}
	wanted := make(map[string]bool, len(plan.GetVirtualMachines()))
	for _, vm := range plan.GetVirtualMachines() {
		wanted[vm.GetName()] = true
		if g := have[vm.GetName()]; g != nil {
			c.guest(g, vm)
		} else {
			c.absent("virtual machine", vm.GetName())
		}
	}
	for _, g := range s.guests {
		if !wanted[g.name] && s.adopts(g.instance) == nil {
			c.report(Finding{Rule: ruleExtra, Severity: Error, Address: g.address, Range: g.at, Args: []any{"what", g.what(), "name", g.name}})
		}
	}
	c.containers()
	c.adoptions()
	c.pools()
	c.downloads()
	c.nothingElse()
}

type comparison struct {
	s      *subject
	plan   *provisov1.StrategicPlan
	report func(Finding)
}

func (c comparison) absent(what, name string) {
	c.report(Finding{Rule: ruleMissing, Severity: Error, Address: name, Args: []any{"what", what, "name", name}})
}

// differ reports a field unless got is want. Text is compared in the normal form that HCL gives every string.
func (c comparison) differ(g *guest, field string, at hcl.Range, want, got any) {
	if w, ok := want.(string); ok {
		want = norm.NFC.String(w)
	}
	if want == got {
		return
	}
	c.report(Finding{
		Rule: "intent." + field, Severity: Error, Address: g.address, Range: at,
		Args: []any{"field", field, "guest", g.name, "want", shown(want), "got", shown(got)},
	})
}

// shown makes a value visible when it is empty, and short when it is not.
func shown(v any) string {
	s := fmt.Sprint(v)
	if s == "" {
		return "∅"
	}
	return clip(s, 200)
}

// differIn reports a value of a block that is not the plan's, where it stands; where the block is missing, at the resource.
func (c comparison) differIn(g *guest, block, argument string, want, got any) {
	at := g.at
	if n := g.child(block); n != nil {
		at = n.where(argument)
	}
	c.differ(g, block+"."+argument, at, want, got)
}

func (c comparison) guest(g *guest, vm *provisov1.PlannedVM) {
	is := func(field string, want, got any) { c.differ(g, field, g.where(field), want, got) }
	in := func(block, argument string, want, got any) { c.differIn(g, block, argument, want, got) }
	is("vm_id", int(vm.GetVmId()), g.id)
	is("node_name", vm.GetNode(), g.nodeName)
	is("description", vm.GetDescription(), g.description)
	is("pool_id", vm.GetPool(), g.pool)
	is("tags", tagSet(vm.GetTags()), tagSet(g.tags))
	is("started", vm.GetStarted(), g.started)
	is("on_boot", vm.GetStartAtBoot(), g.onBoot)
	is("protection", vm.GetProtection(), g.protection)
	is("template", false, g.template)
	is("bios", orDefault(vm.GetBios(), defaultBIOS), g.bios)
	is("machine", vm.GetMachine(), g.machine)
	is("scsi_hardware", orDefault(vm.GetScsiHardware(), defaultSCSI), g.scsi)
	is("serial_device", vm.GetSerialConsole(), g.serial)
	in("startup", "order", startupText(vm.GetStartup()), g.startup)
	in("agent", "enabled", vm.GetAgent(), g.agent)
	in("cpu", "cores", int(vm.GetCores()), g.cores)
	in("cpu", "sockets", int(vm.GetSockets()), g.sockets)
	// Left out, these are the business of PMX037 and PMX057.
	if n := g.child("cpu"); n != nil && n.has("type") {
		in("cpu", "type", vm.GetCpuType(), g.cpuType)
	}
	if n := g.child("operating_system"); n != nil && n.has("type") && vm.GetOsType() != "" {
		in("operating_system", "type", vm.GetOsType(), g.osType)
	}
	in("memory", "dedicated", int(vm.GetMemoryMib()), g.memory)
	in("memory", "floating", int(vm.GetMemoryMinMib()), g.floating)
	c.source(g, vm)
	c.disks(g, vm)
	c.networks(g, vm)
	c.devices(g, vm)
	c.initialization(g, vm)
	c.availability(g, vm)
}

// devices holds the devices of the node against the plan: each mapping in its slot, on PCI Express where the machine has it.
func (c comparison) devices(g *guest, vm *provisov1.PlannedVM) {
	var want, got []string
	for i, mapping := range vm.GetMappings() {
		want = append(want, deviceText(fmt.Sprintf("hostpci%d", i), mapping, strings.Contains(vm.GetMachine(), "q35")))
	}
	for _, d := range g.devices {
		got = append(got, deviceText(d.slot, d.mapping, d.pcie))
	}
	c.differIn(g, "hostpci", "mapping", strings.Join(want, ", "), strings.Join(got, ", "))
}

func deviceText(slot, mapping string, pcie bool) string {
	text := slot + "=" + mapping
	if pcie {
		text += ",pcie"
	}
	return text
}

// tagSet writes tags as Proxmox VE keeps them: their order and case say nothing.
func tagSet(tags []string) string {
	set := make([]string, len(tags))
	for i, t := range tags {
		set[i] = strings.ToLower(t)
	}
	slices.Sort(set)
	return strings.Join(slices.Compact(set), ", ")
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func (c comparison) source(g *guest, vm *provisov1.PlannedVM) {
	want := vm.GetClone()
	if want == nil {
		if g.clone != nil {
			c.differ(g, "clone", g.clone.at, "", fmt.Sprint(g.clone.id))
		}
		if len(g.disks) > 0 {
			c.differ(g, "disk.import_from", g.disks[0].where("import_from"), c.image(vm.GetImage()), g.disks[0].importFrom)
		}
		return
	}
	if g.clone == nil {
		c.differ(g, "clone", g.at, fmt.Sprint(want.GetVmId()), "")
		return
	}
	c.differ(g, "clone.vm_id", g.clone.where("vm_id"), int(want.GetVmId()), g.clone.id)
	c.differ(g, "clone.full", g.clone.where("full"), want.GetFull(), g.clone.full)
	c.differ(g, "clone.node_name", g.clone.where("node_name"), want.GetNode(), orDefault(g.clone.nodeName, g.nodeName))
}

// image is the volume that the plan means.
func (c comparison) image(i *provisov1.PlannedImage) string {
	if n := int(i.GetDownload()); i.GetVolume() == "" && n < len(c.plan.GetDownloads()) {
		d := c.plan.GetDownloads()[n]
		return d.GetStorage() + ":import/" + d.GetFileName()
	}
	return i.GetVolume()
}

func (c comparison) disks(g *guest, vm *provisov1.PlannedVM) {
	for i, want := range vm.GetDisks() {
		n := slices.IndexFunc(g.disks, func(d disk) bool { return d.slot == want.GetSlot() })
		if n < 0 {
			c.report(Finding{Rule: ruleMissing, Severity: Error, Address: g.address, Range: g.at, Args: []any{"what", "disk", "name", want.GetSlot()}})
			continue
		}
		got := g.disks[n]
		field := fmt.Sprintf("disk[%d].", n)
		c.differ(g, field+"datastore_id", got.where("datastore_id"), want.GetStorage(), got.storage)
		c.differ(g, field+"size", got.where("size"), int(want.GetSizeGib()), got.size)
		if i == 0 && n != 0 {
			// The first disk is the one that an image becomes and that boots.
			c.differ(g, field+"interface", got.where("interface"), "disk[0]", got.slot)
		}
		c.tuning(g, field, want, got)
	}
	for i, got := range g.disks {
		if !slices.ContainsFunc(vm.GetDisks(), func(d *provisov1.PlannedDisk) bool { return d.GetSlot() == got.slot }) {
			c.report(Finding{Rule: ruleExtra, Severity: Error, Address: fmt.Sprintf("%s.disk[%d]", g.address, i), Range: got.at, Args: []any{"what", "disk", "name", got.slot}})
		}
	}
}

// tuning compares what makes a disk fast: what is left out is one finding for the disk, what is wrong one each.
func (c comparison) tuning(g *guest, field string, want *provisov1.PlannedDisk, got disk) {
	var missing []string
	flag := func(name string, want, have bool) {
		switch {
		case got.has(name):
			c.differ(g, field+name, got.where(name), want, have)
		case want:
			missing = append(missing, name)
		}
	}
	flag("discard", want.GetDiscard(), got.discard == "on")
	flag("iothread", want.GetIothread(), got.iothread)
	flag("ssd", want.GetSsd(), got.ssd)
	if len(missing) > 0 {
		c.report(Finding{
			Rule: ruleTuning, Severity: Warning, Insist: true, Address: g.address + "." + strings.TrimSuffix(field, "."), Range: got.at,
			Args: []any{"slot", got.slot, "missing", strings.Join(missing, ", ")},
		})
	}
}

func (c comparison) networks(g *guest, vm *provisov1.PlannedVM) {
	c.differ(g, "network_device", g.at, len(vm.GetNics()), len(g.nics))
	for i, want := range vm.GetNics() {
		if i >= len(g.nics) {
			return
		}
		got := g.nics[i]
		field := fmt.Sprintf("network_device[%d].", i)
		c.differ(g, field+"bridge", got.where("bridge"), want.GetBridge(), got.bridge)
		c.differ(g, field+"model", got.where("model"), want.GetModel(), got.model)
		c.differ(g, field+"vlan_id", got.where("vlan_id"), int(want.GetVlan()), got.vlan)
	}
}

func (c comparison) initialization(g *guest, vm *provisov1.PlannedVM) {
	want, got := vm.GetInitialization(), g.init
	if want == nil || got == nil {
		have := g.at
		if got != nil {
			have = got.at
		}
		c.differ(g, "initialization", have, want != nil, got != nil)
		return
	}
	is := func(argument string, n *node, want, have any) {
		at := got.at
		if n != nil {
			at = n.where(argument)
		}
		c.differ(g, "initialization."+argument, at, want, have)
	}
	is("datastore_id", got.node, want.GetStorage(), got.storage)
	is("interface", got.node, want.GetSlot(), got.slot)
	account, dns := got.child("user_account"), got.child("dns")
	is("username", account, want.GetUser(), got.user)
	is("keys", account, norm.NFC.String(strings.Join(want.GetSshKeys(), "\n")), strings.Join(got.keys, "\n"))
	is("servers", dns, strings.Join(want.GetDnsServers(), ", "), strings.Join(got.dns, ", "))
	is("domain", dns, want.GetSearchDomain(), got.domain)
	is("ip_config", got.node, len(vm.GetNics()), len(got.addresses))
	for i, nic := range vm.GetNics() {
		if i >= len(got.addresses) {
			return
		}
		a := got.addresses[i]
		c.differ(g, fmt.Sprintf("ip_config[%d].address", i), a.where("address"), nic.GetIpv4(), a.ipv4)
		c.differ(g, fmt.Sprintf("ip_config[%d].gateway", i), a.where("gateway"), nic.GetGateway(), a.gateway)
	}
}

// managed is what the HA manager has to do with a guest of either kind.
type managed interface {
	GetHa() bool
	GetHaGroup() string
	GetStarted() bool
}

func (c comparison) availability(g *guest, vm managed) {
	at := g.at
	if g.ha != nil {
		at = g.ha.at
	}
	c.differ(g, "ha", at, vm.GetHa(), g.ha != nil)
	if !vm.GetHa() || g.ha == nil {
		return
	}
	state := "stopped"
	if vm.GetStarted() {
		state = "started"
	}
	c.differ(g, "ha.state", g.ha.where("state"), state, g.haState)
	if !strings.HasPrefix(c.plan.GetPlatformVersion(), "9") {
		c.differ(g, "ha.group", g.ha.where("group"), vm.GetHaGroup(), g.haGroup)
		return
	}
	c.differ(g, "ha.rule", at, vm.GetHaGroup() != "", g.rule != nil)
	if g.rule == nil || c.s.cluster == nil {
		return
	}
	if like := c.s.cluster.rules[vm.GetHaGroup()]; like != nil {
		c.differ(g, "ha.rule.nodes", g.rule.where("nodes"), fmt.Sprint(like.Nodes), fmt.Sprint(ruleNodes(g.rule)))
		strict, _ := g.rule.orFlag("strict", false)
		c.differ(g, "ha.rule.strict", g.rule.where("strict"), like.Strict, strict)
		kind, _ := g.rule.text("type")
		c.differ(g, "ha.rule.type", g.rule.where("type"), like.Type, kind)
	}
}

// ruleNodes reads the nodes of an HA rule with their priorities, 0 when none is set.
func ruleNodes(in *instance) map[string]int {
	out := map[string]int{}
	v, ok := in.values["nodes"]
	if !ok || !v.IsWhollyKnown() || v.IsNull() {
		return out
	}
	for name, p := range v.AsValueMap() {
		out[name] = 0
		if !p.IsNull() {
			n, _ := p.AsBigFloat().Int64()
			out[name] = int(n)
		}
	}
	return out
}

func (c comparison) pools() {
	want := map[string]*provisov1.Pool{}
	for _, p := range c.plan.GetPools() {
		want[p.GetName()] = p
		if !c.s.pools[p.GetName()] {
			c.absent("pool", p.GetName())
		}
	}
	for _, in := range c.s.instances["pool"] {
		name, _ := in.text("pool_id")
		p := want[name]
		if p == nil {
			c.report(Finding{Rule: ruleExtra, Severity: Error, Address: in.address, Range: in.at, Args: []any{"what", "pool", "name", name}})
			continue
		}
		if comment, _ := in.orText("comment", ""); comment != norm.NFC.String(p.GetComment()) {
			c.report(Finding{Rule: "intent.comment", Severity: Error, Address: in.address, Range: in.where("comment"),
				Args: []any{"field", "comment", "guest", name, "want", shown(p.GetComment()), "got", shown(comment)}})
		}
	}
}

func (c comparison) downloads() {
	want := map[string]bool{}
	for _, d := range c.plan.GetDownloads() {
		key := strings.Join([]string{d.GetNode(), d.GetStorage(), d.GetFileName(), d.GetUrl(), d.GetSha256()}, " ")
		want[key] = true
	}
	have := map[string]bool{}
	for _, in := range c.s.instances[typeDownload] {
		var parts []string
		for _, name := range []string{"node_name", "datastore_id", "file_name", "url", "checksum"} {
			v, _ := in.text(name)
			parts = append(parts, v)
		}
		key := strings.Join(parts, " ")
		have[key] = true
		if !want[key] {
			c.report(Finding{Rule: ruleExtra, Severity: Error, Address: in.address, Range: in.at, Args: []any{"what", "download", "name", clip(key, 200)}})
		}
	}
	for _, d := range c.plan.GetDownloads() {
		key := strings.Join([]string{d.GetNode(), d.GetStorage(), d.GetFileName(), d.GetUrl(), d.GetSha256()}, " ")
		if !have[key] {
			c.absent("download", d.GetFileName())
		}
	}
}

// planned are the kinds of resources that a plan can ask for.
var planned = []string{"vm", "container", "pool", typeDownload, typeHAResource, typeHARule}

// nothingElse reports resources of a kind that no plan asks for, and HA entries of guests that are not in it.
func (c comparison) nothingElse() {
	for _, k := range sortedKeys(c.s.instances) {
		for _, in := range c.s.instances[k] {
			stray := !slices.Contains(planned, k) && c.s.adopts(in) == nil
			if k == typeHAResource {
				stray = !slices.ContainsFunc(c.s.everyone, func(g *guest) bool { return g.ha == in })
			}
			if stray {
				c.report(Finding{Rule: ruleExtra, Severity: Error, Address: in.address, Range: in.at, Args: []any{"what", k, "name", in.address}})
			}
		}
	}
}
