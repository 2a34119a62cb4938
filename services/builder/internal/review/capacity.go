package review

import (
	"fmt"

	"proviso.dev/pkg/pve"
)

const gib = 1 << 30

func (s *subject) demand() map[string]int64 {
	out := map[string]int64{}
	for _, g := range s.everyone {
		if g.started || g.ha != nil {
			out[g.nodeName] += int64(g.memory) << 20
		}
		if have := s.existing(g); have != nil && have.Status == pve.GuestRunning {
			out[g.nodeName] -= have.MemoryBytes // promised already
		}
	}
	return out
}

func nodeMemory(s *subject, report reportFunc) {
	demand := s.demand()
	told := map[string]bool{}
	for _, g := range s.everyone {
		n := s.cluster.nodes[g.nodeName]
		if n == nil || !n.Online() || told[n.Name] {
			continue
		}
		if free := n.MemoryBytes - n.MemoryUsedBytes; demand[n.Name] > free || int64(g.memory)<<20 > n.MemoryBytes {
			told[n.Name] = true
			report(g.address+".memory.dedicated", g.memoryAt(), "node", n.Name, "asked", max(demand[n.Name], int64(g.memory)<<20)>>20, "free", free>>20)
		}
	}
}

func nodeCPUs(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		// Proxmox VE refuses to start a guest with more cores than the node has threads.
		if n := s.cluster.nodes[g.nodeName]; n != nil && n.Online() && n.CPUs > 0 && g.cores*g.sockets > n.CPUs {
			at := g.node
			if c := g.child("cpu"); c != nil {
				at = c
			}
			report(g.address+".cpu.cores", at.where("cores"), "node", n.Name, "asked", g.cores*g.sockets, "have", n.CPUs)
		}
	}
}

func nodeLoss(s *subject, report reportFunc) {
	if s.cluster.online < 2 || len(s.everyone) == 0 {
		return
	}
	demand := s.demand()
	var total, largest, used int64
	for _, n := range s.cluster.Nodes {
		if !n.Online() {
			continue
		}
		total += n.MemoryBytes
		largest = max(largest, n.MemoryBytes)
		used += max(s.cluster.running[n.Name], n.MemoryUsedBytes) + demand[n.Name]
	}
	var asked int64
	for _, d := range demand {
		asked += d
	}
	if asked > 0 && used > total-largest {
		g := s.everyone[0]
		report(g.address+".memory.dedicated", g.memoryAt(), "used", used>>20, "left", (total-largest)>>20)
	}
}

func storageFull(s *subject, report reportFunc) {
	s.storageDemand(func(st *pve.Storage, asked, one int64) (limit int64, over bool) {
		if st.Thin() {
			return st.TotalBytes, one > st.TotalBytes
		}
		return st.TotalBytes - st.UsedBytes, asked > st.TotalBytes-st.UsedBytes
	}, report)
}

func storagePromised(s *subject, report reportFunc) {
	s.storageDemand(func(st *pve.Storage, asked, one int64) (limit int64, over bool) {
		free := st.TotalBytes - st.UsedBytes
		return free, st.Thin() && asked > free && one <= st.TotalBytes
	}, report)
}

// allocated is the size of a disk that a guest has already, in bytes.
func (s *subject) allocated(g *guest, slot string) int64 {
	have := s.existing(g)
	if have == nil || have.Config == nil {
		return 0
	}
	for _, d := range have.Config.Disks {
		if d.Slot == slot {
			return d.SizeBytes
		}
	}
	return 0
}

func (s *subject) storageDemand(over func(st *pve.Storage, asked, one int64) (limit int64, over bool), report reportFunc) {
	type place struct{ storage, node string }
	asked, told := map[place]int64{}, map[place]bool{}
	for _, g := range s.everyone {
		for i, d := range g.disks {
			st := s.cluster.storage(d.storage, g.nodeName)
			if st == nil || !st.Active || st.TotalBytes == 0 {
				continue
			}
			p := place{d.storage, g.nodeName}
			if st.Shared {
				p.node = ""
			}
			one := int64(d.size) * gib
			asked[p] += one - s.allocated(g, d.slot)
			if limit, full := over(st, asked[p], one); full && !told[p] {
				told[p] = true
				report(fmt.Sprintf("%s.disk[%d].size", g.address, i), d.where("size"), "storage", d.storage, "asked", asked[p]/gib, "free", limit/gib)
			}
		}
	}
}
