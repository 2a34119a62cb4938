package profile

import (
	"strings"
	"testing"
)

// A sentence is a request with the lines that a person takes from it.
type sentence struct{ lang, text, want string }

// sentences are requests with what a person takes from them, written before they were first heard. Values that nobody said and
// that follow from nothing that was said are not listed.
var sentences = []sentence{
	{"en", "Containerise my Node API on port 3000 with a Postgres", `
component api api node
port api 3000/tcp
state api stateless
exposure api application
depends api postgresql
component postgresql database postgresql
state postgresql stateful
exposure postgresql application`},
	{"fr", "Conteneurise mon API Node sur le port 3000 avec une base Postgres", `
component api api node
port api 3000/tcp
state api stateless
exposure api application
depends api postgresql
component postgresql database postgresql
state postgresql stateful
exposure postgresql application`},
	{"en", "Provision a GPU node for our analysis jobs", `
component gpu-node compute -
gpus gpu-node 1
state gpu-node stateless
exposure gpu-node none`},
	{"fr", "Provisionne un nœud GPU avec 2 GPU pour nos analyses", `
component gpu-node compute -
gpus gpu-node 2
state gpu-node stateless
exposure gpu-node none`},
	{"en", "Set up autoscaling for the web frontend: scale between 2 and 6 at 70 % CPU", `
component web web -
replicas web 2..6
state web stateless
exposure web none`},
	{"fr", "Mets en place l'autoscaling de l'API : entre 2 et 6 instances à 70 % de CPU", `
component api api -
replicas api 2..6
state api stateless
exposure api none`},
	{"en", "I need a web server with nginx, reachable from the internet at www.example.org", `
component nginx web nginx
state nginx stateless
exposure nginx public
host nginx www.example.org`},
	{"fr", "Il me faut un serveur web nginx accessible depuis internet sur www.example.org", `
component nginx web nginx
state nginx stateless
exposure nginx public
host nginx www.example.org`},
	{"en", "Deploy a three-tier shop", `
component web web -
state web stateless
exposure web none
depends web api
component api api -
state api stateless
exposure api application
depends api database
component database database -
state database stateful
exposure database application`},
	{"fr", "Déploie une boutique trois tiers, accessible au public", `
component web web -
state web stateless
exposure web public
depends web api
component api api -
state api stateless
exposure api application
depends api database
component database database -
state database stateful
exposure database application`},
	{"en", "A MariaDB database with a replica and 50 GB of data", `
component mariadb database mariadb
state mariadb stateful
exposure mariadb application
replicas mariadb 2..2
disk mariadb 50`},
	{"fr", "Une base de données MariaDB avec réplica et 50 Go de données", `
component mariadb database mariadb
state mariadb stateful
exposure mariadb application
replicas mariadb 2..2
disk mariadb 50`},
	{"en", "Add a Redis cache in front of the Django app", `
component redis cache redis
state redis stateless
exposure redis application
component web web python
state web stateless
exposure web none
depends web redis`},
	{"fr", "Un cache Redis devant l'application Django", `
component redis cache redis
state redis stateless
exposure redis application
component web web python
state web stateless
exposure web none
depends web redis`},
	{"en", "Run RabbitMQ and two Python workers", `
component rabbitmq queue rabbitmq
state rabbitmq stateful
exposure rabbitmq application
component worker worker python
state worker stateless
exposure worker none
replicas worker 2..2
depends worker rabbitmq`},
	{"fr", "Lance RabbitMQ et deux workers Python", `
component rabbitmq queue rabbitmq
state rabbitmq stateful
exposure rabbitmq application
component worker worker python
state worker stateless
exposure worker none
replicas worker 2..2
depends worker rabbitmq`},
	{"en", "Host a static site at docs.example.org", `
component web web static
state web stateless
exposure web public
host web docs.example.org`},
	{"fr", "Héberge un site statique sur docs.lab.local", `
component web web static
state web stateless
exposure web network
host web docs.lab.local`},
	{"en", "A GitLab runner with 4 cores and 8 GB of RAM", `
component gitlab-runner worker gitlab-runner
state gitlab-runner stateless
exposure gitlab-runner none
cpu gitlab-runner 4000
memory gitlab-runner 8192`},
	{"fr", "Un runner CI avec 4 cœurs et 8 Go de mémoire", `
component ci-runner worker -
state ci-runner stateless
exposure ci-runner none
cpu ci-runner 4000
memory ci-runner 8192`},
	{"en", "Set up a monitoring stack with Prometheus and Grafana, internal only", `
component prometheus monitoring prometheus
state prometheus stateful
component grafana monitoring grafana
state grafana stateful
exposure prometheus application
exposure grafana network
depends grafana prometheus`},
	{"fr", "Une stack de supervision Prometheus et Grafana, en interne", `
component prometheus monitoring prometheus
state prometheus stateful
component grafana monitoring grafana
state grafana stateful
exposure prometheus application
exposure grafana network
depends grafana prometheus`},
	{"en", "Two more k3s workers please", `
component k3s-worker compute k3s
state k3s-worker stateful
exposure k3s-worker application
replicas k3s-worker 2..2`},
	{"fr", "Ajoute un nœud worker k3s", `
component k3s-worker compute k3s
state k3s-worker stateful
exposure k3s-worker application`},
	{"en", "Run a nightly job in Python every night at 2:30 that reads the existing Postgres", `
component job job python
state job stateless
exposure job none
schedule job 30 2 * * *
external job postgresql`},
	{"fr", "Un script Python qui tourne toutes les nuits à 2h30", `
component job job python
state job stateless
exposure job none
schedule job 30 2 * * *`},
	{"en", "A FastAPI backend in Python listening on 8000, a React frontend and PostgreSQL 15, for 500 users", `
component api api python
port api 8000/tcp
state api stateless
exposure api application
depends api postgresql
component web web static
state web stateless
exposure web none
depends web api
component postgresql database postgresql
state postgresql stateful
exposure postgresql application
image postgresql postgres:15
cpu api 500
memory api 1024
cpu web 100
memory web 128
cpu postgresql 1000
memory postgresql 2048`},
	{"fr", "Un backend FastAPI qui écoute sur le port 8000, un frontend React et PostgreSQL 15", `
component api api python
port api 8000/tcp
state api stateless
exposure api application
depends api postgresql
component web web static
state web stateless
exposure web none
depends web api
component postgresql database postgresql
state postgresql stateful
exposure postgresql application
image postgresql postgres:15`},
	{"en", "WordPress with MySQL instead of MariaDB, behind a load balancer, without Redis", `
component wordpress web wordpress
state wordpress stateful
exposure wordpress network
depends wordpress mysql
component mysql database mysql
state mysql stateful
exposure mysql application`},
	{"fr", "WordPress avec MySQL plutôt que MariaDB, sans Redis, derrière un répartiteur de charge", `
component wordpress web wordpress
state wordpress stateful
exposure wordpress network
depends wordpress mysql
component mysql database mysql
state mysql stateful
exposure mysql application`},
	{"en", "Deploy a Spring Boot service with up to 8 replicas and Kafka", `
component api api java
state api stateless
exposure api none
replicas api 1..8
depends api kafka
component kafka queue kafka
state kafka stateful
exposure kafka application`},
	{"fr", "Déploie un service Spring Boot avec jusqu'à 8 réplicas et Kafka", `
component api api java
state api stateless
exposure api none
replicas api 1..8
depends api kafka
component kafka queue kafka
state kafka stateful
exposure kafka application`},
	{"en", "An API in Go and a worker in Rust sharing a message queue", `
component api api go
state api stateless
exposure api none
depends api queue
component worker worker rust
state worker stateless
exposure worker none
depends worker queue
component queue queue -
state queue stateless
exposure queue application`},
	{"fr", "Une API en Go et un worker en Rust qui partagent une file de messages", `
component api api go
state api stateless
exposure api none
depends api queue
component worker worker rust
state worker stateless
exposure worker none
depends worker queue
component queue queue -
state queue stateless
exposure queue application`},
	{"en", "A public Next.js website and an internal REST API in PHP", `
component web web node
state web stateless
exposure web public
depends web api
component api api php
state api stateless
exposure api network`},
	{"fr", "Un site web Next.js public et une API REST interne en PHP", `
component web web node
state web stateless
exposure web public
depends web api
component api api php
state api stateless
exposure api network`},
	{"en", "An nginx reverse proxy on ports 80 and 443 in front of 3 web servers running Apache", `
component nginx proxy nginx
port nginx 80/tcp
port nginx 443/tcp
state nginx stateless
exposure nginx application
depends nginx apache
component apache web apache
state apache stateless
exposure apache application
replicas apache 3..3`},
	{"fr", "MinIO avec 500 Go de stockage et un registre Docker sur le port 5000", `
component minio storage minio
state minio stateful
exposure minio application
disk minio 500
component registry storage registry
port registry 5000/tcp
state registry stateful
exposure registry application`},
	{"en", "Clone template 100 into a VM named redis-01 with 4 cores and 8 GB RAM", ``},
	{"fr", "Crée 3 VM de 8 Go basées sur le template 100, nommées web, sur le nœud pmox02", ``},
}

