package lines

import (
	"maps"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/redact"
)

// Why says why a value is left out of a manifest.
type Why string

// The reasons. In each case the value stays in Proxmox VE as it is.
const (
	NoArgument Why = "no_argument" // the provider does not know the line
	NoOption   Why = "no_option"   // the provider knows the line, not this option of it; it drops it when it writes the line
	Unwritten  Why = "unwritten"   // the provider reads it but its argument cannot say it, so changes of the argument are ignored
	Secret     Why = "secret"      // it cannot be read and does not belong in a file
)

// A Left is a value of a configuration that a manifest leaves out.
type Left struct {
	Key    string // line, "parallel0"
	Option string // option of the line; empty: all of it
	Why    Why
	// Argument is the provider's argument whose changes are ignored; empty: none.
	Argument string
}

// Pool is the membership of a container in a pool, which the provider does not read.
var Pool = Left{Key: "pool", Why: Unwritten, Argument: "pool_id"}

// own are lines that Proxmox VE writes for itself.
var own = []string{"digest", "meta", "vmgenid", "lock"}

// written are the lines that the dialect has a place for; disks, devices and addresses come besides.
var written = []string{
	"name", "description", "tags", "onboot", "protection", "acpi", "tablet", "bios", "keyboard", "machine", "scsihw", "ostype", "args",
	"hookscript", "hotplug", "boot", "cores", "sockets", "vcpus", "cpulimit", "cpuunits", "numa", "affinity", "arch", "cpu", "memory", "balloon",
	"hugepages", "agent", "startup", "vga", "efidisk0", "tpmstate0", "nameserver", "searchdomain", "ciuser", "sshkeys", "cicustom",
}

// blocks are lines for which the provider has a block that is left alone.
var blocks = map[string]string{
	"numa": "numa", "audio": "audio_device", "virtiofs": "virtiofs", "amd-sev": "amd_sev", "rng": "rng", "watchdog": "watchdog", "ivshmem": "memory",
	"keephugepages": "memory",
}

// absent are lines for whose absence the provider reads something that its argument cannot say.
var absent = map[string]string{"scsihw": "scsi_hardware", "ostype": "operating_system", "memory": "memory"}

// A leftList collects what of one configuration is left out.
type leftList struct {
	config map[string]string
	left   []Left
}

func (l *leftList) add(key, option string, why Why, argument string) {
	l.left = append(l.left, Left{key, option, why, argument})
}

// options adds the options of a line that are not known. Bare names the value that stands without a key.
func (l *leftList) options(key, bare string, known ...string) {
	for _, o := range pve.ParseProperty(l.config[key], bare).Names() {
		if !slices.Contains(known, o) {
			l.add(key, o, NoOption, "")
		}
	}
}

// sorted returns the list in order of the lines.
func (l *leftList) sorted() []Left {
	slices.SortStableFunc(l.left, func(a, b Left) int { return pve.CompareSlots(a.Key, b.Key) })
	return l.left
}

