// Package boundary holds the rules on who may import whom. Each forbidden dependency carries its reason.
package boundary

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A pkg is what the rules need to know of one package of the workspace.
type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
}

func workspace(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps",
		"work")
	cmd.Dir = "../.."
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(out); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return pkgs
}

// layer orders the modules: imports run from higher to lower only.
func layer(path string) (name string, order int) {
	switch {
	case strings.HasPrefix(path, "proviso.dev/proto"):
		return "proto", 0
	case strings.HasPrefix(path, "proviso.dev/pkg"):
		return "pkg", 1
	case strings.HasPrefix(path, "proviso.dev/services/proviso"):
		return "services/proviso", 3
	case strings.HasPrefix(path, "proviso.dev/services/"):
		return strings.Join(strings.Split(path, "/")[1:3], "/"), 2
	case strings.HasPrefix(path, "proviso.dev/test"):
		return "test", 4
	}
	return "", -1
}

// Shows: T-3.2-01, T-3.2-02
func TestImportsRunOneWay(t *testing.T) {
	for _, p := range workspace(t) {
		from, order := layer(p.ImportPath)
		for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			to, lower := layer(imp)
			switch {
			case lower < 0 || to == from:
			case lower > order:
				t.Errorf("%s imports %s: imports run proto <- pkg <- services/* <- services/proviso <- test", p.ImportPath, imp)
			case lower == order:
				t.Errorf("%s imports %s: no service imports another, only services/proviso composes them", p.ImportPath, imp)
			}
		}
	}
}

// rule forbids an import to all packages but those it names.
type rule struct {
	reason string
	// forbidden is an import path, or a prefix of one when it ends in "/...".
	forbidden string
	// allowed lists package paths, or prefixes when they end in "/...".
	allowed []string
	// in limits the rule to these packages; empty: all.
	in []string
	// tests says that test files may import it.
	tests bool
}

var rules = map[string]rule{
	"NATSServer": {
		reason:    "nats-server adds 20 MB and belongs to the all-in-one binary only",
		forbidden: "github.com/nats-io/nats-server/v2/...",
		allowed:   []string{"proviso.dev/pkg/natstest", "proviso.dev/services/proviso/...", "proviso.dev/test/..."},
		tests:     true,
	},
	"NATSTest": {
		reason:    "it brings nats-server, which no service may carry",
		forbidden: "proviso.dev/pkg/natstest",
		allowed:   []string{},
		tests:     true,
	},
	"ProtoJSON": {
		reason:    "one codec: size limit, strictness and validation are decided in pkg/wire",
		forbidden: "google.golang.org/protobuf/encoding/protojson",
		allowed:   []string{"proviso.dev/pkg/wire"},
	},
	"GoGit": {
		reason:    "what strangers wrote is fetched under the bounds of one package, and read in a process of its own",
		forbidden: "github.com/go-git/go-git/v5/...",
		allowed:   []string{"proviso.dev/services/collector/internal/repository/..."},
	},
	"Repotest": {
		reason:    "it serves repositories built to hurt, to tests",
		forbidden: "proviso.dev/services/collector/internal/repository/repotest",
		tests:     true,
	},
	"GoProxmox": {
		reason:    "it takes many failures for empty lists, which would read as guests that are gone; pkg/pve is the client",
		forbidden: "github.com/luthermonson/go-proxmox",
		allowed:   []string{},
	},
	"Twin": {
		reason:    "only the prover and the all-in-one run a twin; nothing may depend on its being there",
		forbidden: "proviso.dev/pkg/twin",
		allowed: []string{"proviso.dev/pkg/twin/...", "proviso.dev/services/builder/internal/prover",
			"proviso.dev/services/proviso/...", "proviso.dev/test/..."},
		tests: true,
	},
	"ClientGo": {
		reason:    "its clients write as readily as they read: one package holds it behind a transport that only reads",
		forbidden: "k8s.io/client-go/...",
		allowed:   []string{"proviso.dev/services/collector/internal/kubernetes"},
	},
	"KubernetesTest": {
		reason:    "it starts processes for tests",
		forbidden: "proviso.dev/services/collector/internal/kubernetes/apitest",
		allowed:   []string{},
		tests:     true,
	},
	"GenAI": {
		reason:    "it pulls grpc and cloud authentication: one package translates for it, everybody else knows the port",
		forbidden: "google.golang.org/genai",
		allowed:   []string{"proviso.dev/pkg/llm/gemini"},
	},
	"Providers": {
		reason:    "who may be asked is configuration; only pkg/llm/choose knows the providers",
		forbidden: "proviso.dev/pkg/llm/gemini",
		allowed:   []string{"proviso.dev/pkg/llm/choose"},
		tests:     true,
	},
	"FakeModel": {
		reason:    "a scripted model answers tests and demonstrations, never a run",
		forbidden: "proviso.dev/pkg/llm/fake",
		allowed:   []string{"proviso.dev/pkg/llm/fake/..."},
		tests:     true,
	},
	"Browser": {
		reason:    "a browser is driven by the page's tests only; everybody else runs without one",
		forbidden: "github.com/chromedp/...",
		allowed:   []string{"proviso.dev/test/browser"},
	},
	"Page": {
		reason:    "the page holds no data of any run: it reads over HTTP like every other client",
		forbidden: "proviso.dev/pkg/bus",
		in:        []string{"proviso.dev/services/gateway/internal/page"},
	},
	"Profile": {
		reason:    "what an application is and needs does not depend on what a cluster has; the strategy joins both",
		forbidden: "proviso.dev/pkg/capacity",
		in:        []string{"proviso.dev/services/analyser/internal/profile"},
		tests:     true,
	},
	"Diagnosis": {
		reason:    "nor is a cluster diagnosed for an application",
		forbidden: "proviso.dev/services/analyser/internal/profile",
		in:        []string{"proviso.dev/pkg/diagnosis", "proviso.dev/pkg/capacity"},
		tests:     true,
	},
	"PureNATS": {
		reason:    "the core is pure: it is tested without a bus and runs the same alone or composed",
		forbidden: "github.com/nats-io/nats.go/...",
		in:        pure,
	},
	"PureHTTP": {
		reason:    "the core is pure: no network",
		forbidden: "net/http",
		in:        pure,
	},
}