// Shows: T-3.3.5-204
//
// TestCases: a web API to containerise, a GPU node and autoscaling of a workload, in both languages, are heard in full.
func TestCases(t *testing.T) {
	for _, tc := range sentences[:6] {
		if _, missing, extra := tc.heard(t); len(missing)+len(extra) > 0 {
			t.Errorf("%q: missing %q, too much %q", tc.text, missing, extra)
		}
	}
}

// TestTurns: a later turn corrects what was said before.
func TestTurns(t *testing.T) {
	profiles, err := New(Input{Payload: payloadOf("en", []string{
		"A public Node API on port 3000 with Postgres, Redis and 2 replicas", "no Redis please, and MySQL instead of Postgres", "port 4000, 3 replicas and internal only",
	})})
	if err != nil {
		t.Fatal(err)
	}
	checkProfiles(t, profiles)
	want := []string{
		"component api api node", "port api 4000/tcp", "replicas api 3..3", "state api stateless", "exposure api network", "depends api mysql",
		"component mysql database mysql", "state mysql stateful", "exposure mysql application", "image mysql mysql:8.4",
	}
	if _, missing, extra := compare(want, lines(profiles[0])); len(missing)+len(extra) > 0 {
		t.Errorf("missing %q, too much %q", missing, extra)
	}
}

