package proposer

import (
	"fmt"
	"slices"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/analyser/internal/profile"
)

// mostParts is how many parts one question is about. The contract's ids end there, and so does the budget of a step.
const mostParts = 8

// sureMost is the highest confidence of a default that a model may replace, and the confidence of what it says.
const sureMost = 0.50

// The values that a model may give, as paths within a component.
const (
	fieldRole       = "role"
	fieldTechnology = "technology"
	fieldStateful   = "stateful"
	fieldExposure   = "exposure"
	fieldCPU        = "sizing.cpu_milli"
	fieldMemory     = "sizing.memory_mib"
)

// A Part is one component about which a model may be asked.
type Part struct {
	// ID by which question and answer name it: "c1".
	ID string

	profile   *provisov1.ApplicationProfile
	index     int
	component *provisov1.ProfileComponent
	open      []string // values that a model may give
}

// Open returns the parts about which a model may be asked, the first eight; none: everything is known that rules need. They are those
// of repositories and the workloads of the intent: machines were confirmed, and of what else words mention no plan makes anything.
func Open(p *profile.Profiles, in *provisov1.ProvisionIntent) []*Part {
	wishes := map[*provisov1.ProfileComponent]*provisov1.Workload{}
	for i, w := range in.GetWorkloads() {
		if place, ok := p.Of(fmt.Sprintf("workloads[%d]", i)); ok {
			wishes[place.Component] = w
		}
	}
	var out []*Part
	for _, app := range p.All {
		for i, c := range app.GetComponents() {
			part := &Part{profile: app, index: i, component: c}
			if app.GetMethod() == "inferred" && wishes[c] == nil || !part.unknown() || !part.tells() {
				continue
			}
			part.open = part.free(wishes[c])
			if len(part.open) == 0 {
				continue
			}
			if len(out) == mostParts {
				return out
			}
			part.ID = fmt.Sprintf("c%d", len(out)+1)
			out = append(out, part)
		}
	}
	return out
}

// unknown reports whether nobody stated what a part is, and something of it is not known.
func (p *Part) unknown() bool {
	f := p.fact(fieldRole)
	return f.GetOrigin() != "stated" && (p.component.GetRole() == "other" && f.GetOrigin() == "assumed" || p.component.GetTechnology() == "")
}

// tells reports whether there is anything from which a model could conclude: a workload without name and image is called by its role.
func (p *Part) tells() bool {
	c := p.component
	return c.GetImage() != "" || c.GetCommand() != "" || len(c.GetEnvironment())+len(c.GetVolumes()) > 0 || c.GetName() != c.GetRole() && c.GetName() != "app"
}

// free are the values that a model may give. What the intent holds the requester has confirmed, whoever assumed it; a port in it says
// that somebody connects. No exposure is narrower than none.
func (p *Part) free(wish *provisov1.Workload) []string {
	held := map[string]bool{
		fieldRole: wish.GetRole() != "", fieldExposure: wish.GetExposure() != "" || wish.GetPort() > 0 || p.component.GetExposure() == "none", fieldCPU: wish.GetCpuMilli() > 0, fieldMemory: wish.GetMemoryMib() > 0,
	}
	var out []string
	for _, field := range []string{fieldRole, fieldTechnology, fieldStateful, fieldExposure, fieldCPU, fieldMemory} {
		f := p.fact(field)
		if !held[field] && (f == nil || f.GetOrigin() == "assumed" && f.GetConfidence() <= sureMost) {
			out = append(out, field)
		}
	}
	return out
}

// is reports whether a model may give a value.
func (p *Part) is(field string) bool { return slices.Contains(p.open, field) }

func (p *Part) path(field string) string { return fmt.Sprintf("components[%d].%s", p.index, field) }

// fact says where a value comes from; nil: there is none.
func (p *Part) fact(field string) *provisov1.ProfileFact {
	path := p.path(field)
	for _, f := range p.profile.GetFacts() {
		if f.GetPath() == path {
			return f
		}
	}
	return nil
}
