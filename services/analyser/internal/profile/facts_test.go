package profile

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// applicationOf reads the facts of a repository of test/repositories, as they stand in its TRUTH, into the form in which the
// collector hands them on. So a profile is measured against the repository and not against the parsers.
func applicationOf(t *testing.T, name string) *provisov1.Application {
	t.Helper()
	data, err := os.ReadFile("../../../../test/repositories/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, truth, ok := strings.Cut(string(data), "\n-- TRUTH --\n")
	if !ok {
		t.Fatalf("%s has no TRUTH", name)
	}
	return applicationFrom(t, name, truth)
}

func applicationFrom(t *testing.T, name, truth string) *provisov1.Application {
	t.Helper()
	app := &provisov1.Application{Name: name, Repository: &provisov1.RepositoryReading{Url: "https://git.example.org/" + name + ".git", ReadAt: timestamppb.Now()}}
	byName := map[string]*provisov1.Component{}
	for line := range strings.Lines(truth) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fact, where, ok := cutLast(line, " @ ")
		if !ok {
			t.Fatalf("no place in %q", line)
		}
		w := quotedFields(fact)
		if w[0] == "guest" {
			app.Resources = append(app.Resources, guestOf(t, w, evidenceOf(t, where)))
		}
		if w[0] == "problem" || w[0] == "code" || w[0] == "guest" {
			continue
		}
		c := byName[w[1]]
		if c == nil {
			c = &provisov1.Component{Name: w[1]}
			byName[w[1]] = c
			app.Components = append(app.Components, c)
		}
		e := evidenceOf(t, where)
		number := func(s string) int64 {
			if s == "-" {
				return 0
			}
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			return n
		}
		text := func(s string) string {
			if s == "-" {
				return ""
			}
			return s
		}
		switch w[0] {
		case "component":
			c.Kind, c.Evidence = text(w[2]), []*provisov1.Evidence{e}
		case "image":
			c.Images = append(c.Images, &provisov1.ImageFact{Role: w[2], Reference: w[3], Evidence: e})
		case "port":
			n, protocol, _ := strings.Cut(w[2], "/")
			c.Ports = append(c.Ports, &provisov1.PortFact{Number: int32(number(n)), Protocol: protocol, Evidence: e})
		case "expose":
			from, to, _ := strings.Cut(w[3], "->")
			c.Exposures = append(c.Exposures, &provisov1.ExposureFact{Kind: w[2], Port: int32(number(from)), TargetPort: int32(number(to)), Host: text(w[4]), Evidence: e})
		case "env":
			v := &provisov1.EnvironmentFact{Name: w[2], Secret: w[3] == "secret", Evidence: e}
			if !v.GetSecret() {
				v.Value = text(w[3])
			}
			c.Environment = append(c.Environment, v)
		case "volume":
			c.Volumes = append(c.Volumes, &provisov1.VolumeFact{Path: w[2], Kind: w[3], Name: text(w[4]), SizeBytes: number(w[5]), Evidence: e})
		case "resource":
			c.Resources = append(c.Resources, &provisov1.ResourceFact{Resource: w[2], Bound: w[3], Amount: number(w[4]), Evidence: e})
		case "replicas":
			least, most, _ := strings.Cut(w[2], "..")
			f := &provisov1.ReplicaFact{Count: int32(number(least)), Evidence: e}
			if most != "" {
				f.Most = int32(number(most))
			}
			c.Replicas = append(c.Replicas, f)
		case "depends":
			e.Standing = w[4]
			c.Dependencies = append(c.Dependencies, &provisov1.DependencyFact{Name: w[2], Component: w[3] == "component", Evidence: e})
		case "runtime":
			c.Runtimes = append(c.Runtimes, &provisov1.RuntimeFact{Name: w[2], Version: text(w[3]), Framework: text(w[4]), Evidence: e})
		case "health":
			c.Health = append(c.Health, &provisov1.HealthFact{Kind: w[2], Check: strings.Join(w[3:], " "), Evidence: e})
		default:
			t.Fatalf("unknown fact %q", line)
		}
	}
	return app
}

// guestOf reads a machine that Terraform code declares.
func guestOf(t *testing.T, w []string, e *provisov1.Evidence) *provisov1.DeclaredResource {
	t.Helper()
	g := &provisov1.DeclaredGuest{Dialect: w[2], Kind: w[3]}
	for _, pair := range w[4:] {
		key, value, _ := strings.Cut(pair, "=")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch key {
		case "name":
			g.Name = &value
		case "cores":
			g.Cores = new(int32(n))
		case "memory":
			g.MemoryMib = &n
		case "disk":
			g.DiskBytes = &n
		case "count":
			g.Count = new(int32(n))
		}
	}
	return &provisov1.DeclaredResource{Address: w[1], Kind: "resource", Guest: g, Evidence: e}
}

// evidenceOf reads "file:line"; which parser read a file follows from its name.
func evidenceOf(t *testing.T, where string) *provisov1.Evidence {
	t.Helper()
	file, line, ok := cutLast(where, ":")
	n, err := strconv.Atoi(line)
	if !ok || err != nil {
		t.Fatalf("no place: %q", where)
	}
	base := strings.ToLower(file[strings.LastIndexByte(file, '/')+1:])
	e := &provisov1.Evidence{File: file, Line: int32(n), Standing: "observed", Parser: "package"}
	switch {
	case strings.Contains(base, "dockerfile"):
		e.Parser = "dockerfile"
	case strings.Contains(base, "compose"):
		e.Parser = "compose"
	case base == "procfile":
		e.Parser = "procfile"
	case strings.Contains(base, ".env"):
		e.Parser = "environment"
	case strings.HasPrefix(file, "chart/"), strings.HasPrefix(file, "templates/"):
		e.Parser = "helm"
	case strings.HasSuffix(base, ".yaml"), strings.HasSuffix(base, ".yml"):
		e.Parser = "kubernetes"
	case strings.HasSuffix(base, ".tf"):
		e.Parser = "terraform"
	}
	return e
}

func cutLast(s, sep string) (string, string, bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// quotedFields splits at spaces outside of double quotes.
func quotedFields(s string) []string {
	var out []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		if s[0] == '"' {
			if q, err := strconv.QuotedPrefix(s); err == nil {
				text, _ := strconv.Unquote(q)
				out, s = append(out, text), s[len(q):]
				continue
			}
		}
		word, rest, _ := strings.Cut(s, " ")
		out, s = append(out, word), rest
	}
	return out
}

// payloadOf is a payload whose intent asks for repositories, or for a workload that only the words describe.
func payloadOf(language string, turns []string, apps ...*provisov1.Application) *provisov1.ContextPayload {
	p := &provisov1.ContextPayload{
		RunId: "run-1", Language: language, Applications: apps,
		Intent: &provisov1.ProvisionIntent{IntentId: "intent-1", Language: language, Target: &provisov1.Target{Platform: "proxmox"}},
	}
	for i := range apps {
		p.Intent.Repositories = append(p.Intent.Repositories, &provisov1.Repository{Url: new(fmt.Sprintf("https://git.example.org/%d.git", i))})
	}
	if len(apps) == 0 {
		p.Intent.Workloads = []*provisov1.Workload{{}}
	}
	for _, text := range turns {
		p.Transcript = append(p.Transcript, &provisov1.Turn{Text: text})
	}
	return p
}