// Shows: T-3.3.5-204
//
// TestSentences holds what is heard in requests against what a person hears.
func TestSentences(t *testing.T) {
	for name, list := range map[string][]sentence{"First": sentences, "Further": furtherSentences, "Later": laterSentences} {
		t.Run(name, func(t *testing.T) {
			var all score
			for _, tc := range list {
				s, missing, extra := tc.heard(t)
				all.add(s)
				if s.missing+s.extra > 0 {
					t.Logf("%q\nmissing:\n  %s\ntoo much:\n  %s", tc.text, strings.Join(missing, "\n  "), strings.Join(extra, "\n  "))
				}
			}
			t.Logf("%d sentences: %v", len(list), all)
			if all.precision() < 0.95 || all.recall() < 0.95 {
				t.Errorf("want at least 0.95 of both, got %v", all)
			}
		})
	}
}

// heard compares what is heard in a sentence with what a person hears.
func (tc sentence) heard(t *testing.T) (s score, missing, extra []string) {
	t.Helper()
	profiles, err := New(Input{Payload: payloadOf(tc.lang, []string{tc.text})})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range profiles {
		for _, l := range lines(p) {
			switch {
			case strings.HasPrefix(l, "image ") && !strings.Contains(tc.want, l):
				// Images that nobody named are the tables'.
			case tc.want == "" && strings.Contains(l, " workload "):
				// The workload that stands in for the intent is all that there is.
			default:
				got = append(got, l)
			}
		}
	}
	var want []string
	if tc.want != "" {
		want = strings.Split(strings.TrimSpace(tc.want), "\n")
	}
	return compare(want, got)
}
