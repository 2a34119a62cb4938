package strategy

import (
	"slices"

	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// What the contract takes in one plan.
const (
	maxProfiles     = 72
	maxForecasts    = 64
	maxWorkloads    = 512
	maxAims         = 256
	maxPolicies     = 4096
	maxAlternatives = 64
	maxSteps        = 1024
	maxOmissions    = 64
)

// complete says what the plan rests on, what it is for and how it gets there, once every guest has its name.
func (d *Draft) complete(p *provisov1.StrategicPlan) {
	d.completeEffect(p.GetEffect())
	p.Analysis = proto.CloneOf(d.in.AnalysisReference)
	p.Forecasts = cut(cloneAll(d.in.Forecasts), maxForecasts)
	d.placeWorkloads(p)
	p.Profiles = cut(cloneAll(d.in.Profiles.All), maxProfiles)
	p.Policies = cut(append(p.Policies, d.policies(p)...), maxPolicies)
	p.Alternatives = cut(d.alternatives(p), maxAlternatives)
	p.Aims = cut(append(d.aims(p), p.GetAims()...), maxAims)
	p.Steps = cut(d.steps(p), maxSteps)
	p.Omissions = cut(append(p.GetOmissions(), d.unplanned()...), maxOmissions)
}

func cut[T any](s []T, most int) []T { return s[:min(len(s), most):min(len(s), most)] }

// guests are the plan's guests of a group, machines and containers alike.
func (d *Draft) guestsOf(p *provisov1.StrategicPlan, g *group) []placed {
	var guests []placed
	for _, m := range d.guests(p) {
		if m.group == g {
			guests = append(guests, m.placed)
		}
	}
	return guests
}

// A guest is a machine of the draft with its place in the plan.
type guest struct {
	*group
	placed
	index int // in machines, choices and placement
}

// guests are the new guests of a plan in the order of the draft's machines.
func (d *Draft) guests(p *provisov1.StrategicPlan) []guest {
	var guests []guest
	vms, cts := 0, 0
	for i, m := range d.machines {
		g := guest{group: m.group, index: i}
		if m.ct != nil {
			g.placed, cts = p.GetContainers()[cts], cts+1
		} else {
			g.placed, vms = p.GetVirtualMachines()[vms], vms+1
		}
		guests = append(guests, g)
	}
	return guests
}

// size is what one guest of the group takes.
func (g *group) size() (vcpus int, memoryMiB, diskGiB int64) {
	for _, disk := range g.demand.Disks {
		diskGiB += (disk.Bytes + gib - 1) / gib
	}
	return g.demand.VCPUs, g.demand.MemoryBytes >> 20, diskGiB
}

// namesOf lists guests by name.
func namesOf(guests []placed) []string {
	var names []string
	for _, g := range guests {
		names = append(names, g.GetName())
	}
	return names
}

// nodesOf lists their nodes, each once.
func nodesOf(guests []placed) []string {
	var nodes []string
	for _, g := range guests {
		if !slices.Contains(nodes, g.GetNode()) {
			nodes = append(nodes, g.GetNode())
		}
	}
	slices.Sort(nodes)
	return nodes
}
