package kubernetes_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/factlist"
	"proviso.dev/services/collector/internal/descriptor/kubernetes"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Each fixture states its truth by hand, line by line.
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
			got := kubernetes.Read(files, slices.Sorted(maps.Keys(files)))
			if diff := cmp.Diff(want, factlist.Lines(got, reading.Kubernetes)); diff != "" {
				t.Errorf("facts differ (-want +got):\n%s", diff)
			}
			if err := factlist.Invalid(got); err != nil {
				t.Error(err)
			}
			if shown := fmt.Sprint(got); strings.Contains(shown, "hunter2") || strings.Contains(shown, "c2lnbmluZw") {
				t.Error("a secret is in the result")
			}
		})
	}
}

func TestReadConsumesOnlyObjects(t *testing.T) {
	files := fstest.MapFS{
		"app.yaml":    {Data: []byte("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")},
		"values.yaml": {Data: []byte("image: shop\n")},
	}
	got := kubernetes.Read(files, []string{"app.yaml", "values.yaml", "missing.yaml"})
	if diff := cmp.Diff([]string{"app.yaml"}, got.Consumed); diff != "" {
		t.Error(diff)
	}
	if len(got.Problems) != 1 || got.Problems[0].GetFile() != "missing.yaml" {
		t.Errorf("want a problem for the file that cannot be read, got %v", got.Problems)
	}
}

// Hostile files end soon, with what was left out said.
func TestReadBounds(t *testing.T) {
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: a, image: a:1}]}\n---\n"
	many := new(bytes.Buffer)
	for i := range 100_000 {
		fmt.Fprintf(many, "---\na: %d\n", i)
	}
	laughs := "apiVersion: v1\nkind: Pod\nmetadata: {name: laughs}\na0: &a0 [lol]\n"
	for i := 1; i < 40; i++ {
		laughs += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1)
	}
	tests := map[string]struct {
		reason     string
		text       string
		components int
		problem    string
	}{
		"Documents": {"a hundred thousand documents", fmt.Sprintf(pod, 1) + many.String(), 1, "too_many"},
		"File":      {"a file of nine megabytes", strings.Repeat("# a\n", 9<<18), 0, "too_large"},
		"Document":  {"one document beyond what a server takes", "apiVersion: v1\nkind: Pod\na: " + strings.Repeat("b", 2<<20), 0, "too_large"},
		"Laughs":    {"aliases that would expand to 3^40 items are not expanded", laughs + "spec: {containers: *a39}\n", 1, ""},
		"Nodes":     {"a document of half a million items", "apiVersion: v1\nkind: Pod\na: [" + strings.Repeat("a,", 500_000) + "a]", 0, "too_large"},
		"Deep":      {"nesting beyond what the decoder takes", "apiVersion: v1\nkind: Pod\na: " + strings.Repeat("[", 200_000), 0, "syntax"},
		"DeepFlow":  {"nesting that it takes", "apiVersion: v1\nkind: Pod\nmetadata: {name: deep}\na: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), 1, ""},
		"Objects":   {"more objects in a list than are read", "apiVersion: v1\nkind: List\nitems:\n" + strings.Repeat("- {apiVersion: v1, kind: Pod, metadata: {name: one}}\n", 6000), 1, "too_many"},
		"Controls":  {"control characters in a name", "apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\\u0007b\"}\n", 1, ""},
		"Facts":     {"more facts than a component holds", "apiVersion: v1\nkind: Pod\nmetadata: {name: many}\nspec:\n  containers:\n  - env:\n" + strings.Repeat("    - {name: A, value: b}\n", 600), 1, "too_many"},
		"Binary":    {"what is no text", "apiVersion: v1\nkind: Pod\n\x00\xff\xfe", 0, "syntax"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := kubernetes.Read(fstest.MapFS{"a.yaml": {Data: []byte(tc.text)}}, []string{"a.yaml"})
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("%s: took %s", tc.reason, took)
			}
			if len(got.Components) != tc.components {
				t.Errorf("%s: want %d components, got %d", tc.reason, tc.components, len(got.Components))
			}
			if err := factlist.Invalid(got); err != nil {
				t.Error(err)
			}
			code := ""
			if len(got.Problems) > 0 {
				code = got.Problems[0].GetCode()
			}
			if code != tc.problem {
				t.Errorf("%s: want problem %q, got %v", tc.reason, tc.problem, got.Problems)
			}
		})
	}
}

// Whatever a file holds, reading it neither panics nor shows a value of a Secret.
func FuzzRead(f *testing.F) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range fixtures {
		archive, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		files, _ := factlist.Fixture(archive)
		for _, file := range files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		got := kubernetes.Read(fstest.MapFS{"a.yaml": {Data: data}}, []string{"a.yaml"})
		if err := factlist.Invalid(got); err != nil {
			t.Error(err)
		}
		lines := bytes.Count(data, []byte("\n")) + 1
		for _, c := range got.Components {
			for _, e := range c.GetEvidence() {
				if int(e.GetLine()) > lines {
					t.Errorf("line %d of %d", e.GetLine(), lines)
				}
			}
		}
	})
}
