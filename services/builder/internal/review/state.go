package review

import (
	"fmt"
	"maps"
	"slices"

	"proviso.dev/pkg/pve"
)

// stateRules hold the manifest against the cluster and against itself: what exists, what is free, what fits.
var stateRules = []rule{
	{id: "PMX018", stage: StageState, severity: Error, check: vmIDs},
	{id: "PMX030", stage: StageState, severity: Error, cluster: true, check: haGroupsOnNine},
	{id: "PMX032", stage: StageState, severity: Error, cluster: true, check: haNeedsSharedStorage},
	{id: "PMX034", stage: StageState, severity: Warning, cluster: true, check: haNeedsThreeNodes},
	{id: "PMX038", stage: StageState, severity: Warning, cluster: true, check: templateDisksDeclared},
	{id: "PMX039", stage: StageState, severity: Error, cluster: true, check: diskBelowTemplate},
	{id: "PMX042", stage: StageState, severity: Warning, cluster: true, check: linkedCloneOfLocal},
	{id: "PMX043", stage: StageState, severity: Error, cluster: true, check: cloneAcrossNodes},
	{id: "PMX047", stage: StageState, severity: Error, cluster: true, check: contentTypes},
	{id: "PMX049", stage: StageState, severity: Error, cluster: true, check: unknownNames},
	{id: "PMX049", stage: StageState, severity: Error, cluster: true, check: containerTemplates},
	{id: "state.container_template_elsewhere", stage: StageState, severity: Error, cluster: true, check: containerTemplateElsewhere},
	{id: "PMX020", stage: StageState, severity: Warning, cluster: true, check: agentUnseen},
	{id: "PMX099", stage: StageState, severity: Warning, cluster: true, check: serialConsole},
	{id: "PMX101", stage: StageState, severity: Warning, cluster: true, check: nodeLoss},
	{id: "state.node_offline", stage: StageState, severity: Error, cluster: true, check: offlineNodes},
	{id: "state.not_a_template", stage: StageState, severity: Error, cluster: true, check: notTemplates},
	{id: "state.template_elsewhere", stage: StageState, severity: Error, cluster: true, check: templateElsewhere},
	{id: "state.storage_inactive", stage: StageState, severity: Error, cluster: true, check: inactiveStorages},
	{id: "state.import_unknown", stage: StageState, severity: Error, check: importTargets},
	{id: "state.import_differs", stage: StageState, severity: Error, check: importIdentities},
	{id: "state.name_taken", stage: StageState, severity: Error, check: guestNames},
	{id: "state.slot_taken", stage: StageState, severity: Error, check: deviceSlots},
	{id: "state.address_repeated", stage: StageState, severity: Error, check: ipAddresses},
	{id: "state.mac_repeated", stage: StageState, severity: Error, check: macAddresses},
	{id: "state.already_exists", stage: StageState, severity: Error, cluster: true, check: alreadyExists},
	{id: "state.ha_group_unknown", stage: StageState, severity: Error, cluster: true, check: haTargets},
	{id: "state.node_memory", stage: StageState, severity: Error, cluster: true, check: nodeMemory},
	{id: "state.node_cpus", stage: StageState, severity: Error, cluster: true, check: nodeCPUs},
	{id: "state.storage_space", stage: StageState, severity: Error, cluster: true, check: storageFull},
	{id: "state.storage_promised", stage: StageState, severity: Warning, cluster: true, check: storagePromised},
}

func haGroupsOnNine(s *subject, report reportFunc) {
	if s.cluster.Major() < 9 {
		return
	}
	for _, in := range s.instances[typeHAGroup] {
		report(in.address, in.at)
	}
	for _, in := range s.instances[typeHAResource] {
		if in.has("group") {
			report(in.address+".group", in.where("group"))
		}
	}
}

func haNeedsSharedStorage(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if g.ha == nil {
			continue
		}
		for _, v := range g.volumesOn() {
			if st := s.cluster.storage(v.storage, g.nodeName); st != nil && !st.Shared {
				report(v.address, v.at.where("datastore_id"), "storage", v.storage)
			}
		}
	}
}

// A volume is anything of a guest that lies on a storage.
type volume struct {
	storage, address string
	at               *node
}

