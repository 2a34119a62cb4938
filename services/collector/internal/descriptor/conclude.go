package descriptor

import (
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// serviceImages are the images that plainly are a kind of service.
var serviceImages = map[string]string{
	"postgres": "postgresql", "postgresql": "postgresql", "postgis": "postgresql", "pgvector": "postgresql", "timescaledb": "postgresql", "timescaledb-ha": "postgresql", "spilo": "postgresql",
	"cloudnative-pg": "postgresql", "postgresql-repmgr": "postgresql", "supabase-postgres": "postgresql",
	"mysql": "mysql", "mysql-server": "mysql", "mariadb": "mysql", "percona": "mysql", "percona-server": "mysql", "mariadb-galera": "mysql",
	"mongo": "mongodb", "mongodb": "mongodb", "mongodb-community-server": "mongodb", "ferretdb": "mongodb",
	"redis": "redis", "redis-stack": "redis", "redis-stack-server": "redis", "valkey": "redis", "keydb": "redis", "dragonfly": "redis", "redis-cluster": "redis",
	"rabbitmq": "rabbitmq",
	"kafka":    "kafka", "cp-kafka": "kafka", "cp-server": "kafka", "redpanda": "kafka", "kafka-native": "kafka",
	"elasticsearch": "elasticsearch", "opensearch": "elasticsearch",
	"memcached": "memcached",
	"nats":      "nats", "nats-server": "nats",
	"minio": "s3", "localstack": "s3", "seaweedfs": "s3", "garage": "s3",
}

// service is the kind of service that a part plainly is, by an image that it runs or is built on; empty: none.
func (p *part) service() string {
	for _, f := range p.component.GetImages() {
		if f.GetRole() == "run" || f.GetRole() == "base" {
			if kind := serviceImages[strings.ToLower(imageName(f.GetReference()))]; kind != "" {
				return kind
			}
		}
	}
	return ""
}

// conclude adds what follows from all facts together: dependencies on components whose hosts stand in variables, services that
// client libraries need, and the ports of frameworks where nobody says a port.
func (s *session) conclude() {
	all := s.sorted()
	services := map[string][]string{}
	for _, p := range all {
		if kind := p.service(); kind != "" {
			services[kind] = append(services[kind], p.component.GetName())
		}
	}
	for _, p := range all {
		s.hosts(p)
		p.require(services)
		if len(p.component.GetPorts()) == 0 {
			p.component.Ports = p.ports
		}
	}
}

// hosts adds dependencies on the components whose names stand as hosts in variables.
func (s *session) hosts(p *part) {
	mentions := p.mentions
	for _, f := range p.component.GetEnvironment() {
		for _, host := range reading.Hosts(f.GetName(), f.GetValue()) {
			mentions = append(mentions, reading.Mention{Host: host, Evidence: f.GetEvidence()})
		}
	}
	for _, m := range mentions {
		if other := s.parts[m.Host]; other != nil && other != p {
			p.component.Dependencies = append(p.component.Dependencies, &provisov1.DependencyFact{Name: m.Host, Component: true, Evidence: m.Evidence})
		}
	}
}

// require adds what client libraries need: the component that is that service, one that is depended on already before others,
// else the kind of service.
func (p *part) require(services map[string][]string) {
	for _, need := range p.needs {
		candidates := services[need.GetName()]
		own := p.component.GetName()
		known := func(name string) bool {
			return slices.ContainsFunc(p.component.GetDependencies(), func(d *provisov1.DependencyFact) bool { return d.GetComponent() && d.GetName() == name })
		}
		fact := &provisov1.DependencyFact{Name: need.GetName(), Evidence: need.GetEvidence()}
		switch i := slices.IndexFunc(candidates, known); {
		case slices.Contains(candidates, own):
			continue
		case i >= 0:
			fact.Name, fact.Component = candidates[i], true
		case len(candidates) > 0:
			fact.Name, fact.Component = candidates[0], true
		}
		p.component.Dependencies = append(p.component.Dependencies, fact)
	}
}
