package review

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

const (
	typeVM           = "proxmox_virtual_environment_vm"
	typeContainer    = "proxmox_virtual_environment_container"
	typePool         = "proxmox_virtual_environment_pool"
	typeDownload     = "download_file"
	typeHAResource   = "haresource"
	typeHARule       = "harule"
	typeHAGroup      = "hagroup"
	prefixLong       = "proxmox_virtual_environment_"
	prefixShort      = "proxmox_"
	defaultStorage   = "local-lvm" // where the provider puts what has no datastore_id
	defaultCPUType   = "qemu64"
	defaultSCSI      = "virtio-scsi-pci"
	defaultBIOS      = "seabios"
	defaultNICModel  = "virtio"
	defaultNICBridge = "vmbr0"
	defaultOSType    = "other"
	defaultDiskGiB   = 8
)

// kind strips the provider's prefixes from a type, so that both names of a resource are one: "haresource".
func kind(typ string) string {
	if s, ok := strings.CutPrefix(typ, prefixLong); ok {
		return s
	}
	return strings.TrimPrefix(typ, prefixShort)
}

// A guest is a virtual machine or a container as the manifest, read back, describes it: arguments with the provider's
// defaults filled in. A value that only an apply can know is left at its zero value and named in unknown.
type guest struct {
	*instance
	ct                    *container // nil: a virtual machine
	name                  string
	id                    int
	nodeName              string
	template              bool
	clone                 *clone
	cores, sockets        int
	cpuType               string
	memory, floating      int
	disks                 []disk
	nics                  []nic
	init                  *initialization
	agent                 bool
	tags                  []string
	pool                  string
	started, onBoot       bool
	protection            bool
	description           string
	bios, machine, osType string
	scsi                  string
	serial                bool
	efi                   *node
	ha                    *instance // its haresource; nil: none
	haState, haGroup      string
	rule                  *instance // its harule
	ignoresNode, migrates bool
	startup               string // as startupText writes it
	devices               []device
	unknown               map[string]bool
}

type clone struct {
	*node
	id        int
	nodeName  string
	full      bool
	datastore string
}

type disk struct {
	*node
	slot, storage string
	size          int
	importFrom    string
	discard       string
	iothread, ssd bool
}

type nic struct {
	*node
	bridge, model string
	vlan          int
}

// A device is a device of the node, by the name of a mapping.
type device struct {
	*node
	slot, mapping string
	pcie          bool
}

type initialization struct {
	*node
	storage, slot string
	user          string
	keys          []string
	keysKnown     bool
	dns           []string
	domain        string
	addresses     []ipAddress
}

type ipAddress struct {
	*node
	ipv4, gateway string
}

// readGuests reads the virtual machines and containers out of the instances, and what HA is to do with them.
func readGuests(d *document) []*guest {
	var out []*guest
	byID := map[int]*guest{}
	for _, r := range d.resources {
		read := readGuest
		switch {
		case r.data || r.typ != typeVM && r.typ != typeContainer:
			continue
		case r.typ == typeContainer:
			read = readContainer
		}
		for _, in := range r.instances {
			g := read(in)
			out = append(out, g)
			if g.id != 0 {
				byID[g.id] = g
			}
		}
	}
	for _, r := range d.resources {
		for _, in := range r.instances {
			switch kind(r.typ) {
			case typeHAResource:
				if sid, _ := in.text("resource_id"); byID[serviceID(sid)].is(sid) {
					g := byID[serviceID(sid)]
					g.ha = in
					g.haState, _ = in.orText("state", "started")
					g.haGroup, _ = in.orText("group", "")
				}
			case typeHARule:
				ids, _ := in.texts("resources")
				for _, id := range ids {
					if g := byID[serviceID(id)]; g.is(id) {
						g.rule = in
					}
				}
			}
		}
	}
	return out
}

// serviceID is the guest that a name of the HA manager is about, vm:100 or ct:100; 0 when that is not known.
func serviceID(sid string) int {
	_, id, _ := strings.Cut(sid, ":")
	n, err := strconv.Atoi(id)
	if err != nil {
		return 0
	}
	return n
}

// A reading takes arguments with the provider's defaults and remembers which are not known.
type reading struct {
	*node
	prefix  string
	unknown map[string]bool
}

func (r reading) at(n *node, prefix string) reading { return reading{n, r.prefix + prefix, r.unknown} }

func (r reading) str(name, def string) string {
	v, ok := r.orText(name, def)
	r.note(name, ok)
	return v
}

func (r reading) num(name string, def int) int {
	v, ok := r.orNumber(name, def)
	r.note(name, ok)
	return v
}

