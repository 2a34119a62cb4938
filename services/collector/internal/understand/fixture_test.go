package understand

import (
	"context"
	"fmt"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/platform"
)

// gib is one GiB in bytes.
const gib = int64(1) << 30

// lab returns the reference laboratory as scenario 4 finds it: pmox04 is off, worker-node-3 runs on pmox01.
func lab() *pve.Snapshot {
	s := &pve.Snapshot{
		TakenAt: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Version: "8.3.0", Quorate: true,
		Nodes: []pve.Node{
			{Name: "pmox01", Status: pve.NodeOnline, CPUs: 20, MemoryBytes: 32 * gib, MemoryUsedBytes: 18 * gib},
			{Name: "pmox02", Status: pve.NodeOnline, CPUs: 20, MemoryBytes: 32 * gib, MemoryUsedBytes: 20 * gib},
			{Name: "pmox03", Status: pve.NodeOnline, CPUs: 20, MemoryBytes: 32 * gib, MemoryUsedBytes: 12 * gib},
			{Name: "pmox04", Status: pve.NodeOffline},
		},
		VNets:    []pve.VNet{{Name: "mainvnet", Zone: "mainzone", ZoneType: "vlan", Tag: 100, Subnets: []pve.Subnet{{CIDR: "192.168.0.0/16", Gateway: "192.168.0.1"}}}},
		Pools:    []pve.Pool{{Name: "Backup-vms-pool"}, {Name: "production"}},
		HAGroups: []pve.HAGroup{{Name: "mainHA", Nodes: map[string]int{"pmox01": 0, "pmox02": 0, "pmox03": 0}, NoFailback: true}},
		Volumes: []pve.Volume{
			{ID: "cephfs:import/noble-server-cloudimg-amd64.qcow2", Storage: "cephfs", Node: "pmox01", Content: "import", Format: "qcow2", SizeBytes: 600 << 20},
			{ID: "cephfs:import/debian-12-generic-amd64.qcow2", Storage: "cephfs", Node: "pmox01", Content: "import", Format: "qcow2", SizeBytes: 400 << 20},
			{ID: "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst", Storage: "cephfs", Node: "pmox01", Content: "vztmpl", Format: "tzst", SizeBytes: 126515062},
			{ID: "cephfs:vztmpl/ubuntu-22.04-standard_22.04-1_amd64.tar.zst", Storage: "cephfs", Node: "pmox01", Content: "vztmpl", Format: "tzst", SizeBytes: 129824858},
			{ID: "cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst", Storage: "cephfs", Node: "pmox01", Content: "vztmpl", Format: "tzst", SizeBytes: 141589318},
			{ID: "local:vztmpl/alpine-3.20-default_20240908_amd64.tar.xz", Storage: "local", Node: "pmox01", Content: "vztmpl", Format: "txz", SizeBytes: 3 << 20},
			{ID: "cephfs:iso/opnsense-24.7.iso", Storage: "cephfs", Node: "pmox01", Content: "iso", Format: "iso", SizeBytes: 2 * gib},
		},
		Unknown: []pve.UnknownRef{{What: "storage content of pmox04", Reason: "node is offline"}},
	}
	for i := 1; i <= 4; i++ {
		node := fmt.Sprintf("pmox%02d", i)
		up := i < 4
		s.Bridges = append(s.Bridges, pve.Bridge{Name: "vmbr0", Node: node, Type: "OVSBridge", Active: up, VLANAware: true, CIDR: fmt.Sprintf("172.25.5.20%d/24", i)})
	}
	for _, st := range []pve.Storage{
		{Name: "cephfs", Type: "cephfs", Shared: true, Content: []string{"iso", "vztmpl", "backup", "import", "snippets"}},
		{Name: "local", Type: "dir", Content: []string{"iso", "vztmpl", "backup"}},
		{Name: "local-lvm", Type: "lvmthin", Content: []string{"images", "rootdir"}},
		{Name: "pmoxpool01", Type: "rbd", Shared: true, Content: []string{"images", "rootdir"}},
	} {
		for i := 1; i <= 4; i++ {
			st.Node, st.Active, st.TotalBytes, st.UsedBytes = fmt.Sprintf("pmox%02d", i), i < 4, 850*gib, 300*gib
			s.Storages = append(s.Storages, st)
		}
	}
	add := func(id int, name, node string, cores, memGiB int, template bool) {
		g := pve.Guest{VMID: id, Name: name, Kind: pve.KindVM, Node: node, Status: pve.GuestRunning, Template: template, CPUs: float64(cores), MemoryBytes: int64(memGiB) * gib, DiskBytes: 32 * gib}
		if template {
			g.Status = pve.GuestStopped
			g.Config = &pve.GuestConfig{Cores: cores, Sockets: 1, MemoryMiB: memGiB * 1024, Boot: "order=scsi0;net0", Agent: true, CloudInit: "ide2", Serial0: true,
				Disks: []pve.Disk{{Slot: "scsi0", Storage: "pmoxpool01", Volume: fmt.Sprintf("pmoxpool01:base-%d-disk-0", id), SizeBytes: 32 * gib}},
				NICs:  []pve.NIC{{Slot: "net0", Model: "virtio", Bridge: "mainvnet"}}}
		}
		s.Guests = append(s.Guests, g)
	}
	add(100, "k3s-template", "pmox01", 2, 2, true)
	add(101, "OPNsense", "pmox01", 2, 4, false)
	add(118, "AI-server", "pmox02", 4, 8, false)
	add(119, "control-node-1", "pmox01", 2, 4, false)
	add(120, "control-node-2", "pmox02", 2, 4, false)
	add(121, "control-node-3", "pmox03", 2, 4, false)
	add(122, "worker-node-1", "pmox02", 6, 8, false)
	add(123, "worker-node-2", "pmox03", 6, 8, false)
	add(124, "worker-node-3", "pmox01", 6, 8, false)
	return s
}

// large returns the laboratory with n further guests.
func large(n int) *pve.Snapshot {
	s := lab()
	for i := range n {
		s.Guests = append(s.Guests, pve.Guest{VMID: 1000 + i, Name: fmt.Sprintf("guest-%c-%d", 'a'+i%26, i), Kind: pve.KindVM, Node: "pmox01", Status: pve.GuestRunning})
	}
	return s
}

// source is a platform adapter for tests.
type source func(context.Context) (*pve.Snapshot, error)

func (source) Name() string                                          { return "test" }
func (f source) Snapshot(ctx context.Context) (*pve.Snapshot, error) { return f(ctx) }

func proxmox() *platform.Registry {
	return platform.New(platform.Row{Name: platform.Proxmox, Title: "Proxmox VE", Adapter: source(func(context.Context) (*pve.Snapshot, error) { return lab(), nil })})
}
