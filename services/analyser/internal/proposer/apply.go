package proposer

import (
	"fmt"
	"slices"

	"proviso.dev/pkg/i18n"
	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// factsMost is the contract's bound.
const factsMost = 4096

// reach orders exposures, the narrowest first.
var reach = map[string]int{"none": 0, "application": 1, "network": 2, "public": 3}

// Check lists what is wrong with a proposal beside what its contract forbids: parts that nobody asked about, and parts named twice.
func Check(parts []*Part, m *llmv1.ProfileProposal) []string {
	var problems []string
	seen := map[string]bool{}
	for i, c := range m.GetComponents() {
		if !slices.ContainsFunc(parts, func(p *Part) bool { return p.ID == c.GetId() }) || seen[c.GetId()] {
			problems = append(problems, fmt.Sprintf("components[%d].id: not one of the parts, or one that was given before", i))
		}
		seen[c.GetId()] = true
	}
	return problems
}

// Apply puts into the profiles of the parts what counts of a proposal, and returns how many values it took. The proposal has met its
// contract and [Check]. Model is its configured name; lang is the requester's language.
func Apply(parts []*Part, m *llmv1.ProfileProposal, model string, lang i18n.Lang) int {
	taken := 0
	for _, c := range m.GetComponents() {
		i := slices.IndexFunc(parts, func(p *Part) bool { return p.ID == c.GetId() })
		if i < 0 {
			continue
		}
		for _, field := range parts[i].take(c) {
			parts[i].note(field, model, lang)
			taken++
		}
	}
	return taken
}

// take changes a component and returns what was changed.
func (p *Part) take(m *llmv1.ComponentProposal) (taken []string) {
	c := p.component
	set := func(field string, counts bool, change func()) {
		if counts && p.is(field) && (p.fact(field) != nil || len(p.profile.GetFacts()) < factsMost) {
			change()
			taken = append(taken, field)
		}
	}
	// A job ends: what something connects to would be gone.
	set(fieldRole, m.Role != nil && (m.GetRole() != "job" || !p.needed() && len(c.GetPorts()) == 0), func() { c.Role = m.GetRole() })
	set(fieldTechnology, m.Technology != nil, func() { c.Technology = m.GetTechnology() })
	// To keep what need not be kept costs a disk; the reverse would cost data.
	set(fieldStateful, m.GetStateful() && c.GetRole() != "job" && c.GetReplicasMost() <= 1, func() { c.Stateful = true })
	set(fieldExposure, m.Exposure != nil && reach[m.GetExposure()] < reach[c.GetExposure()] && !p.needed(), func() { c.Exposure = m.GetExposure() })
	size := c.GetSizing()
	set(fieldCPU, m.CpuMilli != nil && within(m.GetCpuMilli(), size.GetCpuLimitMilli()), func() { size.CpuMilli = m.GetCpuMilli() })
	set(fieldMemory, m.MemoryMib != nil && within(m.GetMemoryMib(), size.GetMemoryLimitMib()), func() { size.MemoryMib = m.GetMemoryMib() })
	return taken
}

// within reports whether an amount is at most a limit; 0 is none.
func within(amount, limit int32) bool { return limit == 0 || amount <= limit }

// needed reports whether something connects to a part as far as is known: another part depends on it, or it has a host name.
func (p *Part) needed() bool {
	name := p.component.GetName()
	return len(p.component.GetHosts()) > 0 ||
		slices.ContainsFunc(p.profile.GetComponents(), func(o *provisov1.ProfileComponent) bool { return slices.Contains(o.GetDependencies(), name) })
}

// reasons are the sentences on values, by field.
var reasons = map[string]string{
	fieldRole: "role", fieldTechnology: "technology", fieldStateful: "stateful", fieldExposure: "exposure", fieldCPU: "size", fieldMemory: "size",
}

// note says that a value is a model's.
func (p *Part) note(field, model string, lang i18n.Lang) {
	f := p.fact(field)
	if f == nil {
		f = &provisov1.ProfileFact{Path: p.path(field)}
		at := 1 + slices.IndexFunc(p.profile.GetFacts(), func(f *provisov1.ProfileFact) bool { return f.GetPath() == p.path(fieldRole) })
		p.profile.Facts = slices.Insert(p.profile.GetFacts(), at, f)
	}
	f.Origin, f.Confidence, f.Source = "model", sureMost, model
	f.Reason = i18n.T(lang, "proposer.reason."+reasons[field], "model", model)
}
