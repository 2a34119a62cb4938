package bpg

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/builder/internal/lines"
)

// adoptedMachine writes a virtual machine that exists with everything that is set on it. Blocks whose values are all the
// provider's defaults are left out: the provider reads no block for them, and would plan to add what is written.
func (l layout) adoptedMachine(b block, a adopted) {
	vm := a.plan.GetVirtualMachine()
	config := vm.GetConfig()
	f, left := lines.VM(config), lines.LeftOut(config)
	ignored := lines.Ignored(left)
	typ, label := a.resource()
	r := b.block("resource", typ, label)
	if config["name"] != "" {
		r.text("name", config["name"])
	}
	l.adoptedHead(r, a)
	r.gap()
	r.flag("started", vm.GetRunning())
	r.flag("on_boot", f["onboot"] == "1")
	writeOptions(r, config, f)
	w := adoptedWriter{r, config, f, a}
	w.agent()
	w.processor()
	w.memory(ignored)
	w.firmware()
	w.disks()
	w.initialization(ignored)
	w.networks()
	w.devices(ignored)
	guard(r, left)
}

// writeOptions writes the options of the machine as a whole that differ from the provider's defaults.
func writeOptions(r block, config map[string]string, f lines.Fields) {
	if f["protection"] == "1" {
		r.flag("protection", true)
	}
	for _, flag := range []struct{ name, key string }{{"acpi", "acpi"}, {"tablet_device", "tablet"}} {
		if f[flag.key] == "0" {
			r.flag(flag.name, false)
		}
	}
	if f["bios"] != "seabios" {
		r.text("bios", f["bios"])
	}
	if f["keyboard"] != "en-us" {
		r.text("keyboard_layout", f["keyboard"])
	}
	for _, o := range []struct{ name, key string }{
		{"machine", "machine"}, {"scsi_hardware", "scsihw"}, {"kvm_arguments", "args"}, {"hook_script_file_id", "hookscript"},
	} {
		if f[o.key] != "" {
			r.text(o.name, f[o.key])
		}
	}
	if f["boot"] != "" {
		r.texts("boot_order", strings.Split(f["boot"], ";"))
	}
	if features := config["hotplug"]; strings.Trim(features, "01") != "" {
		r.text("hotplug", features)
	}
}

// An adoptedWriter writes the blocks of one machine.
type adoptedWriter struct {
	r      block
	config map[string]string
	f      lines.Fields
	adopted
}

// number writes a whole number or, where Proxmox VE has one, a fraction.
func (b block) numeral(name, text string) {
	if n, err := strconv.Atoi(text); err == nil {
		b.number(name, n)
		return
	}
	if v, err := cty.ParseNumberVal(text); err == nil {
		b.value(name, v)
	}
}

// unless writes a number that differs from the default.
func (b block) unless(name, text, def string) {
	if text != "" && text != def {
		b.numeral(name, text)
	}
}

// flagUnless writes a flag that differs from the default.
func (b block) flagUnless(name, text, def string) {
	if text != "" && text != def {
		b.flag(name, text == "1")
	}
}

// textUnless writes a text that differs from the default.
func (b block) textUnless(name, text, def string) {
	if text != def {
		b.text(name, text)
	}
}

func (w adoptedWriter) agent() {
	if w.f["agent"] == "0" && w.f["agent.trim"] == "0" && w.f["agent.type"] == "virtio" {
		return
	}
	c := w.r.block("agent")
	c.flag("enabled", w.f["agent"] == "1")
	c.flagUnless("trim", w.f["agent.trim"], "0")
	c.textUnless("type", w.f["agent.type"], "virtio")
}

func (w adoptedWriter) processor() {
	if !lines.Processor(w.f) && !w.changes("cores") {
		return
	}
	c := w.r.block("cpu")
	c.numeral("cores", w.f["cores"])
	c.numeral("sockets", w.f["sockets"])
	c.text("type", w.f["cpu.type"])
	if flags := w.f["cpu.flags"]; flags != "" {
		c.texts("flags", strings.Split(flags, ";"))
	}
	c.unless("hotplugged", w.f["vcpus"], "0")
	c.unless("limit", w.f["cpulimit"], "0")
	c.unless("units", w.f["cpuunits"], "0")
	c.flagUnless("numa", w.f["numa"], "0")
	c.textUnless("affinity", w.f["affinity"], "")
	c.textUnless("architecture", w.f["arch"], "")
}

