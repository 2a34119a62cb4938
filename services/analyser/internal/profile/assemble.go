package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// The bounds of the contract.
const (
	mostComponents  = 256
	mostFacts       = 4096
	mostDifferences = 64
	mostValues      = 16
	mostPorts       = 64
	mostNames       = 64
	mostHosts       = 32
	mostVolumes     = 64
	mostVariables   = 512
	mostSource      = 1100
	mostReason      = 1024
	mostName        = 253

	// notesKept are facts that say what was cut.
	notesKept = 64
)

// A part is an assembled component with its facts, whose paths begin behind "components[n].".
type part struct {
	draft     *draft
	component *provisov1.ProfileComponent
	facts     []*provisov1.ProfileFact
	variables []*provisov1.ProfileFact // one for each of the environment
	notes     []note
}

// assemble writes drafts in the contract's form: everything sorted, everything within its bounds, and what was cut said.
func (s speech) assemble(name, method string, named provenance, drafts []*draft) *provisov1.ApplicationProfile {
	out := &provisov1.ApplicationProfile{Name: clip(name, mostName), Method: method}
	var notes []*provisov1.ProfileFact
	cut := func(path string, kept int) {
		if len(notes) < notesKept {
			notes = append(notes, fact(path, s.usual(sureStated, "reason.cut", "count", kept)))
		}
	}
	slices.SortStableFunc(drafts, func(a, b *draft) int { return cmp.Compare(a.name.v, b.name.v) })
	if len(drafts) > mostComponents {
		drafts = drafts[:mostComponents]
		cut("components", len(drafts))
	}
	parts := make([]*part, 0, len(drafts))
	room := mostFacts - notesKept - 1
	for _, d := range drafts {
		p := s.part(d)
		if len(p.facts) > room {
			cut("components", len(parts))
			break
		}
		room -= len(p.facts)
		parts = append(parts, p)
	}
	out.Facts = append(out.Facts, fact("name", named))
	for i, p := range parts {
		prefix := fmt.Sprintf("components[%d].", i)
		variables := min(len(p.variables), room)
		if variables < len(p.variables) {
			p.component.Environment, p.variables = p.component.GetEnvironment()[:variables], p.variables[:variables]
			p.notes = append(p.notes, note{"environment", s.say("reason.cut", "count", variables)})
		}
		room -= variables
		out.Components = append(out.Components, p.component)
		for _, f := range slices.Concat(p.facts, p.variables) {
			f.Path = prefix + f.GetPath()
			out.Facts = append(out.Facts, f)
		}
		for _, n := range p.notes {
			if len(notes) < notesKept {
				notes = append(notes, fact(prefix+n.field, provenance{assumed, sureStated, "", n.reason}))
			}
		}
		for _, d := range p.draft.differences {
			out.Contradictions = append(out.Contradictions, s.contradiction(prefix+pathOf(p.component, d), p.draft, d))
		}
	}
	if len(out.GetContradictions()) > mostDifferences {
		out.Contradictions = out.GetContradictions()[:mostDifferences]
		cut("contradictions", mostDifferences)
	}
	out.Facts = append(out.Facts, notes...)
	return out
}

// contradiction words a difference; the value that is used stands first.
func (s speech) contradiction(path string, d *draft, diff difference) *provisov1.Contradiction {
	values := diff.values[:min(len(diff.values), mostValues)]
	for i := range values {
		values[i] = clip(values[i], mostSource)
	}
	shown := values[1:min(len(values), 5)]
	return &provisov1.Contradiction{
		Path: path, Values: values,
		Message: clip(s.say("contradiction."+diff.what, "name", clip(d.name.v, 63), "used", clip(values[0], 200), "others", clip(strings.Join(shown, ", "), 400)), mostReason),
	}
}

// pathOf is the path of what differs within its component; of an element that was cut it is the list's.
func pathOf(c *provisov1.ProfileComponent, d difference) string {
	i := -1
	switch {
	case d.key == "":
	case d.field == "environment":
		i = slices.IndexFunc(c.GetEnvironment(), func(v *provisov1.ProfileVariable) bool { return v.GetName() == d.key })
	case d.field == "volumes":
		i = slices.IndexFunc(c.GetVolumes(), func(v *provisov1.ProfileVolume) bool { return v.GetPath() == d.key })
	}
	if i < 0 {
		return d.field
	}
	return fmt.Sprintf("%s[%d]", d.field, i)
}

func fact(path string, p provenance) *provisov1.ProfileFact {
	return &provisov1.ProfileFact{
		Path: path, Origin: p.origin, Confidence: p.confidence, Source: clip(p.source, mostSource), Reason: clip(p.reason, mostReason),
	}
}

