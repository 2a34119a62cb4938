package bpg

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	provisov1 "proviso.dev/proto/proviso/v1"
)

func (l layout) main() string {
	f, b := newFile()
	for _, d := range l.downloads {
		writeDownload(b, d)
	}
	for _, p := range l.pools {
		r := b.block("resource", "proxmox_virtual_environment_pool", p.name)
		r.text("pool_id", p.plan.GetName())
		if p.plan.GetComment() != "" {
			r.text("comment", p.plan.GetComment())
		}
	}
	for _, m := range l.machines {
		l.virtualMachines(b, m)
		if m.sample().GetHa() {
			l.highAvailability(b, m.service())
		}
	}
	for _, m := range l.cts {
		l.containers(b, m)
		if m.sample().GetHa() {
			l.highAvailability(b, m.service())
		}
	}
	for _, r := range l.rules {
		writeRule(b, r)
	}
	l.adoptions(b)
	return finish(f)
}

func writeDownload(b block, d download) {
	r := b.block("resource", "proxmox_download_file", d.name)
	r.text("content_type", "import")
	r.text("datastore_id", d.plan.GetStorage())
	r.text("node_name", d.plan.GetNode())
	r.text("url", d.plan.GetUrl())
	r.text("file_name", d.plan.GetFileName())
	if d.plan.GetSha256() != "" {
		r.text("checksum", d.plan.GetSha256())
		r.text("checksum_algorithm", "sha256")
	}
	// An image that moves on the server would otherwise be fetched anew, and the disks made from it replaced.
	r.flag("overwrite", false)
}

// virtualMachines writes one resource of virtual machines.
func (l layout) virtualMachines(b block, m machines) {
	vm, with := m.sample(), l.draft.Practices
	typ, label := m.resource()
	r := b.block("resource", typ, label)
	if m.single() {
		r.text("name", vm.GetName())
		r.text("node_name", vm.GetNode())
		r.number("vm_id", int(vm.GetVmId()))
	} else {
		r.ref("for_each", "var", m.name)
		r.gap()
		r.ref("name", "each", "key")
		if m.nodes {
			r.ref("node_name", "each", "value", "node_name")
		} else {
			r.text("node_name", vm.GetNode())
		}
		r.ref("vm_id", "each", "value", "vm_id")
	}
	if vm.GetDescription() != "" {
		r.text("description", vm.GetDescription())
	}
	if len(vm.GetTags()) > 0 {
		r.texts("tags", vm.GetTags())
	}
	l.writePool(r, vm.GetPool())

	r.gap()
	r.flag("started", vm.GetStarted())
	r.flag("on_boot", vm.GetStartAtBoot())
	if vm.GetProtection() {
		r.flag("protection", true)
	}
	if with.StopOnDestroy && vm.GetAgent() {
		r.flag("stop_on_destroy", true)
	}
	if with.MigrationGuard && !vm.GetHa() {
		r.flag("migrate", true)
	}
	if vm.GetBios() != "" && vm.GetBios() != "seabios" {
		r.text("bios", vm.GetBios())
	}
	if vm.GetMachine() != "" {
		r.text("machine", vm.GetMachine())
	}
	if with.SCSIHardware && vm.GetScsiHardware() != "" {
		r.text("scsi_hardware", vm.GetScsiHardware())
	}

	writeClone(r, vm, with)
	writeAgent(r, vm, with)
	c := r.block("cpu")
	c.number("cores", int(vm.GetCores()))
	c.number("sockets", int(vm.GetSockets()))
	if with.CPUType {
		c.text("type", vm.GetCpuType())
	}
	c = r.block("memory")
	c.number("dedicated", int(vm.GetMemoryMib()))
	if with.Ballooning || vm.GetMemoryMinMib() > 0 {
		c.number("floating", int(vm.GetMemoryMinMib()))
	}
	if vm.GetBios() == "ovmf" && len(vm.GetDisks()) > 0 {
		c = r.block("efi_disk")
		c.text("datastore_id", vm.GetDisks()[0].GetStorage())
		c.text("type", "4m")
	}
	for i := range vm.GetDisks() {
		l.writeDisk(r, vm, i)
	}
	m.writeInitialization(r)
	for _, nic := range vm.GetNics() {
		c = r.block("network_device")
		c.text("bridge", nic.GetBridge())
		c.text("model", nic.GetModel())
		if nic.GetVlan() > 0 {
			c.number("vlan_id", int(nic.GetVlan()))
		}
	}
	for i, mapping := range vm.GetMappings() {
		writeDevice(r, vm, i, mapping)
	}
	if with.OSType && vm.GetOsType() != "" {
		r.block("operating_system").text("type", vm.GetOsType())
	}
	if vm.GetSerialConsole() {
		r.block("serial_device").text("device", "socket")
	}
	writeStartup(r, vm.GetStartup())
	if with.MigrationGuard && vm.GetHa() {
		// Under HA the cluster chooses the node; following it would undo its choice.
		r.block("lifecycle").expr("ignore_changes", "[node_name]")
	}
}

// writeDevice gives a machine a device of its node by the name of the mapping. The provider has no defaults for the flags and reads each
// back. PCI Express is for machine types that have it.
func writeDevice(r block, vm *provisov1.PlannedVM, i int, mapping string) {
	c := r.block("hostpci")
	c.text("device", fmt.Sprintf("hostpci%d", i))
	c.text("mapping", mapping)
	c.flag("pcie", strings.Contains(vm.GetMachine(), "q35"))
	c.flag("rombar", true)
	c.flag("xvga", false)
}

