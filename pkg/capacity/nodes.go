package capacity

import (
	"math"
	"slices"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// The roles of a node besides running guests. That a node has a monitor of Ceph is not part of a snapshot.
const (
	RoleHAMaster     = "ha-master"
	RoleCephOSD      = "ceph-osd"
	RoleMaintenance  = "maintenance"
	RoleGPU          = "gpu"
	RoleControlPlane = "kubernetes-control-plane" // a guest on it belongs to the control plane of Kubernetes
	RoleWorker       = "kubernetes-worker"        // a guest on it runs workloads of Kubernetes
)

func itoa(n int) string { return strconv.Itoa(n) }

// nodes diagnoses each node.
func (d *diagnosis) nodes() {
	d.memory = make([]outlook, len(d.hosts))
	roles := d.roles()
	for i := range d.hosts {
		h := &d.hosts[i]
		n := &provisov1.NodeDiagnosis{Node: h.Name, Status: string(h.Status), Roles: roles[i]}
		d.out.Nodes = append(d.out.Nodes, n)
		if !h.Node.Online() {
			continue
		}
		n.Cpus, n.CpuUsage, n.Vcpus, n.Guests = int32(h.Node.CPUs), h.CPUUsage, int32(math.Ceil(h.threads)), int32(len(h.guests))
		n.MemoryMib, n.MemoryUsedMib, n.MemoryPromisedMib = h.MemoryBytes/mib, h.MemoryUsedBytes/mib, h.promised/mib
		if h.open {
			n.MemoryFreeMib = max(0, h.FreeBytes) / mib
		}
		d.course(i, n)
	}
}

// course adds what was and what will be.
func (d *diagnosis) course(i int, n *provisov1.NodeDiagnosis) {
	if d.History == nil {
		return
	}
	h := &d.hosts[i]
	series := d.History.Nodes[h.Name]
	if wait, ok := recent(series, pve.MetricIOWait, d.Now); ok {
		n.Iowait = &wait
	}
	if len(series.Values[pve.MetricCPU]) == 0 || len(series.Values[pve.MetricMemoryUsed]) == 0 {
		d.unknown("history of node " + h.Name + ": there is none of CPU or of memory")
	}
	if cpu, ok := d.outlook("CPU of node "+h.Name, series, pve.MetricCPU, day, 1); ok {
		n.CpuTrendPerDay = cpu.Trend.PerDay
		if peak, when, ok := cpu.peak(d.Now, day); ok {
			n.CpuPeak, n.CpuPeakAt = &peak, timestamppb.New(when)
		}
	}
	if memory, ok := d.outlook("memory of node "+h.Name, series, pve.MetricMemoryUsed, week, float64(h.MemoryBytes)); ok {
		d.memory[i] = memory
		n.MemoryTrendMibPerDay = memory.Trend.PerDay / float64(mib)
		if peak, _, ok := memory.peak(d.Now, day); ok {
			used := int64(peak) / mib
			n.MemoryPeakMib = &used
		}
		n.MemoryFullAt, _ = memory.full(d.Now, float64(h.MemoryBytes-h.reserve))
	}
}

// roles are the roles of each node, sorted.
func (d *diagnosis) roles() [][]string {
	roles := make([][]string, len(d.hosts))
	add := func(node, role string) {
		if i, ok := d.at[node]; ok && !slices.Contains(roles[i], role) {
			roles[i] = append(roles[i], role)
		}
	}
	if d.s.HAManager.Master != "" {
		add(d.s.HAManager.Master, RoleHAMaster)
	}
	for _, n := range d.s.HAManager.Nodes {
		if n.State == "maintenance mode" || n.Member == "maintenance" {
			add(n.Node, RoleMaintenance)
		}
	}
	for _, h := range d.s.Hardware {
		if slices.ContainsFunc(h.Disks, func(disk pve.PhysicalDisk) bool { return disk.OSD }) {
			add(h.Node, RoleCephOSD)
		}
	}
	for _, m := range d.s.Mappings {
		if m.GPU() {
			for _, node := range m.Nodes() {
				add(node, RoleGPU)
			}
		}
	}
	if d.Kubernetes != nil {
		byName := make(map[string]*provisov1.KubernetesNode, len(d.Kubernetes.GetNodes()))
		for _, n := range d.Kubernetes.GetNodes() {
			byName[n.GetName()] = n
		}
		for i := range d.hosts {
			for _, g := range d.hosts[i].guests {
				switch n := byName[g.Name]; {
				case n == nil:
				case n.GetControlPlane():
					add(g.Node, RoleControlPlane)
				default:
					add(g.Node, RoleWorker)
				}
			}
		}
	}
	for i := range roles {
		slices.Sort(roles[i])
	}
	return roles
}

// totals are the figures of the cluster as a whole, over the nodes that are online.
func (d *diagnosis) totals() {
	var threads, vcpus, memory, promised float64
	var use []float64
	for i := range d.hosts {
		h := &d.hosts[i]
		if !h.Node.Online() || h.MemoryBytes == 0 {
			continue
		}
		threads, vcpus = threads+float64(h.Node.CPUs), vcpus+h.threads
		memory, promised = memory+float64(h.MemoryBytes), promised+float64(h.promised)
		use = append(use, (h.CPUUsage+float64(h.MemoryUsedBytes)/float64(h.MemoryBytes))/2)
	}
	d.out.VcpuOvercommit, d.out.MemoryOvercommit = ratio(vcpus, threads), ratio(promised, memory)
	d.out.Imbalance = Imbalance(use)
}

// Imbalance is the population standard deviation of the nodes' utilisation divided by its mean: 0 is even. It is the figure by
// which Proxmox VE's own scheduler decides whether to move guests. Utilisation of a node is the mean of that of CPU and memory.
func Imbalance(use []float64) float64 {
	mean, square := 0.0, 0.0
	for _, u := range use {
		mean += u / float64(len(use))
	}
	if mean <= 0 {
		return 0
	}
	for _, u := range use {
		square += (u - mean) * (u - mean) / float64(len(use))
	}
	return math.Sqrt(square) / mean
}

func ratio(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}
