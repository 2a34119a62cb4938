package repository_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/repository"
	"proviso.dev/services/collector/internal/repository/repotest"
)

// A name is judged by what it resolves to when it is dialled.
func TestNamesAreJudgedByAddress(t *testing.T) {
	url := strings.Replace(repotest.Host(t, repotest.Repository(t, map[string]string{"a": "a"})), "127.0.0.1", "localhost", 1)
	parsed, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	port := parsed.Port()
	for allow, want := range map[string]error{"": repository.ErrRefused, "git.internal": repository.ErrRefused, "localhost:1": repository.ErrRefused,
		"localhost": nil, "localhost:" + port: nil, "127.0.0.0/8,::1": nil} {
		allowed, err := repository.ParseAllowed(allow)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fetch(t, repository.Request{URL: url, Access: repository.Access{Allowed: allowed, HTTP: true}}); !errors.Is(err, want) {
			t.Errorf("%q: want %v, got %v", allow, want, err)
		}
	}
}

func TestPlainHTTPIsRefused(t *testing.T) {
	url := repotest.Host(t, repotest.Repository(t, map[string]string{"a": "a"}))
	access := local(t)
	if _, err := fetch(t, repository.Request{URL: url, Access: access, Login: &repository.Login{Username: "ann", Secret: "hunter2-hunter2"}}); !errors.Is(err, repository.ErrCredentials) {
		t.Errorf("credentials over http: %v", err)
	}
	access.HTTP = false
	if _, err := fetch(t, repository.Request{URL: url, Access: access}); !errors.Is(err, repository.ErrInsecure) {
		t.Errorf("http: %v", err)
	}
}

// heard records what a server was shown.
type heard struct {
	mu    sync.Mutex
	lines []string
}

func (h *heard) note(r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	user, password, _ := r.BasicAuth()
	h.lines = append(h.lines, fmt.Sprintf("%s %s %s:%s %v", r.Method, r.URL.Path, user, password, r.Header["Authorization"] != nil))
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.lines, "\n")
}

// Credentials reach the host that they are for, and none that it redirects to, not even another port of the same machine.
func TestCredentialsStayWithTheirHost(t *testing.T) {
	dir := repotest.Repository(t, map[string]string{"a": "a"})
	backend := repotest.Backend(t, filepath.Dir(dir))
	var home, away heard
	other, otherCA := repotest.TLS(t, func(w http.ResponseWriter, r *http.Request) {
		away.note(r)
		backend.ServeHTTP(w, r)
	})
	server, ca := repotest.TLS(t, func(w http.ResponseWriter, r *http.Request) {
		home.note(r)
		if user, password, _ := r.BasicAuth(); user != "ann" || password != "hunter2-hunter2" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if strings.HasPrefix(r.URL.Path, "/moved/") {
			http.Redirect(w, r, other+strings.TrimPrefix(r.URL.Path, "/moved")+"?"+r.URL.RawQuery, http.StatusMovedPermanently)
			return
		}
		backend.ServeHTTP(w, r)
	})
	access := local(t)
	access.CAPEM = append(ca, otherCA...)
	login := &repository.Login{Username: "ann", Secret: "hunter2-hunter2"}
	if _, err := fetch(t, repository.Request{URL: server + "/shop.git", Access: access, Login: login}); err != nil {
		t.Errorf("with credentials: %v", err)
	}
	if _, err := fetch(t, repository.Request{URL: server + "/shop.git", Access: access}); !errors.Is(err, repository.ErrCredentials) {
		t.Errorf("without: %v", err)
	}
	if _, err := fetch(t, repository.Request{URL: server + "/moved/shop.git", Access: access, Login: login}); err != nil {
		t.Errorf("moved: %v", err)
	}
	if n := strings.Count(away.String(), "\n") + 1; n != 2 || strings.Contains(away.String(), "true") {
		t.Errorf("the other server heard:\n%s", &away)
	}
	access.CAPEM = nil
	if _, err := fetch(t, repository.Request{URL: server + "/shop.git", Access: access, Login: login}); !errors.Is(err, repository.ErrUnreachable) {
		t.Errorf("a certificate that nobody signed: %v", err)
	}
}