// pure lists the packages that decide: they import no network and no clock.
var pure = []string{
	"proviso.dev/services/manager/internal/saga",
	"proviso.dev/services/collector/internal/understand",
	"proviso.dev/services/collector/internal/guard",
	"proviso.dev/pkg/redact",
	"proviso.dev/pkg/placement",
	"proviso.dev/pkg/capacity",
	"proviso.dev/services/analyser/internal/profile",
	"proviso.dev/services/analyser/internal/proposer",
	"proviso.dev/services/analyser/internal/workload",
	"proviso.dev/pkg/outlook",
	"proviso.dev/services/collector/internal/inquiry",
	"proviso.dev/pkg/forecast",
	"proviso.dev/pkg/forecast/words",
	"proviso.dev/pkg/packing",
	"proviso.dev/services/analyser/internal/strategy",
	"proviso.dev/pkg/diagnosis",
	"proviso.dev/services/builder/internal/bpg",
	"proviso.dev/services/builder/internal/review",
	"proviso.dev/services/builder/internal/refine",
}

func TestForbiddenImports(t *testing.T) {
	pkgs := workspace(t)
	for name, r := range rules {
		t.Run(name, func(t *testing.T) {
			for _, p := range pkgs {
				if matches(p.ImportPath, r.allowed) || len(r.in) > 0 && !matches(p.ImportPath, r.in) {
					continue
				}
				imports := p.Imports
				if !r.tests {
					imports = slices.Concat(p.Imports, p.TestImports, p.XTestImports)
				}
				for _, imp := range imports {
					if matches(imp, []string{r.forbidden}) {
						t.Errorf("%s imports %s: %s", p.ImportPath, imp, r.reason)
					}
				}
			}
		})
	}
}

func TestPurePackagesExist(t *testing.T) {
	pkgs := workspace(t)
	for _, path := range pure {
		if !slices.ContainsFunc(pkgs, func(p pkg) bool { return p.ImportPath == path }) {
			t.Errorf("%s is not a package: its rules guard nothing", path)
		}
	}
}

// Shows: T-4.6.2-01
func TestManagerDoesNoSpecialistWork(t *testing.T) {
	for _, p := range workspace(t) {
		if !strings.HasPrefix(p.ImportPath, "proviso.dev/services/manager") {
			continue
		}
		for _, dep := range p.Deps {
			for _, specialist := range []string{"proviso.dev/services/collector", "proviso.dev/services/analyser",
				"proviso.dev/services/builder", "proviso.dev/pkg/pve", "proviso.dev/pkg/twin", "github.com/hashicorp/hcl"} {
				if strings.HasPrefix(dep, specialist) {
					t.Errorf("%s depends on %s: the manager parses, places and renders nothing", p.ImportPath, dep)
				}
			}
		}
	}
}

// matches reports whether path is one of the patterns; "x/..." matches x and everything below it.
func matches(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if prefix, ok := strings.CutSuffix(p, "/..."); ok {
			return path == prefix || strings.HasPrefix(path, prefix+"/")
		}
		return path == p
	})
}
