package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// pairs are applications told twice: by a repository, as lines of facts, and by words.
var pairs = map[string]struct {
	reason string
	facts  string
	lang   string
	words  string
}{
	"API": {
		reason: "A program with its database is the commonest of all.",
		facts: `
component api service @ compose.yaml:3
port api 3000/tcp @ compose.yaml:6
runtime api node - express @ package.json:7
depends api postgresql component observed @ compose.yaml:8
component postgresql service @ compose.yaml:9
image postgresql run postgres:16 @ compose.yaml:10
env postgresql POSTGRES_PASSWORD secret @ compose.yaml:12`,
		lang: "en", words: "Containerise my Node API on port 3000 with a Postgres 16",
	},
	"Autoscaled": {
		reason: "Bounds of an autoscaler are the same whoever sets them.",
		facts: `
component nginx service @ k8s/web.yaml:3
image nginx run nginx:1.27 @ k8s/web.yaml:10
port nginx 80/tcp @ k8s/web.yaml:12
expose nginx ingress 80->80 shop.example.org @ k8s/ingress.yaml:8
replicas nginx 2..6 @ k8s/hpa.yaml:9`,
		lang: "fr", words: "Un serveur web nginx 1.27 public sur shop.example.org, port 80, entre 2 et 6 réplicas à 70 % de CPU",
	},
	"Queue": {
		reason: "Sizes that are stated go before those of the tables.",
		facts: `
component rabbitmq stateful @ k8s/mq.yaml:3
image rabbitmq run rabbitmq:3 @ k8s/mq.yaml:9
volume rabbitmq /var/lib/rabbitmq persistent data 21474836480 @ k8s/mq.yaml:14
component worker service @ k8s/worker.yaml:3
replicas worker 4 @ k8s/worker.yaml:6
runtime worker python 3.12 - @ requirements.txt:1
depends worker rabbitmq component observed @ k8s/worker.yaml:12`,
		lang: "en", words: "RabbitMQ 3 with 20 GB of storage and 4 Python workers",
	},
}

// Shows: T-3.3.5-205, T-3.3.5-215
//
// TestPairs holds the profile of a repository against that of words: they differ in where values come from and how sure they are,
// and in nothing else.
func TestPairs(t *testing.T) {
	for name, tc := range pairs {
		t.Run(name, func(t *testing.T) {
			app := applicationFrom(t, "application", tc.facts)
			read, err := New(Input{Payload: payloadOf(tc.lang, nil, app)})
			if err != nil {
				t.Fatal(err)
			}
			heard, err := New(Input{Payload: payloadOf(tc.lang, []string{tc.words})})
			if err != nil {
				t.Fatal(err)
			}
			if len(read) != 1 || len(heard) != 1 {
				t.Fatalf("want one profile each, got %d and %d", len(read), len(heard))
			}
			// The name of the whole is the repository's, which no words give.
			if diff := cmp.Diff(bare(read[0]), bare(heard[0]), protocmp.Transform()); diff != "" {
				t.Errorf("%s (-repository +words):\n%s", tc.reason, diff)
			}
			if read[0].GetMethod() != "parsed" || heard[0].GetMethod() != "inferred" {
				t.Errorf("want parsed and inferred, got %s and %s", read[0].GetMethod(), heard[0].GetMethod())
			}
			certain, guessed := confidences(read[0]), confidences(heard[0])
			for path, sure := range guessed {
				if sure > certain[path] {
					t.Errorf("%s: %.2f from words, %.2f from the repository", path, sure, certain[path])
				}
			}
		})
	}
}

// bare is a profile without its own name and without where its values come from; which values have facts stays.
func bare(p *provisov1.ApplicationProfile) *provisov1.ApplicationProfile {
	out := &provisov1.ApplicationProfile{Components: p.GetComponents()}
	for _, f := range p.GetFacts() {
		out.Facts = append(out.Facts, &provisov1.ProfileFact{Path: f.GetPath(), Origin: "observed"})
	}
	out.Contradictions = p.GetContradictions()
	return out
}

func confidences(p *provisov1.ApplicationProfile) map[string]float64 {
	out := map[string]float64{}
	for _, f := range p.GetFacts() {
		out[f.GetPath()] = f.GetConfidence()
	}
	return out
}
