package profile

import (
	"slices"
	"strconv"
	"strings"
)

// roleSizes are the sizes of a component of which only the role is known; those of a role that is absent are ordinary.
var roleSizes = map[string]struct{ small, normal size }{
	"database":   {size{250, 512, 10}, size{1000, 2048, 50}},
	"cache":      {size{100, 256, 0}, size{500, 1024, 0}},
	"queue":      {size{250, 512, 5}, size{1000, 2048, 20}},
	"storage":    {size{250, 512, 50}, size{1000, 2048, 500}},
	"monitoring": {size{250, 512, 10}, size{1000, 4096, 50}},
	"compute":    {size{2000, 4096, 0}, size{8000, 16384, 0}},
	"worker":     {size{250, 256, 0}, size{1000, 1024, 0}},
	"proxy":      {size{100, 128, 0}, size{500, 512, 0}},
}

var ordinary = struct{ small, normal size }{size{250, 256, 0}, size{500, 1024, 0}}

// diskOfNothing is the size in GiB of a volume of which nothing is known.
const diskOfNothing = 5

// complete fills in what follows from the rest and from the tables, the same way wherever the rest comes from.
func (s speech) complete(drafts []*draft) {
	for _, d := range drafts {
		d.role.assume("other", s.usual(sureNothing, "reason.role.unknown"))
		s.completePorts(d)
		s.completeState(d)
		s.completeSize(d)
		s.completeReadiness(d)
		s.completeSecrets(d)
		d.replicas.assume(1, s.usual(sureUsual, "reason.replicas"))
		d.most.assume(d.replicas.v, d.replicas.provenance)
		d.most.v = max(d.most.v, d.replicas.v)
	}
	needed := map[string]bool{}
	for _, d := range drafts {
		for _, n := range d.dependencies {
			needed[n.v] = true
		}
	}
	for _, d := range drafts {
		switch {
		case needed[d.name.v]:
			d.exposure.assume("application", s.usual(sureGuessed, "reason.exposure.needed"))
		case len(d.ports) > 0:
			d.exposure.assume("application", s.usual(sureUsual, "reason.exposure.listens"))
		default:
			d.exposure.assume("none", s.usual(sureUsual, "reason.exposure.silent"))
		}
	}
}

func (s speech) completePorts(d *draft) {
	if len(d.ports) > 0 || d.product == nil || d.role.v == "job" {
		return
	}
	for _, p := range d.product.listed() {
		d.ports = append(d.ports, sourced[port]{p, s.usual(sureUsual, "reason.port", "technology", d.product.name)})
	}
}

// hint is the size that the tables give, with why.
func (s speech) hint(d *draft) (size, provenance) {
	pick := func(small, normal size) size {
		if d.normal {
			return normal
		}
		return small
	}
	switch {
	case d.product != nil && d.role.v != "job":
		return pick(d.product.small, d.product.normal), s.usual(sureUsual, "reason.size.technology", "technology", d.product.name)
	case d.lang != nil && d.lang.name == "static":
		return pick(d.lang.small, d.lang.normal), s.usual(sureThumb, "reason.size.role")
	case d.lang != nil:
		return pick(d.lang.small, d.lang.normal), s.usual(sureThumb, "reason.size.language", "language", d.lang.name)
	}
	if r, ok := roleSizes[d.role.v]; ok {
		return pick(r.small, r.normal), s.usual(sureThumb, "reason.size.role")
	}
	return pick(ordinary.small, ordinary.normal), s.usual(sureNothing, "reason.size.nothing")
}

