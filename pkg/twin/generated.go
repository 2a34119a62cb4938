package twin

import (
	"fmt"
	"math/rand/v2"

	"proviso.dev/pkg/pve"
)

// Generated returns a cluster of any size: nodes of several sizes with room for more, guests with the shapes and loads that are usual, shared and
// local storages, two vnets, one template per eight nodes, and one guest in twenty a container. Equal arguments give equal
// clusters.
func Generated(nodes, guests int, seed uint64) Seed {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	s := Seed{
		Name: "generated", Version: DefaultVersion, Ceph: "HEALTH_OK",
		Nodes: make([]SeedNode, nodes), Guests: make([]SeedGuest, 0, guests),
		Storages: []SeedStorage{
			{Name: "ceph", Type: "rbd", Shared: true, Content: []string{"images", "rootdir"}, TotalBytes: int64(nodes) * 4096 * gib, UsedBytes: int64(guests) * 40 * gib, Options: map[string]string{"pool": "ceph"}},
			{Name: "cephfs", Type: "cephfs", Shared: true, Path: "/mnt/pve/cephfs", Content: []string{"backup", "import", "iso", "snippets", "vztmpl"}, TotalBytes: int64(nodes) * 512 * gib, UsedBytes: int64(nodes) * 100 * gib},
			{Name: "local", Type: "dir", Path: "/var/lib/vz", Content: []string{"backup", "iso", "vztmpl"}, TotalBytes: 94 * gib, UsedBytes: 12 * gib},
			{Name: "local-lvm", Type: "lvmthin", Content: []string{"images", "rootdir"}, TotalBytes: 800 * gib, UsedBytes: 90 * gib, Options: map[string]string{"vgname": "pve", "thinpool": "data"}},
		},
		Volumes: []SeedVolume{
			{ID: "cephfs:import/noble-server-cloudimg-amd64.qcow2", SizeBytes: 7 * gib / 2},
			{ID: "cephfs:iso/debian-12.9.0-amd64-netinst.iso", SizeBytes: 662_700_032},
			{ID: "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst", SizeBytes: 126_515_062},
			{ID: "cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst", SizeBytes: 141_589_318},
		},
		Pools: []pve.Pool{{Name: "production"}, {Name: "staging"}, {Name: "backup"}},
		Zones: []SeedZone{{Name: "zone1", Type: "vlan", Options: map[string]string{"bridge": "vmbr0"}}},
		VNets: []pve.VNet{
			{Name: "apps", Zone: "zone1", ZoneType: "vlan", Tag: 100, Subnets: []pve.Subnet{{CIDR: "10.100.0.0/16", Gateway: "10.100.0.1"}}},
			{Name: "data", Zone: "zone1", ZoneType: "vlan", Tag: 200, Subnets: []pve.Subnet{{CIDR: "10.200.0.0/16", Gateway: "10.200.0.1"}}},
		},
		HAGroups: []pve.HAGroup{{Name: "all", Nodes: map[string]int{}}},
	}
	shapes := []struct {
		cores  int
		memory int64
	}{{16, 128}, {32, 256}, {64, 512}}
	for i := range s.Nodes {
		shape := shapes[r.IntN(len(shapes))]
		name := fmt.Sprintf("node%02d", i+1)
		address := fmt.Sprintf("10.0.%d.%d", i/200, 10+i%200)
		s.Nodes[i] = SeedNode{
			Name: name, Address: address, CPUs: 2 * shape.cores, Cores: shape.cores, CPUModel: "AMD EPYC 9354 32-Core Processor",
			CPUUsage: 0.01 + 0.02*r.Float64(), MemoryBytes: shape.memory * gib, MemoryUsedBytes: (4 + r.Int64N(6)) * gib,
			RootBytes: 94 * gib, RootUsedBytes: 12 * gib, UptimeSeconds: 3600 * (24 + r.Int64N(2000)),
			Interfaces: []SeedInterface{
				{Name: "eno1", Type: "eth"},
				{Name: "vmbr0", Type: "bridge", CIDR: address + "/16", Gateway: "10.0.0.1", Ports: "eno1", VLANAware: true},
			},
		}
		s.HAGroups[0].Nodes[name] = 0
	}
	for i := range guests {
		s.Guests = append(s.Guests, generatedGuest(r, 100+i, s.Nodes[i%nodes].Name, i%8 == 0 && i/8 < (nodes+7)/8))
	}
	makeRoom(s.Nodes, s.Guests)
	return s
}

