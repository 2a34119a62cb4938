package strategy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// change applies what was asked for to the guest's configuration. The provider writes some values together; where one of
// them was left to Proxmox VE's default until now, it is written out here, so that the plan says what it does.
func (d *Draft) change(a *adoption, c *provisov1.GuestChange) error {
	for _, step := range []func(*adoption, *provisov1.GuestChange) error{
		d.changeName, d.changeCores, d.changeMemory, d.changeBootDisk, d.addDisks, d.changeTags, d.changeOptions,
	} {
		if err := step(a, c); err != nil {
			return err
		}
	}
	if len(a.differences) > 0 && !a.container() && a.config["scsihw"] == "" {
		// The provider writes its own default with any change of such a machine.
		a.set("scsihw", defaultController, "scsi_hardware", d.say("adoption.default", "value", defaultController), defaultController)
		a.restart = true
	}
	return nil
}

// defaultController is what Proxmox VE gives a machine that names no SCSI controller.
const defaultController = "lsi"

// set writes one line and notes the difference.
func (a *adoption) set(key, value, attribute, before, after string) {
	if a.config[key] == value {
		return
	}
	if value == "" {
		delete(a.config, key)
	} else {
		a.config[key] = value
	}
	a.differences = append(a.differences, &provisov1.ValueChange{Attribute: attribute, Before: before, After: after})
}

func (a *adoption) container() bool { return a.guest.Kind == pve.KindContainer }

func (d *Draft) changeName(a *adoption, c *provisov1.GuestChange) error {
	if c.GetNewName() == "" || c.GetNewName() == a.guest.Name {
		return nil
	}
	key := "name"
	if a.container() {
		key = "hostname"
	}
	a.set(key, c.GetNewName(), "name", a.guest.Name, c.GetNewName())
	a.name = c.GetNewName()
	return nil
}

// defaultCPU is what Proxmox VE takes for a machine that names no CPU type. The provider takes another.
const defaultCPU = "kvm64"

// cpuOptions are what the provider knows of a CPU line; it writes the line anew with them alone.
var cpuOptions = []string{"cputype", "flags"}

func (d *Draft) changeCores(a *adoption, c *provisov1.GuestChange) error {
	cores, sockets := strconv.Itoa(int(c.GetCores())), whole(a.config["sockets"], 1)
	if c.Cores == nil || a.config["cores"] == cores || a.config["cores"] == "" && !a.container() && cores == "1" {
		return nil
	}
	if a.container() {
		a.vcpus, a.restart = int(c.GetCores()), true
		a.set("cores", cores, "cores", cmp.Or(a.config["cores"], d.say("adoption.all")), cores)
		return nil
	}
	if lost := unknownOptions(a.config["cpu"], "cputype", cpuOptions); len(lost) > 0 {
		return d.refuse(CodeChangeUnsafe, "change_drops", "name", a.guest.Name, "id", a.guest.VMID, "key", "cpu", "options", d.list(lost))
	}
	a.set("cores", cores, "cores", cmp.Or(a.config["cores"], "1"), cores)
	a.vcpus = int(c.GetCores()) * sockets
	a.restart = true
	if a.config["cpu"] == "" {
		a.set("cpu", defaultCPU, "cpu.type", d.say("adoption.default", "value", defaultCPU), defaultCPU)
	}
	// Fewer cores than are plugged in would not start.
	if plugged := whole(a.config["vcpus"], 0); plugged > a.vcpus {
		a.set("vcpus", strconv.Itoa(a.vcpus), "vcpus", strconv.Itoa(plugged), strconv.Itoa(a.vcpus))
	}
	return nil
}

