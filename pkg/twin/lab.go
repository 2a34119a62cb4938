package twin

import (
	"fmt"
	"maps"

	"proviso.dev/pkg/pve"
)

// State names a state of the laboratory.
type State string

// The states of the laboratory. S2 is the default, where scenario 4 of the thesis starts.
const (
	S0 State = "S0" // three nodes, without worker-node-3
	S1 State = "S1" // with pmox04 and worker-node-3 on it
	S2 State = "S2" // pmox04 off, worker-node-3 recovered to pmox01
)

const (
	gib = int64(1) << 30
	mib = int64(1) << 20
)

// Values of the laboratory that the thesis states.
const (
	labVersion  = "8.3.0"
	labCPUModel = "12th Gen Intel(R) Core(TM) i7-12700"
	labCores    = 12
	labThreads  = 20 // Proxmox VE counts threads
	labMemory   = 32 * gib
	labGateway  = "172.25.5.1"
	labPool     = "Backup-vms-pool"
	labRBD      = "pmoxpool01"
	labVNet     = "mainvnet"
)

// Lab returns the laboratory of the thesis in one of its states; the empty state is S2. The error is ErrState.
//
// Comments say which values the thesis states; the others are our choice where it is silent.
func Lab(state State) (Seed, error) {
	if state == "" {
		state = S2
	}
	if state != S0 && state != S1 && state != S2 {
		return Seed{}, fmt.Errorf("%w: %q", ErrState, state)
	}
	seed := Seed{
		Name:    "pve-cluster", // stated
		Version: labVersion,    // stated: 8.3
		Ceph:    "HEALTH_OK",   // stated
		Nodes: []SeedNode{
			labNode("pmox01", "172.25.5.201", false), // names and addresses stated
			labNode("pmox02", "172.25.5.202", false),
			labNode("pmox03", "172.25.5.203", false),
		},
		Storages: labStorages(),
		Volumes:  labVolumes(),
		Guests:   labGuests(),
		Pools:    []pve.Pool{{Name: labPool, Comment: "Kubernetes machines and the AI server"}}, // name and members stated
		HAGroups: []pve.HAGroup{{
			Name: "mainHA", Nodes: map[string]int{"pmox01": 0, "pmox02": 0, "pmox03": 0}, NoFailback: true, // stated
			Restricted: false, // ours
		}},
		Zones: []SeedZone{{Name: "mainzone", Type: "vlan", Options: map[string]string{"bridge": "vmbr0", "ipam": "pve"}}}, // name and type stated, bridge ours
		VNets: []pve.VNet{{
			Name: labVNet, Zone: "mainzone", ZoneType: "vlan", // stated
			Tag:     100,                                                            // ours
			Subnets: []pve.Subnet{{CIDR: "192.168.0.0/16", Gateway: "192.168.0.1"}}, // stated
		}},
		BackupJobs: labBackupJobs(),
		Downloads: map[string]int64{ // ours: the images that people ask for first
			"https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img":            612 * mib,
			"https://cloud-images.ubuntu.com/jammy/current/jammy-server-cloudimg-amd64.img":            658 * mib,
			"https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2": 423 * mib,
			"https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2":   397 * mib,
			"https://releases.ubuntu.com/24.04/ubuntu-24.04.1-live-server-amd64.iso":                   2_773_874_688,
			"http://download.proxmox.com/images/system/ubuntu-24.04-standard_24.04-2_amd64.tar.zst":    141_589_318,
			"http://download.proxmox.com/images/system/debian-12-standard_12.7-1_amd64.tar.zst":        126_515_062,
			"http://download.proxmox.com/images/system/alpine-3.20-default_20240908_amd64.tar.xz":      3_194_540,
		},
	}
	for i := range seed.Nodes { // stated: one OSD on each of the first three, on the fourth partition
		seed.Nodes[i].OSDBytes, seed.Nodes[i].Disks[0].OSD = []int64{853*gib + 9*gib/10}, &i
	}
	if state != S0 {
		seed.Nodes = append(seed.Nodes, labNode("pmox04", "172.25.5.205", state == S2)) // address ours: .204 is OPNsense's
		worker := labWorker("worker-node-3", 124, "pmox04")                             // name and id stated
		if state == S2 {
			worker.Node = "pmox01" // stated: recovered there
		}
		seed.Guests = append(seed.Guests, worker)
	}
	for _, g := range seed.Guests {
		if !g.Template { // stated: OPNsense, AI server, Kubernetes nodes
			seed.HAServices = append(seed.HAServices, pve.HAService{SID: fmt.Sprintf("vm:%d", g.VMID), State: "started", Group: "mainHA"})
		}
	}
	return seed, nil
}

