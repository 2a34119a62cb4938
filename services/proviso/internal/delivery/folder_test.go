package delivery

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bundleOf packs files and their sums as a gateway does.
func bundleOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	add := func(name, content string) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	sums := ""
	for name, content := range files {
		add(name, content)
		sum := sha256.Sum256([]byte(content))
		sums += hex.EncodeToString(sum[:]) + "  " + name + "\n"
	}
	add(sumsFile, sums)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	got := map[string]string{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() != sumsFile {
			got[e.Name()] = string(data)
		}
	}
	return got
}

func TestWrite(t *testing.T) {
	first, second := map[string]string{"main.tf": "a", "old.tf": "b"}, map[string]string{"main.tf": "c", "new.tf": "d"}
	tests := map[string]struct {
		reason  string
		before  func(t *testing.T, folder string)
		want    map[string]string
		foreign string // file that is in the way; "." the folder
	}{
		"New":   {reason: "A folder that does not exist is made.", want: second},
		"Empty": {reason: "An empty folder is as good.", before: func(t *testing.T, f string) { mustMkdir(t, f) }, want: second},
		"Again": {reason: "Our own files are replaced and the superfluous one goes.", before: func(t *testing.T, f string) {
			mustWrite(t, f, bundleOf(t, first))
		}, want: second},
		"OperatorsFilesStay": {reason: "State and values of the operator are not ours.", before: func(t *testing.T, f string) {
			mustWrite(t, f, bundleOf(t, first))
			mustPut(t, f, "terraform.tfstate", "state")
		}, want: map[string]string{"main.tf": "c", "new.tf": "d", "terraform.tfstate": "state"}},
		"Foreign": {reason: "Somebody's folder is not for us.", before: func(t *testing.T, f string) {
			mustMkdir(t, f)
			mustPut(t, f, "letter.txt", "dear")
		}, want: map[string]string{"letter.txt": "dear"}, foreign: "."},
		"Changed": {reason: "What somebody edited is not overwritten, and nothing else either.", before: func(t *testing.T, f string) {
			mustWrite(t, f, bundleOf(t, first))
			mustPut(t, f, "main.tf", "mine")
		}, want: map[string]string{"main.tf": "mine", "old.tf": "b"}, foreign: "main.tf"},
		"InTheWay": {reason: "A new file does not replace one that we never wrote.", before: func(t *testing.T, f string) {
			mustWrite(t, f, bundleOf(t, first))
			mustPut(t, f, "new.tf", "mine")
		}, want: map[string]string{"main.tf": "a", "old.tf": "b", "new.tf": "mine"}, foreign: "new.tf"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "out")
			if tc.before != nil {
				tc.before(t, folder)
			}
			_, err := Write(folder, bundleOf(t, second))
			var foreign *ForeignError
			if got := errors.As(err, &foreign); got != (tc.foreign != "") || (err != nil && !got) {
				t.Fatalf("%s\ngot error %v", tc.reason, err)
			}
			if tc.foreign != "" && tc.foreign != "." && foreign.File != tc.foreign {
				t.Errorf("in the way: got %q, want %q", foreign.File, tc.foreign)
			}
			if diff := cmp.Diff(tc.want, contents(t, folder)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestWriteRefusesPathsThatLeave(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "out")
	if _, err := Write(folder, bundleOf(t, map[string]string{"../evil.tf": "x"})); !errors.Is(err, errArchive) {
		t.Errorf("got %v, want errArchive", err)
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("the folder was made although the bundle is none")
	}
}

func mustMkdir(t *testing.T, folder string) {
	t.Helper()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
}

func mustPut(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustWrite(t *testing.T, folder string, bundle []byte) {
	t.Helper()
	if _, err := Write(folder, bundle); err != nil {
		t.Fatal(err)
	}
}
