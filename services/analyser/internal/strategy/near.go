package strategy

import (
	"slices"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
)

// nearCeph is what a group may be asked to be near: the nodes that hold Ceph's disks.
const nearCeph = "ceph"

func (g *group) nearCeph() bool { return slices.Contains(g.wish.GetPlacement().GetNear(), nearCeph) }

// prefer makes the wish to be near Ceph a preference of the group: a node with an OSD before one without, where both have room.
func (d *Draft) prefer(g *group) {
	if !g.nearCeph() {
		return
	}
	for _, node := range d.cephNodes() {
		g.demand.Prefer = append(g.demand.Prefer, placement.Preference{Node: node, Weight: 1, Reason: d.say("near.reason", "node", node)})
	}
}

// cephNodes are the nodes online that hold disks of Ceph, in order of name.
func (d *Draft) cephNodes() []string {
	var nodes []string
	for _, n := range d.in.Snapshot.Nodes {
		if n.Online() && d.holdsOSD(n.Name) {
			nodes = append(nodes, n.Name)
		}
	}
	return nodes
}

func (d *Draft) holdsOSD(node string) bool {
	if slices.Contains(capacity.Node(d.in.Analysis, node).GetRoles(), capacity.RoleCephOSD) {
		return true
	}
	h, ok := d.in.Snapshot.HardwareOf(node)
	return ok && slices.ContainsFunc(h.Disks, func(disk pve.PhysicalDisk) bool { return disk.OSD })
}