// LeftOut lists what of a virtual machine's configuration the manifest does not hold, in order of the lines.
func LeftOut(config map[string]string) []Left {
	out := leftList{config: config}
	add, options := out.add, out.options
	for _, key := range slices.SortedFunc(maps.Keys(config), pve.CompareSlots) {
		line := config[key]
		stem := strings.TrimRight(key, "0123456789")
		switch {
		case slices.Contains(own, key):
		case key == "cipassword":
			add(key, "", Secret, "")
		case key == "description" && redact.Redacted(line):
			add(key, "", Secret, "description")
		case key == "smbios1":
			if names := pve.ParseProperty(line, "uuid").Names(); len(names) > 1 || len(names) == 1 && names[0] != "uuid" {
				add(key, "", Unwritten, "smbios")
			}
		case IsDisk(key, line) && DiskGiB(pve.ParseProperty(line, "file")) == 0:
			// The provider counts whole GiB, and takes no disk of none.
			add(key, "", Unwritten, "disk")
		case IsDisk(key, line):
			options(key, "file", append(slices.Collect(maps.Keys(DiskOptions)), "file", "size", "format", "media")...)
		case pve.IsDiskSlot(key) && pve.IsCloudInit(pve.ParseProperty(line, "file").Get("file")):
			if key == "ide3" { // where the provider looks for a CD-ROM
				add(key, "", Unwritten, "cdrom")
			}
		case pve.IsDiskSlot(key):
			if key != "ide3" {
				add(key, "", NoArgument, "")
			}
		case indexed(key, "net"):
			model, _, nic := NIC(line)
			for _, o := range nic.Names() {
				if _, known := NICOptions[o]; !known && o != model && o != "model" && o != "macaddr" {
					add(key, o, NoOption, "")
				}
			}
		case indexed(key, "hostpci"):
			options(key, "host", slices.Collect(maps.Keys(PCIOptions))...)
		case indexed(key, "usb"):
			options(key, "host", slices.Collect(maps.Keys(USBOptions))...)
		case indexed(key, "serial"), indexed(key, "ipconfig"):
		case key == "cpu":
			options(key, "cputype", "cputype", "flags")
		case key == "agent":
			options(key, "enabled", "enabled", "fstrim_cloned_disks", "type")
		case key == "vga":
			options(key, "type", "type", "memory", "clipboard")
			if !pve.ParseProperty(line, "type").Has("type") {
				add(key, "", Unwritten, "vga")
			}
		case key == "boot":
			if !strings.HasPrefix(line, "order=") {
				add(key, "", NoArgument, "")
			}
		case slices.Contains(written, key):
		case stem != key && blocks[stem] != "":
			add(key, "", Unwritten, blocks[stem])
		case blocks[key] != "":
			add(key, "", Unwritten, blocks[key])
		default:
			add(key, "", NoArgument, "")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(absent)) {
		if config[key] == "" {
			add(key, "", Unwritten, absent[key])
		}
	}
	for stem, argument := range map[string]string{"net": networkDevice, "serial": "serial_device", "usb": "usb"} {
		if keys := Indexed(config, stem); !Contiguous(keys, stem) {
			add(keys[0], "", Unwritten, argument)
		}
	}
	if f := VM(config); !Processor(f) && (f["numa"] != "0" || f["affinity"] != "") {
		add("numa", "", Unwritten, "cpu")
	} else if f["cloudinit"] == "" && CloudInit(f) {
		add("ipconfig0", "", Unwritten, "initialization")
	}
	return out.sorted()
}

const networkDevice = "network_device"

// Ignored lists the arguments whose changes a manifest ignores, sorted.
func Ignored(left []Left) []string {
	var arguments []string
	for _, l := range left {
		switch l.Argument {
		case "":
		case networkDevice:
			// The provider takes these to be open when it sees its own reading of the devices differ.
			arguments = append(arguments, networkDevice, "ipv4_addresses", "ipv6_addresses", "network_interface_names")
		default:
			arguments = append(arguments, l.Argument)
		}
	}
	slices.Sort(arguments)
	return slices.Compact(arguments)
}

// Processor reports whether the provider keeps a block cpu of a machine that it reads: it keeps none of plain defaults.
func Processor(f Fields) bool {
	return f["cores"] != "1" || f["sockets"] != "1" || f["vcpus"] != "0" || f["cpulimit"] != "0" || f["cpuunits"] != "0" ||
		f["cpu.type"] != "qemu64" || f["cpu.flags"] != "" || f["arch"] != ""
}

// CloudInit reports whether there is anything that the provider keeps in its block initialization.
func CloudInit(f Fields) bool {
	for name := range f {
		switch stem, _, _ := strings.Cut(name, "."); {
		case stem == "cloudinit", stem == "cicustom", indexed(stem, "ipconfig"), name == "nameserver", name == "searchdomain", name == "ciuser", name == "sshkeys":
			return true
		}
	}
	return false
}
