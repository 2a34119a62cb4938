package review

import (
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
)

func (s *subject) of(g *guest) *pve.Guest {
	if g.clone == nil {
		return nil
	}
	if t := s.cluster.template(g.clone.id); t != nil && t.Config != nil {
		return t
	}
	return nil
}

func templateDisksDeclared(s *subject, report reportFunc) {
	for _, g := range s.guests {
		t := s.of(g)
		if t == nil {
			continue
		}
		for _, d := range t.Config.Disks {
			if !slices.ContainsFunc(g.disks, func(have disk) bool { return have.slot == d.Slot }) && !g.unknown["disk.interface"] {
				report(g.address, g.at, "slot", d.Slot, "template", t.Name)
			}
		}
	}
}

func diskBelowTemplate(s *subject, report reportFunc) {
	for _, g := range s.guests {
		t := s.of(g)
		if t == nil || g.unknown["disk.size"] {
			continue
		}
		for i, d := range g.disks {
			for _, td := range t.Config.Disks {
				if td.Slot == d.slot && int64(d.size)*gib < td.SizeBytes {
					report(fmt.Sprintf("%s.disk[%d].size", g.address, i), d.where("size"),
						"slot", d.slot, "size", d.size, "least", (td.SizeBytes+gib-1)/gib, "template", t.Name)
				}
			}
		}
	}
}

func linkedCloneOfLocal(s *subject, report reportFunc) {
	for _, g := range s.guests {
		t := s.of(g)
		if t == nil || g.clone.full || t.Node == g.nodeName {
			continue
		}
		if d := t.Config.BootDisk(); d != nil && !s.cluster.shared(d.Storage, t.Node) {
			report(g.address+".clone", g.clone.at, "template", t.Name, "storage", d.Storage)
		}
	}
}

func cloneAcrossNodes(s *subject, report reportFunc) {
	for _, g := range s.guests {
		t := s.of(g)
		if t == nil || !g.clone.full || t.Node == g.nodeName || g.unknown["clone.datastore_id"] {
			continue
		}
		for _, d := range t.Config.Disks {
			if s.cluster.shared(d.Storage, t.Node) {
				continue
			}
			target := g.clone.datastore
			if target == "" {
				target = d.Storage
			}
			if g.clone.datastore == "" || s.cluster.storage(target, g.nodeName) == nil {
				report(g.address+".clone", g.clone.at, "storage", target, "node", g.nodeName, "template", t.Name)
				break
			}
		}
	}
}

func agentUnseen(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if t := s.of(g); g.agent && t != nil && !t.Config.Agent {
			report(g.address+".agent.enabled", g.child("agent").where("enabled"), "template", t.Name)
		}
	}
}

func serialConsole(s *subject, report reportFunc) {
	for _, g := range s.guests {
		t := s.of(g)
		if g.init != nil && !g.serial && t != nil && !t.Config.Serial0 && strings.HasPrefix(t.Config.VGA, "serial") {
			report(g.address, g.at, "template", t.Name)
		}
	}
}

func notTemplates(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if g.clone == nil {
			continue
		}
		if t := s.cluster.guests[g.clone.id]; t != nil && (!t.Template || t.Kind != pve.KindVM) {
			report(g.address+".clone.vm_id", g.clone.where("vm_id"), "id", g.clone.id, "name", t.Name)
		}
	}
}

func templateElsewhere(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if g.clone == nil || g.unknown["clone.node_name"] {
			continue
		}
		t := s.cluster.template(g.clone.id)
		from := g.clone.nodeName
		if from == "" {
			from = g.nodeName
		}
		if t != nil && s.cluster.nodes[from] != nil && t.Node != from {
			report(g.address+".clone.node_name", g.clone.where("node_name"), "template", t.Name, "node", from, "real", t.Node)
		}
	}
}
