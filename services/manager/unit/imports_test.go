package manager_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
	if err != nil {
		t.Fatalf("list dependencies of %s: %v", pkg, err)
	}
	list := strings.Fields(string(out))
	if len(list) < 50 {
		t.Fatalf("only %d dependencies of %s: the list is not believable", len(list), pkg)
	}
	return list
}

// The manager delegates; what it cannot import it cannot do itself.
//
// Shows: T-4.6.2-01
func TestManagerDoesNoAgentsWork(t *testing.T) {
	forbidden := map[string]string{
		"proviso.dev/services/collector": "understanding and reading clusters is the collector's",
		"proviso.dev/services/analyser":  "placement is the analyser's",
		"proviso.dev/services/builder":   "rendering and proving is the builder's",
		"proviso.dev/services/gateway":   "doors are the gateway's",
		"proviso.dev/pkg/pve":            "the manager reads no cluster",
		"proviso.dev/pkg/twin":           "the manager proves nothing",
		"proviso.dev/pkg/llm":            "the manager asks no model",
		"proviso.dev/pkg/knowledge":      "the manager searches nothing",
		"github.com/hashicorp/hcl":       "the manager writes and reads no manifest",
		"github.com/luthermonson":        "the manager reads no cluster",
		"github.com/nats-io/nats-server": "only the all-in-one and tests embed a server",
		"google.golang.org/genai":        "the manager asks no model",
	}
	for _, dep := range deps(t, "proviso.dev/services/manager/...") {
		for prefix, why := range forbidden {
			if strings.HasPrefix(dep, prefix) {
				t.Errorf("imports %s: %s", dep, why)
			}
		}
	}
}

// The state machine is a function of the run and the message. Its generated types come with reflection and nothing else.
func TestSagaIsPure(t *testing.T) {
	const saga = "proviso.dev/services/manager/internal/saga"
	forbidden := []string{"net", "net/http", "os/exec", "github.com/nats-io", "proviso.dev/pkg/bus", "proviso.dev/pkg/agent", "proviso.dev/pkg/wire"}
	for _, dep := range deps(t, saga) {
		for _, f := range forbidden {
			if dep == f || strings.HasPrefix(dep, f+"/") {
				t.Errorf("%s imports %s", saga, dep)
			}
		}
	}
	files, err := filepath.Glob("../internal/saga/*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files of the state machine: %v", len(files), err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until") {
					t.Errorf("%s reads the clock", file)
				}
			}
			return true
		})
	}
}
