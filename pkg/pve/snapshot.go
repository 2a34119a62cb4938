package pve

import (
	"slices"
	"strings"
	"time"
)

// A Snapshot is the state of one cluster at one moment, as read. It is immutable once built: units share it between
// goroutines and address it by the digest of its JSON form.
//
// What could not be read is named in Unknown and never stands for "nothing there".
type Snapshot struct {
	// Cluster is the cluster's name as the operator configured it; empty means the only one.
	Cluster string `json:"cluster"`
	// TakenAt is the moment at which the first answer arrived, UTC.
	TakenAt time.Time `json:"taken_at"`
	// Version of Proxmox VE, for example "8.3.0"; it decides between HA groups (8) and HA rules (9).
	Version string `json:"version"`
	// Quorate reports whether the cluster has quorum. A stand-alone node is quorate.
	Quorate bool `json:"quorate"`

	Nodes      []Node       `json:"nodes"`       // sorted by name
	Guests     []Guest      `json:"guests"`      // sorted by id; templates included
	Storages   []Storage    `json:"storages"`    // one row per node and storage, sorted by name, then node
	Bridges    []Bridge     `json:"bridges"`     // one row per node and bridge, sorted by name, then node
	VNets      []VNet       `json:"vnets"`       // applied SDN vnets, sorted by name
	Pools      []Pool       `json:"pools"`       // sorted by name
	HAGroups   []HAGroup    `json:"ha_groups"`   // PVE 8 only
	HARules    []HARule     `json:"ha_rules"`    // PVE 9 only
	HAServices []HAService  `json:"ha_services"` // guests under HA
	Volumes    []Volume     `json:"volumes"`     // ISOs, container templates, import images and snippets on storages; no disks of guests
	Unknown    []UnknownRef `json:"unknown"`     // what could not be read, with the reason
	Sections   []Section    `json:"sections"`    // what was read, when, sorted by name; empty in a snapshot that nobody read

	Membership   Membership     `json:"membership,omitzero"`
	HAManager    HAManager      `json:"ha_manager,omitzero"`
	Zones        []Zone         `json:"zones,omitempty"` // applied SDN zones, sorted by name
	Backup       Backup         `json:"backup,omitzero"`
	Ceph         Ceph           `json:"ceph,omitzero"`
	Replications []Replication  `json:"replications,omitempty"` // sorted by id
	Tasks        []Task         `json:"tasks,omitempty"`        // running now, sorted by UPID
	Hardware     []NodeHardware `json:"hardware,omitempty"`     // sorted by node
	Ports        []Port         `json:"ports,omitempty"`        // sorted by node, then name
	Mappings     []Mapping      `json:"mappings,omitempty"`     // names of devices, sorted by kind, then name
	// MappingsRead are the kinds of mapping that were read, sorted: it tells none from not read. See [Snapshot.MappingsKnown].
	MappingsRead []MappingKind `json:"mappings_read,omitempty"`
}

// NodeStatus is a node's state as the cluster sees it.
type NodeStatus string

// The states of a node. Only an online node has free capacity.
const (
	NodeOnline  NodeStatus = "online"
	NodeOffline NodeStatus = "offline"
	NodeUnknown NodeStatus = "unknown"
)

// A Node is one hypervisor. Figures are zero when the node is not online.
type Node struct {
	Name   string     `json:"name"`
	Status NodeStatus `json:"status"`
	// CPUs is the number of threads, as Proxmox VE counts them.
	CPUs int `json:"cpus"`
	// CPUUsage is the fraction of CPUs in use, 0 to 1.
	CPUUsage float64 `json:"cpu_usage"`
	// MemoryBytes and MemoryUsedBytes are physical memory and what is in use of it.
	MemoryBytes     int64 `json:"memory_bytes"`
	MemoryUsedBytes int64 `json:"memory_used_bytes"`
	// CPUModel is the processor's name; empty when it was not read.
	CPUModel string `json:"cpu_model,omitempty"`
	// UptimeSeconds since the node booted.
	UptimeSeconds int64 `json:"uptime_s"`
}

// Online reports whether the node can take guests.
func (n Node) Online() bool { return n.Status == NodeOnline }

// GuestKind tells virtual machines from containers.
type GuestKind string

// The kinds of guest.
const (
	KindVM        GuestKind = "qemu"
	KindContainer GuestKind = "lxc"
)

// GuestStatus is a guest's state. A guest of a node that does not answer is unknown, never gone.
type GuestStatus string

// The states of a guest.
const (
	GuestRunning GuestStatus = "running"
	GuestStopped GuestStatus = "stopped"
	GuestUnknown GuestStatus = "unknown"
)

