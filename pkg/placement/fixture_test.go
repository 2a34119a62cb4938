package placement

import (
	"fmt"
	"slices"

	"proviso.dev/pkg/pve"
)

const gib = int64(1) << 30

// labS2 is the thesis's laboratory with pmox04 off: what placement needs of it.
func labS2() *pve.Snapshot {
	s := &pve.Snapshot{Version: "8.3.0", Quorate: true}
	for i := range 3 {
		s.Nodes = append(s.Nodes, pve.Node{
			Name: fmt.Sprintf("pmox%02d", i+1), Status: pve.NodeOnline,
			CPUs: 20, CPUUsage: 0.05, MemoryBytes: 32 * gib, MemoryUsedBytes: 9 * gib,
		})
	}
	s.Nodes = append(s.Nodes, pve.Node{Name: "pmox04", Status: pve.NodeOffline})
	for _, g := range []struct {
		id, node, cores int
		memory          int64
	}{{101, 1, 2, 4}, {118, 2, 4, 8}, {119, 1, 2, 4}, {120, 2, 2, 4}, {121, 3, 2, 4}, {122, 2, 6, 8}, {123, 3, 6, 8}, {124, 1, 6, 8}} {
		s.Guests = append(s.Guests, pve.Guest{
			VMID: g.id, Kind: pve.KindVM, Node: fmt.Sprintf("pmox%02d", g.node), Status: pve.GuestRunning,
			CPUs: float64(g.cores), MemoryBytes: g.memory * gib,
		})
	}
	for _, n := range s.Nodes {
		s.Storages = append(s.Storages,
			pve.Storage{Name: "local-lvm", Node: n.Name, Type: "lvmthin", Active: n.Online(), Content: []string{"images"}, TotalBytes: 42 * gib},
			pve.Storage{Name: "pmoxpool01", Node: n.Name, Type: "rbd", Shared: true, Active: n.Online(), Content: []string{"images"}, TotalBytes: 850 * gib, UsedBytes: 300 * gib},
		)
		if n.Online() {
			s.Bridges = append(s.Bridges, pve.Bridge{Name: "vmbr0", Node: n.Name, Type: "OVSBridge", Active: true})
		}
	}
	s.VNets = []pve.VNet{{Name: "mainvnet", Zone: "mainzone"}}
	return s
}

// webserver is a small machine on the laboratory's shared storage.
func webserver() Demand {
	return Demand{
		VCPUs: 2, MemoryBytes: 2 * gib,
		Disks:    []Disk{{Storage: "pmoxpool01", Bytes: 32 * gib}},
		Networks: []string{"mainvnet"},
	}
}

// fleet returns n equal demands of one group.
func fleet(n int, d Demand) []Demand { return slices.Repeat([]Demand{d}, n) }

// A plainCluster has online nodes of that many GiB, with that many threads, and nothing on them.
func plainCluster(threads int, memory ...int64) *pve.Snapshot {
	s := &pve.Snapshot{}
	for i, m := range memory {
		s.Nodes = append(s.Nodes, pve.Node{Name: fmt.Sprintf("n%02d", i), Status: pve.NodeOnline, CPUs: threads, MemoryBytes: m * gib})
	}
	return s
}
