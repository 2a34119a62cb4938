package profile

import (
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// component merges the facts of one component. Values come out in the order in which a deployment would use them; the first
// is taken, and what another place says otherwise is kept as a difference.
func (s speech) component(c *provisov1.Component, known map[string]bool) *draft {
	d := &draft{}
	d.name = sourced[string]{c.GetName(), s.declared(c)}
	s.images(d, c)
	s.portsOf(d, c)
	s.exposures(d, c)
	s.volumesOf(d, c)
	s.resources(d, c)
	s.replicasOf(d, c)
	s.environmentOf(d, c)
	s.dependenciesOf(d, c, known)
	s.health(d, c)
	if list := ordered(c.GetCommands(), (*provisov1.CommandFact).GetEvidence); len(list) > 0 {
		d.command = sourced[string]{list[0].GetCommand(), s.read(list[0].GetEvidence())}
	}
	s.nature(d, c)
	s.sharedImage(d, c)
	return d
}

// sharedImage drops the port that a worker has only because its image is that of a server: what EXPOSE says of an image holds for
// whoever listens in it.
func (s speech) sharedImage(d *draft, c *provisov1.Component) {
	if d.role.v != "worker" || len(d.hosts) > 0 || len(c.GetExposures()) > 0 || len(c.GetEvidence()) == 0 {
		return
	}
	deployed := slices.ContainsFunc(c.GetEvidence(), func(e *provisov1.Evidence) bool { return rank(e) < ranks["dockerfile"] })
	exposed := !slices.ContainsFunc(c.GetPorts(), func(f *provisov1.PortFact) bool { return f.GetEvidence().GetParser() != "dockerfile" })
	if deployed && exposed && d.product == nil {
		d.ports = nil
	}
}

// declared is where a component's name stands.
func (s speech) declared(c *provisov1.Component) provenance {
	if list := c.GetEvidence(); len(list) > 0 {
		return s.read(slices.MinFunc(list, func(a, b *provisov1.Evidence) int { return rank(a) - rank(b) }))
	}
	return provenance{inferred, sureConcluded, "", s.say("reason.parser")}
}

// ordered sorts facts as a deployment would use them; what is equal there keeps its order.
func ordered[T any](facts []T, evidence func(T) *provisov1.Evidence) []T {
	out := slices.Clone(facts)
	slices.SortStableFunc(out, func(a, b T) int { return rank(evidence(a)) - rank(evidence(b)) })
	return out
}

// groups splits ordered facts by the parser that read them: parts of one deployment say the same thing together, and others
// say it again.
func groups[T any](facts []T, evidence func(T) *provisov1.Evidence) [][]T {
	var out [][]T
	last := -1
	for _, f := range ordered(facts, evidence) {
		if r := rank(evidence(f)); r != last {
			out, last = append(out, nil), r
		}
		out[len(out)-1] = append(out[len(out)-1], f)
	}
	return out
}

// images takes the image that runs. A second image in the same place is that of a sidecar; one in another place is another
// opinion.
func (s speech) images(d *draft, c *provisov1.Component) {
	var run []*provisov1.ImageFact
	for _, f := range c.GetImages() {
		if f.GetRole() == "run" {
			run = append(run, f)
		}
	}
	all := groups(run, (*provisov1.ImageFact).GetEvidence)
	if len(all) == 0 {
		return
	}
	first := all[0][0]
	d.image = sourced[string]{first.GetReference(), s.read(first.GetEvidence())}
	values := []string{at(first.GetReference(), first.GetEvidence())}
	for _, group := range all[1:] {
		other := group[0]
		for _, f := range group {
			if base(f.GetReference()) == base(first.GetReference()) {
				other = f
				break
			}
		}
		if !slices.ContainsFunc(all[0], func(f *provisov1.ImageFact) bool { return f.GetReference() == other.GetReference() }) {
			values = append(values, at(other.GetReference(), other.GetEvidence()))
		}
	}
	d.differ("image", "image", values)
}

// at writes a value with where it stands.
func at(value string, e *provisov1.Evidence) string {
	if where := place(e); where != "" {
		return value + " (" + where + ")"
	}
	return value
}

// differ keeps a difference when there is one.
func (d *draft) differ(field, what string, values []string) {
	if len(values) > 1 {
		d.differences = append(d.differences, difference{field: field, values: values, what: what})
	}
}

// A listening is a port with where it stands, from a port's own fact or from a way to it.
type listening struct {
	port
	evidence *provisov1.Evidence
}

// portsOf takes the ports of what is deployed; a Dockerfile's EXPOSE that differs is shown as a difference.
func (s speech) portsOf(d *draft, c *provisov1.Component) {
	var list []listening
	for _, f := range c.GetPorts() {
		list = append(list, listening{port{f.GetNumber(), f.GetProtocol(), f.GetName()}, f.GetEvidence()})
	}
	for _, f := range c.GetExposures() {
		if t := f.GetTargetPort(); t > 0 {
			if !slices.ContainsFunc(list, func(l listening) bool { return l.number == t }) {
				list = append(list, listening{port{t, "tcp", ""}, f.GetEvidence()})
			}
		}
	}
	all := groups(list, func(l listening) *provisov1.Evidence { return l.evidence })
	if len(all) == 0 {
		return
	}
	for _, l := range all[0] {
		if !slices.ContainsFunc(d.ports, func(p sourced[port]) bool { return p.v.number == l.number && p.v.protocol == l.protocol }) {
			d.ports = append(d.ports, sourced[port]{l.port, s.read(l.evidence)})
		}
	}
	values := []string{at(strconv.Itoa(int(all[0][0].number)), all[0][0].evidence)}
	for _, group := range all[1:] {
		for _, l := range group {
			if l.evidence.GetStanding() != inferred && !d.listens(l.number) {
				values = append(values, at(strconv.Itoa(int(l.number)), l.evidence))
			}
		}
	}
	d.differ("ports", "ports", values)
}

// reach orders exposures.
var reach = map[string]int{"none": 0, "application": 1, "network": 2, "public": 3}

// exposureReasons are the texts of exposures by their kind.
var exposureReasons = map[string]string{"cluster": "cluster", "node-port": "node-port", "load-balancer": "load-balancer", "ingress": "ingress", "host": "host-port"}

// exposures says who reaches a component: the widest way of the place that a deployment uses first.
func (s speech) exposures(d *draft, c *provisov1.Component) {
	all := groups(c.GetExposures(), (*provisov1.ExposureFact).GetEvidence)
	for i, group := range all {
		for _, f := range group {
			how := "network"
			switch f.GetKind() {
			case "cluster":
				how = "application"
			case "ingress":
				how = "public"
				if localHost(f.GetHost()) {
					how = "network"
				}
			}
			if i == 0 && (!d.exposure.known() || reach[how] > reach[d.exposure.v]) {
				p := s.read(f.GetEvidence())
				p.reason = s.say("reason.exposure." + exposureReasons[f.GetKind()])
				d.exposure = sourced[string]{how, p}
			}
			if host := f.GetHost(); host != "" && !slices.ContainsFunc(d.hosts, func(h sourced[string]) bool { return h.v == host }) {
				d.hosts = append(d.hosts, sourced[string]{host, s.read(f.GetEvidence())})
			}
		}
	}
}

// localHost reports whether a host name belongs to a local network alone.
func localHost(host string) bool {
	for _, suffix := range []string{".local", ".lan", ".internal", ".intranet", ".localdomain", ".home", ".home.arpa", ".corp", ".test", ".localhost"} {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return host == "localhost"
}

// volumesOf takes the volumes whose data must be kept: persistent ones, and a folder of the host where the product keeps its
// data. An anonymous cache is neither.
func (s speech) volumesOf(d *draft, c *provisov1.Component) {
	var keep string
	if p := s.productOf(c); p != nil {
		keep = p.data
	}
	differ := map[string][]string{}
	for _, f := range ordered(c.GetVolumes(), (*provisov1.VolumeFact).GetEvidence) {
		switch {
		case f.GetKind() == "persistent" && !(f.GetName() == "" && fleeting(f.GetPath())):
		case f.GetKind() == "host" && keep != "" && path.Clean(f.GetPath()) == keep:
		default:
			continue
		}
		var size sourced[int32]
		if gib := gibOf(f.GetSizeBytes()); gib > 0 {
			size = sourced[int32]{gib, s.read(f.GetEvidence())}
			differ[f.GetPath()] = append(differ[f.GetPath()], at(s.say("size.gib", "size", gib), f.GetEvidence()))
		}
		i := slices.IndexFunc(d.volumes, func(v sourced[volume]) bool { return v.v.path == f.GetPath() })
		if i < 0 {
			d.volumes = append(d.volumes, sourced[volume]{volume{f.GetPath(), f.GetStorageClass(), size}, s.read(f.GetEvidence())})
		} else if v := &d.volumes[i].v; size.known() {
			v.size.assume(size.v, size.provenance)
		}
	}
	for _, v := range d.volumes {
		values := differ[v.v.path]
		if len(values) > 1 && slices.ContainsFunc(values[1:], func(other string) bool { return sizeText(other) != sizeText(values[0]) }) {
			d.differences = append(d.differences, difference{field: "volumes", key: v.v.path, values: values, what: "volume"})
		}
	}
}

// sizeText is a size without the place where it stands.
func sizeText(value string) string {
	size, _, _ := strings.Cut(value, " (")
	return size
}

// fleeting reports whether a path is one of caches or other things that may be lost.
func fleeting(p string) bool {
	for element := range strings.SplitSeq(strings.ToLower(p), "/") {
		if element == "cache" || element == "tmp" || element == ".cache" || element == "temp" {
			return true
		}
	}
	return false
}

// gibOf is bytes in GiB, rounded up: what is asked for fits.
func gibOf(bytes int64) int32 {
	if bytes <= 0 {
		return 0
	}
	return int32(min((bytes-1)>>30+1, math.MaxInt32))
}

// mibOf is bytes in MiB, rounded up.
func mibOf(bytes int64) int32 {
	if bytes <= 0 {
		return 0
	}
	return int32(min((bytes-1)>>20+1, math.MaxInt32))
}

// environmentOf takes variables by name. A name that is secret in one place is secret, whatever another place writes.
func (s speech) environmentOf(d *draft, c *provisov1.Component) {
	type opinion struct {
		fact   *provisov1.EnvironmentFact
		values []string
	}
	byName := map[string]*opinion{}
	var names []string
	secret := map[string]bool{}
	for _, f := range c.GetEnvironment() {
		secret[f.GetName()] = secret[f.GetName()] || f.GetSecret()
	}
	for _, f := range ordered(c.GetEnvironment(), (*provisov1.EnvironmentFact).GetEvidence) {
		o := byName[f.GetName()]
		if o == nil {
			o = &opinion{fact: f, values: []string{at(f.GetValue(), f.GetEvidence())}}
			byName[f.GetName()] = o
			names = append(names, f.GetName())
			continue
		}
		if f.GetValue() != o.fact.GetValue() && f.GetValue() != "" && o.fact.GetValue() != "" {
			o.values = append(o.values, at(f.GetValue(), f.GetEvidence()))
		}
	}
	for _, name := range names {
		o := byName[name]
		v := variable{name: name, secret: secret[name]}
		if !v.secret {
			v.value = o.fact.GetValue()
			if len(o.values) > 1 {
				for i := range o.values {
					o.values[i] = name + "=" + o.values[i]
				}
				d.differences = append(d.differences, difference{field: "environment", key: name, values: o.values, what: "variable"})
			}
		}
		d.environment = append(d.environment, sourced[variable]{v, s.read(o.fact.GetEvidence())})
	}
}

// dependenciesOf tells components from what is to be found elsewhere.
func (s speech) dependenciesOf(d *draft, c *provisov1.Component, known map[string]bool) {
	for _, f := range ordered(c.GetDependencies(), (*provisov1.DependencyFact).GetEvidence) {
		list := &d.external
		if f.GetComponent() && known[f.GetName()] {
			list = &d.dependencies
		}
		if f.GetName() == c.GetName() || slices.ContainsFunc(*list, func(n sourced[string]) bool { return n.v == f.GetName() }) {
			continue
		}
		*list = append(*list, sourced[string]{f.GetName(), s.read(f.GetEvidence())})
	}
}

// healthKinds are the checks that tell when a component is ready, the best first.
var healthKinds = []string{"readiness", "container", "startup", "liveness"}

func (s speech) health(d *draft, c *provisov1.Component) {
	list := ordered(c.GetHealth(), (*provisov1.HealthFact).GetEvidence)
	for _, kind := range healthKinds {
		for _, f := range list {
			if f.GetKind() == kind {
				p := s.read(f.GetEvidence())
				p.reason = s.say("reason.health." + kind)
				d.readiness = sourced[string]{f.GetCheck(), p}
				return
			}
		}
	}
}
