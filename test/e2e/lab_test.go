package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

// Proviso reads with this token; it may look at everything and change nothing.
const (
	readerID     = "proviso@pve!reader"
	readerSecret = "7c1d3a52-55f5-4c66-9f0e-3d3f2f6e8a11"
)

// A lab is the thesis's laboratory as a cluster behind TLS.
type lab struct {
	cluster *twin.Cluster
	server  *twin.Server
	caFile  string
	guests  int            // before anything was applied
	proviso []twin.Request // what Proviso sent, kept while OpenTofu writes
}

func newLab(t testing.TB) *lab { return newLabIn(t, twin.S2, "") }

// newLabIn is the laboratory in one of its states, on one version of Proxmox VE; empty: the laboratory's own.
func newLabIn(t testing.TB, state twin.State, version string) *lab {
	t.Helper()
	seed, err := twin.Lab(state)
	if err != nil {
		t.Fatal(err)
	}
	return newLabOf(t, seed, version)
}

// newLabOf is a laboratory of the test's own making.
func newLabOf(t testing.TB, seed twin.Seed, version string) *lab {
	t.Helper()
	cluster, err := twin.New(seed, twin.Options{Version: version})
	if err != nil {
		t.Fatal(err)
	}
	cluster.AddToken(twin.Token{ID: readerID, Secret: readerSecret, Privileges: twin.AuditorPrivileges(major(version))})
	server, err := twin.Serve(context.WithoutCancel(t.Context()), cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	l := &lab{cluster: cluster, server: server, caFile: filepath.Join(t.TempDir(), "ca.pem")}
	if err := os.WriteFile(l.caFile, server.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	l.guests = len(l.snapshot(t, t.Context()).Guests)
	return l
}

// environ points Proviso at the laboratory.
func (l *lab) environ() []string {
	return []string{
		"PROVISO_PVE_ENDPOINT=" + l.server.URL(),
		"PROVISO_PVE_TOKEN=" + readerID + "=" + readerSecret,
		"PROVISO_PVE_CA_FILE=" + l.caFile,
	}
}

func (l *lab) url() string   { return l.server.URL() }
func (l *lab) token() string { return l.server.TokenID() + "=" + l.server.TokenSecret() }
func (l *lab) ca() []byte    { return l.server.CAPEM() }

// mark begins a stretch in which only Proviso talks to the cluster; keepRequests ends it.
func (l *lab) mark() { l.cluster.ForgetRequests() }

func (l *lab) keepRequests() { l.proviso = append(l.proviso, l.cluster.Requests()...) }

// dump is the cluster's whole state, comparable.
func (l *lab) dump(t testing.TB) string {
	t.Helper()
	return string(l.cluster.Dump())
}

func (l *lab) reader(t testing.TB) *pve.Reader {
	t.Helper()
	r, err := pve.NewReader(pve.Config{Endpoint: l.url(), Token: readerID + "=" + readerSecret, CAPEM: l.ca()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (l *lab) snapshot(t testing.TB, ctx context.Context) *pve.Snapshot {
	t.Helper()
	s, err := l.reader(t).Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (l *lab) guestConfig(t testing.TB, ctx context.Context, g pve.Guest) *pve.GuestConfig {
	t.Helper()
	c, err := l.reader(t).GuestConfig(ctx, g.Node, g.Kind, g.VMID)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// config returns a guest's configuration as the API gives it, every value as text.
func (l *lab) config(t testing.TB, ctx context.Context, g pve.Guest) map[string]string {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(l.ca())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		fmt.Sprintf("%s/api2/json/nodes/%s/%s/%d/config", l.url(), g.Node, g.Kind, g.VMID), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "PVEAPIToken="+readerID+"="+readerSecret)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body struct{ Data map[string]any }
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	config := make(map[string]string, len(body.Data))
	for key, value := range body.Data {
		config[key] = fmt.Sprint(value)
	}
	return config
}

func major(version string) int {
	if strings.HasPrefix(version, "9") {
		return 9
	}
	return 8
}