func labNode(name, address string, offline bool) SeedNode {
	return SeedNode{
		Name: name, Address: address, Offline: offline,
		CPUs: labThreads, Cores: labCores, Sockets: 1, CPUModel: labCPUModel, MemoryBytes: labMemory, // stated
		CPUUsage: 0.02, MemoryUsedBytes: 5 * gib / 2, // ours: Proxmox VE with a Ceph monitor and one OSD
		Disks:     []SeedDisk{{Device: "/dev/sda", Kind: "nvme", Model: "NVMe SSD", SizeBytes: 1_024_209_543_168, Use: "LVM"}}, // all stated, 953.9 GiB, but for the model
		RootBytes: 34*gib + 7*gib/10, RootUsedBytes: 7 * gib,                                                                   // size stated: 34.7G
		UptimeSeconds: 14 * 24 * 3600,
		Interfaces: []SeedInterface{ // bridge, port and address on the bridge stated
			{Name: "enp1s0", Type: "eth"},
			{Name: "vmbr0", Type: "OVSBridge", CIDR: address + "/24", Gateway: labGateway, Ports: "enp1s0"},
		},
	}
}

func labStorages() []SeedStorage {
	return []SeedStorage{
		{
			Name: "cephfs", Type: "cephfs", Shared: true, Path: "/mnt/pve/cephfs", // name and kind stated: shared files and backups
			Content:    []string{"backup", "import", "iso", "snippets", "vztmpl"}, // ours
			TotalBytes: 700 * gib, UsedBytes: 60 * gib,
		},
		{
			Name: "local", Type: "dir", Path: "/var/lib/vz", // installed by default
			Content: []string{"backup", "iso", "vztmpl"}, TotalBytes: 34*gib + 7*gib/10, UsedBytes: 7 * gib,
		},
		{
			Name: "local-lvm", Type: "lvmthin", Options: map[string]string{"vgname": "pve", "thinpool": "data"}, // installed by default
			Content: []string{"images", "rootdir"}, TotalBytes: 42 * gib, UsedBytes: 0, // size stated: data thin 42G
		},
		{
			Name: labRBD, Type: "rbd", Shared: true, Options: map[string]string{"pool": labRBD, "krbd": "0"}, // stated: RBD for disks
			Content: []string{"images", "rootdir"},
			// Derived: three OSDs of 853.9 GiB, each object three times.
			TotalBytes: 853*gib + 9*gib/10, UsedBytes: 118 * gib,
		},
	}
}

// labVolumes are our choice, except that the noble image lies in ISO storage of pmox01's local.
func labVolumes() []SeedVolume {
	return []SeedVolume{
		{ID: "cephfs:import/noble-server-cloudimg-amd64.qcow2", SizeBytes: 7 * gib / 2, Format: "qcow2"},
		{ID: "cephfs:iso/OPNsense-24.7-dvd-amd64.iso", SizeBytes: 2_203_060_224},
		{ID: "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst", SizeBytes: 126_515_062},
		{ID: "cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst", SizeBytes: 141_589_318},
		{ID: "local:iso/noble-server-cloudimg-amd64.img", Node: "pmox01", SizeBytes: 7 * gib / 2, Format: "iso"},
	}
}

