package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"proviso.dev/pkg/twin"
	"proviso.dev/test/harness"
)

// A site is Proviso on the thesis's laboratory behind a proxy that sees what the browser asks for.
type site struct {
	url     string       // of the proxy
	cut     func()       // breaks every connection, as a lost network does
	reports atomic.Int32 // violations of the page's policy that browsers reported
}

// serve starts a laboratory and Proviso on it.
func serve(t *testing.T, env ...string) *site {
	t.Helper()
	browser(t) // skips before anything is built for nothing
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := twin.New(seed, twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const reader, secret = "proviso@pve!reader", "7c1d3a52-55f5-4c66-9f0e-3d3f2f6e8a11"
	cluster.AddToken(twin.Token{ID: reader, Secret: secret, Privileges: twin.AuditorPrivileges(8)})
	lab, err := twin.Serve(context.WithoutCancel(t.Context()), cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lab.Close() })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, lab.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	env = append(env, "PROVISO_PVE_ENDPOINT="+lab.URL(), "PROVISO_PVE_TOKEN="+reader+"="+secret, "PROVISO_PVE_CA_FILE="+ca)

	address := fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))
	p := harness.Start(t, harness.Environ(env...), harness.Binary(t, "./services/proviso"),
		"serve", "--listen", address, "--data", t.TempDir())
	harness.WaitReady(t, p, "http://"+address+"/readyz", 20*time.Second)

	s := &site{}
	target, err := url.Parse("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		FlushInterval: -1, // events pass as they come
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/csp" {
			s.reports.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { front.CloseClientConnections(); front.Close() })
	s.url, s.cut = front.URL, front.CloseClientConnections
	return s
}