func (d *Draft) changeMemory(a *adoption, c *provisov1.GuestChange) error {
	if c.MemoryMib == nil {
		return nil
	}
	had := whole(pve.ParseProperty(a.config["memory"], "current").Get("current"), 512)
	want := int(c.GetMemoryMib())
	if had == want {
		return nil
	}
	a.set("memory", strconv.Itoa(want), "memory", d.mebibytes(had), d.mebibytes(want))
	a.memoryBytes = int64(want) << 20
	a.restart = true
	if a.container() {
		if a.config["swap"] == "" { // the provider reads none as 0 and writes that with the memory
			a.set("swap", defaultSwap, "swap", d.say("adoption.default", "value", d.mebibytes(512)), d.mebibytes(512))
		}
		return nil
	}
	switch balloon, set := a.config["balloon"]; {
	case !set:
		// Without the line the balloon may take all of the memory; the provider would write 0, which removes the device.
		a.set("balloon", strconv.Itoa(want), "balloon", d.say("adoption.default", "value", d.mebibytes(had)), d.mebibytes(want))
	case balloon == strconv.Itoa(had), whole(balloon, 0) > want:
		a.set("balloon", strconv.Itoa(want), "balloon", d.mebibytes(whole(balloon, 0)), d.mebibytes(want))
	}
	return nil
}

// defaultSwap is what Proxmox VE gives a container that names no swap, in MiB.
const defaultSwap = "512"

// diskOptions are what the provider knows of a disk; it writes the line of a changed one anew with them alone.
var diskOptions = []string{
	"file", "format", "size", "aio", "backup", "cache", "discard", "iops_rd", "iops_rd_max", "iops_wr", "iops_wr_max", "iothread",
	"mbps_rd", "mbps_rd_max", "mbps_wr", "mbps_wr_max", "media", "queues", "replicate", "serial", "ssd",
}

// rootOptions are what the provider knows of a container's root disk.
var rootOptions = []string{"volume", "size", "acl", "mountoptions", "quota", "replicate"}

func (d *Draft) changeBootDisk(a *adoption, c *provisov1.GuestChange) error {
	if c.DiskGib == nil {
		return nil
	}
	if err := d.checkSmallDisks(a); err != nil {
		return err
	}
	disk := a.guest.Config.BootDisk()
	if a.container() {
		disk = nil
		if i := slices.IndexFunc(a.guest.Config.Disks, func(k pve.Disk) bool { return k.Slot == "rootfs" }); i >= 0 {
			disk = &a.guest.Config.Disks[i]
		}
	}
	if disk == nil || disk.Storage == "" || disk.SizeBytes == 0 {
		return d.refuse(CodeDiskFixed, "disk_fixed", "name", a.guest.Name, "id", a.guest.VMID)
	}
	want := int64(c.GetDiskGib()) * gib
	switch {
	case want == disk.SizeBytes:
		return nil
	case want < disk.SizeBytes:
		return d.refuse(CodeDiskShrinks, "disk_shrinks", "name", a.guest.Name, "id", a.guest.VMID, "slot", disk.Slot,
			"have", d.gib(disk.SizeBytes), "want", c.GetDiskGib(), "least", sizeGiB(disk.SizeBytes))
	}
	if err := d.takes(disk.Storage); err != nil {
		return err
	}
	bare, known := "file", diskOptions
	if a.container() {
		bare, known = "volume", rootOptions
	}
	line := pve.ParseProperty(a.config[disk.Slot], bare)
	if lost := unknownOptions(a.config[disk.Slot], bare, known); len(lost) > 0 {
		return d.refuse(CodeChangeUnsafe, "change_drops", "name", a.guest.Name, "id", a.guest.VMID, "key", disk.Slot, "options", d.list(lost))
	}
	line.Set("size", fmt.Sprintf("%dG", c.GetDiskGib()))
	a.set(disk.Slot, line.String(), disk.Slot, d.gibibytes(disk.SizeBytes), d.gibibytes(want))
	a.growth = append(a.growth, growth{disk.Storage, want - disk.SizeBytes})
	d.warn("disk_grows", "name", a.name, "slot", disk.Slot)
	return nil
}