// labGuests are the guests of S0. Names and ids 100 and 101, OPNsense's size and networks, and the size of worker-node-2 are
// stated; the rest is ours: see labWorker for workers, 2 cores and 4 GiB for control planes, 4 and 8 for the AI server, all
// disks 32 GiB on the RBD pool, and hosts so that pmox03 has most memory free in S2.
func labGuests() []SeedGuest {
	opnsense := labGuest(101, "OPNsense", "pmox01", 2, 4, 0.06, 13*gib/10) // 2 cores, 4 GB stated
	opnsense.Pool = ""
	opnsense.Config["ostype"] = "other"
	opnsense.Config["net0"] = "virtio,bridge=" + labVNet // stated: LAN
	opnsense.Config["net1"] = "virtio,bridge=vmbr0"      // stated: WAN
	delete(opnsense.Config, "agent")
	for _, key := range []string{"ide2", "ipconfig0", "ciuser", "serial0", "vga"} { // installed from an ISO
		delete(opnsense.Config, key)
	}
	return []SeedGuest{
		labTemplate(),
		opnsense,
		labGuest(118, "AI-server", "pmox02", 4, 8, 0.05, 5*gib),
		labGuest(119, "control-node-1", "pmox01", 2, 4, 0.12, 27*gib/10),
		labGuest(120, "control-node-2", "pmox02", 2, 4, 0.10, 26*gib/10),
		labGuest(121, "control-node-3", "pmox03", 2, 4, 0.11, 26*gib/10),
		labWorker("worker-node-1", 122, "pmox02"),
		labWorker("worker-node-2", 123, "pmox03"),
	}
}

// labWorker has 6 cores and 8 GB, which the thesis states for worker-node-2.
func labWorker(name string, vmid int, node string) SeedGuest {
	return labGuest(vmid, name, node, 6, 8, 0.15, 5*gib)
}

func labGuest(vmid int, name, node string, cores, memoryGiB int, cpu float64, used int64) SeedGuest {
	volume := fmt.Sprintf("%s:vm-%d-disk-0", labRBD, vmid)
	address := "ip=dhcp" // stated for the template; ours for the AI server
	if static := labAddresses[vmid]; static != "" {
		address = "ip=" + static + "/16,gw=192.168.0.1"
	}
	config := map[string]string{
		"name": name, "cores": itoa(cores), "sockets": "1", "cpu": "x86-64-v2-AES", "memory": itoa(memoryGiB * 1024), "balloon": "0", "onboot": "1", "numa": "0",
		"scsi0": volume + ",discard=on,iothread=1,size=32G", "ide2": fmt.Sprintf("%s:vm-%d-cloudinit,media=cdrom", labRBD, vmid),
		"net0": "virtio,bridge=" + labVNet, "ipconfig0": address, "ciuser": "admin-ubt",
	}
	maps.Copy(config, labMachine)
	return SeedGuest{
		VMID: vmid, Name: name, Node: node, Running: true, Pool: labPool, Config: config,
		CPUUsage: cpu, MemoryUsedBytes: used, UptimeSeconds: 9 * 24 * 3600,
	}
}

// labAddresses are ours: the thesis gives no static address of a guest but OPNsense.
var labAddresses = map[int]string{
	119: "192.168.0.3", 120: "192.168.0.4", 121: "192.168.0.5", 122: "192.168.0.6", 123: "192.168.0.7", 124: "192.168.0.8",
}

// labMachine is what the template gives every clone, as stated: controller, console, boot order, agent.
var labMachine = map[string]string{
	"scsihw": "virtio-scsi-pci", "serial0": "socket", "vga": "serial0", "agent": "1", "ostype": "l26", "boot": "order=ide2;scsi0;net0",
}

func labTemplate() SeedGuest {
	config := map[string]string{
		"name": "k3s-template", "cores": "2", "sockets": "1", "memory": "2048", // stated
		"scsi0": labRBD + ":base-100-disk-0,size=32G", // 32G stated; on the pool rather than local-lvm, so that every node can clone it
		"ide2":  labRBD + ":vm-100-cloudinit,media=cdrom",
		"net0":  "virtio,bridge=vmbr0", "ciuser": "admin-ubt", "ipconfig0": "ip=dhcp", // stated
	}
	maps.Copy(config, labMachine)
	return SeedGuest{VMID: 100, Name: "k3s-template", Node: "pmox01", Template: true, Config: config}
}

// labBackupJobs are stated but for the retention.
func labBackupJobs() []map[string]string {
	return []map[string]string{
		{"id": "backup-k3s", "schedule": "*/30", "pool": labPool, "mode": "snapshot", "storage": "cephfs", "enabled": "1", "compress": "zstd", "prune-backups": "keep-last=8"},
		{"id": "backup-all", "schedule": "21:00", "all": "1", "mode": "stop", "storage": "cephfs", "enabled": "1", "compress": "zstd", "prune-backups": "keep-daily=7"},
	}
}
