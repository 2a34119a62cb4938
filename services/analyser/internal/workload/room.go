package workload

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Worker is a machine of the plan that becomes a node of the Kubernetes cluster.
type Worker struct {
	Name string
	VMID int
	// Host is the Proxmox VE node under it.
	Host string
	// CPUs are its threads; MemoryMiB its memory in MiB.
	CPUs, MemoryMiB int
}

// What a new worker keeps for itself, and the pods that its kubelet takes: k3s and the system need about half a GiB.
const (
	workerReserveMiB = 512
	workerPods       = 110
)

// AllocatableMiB is what pods find on a new worker.
func (w Worker) AllocatableMiB() int { return max(0, w.MemoryMiB-workerReserveMiB) }

// A room is what one node still has for pods.
type room struct {
	name           string
	vmID           int
	host           string
	planned        bool
	obstacle       string // why nothing new goes there; empty: it may
	detail         string
	cpu, memory    int64 // free: thousandths of a core, MiB
	cpus, memories int64 // allocatable
	pods, gpus     int64
	placed         int // pods of the workload that is being placed
}

// rooms are the nodes of the cluster, then the machines that the plan adds.
func (s *Set) rooms(extra []Worker) []*room {
	var rooms []*room
	for _, n := range s.in.State.GetNodes() {
		r := &room{
			name: n.GetName(), cpus: n.GetAllocatableCpuMilli(), memories: n.GetAllocatableMemoryBytes() >> 20,
			cpu:    n.GetAllocatableCpuMilli() - n.GetRequestedCpuMilli(),
			memory: (n.GetAllocatableMemoryBytes() - n.GetRequestedMemoryBytes()) >> 20,
			pods:   n.GetAllocatablePods() - n.GetPods(),
		}
		for name, count := range n.GetAllocatableExtended() {
			if strings.HasSuffix(name, "/gpu") || strings.HasPrefix(name, "gpu.") {
				r.gpus += count
			}
		}
		if g, ok := MachineOf(s.in.Snapshot, n); ok {
			r.vmID, r.host = g.VMID, g.Node
		}
		switch {
		case !n.GetReady():
			r.obstacle = "not_ready"
		case n.GetUnschedulable():
			r.obstacle = "unschedulable"
		default:
			for _, t := range n.GetTaints() {
				if !strings.HasSuffix(t, ":PreferNoSchedule") {
					r.obstacle, r.detail = "taint", t
					break
				}
			}
		}
		rooms = append(rooms, r)
	}
	for _, w := range extra {
		cpu, memory := int64(w.CPUs)*1000, int64(w.AllocatableMiB())
		rooms = append(rooms, &room{
			name: w.Name, vmID: w.VMID, host: w.Host, planned: true, cpu: cpu, cpus: cpu, memory: memory, memories: memory, pods: workerPods,
		})
	}
	return rooms
}

// MachineOf finds the guest that a node is: by its name, else by an address that its cloud-init gives it.
func MachineOf(s *pve.Snapshot, n *provisov1.KubernetesNode) (pve.Guest, bool) {
	if s == nil {
		return pve.Guest{}, false
	}
	host, _, _ := strings.Cut(n.GetName(), ".")
	i := slices.IndexFunc(s.Guests, func(g pve.Guest) bool {
		return !g.Template && (strings.EqualFold(g.Name, n.GetName()) || strings.EqualFold(g.Name, host))
	})
	if i < 0 {
		i = slices.IndexFunc(s.Guests, func(g pve.Guest) bool { return !g.Template && hasAddress(g, n.GetAddresses()) })
	}
	if i < 0 {
		return pve.Guest{}, false
	}
	return s.Guests[i], true
}

func hasAddress(g pve.Guest, addresses []string) bool {
	if g.Config == nil {
		return false
	}
	for key, line := range g.Config.Lines {
		if !strings.HasPrefix(key, "ipconfig") {
			continue
		}
		if p, err := netip.ParsePrefix(pve.ParseProperty(line, "").Get("ip")); err == nil && slices.Contains(addresses, p.Addr().String()) {
			return true
		}
	}
	return false
}

// fits is how many pods of a workload a node has room for, and what is short where it has none.
func (r *room) fits(p *provisov1.PlannedWorkload) (pods int64, short string) {
	if r.obstacle != "" {
		return 0, r.obstacle
	}
	need := p.GetSizing()
	pods = max(0, r.pods)
	short = "pods"
	for _, bound := range []struct {
		what       string
		free, need int64
	}{
		{"cpu", r.cpu, int64(need.GetCpuMilli())}, {"memory", r.memory, int64(need.GetMemoryMib())}, {"gpu", r.gpus, int64(need.GetGpus())},
	} {
		if bound.need <= 0 {
			continue
		}
		if n := max(0, bound.free/bound.need); n < pods {
			pods, short = n, bound.what
		}
	}
	if pods > 0 {
		short = ""
	}
	return pods, short
}

