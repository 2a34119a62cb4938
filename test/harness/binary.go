// Package harness runs Proviso from the outside: its binaries as processes, its HTTP interface as a client, and OpenTofu on
// what it delivers.
//
// It owns processes, ports, folders and waiting; every wait is bounded. It does not know what a right answer is.
package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Root returns the repository's root.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.work above the working directory")
	return ""
}

var builds sync.Map // package path to *sync.Once

// Binary builds a main package of the workspace once in a test process and returns the path of its binary.
func Binary(t testing.TB, pkg string) string {
	t.Helper()
	root := Root(t)
	out := filepath.Join(root, ".build", "test", filepath.Base(pkg))
	once, _ := builds.LoadOrStore(pkg, new(sync.Once))
	once.(*sync.Once).Do(func() {
		cmd := exec.Command("go", "build", "-o", out, pkg)
		cmd.Dir = root
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", pkg, err, msg)
		}
	})
	return out
}

// Environ is the environment of every process under test: what programs need, nothing of the caller's configuration.
func Environ(extra ...string) []string {
	var env []string
	for _, key := range []string{"PATH", "HOME", "TMPDIR", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS"} {
		if v, ok := os.LookupEnv(key); ok {
			env = append(env, key+"="+v)
		}
	}
	return append(env, extra...)
}
