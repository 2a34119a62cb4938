package profile

import (
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// request makes the profile of what the intent and the words ask for; the words are heard when no repository says more.
func (s speech) request(payload *provisov1.ContextPayload, words bool, out *Profiles) {
	in := payload.GetIntent()
	facts := make(map[string]*provisov1.Fact, len(in.GetFacts()))
	for _, f := range in.GetFacts() {
		facts[f.GetPath()] = f
	}
	r := &reading{speech: s}
	r.guests(in, facts)
	r.workloads(in, facts)
	if words && creates(in) {
		names := givenNames(in, facts)
		for turn, text := range texts(payload) {
			r.turn = turn
			h := hear(text, names)
			r.attend(h, r.listen(h))
		}
	}
	r.settle()
	if len(r.parts) == 0 {
		return
	}
	drafts := make([]*draft, len(r.parts))
	for i, p := range r.parts {
		drafts[i] = p.draft
	}
	s.complete(drafts)
	main := r.chief()
	profile := s.assemble(main.name.v, "inferred", main.name.provenance, drafts)
	index := len(out.All)
	out.All = append(out.All, profile)
	for _, p := range r.parts {
		if p.given == "" {
			continue
		}
		for _, c := range profile.GetComponents() {
			if c.GetName() == p.name.v {
				out.groups[p.given] = Place{index, c}
			}
		}
	}
}

// givenNames are the names that the requester gave to machines.
func givenNames(in *provisov1.ProvisionIntent, facts map[string]*provisov1.Fact) map[string]bool {
	out := map[string]bool{}
	add := func(path, name string) {
		switch facts[path].GetOrigin() {
		case "stated", "answered", "corrected":
			out[strings.ToLower(name)] = true
		}
	}
	for i, vm := range in.GetVirtualMachines() {
		add(fmt.Sprintf("virtual_machines[%d].name", i), vm.GetName())
	}
	for i, ct := range in.GetContainers() {
		add(fmt.Sprintf("containers[%d].name", i), ct.GetName())
	}
	return out
}

// creates reports whether an intent asks for something new: changes of guests that exist say nothing of applications.
func creates(in *provisov1.ProvisionIntent) bool {
	return len(in.GetVirtualMachines())+len(in.GetContainers())+len(in.GetWorkloads())+len(in.GetRepositories()) > 0
}

// settle drops what was only mentioned in passing, and joins the rest: who is in front, who needs whom, who is called what.
func (r *reading) settle() {
	r.parts = slices.DeleteFunc(r.parts, func(p *spoken) bool { return p.weak && p.given == "" })
	for _, p := range r.parts {
		if !p.role.known() {
			p.role = sourced[string]{"api", r.usual(sureThumb, "reason.role.port")}
			p.role.origin, p.role.source = heuristic, p.name.source
		}
		if p.given == "" && p.name.v == "app" && p.product == nil && (p.noun == nil || p.noun.role == "") {
			p.name.v = p.role.v
		}
	}
	for _, w := range r.nameless {
		r.identify(w)
	}
	r.reassign()
	r.bear()
	r.names()
	r.wire()
	if front := r.chief(); front != nil {
		// An ingress for names of the local network leads there, as it does where a descriptor says so.
		if r.front.v == "public" && r.front.source == "ingress" && len(r.hosts) > 0 &&
			!slices.ContainsFunc(r.hosts, func(h sourced[string]) bool { return !localHost(h.v) }) {
			r.front.v = "network"
		}
		if r.front.known() && (front.exposure.origin != stated || r.fronted > front.exposed) {
			front.exposure = r.front
		}
		for _, host := range r.hosts {
			if !slices.ContainsFunc(front.hosts, func(h sourced[string]) bool { return h.v == host.v }) {
				front.hosts = append(front.hosts, host)
			}
		}
		for _, o := range r.outside {
			if !slices.ContainsFunc(front.external, func(e sourced[string]) bool { return e.v == o.v }) {
				front.external = append(front.external, o)
			}
		}
	}
}

// reassign gives what an intent says of a database to the program that the words mean by it: a port on which the program listens,
// and the host at which people reach it.
func (r *reading) reassign() {
	front := r.find(func(p *spoken) bool { return p.role.v == "web" || p.role.v == "api" })
	if front == nil {
		return
	}
	for _, p := range r.parts {
		if p.guest || p.given == "" || !dataRole(p.role.v) || p.product == nil {
			continue
		}
		p.ports = slices.DeleteFunc(p.ports, func(l sourced[port]) bool {
			return !p.product.usesPort(l.v.number) && slices.ContainsFunc(r.parts, func(o *spoken) bool { return o != p && isProgram(o) && o.listens(l.v.number) })
		})
		if len(p.hosts) > 0 && len(front.hosts) == 0 {
			front.hosts, p.hosts = p.hosts, nil
			if !front.exposure.known() {
				front.exposure, p.exposure = p.exposure, sourced[string]{}
			}
		}
	}
}

// inFront is the order in which parts face those who use an application.
var inFront = []string{"web", "api", "proxy", "monitoring", "other", "storage", "worker", "compute", "job", "queue", "database", "cache"}

// chief is the part that stands for the whole: the one in front, and of several the one that no other needs.
func (r *reading) chief() *spoken {
	needed := map[string]bool{}
	for _, p := range r.parts {
		for _, n := range p.dependencies {
			needed[n.v] = true
		}
	}
	for _, role := range inFront {
		var found *spoken
		for _, p := range r.parts {
			if p.role.v == role && (found == nil || needed[found.name.v] && !needed[p.name.v]) {
				found = p
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// names makes names unique; those of the intent are kept first.
func (r *reading) names() {
	taken := map[string]bool{}
	for _, given := range []bool{true, false} {
		for _, p := range r.parts {
			if (p.given != "") == given {
				p.name.v = numbered(strings.ToLower(p.name.v), taken)
			}
		}
	}
}

// uses says which roles usually need which others, when both are there.
var uses = map[string][]string{
	"web":        {"api", "database", "cache", "queue", "storage"},
	"api":        {"database", "cache", "queue", "storage"},
	"worker":     {"database", "cache", "queue", "storage"},
	"job":        {"database", "storage"},
	"proxy":      {"web", "api"},
	"monitoring": {},
}

// wire joins parts that usually belong together. What a page needs it asks of the API, where there is one.
func (r *reading) wire() {
	apis := slices.ContainsFunc(r.parts, func(p *spoken) bool { return p.role.v == "api" })
	for _, p := range r.parts {
		if p.product != nil && p.product.name != "" && r.needsProduct(p) {
			continue
		}
		for _, role := range uses[p.role.v] {
			if p.role.v == "web" && apis && role != "api" || p.lang != nil && p.lang.name == "static" && role != "api" {
				continue
			}
			for _, other := range r.parts {
				if other != p && other.role.v == role && !p.needs(other.name.v) {
					from := provenance{heuristic, sureGuessed, other.name.source, r.say("reason.dependency", "name", p.name.v, "other", other.name.v)}
					p.dependencies = append(p.dependencies, sourced[string]{other.name.v, from})
				}
			}
		}
	}
}

// companions are products that read from others.
var companions = map[string][]string{
	"grafana": {"prometheus", "loki", "influxdb", "victoriametrics"}, "kibana": {"elasticsearch"}, "logstash": {"elasticsearch"}, "prometheus": {"alertmanager"},
	"promtail": {"loki"}, "phpmyadmin": {"mysql", "mariadb"}, "adminer": {"postgresql", "mysql", "mariadb"}, "pgadmin": {"postgresql"},
	"pgbouncer": {"postgresql"}, "kafka": {"zookeeper"}, "zabbix": {"postgresql", "mysql", "mariadb"},
}

// needsProduct joins a product with those that it reads from; true: it needs no others.
func (r *reading) needsProduct(p *spoken) bool {
	list, ok := companions[p.product.name]
	if !ok {
		return false
	}
	for _, other := range r.parts {
		if other.product != nil && slices.Contains(list, other.product.name) && !p.needs(other.name.v) {
			from := provenance{heuristic, sureGuessed, other.name.source, r.say("reason.dependency", "name", p.name.v, "other", other.name.v)}
			p.dependencies = append(p.dependencies, sourced[string]{other.name.v, from})
		}
	}
	return true
}