func (l layout) writePool(r block, name string) {
	if name == "" {
		return
	}
	for _, p := range l.pools {
		if p.plan.GetName() == name {
			r.ref("pool_id", "proxmox_virtual_environment_pool", p.name, "pool_id")
			return
		}
	}
	r.text("pool_id", name)
}

// writeStartup writes the place in the start order; what the plan leaves out is the provider's -1, which is no place.
func writeStartup(r block, s *provisov1.Startup) {
	if s == nil || s.Order == nil && s.UpDelaySeconds == nil {
		return
	}
	c := r.block("startup")
	if s.Order != nil {
		c.number("order", int(s.GetOrder()))
	}
	if s.UpDelaySeconds != nil {
		c.number("up_delay", int(s.GetUpDelaySeconds()))
	}
}

func writeClone(r block, vm *provisov1.PlannedVM, with Practices) {
	clone := vm.GetClone()
	if clone == nil {
		return
	}
	c := r.block("clone")
	c.number("vm_id", int(clone.GetVmId()))
	c.text("node_name", clone.GetNode())
	c.flag("full", clone.GetFull())
	// A linked clone lies where its template lies; Proxmox VE refuses a storage for it.
	if clone.GetFull() && len(vm.GetDisks()) > 0 {
		c.text("datastore_id", vm.GetDisks()[0].GetStorage())
	}
	if with.CloneRetries {
		c.number("retries", cloneRetries)
	}
}

// cloneRetries covers a storage that is locked by other clones for some minutes.
const cloneRetries = 3

// agentTimeout bounds the wait for an address; the provider's default is 15 minutes, at every refresh.
const agentTimeout = "2m"

func writeAgent(r block, vm *provisov1.PlannedVM, with Practices) {
	c := r.block("agent")
	c.flag("enabled", vm.GetAgent())
	if vm.GetAgent() && with.AgentTimeout {
		c.text("timeout", agentTimeout)
	}
}

func (l layout) writeDisk(r block, vm *provisov1.PlannedVM, i int) {
	d, with := vm.GetDisks()[i], l.draft.Practices
	c := r.block("disk")
	c.text("interface", d.GetSlot())
	c.text("datastore_id", d.GetStorage())
	c.number("size", int(d.GetSizeGib()))
	if image := vm.GetImage(); image != nil && i == 0 {
		if n := int(image.GetDownload()); image.GetVolume() == "" && n < len(l.downloads) {
			c.ref("import_from", "proxmox_download_file", l.downloads[n].name, "id")
		} else {
			c.text("import_from", image.GetVolume())
		}
	}
	if with.Discard {
		c.text("discard", onOrIgnore(d.GetDiscard()))
	}
	if with.DiskTuning && d.GetIothread() {
		c.flag("iothread", true)
	}
	if with.DiskTuning && d.GetSsd() {
		c.flag("ssd", true)
	}
}

func onOrIgnore(on bool) string {
	if on {
		return "on"
	}
	return "ignore"
}

func (m machines) writeInitialization(r block) {
	vm := m.sample()
	init := vm.GetInitialization()
	if init == nil {
		return
	}
	c := r.block("initialization")
	c.text("datastore_id", init.GetStorage())
	c.text("interface", init.GetSlot())
	writeDNS(c, init.GetDnsServers(), init.GetSearchDomain())
	m.writeAddresses(c, vm.GetNics())
	writeAccount(c, init)
}

func writeDNS(c block, servers []string, domain string) {
	if len(servers) == 0 && domain == "" {
		return
	}
	d := c.block("dns")
	if len(servers) > 0 {
		d.texts("servers", servers)
	}
	if domain != "" {
		d.text("domain", domain)
	}
}

func (s spread) writeAddresses(c block, nics []*provisov1.PlannedNIC) {
	for i, nic := range nics {
		v4 := c.block("ip_config").block("ipv4")
		if s.addresses[i] {
			v4.ref("address", "each", "value", s.address(i))
		} else {
			v4.text("address", nic.GetIpv4())
		}
		if nic.GetGateway() != "" {
			v4.text("gateway", nic.GetGateway())
		}
	}
}

// writeKeysIfAny takes the keys from the variable. Proxmox VE keeps nothing of an account without user and keys, so an empty
// block would differ at every plan.
func writeKeysIfAny(c block) {
	d := c.block("dynamic", "user_account")
	d.expr("for_each", "length(var.%s) > 0 ? [var.%s] : []", keysVariable, keysVariable)
	d.block("content").ref("keys", "user_account", "value")
}

func writeAccount(c block, init *provisov1.PlannedInitialization) {
	if init.GetUser() == "" && len(init.GetSshKeys()) == 0 {
		writeKeysIfAny(c)
		return
	}
	a := c.block("user_account")
	if init.GetUser() != "" {
		a.text("username", init.GetUser())
	}
	if len(init.GetSshKeys()) > 0 {
		a.texts("keys", init.GetSshKeys())
	} else {
		a.ref("keys", "var", keysVariable)
	}
}

func writeRule(b block, r rule) {
	w := b.block("resource", "proxmox_harule", r.name)
	w.text("rule", r.id)
	w.text("type", r.like.Type)
	if r.of.single {
		w.expr("resources", "[proxmox_haresource.%s.resource_id]", r.of.name)
	} else {
		w.expr("resources", "values(proxmox_haresource.%s)[*].resource_id", r.of.name)
	}
	if len(r.like.Nodes) > 0 {
		nodes := make(map[string]cty.Value, len(r.like.Nodes))
		for node, priority := range r.like.Nodes {
			nodes[node] = cty.NullVal(cty.Number)
			if priority != 0 {
				nodes[node] = cty.NumberIntVal(int64(priority))
			}
		}
		w.value("nodes", cty.ObjectVal(nodes))
	}
	w.flag("strict", r.like.Strict)
}
