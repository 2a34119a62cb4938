package profile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Shows: T-3.3.5-201
func TestBadPayload(t *testing.T) {
	tests := map[string]struct {
		reason string
		edit   func(*provisov1.ContextPayload) *provisov1.ContextPayload
		path   string
	}{
		"Nothing": {"A missing payload is a violation, no panic.", func(*provisov1.ContextPayload) *provisov1.ContextPayload { return nil }, "intent"},
		"NoIntent": {"Without an intent there is nothing to make a profile of.", func(p *provisov1.ContextPayload) *provisov1.ContextPayload {
			p.Intent = nil
			return p
		}, "intent"},
		"BadWorkload": {"A port beyond the last must not come out as a port.", func(p *provisov1.ContextPayload) *provisov1.ContextPayload {
			p.Intent.Workloads[0].Port = proto.Int32(70000)
			return p
		}, "workloads[0].port"},
		"BadComponent": {"A component without a name cannot be referred to.", func(p *provisov1.ContextPayload) *provisov1.ContextPayload {
			p.Applications = []*provisov1.Application{{
				Name: "shop", Repository: &provisov1.RepositoryReading{Url: "https://git.example.org/shop.git", ReadAt: timestamppb.Now()}, Components: []*provisov1.Component{{}},
			}}
			return p
		}, "components[0].name"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := New(Input{Payload: tc.edit(payloadOf("en", []string{"nginx"}))})
			var invalid *wire.InvalidError
			if !errors.As(err, &invalid) || len(got) > 0 {
				t.Fatalf("got %v, %v; want no profile and an InvalidError: %s", got, err, tc.reason)
			}
			if !slices.ContainsFunc(invalid.Violations, func(v wire.Violation) bool { return v.Path == tc.path }) {
				t.Errorf("got %v, want a violation of %s", invalid.Violations, tc.path)
			}
		})
	}
}

// checkProfiles holds what must be so of any profiles.
func checkProfiles(t interface{ Fatalf(string, ...any) }, profiles []*provisov1.ApplicationProfile) {
	for _, p := range profiles {
		if err := wire.Validate(p); err != nil {
			t.Fatalf("%v", err)
		}
		facts := map[string]bool{}
		for _, f := range p.GetFacts() {
			facts[f.GetPath()] = true
			if f.GetReason() == "" || strings.HasPrefix(f.GetReason(), "profile.") {
				t.Fatalf("%s has the reason %q", f.GetPath(), f.GetReason())
			}
		}
		if !slices.IsSortedFunc(p.GetComponents(), func(a, b *provisov1.ProfileComponent) int { return strings.Compare(a.GetName(), b.GetName()) }) {
			t.Fatalf("components are not sorted")
		}
		for i, c := range p.GetComponents() {
			var paths []string
			list := func(field string, n int) {
				for k := range n {
					paths = append(paths, fmt.Sprintf("%s[%d]", field, k))
				}
			}
			list("ports", len(c.GetPorts()))
			list("dependencies", len(c.GetDependencies()))
			list("external_dependencies", len(c.GetExternalDependencies()))
			list("hosts", len(c.GetHosts()))
			list("volumes", len(c.GetVolumes()))
			list("environment", len(c.GetEnvironment()))
			for _, path := range append(paths, "name", "role", "stateful", "exposure", "replicas", "replicas_most", "sizing.cpu_milli", "sizing.memory_mib") {
				if !facts[fmt.Sprintf("components[%d].%s", i, path)] {
					t.Fatalf("nothing says where components[%d].%s comes from", i, path)
				}
			}
			if c.GetReplicasMost() < c.GetReplicas() {
				t.Fatalf("at most %d of at least %d", c.GetReplicasMost(), c.GetReplicas())
			}
			for _, v := range c.GetEnvironment() {
				if v.GetSecret() && v.GetValue() != "" {
					t.Fatalf("%s is secret and has a value", v.GetName())
				}
			}
		}
	}
}

