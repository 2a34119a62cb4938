package repotest

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/pktline"
)

const capabilities = "shallow side-band-64k no-progress ofs-delta symref=HEAD:refs/heads/main agent=repotest"

// Advertise answers the first request of a clone: one branch, main, which is the default.
func Advertise(w http.ResponseWriter, head plumbing.Hash) {
	w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
	e := pktline.NewEncoder(w)
	_ = e.EncodeString("# service=git-upload-pack\n")
	_ = e.Flush()
	_ = e.Encodef("%s HEAD\x00%s\n", head, capabilities)
	_ = e.Encodef("%s refs/heads/main\n", head)
	_ = e.Flush()
}

// Answer answers the second one with a pack, whatever was asked for.
func Answer(w http.ResponseWriter, head plumbing.Hash, pack io.Reader) {
	w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
	e := pktline.NewEncoder(w)
	_ = e.Encodef("shallow %s\n", head)
	_ = e.Flush()
	_ = e.EncodeString("NAK\n")
	buffer := make([]byte, 60_000)
	for {
		n, err := io.ReadFull(pack, buffer[1:])
		if n > 0 {
			buffer[0] = 1
			if e.Encode(buffer[:n+1]) != nil {
				return
			}
		}
		if err != nil {
			break
		}
	}
	_ = e.Flush()
}

// Serve serves a pack as the repository "/shop.git" of an HTTP server, and returns its address.
func Serve(t testing.TB, pack []byte, head plumbing.Hash) string {
	return Handle(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			Advertise(w, head)
			return
		}
		Answer(w, head, bytes.NewReader(pack))
	})
}

// Handle serves a function and returns the address of "/shop.git".
func Handle(t testing.TB, f http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s.URL + "/shop.git"
}

// Git runs git in a folder, without anybody's configuration.
func Git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// Repository makes a repository with one commit of files on the branch main and returns its folder.
func Repository(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop.git")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	Git(t, dir, "init", "-q", "-b", "main")
	Git(t, dir, "config", "uploadpack.allowFilter", "true")
	Write(t, dir, files)
	Git(t, dir, "add", "-A")
	Git(t, dir, "commit", "-q", "-m", "first")
	return dir
}

// Write writes files into a folder.
func Write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Backend is Git's own HTTP server of the repositories in a folder.
func Backend(t testing.TB, root string) http.Handler {
	t.Helper()
	path, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	return &cgi.Handler{Path: path, Args: []string{"http-backend"}, Dir: root, Stderr: io.Discard,
		Env: []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_COUNT=1",
			"GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"}}
}

// Host serves a repository's folder through Git's own HTTP server and returns its address.
func Host(t testing.TB, dir string) string {
	t.Helper()
	s := httptest.NewServer(Backend(t, filepath.Dir(dir)))
	t.Cleanup(s.Close)
	return fmt.Sprintf("%s/%s", s.URL, filepath.Base(dir))
}

// TLS serves a function over https and returns the address of the server and its certificate in PEM.
func TLS(t testing.TB, f http.HandlerFunc) (address string, certificate []byte) {
	t.Helper()
	s := httptest.NewUnstartedServer(f)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it are part of the tests
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}