func (g *guest) volumesOn() []volume {
	var out []volume
	for i, d := range g.disks {
		if !g.unknown["disk.datastore_id"] {
			out = append(out, volume{d.storage, fmt.Sprintf("%s.disk[%d]", g.address, i), d.node})
		}
	}
	if g.init != nil && g.ct == nil && !g.unknown["initialization.datastore_id"] {
		out = append(out, volume{g.init.storage, g.address + ".initialization", g.init.node})
	}
	for _, name := range []string{"efi_disk", "tpm_state"} {
		if n := g.child(name); n != nil {
			if storage, ok := n.orText("datastore_id", defaultStorage); ok {
				out = append(out, volume{storage, g.address + "." + name, n})
			}
		}
	}
	return out
}

func haNeedsThreeNodes(s *subject, report reportFunc) {
	if len(s.cluster.Nodes) >= 3 {
		return
	}
	for _, in := range s.instances[typeHAResource] {
		report(in.address, in.at, "nodes", len(s.cluster.Nodes))
	}
}

// of returns the template that a guest is cloned from, with its configuration; nil when that is not known.
func contentTypes(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		for _, v := range g.volumesOn() {
			if st := s.cluster.storage(v.storage, g.nodeName); st != nil && !st.Holds(g.content()) {
				report(v.address+".datastore_id", v.at.where("datastore_id"), "storage", v.storage, "content", g.content())
			}
		}
	}
	for _, in := range s.instances[typeDownload] {
		store, _ := in.text("datastore_id")
		nodeName, _ := in.text("node_name")
		content, ok := in.text("content_type")
		if st := s.cluster.storage(store, nodeName); ok && st != nil && !st.Holds(content) {
			report(in.address+".datastore_id", in.where("datastore_id"), "storage", store, "content", content)
		}
	}
}

// unknownNames reports what the cluster does not have, or not on that node.
func unknownNames(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if !g.unknown["node_name"] && s.cluster.nodes[g.nodeName] == nil {
			report(g.address+".node_name", g.where("node_name"), "what", "node", "name", g.nodeName, "on", "")
			continue
		}
		if g.clone != nil {
			if !g.unknown["clone.vm_id"] && s.cluster.guests[g.clone.id] == nil {
				report(g.address+".clone.vm_id", g.clone.where("vm_id"), "what", "template", "name", g.clone.id, "on", "")
			}
			if n := g.clone.nodeName; n != "" && s.cluster.nodes[n] == nil {
				report(g.address+".clone.node_name", g.clone.where("node_name"), "what", "node", "name", n, "on", "")
			}
			if n := g.clone.datastore; n != "" && s.cluster.storage(n, g.nodeName) == nil {
				report(g.address+".clone.datastore_id", g.clone.where("datastore_id"), "what", "storage", "name", n, "on", g.nodeName)
			}
		}
		for _, v := range g.volumesOn() {
			if s.cluster.storage(v.storage, g.nodeName) == nil {
				report(v.address+".datastore_id", v.at.where("datastore_id"), "what", "storage", "name", v.storage, "on", g.nodeName)
			}
		}
		for i, n := range g.nics {
			if !g.unknown[g.nicBlock()+".bridge"] && !s.cluster.network(n.bridge, g.nodeName) && !s.createsNetwork(n.bridge) {
				report(fmt.Sprintf("%s.%s[%d].bridge", g.address, g.nicBlock(), i), n.where("bridge"), "what", "network", "name", n.bridge, "on", g.nodeName)
			}
		}
		for i, d := range g.devices {
			if d.mapping != "" && s.cluster.MappingsKnown(pve.MappingPCI) && !s.cluster.maps(d.mapping, g.nodeName) {
				report(fmt.Sprintf("%s.hostpci[%d].mapping", g.address, i), d.where("mapping"), "what", "mapping", "name", d.mapping, "on", g.nodeName)
			}
		}
		if g.pool != "" && !s.cluster.pools[g.pool] && !s.pools[g.pool] {
			report(g.address+".pool_id", g.where("pool_id"), "what", "pool", "name", g.pool, "on", "")
		}
		for i, d := range g.disks {
			// An image on a storage whose content could not be read may be there all the same.
			if id := d.importFrom; id != "" && !s.cluster.volumes[id] && !s.volumes[id] && len(s.cluster.Volumes) > 0 {
				report(fmt.Sprintf("%s.disk[%d].import_from", g.address, i), d.where("import_from"), "what", "image", "name", id, "on", "")
			}
		}
	}
	for _, in := range s.instances[typeDownload] {
		n, known := in.text("node_name")
		if known && s.cluster.nodes[n] == nil {
			report(in.address+".node_name", in.where("node_name"), "what", "node", "name", n, "on", "")
			continue
		}
		if st, ok := in.text("datastore_id"); ok && known && s.cluster.storage(st, n) == nil {
			report(in.address+".datastore_id", in.where("datastore_id"), "what", "storage", "name", st, "on", n)
		}
	}
	for _, in := range s.instances[typeHARule] {
		if v, ok := in.values["nodes"]; ok && v.IsWhollyKnown() && !v.IsNull() {
			for _, n := range slices.Sorted(maps.Keys(v.AsValueMap())) {
				if s.cluster.nodes[n] == nil {
					report(in.address+".nodes", v.at, "what", "node", "name", n, "on", "")
				}
			}
		}
	}
}

