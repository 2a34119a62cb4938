package refine

import (
	"slices"
	"strings"

	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/review"
)

// A repair changes the draft so that a rule is satisfied. It reports whether it changed anything.
type repair func(d *bpg.Draft) bool

// practice turns one practice on.
func practice(of func(*bpg.Practices) *bool) repair {
	return func(d *bpg.Draft) bool {
		on := of(&d.Practices)
		changed := !*on
		*on = true
		return changed
	}
}

// repairs are what the refiner knows, by rule: none of them changes what was asked for.
var repairs = map[string]repair{
	"PMX021":               practice(func(p *bpg.Practices) *bool { return &p.AgentTimeout }),
	"PMX025":               practice(func(p *bpg.Practices) *bool { return &p.StopOnDestroy }),
	"PMX027":               practice(func(p *bpg.Practices) *bool { return &p.MigrationGuard }),
	"PMX029":               practice(func(p *bpg.Practices) *bool { return &p.HATrigger }),
	"PMX037":               practice(func(p *bpg.Practices) *bool { return &p.CPUType }),
	"PMX055":               practice(func(p *bpg.Practices) *bool { return &p.Discard }),
	"PMX057":               writeOSType,
	"PMX076":               practice(func(p *bpg.Practices) *bool { return &p.CloneRetries }),
	"PMX077":               sortTags,
	"PMX089":               practice(func(p *bpg.Practices) *bool { return &p.Ballooning }),
	"intent.disk_tuning":   tuneDisks,
	"intent.scsi_hardware": practice(func(p *bpg.Practices) *bool { return &p.SCSIHardware }),
}

// Rules is the Refiner that knows the repairs of this package.
func Rules(d *bpg.Draft, findings []review.Finding) []string {
	var repaired []string
	for _, f := range findings {
		if fix := repairs[f.Rule]; fix != nil && !slices.Contains(repaired, f.Rule) && fix(d) {
			repaired = append(repaired, f.Rule)
		}
	}
	slices.Sort(repaired)
	return repaired
}

// defaultOSType is what every cloud image that Proviso knows runs; the plan leaves the type empty when the template
// does not say.
const defaultOSType = "l26"

func writeOSType(d *bpg.Draft) bool {
	changed := !d.Practices.OSType
	d.Practices.OSType = true
	for _, vm := range d.Plan.GetVirtualMachines() {
		if vm.GetOsType() == "" {
			vm.OsType = defaultOSType
			changed = true
		}
	}
	return changed
}

func tuneDisks(d *bpg.Draft) bool {
	changed := !d.Practices.DiskTuning || !d.Practices.Discard
	d.Practices.DiskTuning, d.Practices.Discard = true, true
	return changed
}

// sortTags writes tags as Proxmox VE keeps them.
func sortTags(d *bpg.Draft) bool {
	changed := false
	for _, vm := range d.Plan.GetVirtualMachines() {
		if tags := sorted(vm.GetTags()); !slices.Equal(tags, vm.GetTags()) {
			vm.Tags, changed = tags, true
		}
	}
	for _, ct := range d.Plan.GetContainers() {
		if tags := sorted(ct.GetTags()); !slices.Equal(tags, ct.GetTags()) {
			ct.Tags, changed = tags, true
		}
	}
	return changed
}

func sorted(tags []string) []string {
	out := make([]string, len(tags))
	for i, t := range tags {
		out[i] = strings.ToLower(t)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