// completeState decides whether data must be kept, and where.
func (s speech) completeState(d *draft) {
	hint, why := s.hint(d)
	switch {
	case d.stateful.known() && d.stateful.v:
	case len(d.volumes) > 0:
		v := d.volumes[0]
		d.stateful = sourced[bool]{true, s.follows(min(sureWritten, v.confidence), v.source, "reason.stateful.volume", "path", clip(v.v.path, 200))}
	case d.stateful.known():
	case d.product != nil && d.product.stateful:
		d.stateful = sourced[bool]{true, s.usual(sureSaid, "reason.stateful.technology", "technology", d.product.name)}
	case d.product == nil && d.role.v == "database":
		d.stateful = sourced[bool]{true, s.usual(sureGuessed, "reason.stateful.role")}
	default:
		d.stateful = sourced[bool]{false, s.usual(sureUsual, "reason.stateless")}
	}
	if d.stateful.v && len(d.volumes) == 0 && d.product != nil && d.product.data != "" && d.role.v != "job" && !d.guest {
		d.volumes = append(d.volumes, sourced[volume]{volume{path: d.product.data}, s.usual(sureUsual, "reason.volume", "technology", d.product.name)})
	}
	for i := range d.volumes {
		v := &d.volumes[i].v
		switch {
		case d.disk.known() && d.disk.v > 0:
			v.size.assume(d.disk.v, d.disk.provenance)
		case hint.disk > 0:
			v.size.assume(hint.disk, why)
		default:
			v.size.assume(diskOfNothing, s.usual(sureNothing, "reason.size.nothing"))
		}
	}
	if len(d.volumes) > 0 {
		var sum int64
		for _, v := range d.volumes {
			sum += int64(v.v.size.v)
		}
		d.disk.assume(int32(min(sum, 1<<31-1)), d.volumes[0].v.size.provenance)
	}
	if d.stateful.v && hint.disk > 0 {
		d.disk.assume(hint.disk, why)
	}
}

// completeSize takes what like guests use where that was measured, else what the tables say.
func (s speech) completeSize(d *draft) {
	hint, why := s.hint(d)
	if like, ok := s.like(d); ok {
		names := strings.Join(like.Guests[:min(len(like.Guests), guestsCited)], ", ")
		measured := s.follows(sureSaid, clip(names, mostSource), "reason.size.measured", "guests", clip(names, 512))
		if like.CPUMilli > 0 {
			d.cpu.assume(like.CPUMilli, measured)
		}
		if like.MemoryMiB > 0 {
			d.memory.assume(like.MemoryMiB, measured)
		}
	}
	d.cpu.assume(hint.cpu, why)
	d.memory.assume(hint.memory, why)
	if d.cpuLimit.v > 0 && d.cpu.v > d.cpuLimit.v && d.cpu.origin == assumed {
		d.cpu.v = d.cpuLimit.v
	}
	if d.memoryLimit.v > 0 && d.memory.v > d.memoryLimit.v && d.memory.origin == assumed {
		d.memory.v = d.memoryLimit.v
	}
}

// guestsCited bounds how many guests a reason names.
const guestsCited = 4

// like finds what guests that are like a component were seen to use. A job uses what it does for a moment only.
func (s speech) like(d *draft) (Demand, bool) {
	for _, m := range s.demand {
		if d.role.v != "job" && (m.Role != "" || m.Technology != "") && (m.Role == "" || m.Role == d.role.v) && (m.Technology == "" || m.Technology == d.technology.v) {
			return m, true
		}
	}
	return Demand{}, false
}

// completeReadiness takes the product's own check where it listens on its usual port, else whether the first port answers.
func (s speech) completeReadiness(d *draft) {
	if d.readiness.known() || d.role.v == "job" {
		return
	}
	if p := d.product; p != nil && p.check != "" {
		if !asksPort(p.check) || slices.ContainsFunc(d.ports, func(l sourced[port]) bool { return asks(p.check, l.v.number) }) {
			d.readiness = sourced[string]{p.check, s.usual(sureUsual, "reason.health.technology", "technology", p.name)}
			return
		}
	}
	for _, l := range d.ports {
		if l.v.protocol == "tcp" {
			d.readiness = sourced[string]{"tcp " + strconv.Itoa(int(l.v.number)), s.usual(sureThumb, "reason.health.port")}
			return
		}
	}
}

// asksPort reports whether a check names a port.
func asksPort(check string) bool { return !strings.HasPrefix(check, "exec ") }

// asks reports whether a check names this port.
func asks(check string, number int32) bool {
	return strings.HasSuffix(check, " "+strconv.Itoa(int(number)))
}

// completeSecrets names the variables without which a product's image does not start, unless it is given one in another way, such
// as NAME_FILE.
func (s speech) completeSecrets(d *draft) {
	if d.product == nil || d.guest || d.role.v == "job" {
		return
	}
	for name := range strings.FieldsSeq(d.product.secrets) {
		given := slices.ContainsFunc(d.environment, func(v sourced[variable]) bool {
			return strings.HasPrefix(v.v.name, name) || v.v.secret
		})
		if !given {
			d.environment = append(d.environment, sourced[variable]{
				variable{name: name, secret: true}, s.usual(sureUsual, "reason.secret", "technology", d.product.name),
			})
		}
	}
}
