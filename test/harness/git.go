package harness

import (
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// A GitServer serves repositories over HTTP by Git's own server program, on loopback.
type GitServer struct {
	// URL of the server; a repository is at URL/NAME.git.
	URL  string
	root string
}

// NewGitServer starts a server without repositories. The test is skipped where Git's server program is not installed.
func NewGitServer(t testing.TB) *GitServer {
	t.Helper()
	path, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Skipf("git is not installed: %v", err)
	}
	backend := filepath.Join(strings.TrimSpace(string(path)), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skipf("git's server program is not installed: %v", err)
	}
	s := &GitServer{root: t.TempDir()}
	server := httptest.NewServer(&cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + s.root, "GIT_HTTP_EXPORT_ALL=1"},
		InheritEnv: []string{"PATH"}})
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Host is the server's host and port.
func (s *GitServer) Host() string { return strings.TrimPrefix(s.URL, "http://") }

// Add makes a repository of one commit on the branch main and returns its address.
func (s *GitServer) Add(t testing.TB, name string, files []txtar.File) string {
	t.Helper()
	tree := t.TempDir()
	for _, f := range files {
		path := filepath.Join(tree, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bare := filepath.Join(s.root, name+".git")
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", args...)
		cmd.Dir = tree
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
			"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.org", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.org")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "main")
	git("add", "-A", "-f")
	git("commit", "-q", "-m", "all of it")
	git("clone", "-q", "--bare", tree, bare)
	return s.URL + "/" + name + ".git"
}

// Tag gives the only commit of a repository a tag.
func (s *GitServer) Tag(t testing.TB, name, tag string) {
	t.Helper()
	if out, err := exec.Command("git", "-C", filepath.Join(s.root, name+".git"), "tag", tag).CombinedOutput(); err != nil {
		t.Fatalf("git tag: %v\n%s", err, out)
	}
}