func TestShell(t *testing.T) {
	server := repotest.HostShell(t, repotest.Repository(t, map[string]string{"Dockerfile": "FROM scratch\n"}))
	other := repotest.HostShell(t, t.TempDir())
	known := []byte(knownhosts.Line([]string{server.Addr}, server.HostKey) + "\n")
	changed := []byte(knownhosts.Line([]string{server.Addr}, other.HostKey) + "\n")
	key := &repository.Login{Username: "git", Secret: redacted(server.ClientKey), Key: true}
	stranger := &repository.Login{Username: "git", Secret: redacted(other.ClientKey), Key: true}
	tests := map[string]struct {
		reason  string
		url     string
		known   []byte
		login   *repository.Login
		want    error
		command string
	}{
		"URL":      {"a URL", "ssh://git@" + server.Addr + "/team/shop.git", known, key, nil, "git-upload-pack '/team/shop.git'"},
		"Home":     {"a home directory", "ssh://" + server.Addr + "/~ann/shop.git", known, key, nil, "git-upload-pack '~ann/shop.git'"},
		"Quote":    {"a path that would be a command", "ssh://" + server.Addr + "/a';reboot;'", known, key, nil, `git-upload-pack '/a'\'';reboot;'\'''`},
		"Unknown":  {"nobody vouches for the server", "ssh://" + server.Addr + "/shop.git", []byte("other.example.org " + string(ssh.MarshalAuthorizedKey(server.HostKey))), key, repository.ErrHostKey, ""},
		"Changed":  {"another server in its place", "ssh://" + server.Addr + "/shop.git", changed, key, repository.ErrHostKey, ""},
		"NoKnown":  {"no file of known hosts", "ssh://" + server.Addr + "/shop.git", nil, key, repository.ErrHostKey, ""},
		"NoKey":    {"no credential", "ssh://" + server.Addr + "/shop.git", known, nil, repository.ErrCredentials, ""},
		"Stranger": {"another key", "ssh://" + server.Addr + "/shop.git", known, stranger, repository.ErrCredentials, ""},
		"NotAKey":  {"no key at all", "ssh://" + server.Addr + "/shop.git", known, &repository.Login{Username: "git", Secret: "x", Key: true}, repository.ErrCredentials, ""},
		"Missing":  {"no such repository", "ssh://" + server.Addr + "/missing.git", known, key, repository.ErrNotFound, "git-upload-pack '/missing.git'"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			access := local(t)
			access.KnownHosts = tc.known
			tree, err := fetch(t, repository.Request{URL: tc.url, Access: access, Login: tc.login})
			if !errors.Is(err, tc.want) {
				t.Fatalf("%s: want %v, got %v", tc.reason, tc.want, err)
			}
			asked := ""
			select {
			case asked = <-server.Asked:
			default:
			}
			if asked != tc.command {
				t.Errorf("%s: the server was asked %q", tc.reason, asked)
			}
			if err == nil && contents(t, tree)["Dockerfile"] != "FROM scratch\n" {
				t.Errorf("%s: %v", tc.reason, contents(t, tree))
			}
		})
	}
}

// A server that accepts and says nothing is left when the time is up, whichever way it is asked.
func TestSilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	access := local(t)
	access.KnownHosts = []byte("# none\n")
	for _, scheme := range []string{"ssh", "https", "http"} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		r := repository.Request{URL: scheme + "://" + listener.Addr().String() + "/shop.git", Access: access, Dir: t.TempDir()}
		if scheme == "ssh" {
			r.Login = &repository.Login{Username: "git", Secret: "hunter2-hunter2"}
		}
		started := time.Now()
		if _, err := repository.Fetch(ctx, r); !errors.Is(err, repository.ErrTooSlow) {
			t.Errorf("%s: %v", scheme, err)
		}
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("%s: it took %s", scheme, took)
		}
		cancel()
	}
}

// write writes a file of configuration and returns its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, values map[string]string) (repository.Config, error) {
	t.Helper()
	return repository.LoadConfig(func(name string) (string, bool) { v, ok := values[name]; return v, ok })
}

