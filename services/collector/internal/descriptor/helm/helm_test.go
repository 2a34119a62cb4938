package helm_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/factlist"
	"proviso.dev/services/collector/internal/descriptor/helm"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Each fixture is a chart in charts/shop and states its truth by hand.
//
// Shows: T-3.3.5-202
func TestRead(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range fixtures {
		t.Run(filepath.Base(path), func(t *testing.T) {
			archive, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files, want := factlist.Fixture(archive)
			got := helm.Read(t.Context(), files, "charts/shop")
			if diff := cmp.Diff(want, factlist.Lines(got, reading.Helm)); diff != "" {
				t.Errorf("facts differ (-want +got):\n%s", diff)
				for _, p := range got.Problems {
					t.Log(p)
				}
			}
			if err := factlist.Invalid(got); err != nil {
				t.Error(err)
			}
			if strings.Contains(fmt.Sprint(got), "hunter2") {
				t.Error("a secret is in the result")
			}
		})
	}
}
