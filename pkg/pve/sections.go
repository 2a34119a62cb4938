package pve

import (
	"context"
	"strings"
)

// A tier says how often a section is read.
type tier int

const (
	// tierState is read at every reading: what a cluster does.
	tierState tier = iota
	// tierOverview is part of every overview; a refresh keeps it until its bound, like details.
	tierOverview
	// tierDetail changes rarely and is left out of an overview.
	tierDetail
)

// A section is one part of a snapshot that is read and aged on its own. Another one is a row of the table below and a file with its
// read function.
type section struct {
	name string
	tier tier

	// read asks for it, by [part.run] where requests may run side by side. Nil for what the list of resources holds already.
	read func(p *part, ctx context.Context)
	// share puts what was read, from, into a snapshot that is being put together. From is immutable and may be shared with
	// others: take its lists over as they are, or copy what must be joined. To's Nodes, Guests, Storages and Pools are its own.
	share func(to, from *Snapshot)
	// count is the number of things in the whole snapshot.
	count func(s *Snapshot) int

	// basis tells which part of the overview the reading went by: a refresh reads anew when it differs. The states of nodes are
	// part of every basis. Nil: nothing else.
	basis func(overview *Snapshot) string
	// brief sections cost a request or two, change without leaving a task, and a plan goes wrong by them: they are kept for a
	// shorter time.
	brief bool
	// tasks are the types of Proxmox VE's tasks whose start or end changes it. See also the table of effects in tasklist.go.
	tasks []string
	// below is the path of the tree of privileges under which its things lie: where the token holds less, it is incomplete.
	below string
}

// The sections that a survey speaks of by name.
const (
	sectionAccess = "access"
	sectionNodes  = "nodes"
	sectionHA     = "ha"
	sectionTasks  = "tasks"
)

// sections are all parts of a snapshot.
var sections = []section{
	{name: sectionAccess, tier: tierOverview, read: (*part).access,
		share: func(to, from *Snapshot) { to.Version = from.Version },
		count: func(s *Snapshot) int { return len(needed) }},
	{name: sectionNodes, below: "/nodes", count: func(s *Snapshot) int { return len(s.Nodes) }},
	{name: "guests", below: "/vms", count: func(s *Snapshot) int { return len(s.Guests) }},
	{name: "storages", below: "/storage", count: func(s *Snapshot) int { return len(s.Storages) }},
	{name: "pools", below: "/pool", count: func(s *Snapshot) int { return len(s.Pools) }},
	{name: sectionHA, read: (*part).serviceStates,
		share: func(to, from *Snapshot) { to.HAServices, to.HAManager = from.HAServices, from.HAManager },
		count: func(s *Snapshot) int { return len(s.HAServices) }},
	{name: sectionTasks,
		share: func(to, from *Snapshot) { to.Tasks = from.Tasks },
		count: func(s *Snapshot) int { return len(s.Tasks) }},
	{name: "networks", tier: tierOverview, read: (*part).networks, tasks: []string{"reloadnetworkall", "srvreload", "srvrestart"},
		share: func(to, from *Snapshot) { to.Bridges, to.Ports = from.Bridges, from.Ports },
		count: func(s *Snapshot) int { return len(s.Bridges) }},
	{name: "ha_rules", tier: tierDetail, brief: true, read: (*part).highAvailability, basis: servicesOf, share: joinServices,
		count: func(s *Snapshot) int { return len(s.HAGroups) + len(s.HARules) }},
	{name: "ha_nodes", tier: tierDetail, read: (*part).watched, share: joinWatched,
		count: func(s *Snapshot) int { return len(s.HAManager.Nodes) }},
	{name: "votes", tier: tierDetail, read: (*part).votes, share: joinVotes,
		basis: func(overview *Snapshot) string { return overview.Membership.Name },
		count: func(s *Snapshot) int { return s.Membership.ExpectedVotes }},
	{name: "sdn", below: "/sdn", tier: tierDetail, read: (*part).vnets, basis: zonesOf, share: joinZones, tasks: []string{"reloadnetworkall", "srvreload"},
		count: func(s *Snapshot) int { return len(s.VNets) }},
	{name: "pool_comments", tier: tierDetail, read: (*part).pools, basis: poolsOf, share: joinPools,
		count: func(s *Snapshot) int { return len(s.Pools) }},
	{name: "volumes", below: "/storage", tier: tierDetail, read: (*part).volumes, basis: storagesOf, tasks: []string{"download", "imgcopy", "imgdel", "imgpull"},
		share: func(to, from *Snapshot) { to.Volumes = from.Volumes },
		count: func(s *Snapshot) int { return len(s.Volumes) }},
	{name: "templates", below: "/vms", tier: tierDetail, read: (*part).templates, basis: templatesOf, share: joinTemplates,
		tasks: []string{"qmtemplate", "vztemplate", "qmconfig", "resize", "qmmove"},
		count: func(s *Snapshot) int { return len(s.Templates()) }},
	{name: "backup", tier: tierDetail, read: (*part).backup, basis: guestsOf,
		share: func(to, from *Snapshot) { to.Backup = from.Backup },
		count: func(s *Snapshot) int { return len(s.Backup.Jobs) }},
	{name: "ceph", tier: tierDetail, brief: true, read: (*part).ceph,
		share: func(to, from *Snapshot) { to.Ceph = from.Ceph },
		count: func(s *Snapshot) int { return len(s.Ceph.Pools) },
		tasks: []string{"cephcreateosd", "cephdestroyosd", "cephcreatepool", "cephdestroypool", "cephsetpool", "cephcreatemon", "cephdestroymon"}},
	{name: "replication", tier: tierDetail, read: (*part).replication,
		share: func(to, from *Snapshot) { to.Replications = from.Replications },
		count: func(s *Snapshot) int { return len(s.Replications) }},
	{name: "hardware", below: "/nodes", tier: tierDetail, read: (*part).hardware, share: joinHardware,
		count: func(s *Snapshot) int { return len(s.Hardware) }},
	{name: "mappings", below: mappingTree, tier: tierDetail, read: (*part).mappings,
		share: func(to, from *Snapshot) { to.Mappings, to.MappingsRead = from.Mappings, from.MappingsRead },
		count: func(s *Snapshot) int { return len(s.Mappings) }},
}

// basisOf is what the reading of a section goes by: the states of nodes, and what it looks at itself.
func (sec *section) basisOf(overview *Snapshot) string {
	if sec.tier == tierState || sec.name == sectionAccess {
		return ""
	}
	var b strings.Builder
	for _, n := range overview.Nodes {
		b.WriteString(n.Name + "=" + string(n.Status) + " ")
	}
	if sec.basis != nil {
		b.WriteString(sec.basis(overview))
	}
	return b.String()
}