// anyApplication draws what a repository may say at its strangest.
func anyApplication(t *rapid.T) *provisov1.Application {
	names := rapid.SampledFrom([]string{"web", "api", "db", "worker", "redis", "x-1", strings.Repeat("n", 253)})
	evidence := rapid.Custom(func(t *rapid.T) *provisov1.Evidence {
		return &provisov1.Evidence{
			File:     rapid.SampledFrom([]string{"a.yaml", "b/Dockerfile", strings.Repeat("p/", 500) + "c.yml"}).Draw(t, "file"),
			Line:     rapid.Int32Range(0, 1<<30).Draw(t, "line"),
			Parser:   rapid.SampledFrom([]string{"kubernetes", "helm", "compose", "dockerfile", "package", "environment", "procfile"}).Draw(t, "parser"),
			Standing: rapid.SampledFrom([]string{"observed", "inferred"}).Draw(t, "standing"),
		}
	})
	e := func(t *rapid.T) *provisov1.Evidence { return evidence.Draw(t, "evidence") }
	image := rapid.SampledFrom([]string{"nginx:1", "redis", "registry.example.org/a/b:2", "postgres@sha256:0", "x:", "/", strings.Repeat("i", 512)})
	component := rapid.Custom(func(t *rapid.T) *provisov1.Component {
		return &provisov1.Component{
			Name: names.Draw(t, "name"), Kind: rapid.SampledFrom([]string{"", "service", "stateful", "daemon", "job", "scheduled"}).Draw(t, "kind"),
			Evidence: rapid.SliceOfN(evidence, 0, 3).Draw(t, "at"),
			Images: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.ImageFact {
				return &provisov1.ImageFact{Reference: image.Draw(t, "image"), Role: rapid.SampledFrom([]string{"run", "base", "build", "init"}).Draw(t, "role"), Evidence: e(t)}
			}), 0, 5).Draw(t, "images"),
			Ports: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.PortFact {
				return &provisov1.PortFact{Number: rapid.Int32Range(1, 65535).Draw(t, "number"), Protocol: rapid.SampledFrom([]string{"tcp", "udp", "sctp"}).Draw(t, "protocol"), Evidence: e(t)}
			}), 0, 128).Draw(t, "ports"),
			Exposures: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.ExposureFact {
				return &provisov1.ExposureFact{
					Kind: rapid.SampledFrom([]string{"cluster", "node-port", "load-balancer", "ingress", "host"}).Draw(t, "kind"), TargetPort: rapid.Int32Range(0, 65535).Draw(t, "target"),
					Host: rapid.SampledFrom([]string{"", "a.example.org", "b.lab.local", strings.Repeat("h", 253)}).Draw(t, "host"), Evidence: e(t),
				}
			}), 0, 8).Draw(t, "exposures"),
			Environment: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.EnvironmentFact {
				return &provisov1.EnvironmentFact{
					Name: rapid.StringMatching(`[A-Z_]{1,3}`).Draw(t, "name"), Secret: rapid.Bool().Draw(t, "secret"), Value: rapid.SampledFrom([]string{"", "v", "hunter2", strings.Repeat("é", 512)}).Draw(t, "value"), Evidence: e(t),
				}
			}), 0, 64).Draw(t, "environment"),
			Volumes: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.VolumeFact {
				return &provisov1.VolumeFact{
					Path: rapid.SampledFrom([]string{"/data", "/var/lib/postgresql/data", "/c/cache", strings.Repeat("v", 1024)}).Draw(t, "path"), Kind: rapid.SampledFrom([]string{"persistent", "configuration", "secret", "temporary", "host"}).Draw(t, "kind"),
					SizeBytes: rapid.Int64Min(0).Draw(t, "size"), StorageClass: strings.Repeat("s", 253), Evidence: e(t),
				}
			}), 0, 128).Draw(t, "volumes"),
			Resources: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.ResourceFact {
				return &provisov1.ResourceFact{
					Resource: rapid.SampledFrom([]string{"cpu", "memory", "ephemeral-storage", "gpu"}).Draw(t, "resource"), Bound: rapid.SampledFrom([]string{"request", "limit"}).Draw(t, "bound"),
					Amount: rapid.Int64Min(0).Draw(t, "amount"), Evidence: e(t),
				}
			}), 0, 16).Draw(t, "resources"),
			Replicas: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.ReplicaFact {
				return &provisov1.ReplicaFact{Count: rapid.Int32Min(0).Draw(t, "count"), Most: rapid.Int32Min(0).Draw(t, "most"), Evidence: e(t)}
			}), 0, 4).Draw(t, "replicas"),
			Dependencies: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.DependencyFact {
				return &provisov1.DependencyFact{Name: names.Draw(t, "name"), Component: rapid.Bool().Draw(t, "component"), Evidence: e(t)}
			}), 0, 16).Draw(t, "dependencies"),
			Runtimes: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.RuntimeFact {
				return &provisov1.RuntimeFact{Name: rapid.SampledFrom([]string{"go", "node", "static", "cobol", strings.Repeat("r", 32)}).Draw(t, "name"), Framework: rapid.SampledFrom([]string{"", "express", "django", "other"}).Draw(t, "framework"), Evidence: e(t)}
			}), 0, 3).Draw(t, "runtimes"),
			Commands: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.CommandFact {
				return &provisov1.CommandFact{Command: rapid.SampledFrom([]string{"celery worker", "./x", strings.Repeat("c", 1024)}).Draw(t, "command"), Evidence: e(t)}
			}), 0, 2).Draw(t, "commands"),
			Health: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *provisov1.HealthFact {
				return &provisov1.HealthFact{Kind: rapid.SampledFrom([]string{"readiness", "liveness", "startup", "container"}).Draw(t, "kind"), Check: strings.Repeat("k", 512), Evidence: e(t)}
			}), 0, 2).Draw(t, "health"),
		}
	})
	return &provisov1.Application{
		Name: names.Draw(t, "name"), Repository: &provisov1.RepositoryReading{Url: "https://git.example.org/a.git", ReadAt: &timestamppb.Timestamp{Seconds: 1}},
		Components: rapid.SliceOfN(component, 0, 6).Draw(t, "components"),
	}
}

