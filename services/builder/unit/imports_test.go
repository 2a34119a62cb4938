package builder

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestCoreIsPure: what renders, reviews and repairs is a function of values. The prover is the one part with effects.
func TestCoreIsPure(t *testing.T) {
	forbidden := map[string]string{
		"net":                   "the core talks to nobody",
		"net/http":              "the core talks to nobody",
		"os":                    "the core reads no files and no environment",
		"os/exec":               "only the prover runs programs",
		"github.com/nats-io":    "only the unit knows the bus",
		"proviso.dev/pkg/bus":   "only the unit knows the bus",
		"proviso.dev/pkg/agent": "only the unit knows the bus",
		"proviso.dev/pkg/twin":  "only the prover has a twin",
		"proviso.dev/pkg/wire":  "the core has messages, not their encoding",
	}
	for _, dir := range []string{"schema", "lines", "bpg", "review", "refine"} {
		files, err := filepath.Glob(filepath.Join("..", "internal", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", dir, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, src, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range f.Imports {
				path, _ := strconv.Unquote(i.Path.Value)
				for bad, reason := range forbidden {
					if path == bad || strings.HasPrefix(path, bad+"/") && bad != "net" {
						t.Errorf("%s imports %s: %s", name, path, reason)
					}
				}
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Now" {
					if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
						t.Errorf("%s reads the clock: time is a value in the core", name)
					}
				}
				return true
			})
		}
	}
}
