package review

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"proviso.dev/services/builder/internal/lines"
)

// A lineReader writes arguments as the fields of Proxmox VE's configuration, with the provider's defaults.
type lineReader struct{ lines.Fields }

// numeral is a number as it is written in a configuration.
func (n *node) numeral(name, def string) string {
	if n == nil || !n.has(name) {
		return def
	}
	v, ok := n.known(name, cty.Number)
	if !ok {
		return "?"
	}
	return v.AsBigFloat().Text('f', -1)
}

func (n *node) one(name string, def bool) string {
	if v, _ := n.orFlag(name, def); v {
		return "1"
	}
	return "0"
}

func (n *node) word(name, def string) string {
	v, ok := n.orText(name, def)
	if !ok {
		return "?"
	}
	return v
}

func (n *node) words(name, separator string) string {
	list, ok := n.texts(name)
	if !ok {
		return "?"
	}
	return strings.Join(list, separator)
}

func (r lineReader) put(name, value string) {
	if value != "" {
		r.Fields[name] = value
	}
}

// machineLines reads a virtual machine back into the fields of its configuration.
func machineLines(in *instance) lines.Fields {
	r := lineReader{lines.Fields{}}
	n := in.node
	r.put("name", n.word("name", ""))
	r.put("description", strings.TrimSpace(n.word("description", "")))
	r.put("tags", lines.Tags(n.words("tags", ";")))
	r.put("onboot", n.one("on_boot", true))
	r.put("protection", n.one("protection", false))
	r.put("acpi", n.one("acpi", true))
	r.put("tablet", n.one("tablet_device", true))
	r.put("bios", n.word("bios", defaultBIOS))
	r.put("keyboard", n.word("keyboard_layout", "en-us"))
	r.put("machine", n.word("machine", ""))
	r.put("scsihw", n.word("scsi_hardware", defaultSCSI))
	r.put("args", n.word("kvm_arguments", ""))
	r.put("hookscript", n.word("hook_script_file_id", ""))
	r.put("hotplug", n.word("hotplug", ""))
	r.put("boot", n.words("boot_order", ";"))
	r.put("ostype", n.child("operating_system").word("type", defaultOSType))
	r.processor(n)
	r.disks(n)
	r.devices(n)
	if i := n.child("initialization"); i != nil {
		r.initialization(i)
	}
	return r.Fields
}

func (r lineReader) processor(n *node) {
	cpu := n.child("cpu")
	for key, name := range map[string]string{"cores": "cores", "sockets": "sockets"} {
		r.put(key, cpu.numeral(name, "1"))
	}
	for key, name := range map[string]string{"vcpus": "hotplugged", "cpulimit": "limit", "cpuunits": "units"} {
		r.put(key, cpu.numeral(name, "0"))
	}
	r.put("numa", cpu.one("numa", false))
	r.put("affinity", cpu.word("affinity", ""))
	r.put("arch", cpu.word("architecture", ""))
	r.put("cpu.type", cpu.word("type", defaultCPUType))
	r.put("cpu.flags", cpu.words("flags", ";"))
	memory := n.child("memory")
	r.put("memory", memory.numeral("dedicated", "512"))
	r.put("balloon", memory.numeral("floating", "0"))
	r.put("hugepages", memory.word("hugepages", ""))
	agent := n.child("agent")
	r.put("agent", agent.one("enabled", false))
	r.put("agent.trim", agent.one("trim", false))
	r.put("agent.type", agent.word("type", "virtio"))
	if s := n.child("startup"); s != nil {
		for key, name := range map[string]string{"order": "order", "up": "up_delay", "down": "down_delay"} {
			if v := s.numeral(name, "-1"); v != "-1" {
				r.put("startup."+key, v)
			}
		}
	}
	vga := n.child("vga")
	r.put("vga.type", vga.word("type", "std"))
	r.put("vga.memory", vga.numeral("memory", "16"))
	r.put("vga.clipboard", vga.word("clipboard", ""))
}