// TestAnyApplication: whatever a repository says, its profile keeps the contract, and is the same each time.
func TestAnyApplication(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := payloadOf(rapid.SampledFrom([]string{"en", "fr"}).Draw(t, "language"), []string{rapid.SampledFrom(sentences).Draw(t, "words").text}, anyApplication(t))
		before := proto.CloneOf(payload)
		profiles, err := New(Input{Payload: payload})
		if err != nil {
			t.Fatalf("%v", err)
		}
		checkProfiles(t, profiles)
		if !proto.Equal(before, payload) {
			t.Fatalf("the payload was changed")
		}
		again, err := New(Input{Payload: payload})
		if diff := cmp.Diff(profiles, again, protocmp.Transform()); err != nil || diff != "" {
			t.Fatalf("equal payloads gave different profiles: %v %s", err, diff)
		}
	})
}

// FuzzWords: whatever is said, the profile keeps the contract, and no word of it goes into an image or a command.
func FuzzWords(f *testing.F) {
	for _, s := range sentences {
		f.Add(s.text, s.lang == "fr")
	}
	f.Add("Node API, port 99999999999, between 9 and 2 replicas; scale to 999999999999 at 300 % CPU", false)
	f.Add("image evil.example.org/x:latest; rm -rf /; postgres:$(id) nginx:../../etc every 99 minutes at 77:77", false)
	f.Fuzz(func(t *testing.T, text string, french bool) {
		text = strings.ToValidUTF8(clip(text, 4096), "")
		lang := "en"
		if french {
			lang = "fr"
		}
		profiles, err := New(Input{Payload: payloadOf(lang, []string{text})})
		if err != nil {
			t.Fatal(err)
		}
		checkProfiles(t, profiles)
		for _, p := range profiles {
			for _, f := range p.GetFacts() {
				if (f.GetOrigin() == stated || f.GetOrigin() == heuristic) && (f.GetSource() == "" || !strings.Contains(text, f.GetSource()) || f.GetConfidence() >= sureDeployed-contradicted+0.01) {
					t.Fatalf("%s comes from %q with %v, which nobody said", f.GetPath(), f.GetSource(), f.GetConfidence())
				}
			}
			for _, c := range p.GetComponents() {
				if c.GetCommand() != "" {
					t.Fatalf("a command came out of words: %q", c.GetCommand())
				}
				name, version, _ := strings.Cut(c.GetImage(), ":")
				known := name == "" || slices.ContainsFunc(products(), func(p *product) bool { return p.image == name && (p.tag == version || versionPattern(version)) })
				if !known {
					t.Fatalf("an image came out of words: %q", c.GetImage())
				}
			}
		}
	})
}

