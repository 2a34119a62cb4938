package pve

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Membership is who belongs to the cluster and how much weight they have. The zero value was not read.
type Membership struct {
	// Read reports that the membership was read.
	Read bool `json:"read,omitempty"`
	// Name is the cluster's own name; empty for a stand-alone node, which has one vote of one.
	Name string `json:"name,omitempty"`
	// Votes are the votes of the nodes that are online, ExpectedVotes those of all. Both are 0 when they could not be read. The
	// vote of a QDevice is in neither: the API does not tell it.
	Votes         int `json:"votes,omitempty"`
	ExpectedVotes int `json:"expected_votes,omitempty"`
	// NodeVotes are the votes by node.
	NodeVotes map[string]int `json:"node_votes,omitempty"`
}

// Needed is the number of votes that make a majority, 0 when the votes are unknown.
func (m Membership) Needed() int {
	if m.ExpectedVotes == 0 {
		return 0
	}
	return m.ExpectedVotes/2 + 1
}

// An HAManager is the state of the part of Proxmox VE that restarts guests elsewhere. The zero value was not read.
type HAManager struct {
	// Read reports that the manager's state was read: with it, an empty Master means that HA was never used.
	Read bool `json:"read,omitempty"`
	// Quorate is whether the manager has quorum.
	Quorate bool `json:"quorate,omitempty"`
	// Master is the node whose manager decides.
	Master string `json:"master,omitempty"`
	// State of the master: "active", "idle", or why it is doubtful, as Proxmox VE words it ("old timestamp - dead?").
	State string `json:"state,omitempty"`
	// Nodes are the local managers, sorted by node.
	Nodes []HANode `json:"nodes,omitempty"`
}

// An HANode is the local HA manager of one node.
type HANode struct {
	Node string `json:"node"`
	// State is what the local manager does, as Proxmox VE words it: "idle", "active", "maintenance mode", "old timestamp - dead?".
	State string `json:"state"`
	// Member is how the master sees the node: "online", "maintenance", "unknown", "fence", "gone"; empty when it was not read.
	Member string `json:"member,omitempty"`
}

// A Zone is an SDN zone that is applied.
type Zone struct {
	Name string `json:"name"`
	Type string `json:"type"` // "simple", "vlan", "qinq", "vxlan", "evpn"
	// Nodes on which it exists, sorted; empty: every node.
	Nodes  []string `json:"nodes,omitempty"`
	Bridge string   `json:"bridge,omitempty"` // of vlan and qinq zones
	// MTU in bytes; 0: Proxmox VE's default.
	MTU int `json:"mtu,omitempty"`
	// States by node: "available" or "ok" where it works, "error", "unknown" for a node that does not answer.
	States map[string]string `json:"states,omitempty"`
}

// BrokenOn returns the nodes on which the zone is known not to work, sorted.
func (z Zone) BrokenOn() []string {
	var broken []string
	for node, state := range z.States {
		if state != "available" && state != "ok" && state != "unknown" && state != "" {
			broken = append(broken, node)
		}
	}
	slices.Sort(broken)
	return broken
}

// A Backup is what is saved of the guests, and when. The zero value was not read.
type Backup struct {
	// Jobs are sorted by id. JobsRead tells an empty list from one that could not be read.
	Jobs     []BackupJob `json:"jobs,omitempty"`
	JobsRead bool        `json:"jobs_read,omitempty"`
	// Uncovered are the ids of guests that no job names, sorted. Proxmox VE counts a job that is switched off as one that covers.
	Uncovered    []int `json:"uncovered,omitempty"`
	CoverageRead bool  `json:"coverage_read,omitempty"`
}

// A BackupJob is one entry of the cluster's backup schedule. One of All, Pool and VMIDs says which guests it takes.
type BackupJob struct {
	ID       string `json:"id"`
	Enabled  bool   `json:"enabled"`
	Schedule string `json:"schedule"` // calendar event, "*/30" or "sat 21:00"
	Storage  string `json:"storage,omitempty"`
	Mode     string `json:"mode"`           // "snapshot", "suspend" or "stop"
	Node     string `json:"node,omitempty"` // only guests of that node; empty: of every node
	All      bool   `json:"all,omitempty"`
	Pool     string `json:"pool,omitempty"` // with the pools below it
	VMIDs    []int  `json:"vmids,omitempty"`
	Exclude  []int  `json:"exclude,omitempty"` // of All
	// Retention is what is kept, by "keep-last", "keep-hourly", "keep-daily", "keep-weekly", "keep-monthly", "keep-yearly" and
	// "keep-all"; nil: the job does not say, so that the storage's own rule holds.
	Retention map[string]int `json:"retention,omitempty"`
	Comment   string         `json:"comment,omitempty"`
}

// Takes reports whether the job, when it runs, saves the guest.
func (j BackupJob) Takes(g Guest) bool {
	if j.Node != "" && j.Node != g.Node {
		return false
	}
	switch {
	case j.Pool != "":
		return g.Pool == j.Pool || strings.HasPrefix(g.Pool, j.Pool+"/")
	case len(j.VMIDs) > 0:
		return slices.Contains(j.VMIDs, g.VMID)
	}
	return j.All && !slices.Contains(j.Exclude, g.VMID)
}

