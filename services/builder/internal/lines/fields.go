package lines

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// Fields are the values of a configuration by name, "memory", "scsi0.size", "net0.mac", with what Proxmox VE takes for a line
// or option that is absent. A value that is its default and says nothing, such as a device that is not there, is left out.
// Equal fields mean equal guests, whatever the order of options.
type Fields map[string]string

// put writes a field unless it is empty.
func (f Fields) put(name, value string) {
	if value != "" {
		f[name] = value
	}
}

// VM reads the fields of a virtual machine.
func VM(config map[string]string) Fields {
	f := Fields{}
	f.put("name", config["name"])
	f.put("description", strings.TrimSpace(config["description"]))
	f.put("tags", Tags(config["tags"]))
	for key, absent := range map[string]string{"onboot": "0", "protection": "0", "acpi": "1", "tablet": "1"} {
		f[key] = yes(cmp.Or(config[key], absent))
	}
	for key, absent := range map[string]string{
		"bios": "seabios", "keyboard": "en-us", "machine": "", "scsihw": "", "ostype": "", "args": "", "hookscript": "",
	} {
		f.put(key, cmp.Or(strings.TrimSpace(config[key]), absent))
	}
	if features := config["hotplug"]; strings.Trim(features, "01") != "" { // 1 and 0 stand for the default and for nothing
		f["hotplug"] = features
	}
	if order, ok := strings.CutPrefix(config["boot"], "order="); ok {
		f["boot"] = order
	}
	f.processor(config)
	f["memory"] = cmp.Or(pve.ParseProperty(config["memory"], "current").Get("current"), "512")
	f["balloon"] = cmp.Or(config["balloon"], "0")
	f.put("hugepages", config["hugepages"])
	f.devices(config)
	f.cloudInit(config)
	return f
}

// processor reads what the provider keeps in its block cpu, and agent, start order and display.
func (f Fields) processor(config map[string]string) {
	for key, absent := range map[string]string{"cores": "1", "sockets": "1", "vcpus": "0", "cpulimit": "0", "cpuunits": "0", "numa": "0"} {
		f[key] = cmp.Or(config[key], absent)
	}
	f.put("affinity", config["affinity"])
	f.put("arch", config["arch"])
	cpu := pve.ParseProperty(config["cpu"], "cputype")
	// For a machine without the line Proxmox VE takes kvm64 and the provider reads qemu64; neither is written anywhere.
	f["cpu.type"] = cmp.Or(cpu.Get("cputype"), "qemu64")
	f.put("cpu.flags", cpu.Get("flags"))

	agent := pve.ParseProperty(config["agent"], "enabled")
	f["agent"] = yes(agent.Get("enabled"))
	f["agent.trim"] = yes(agent.Get("fstrim_cloned_disks"))
	f["agent.type"] = cmp.Or(agent.Get("type"), "virtio")

	startup := pve.ParseProperty(config["startup"], "order")
	for _, option := range []string{"order", "up", "down"} {
		f.put("startup."+option, startup.Get(option))
	}
	vga := pve.ParseProperty(config["vga"], "type")
	f["vga.type"] = cmp.Or(vga.Get("type"), "std")
	f["vga.memory"] = cmp.Or(vga.Get("memory"), "16")
	f.put("vga.clipboard", vga.Get("clipboard"))
}

// DiskOptions are the options of a disk that the dialect has, with what their absence means.
var DiskOptions = map[string]string{
	"aio": "io_uring", "backup": "1", "cache": "none", "discard": "ignore", "iothread": "0", "queues": "0", "replicate": "1", "serial": "", "ssd": "0",
	"iops_rd": "0", "iops_rd_max": "0", "iops_wr": "0", "iops_wr_max": "0", "mbps_rd": "0", "mbps_rd_max": "0", "mbps_wr": "0", "mbps_wr_max": "0",
}

