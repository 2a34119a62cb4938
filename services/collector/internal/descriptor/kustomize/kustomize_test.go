package kustomize_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/factlist"
	"proviso.dev/services/collector/internal/descriptor/kustomize"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// dirs are the folders of a fixture that hold a kustomization.
func dirs(files fstest.MapFS) []string {
	var out []string
	for name := range files {
		if path.Base(name) == "kustomization.yaml" {
			out = append(out, path.Dir(name))
		}
	}
	slices.Sort(out)
	return out
}

// Each fixture states its truth by hand.
func TestRead(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, name := range fixtures {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, want := factlist.Fixture(archive)
			got := kustomize.Read(t.Context(), files, dirs(files))
			if diff := cmp.Diff(want, factlist.Lines(got, reading.Kustomize)); diff != "" {
				t.Errorf("facts differ (-want +got):\n%s", diff)
				for _, p := range got.Problems {
					t.Log(p)
				}
			}
			if err := factlist.Invalid(got); err != nil {
				t.Error(err)
			}
			if shown := fmt.Sprint(got); strings.Contains(shown, "hunter2") {
				t.Errorf("a secret is in the result: %s", shown)
			}
		})
	}
}