func (r *room) take(p *provisov1.PlannedWorkload) {
	need := p.GetSizing()
	r.cpu -= int64(need.GetCpuMilli())
	r.memory -= int64(need.GetMemoryMib())
	r.gpus -= int64(need.GetGpus())
	r.pods--
	r.placed++
}

// A Shortage is the pods that find no node. The zero value: every pod finds one.
type Shortage struct {
	Pods      int
	Workloads []string
	// CPUMilli and MemoryMiB are what they request together, LargestCPUMilli and LargestMiB what the largest does.
	CPUMilli, MemoryMiB, LargestCPUMilli, LargestMiB int
	// GPU: one of them needs a GPU.
	GPU bool
}

// Shortage finds the pods that find no node, with those machines added. Nothing is short where no cluster is known.
func (s *Set) Shortage(extra []Worker) Shortage {
	short := s.assign(s.rooms(extra), true, nil)
	if short.Pods > 0 { // apart is a wish, room a condition
		if packed := s.assign(s.rooms(extra), false, nil); packed.Pods < short.Pods {
			return packed
		}
	}
	return short
}

// bySize are the workloads, the largest pods first: small ones find room between them.
func (s *Set) bySize() []*item {
	items := slices.Clone(s.items)
	slices.SortStableFunc(items, func(a, b *item) int {
		return cmp.Compare(b.plan.GetSizing().GetMemoryMib(), a.plan.GetSizing().GetMemoryMib())
	})
	return items
}

// assign gives every pod a node, apart ones each on another host as far as that goes, and calls before for each workload with the
// rooms that it finds.
func (s *Set) assign(rooms []*room, apart bool, before func(*item, []*room)) (short Shortage) {
	if s.in.State == nil && len(rooms) == 0 {
		if before != nil {
			for _, it := range s.items {
				before(it, nil)
			}
		}
		return short
	}
	for _, it := range s.bySize() {
		if before != nil {
			before(it, rooms)
		}
		hosts := map[string]int{}
		for _, r := range rooms {
			r.placed = 0
		}
		it.nodes = nil
		for range s.podsOf(it, rooms) {
			best := best(it, rooms, hosts, apart)
			if best == nil {
				short.add(it.plan)
				continue
			}
			best.take(it.plan)
			hosts[cmp.Or(best.host, best.name)]++
			it.nodes = append(it.nodes, best.name)
		}
	}
	return short
}

// podsOf is how many pods a workload has: a DaemonSet one on each node that takes any.
func (s *Set) podsOf(it *item, rooms []*room) int {
	if it.plan.GetKind() != "daemonset" {
		return int(it.plan.GetReplicas())
	}
	n := 0
	for _, r := range rooms {
		if r.obstacle == "" {
			n++
		}
	}
	return n
}

// best is the node for the next pod: with the fewest of its pods on the host and the node, then with most memory free.
func best(it *item, rooms []*room, hosts map[string]int, apart bool) *room {
	var best *room
	for _, r := range rooms {
		if n, _ := r.fits(it.plan); n == 0 || it.plan.GetKind() == "daemonset" && r.placed > 0 {
			continue
		}
		if best == nil {
			best = r
			continue
		}
		order := cmp.Compare(best.memory, r.memory)
		if !apart {
			order = -order // fill the fullest first
		} else if it.plan.GetSpread() {
			order = cmp.Or(
				cmp.Compare(hosts[cmp.Or(r.host, r.name)], hosts[cmp.Or(best.host, best.name)]), cmp.Compare(r.placed, best.placed), cmp.Compare(best.memory, r.memory),
			)
			if order < 0 {
				best = r
			}
			continue
		}
		if order < 0 {
			best = r
		}
	}
	return best
}

func (short *Shortage) add(p *provisov1.PlannedWorkload) {
	size := p.GetSizing()
	short.Pods++
	short.CPUMilli += int(size.GetCpuMilli())
	short.MemoryMiB += int(size.GetMemoryMib())
	short.LargestCPUMilli = max(short.LargestCPUMilli, int(size.GetCpuMilli()))
	short.LargestMiB = max(short.LargestMiB, int(size.GetMemoryMib()))
	short.GPU = short.GPU || size.GetGpus() > 0
	if !slices.Contains(short.Workloads, p.GetName()) {
		short.Workloads = append(short.Workloads, p.GetName())
	}
}