// NICOptions are the options of a network device that the dialect has, with what their absence means.
var NICOptions = map[string]string{
	"bridge": "", "firewall": "0", "link_down": "0", "mtu": "0", "queues": "0", "rate": "0", "tag": "0", "trunks": "",
}

// PCIOptions are the options of a device of the host that is passed through, with what their absence means.
var PCIOptions = map[string]string{"host": "", "mapping": "", "mdev": "", "pcie": "0", "rombar": "1", "romfile": "", "x-vga": "0"}

// USBOptions are the options of a USB device, with what their absence means.
var USBOptions = map[string]string{"host": "", "mapping": "", "usb3": "0"}

func (f Fields) devices(config map[string]string) {
	for key, line := range config {
		switch {
		case IsDisk(key, line):
			disk := pve.ParseProperty(line, "file")
			storage, _ := Volume(disk.Get("file"))
			f[key+".storage"] = storage
			f[key+".size"] = strconv.Itoa(DiskGiB(disk))
			f.options(key, disk, DiskOptions)
		case indexed(key, "net"):
			model, mac, nic := NIC(line)
			f[key+".model"] = model
			f.put(key+".mac", strings.ToUpper(mac))
			f.options(key, nic, NICOptions)
		case indexed(key, "hostpci"):
			f.options(key, pve.ParseProperty(line, "host"), PCIOptions)
		case indexed(key, "usb"):
			f.options(key, pve.ParseProperty(line, "host"), USBOptions)
		case indexed(key, "serial"):
			f[key] = line
		case key == "efidisk0":
			disk := pve.ParseProperty(line, "file")
			storage, _ := Volume(disk.Get("file"))
			f["efidisk0.storage"] = storage
			f["efidisk0.efitype"] = cmp.Or(disk.Get("efitype"), "2m")
			f["efidisk0.pre-enrolled-keys"] = yes(disk.Get("pre-enrolled-keys"))
		case key == "tpmstate0":
			disk := pve.ParseProperty(line, "file")
			storage, _ := Volume(disk.Get("file"))
			f["tpmstate0.storage"] = storage
			f["tpmstate0.version"] = cmp.Or(disk.Get("version"), "v2.0")
		case key == "ide3" && IsCDROM(line):
			f["ide3"] = pve.ParseProperty(line, "file").Get("file")
		}
	}
}

func (f Fields) options(key string, line pve.Property, known map[string]string) {
	for option, absent := range known {
		value := cmp.Or(line.Get(option), absent)
		if (absent == "0" || absent == "1") && (value == "on" || value == "off") {
			value = yes(value)
		}
		f.put(key+"."+option, value)
	}
}

// cloudInit reads drive, addresses, names and accounts. A password is none of the fields: it cannot be read.
func (f Fields) cloudInit(config map[string]string) {
	for key, line := range config {
		switch {
		case pve.IsDiskSlot(key) && pve.IsCloudInit(pve.ParseProperty(line, "file").Get("file")):
			storage, _ := Volume(pve.ParseProperty(line, "file").Get("file"))
			f["cloudinit"], f["cloudinit.storage"] = key, storage
		case indexed(key, "ipconfig"):
			ip := pve.ParseProperty(line, "ip")
			for _, option := range []string{"ip", "gw", "ip6", "gw6"} {
				f.put(key+"."+option, ip.Get(option))
			}
		}
	}
	f.put("nameserver", strings.Join(strings.FieldsFunc(config["nameserver"], func(r rune) bool { return r == ' ' || r == ',' }), " "))
	f.put("searchdomain", config["searchdomain"])
	f.put("ciuser", config["ciuser"])
	f.put("sshkeys", strings.Join(Keys(config["sshkeys"]), "\n"))
	custom := pve.ParseProperty(config["cicustom"], "")
	for _, part := range custom.Names() {
		f.put("cicustom."+part, custom.Get(part))
	}
}