func TestCredentialsByReference(t *testing.T) {
	token := write(t, "token", "glpat-0123456789abcdefghij\n")
	list, err := json.Marshal([]map[string]string{
		{"name": "forge-other", "host": "other.example.org", "username": "x", "token_file": token},
		{"name": "forge-read", "host": "Git.example.org", "username": "reader", "token_file": token},
		{"name": "forge-ssh", "host": "git.example.org", "ssh_key_file": write(t, "key", "PEM")},
		{"name": "forge-port", "host": "git.example.org:8443", "password_file": token},
		{"name": "forge-gone", "host": "gone.example.org", "token_file": "/nowhere/token"},
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := load(t, map[string]string{"PROVISO_REPOSITORY_CREDENTIALS_FILE": write(t, "credentials.json", string(list)), "PROVISO_REPOSITORY_HTTP": "true"})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		reason          string
		url, credential string
		user            string // empty: none
		key             bool
		err             error
	}{
		"ByHost":    {"the host's own", "https://git.example.org/shop", "", "reader", false, nil},
		"ByName":    {"the one that is named", "https://git.example.org/shop", "forge-read", "reader", false, nil},
		"SSH":       {"keys are for ssh", "git@git.example.org:shop", "", "git", true, nil},
		"Port":      {"a port has its own; a name without one would do for none", "https://git.example.org:8443/shop", "forge-port", "git", false, nil},
		"None":      {"a host without one", "https://public.example.org/shop", "", "", false, nil},
		"Stolen":    {"who names a credential does not choose who sees it", "https://evil.example.org/shop", "forge-read", "", false, repository.ErrCredentials},
		"WrongKind": {"a token is no key", "git@other.example.org:shop", "forge-other", "", false, repository.ErrCredentials},
		"Unknown":   {"no such name", "https://git.example.org/shop", "forge-none", "", false, repository.ErrCredentials},
		"Gone":      {"its file is gone", "https://gone.example.org/shop", "", "", false, repository.ErrCredentials},
		"HTTP":      {"nothing secret without encryption", "http://git.example.org/shop", "", "", false, nil},
		"HTTPNamed": {"nor when it is named", "http://git.example.org/shop", "forge-read", "", false, repository.ErrCredentials},
		"InURL":     {"a secret in the address is refused before anything else", "https://a:b@git.example.org/shop", "", "", false, repository.ErrSecretInAddress},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			asked := &provisov1.Repository{Url: &tc.url}
			if tc.credential != "" {
				asked.Credential = &tc.credential
			}
			r, err := cfg.Request(asked)
			if !errors.Is(err, tc.err) {
				t.Fatalf("%s: want %v, got %v", tc.reason, tc.err, err)
			}
			if text := fmt.Sprintf("%v %+v %#v %v", r, r, r.Login, err); strings.Contains(text, "glpat") {
				t.Errorf("it prints its secret: %s", text)
			}
			switch {
			case tc.user == "" && r.Login != nil, tc.user != "" && r.Login == nil:
				t.Errorf("%s: login is %v", tc.reason, r.Login)
			case tc.user != "" && (r.Login.Username != tc.user || r.Login.Key != tc.key):
				t.Errorf("%s: login is %v", tc.reason, r.Login)
			case tc.user != "" && !tc.key && r.Login.Secret.Reveal() != "glpat-0123456789abcdefghij":
				t.Errorf("%s: the secret has its line end", tc.reason)
			}
		})
	}
}

func TestLoadConfig(t *testing.T) {
	for reason, values := range map[string]map[string]string{
		"a network that is none":         {"PROVISO_REPOSITORY_ALLOW": "10.0.0.0/99"},
		"a choice that is none":          {"PROVISO_REPOSITORY_HTTP": "maybe"},
		"a file that is not there":       {"PROVISO_REPOSITORY_CA_FILE": "/nowhere"},
		"a folder":                       {"PROVISO_REPOSITORY_KNOWN_HOSTS": "/"},
		"a time that is too short":       {"PROVISO_REPOSITORY_TIMEOUT": "1ms"},
		"a size that is none":            {"PROVISO_REPOSITORY_MAX_MIB": "0"},
		"nobody may read":                {"PROVISO_REPOSITORY_CONCURRENCY": "0"},
		"a field that nobody knows":      {"PROVISO_REPOSITORY_CREDENTIALS_FILE": write(t, "c", `[{"name":"a","host":"h","token":"s3cret-s3cret"}]`)},
		"no secret":                      {"PROVISO_REPOSITORY_CREDENTIALS_FILE": write(t, "c", `[{"name":"a","host":"h"}]`)},
		"two secrets":                    {"PROVISO_REPOSITORY_CREDENTIALS_FILE": write(t, "c", `[{"name":"a","host":"h","token_file":"x","ssh_key_file":"y"}]`)},
		"any host":                       {"PROVISO_REPOSITORY_CREDENTIALS_FILE": write(t, "c", `[{"name":"a","host":"*","token_file":"x"}]`)},
		"no host":                        {"PROVISO_REPOSITORY_CREDENTIALS_FILE": write(t, "c", `[{"name":"a","token_file":"x"}]`)},
		"two of a name":                  {"PROVISO_REPOSITORY_CREDENTIALS_FILE": write(t, "c", `[{"name":"a","host":"h","token_file":"x"},{"name":"a","host":"i","token_file":"x"}]`)},
		"a list and something behind it": {"PROVISO_REPOSITORY_CREDENTIALS_FILE": write(t, "c", `[] []`)},
	} {
		got, err := load(t, values)
		if err == nil || got.Concurrency != 0 || got.Credentials != nil {
			t.Errorf("%s: %v, %v", reason, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error repeats a secret: %v", reason, err)
		}
	}
	got, err := load(t, nil)
	if err != nil || got.HTTP || got.Credentials != nil {
		t.Errorf("nothing configured: %v, %v", got, err)
	}
}
