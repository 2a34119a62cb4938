package profile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Input is what profiles are made from.
type Input struct {
	// Payload is what the collector handed on. Intent, applications, transcript and language are read.
	Payload *provisov1.ContextPayload
	// Demand is what guests of the cluster were seen to use, the most telling first; empty: there is no history, and sizes that
	// nobody states are those of the tables, which the reasons say.
	Demand []Demand
}

// Demand is what guests that are alike were seen to use.
type Demand struct {
	// Role of a component that is like them; empty: any.
	Role string
	// Technology of such a component; empty: any.
	Technology string
	// CPUMilli is the 95th percentile of one of them, in thousandths of a core; 0: not known.
	CPUMilli int32
	// MemoryMiB is likewise in MiB.
	MemoryMiB int32
	// Guests are their names, which the reasons cite.
	Guests []string
}

// Profiles are the profiles of a request, with what each part of its intent became.
type Profiles struct {
	// All of them: those of the repositories in the order of the intent, then the one of the words, the workloads and the guests.
	All []*provisov1.ApplicationProfile

	groups map[string]Place
}

// A Place is a component of a profile.
type Place struct {
	Profile   int // index in All
	Component *provisov1.ProfileComponent
}

// Of returns the component that an element of the intent became, by its path: "virtual_machines[0]", "containers[1]",
// "workloads[0]". False: it has none, as a guest without a role.
func (p *Profiles) Of(path string) (Place, bool) {
	place, ok := p.groups[path]
	return place, ok
}

// mostProfiles is how many a plan holds.
const mostProfiles = 72

// New returns the profiles of a request. A request that is about no application, such as one for a bare machine, has none. A payload
// that breaks the contract gives an error that wraps a *wire.InvalidError with every violation.
func New(in Input) ([]*provisov1.ApplicationProfile, error) {
	p, err := Read(in)
	if err != nil {
		return nil, err
	}
	return p.All, nil
}

// Read is New with the way from the intent to the profiles.
func Read(in Input) (*Profiles, error) {
	if err := check(in.Payload); err != nil {
		return nil, fmt.Errorf("check payload: %w", err)
	}
	s := speech{lang: i18n.English, demand: in.Demand}
	if in.Payload.GetLanguage() == i18n.French {
		s.lang = i18n.French
	}
	out := &Profiles{groups: map[string]Place{}}
	components := 0
	for _, app := range in.Payload.GetApplications() {
		var words []string
		if len(in.Payload.GetApplications()) == 1 {
			words = texts(in.Payload)
		}
		p := s.application(app, words)
		components += len(p.GetComponents())
		out.All = append(out.All, p)
	}
	s.request(in.Payload, components == 0, out)
	out.All = out.All[:min(len(out.All), mostProfiles)]
	return out, nil
}

// check holds what is read here against the contract; the rest of a payload is its other readers' matter.
func check(p *provisov1.ContextPayload) error {
	if p.GetIntent() == nil {
		return &wire.InvalidError{Type: "proviso.v1.ContextPayload", Violations: []wire.Violation{{Path: "intent", Rule: "required", Message: "value is required"}}}
	}
	if err := wire.Validate(p.GetIntent()); err != nil {
		return err
	}
	for _, app := range p.GetApplications() {
		if err := wire.Validate(app); err != nil {
			return err
		}
	}
	return nil
}

// application makes the profile of what a repository says, and of what the requester wants otherwise.
func (s speech) application(app *provisov1.Application, words []string) *provisov1.ApplicationProfile {
	known := map[string]bool{}
	for _, c := range app.GetComponents() {
		known[c.GetName()] = true
	}
	var drafts []*draft
	taken := map[string]bool{}
	for _, c := range app.GetComponents() {
		d := s.component(c, known)
		d.name.v = numbered(d.name.v, taken)
		drafts = append(drafts, d)
	}
	drafts = append(drafts, s.declaredGuests(app, known)...)
	s.wishes(drafts, words)
	s.complete(drafts)
	return s.assemble(app.GetName(), "parsed", provenance{observed, sureWritten, clip(app.GetRepository().GetUrl(), mostSource), s.say("reason.name.repository")}, drafts)
}

// declaredGuests are the guests that Terraform code declares, each a component that is a machine of its own.
func (s speech) declaredGuests(app *provisov1.Application, known map[string]bool) []*draft {
	var out []*draft
	for _, r := range app.GetResources() {
		g := r.GetGuest()
		if g == nil || r.GetKind() != "resource" {
			continue
		}
		name := g.GetName()
		if name == "" {
			name = lastLabel(r.GetAddress())
		}
		if name == "" || known[name] {
			continue
		}
		known[name] = true
		p := s.read(r.GetEvidence())
		d := &draft{name: sourced[string]{name, p}, guest: true}
		s.machine(d, name, p)
		amount := func(into *sourced[int32], set bool, n int64) {
			if set && n > 0 {
				*into = sourced[int32]{int32(min(n, 1<<31-1)), p}
			}
		}
		amount(&d.cpu, g.Cores != nil, int64(g.GetCores())*1000)
		amount(&d.memory, g.MemoryMib != nil, g.GetMemoryMib())
		amount(&d.disk, g.DiskBytes != nil, int64(gibOf(g.GetDiskBytes())))
		amount(&d.replicas, g.Count != nil, int64(g.GetCount()))
		out = append(out, d)
	}
	return out
}

// machine concludes what a machine is for from its name: a product, or a role.
func (s speech) machine(d *draft, name string, p provenance) {
	why := s.follows(sureGuessed, p.source, "reason.role.name", "name", clip(name, 63))
	role := roleByName(name)
	switch product := productsByImage()[strings.ToLower(name)]; {
	case product != nil:
		d.product = product
		d.technology = sourced[string]{product.name, why}
		d.role = sourced[string]{product.role, why}
	case machineRoles[role]:
		d.role = sourced[string]{role, why}
	case role == "proxy" && strings.Contains(strings.ToLower(name), "router"):
		d.role = sourced[string]{"other", why}
	case role == "proxy":
		d.role = sourced[string]{role, why}
	default:
		d.role = sourced[string]{"compute", s.follows(sureThumb, p.source, "reason.role.guest")}
	}
}

// machineRoles are the roles that the name of a machine tells; "server", "worker", "agent" and the like only say that it is one.
var machineRoles = map[string]bool{"web": true, "database": true, "cache": true, "queue": true, "monitoring": true, "storage": true}

// keys are what stands in brackets behind a Terraform address.
var keys = regexp.MustCompile(`\[[^\]]*\]`)

// lastLabel is the name in a Terraform address: "web" of `module.x.proxmox_vm_qemu.web["a"]`.
func lastLabel(address string) string {
	address = keys.ReplaceAllString(address, "")
	return address[strings.LastIndexByte(address, '.')+1:]
}

// numbered is a name that no other draft has.
func numbered(name string, taken map[string]bool) string {
	out := name
	for n := 2; taken[out]; n++ {
		out = clip(name, mostName-12) + "-" + strconv.Itoa(n)
	}
	taken[out] = true
	return out
}