func (w adoptedWriter) memory(ignored []string) {
	plain := w.f["memory"] == "512" && w.f["balloon"] == "0" && w.f["hugepages"] == ""
	if slices.Contains(ignored, "memory") || plain && !w.changes("memory") {
		return
	}
	c := w.r.block("memory")
	c.numeral("dedicated", w.f["memory"])
	c.numeral("floating", w.f["balloon"])
	c.textUnless("hugepages", w.f["hugepages"], "")
}

func (w adoptedWriter) firmware() {
	if line := w.config["efidisk0"]; line != "" {
		disk := pve.ParseProperty(line, "file")
		format := fileFormat(disk)
		if format == "" {
			format = "raw"
		}
		if w.f["efidisk0.storage"] != "local-lvm" || w.f["efidisk0.efitype"] != "2m" || w.f["efidisk0.pre-enrolled-keys"] != "0" || format != "raw" {
			c := w.r.block("efi_disk")
			c.text("datastore_id", w.f["efidisk0.storage"])
			c.text("file_format", format)
			c.text("type", w.f["efidisk0.efitype"])
			c.flag("pre_enrolled_keys", w.f["efidisk0.pre-enrolled-keys"] == "1")
		}
	}
	if w.config["tpmstate0"] != "" && (w.f["tpmstate0.storage"] != "local-lvm" || w.f["tpmstate0.version"] != "v2.0") {
		c := w.r.block("tpm_state")
		c.text("datastore_id", w.f["tpmstate0.storage"])
		c.text("version", w.f["tpmstate0.version"])
	}
}

// fileFormat is the format of a disk where its line says it: the storage decides otherwise.
func fileFormat(disk pve.Property) string {
	if format := disk.Get("format"); format != "" {
		return format
	}
	_, path := lines.Volume(disk.Get("file"))
	for _, format := range []string{"qcow2", "raw", "vmdk"} {
		if strings.HasSuffix(path, "."+format) {
			return format
		}
	}
	return ""
}

func (w adoptedWriter) disks() {
	for _, slot := range lines.Disks(w.config) {
		line := pve.ParseProperty(w.config[slot], "file")
		is := func(option string) string { return w.f[slot+"."+option] }
		if is("size") == "0" {
			continue // see lines.LeftOut
		}
		c := w.r.block("disk")
		c.text("interface", slot)
		c.text("datastore_id", is("storage"))
		if is("storage") == "" {
			_, device := lines.Volume(line.Get("file"))
			c.text("path_in_datastore", device)
		}
		c.numeral("size", is("size"))
		if format := fileFormat(line); format != "" && lines.New(line) == "" {
			c.text("file_format", format)
		}
		c.textUnless("aio", is("aio"), "io_uring")
		c.flagUnless("backup", is("backup"), "1")
		c.textUnless("cache", is("cache"), "none")
		c.text("discard", is("discard"))
		c.flagUnless("iothread", is("iothread"), "0")
		c.unless("queues", is("queues"), "0")
		c.flagUnless("replicate", is("replicate"), "1")
		c.textUnless("serial", is("serial"), "")
		c.flagUnless("ssd", is("ssd"), "0")
		writeSpeed(c, line)
	}
	if file := w.f["ide3"]; file != "" {
		c := w.r.block("cdrom")
		c.text("file_id", file)
		c.text("interface", "ide3")
	}
}

// speeds are Proxmox VE's names of a disk's limits and the provider's.
var speeds = []struct{ option, name string }{
	{"iops_rd", "iops_read"}, {"iops_rd_max", "iops_read_burstable"}, {"iops_wr", "iops_write"}, {"iops_wr_max", "iops_write_burstable"},
	{"mbps_rd", "read"}, {"mbps_rd_max", "read_burstable"}, {"mbps_wr", "write"}, {"mbps_wr_max", "write_burstable"},
}

func writeSpeed(c block, line pve.Property) {
	var s *block
	for _, limit := range speeds {
		if !line.Has(limit.option) {
			continue
		}
		if s == nil {
			inner := c.block("speed")
			s = &inner
		}
		s.numeral(limit.name, line.Get(limit.option))
	}
}

