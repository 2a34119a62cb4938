package terraform_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/factlist"
	"proviso.dev/services/collector/internal/descriptor/reading"
	"proviso.dev/services/collector/internal/descriptor/terraform"
)

// code are the files of a fixture that are code.
func code(files fstest.MapFS) []string {
	var out []string
	for name := range files {
		if !strings.HasSuffix(name, ".tfvars") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Each fixture states its truth by hand.
//
// Shows: T-3.3.5-202
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
			got := terraform.Read(files, code(files))
			if diff := cmp.Diff(want, factlist.Lines(got, reading.Terraform)); diff != "" {
				t.Errorf("facts differ (-want +got):\n%s", diff)
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

// Hostile code ends soon, with what was left out said.
func TestReadBounds(t *testing.T) {
	doubling := "locals {\n  a0 = \"xxxxxxxxxxxxxxxx\"\n"
	for i := 1; i < 40; i++ {
		doubling += fmt.Sprintf("  a%d = \"${local.a%d}${local.a%d}\"\n", i, i-1, i-1)
	}
	tests := map[string]struct {
		reason    string
		text      string
		resources int
		problem   string
	}{
		"Broken":   {"what stands before the error is read", "resource \"a\" \"b\" {}\nresource \"c\" {\n", 1, "syntax"},
		"Deep":     {"brackets beyond what a stack holds", "a = " + strings.Repeat("[", 500_000), 0, "too_large"},
		"Signs":    {"so are signs", "a = " + strings.Repeat("!", 500_000) + "true", 0, "too_large"},
		"Doubling": {"locals that double forty times", doubling + "}\nresource \"proxmox_lxc\" \"a\" { hostname = local.a39 }\n", 1, ""},
		"Loops":    {"loops in loops in loops", "locals {\n r = [" + strings.Repeat("1,", 1000) + "]\n x = [for a in local.r : [for b in local.r : [for c in local.r : a]]]\n}\nresource \"a\" \"b\" {}\n", 1, ""},
		"Many":     {"more resources than are told", strings.Repeat("resource \"a\" \"b\" {}\n", 3000), 1024, "too_many"},
		"Large":    {"a file of two megabytes", strings.Repeat("#\n", 1<<20), 0, "too_large"},
		"Circle":   {"locals that stand for one another", "locals {\n a = local.b\n b = local.a\n}\nresource \"proxmox_lxc\" \"a\" { hostname = local.a }\n", 1, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			got := terraform.Read(fstest.MapFS{"a.tf": {Data: []byte(tc.text)}}, []string{"a.tf"})
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("%s: took %s", tc.reason, took)
			}
			if len(got.Resources) != tc.resources {
				t.Errorf("%s: want %d resources, got %d", tc.reason, tc.resources, len(got.Resources))
			}
			problem := ""
			if len(got.Problems) > 0 {
				problem = got.Problems[0].GetCode()
			}
			if problem != tc.problem {
				t.Errorf("%s: want problem %q, got %v", tc.reason, tc.problem, got.Problems)
			}
		})
	}
}

// Whatever a file holds, reading it does not panic.
func FuzzRead(f *testing.F) {
	fixtures, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range fixtures {
		archive, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		files, _ := factlist.Fixture(archive)
		for _, file := range files {
			f.Add(file.Data, false)
			f.Add(file.Data, true)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, inJSON bool) {
		if len(data) > 1<<15 {
			return
		}
		name := "a.tf"
		if inJSON {
			name = "a.tf.json"
		}
		got := terraform.Read(fstest.MapFS{name: {Data: data}}, []string{name})
		if err := factlist.Invalid(got); err != nil {
			t.Error(err)
		}
	})
}