func (r lineReader) disks(n *node) {
	for _, d := range n.blocks["disk"] {
		slot := d.word("interface", "")
		if r.Fields[slot+".size"] != "" {
			r.Fields[slot+".size"] = "?" // written twice
			continue
		}
		r.Fields[slot+".storage"] = d.word("datastore_id", defaultStorage)
		r.put(slot+".size", d.numeral("size", strconv.Itoa(defaultDiskGiB)))
		r.put(slot+".aio", d.word("aio", "io_uring"))
		r.put(slot+".backup", d.one("backup", true))
		r.put(slot+".cache", d.word("cache", "none"))
		r.put(slot+".discard", d.word("discard", "ignore"))
		r.put(slot+".iothread", d.one("iothread", false))
		r.put(slot+".queues", d.numeral("queues", "0"))
		r.put(slot+".replicate", d.one("replicate", true))
		r.put(slot+".serial", d.word("serial", ""))
		r.put(slot+".ssd", d.one("ssd", false))
		speed := d.child("speed")
		for key, name := range map[string]string{
			"iops_rd": "iops_read", "iops_rd_max": "iops_read_burstable", "iops_wr": "iops_write", "iops_wr_max": "iops_write_burstable",
			"mbps_rd": "read", "mbps_rd_max": "read_burstable", "mbps_wr": "write", "mbps_wr_max": "write_burstable",
		} {
			r.put(slot+"."+key, speed.numeral(name, "0"))
		}
		// A disk of a guest that exists is made from nothing.
		r.put(slot+".import_from", d.word("import_from", d.word("file_id", "")))
	}
	if c := n.child("cdrom"); c != nil {
		r.put(c.word("interface", "ide3"), c.word("file_id", ""))
	}
	if e := n.child("efi_disk"); e != nil {
		r.put("efidisk0.storage", e.word("datastore_id", defaultStorage))
		r.put("efidisk0.efitype", e.word("type", "2m"))
		r.put("efidisk0.pre-enrolled-keys", e.one("pre_enrolled_keys", false))
	}
	if t := n.child("tpm_state"); t != nil {
		r.put("tpmstate0.storage", t.word("datastore_id", defaultStorage))
		r.put("tpmstate0.version", t.word("version", "v2.0"))
	}
}

func (r lineReader) devices(n *node) {
	for i, d := range n.blocks["network_device"] {
		key := fmt.Sprintf("net%d", i)
		r.Fields[key+".model"] = d.word("model", defaultNICModel)
		r.put(key+".mac", strings.ToUpper(d.word("mac_address", "")))
		r.put(key+".bridge", d.word("bridge", defaultNICBridge))
		r.put(key+".firewall", d.one("firewall", false))
		r.put(key+".link_down", d.one("disconnected", false))
		for option, name := range map[string]string{"mtu": "mtu", "queues": "queues", "rate": "rate_limit", "tag": "vlan_id"} {
			r.put(key+"."+option, d.numeral(name, "0"))
		}
		r.put(key+".trunks", d.word("trunks", ""))
	}
	for _, d := range n.blocks["hostpci"] {
		key := d.word("device", "")
		for option, name := range map[string]string{"host": "id", "mapping": "mapping", "mdev": "mdev", "romfile": "rom_file"} {
			r.put(key+"."+option, d.word(name, ""))
		}
		r.put(key+".pcie", d.one("pcie", false))
		r.put(key+".rombar", d.one("rombar", true))
		r.put(key+".x-vga", d.one("xvga", false))
	}
	for i, d := range n.blocks["usb"] {
		key := fmt.Sprintf("usb%d", i)
		r.put(key+".host", d.word("host", ""))
		r.put(key+".mapping", d.word("mapping", ""))
		r.put(key+".usb3", d.one("usb3", false))
	}
	for i, d := range n.blocks["serial_device"] {
		r.put(fmt.Sprintf("serial%d", i), d.word("device", "socket"))
	}
}

func (r lineReader) initialization(n *node) {
	if n.has("interface") {
		r.put("cloudinit", n.word("interface", ""))
		r.put("cloudinit.storage", n.word("datastore_id", defaultStorage))
	}
	for part, name := range map[string]string{
		"user": "user_data_file_id", "network": "network_data_file_id", "meta": "meta_data_file_id", "vendor": "vendor_data_file_id",
	} {
		r.put("cicustom."+part, n.word(name, ""))
	}
	r.put("nameserver", n.child("dns").words("servers", " "))
	r.put("searchdomain", n.child("dns").word("domain", ""))
	account := n.child("user_account")
	r.put("ciuser", account.word("username", ""))
	r.put("sshkeys", account.words("keys", "\n"))
	r.put("cipassword", account.word("password", ""))
	for i, ip := range n.blocks["ip_config"] {
		key := fmt.Sprintf("ipconfig%d", i)
		r.put(key+".ip", ip.child("ipv4").word("address", ""))
		r.put(key+".gw", ip.child("ipv4").word("gateway", ""))
		r.put(key+".ip6", ip.child("ipv6").word("address", ""))
		r.put(key+".gw6", ip.child("ipv6").word("gateway", ""))
	}
}

