package twin

import "proviso.dev/pkg/pve"

// A Seed is what a cluster starts from. Its JSON form is the fixture that FromJSON reads. Zero values are the plain choice:
// online, stopped, no pool, no HA.
type Seed struct {
	Name    string `json:"name"`    // of the cluster; empty: a stand-alone node, which is possible with one node only
	Version string `json:"version"` // "8.3.0"; empty: DefaultVersion

	Nodes      []SeedNode      `json:"nodes"`
	Storages   []SeedStorage   `json:"storages"`
	Volumes    []SeedVolume    `json:"volumes,omitempty"` // images, ISOs, templates of containers; guests' disks come from their configuration
	Guests     []SeedGuest     `json:"guests,omitempty"`
	Pools      []pve.Pool      `json:"pools,omitempty"`
	HAGroups   []pve.HAGroup   `json:"ha_groups,omitempty"` // become node affinity rules on PVE 9
	HARules    []pve.HARule    `json:"ha_rules,omitempty"`
	HAServices []pve.HAService `json:"ha_services,omitempty"`
	Zones      []SeedZone      `json:"zones,omitempty"`
	VNets      []pve.VNet      `json:"vnets,omitempty"`

	BackupJobs []map[string]string `json:"backup_jobs,omitempty"` // parameters as POST /cluster/backup takes them
	Downloads  map[string]int64    `json:"downloads,omitempty"`   // URL to size in bytes, for download-url
	Ceph       string              `json:"ceph,omitempty"`        // health while every copy is there, for example "HEALTH_OK"; empty: no Ceph
	CephNodes  []string            `json:"ceph_nodes,omitempty"`  // that have a monitor; empty: every node

	Replications []pve.Replication `json:"replications,omitempty"`
	Mappings     []pve.Mapping     `json:"mappings,omitempty"` // of PCI and USB devices
}

// A SeedNode is one node.
type SeedNode struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"` // without prefix
	Offline bool   `json:"offline,omitempty"`

	CPUs     int     `json:"cpus"` // threads
	Cores    int     `json:"cores,omitempty"`
	Sockets  int     `json:"sockets,omitempty"` // 0: one
	CPUModel string  `json:"cpu_model,omitempty"`
	CPUUsage float64 `json:"cpu_usage,omitempty"` // fraction of CPUs that the node itself uses, without its guests

	MemoryBytes     int64 `json:"memory_bytes"`
	MemoryUsedBytes int64 `json:"memory_used_bytes,omitempty"` // by the node itself, without its guests
	RootBytes       int64 `json:"root_bytes,omitempty"`
	RootUsedBytes   int64 `json:"root_used_bytes,omitempty"`
	UptimeSeconds   int64 `json:"uptime_s,omitempty"` // 0: a day

	Interfaces []SeedInterface `json:"interfaces,omitempty"`
	Disks      []SeedDisk      `json:"disks,omitempty"`     // empty: one NVMe drive
	OSDBytes   []int64         `json:"osd_bytes,omitempty"` // the sizes of its Ceph daemons' disks
	Votes      int             `json:"votes,omitempty"`     // in the cluster; 0: one
}

// A SeedDisk is one physical drive.
type SeedDisk struct {
	Device    string `json:"device"` // "/dev/sda"
	Kind      string `json:"kind"`   // "nvme", "ssd", "hdd", "usb", "unknown"
	Model     string `json:"model,omitempty"`
	SizeBytes int64  `json:"size_bytes"`
	Use       string `json:"use,omitempty"` // "LVM", "ZFS", "partitions"; empty: nothing
	OSD       *int   `json:"osd,omitempty"` // the Ceph daemon that it belongs to; nil: none
}

// A SeedInterface is one entry of a node's network configuration, as GET /nodes/N/network shows it.
type SeedInterface struct {
	Name      string `json:"name"`
	Type      string `json:"type"` // "bridge", "OVSBridge", "eth", "bond", "vlan"
	CIDR      string `json:"cidr,omitempty"`
	Gateway   string `json:"gateway,omitempty"`
	Ports     string `json:"ports,omitempty"`
	VLANAware bool   `json:"vlan_aware,omitempty"`
	Inactive  bool   `json:"inactive,omitempty"`
	Slaves    string `json:"slaves,omitempty"` // of a bond
}

// A SeedStorage is one storage of the cluster's configuration. Sizes are per node where it is not shared.
type SeedStorage struct {
	Name       string            `json:"name"`
	Type       string            `json:"type"` // "rbd", "lvmthin", "dir", "cephfs", "nfs", …
	Content    []string          `json:"content"`
	Shared     bool              `json:"shared,omitempty"`
	Nodes      []string          `json:"nodes,omitempty"` // empty: every node
	Disabled   bool              `json:"disabled,omitempty"`
	Path       string            `json:"path,omitempty"`
	TotalBytes int64             `json:"total_bytes"`
	UsedBytes  int64             `json:"used_bytes,omitempty"`
	UsedOn     map[string]int64  `json:"used_on,omitempty"`  // by node, instead of UsedBytes, where the storage is not shared
	TotalOn    map[string]int64  `json:"total_on,omitempty"` // by node, instead of TotalBytes
	Options    map[string]string `json:"options,omitempty"`  // further keys of its configuration
}

// A SeedVolume is one file on a storage.
type SeedVolume struct {
	ID        string `json:"id"`             // "cephfs:iso/x.iso"
	Node      string `json:"node,omitempty"` // required where the storage is not shared
	SizeBytes int64  `json:"size_bytes"`
	Format    string `json:"format,omitempty"` // empty: from the name
}

// A SeedGuest is one guest.
type SeedGuest struct {
	VMID     int           `json:"vmid"`
	Kind     pve.GuestKind `json:"kind,omitempty"` // empty: qemu
	Name     string        `json:"name"`
	Node     string        `json:"node"`
	Running  bool          `json:"running,omitempty"`
	Template bool          `json:"template,omitempty"`
	Pool     string        `json:"pool,omitempty"`
	Tags     []string      `json:"tags,omitempty"`

	CPUs            float64 `json:"cpus,omitempty"`
	MemoryBytes     int64   `json:"memory_bytes,omitempty"`
	DiskBytes       int64   `json:"disk_bytes,omitempty"`
	CPUUsage        float64 `json:"cpu_usage,omitempty"`         // fraction of CPUs while it runs
	MemoryUsedBytes int64   `json:"memory_used_bytes,omitempty"` // while it runs
	UptimeSeconds   int64   `json:"uptime_s,omitempty"`          // 0: an hour, while it runs

	// Config is the guest's configuration as Proxmox VE stores it. Nil means a plain one derived from the figures above; it is
	// built when somebody asks, so that thousands of guests cost nothing.
	Config map[string]string `json:"config,omitempty"`
	// Agent is how its guest agent behaves; empty: it answers when the configuration enables it.
	Agent AgentMode `json:"agent,omitempty"`
}

// A SeedZone is an SDN zone.
type SeedZone struct {
	Name    string            `json:"name"`
	Type    string            `json:"type"`
	Nodes   []string          `json:"nodes,omitempty"`
	Options map[string]string `json:"options,omitempty"` // further keys, for example "bridge"
}

// AgentMode is how a guest's agent behaves.
type AgentMode string

// The ways a guest agent behaves.
const (
	AgentAnswers   AgentMode = ""          // at once
	AgentSilent    AgentMode = "silent"    // enabled but never there
	AgentForbidden AgentMode = "forbidden" // the caller may not ask it
)

// DefaultVersion is what a seed without a version runs.
const DefaultVersion = "8.4.1"