// A Guest is a virtual machine, a container, or a template of either.
type Guest struct {
	VMID     int         `json:"vmid"`
	Name     string      `json:"name"`
	Kind     GuestKind   `json:"kind"`
	Node     string      `json:"node"`
	Status   GuestStatus `json:"status"`
	Template bool        `json:"template"`
	// CPUs is the number of vCPUs; a container's limit may be fractional.
	CPUs            float64  `json:"cpus"`
	CPUUsage        float64  `json:"cpu_usage"`         // fraction of CPUs, 0 to 1
	MemoryBytes     int64    `json:"memory_bytes"`      // configured maximum
	MemoryUsedBytes int64    `json:"memory_used_bytes"` // in use, 0 when stopped
	DiskBytes       int64    `json:"disk_bytes"`        // size of the boot disk
	Pool            string   `json:"pool,omitempty"`
	Tags            []string `json:"tags,omitempty"`
	HA              bool     `json:"ha"`
	UptimeSeconds   int64    `json:"uptime_s"`
	// Config is set for templates, and for guests whose configuration was asked for.
	Config *GuestConfig `json:"config,omitempty"`
}

// A GuestConfig is what a plan needs to know of a guest's configuration.
type GuestConfig struct {
	Cores     int    `json:"cores"`
	Sockets   int    `json:"sockets"`
	MemoryMiB int    `json:"memory_mib"`
	CPUType   string `json:"cpu_type,omitempty"` // empty: PVE's default, kvm64
	BIOS      string `json:"bios,omitempty"`     // empty: seabios
	Machine   string `json:"machine,omitempty"`
	OSType    string `json:"ostype,omitempty"`
	SCSIHW    string `json:"scsihw,omitempty"`
	Boot      string `json:"boot,omitempty"` // for example "order=scsi0;net0"
	Agent     bool   `json:"agent"`
	// CloudInit is the slot of the cloud-init drive, for example "ide2"; empty when there is none.
	CloudInit string `json:"cloud_init,omitempty"`
	// Serial0 reports a serial port on slot 0, which many cloud images need for their console.
	Serial0 bool   `json:"serial0"`
	VGA     string `json:"vga,omitempty"`
	Disks   []Disk `json:"disks"` // without CD-ROMs and the cloud-init drive, sorted by slot
	NICs    []NIC  `json:"nics"`  // sorted by slot
	// Lines is the whole configuration by the keys and values of Proxmox VE, as the next start would see it, without the digest
	// and with the password masked. It is set for guests that [Reader.WithConfigs] was asked for; nil: not kept.
	Lines map[string]string `json:"lines,omitempty"`
}

// BootDisk returns the disk that the guest boots from: the first disk named in Boot, else scsi0, virtio0, sata0 or
// ide0, else the first disk; nil when it has none.
func (c *GuestConfig) BootDisk() *Disk {
	order := append(strings.FieldsFunc(strings.TrimPrefix(c.Boot, "order="), func(r rune) bool { return r == ';' || r == ',' }),
		"scsi0", "virtio0", "sata0", "ide0")
	for _, slot := range order {
		if i := slices.IndexFunc(c.Disks, func(d Disk) bool { return d.Slot == slot }); i >= 0 {
			return &c.Disks[i]
		}
	}
	if len(c.Disks) > 0 {
		return &c.Disks[0]
	}
	return nil
}

// A Disk is one volume of a guest.
type Disk struct {
	Slot      string `json:"slot"`    // "scsi0"
	Storage   string `json:"storage"` // "pmoxpool01"
	Volume    string `json:"volume"`  // full volume id, "pmoxpool01:base-100-disk-0"
	SizeBytes int64  `json:"size_bytes"`
	Discard   bool   `json:"discard"`
	IOThread  bool   `json:"iothread"`
	SSD       bool   `json:"ssd"`
}

// A NIC is one network device of a guest.
type NIC struct {
	Slot   string `json:"slot"`   // "net0"
	Model  string `json:"model"`  // "virtio"
	Bridge string `json:"bridge"` // bridge or vnet
	MAC    string `json:"mac,omitempty"`
	VLAN   int    `json:"vlan,omitempty"` // 0: untagged
}

// A Storage is one storage as one node sees it.
type Storage struct {
	Name   string `json:"name"`
	Node   string `json:"node"`
	Type   string `json:"type"` // "rbd", "lvmthin", "dir", "cephfs", …
	Shared bool   `json:"shared"`
	// Active is false when the node cannot use the storage now, or is not online.
	Active bool `json:"active"`
	// Content lists what may lie there: "images", "rootdir", "iso", "vztmpl", "snippets", "import", "backup".
	Content    []string `json:"content"`
	TotalBytes int64    `json:"total_bytes"` // as the storage reports it; for RBD this is net of replicas
	UsedBytes  int64    `json:"used_bytes"`
}

// Holds reports whether the storage takes this kind of content.
func (s Storage) Holds(content string) bool { return slices.Contains(s.Content, content) }

// Fills reports whether the storage fills up with what guests write: their disks and backups.
func (s Storage) Fills() bool { return s.Holds("images") || s.Holds("rootdir") || s.Holds("backup") }

// Thin reports whether the storage allocates space as it is written, so that discard gives it back.
func (s Storage) Thin() bool {
	return slices.Contains([]string{"rbd", "lvmthin", "zfspool", "zfs", "cephfs"}, s.Type)
}