// makeRoom enlarges nodes until their running guests leave a third of the memory free and ask for no more than three vCPUs a
// thread: a cluster without room would refuse every plan.
func makeRoom(nodes []SeedNode, guests []SeedGuest) {
	memory, cpus := make([]int64, len(nodes)), make([]float64, len(nodes))
	for i, g := range guests {
		if g.Running {
			memory[i%len(nodes)] += g.MemoryBytes
			cpus[i%len(nodes)] += g.CPUs
		}
	}
	for i := range nodes {
		for nodes[i].MemoryBytes*2/3 < memory[i] || float64(nodes[i].CPUs*3) < cpus[i] {
			nodes[i].MemoryBytes, nodes[i].CPUs, nodes[i].Cores = 2*nodes[i].MemoryBytes, 2*nodes[i].CPUs, 2*nodes[i].Cores
		}
	}
}

func generatedGuest(r *rand.Rand, vmid int, node string, template bool) SeedGuest {
	if template {
		return generatedTemplate(vmid, node)
	}
	cores := []int{1, 2, 2, 4, 4, 8}[r.IntN(6)]
	memory := int64(cores) * []int64{1, 2, 2, 4}[r.IntN(4)] * gib
	g := SeedGuest{
		VMID: vmid, Name: fmt.Sprintf("vm-%05d", vmid), Node: node, Running: r.IntN(10) > 0, CPUs: float64(cores), MemoryBytes: memory,
		DiskBytes: []int64{16, 32, 32, 64, 100}[r.IntN(5)] * gib, CPUUsage: r.Float64() * r.Float64() * 0.8,
		MemoryUsedBytes: int64(float64(memory) * (0.3 + 0.6*r.Float64())), UptimeSeconds: 60 * (1 + r.Int64N(60*24*90)),
	}
	switch p := r.IntN(10); {
	case p < 4:
		g.Pool = "production"
	case p < 6:
		g.Pool = "staging"
	}
	if r.IntN(3) == 0 {
		g.Tags = []string{[]string{"db", "web", "worker", "cache"}[r.IntN(4)]}
	}
	if r.IntN(20) == 0 {
		g.Kind, g.Name = pve.KindContainer, fmt.Sprintf("ct-%05d", vmid)
		if r.IntN(4) == 0 {
			g.CPUs = 0.5 // a limit below one CPU, which naive clients cannot read
		}
	}
	return g
}

func generatedTemplate(vmid int, node string) SeedGuest {
	return SeedGuest{
		VMID: vmid, Name: fmt.Sprintf("ubuntu-24.04-%d", vmid), Node: node, Template: true,
		Config: map[string]string{
			"name": fmt.Sprintf("ubuntu-24.04-%d", vmid), "cores": "2", "sockets": "1", "memory": "2048", "cpu": "x86-64-v2-AES", "ostype": "l26", "agent": "1",
			"scsihw": "virtio-scsi-single", "boot": "order=scsi0;net0", "serial0": "socket", "vga": "serial0", "net0": "virtio,bridge=vmbr0",
			"scsi0": fmt.Sprintf("ceph:base-%d-disk-0,discard=on,size=16G", vmid), "ide2": fmt.Sprintf("ceph:vm-%d-cloudinit,media=cdrom", vmid), "ipconfig0": "ip=dhcp",
		},
	}
}