// TestLargest: the largest application that the contract allows still fits a profile, and what was cut is said.
func TestLargest(t *testing.T) {
	app := &provisov1.Application{Name: "large", Repository: &provisov1.RepositoryReading{Url: "https://git.example.org/large.git", ReadAt: timestamppb.Now()}}
	e := func(line int) *provisov1.Evidence {
		return &provisov1.Evidence{File: "k8s/all.yaml", Line: int32(line), Parser: "kubernetes", Standing: "observed"}
	}
	for i := range 256 {
		c := &provisov1.Component{Name: fmt.Sprintf("part-%03d", i), Kind: "service", Evidence: []*provisov1.Evidence{e(i)}}
		for k := range 512 {
			c.Environment = append(c.Environment, &provisov1.EnvironmentFact{Name: fmt.Sprintf("V%d", k), Value: "v", Evidence: e(k)})
		}
		for k := range 128 {
			c.Ports = append(c.Ports, &provisov1.PortFact{Number: int32(1000 + k), Protocol: "tcp", Evidence: e(k)})
		}
		app.Components = append(app.Components, c)
	}
	profiles, err := New(Input{Payload: payloadOf("en", nil, app)})
	if err != nil {
		t.Fatal(err)
	}
	checkProfiles(t, profiles)
	p := profiles[0]
	if n := len(p.GetComponents()); n < 40 || n == 256 {
		t.Errorf("got %d components, want as many as have room and no more", n)
	}
	var cut []string
	for _, f := range p.GetFacts() {
		if strings.Contains(f.GetReason(), "more than a profile holds") {
			cut = append(cut, f.GetPath())
		}
	}
	for _, path := range []string{"components", "components[0].ports"} {
		if !slices.Contains(cut, path) {
			t.Errorf("nothing says that %s was cut; said: %v", path, cut)
		}
	}
}

// TestTables holds the tables against the contract.
func TestTables(t *testing.T) {
	if n := len(products()); n < 120 {
		t.Errorf("got %d products, want at least 120", n)
	}
	seen := map[string]bool{}
	for _, p := range products() {
		if seen[p.name] {
			t.Errorf("%s stands twice", p.name)
		}
		seen[p.name] = true
		if p.small.cpu <= 0 || p.small.memory <= 0 || p.normal.cpu < p.small.cpu || p.normal.memory < p.small.memory || p.normal.disk < p.small.disk {
			t.Errorf("%s: sizes %v and %v do not grow", p.name, p.small, p.normal)
		}
		if p.stateful && (p.data == "" || p.small.disk == 0) {
			t.Errorf("%s keeps data and nobody knows where, or how much", p.name)
		}
		if len(p.listed()) != len(strings.Fields(p.ports)) {
			t.Errorf("%s: ports %q", p.name, p.ports)
		}
		if p.check != "" && asksPort(p.check) && !slices.ContainsFunc(p.listed(), func(l port) bool { return asks(p.check, l.number) }) {
			t.Errorf("%s: %q asks a port that it does not have", p.name, p.check)
		}
	}
	for _, f := range frameworks {
		if languageNamed(f.language) == nil {
			t.Errorf("%s is written in %s, which nobody knows", f.name, f.language)
		}
	}
	for _, list := range companions {
		for _, name := range list {
			if productsByName()[name] == nil {
				t.Errorf("companion %s is no product", name)
			}
		}
	}
	for _, n := range nouns {
		for _, name := range splitWords(n.products + " " + n.product) {
			if productsByName()[name] == nil {
				t.Errorf("%s stands for %s, which is no product", n.name, name)
			}
		}
		for _, name := range splitWords(n.nouns) {
			if nounNamed(name) == nil {
				t.Errorf("%s stands for %s, which is no noun", n.name, name)
			}
		}
	}
}

// TestRepeated: saying a thing again makes no second of it.
func TestRepeated(t *testing.T) {
	once, err := New(Input{Payload: payloadOf("en", []string{"Node API, Python API, Django app, redis and a script. "})})
	if err != nil {
		t.Fatal(err)
	}
	again, err := New(Input{Payload: payloadOf("en", []string{strings.Repeat("Node API, Python API, Django app, redis and a script. ", 70)})})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(again[0].GetComponents()), len(once[0].GetComponents()); got != want {
		t.Errorf("got %d components, want %d", got, want)
	}
}

// TestTextsAreSaid: every text of the catalogue is one that a profile can say.
func TestTextsAreSaid(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(data)
	}
	for key := range i18n.Texts(i18n.English, "profile.") {
		key = strings.TrimPrefix(key, "profile.")
		// The last part of some is a value: "reason.health." + kind, "contradiction." + what.
		stem := key[:strings.LastIndexByte(key, '.')+1]
		if !strings.Contains(code.String(), `"`+key+`"`) && !strings.Contains(code.String(), `"`+stem+`"`) {
			t.Errorf("nothing says %s", key)
		}
	}
}