// part writes one component.
func (s speech) part(d *draft) *part {
	p := &part{draft: d}
	doubted := map[string]bool{}
	for _, diff := range d.differences {
		doubted[diff.field+diff.key] = true
	}
	add := func(path string, from provenance, field string) {
		f := fact(path, from)
		if doubted[field] {
			f.Confidence = max(0, f.GetConfidence()-contradicted)
		}
		p.facts = append(p.facts, f)
	}
	c := &provisov1.ProfileComponent{
		Name: clip(d.name.v, mostName), Role: d.role.v, Technology: clip(d.technology.v, 64), Image: clip(d.image.v, 512), Stateful: d.stateful.v,
		Exposure: d.exposure.v, Replicas: max(0, d.replicas.v), ReplicasMost: max(0, d.most.v), Readiness: clip(d.readiness.v, 512),
		Command: clip(d.command.v, 1024), Schedule: clip(d.schedule.v, 128),
		Sizing: &provisov1.Sizing{
			CpuMilli: max(0, d.cpu.v), CpuLimitMilli: max(0, d.cpuLimit.v), MemoryMib: max(0, d.memory.v), MemoryLimitMib: max(0, d.memoryLimit.v),
			DiskGib: max(0, d.disk.v), Gpus: max(0, d.gpus.v),
		},
	}
	p.component = c
	add("name", d.name.provenance, "name")
	add("role", d.role.provenance, "role")
	text := func(path string, v sourced[string]) {
		if v.v != "" {
			add(path, v.provenance, path)
		}
	}
	text("technology", d.technology)
	text("image", d.image)
	add("stateful", d.stateful.provenance, "stateful")
	add("exposure", d.exposure.provenance, "exposure")
	text("readiness", d.readiness)
	text("command", d.command)
	text("schedule", d.schedule)
	number := func(path string, v sourced[int32], always bool) {
		if always || v.v > 0 {
			add(path, v.provenance, path)
		}
	}
	number("sizing.cpu_milli", d.cpu, true)
	number("sizing.cpu_limit_milli", d.cpuLimit, false)
	number("sizing.memory_mib", d.memory, true)
	number("sizing.memory_limit_mib", d.memoryLimit, false)
	number("sizing.disk_gib", d.disk, false)
	number("sizing.gpus", d.gpus, false)
	add("replicas", d.replicas.provenance, "replicas")
	add("replicas_most", d.most.provenance, "replicas")
	s.lists(p, add)
	return p
}

// lists writes what a component has several of.
func (s speech) lists(p *part, add func(path string, from provenance, field string)) {
	d, c := p.draft, p.component
	slices.SortStableFunc(d.ports, func(a, b sourced[port]) int {
		return cmp.Or(cmp.Compare(a.v.number, b.v.number), cmp.Compare(a.v.protocol, b.v.protocol))
	})
	for i, v := range bounded(s, p, "ports", d.ports, mostPorts) {
		c.Ports = append(c.Ports, &provisov1.ProfilePort{Number: v.v.number, Protocol: v.v.protocol, Name: clip(v.v.name, 63)})
		add(fmt.Sprintf("ports[%d]", i), v.provenance, "ports")
	}
	names := func(field string, list []sourced[string], most int, into *[]string) {
		slices.SortStableFunc(list, func(a, b sourced[string]) int { return cmp.Compare(a.v, b.v) })
		for i, v := range bounded(s, p, field, list, most) {
			*into = append(*into, v.v)
			add(fmt.Sprintf("%s[%d]", field, i), v.provenance, field)
		}
	}
	names("dependencies", d.dependencies, mostNames, &c.Dependencies)
	names("external_dependencies", d.external, mostNames, &c.ExternalDependencies)
	names("hosts", d.hosts, mostHosts, &c.Hosts)
	slices.SortStableFunc(d.volumes, func(a, b sourced[volume]) int { return cmp.Compare(a.v.path, b.v.path) })
	for i, v := range bounded(s, p, "volumes", d.volumes, mostVolumes) {
		c.Volumes = append(c.Volumes, &provisov1.ProfileVolume{Path: v.v.path, SizeGib: max(1, v.v.size.v), StorageClass: v.v.class})
		path := fmt.Sprintf("volumes[%d]", i)
		add(path, v.provenance, path)
		add(path+".size_gib", v.v.size.provenance, "volumes"+v.v.path)
	}
	slices.SortStableFunc(d.environment, func(a, b sourced[variable]) int { return cmp.Compare(a.v.name, b.v.name) })
	for i, v := range bounded(s, p, "environment", d.environment, mostVariables) {
		variable := &provisov1.ProfileVariable{Name: v.v.name, Secret: v.v.secret}
		if !v.v.secret {
			variable.Value = v.v.value
		}
		c.Environment = append(c.Environment, variable)
		f := fact(fmt.Sprintf("environment[%d]", i), v.provenance)
		if slices.ContainsFunc(d.differences, func(diff difference) bool { return diff.field == "environment" && diff.key == v.v.name }) {
			f.Confidence = max(0, f.GetConfidence()-contradicted)
		}
		p.variables = append(p.variables, f)
	}
}

// bounded cuts a list and says so.
func bounded[T any](s speech, p *part, field string, list []T, most int) []T {
	if len(list) <= most {
		return list
	}
	p.notes = append(p.notes, note{field, s.say("reason.cut", "count", most)})
	return list[:most]
}
