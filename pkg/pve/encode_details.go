package pve

import (
	"cmp"
	"slices"
	"strings"
)

// cloneDetails gives the snapshot lists of its own, so that they may be sorted.
func (s *Snapshot) cloneDetails() {
	s.HAManager.Nodes, s.Zones, s.Replications, s.Tasks = slices.Clone(s.HAManager.Nodes), slices.Clone(s.Zones), slices.Clone(s.Replications), slices.Clone(s.Tasks)
	s.Backup.Jobs, s.Backup.Uncovered = slices.Clone(s.Backup.Jobs), slices.Clone(s.Backup.Uncovered)
	s.Ceph.Checks, s.Ceph.Pools = slices.Clone(s.Ceph.Checks), slices.Clone(s.Ceph.Pools)
	s.Hardware, s.Ports = slices.Clone(s.Hardware), slices.Clone(s.Ports)
	s.Mappings, s.MappingsRead = slices.Clone(s.Mappings), slices.Clone(s.MappingsRead)
	for i := range s.Mappings {
		s.Mappings[i].Devices = slices.Clone(s.Mappings[i].Devices)
	}
	for i := range s.Hardware {
		s.Hardware[i].Disks = slices.Clone(s.Hardware[i].Disks)
	}
}

// arrangeDetails sorts the lists of details as documented.
func (s *Snapshot) arrangeDetails() {
	arranged(s.HAManager.Nodes, func(a, b HANode) int { return strings.Compare(a.Node, b.Node) })
	arranged(s.Zones, func(a, b Zone) int { return strings.Compare(a.Name, b.Name) })
	arranged(s.Replications, func(a, b Replication) int { return strings.Compare(a.ID, b.ID) })
	arranged(s.Tasks, func(a, b Task) int { return strings.Compare(a.UPID, b.UPID) })
	arranged(s.Backup.Jobs, func(a, b BackupJob) int { return strings.Compare(a.ID, b.ID) })
	arranged(s.Backup.Uncovered, func(a, b int) int { return a - b })
	arranged(s.Ceph.Checks, func(a, b CephCheck) int { return strings.Compare(a.Code, b.Code) })
	arranged(s.Ceph.Pools, func(a, b CephPool) int { return strings.Compare(a.Name, b.Name) })
	arranged(s.Hardware, func(a, b NodeHardware) int { return strings.Compare(a.Node, b.Node) })
	for i := range s.Hardware {
		arranged(s.Hardware[i].Disks, func(a, b PhysicalDisk) int { return strings.Compare(a.Device, b.Device) })
	}
	arranged(s.Ports, func(a, b Port) int { return cmp.Or(strings.Compare(a.Node, b.Node), strings.Compare(a.Name, b.Name)) })
	arranged(s.MappingsRead, cmp.Compare[MappingKind])
	arranged(s.Mappings, func(a, b Mapping) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name)) })
	for i := range s.Mappings {
		arranged(s.Mappings[i].Devices, func(a, b MappingDevice) int {
			return cmp.Or(strings.Compare(a.Node, b.Node), strings.Compare(a.Path, b.Path))
		})
	}
}

// arranged sorts rows where they are not sorted yet; a decoded or shared list is only read.
func arranged[T any](rows []T, compare func(a, b T) int) {
	if !slices.IsSortedFunc(rows, compare) {
		slices.SortStableFunc(rows, compare)
	}
}
