package pve

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	// diskSlot and nicSlot are the keys of a machine's disks and of any guest's network devices. EFI and TPM state are no
	// disks of the guest, and unused volumes are not attached.
	diskSlot   = regexp.MustCompile(`^(?:ide|sata|scsi|virtio)\d+$`)
	nicSlot    = regexp.MustCompile(`^net\d+$`)
	mountSlot  = regexp.MustCompile(`^(?:rootfs|mp\d+)$`)
	cloudDrive = regexp.MustCompile(`[:/](?:vm-\d+-)?cloudinit(?:\.(?:qcow2|raw|vmdk))?$`)
)

// machineConfig reads the lines of a virtual machine, with Proxmox VE's defaults for what is absent.
func machineConfig(lines map[string]text) *GuestConfig {
	get := func(key string) string { return string(lines[key]) }
	c := &GuestConfig{
		Cores:     count(get("cores"), 1),
		Sockets:   count(get("sockets"), 1),
		MemoryMiB: count(parseOptions(get("memory"), "current")["current"], 512),
		CPUType:   parseOptions(get("cpu"), "cputype")["cputype"],
		BIOS:      get("bios"),
		Machine:   parseOptions(get("machine"), "type")["type"],
		OSType:    get("ostype"),
		SCSIHW:    get("scsihw"),
		Boot:      get("boot"),
		Agent:     truth(parseOptions(get("agent"), "enabled")["enabled"]),
		Serial0:   get("serial0") != "",
		VGA:       parseOptions(get("vga"), "type")["type"],
		Disks:     []Disk{},
	}
	// Guests made before PVE 6.3 name their boot disk apart.
	if disk := get("bootdisk"); disk != "" && !strings.Contains(c.Boot, "order=") {
		c.Boot = "order=" + disk
	}
	for slot, line := range lines {
		if !diskSlot.MatchString(slot) {
			continue
		}
		opts := parseOptions(string(line), "file")
		switch volume := opts["file"]; {
		case cloudDrive.MatchString(volume):
			c.CloudInit = slot
		case volume == "" || volume == "none" || opts["media"] == "cdrom":
		default:
			c.Disks = append(c.Disks, disk(slot, volume, opts))
		}
	}
	c.NICs = nics(lines)
	slices.SortFunc(c.Disks, func(a, b Disk) int { return compareSlots(a.Slot, b.Slot) })
	return c
}

// containerConfig reads the lines of a container. Cores is 0 when the container may use every one.
func containerConfig(lines map[string]text) *GuestConfig {
	c := &GuestConfig{
		Cores:     count(string(lines["cores"]), 0),
		Sockets:   1,
		MemoryMiB: count(string(lines["memory"]), 512),
		OSType:    string(lines["ostype"]),
		Disks:     []Disk{},
		NICs:      nics(lines),
	}
	for slot, line := range lines {
		if !mountSlot.MatchString(slot) {
			continue
		}
		opts := parseOptions(string(line), "volume")
		// A path is a directory or device of the node, mounted through: no volume of the guest.
		if volume := opts["volume"]; volume != "" && !strings.HasPrefix(volume, "/") {
			c.Disks = append(c.Disks, disk(slot, volume, opts))
		}
	}
	slices.SortFunc(c.Disks, func(a, b Disk) int { return compareSlots(a.Slot, b.Slot) })
	return c
}

func disk(slot, volume string, opts map[string]string) Disk {
	d := Disk{
		Slot:      slot,
		Volume:    volume,
		SizeBytes: parseSize(opts["size"]),
		Discard:   truth(opts["discard"]),
		IOThread:  truth(opts["iothread"]),
		SSD:       truth(opts["ssd"]),
	}
	// A device of the node passed through, /dev/disk/by-id/…, lies on no storage.
	if storage, _, ok := strings.Cut(volume, ":"); ok && !strings.HasPrefix(volume, "/") {
		d.Storage = storage
	}
	return d
}

// nics reads the network devices. A machine's line begins with model=MAC or names both apart; a container's has hwaddr.
func nics(lines map[string]text) []NIC {
	found := []NIC{}
	for slot, line := range lines {
		if !nicSlot.MatchString(slot) {
			continue
		}
		opts := parseOptions(string(line), "model")
		n := NIC{
			Slot:   slot,
			Model:  cmp.Or(opts["model"], opts["type"]),
			MAC:    cmp.Or(opts["macaddr"], opts["hwaddr"]),
			Bridge: opts["bridge"],
			VLAN:   count(opts["tag"], 0),
		}
		if n.Model == "" {
			n.Model, n.MAC = keyedModel(opts, n.MAC)
		}
		found = append(found, n)
	}
	slices.SortFunc(found, func(a, b NIC) int { return compareSlots(a.Slot, b.Slot) })
	return found
}

// keyedModel finds the model that is written as a key with the MAC as its value: virtio=BC:24:11:….
func keyedModel(opts map[string]string, mac string) (model, address string) {
	for _, m := range []string{
		"virtio", "e1000", "e1000e", "rtl8139", "vmxnet3", "e1000-82540em", "e1000-82544gc", "e1000-82545em",
		"i82551", "i82557b", "i82559er", "ne2k_isa", "ne2k_pci", "pcnet",
	} {
		if value, ok := opts[m]; ok {
			return m, cmp.Or(value, mac)
		}
	}
	if _, ok := opts["name"]; ok {
		return "veth", mac // a container's device has no other kind
	}
	return "", mac
}

// parseOptions reads one of Proxmox VE's property strings, "a,b=c"; the value without a key belongs to bare.
func parseOptions(line, bare string) map[string]string {
	opts := map[string]string{}
	for field := range strings.SplitSeq(line, ",") {
		switch key, value, keyed := strings.Cut(field, "="); {
		case field == "":
		case keyed:
			opts[key] = value
		default:
			opts[bare] = field
		}
	}
	return opts
}

// parseSize reads a disk's size, "32G", "3584M", "1.5T" or bytes, as bytes; 0 when there is none to read.
func parseSize(size string) int64 {
	shift := 0
	if i := len(size) - 1; i > 0 {
		if unit := strings.IndexByte("KMGT", size[i]); unit >= 0 {
			shift, size = 10*(unit+1), size[:i]
		}
	}
	if whole, err := strconv.ParseInt(size, 10, 64); err == nil && whole >= 0 && whole <= math.MaxInt64>>shift {
		return whole << shift
	}
	fraction, err := strconv.ParseFloat(size, 64)
	bytes := fraction * float64(int64(1)<<shift)
	if err != nil || !(bytes >= 0 && bytes < math.MaxInt64) {
		return 0
	}
	return int64(bytes)
}

// count reads a whole number; absent is what its absence or a value that is none means.
func count(s string, absent int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return absent
	}
	return n
}

// truth reads the ways in which Proxmox VE writes yes.
func truth(s string) bool { return s == "1" || s == "on" || s == "yes" || s == "true" }

// compareSlots orders net2 before net10, and a container's rootfs before its mount points.
func compareSlots(a, b string) int {
	if a == "rootfs" || b == "rootfs" {
		return -cmp.Compare(len(a), len(b)) // "rootfs" is longer than any "mp0" to "mp255"
	}
	busA, busB := strings.TrimRight(a, "0123456789"), strings.TrimRight(b, "0123456789")
	return cmp.Or(
		cmp.Compare(busA, busB),
		cmp.Compare(count(a[len(busA):], 0), count(b[len(busB):], 0)),
	)
}