func (r reading) yes(name string, def bool) bool {
	v, ok := r.orFlag(name, def)
	r.note(name, ok)
	return v
}

func (r reading) note(name string, ok bool) {
	if !ok {
		r.unknown[r.prefix+name] = true
	}
}

func readGuest(in *instance) *guest {
	g := &guest{instance: in, unknown: map[string]bool{}}
	r := reading{in.node, "", g.unknown}
	g.name, g.id, g.nodeName = r.str("name", ""), r.num("vm_id", 0), r.str("node_name", "")
	g.template, g.started, g.onBoot = r.yes("template", false), r.yes("started", true), r.yes("on_boot", true)
	g.protection, g.migrates = r.yes("protection", false), r.yes("migrate", false)
	g.description, g.pool = r.str("description", ""), r.str("pool_id", "")
	g.bios, g.machine = r.str("bios", defaultBIOS), r.str("machine", "")
	g.scsi = r.str("scsi_hardware", defaultSCSI)
	var ok bool
	g.tags, ok = in.texts("tags")
	r.note("tags", ok)
	g.ignoresNode = ignores(in.resource, "node_name")

	if n := in.child("clone"); n != nil {
		c := r.at(n, "clone.")
		g.clone = &clone{node: n, id: c.num("vm_id", 0), nodeName: c.str("node_name", ""), full: c.yes("full", true), datastore: c.str("datastore_id", "")}
	}
	cpu := r.at(in.child("cpu"), "cpu.")
	g.cores, g.sockets, g.cpuType = cpu.num("cores", 1), cpu.num("sockets", 1), cpu.str("type", defaultCPUType)
	memory := r.at(in.child("memory"), "memory.")
	g.memory, g.floating = memory.num("dedicated", 512), memory.num("floating", 0)
	g.agent = r.at(in.child("agent"), "agent.").yes("enabled", false)
	g.osType = r.at(in.child("operating_system"), "operating_system.").str("type", defaultOSType)
	g.serial = in.child("serial_device") != nil
	g.startup = readStartup(in)
	g.efi = in.child("efi_disk")
	for _, n := range in.blocks["disk"] {
		d := r.at(n, "disk.")
		g.disks = append(g.disks, disk{
			node: n, slot: d.str("interface", ""), storage: d.str("datastore_id", defaultStorage), size: d.num("size", defaultDiskGiB),
			importFrom: d.str("import_from", ""), discard: d.str("discard", "ignore"), iothread: d.yes("iothread", false), ssd: d.yes("ssd", false),
		})
	}
	for _, n := range in.blocks["network_device"] {
		d := r.at(n, "network_device.")
		g.nics = append(g.nics, nic{node: n, bridge: d.str("bridge", defaultNICBridge), model: d.str("model", defaultNICModel), vlan: d.num("vlan_id", 0)})
	}
	for _, n := range in.blocks["hostpci"] {
		d := r.at(n, "hostpci.")
		g.devices = append(g.devices, device{node: n, slot: d.str("device", ""), mapping: d.str("mapping", ""), pcie: d.yes("pcie", false)})
	}
	if n := in.child("initialization"); n != nil {
		g.init = readInitialization(r.at(n, "initialization."))
	}
	return g
}

func readInitialization(r reading) *initialization {
	i := &initialization{node: r.node, storage: r.str("datastore_id", defaultStorage), slot: r.str("interface", "")}
	account := r.child("user_account")
	i.user = r.at(account, "user_account.").str("username", "")
	i.keys, i.keysKnown = account.texts("keys")
	dns := r.child("dns")
	i.dns, _ = dns.texts("servers")
	i.domain = r.at(dns, "dns.").str("domain", "")
	for _, n := range r.blocks["ip_config"] {
		v4 := r.at(n.child("ipv4"), "ip_config.ipv4.")
		at := n
		if v4.node != nil {
			at = v4.node
		}
		i.addresses = append(i.addresses, ipAddress{node: at, ipv4: v4.str("address", ""), gateway: v4.str("gateway", "")})
	}
	return i
}

// ignores reports whether the resource's lifecycle ignores changes of an argument.
func ignores(r *resource, argument string) bool {
	for _, b := range r.block.Body.Blocks {
		if b.Type != "lifecycle" {
			continue
		}
		a := b.Body.Attributes["ignore_changes"]
		if a == nil {
			continue
		}
		for _, t := range a.Expr.Variables() {
			if t.RootName() == argument || t.RootName() == "all" {
				return true
			}
		}
	}
	return false
}

// memoryAt is where the guest's memory is written.
func (g *guest) memoryAt() hcl.Range {
	if n := g.child("memory"); n != nil {
		return n.where("dedicated")
	}
	return g.at
}