// checkSmallDisks refuses changes of the disks of a machine that has one below 1 GiB: the provider, which counts whole GiB,
// cannot have that one in its code, and its disks are ignored together.
func (d *Draft) checkSmallDisks(a *adoption) error {
	for _, disk := range a.guest.Config.Disks {
		if !a.container() && disk.SizeBytes < gib {
			return d.refuse(CodeChangeUnsafe, "disk_small", "name", a.guest.Name, "id", a.guest.VMID, "slot", disk.Slot)
		}
	}
	return nil
}

// addDisks adds disks on the bus of the boot disk, tuned like it. A volume that does not exist yet is written as Proxmox VE
// takes it: "pmoxpool01:20" is a new one of 20 GiB.
func (d *Draft) addDisks(a *adoption, c *provisov1.GuestChange) error {
	if len(c.GetAddDisks()) == 0 {
		return nil
	}
	boot := a.guest.Config.BootDisk()
	switch {
	case a.container():
		return d.refuse(CodeIncomplete, "container_disk", "name", a.guest.Name, "id", a.guest.VMID)
	case boot == nil:
		return d.refuse(CodeDiskFixed, "disk_fixed", "name", a.guest.Name, "id", a.guest.VMID)
	}
	if err := d.checkSmallDisks(a); err != nil {
		return err
	}
	bus := strings.TrimRight(boot.Slot, "0123456789")
	for _, wished := range c.GetAddDisks() {
		if wished.GetSizeGib() == 0 {
			return d.refuse(CodeIncomplete, "disk_size", "name", a.guest.Name, "id", a.guest.VMID)
		}
		storage := cmp.Or(wished.GetStorage(), boot.Storage)
		if err := d.takes(storage); err != nil {
			return err
		}
		candidates := d.diskStorages(a.content())
		here := slices.DeleteFunc(slices.Clone(candidates), func(r roomyStorage) bool {
			_, ok := d.in.Index.FreeOn(a.content(), r.Name, a.guest.Node)
			return !ok
		})
		i := slices.IndexFunc(here, func(r roomyStorage) bool { return r.Name == storage })
		switch {
		case i < 0:
			return d.refuse(CodeStorageUnknown, "storage_here", "storage", storage, "node", a.guest.Node, "storages", d.list(names(here, false)))
		case a.guest.HA && !here[i].Shared:
			return d.refuse(CodeHAStorage, "ha_local_storage", "storage", storage, "storages", d.list(names(here, true)))
		}
		slot, ok := a.freeSlot(bus)
		if !ok {
			return d.refuse(CodeDiskFixed, "no_slot", "name", a.guest.Name, "id", a.guest.VMID, "bus", bus)
		}
		line := pve.ParseProperty(fmt.Sprintf("%s:%d", storage, wished.GetSizeGib()), "file")
		for option, on := range map[string]bool{"discard": here[i].Thin(), "iothread": boot.IOThread, "ssd": boot.SSD} {
			if on {
				line.Set(option, map[string]string{"discard": "on", "iothread": "1", "ssd": "1"}[option])
			}
		}
		line = ordered(line, "file", "discard", "iothread", "ssd")
		size := int64(wished.GetSizeGib()) * gib
		a.set(slot, line.String(), slot, d.say("list.none"), d.say("adoption.disk", "size", d.gibibytes(size), "storage", storage))
		a.growth = append(a.growth, growth{storage, size})
	}
	return nil
}

// ordered writes the options that are there in this order.
func ordered(p pve.Property, names ...string) pve.Property {
	out := pve.ParseProperty("", names[0])
	for _, n := range names {
		if p.Has(n) {
			out.Set(n, p.Get(n))
		}
	}
	return out
}

// slots are how many devices a bus takes.
var slots = map[string]int{"scsi": 31, "virtio": 16, "sata": 6, "ide": 4}

func (a *adoption) freeSlot(bus string) (string, bool) {
	for n := range slots[bus] {
		if slot := fmt.Sprintf("%s%d", bus, n); a.config[slot] == "" {
			return slot, true
		}
	}
	return "", false
}