// Differences lists the names of fields that differ, sorted.
func Differences(a, b Fields) []string {
	var names []string
	for name := range a {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, both := a[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Tags writes a list of tags as Proxmox VE keeps it.
func Tags(line string) string {
	tags := strings.FieldsFunc(line, func(r rune) bool { return r == ';' || r == ',' || r == ' ' })
	slices.Sort(tags)
	return strings.Join(slices.Compact(tags), ";")
}

// Keys reads the public keys of cloud-init, which Proxmox VE keeps URL-encoded.
func Keys(line string) []string {
	if decoded, err := url.PathUnescape(line); err == nil {
		line = decoded
	}
	var keys []string
	for key := range strings.SplitSeq(line, "\n") {
		if key = strings.TrimSpace(key); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// NIC reads a network device, whose model is written with its address, "virtio=BC:24:11:00:00:01", or apart.
func NIC(line string) (model, mac string, options pve.Property) {
	options = pve.ParseProperty(line, "model")
	model, mac = options.Get("model"), options.Get("macaddr")
	for _, name := range options.Names() {
		if _, known := NICOptions[name]; !known && strings.Count(options.Get(name), ":") == 5 && name != "macaddr" {
			model, mac = name, options.Get(name)
		}
	}
	return model, mac, options
}

// Volume splits "pmoxpool01:vm-101-disk-0"; a device of the host has no storage.
func Volume(id string) (storage, path string) {
	if strings.HasPrefix(id, "/") {
		return "", id
	}
	storage, path, _ = strings.Cut(id, ":")
	return storage, path
}

// DiskGiB is the size of a disk in whole GiB, as the provider counts. A volume that does not exist yet says it in its name:
// "pmoxpool01:20".
func DiskGiB(disk pve.Property) int {
	if size := disk.Get("size"); size != "" {
		return int(pve.ParseSize(size) >> 30)
	}
	n, _ := strconv.Atoi(New(disk))
	return n
}

// New is the size in GiB of a volume that is to be made, empty for one that exists.
func New(disk pve.Property) string {
	_, path := Volume(disk.Get("file"))
	if _, err := strconv.Atoi(path); err != nil {
		return ""
	}
	return path
}

// IsCDROM reports whether a line is a CD-ROM drive.
func IsCDROM(line string) bool {
	drive := pve.ParseProperty(line, "file")
	return drive.Get("media") == "cdrom" && !pve.IsCloudInit(drive.Get("file"))
}

// IsDisk reports whether a line is a disk: no CD-ROM, no cloud-init drive.
func IsDisk(key, line string) bool {
	drive := pve.ParseProperty(line, "file")
	file := drive.Get("file")
	return pve.IsDiskSlot(key) && file != "" && file != "none" && drive.Get("media") != "cdrom" && !pve.IsCloudInit(file)
}

// Disks lists the slots of disks in the order in which the provider reads them.
func Disks(config map[string]string) []string {
	slots := slices.DeleteFunc(slices.Collect(maps.Keys(config)), func(key string) bool { return !IsDisk(key, config[key]) })
	slices.SortFunc(slots, pve.CompareSlots)
	return slots
}

// Indexed lists the keys of one kind, "net0", "net1", in order.
func Indexed(config map[string]string, stem string) []string {
	keys := slices.DeleteFunc(slices.Collect(maps.Keys(config)), func(key string) bool { return !indexed(key, stem) })
	slices.SortFunc(keys, pve.CompareSlots)
	return keys
}

// Contiguous reports whether keys count from 0 without a gap.
func Contiguous(keys []string, stem string) bool {
	return len(keys) == 0 || keys[len(keys)-1] == stem+strconv.Itoa(len(keys)-1)
}

func indexed(key, stem string) bool {
	number, ok := strings.CutPrefix(key, stem)
	_, err := strconv.Atoi(number)
	return ok && err == nil
}

// yes writes any of Proxmox VE's ways to say yes as 1, the others as 0.
func yes(s string) string {
	switch s {
	case "1", "on", "yes", "true":
		return "1"
	}
	return "0"
}
