// Package apitest starts a real Kubernetes API server over a real etcd for tests of reading one.
//
// It owns two processes on loopback, their certificates and their users, and applying objects to them. It runs no controller, no
// scheduler and no kubelet: a status is what the test writes. Where a binary is missing, the test is skipped and says which.
package apitest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// The users of every cluster, by their bearer tokens. Admin may do everything; the others only what a test binds to them.
const (
	Admin   = "admin-of-the-test"
	Auditor = "auditor-of-the-test" // user "auditor"
	Weak    = "weak-of-the-test"    // user "weak"
)

// patience bounds every wait for a process.
const patience = 90 * time.Second

// A Cluster is a running API server with its etcd.
type Cluster struct {
	// URL is the server's address, "https://127.0.0.1:…".
	URL string
	// CA is the authority that signed the server's certificate, in PEM.
	CA []byte

	authority *authority
	client    *http.Client
	stop      func()
	ended     func() bool // one of the processes has ended
}

// Start starts a cluster that ends with the test.
func Start(t testing.TB) *Cluster {
	t.Helper()
	server, etcd := binaries(t)
	dir := t.TempDir()
	ca := newAuthority(t)
	cert, key := ca.issue(t, "kube-apiserver", nil)
	c := &Cluster{CA: ca.pem, authority: ca, client: &http.Client{Timeout: 20 * time.Second,
		Transport: &http.Transport{TLSClientConfig: ca.trust(t)}}}
	t.Cleanup(c.client.CloseIdleConnections)

	tokens := fmt.Sprintf("%s,admin,1,\"system:masters\"\n%s,auditor,2\n%s,weak,3\n", Admin, Auditor, Weak)
	for name, data := range map[string][]byte{"ca.crt": ca.pem, "server.crt": cert, "server.key": key, "tokens.csv": []byte(tokens)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	client, peer, secure := freePort(t), freePort(t), freePort(t)
	store := "http://127.0.0.1:" + client
	c.URL = "https://127.0.0.1:" + secure

	stopEtcd, etcdEnded := run(t, in("etcd.log"), etcd,
		"--name", "test", "--data-dir", in("etcd"),
		"--listen-client-urls", store, "--advertise-client-urls", store,
		"--listen-peer-urls", "http://127.0.0.1:"+peer, "--initial-advertise-peer-urls", "http://127.0.0.1:"+peer,
		"--initial-cluster", "test=http://127.0.0.1:"+peer,
		"--unsafe-no-fsync") // nothing of it is to outlive the test
	stopServer, serverEnded := run(t, in("kube-apiserver.log"), server,
		"--etcd-servers", store,
		"--bind-address", "127.0.0.1", "--secure-port", secure, "--advertise-address", "127.0.0.1", "--endpoint-reconciler-type", "none",
		"--tls-cert-file", in("server.crt"), "--tls-private-key-file", in("server.key"), "--client-ca-file", in("ca.crt"),
		"--cert-dir", in("certificates"), "--token-auth-file", in("tokens.csv"), "--authorization-mode", "RBAC",
		"--service-account-issuer", "https://kubernetes.default.svc", "--service-account-key-file", in("server.key"),
		"--service-account-signing-key-file", in("server.key"), "--service-cluster-ip-range", "10.43.0.0/16",
		// The first wants accounts that a controller makes; the second taints every node until a kubelet reports.
		"--disable-admission-plugins", "ServiceAccount,TaintNodesByCondition")
	c.stop = sync.OnceFunc(func() { stopServer(); stopEtcd() })
	c.ended = func() bool { return etcdEnded() || serverEnded() }
	// The server makes its own namespaces and its own service a moment after it is ready.
	for _, path := range []string{"/readyz", "/api/v1/namespaces/kube-system", "/api/v1/namespaces/kube-public",
		"/api/v1/namespaces/kube-node-lease", "/api/v1/namespaces/default/services/kubernetes"} {
		c.wait(t, func() error { return c.ask(http.MethodGet, path, "", nil) }, in("kube-apiserver.log"), in("etcd.log"))
	}
	return c
}

// Stop kills the processes, as a lost machine would.
func (c *Cluster) Stop() { c.stop() }

// binaries finds the two programs, or skips the test.
func binaries(t testing.TB) (server, etcd string) {
	t.Helper()
	server = filepath.Join(Root(t), "bin", "kube-apiserver")
	if _, err := os.Stat(server); err != nil {
		t.Skip("SKIPPED, nothing is shown: bin/kube-apiserver is missing; `make kube-apiserver` builds it")
	}
	etcd, err := exec.LookPath("etcd")
	if err != nil {
		t.Skip("SKIPPED, nothing is shown: etcd is missing; on Debian it is in the package etcd-server")
	}
	return server, etcd
}

// Root is the folder of the repository.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.work in any folder above")
		}
	}
}

// run starts a program and returns what kills it, as the end of the test does, too, and what tells whether it has ended.
func run(t testing.TB, log, program string, args ...string) (stop func(), ended func() bool) {
	t.Helper()
	out, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // "signal: killed" is what was asked for
		_ = out.Close()
	}()
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		<-done
	})
	t.Cleanup(stop)
	return stop, func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
}

// wait tries until there is no error, and shows the ends of the logs when there is one for too long.
func (c *Cluster) wait(t testing.TB, try func() error, logs ...string) {
	t.Helper()
	deadline, tick := time.Now().Add(patience), time.NewTicker(100*time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) || c.ended() {
			for _, log := range logs {
				data, _ := os.ReadFile(log)
				t.Logf("%s ends with:\n%s", log, data[max(0, len(data)-4000):])
			}
			t.Fatalf("not ready: %v", err)
		}
		<-tick.C
	}
}

// ask sends a request as the administrator; an answer other than success is an error.
func (c *Cluster) ask(method, path, contentType string, body []byte) error {
	_, err := c.answer(Admin, method, path, contentType, body)
	return err
}

// Await waits until the bearer of the token may read the path: the server learns of roles a moment after they are written.
func (c *Cluster) Await(t testing.TB, token, path string) {
	t.Helper()
	c.wait(t, func() error {
		_, err := c.answer(token, http.MethodGet, path, "", nil)
		return err
	})
}

func (c *Cluster) answer(token, method, path, contentType string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", contentType)
	res, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = &statusError{code: res.StatusCode, text: fmt.Sprintf("%s %s: %s: %s", method, path, res.Status, strings.TrimSpace(string(data)))}
	}
	return data, err
}

// A statusError is an answer other than success.
type statusError struct {
	code int
	text string
}

func (e *statusError) Error() string { return e.text }

// Front puts a server of its own before the cluster and returns its address. What wrap makes of the way to the cluster is what
// clients meet: it may record requests, answer itself or break off. The certificate is of the cluster's authority.
func (c *Cluster) Front(t testing.TB, wrap func(next http.Handler) http.Handler) string {
	t.Helper()
	target, err := url.Parse(c.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: c.client.Transport,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) {
			panic(http.ErrAbortHandler) // a server that is gone answers nothing
		},
	}
	cert, key := c.authority.issue(t, "front", nil)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: wrap(proxy), ReadHeaderTimeout: patience}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("front: %v", err)
		}
	})
	return "https://" + listener.Addr().String()
}

func freePort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
