package inventory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/observe"
	"proviso.dev/test/inventory"
)

const root = "../.."

func TestPackagesPageIsCurrent(t *testing.T) {
	pkgs, err := inventory.Packages(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pkgs {
		if p.Doc == "" && !strings.HasPrefix(p.ImportPath, "proviso.dev/proto/") {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
	current(t, inventory.PackagesPage, inventory.PackageTable(pkgs))
}

func TestMetricsPageIsCurrent(t *testing.T) {
	current(t, inventory.MetricsPage, inventory.MetricTable(observe.Table()))
}

func current(t *testing.T, page string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is out of date, run make generate (-want +got):\n%s", page, diff)
	}
}