func (w adoptedWriter) initialization(ignored []string) {
	if !lines.CloudInit(w.f) || slices.Contains(ignored, "initialization") {
		return
	}
	c := w.r.block("initialization")
	if w.f["cloudinit"] != "" {
		c.text("datastore_id", w.f["cloudinit.storage"])
		c.text("interface", w.f["cloudinit"])
	}
	for _, o := range []struct{ part, name string }{
		{"user", "user_data_file_id"}, {"network", "network_data_file_id"}, {"meta", "meta_data_file_id"}, {"vendor", "vendor_data_file_id"},
	} {
		c.textUnless(o.name, w.f["cicustom."+o.part], "")
	}
	if w.f["nameserver"] != "" || w.f["searchdomain"] != "" {
		d := c.block("dns")
		if servers := w.f["nameserver"]; servers != "" {
			d.texts("servers", strings.Split(servers, " "))
		}
		d.textUnless("domain", w.f["searchdomain"], "")
	}
	w.addresses(c)
	if keys := lines.Keys(w.config["sshkeys"]); len(keys) > 0 || w.f["ciuser"] != "" {
		u := c.block("user_account")
		u.textUnless("username", w.f["ciuser"], "")
		if len(keys) > 0 {
			u.texts("keys", keys)
		}
	}
}

// addresses writes one block per address configuration; the n-th is that of the n-th network device, so none is left out
// before the last.
func (w adoptedWriter) addresses(c block) {
	configs := lines.Indexed(w.config, "ipconfig")
	if len(configs) == 0 {
		return
	}
	last, _ := strconv.Atoi(strings.TrimPrefix(configs[len(configs)-1], "ipconfig"))
	for i := range last + 1 {
		is := func(option string) string { return w.f["ipconfig"+strconv.Itoa(i)+"."+option] }
		ip := c.block("ip_config")
		for _, family := range []struct{ name, address, gateway string }{{"ipv4", "ip", "gw"}, {"ipv6", "ip6", "gw6"}} {
			if is(family.address) == "" && is(family.gateway) == "" {
				continue
			}
			v := ip.block(family.name)
			v.textUnless("address", is(family.address), "")
			v.textUnless("gateway", is(family.gateway), "")
		}
	}
}

// networks writes the devices in order; one that is missing between others cannot be written.
func (w adoptedWriter) networks() {
	slots := lines.Indexed(w.config, "net")
	if !lines.Contiguous(slots, "net") {
		return
	}
	for _, slot := range slots {
		is := func(option string) string { return w.f[slot+"."+option] }
		c := w.r.block("network_device")
		c.text("bridge", is("bridge"))
		c.text("model", is("model"))
		c.textUnless("mac_address", is("mac"), "")
		c.unless("vlan_id", is("tag"), "0")
		c.flagUnless("firewall", is("firewall"), "0")
		c.flagUnless("disconnected", is("link_down"), "0")
		c.unless("mtu", is("mtu"), "0")
		c.unless("queues", is("queues"), "0")
		c.unless("rate_limit", is("rate"), "0")
		c.textUnless("trunks", is("trunks"), "")
	}
}

func (w adoptedWriter) devices(ignored []string) {
	if w.f["ostype"] != "" && w.f["ostype"] != "other" {
		w.r.block("operating_system").text("type", w.f["ostype"])
	}
	for _, key := range lines.Indexed(w.config, "hostpci") {
		is := func(option string) string { return w.f[key+"."+option] }
		c := w.r.block("hostpci")
		c.text("device", key)
		c.textUnless("id", is("host"), "")
		c.textUnless("mapping", is("mapping"), "")
		c.textUnless("mdev", is("mdev"), "")
		// The provider has no defaults for these and reads each.
		c.flag("pcie", is("pcie") == "1")
		c.flag("rombar", is("rombar") == "1")
		c.textUnless("rom_file", is("romfile"), "")
		c.flag("xvga", is("x-vga") == "1")
	}
	for _, key := range lines.Indexed(w.config, "usb") {
		if slices.Contains(ignored, "usb") {
			break
		}
		is := func(option string) string { return w.f[key+"."+option] }
		c := w.r.block("usb")
		c.textUnless("host", is("host"), "")
		c.textUnless("mapping", is("mapping"), "")
		c.flag("usb3", is("usb3") == "1")
	}
	if !slices.Contains(ignored, "serial_device") {
		for _, key := range lines.Indexed(w.config, "serial") {
			w.r.block("serial_device").text("device", w.config[key])
		}
	}
	if w.config["startup"] != "" {
		c := w.r.block("startup")
		c.unless("order", w.f["startup.order"], "")
		c.unless("up_delay", w.f["startup.up"], "")
		c.unless("down_delay", w.f["startup.down"], "")
	}
	if !slices.Contains(ignored, "vga") && (w.f["vga.type"] != "std" || w.f["vga.memory"] != "16" || w.f["vga.clipboard"] != "") {
		c := w.r.block("vga")
		c.text("type", w.f["vga.type"])
		c.unless("memory", w.f["vga.memory"], "16")
		c.textUnless("clipboard", w.f["vga.clipboard"], "")
	}
}
