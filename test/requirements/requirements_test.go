package requirements_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/test/requirements"
)

const root = "../.."

func TestPageIsCurrent(t *testing.T) {
	reqs, err := requirements.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, requirements.Page))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(requirements.Markdown(reqs)), string(got)); diff != "" {
		t.Errorf("%s is out of date, run make generate (-want +got):\n%s", requirements.Page, diff)
	}
}

func TestLoad(t *testing.T) {
	tests := map[string]struct {
		reason string
		test   string
		want   []requirements.Test
		err    error
	}{
		"Shown": {
			reason: "A comment directly above a test ties it to its requirement.",
			test:   "package x\n\n// Shows: T-1\nfunc TestA(t *testing.T) {}\n",
			want:   []requirements.Test{{Dir: ".", Name: "TestA"}},
		},
		"NotATest": {
			reason: "A helper shows nothing, whatever its comment says.",
			test:   "package x\n\n// Shows: T-1\nfunc helper() {}\n",
		},
		"Unknown": {
			reason: "A misspelt id would leave the real one open unnoticed.",
			test:   "package x\n\n// Shows: T-2\nfunc TestA(t *testing.T) {}\n",
			err:    requirements.ErrUnknownID,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, requirements.Source), "id\tlevel\tsection\trequirement\nT-1\tMUST\t1\tIt works.\n")
			write(t, filepath.Join(dir, "x_test.go"), tc.test)
			reqs, err := requirements.Load(dir)
			if !errors.Is(err, tc.err) {
				t.Fatalf("%s\nerror: want %v, got %v", tc.reason, tc.err, err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(tc.want, reqs[0].Tests); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
