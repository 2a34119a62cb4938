package inventory_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const configurationPage = "docs/architecture/configuration.md"

var variable = regexp.MustCompile(`PROVISO_[A-Z_]+`)

// The page of configuration is written by hand, since a table made from names could not say what they mean. What can be
// checked is that it leaves none out and explains none that nothing reads.
func TestConfigurationPageNamesEveryVariable(t *testing.T) {
	read := variablesRead(t)
	if len(read) == 0 {
		t.Fatal("no variable found in the code")
	}
	page, err := os.ReadFile(filepath.Join(root, configurationPage))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, name := range variable.FindAllString(string(page), -1) {
		documented[name] = true
	}
	want, got := slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(documented))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s and the code name different variables (-code +page):\n%s", configurationPage, diff)
	}
}

// variablesRead returns the variables that occur in what is built, comments included: what a comment promises belongs on the
// page too.
func variablesRead(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, module := range []string{"pkg", "services"} {
		err := filepath.WalkDir(filepath.Join(root, module), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, name := range variable.FindAllString(string(source), -1) {
				names[name] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}