// BackedUp reports whether a job that is switched on saves the guest. It is not known when the jobs could not be read, unless
// Proxmox VE names the guest as one that no job takes, nor of a guest that is not in the snapshot.
func (s *Snapshot) BackedUp(vmid int) (covered, known bool) {
	g, ok := s.Guest(vmid)
	if !ok {
		return false, false
	}
	if s.Backup.CoverageRead && slices.Contains(s.Backup.Uncovered, vmid) {
		return false, true
	}
	if !s.Backup.JobsRead {
		return false, false
	}
	return slices.ContainsFunc(s.Backup.Jobs, func(j BackupJob) bool { return j.Enabled && j.Takes(g) }), true
}

// A Replication is a job that copies the disks of a guest to another node.
type Replication struct {
	ID       string `json:"id"` // "100-0"
	VMID     int    `json:"vmid"`
	Source   string `json:"source,omitempty"` // empty: the node on which the guest is
	Target   string `json:"target"`
	Schedule string `json:"schedule"` // calendar event
	// RateMBs limits it, in MB/s; 0: not limited.
	RateMBs  float64 `json:"rate_mb_s,omitempty"`
	Disabled bool    `json:"disabled,omitempty"`
	Comment  string  `json:"comment,omitempty"`
}

// A Task is something that the cluster is doing now.
type Task struct {
	UPID string `json:"upid"`
	Node string `json:"node"`
	Type string `json:"type"`         // "qmclone", "vzdump", …
	ID   string `json:"id,omitempty"` // of what it works on, most often a guest's
	User string `json:"user"`
	// StartedAt is UTC.
	StartedAt time.Time `json:"started_at"`
}

// VMID returns the guest that the task works on, 0 when it is none.
func (t Task) VMID() int {
	id, err := strconv.Atoi(t.ID)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

// A NodeHardware is what a node is made of. Nodes that could not be asked have none and are named in Unknown; so are disks that
// could not be read.
type NodeHardware struct {
	Node string `json:"node"`
	// PVEVersion is the release of that node's manager, "8.3.0"; Kernel the release that runs.
	PVEVersion string `json:"pve_version,omitempty"`
	Kernel     string `json:"kernel,omitempty"`
	CPUModel   string `json:"cpu_model,omitempty"`
	// Sockets, Cores of all sockets together, and Threads, which is what Proxmox VE counts as processors.
	Sockets     int   `json:"sockets"`
	Cores       int   `json:"cores"`
	Threads     int   `json:"threads"`
	MemoryBytes int64 `json:"memory_bytes"`
	// Disks are physical, sorted by device. DisksRead tells none from not read.
	Disks     []PhysicalDisk `json:"disks,omitempty"`
	DisksRead bool           `json:"disks_read,omitempty"`
}

// A PhysicalDisk is a drive of a node.
type PhysicalDisk struct {
	Device string `json:"device"` // "/dev/nvme0n1"
	// Kind is "nvme", "ssd", "hdd" or "usb"; empty when Proxmox VE cannot tell.
	Kind      string `json:"kind,omitempty"`
	Model     string `json:"model,omitempty"`
	SizeBytes int64  `json:"size_bytes"`
	// Use is what it serves, as Proxmox VE words it: "LVM", "ZFS", "partitions"; empty: nothing.
	Use string `json:"use,omitempty"`
	// OSD reports that a daemon of Ceph lives on it, or on a part of it.
	OSD bool `json:"osd,omitempty"`
}

// A Port is a physical network interface of a node, or a bond of several. The API does not tell speeds.
type Port struct {
	Node   string `json:"node"`
	Name   string `json:"name"`
	Type   string `json:"type"` // "eth", "bond" or "OVSBond"
	Active bool   `json:"active"`
	// Members are the interfaces of a bond, sorted.
	Members []string `json:"members,omitempty"`
}

// HardwareOf returns what a node is made of, when it was read.
func (s *Snapshot) HardwareOf(node string) (NodeHardware, bool) {
	for _, h := range s.Hardware {
		if h.Node == node {
			return h, true
		}
	}
	return NodeHardware{}, false
}

// PortsOf returns the physical interfaces of a node.
func (s *Snapshot) PortsOf(node string) []Port {
	var ports []Port
	for _, p := range s.Ports {
		if p.Node == node {
			ports = append(ports, p)
		}
	}
	return ports
}

// CPUModels returns the nodes by the model of their processor, as far as that was read. More than one model means that a guest
// with CPU type "host" may not move freely.
func (s *Snapshot) CPUModels() map[string][]string {
	models := map[string][]string{}
	for _, h := range s.Hardware {
		if h.CPUModel != "" {
			models[h.CPUModel] = append(models[h.CPUModel], h.Node)
		}
	}
	return models
}