// maps reports whether a resource mapping has a PCI device of that node.
func (c *Cluster) maps(mapping, node string) bool {
	m, ok := c.Mapping(pve.MappingPCI, mapping)
	return ok && slices.Contains(m.Nodes(), node)
}

// createsNetwork reports whether the manifest itself makes the vnet or bridge.
func (s *subject) createsNetwork(name string) bool {
	for _, in := range s.instances["sdn_vnet"] {
		if id, _ := in.text("id"); id == name {
			return true
		}
	}
	for _, in := range s.instances["network_linux_bridge"] {
		if id, _ := in.text("name"); id == name {
			return true
		}
	}
	return false
}

// agentUnseen is a warning: the snapshot shows the template's option, not whether an agent runs in the guest.
func offlineNodes(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if n := s.cluster.nodes[g.nodeName]; n != nil && !n.Online() {
			report(g.address+".node_name", g.where("node_name"), "node", n.Name)
		}
		if g.clone == nil {
			continue
		}
		if t := s.cluster.template(g.clone.id); t != nil {
			if n := s.cluster.nodes[t.Node]; n != nil && !n.Online() {
				report(g.address+".clone", g.clone.at, "node", n.Name)
			}
		}
	}
	for _, in := range s.instances[typeDownload] {
		if name, ok := in.text("node_name"); ok {
			if n := s.cluster.nodes[name]; n != nil && !n.Online() {
				report(in.address+".node_name", in.where("node_name"), "node", name)
			}
		}
	}
}

func inactiveStorages(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if n := s.cluster.nodes[g.nodeName]; n == nil || !n.Online() {
			continue
		}
		for _, v := range g.volumesOn() {
			if st := s.cluster.storage(v.storage, g.nodeName); st != nil && !st.Active {
				report(v.address+".datastore_id", v.at.where("datastore_id"), "storage", v.storage, "node", g.nodeName)
			}
		}
	}
}

// slots reports two devices of one guest on one slot: the provider keeps one of them and says nothing.
// alreadyExists reports what the manifest creates and the cluster has.
func haTargets(s *subject, report reportFunc) {
	for _, in := range s.instances[typeHAResource] {
		if group, _ := in.text("group"); group != "" && s.cluster.Major() < 9 && !s.cluster.groups[group] && !s.createsGroup(group) {
			report(in.address+".group", in.where("group"), "name", group)
		}
	}
}

func (s *subject) createsGroup(name string) bool {
	return slices.ContainsFunc(s.instances[typeHAGroup], func(in *instance) bool { g, _ := in.text("group"); return g == name })
}

// demand sums the memory that the manifest's running guests ask of each node, in bytes.
// nodeLoss asks whether the guests of the fullest node would find memory on the others.
// storageFull: storage that allocates at once must have the room, and no disk is larger than what it lies on.
// storagePromised: thin storage may promise more than it has, which somebody should know.
// storageDemand reports each storage for which a limit is passed by what the manifest asks of it, at the disk that passes
// it. over is given the sum so far and the disk itself, in bytes.
