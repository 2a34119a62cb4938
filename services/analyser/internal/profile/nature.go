package profile

import (
	"slices"
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// roleNames are parts of names and commands that tell what a component does, in the order in which they are tried.
var roleNames = []struct {
	role  string
	parts string
}{
	{"worker", "worker workers consumer processor sidekiq celery beat queue-worker horizon scheduler daemon crawler agent runner loadgenerator loadgen"},
	{"job", "migrate migration migrations seed init release backup sauvegarde dump"},
	{"proxy", "proxy gateway ingress loadbalancer lb edge router"},
	{"api", "api backend app server service svc rest graphql grpc"},
	{"web", "web frontend front www site ui webapp portal shop store dashboard client html pages static admin"},
	{"database", "db database postgres mysql mariadb mongo sql base"},
	{"cache", "cache redis memcached"},
	{"queue", "queue broker mq kafka rabbit bus events"},
	{"monitoring", "metrics monitoring exporter prometheus grafana logs logging journal"},
	{"storage", "storage files media minio s3 registry"},
	{"compute", "gpu inference training llm notebook"},
}

// roleByName concludes a role from the parts of a name.
func roleByName(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' || r == '/' || r == ' ' })
	for _, row := range roleNames {
		for known := range strings.FieldsSeq(row.parts) {
			if slices.Contains(parts, known) {
				return row.role
			}
		}
	}
	return ""
}

// productOf finds the product that a component runs: by the image that runs, else by what it is built on.
func (s speech) productOf(c *provisov1.Component) *product {
	p, _, _ := s.runs(c)
	return p
}

// runs finds the product or the language of a component by its images, with the fact that tells.
func (s speech) runs(c *provisov1.Component) (*product, *language, *provisov1.ImageFact) {
	list := ordered(c.GetImages(), (*provisov1.ImageFact).GetEvidence)
	for _, role := range []string{"run", "base", "build"} {
		for _, f := range list {
			if f.GetRole() != role {
				continue
			}
			if p := productOf(f.GetReference()); p != nil && role != "build" {
				return p, nil, f
			}
			if l := languageOf(f.GetReference()); l != nil {
				return nil, l, f
			}
			if role == "run" {
				break // sidecars do not tell what the component is
			}
		}
	}
	return nil, nil, nil
}

// nature concludes role and technology. What runs periodically is a job whatever its image; a program that people wrote is told by
// its name, then by its framework; a product is what the table says.
func (s speech) nature(d *draft, c *provisov1.Component) {
	p, l, f := s.runs(c)
	written := c.GetRuntimes()
	switch {
	case p != nil && (f.GetRole() == "run" || len(written) == 0):
		d.product = p
		d.technology = sourced[string]{p.name, s.follows(sureWritten, place(f.GetEvidence()), "reason.technology.image", "image", f.GetReference())}
	case len(written) > 0:
		r := ordered(written, (*provisov1.RuntimeFact).GetEvidence)[0]
		d.lang = languageNamed(r.GetName())
		d.technology = sourced[string]{r.GetName(), s.read(r.GetEvidence())}
		d.technology.reason = s.say("reason.technology.runtime", "language", r.GetName())
		if r.GetName() == "static" {
			d.technology.reason = s.say("reason.technology.static")
		}
	case l != nil:
		d.lang = l
		d.technology = sourced[string]{l.name, s.follows(sureConcluded, place(f.GetEvidence()), "reason.technology.image", "image", f.GetReference())}
	default:
		s.byPort(d, c)
	}
	s.roleOf(d, c)
	if d.role.v == "job" {
		d.stateful.assume(false, s.follows(sureConcluded, d.role.source, "reason.stateless.job"))
	}
	if c.GetKind() == "stateful" {
		d.stateful = sourced[bool]{true, s.declared(c)}
		d.stateful.reason = s.say("reason.stateful.kind")
	}
}

// byPort concludes a product from a port that only it has, where no image tells another.
func (s speech) byPort(d *draft, c *provisov1.Component) {
	for _, l := range d.ports {
		p := productsByPort()[l.v.number]
		if p == nil || c.GetKind() == "job" || c.GetKind() == "scheduled" {
			continue
		}
		if role := roleByName(d.name.v); role != "" && role != p.role && !strings.Contains(d.name.v, p.name) {
			continue
		}
		d.product = p
		d.technology = sourced[string]{p.name, s.follows(sureGuessed, l.source, "reason.technology.port", "port", strconv.Itoa(int(l.v.number)), "technology", p.name)}
		return
	}
}

func (s speech) roleOf(d *draft, c *provisov1.Component) {
	declared := place(first(c.GetEvidence()))
	if kind := c.GetKind(); kind == "job" || kind == "scheduled" {
		d.role = sourced[string]{"job", s.follows(sureWritten, declared, "reason.role.kind."+kind)}
		return
	}
	if d.product != nil && d.product.role == "web" && !d.product.stateful && inFrontOf(d) {
		d.role = sourced[string]{"proxy", s.follows(sureGuessed, d.dependencies[0].source, "reason.role.in_front", "technology", d.product.name, "other", d.dependencies[0].v)}
		return
	}
	if d.product != nil {
		d.role = sourced[string]{d.product.role, s.follows(d.technology.confidence, d.technology.source, "reason.role.product", "technology", d.product.name)}
		return
	}
	named := roleByName(d.name.v)
	// The product tables are for products: a name alone makes no database of a program in a language.
	if dataRole(named) && len(c.GetRuntimes()) > 0 {
		named = ""
	}
	var byFramework *framework
	var runtime *provisov1.RuntimeFact
	for _, r := range ordered(c.GetRuntimes(), (*provisov1.RuntimeFact).GetEvidence) {
		if f := frameworkNamed(r.GetFramework()); f != nil {
			byFramework, runtime = f, r
			break
		}
	}
	command := roleByName(strings.Join(firstWords(d.command.v, 4), " "))
	switch {
	case d.gpus.v > 0:
		d.role = sourced[string]{"compute", s.follows(sureConcluded, d.gpus.source, "reason.role.gpu")}
	case named == "worker" || named == "job":
		d.role = sourced[string]{named, s.follows(sureGuessed, d.name.source, "reason.role.name", "name", d.name.v)}
	case command == "worker":
		d.role = sourced[string]{command, s.follows(sureGuessed, d.command.source, "reason.role.command")}
	case named != "" && named != "api":
		d.role = sourced[string]{named, s.follows(sureGuessed, d.name.source, "reason.role.name", "name", d.name.v)}
	case byFramework != nil && named == "" && byFramework.either && (d.exposure.v == "public" || d.exposure.v == "network"):
		d.role = sourced[string]{"web", s.follows(sureUsual, d.exposure.source, "reason.role.exposed")}
	case byFramework != nil && (named == "" || named == "api" && !saysAPI(d.name.v)):
		d.role = sourced[string]{byFramework.role, s.follows(sureConcluded, place(runtime.GetEvidence()), "reason.role.framework", "framework", byFramework.name)}
	case named != "":
		d.role = sourced[string]{named, s.follows(sureGuessed, d.name.source, "reason.role.name", "name", d.name.v)}
	case d.lang != nil && d.lang.name == "static":
		d.role = sourced[string]{"web", s.follows(sureConcluded, d.technology.source, "reason.role.static")}
	case d.exposure.v == "public" || d.exposure.v == "network":
		d.role = sourced[string]{"web", s.follows(sureThumb, d.exposure.source, "reason.role.exposed")}
	case len(d.ports) > 0:
		d.role = sourced[string]{"api", s.follows(sureThumb, d.ports[0].source, "reason.role.port")}
	case d.technology.known():
		d.role = sourced[string]{"worker", s.follows(sureThumb, d.technology.source, "reason.role.silent")}
	}
}

// inFrontOf reports whether a web server that only passes requests on has something to pass them to.
func inFrontOf(d *draft) bool {
	if len(d.dependencies) == 0 || !passesOn[d.product.name] {
		return false
	}
	for _, n := range d.dependencies {
		if role := roleByName(n.v); dataRole(role) || role == "worker" || role == "job" {
			return false
		}
	}
	return true
}

// passesOn are web servers that stand in front of programs as often as they serve files.
var passesOn = map[string]bool{"nginx": true, "apache": true, "caddy": true, "lighttpd": true}

// saysAPI reports whether a name says api itself rather than something that any program is.
func saysAPI(name string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' }),
		func(part string) bool { return part == "api" || part == "rest" || part == "graphql" || part == "grpc" })
}

func firstWords(text string, n int) []string {
	words := strings.Fields(text)
	return words[:min(len(words), n)]
}

func first(list []*provisov1.Evidence) *provisov1.Evidence {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}
