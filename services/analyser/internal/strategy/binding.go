package strategy

import (
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// The kinds of device, as the intent and placement call them.
const (
	deviceGPU = "gpu"
	devicePCI = "pci"
)

// Options are what placement counts beyond a snapshot: what is usable of storages and what is expected of nodes, by the diagnosis, and
// devices. The diagnosis may be nil.
func Options(s *pve.Snapshot, a *provisov1.InfrastructureAnalysis) placement.Options {
	o := placement.Options{Mappings: Mappings(s), Usable: map[placement.StorageOn]int64{}, Peaks: map[string]placement.Peak{}}
	for _, row := range a.GetStorages() {
		if !row.GetActive() {
			continue
		}
		node := row.GetNode()
		for _, st := range s.Storages {
			if st.Name == row.GetStorage() && st.Active && (node == "" || node == st.Node) {
				o.Usable[placement.StorageOn{Storage: st.Name, Node: st.Node}] = row.GetUsableBytes()
				break
			}
		}
	}
	for _, n := range a.GetNodes() {
		if n.CpuPeak == nil {
			continue
		}
		peak := placement.Peak{CPU: n.GetCpuPeak(), MemoryBytes: n.GetMemoryPeakMib() << 20}
		if n.GetCpuPeakAt() != nil {
			peak.At = n.GetCpuPeakAt().AsTime()
		}
		o.Peaks[n.GetNode()] = peak
	}
	return o
}

// Mappings are the PCI devices of a snapshot as placement takes them: how many each node has under a name, and how many guests have
// been given already, as far as their configuration was read.
func Mappings(s *pve.Snapshot) []placement.Mapping {
	var mappings []placement.Mapping
	for _, m := range s.Mappings {
		if m.Kind != pve.MappingPCI {
			continue
		}
		p := placement.Mapping{Name: m.Name, Kind: devicePCI, Nodes: map[string]int{}, InUse: map[string]int{}}
		if m.GPU() {
			p.Kind = deviceGPU
		}
		for _, device := range m.Devices {
			p.Nodes[device.Node]++
		}
		users, _ := s.MappingUsers(m)
		for _, id := range users {
			if g, ok := s.Guest(id); ok {
				p.InUse[g.Node]++
			}
		}
		mappings = append(mappings, p)
	}
	return mappings
}

// device is the wish as placement takes it.
func device(want *provisov1.Device) placement.Device {
	if name := want.GetMapping(); name != "" {
		return placement.Device{Mapping: name}
	}
	return placement.Device{Kind: want.GetKind()}
}