// A Bridge is a network of one node that a guest can join.
type Bridge struct {
	Name      string `json:"name"` // "vmbr0"
	Node      string `json:"node"`
	Type      string `json:"type"` // "bridge" or "OVSBridge"
	Active    bool   `json:"active"`
	VLANAware bool   `json:"vlan_aware"`
	CIDR      string `json:"cidr,omitempty"`    // the node's address on it
	Gateway   string `json:"gateway,omitempty"` // empty when the bridge has none
}

// A VNet is a virtual network of the cluster's SDN.
type VNet struct {
	Name      string   `json:"name"`
	Zone      string   `json:"zone"`
	ZoneType  string   `json:"zone_type"` // "vlan", "vxlan", "simple", …
	Tag       int      `json:"tag,omitempty"`
	VLANAware bool     `json:"vlan_aware"`
	Nodes     []string `json:"nodes,omitempty"` // empty: every node
	Subnets   []Subnet `json:"subnets,omitempty"`
}

// OnNode reports whether the vnet exists on that node.
func (v VNet) OnNode(node string) bool { return len(v.Nodes) == 0 || slices.Contains(v.Nodes, node) }

// A Subnet is an address range of a vnet.
type Subnet struct {
	CIDR    string `json:"cidr"`
	Gateway string `json:"gateway,omitempty"`
}

// A Pool is a resource pool.
type Pool struct {
	Name    string `json:"name"`
	Comment string `json:"comment,omitempty"`
}

// An HAGroup is a group of nodes for HA on PVE 8.
type HAGroup struct {
	Name       string         `json:"name"`
	Nodes      map[string]int `json:"nodes"` // node to priority, 0 when none is set
	Restricted bool           `json:"restricted"`
	NoFailback bool           `json:"no_failback"`
}

// An HARule is a rule of PVE 9.
type HARule struct {
	Name      string         `json:"name"`
	Type      string         `json:"type"` // "node-affinity" or "resource-affinity"
	Resources []string       `json:"resources"`
	Nodes     map[string]int `json:"nodes,omitempty"`
	Strict    bool           `json:"strict"`
	Affinity  string         `json:"affinity,omitempty"` // "positive" or "negative"
	Disabled  bool           `json:"disabled"`
}

// An HAService is a guest under HA.
type HAService struct {
	SID   string `json:"sid"` // "vm:101"
	State string `json:"state"`
	Group string `json:"group,omitempty"`
}

// A Volume is an image, ISO, container template, import image or snippet on a storage.
type Volume struct {
	ID        string `json:"id"` // "cephfs:import/noble.qcow2"
	Storage   string `json:"storage"`
	Node      string `json:"node"` // where it was seen; for shared storages the first node
	Content   string `json:"content"`
	Format    string `json:"format,omitempty"`
	SizeBytes int64  `json:"size_bytes"`
}

// An UnknownRef names something that could not be read.
type UnknownRef struct {
	What   string `json:"what"`   // "storage content of pmox04"
	Reason string `json:"reason"` // "node is offline"
}

// Node returns the node of that name.
func (s *Snapshot) Node(name string) (Node, bool) {
	i, ok := slices.BinarySearchFunc(s.Nodes, name, func(n Node, name string) int { return strings.Compare(n.Name, name) })
	if !ok {
		return Node{}, false
	}
	return s.Nodes[i], true
}

// Guest returns the guest with that id.
func (s *Snapshot) Guest(vmid int) (Guest, bool) {
	i, ok := slices.BinarySearchFunc(s.Guests, vmid, func(g Guest, id int) int { return g.VMID - id })
	if !ok {
		return Guest{}, false
	}
	return s.Guests[i], true
}

// Templates returns the templates in order of id.
func (s *Snapshot) Templates() []Guest {
	var ts []Guest
	for _, g := range s.Guests {
		if g.Template {
			ts = append(ts, g)
		}
	}
	return ts
}

// StorageOn returns the row of a storage as one node sees it.
func (s *Snapshot) StorageOn(name, node string) (Storage, bool) {
	for _, st := range s.Storages {
		if st.Name == name && st.Node == node {
			return st, true
		}
	}
	return Storage{}, false
}

// HasNetwork reports whether a bridge or vnet of that name exists on the node.
func (s *Snapshot) HasNetwork(name, node string) bool {
	for _, v := range s.VNets {
		if v.Name == name {
			return v.OnNode(node)
		}
	}
	return slices.ContainsFunc(s.Bridges, func(b Bridge) bool { return b.Name == name && b.Node == node })
}

// Major returns the major version of Proxmox VE, 0 when the version is unknown.
func (s *Snapshot) Major() int { return majorOf(s.Version) }

func majorOf(version string) int {
	major := 0
	for _, r := range version {
		if r < '0' || r > '9' {
			break
		}
		major = major*10 + int(r-'0')
	}
	return major
}