// containerLines reads a container back into the fields of its configuration.
func containerLines(in *instance) lines.Fields {
	r := lineReader{lines.Fields{}}
	n := in.node
	r.put("description", strings.TrimSpace(n.word("description", "")))
	r.put("tags", lines.Tags(n.words("tags", ";")))
	r.put("onboot", n.one("start_on_boot", true))
	r.put("protection", n.one("protection", false))
	r.put("unprivileged", n.one("unprivileged", false))
	r.put("hookscript", n.word("hook_script_file_id", ""))
	console, cpu, memory := n.child("console"), n.child("cpu"), n.child("memory")
	r.put("console", console.one("enabled", true))
	r.put("cmode", console.word("type", "tty"))
	r.put("tty", console.numeral("tty_count", "2"))
	r.put("cores", cpu.numeral("cores", "1"))
	r.put("cpulimit", cpu.numeral("limit", "0"))
	r.put("cpuunits", cpu.numeral("units", "0"))
	r.put("arch", cpu.word("architecture", "amd64"))
	r.put("memory", memory.numeral("dedicated", "512"))
	r.put("swap", memory.numeral("swap", "0"))
	if d := n.child("disk"); d != nil {
		r.put("rootfs.storage", d.word("datastore_id", "local"))
		r.put("rootfs.size", d.numeral("size", "4"))
		for _, option := range lines.RootOptions {
			r.put("rootfs."+option, d.one(option, false))
		}
		r.put("rootfs.mountoptions", d.words("mount_options", ";"))
	}
	if s := n.child("startup"); s != nil {
		for key, name := range map[string]string{"order": "order", "up": "up_delay", "down": "down_delay"} {
			if v := s.numeral(name, "-1"); v != "-1" {
				r.put("startup."+key, v)
			}
		}
	}
	features := n.child("features")
	for _, option := range lines.FeatureOptions {
		r.put("features."+option, features.one(option, false))
	}
	r.put("features.mount", features.words("mount", ";"))
	r.containerNetwork(n)
	return r.Fields
}

// containerNetwork reads devices and addresses. An address configuration names no device: the n-th is that of the n-th device,
// unless there are fewer, when the devices that have none are not told apart and the first ones get them.
func (r lineReader) containerNetwork(n *node) {
	i := n.child("initialization")
	r.put("hostname", i.word("hostname", ""))
	r.put("nameserver", i.child("dns").words("servers", " "))
	r.put("searchdomain", i.child("dns").word("domain", ""))
	for at, d := range n.blocks["network_interface"] {
		key := fmt.Sprintf("net%d", at)
		r.put(key+".name", d.word("name", ""))
		r.put(key+".bridge", d.word("bridge", defaultNICBridge))
		r.put(key+".mac", strings.ToUpper(d.word("mac_address", "")))
		r.put(key+".firewall", d.one("firewall", false))
		r.put(key+".host-managed", d.one("host_managed", false))
		for option, name := range map[string]string{"mtu": "mtu", "rate": "rate_limit", "tag": "vlan_id"} {
			r.put(key+"."+option, d.numeral(name, "0"))
		}
		if i == nil || at >= len(i.blocks["ip_config"]) {
			continue
		}
		ip := i.blocks["ip_config"][at]
		r.put(key+".ip", ip.child("ipv4").word("address", ""))
		r.put(key+".gw", ip.child("ipv4").word("gateway", ""))
		r.put(key+".ip6", ip.child("ipv6").word("address", ""))
		r.put(key+".gw6", ip.child("ipv6").word("gateway", ""))
	}
}

// blockOf names the block in which a field is written, by the beginning of its name.
var blockOf = []struct{ beginning, block, argument string }{
	{"cores", "cpu", "cores"}, {"sockets", "cpu", "sockets"}, {"cpu.type", "cpu", "type"}, {"memory", "memory", "dedicated"}, {"balloon", "memory", "floating"},
	{"agent", "agent", "enabled"}, {"vga", "vga", "type"}, {"ostype", "operating_system", "type"},
}

// lineAt is where a field stands in the manifest.
func lineAt(in *instance, name string) hcl.Range {
	for _, b := range blockOf {
		if n := in.child(b.block); n != nil && strings.HasPrefix(name, b.beginning) {
			return n.where(b.argument)
		}
	}
	stem, option, _ := strings.Cut(name, ".")
	for i, n := range in.blocks["network_device"] {
		if stem == fmt.Sprintf("net%d", i) {
			return n.where(map[string]string{"mac": "mac_address", "tag": "vlan_id"}[option])
		}
	}
	for _, n := range in.blocks["disk"] {
		if slot, _ := n.text("interface"); slot == stem {
			return n.where(cmp.Or(map[string]string{"storage": "datastore_id"}[option], option))
		}
	}
	return in.where(cmp.Or(map[string]string{"onboot": "on_boot"}[name], name))
}