func (d *Draft) changeTags(a *adoption, c *provisov1.GuestChange) error {
	if len(c.GetAddTags())+len(c.GetRemoveTags()) == 0 {
		return nil
	}
	had := strings.FieldsFunc(a.config["tags"], func(r rune) bool { return r == ';' || r == ',' || r == ' ' })
	tags := slices.Clone(had)
	for _, t := range c.GetAddTags() {
		tags = append(tags, strings.ToLower(t))
	}
	for _, t := range c.GetRemoveTags() {
		if !slices.Contains(had, t) && !slices.Contains(had, strings.ToLower(t)) {
			d.warn("tag_absent", "name", a.guest.Name, "tag", t)
		}
		tags = slices.DeleteFunc(tags, func(have string) bool { return strings.EqualFold(have, t) })
	}
	slices.Sort(tags)
	tags = slices.Compact(tags)
	sorted := slices.Clone(had)
	slices.Sort(sorted)
	if slices.Equal(sorted, tags) {
		return nil
	}
	a.set("tags", strings.Join(tags, ";"), "tags", d.listOrNone(had), d.listOrNone(tags))
	return nil
}

func (d *Draft) listOrNone(names []string) string {
	if len(names) == 0 {
		return d.say("list.none")
	}
	return strings.Join(names, ", ")
}

func (d *Draft) changeOptions(a *adoption, c *provisov1.GuestChange) error {
	flag := func(key, attribute string, want bool) {
		if want == (a.config[key] == "1") {
			return
		}
		value := "0"
		if want {
			value = "1"
		}
		a.set(key, value, attribute, d.yesNo(!want), d.yesNo(want))
	}
	if c.StartAtBoot != nil {
		flag("onboot", "start_at_boot", c.GetStartAtBoot())
	}
	if c.Protection != nil {
		flag("protection", "protection", c.GetProtection())
	}
	if had := strings.TrimRight(a.config["description"], "\n"); c.Description != nil && c.GetDescription() != had {
		a.set("description", c.GetDescription(), "description", cmp.Or(had, d.say("list.none")), cmp.Or(c.GetDescription(), d.say("list.none")))
	}
	return nil
}

// warnOfAdoption says what a guest's taking over brings with it.
func (d *Draft) warnOfAdoption(a *adoption) {
	args := []any{"name", a.name, "id", a.guest.VMID}
	agent := pve.ParseProperty(a.config["agent"], "enabled").Truth("enabled")
	if a.change >= 0 && len(a.differences) == 0 {
		d.warn("change_nothing", args...)
	}
	switch {
	case !a.running() || !a.restart:
	case a.container():
		d.warn("restart_container", args...)
	case agent:
		d.warn("restart_clean", args...)
	default:
		d.warn("restart_hard", args...)
	}
	if a.guest.HA {
		d.warn("adoption_ha", args...)
	}
	if agent && a.running() {
		d.warn("adoption_agent", args...)
	}
	if !a.container() && a.config["scsihw"] == "" {
		d.warn("adoption_controller", args...)
	}
	if a.config["cipassword"] != "" {
		d.warn("adoption_password", args...)
	}
}

// unknownOptions lists the options of a line that are not among those known.
func unknownOptions(line, bare string, known []string) []string {
	return slices.DeleteFunc(pve.ParseProperty(line, bare).Names(), func(o string) bool { return slices.Contains(known, o) })
}

// whole reads a number; absent is what it is without one.
func whole(s string, absent int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return absent
	}
	return n
}

func (d *Draft) mebibytes(n int) string { return d.say("adoption.mib", "size", n) }
func (d *Draft) gibibytes(bytes int64) string {
	return d.say("adoption.gib", "size", trimmed(d.gib(bytes)))
}
func trimmed(s string) string { return strings.TrimSuffix(strings.TrimSuffix(s, ".0"), ",0") }
func (d *Draft) yesNo(yes bool) string {
	if yes {
		return d.say("adoption.yes")
	}
	return d.say("adoption.no")
}
