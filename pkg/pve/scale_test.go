package pve_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

// large serves a cluster of 32 nodes and 5,000 guests.
func large(t *testing.T) (*twin.Cluster, *twin.Server) {
	t.Helper()
	cluster, err := twin.New(twin.Generated(32, 5000, 7), twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return cluster, srv
}

func readerOf(t *testing.T, srv *twin.Server) *pve.Reader {
	t.Helper()
	r, err := pve.NewReader(pve.Config{Endpoint: srv.URL(), Token: srv.TokenID() + "=" + srv.TokenSecret(), CAPEM: srv.CAPEM()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The overview of a large cluster costs one request a node and five more; what is left out of it is named. A refresh costs four.
//
// Shows: T-3.3.5-124
func TestRequestsOfALargeCluster(t *testing.T) {
	cluster, srv := large(t)
	r := readerOf(t, srv)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	overview, err := r.Overview(ctx)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, q := range cluster.Requests() {
		count[q.Template]++
		if q.Method != http.MethodGet || q.Status != http.StatusOK {
			t.Errorf("%s %s was answered with %d", q.Method, q.Path, q.Status)
		}
	}
	want := map[string]int{"/version": 1, "/access/permissions": 1, "/cluster/status": 1, "/cluster/resources": 1, "/cluster/ha/status/current": 1, "/nodes/{node}/network": 32}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("requests of the overview: -want, +got:\n%s", diff)
	}
	if len(overview.Nodes) != 32 || len(overview.Guests) != 5000 || len(overview.Storages) != 4*32 || len(overview.Bridges) != 32 || len(overview.Pools) != 3 || !overview.Quorate {
		t.Errorf("the overview holds %d nodes, %d guests, %d storages, %d bridges, %d pools", len(overview.Nodes), len(overview.Guests), len(overview.Storages), len(overview.Bridges), len(overview.Pools))
	}
	fractional := false
	for _, g := range overview.Guests {
		fractional = fractional || g.Kind == pve.KindContainer && g.CPUs == 0.5
	}
	if !fractional {
		t.Error("no container has half a CPU")
	}
	for _, name := range []string{"sdn", "volumes", "templates", "ha_rules", "pool_comments"} {
		if _, read := overview.Section(name); read {
			t.Errorf("the overview says that it holds %s", name)
		}
		if !slicesContains(overview.Unknown, name) {
			t.Errorf("the overview does not say that %s was not read", name)
		}
	}

	f := pve.NewFollower(r, pve.FollowerConfig{})
	complete, err := f.Refresh(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(complete.Unknown) != 0 || len(complete.VNets) != 2 || len(complete.Volumes) != 4 || len(complete.Templates()) != 4 {
		t.Errorf("the complete snapshot holds %d vnets, %d volumes, %d templates, unknown %v", len(complete.VNets), len(complete.Volumes), len(complete.Templates()), complete.Unknown)
	}
	for _, section := range complete.Sections {
		if !section.Complete || section.ReadAt.IsZero() {
			t.Errorf("section %+v is incomplete", section)
		}
	}
	for _, name := range []string{"access", "nodes", "guests", "storages", "pools", "networks", "ha_rules", "sdn", "pool_comments", "volumes", "templates"} {
		if section, ok := complete.Section(name); !ok || section.Count == 0 {
			t.Errorf("section %s: %t, %d things; want some", name, ok, section.Count)
		}
	}
	cluster.ForgetRequests()
	if _, err := f.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if got := len(cluster.Requests()); got != 4 {
		t.Errorf("a refresh sent %d requests, want 4: %v", got, cluster.Requests())
	}
}

func slicesContains(unknown []pve.UnknownRef, what string) bool {
	for _, u := range unknown {
		if u.What == what {
			return true
		}
	}
	return false
}

// An operator works on the cluster through its API.
type operator struct {
	url, token string
	client     *http.Client
	rng        *rand.Rand
	log        []string
}

func newOperator(t *testing.T, srv *twin.Server, seed uint64) *operator {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(srv.CAPEM())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}}
	t.Cleanup(transport.CloseIdleConnections)
	return &operator{url: srv.URL() + "/api2/json", token: "PVEAPIToken=" + srv.TokenID() + "=" + srv.TokenSecret(),
		client: &http.Client{Transport: transport, Timeout: 10 * time.Second}, rng: rand.New(rand.NewPCG(seed, 1))}
}

// do sends one write. A refusal is logged: what it would have changed is not there now.
func (o *operator) do(t *testing.T, method, path, form string) {
	t.Helper()
	target, body := o.url+path, io.Reader(strings.NewReader(form))
	if method == http.MethodDelete {
		body = nil
		if form != "" {
			target += "?" + form
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", o.token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := o.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	o.log = append(o.log, fmt.Sprintf("%s %s %s: %s", method, path, form, res.Status))
}

// something does one thing that people do to clusters.
func (o *operator) something(t *testing.T, cluster *twin.Cluster, s *pve.Snapshot, n int) {
	t.Helper()
	g := s.Guests[o.rng.IntN(len(s.Guests))]
	guest := fmt.Sprintf("/nodes/%s/%s/%d", g.Node, g.Kind, g.VMID)
	node := s.Nodes[o.rng.IntN(len(s.Nodes))].Name
	switch o.rng.IntN(16) {
	case 0:
		o.do(t, "POST", guest+"/status/stop", "")
	case 1:
		o.do(t, "POST", guest+"/status/start", "")
	case 2:
		o.do(t, "PUT", guest+"/config", fmt.Sprintf("tags=t%d", n))
	case 3:
		o.do(t, "POST", guest+"/template", "")
	case 4:
		o.do(t, "POST", "/nodes/"+node+"/qemu", fmt.Sprintf("vmid=%d&name=new%d&memory=512&cores=1", 7000+n, n))
	case 5:
		o.do(t, "DELETE", guest, "")
	case 6:
		o.do(t, "POST", guest+"/clone", fmt.Sprintf("newid=%d&name=clone%d", 8000+n, n))
	case 7:
		o.do(t, "POST", "/nodes/"+node+"/storage/cephfs/download-url", "content=iso&filename="+fmt.Sprintf("i%d.iso", n)+"&url="+url.QueryEscape("https://example.org/i.iso"))
	case 8:
		if len(s.Volumes) > 0 {
			v := s.Volumes[o.rng.IntN(len(s.Volumes))]
			o.do(t, "DELETE", "/nodes/"+v.Node+"/storage/"+v.Storage+"/content/"+url.PathEscape(v.ID), "")
		}
	case 9:
		o.do(t, "POST", "/pools", fmt.Sprintf("poolid=p%d&comment=c%d", n, n))
	case 10:
		o.do(t, "DELETE", "/pools", fmt.Sprintf("poolid=p%d", o.rng.IntN(n+1)))
	case 11:
		o.do(t, "POST", "/cluster/sdn/vnets", fmt.Sprintf("vnet=v%d&zone=mainzone&tag=%d", n, 500+n))
		o.do(t, "PUT", "/cluster/sdn", "")
	case 12:
		o.do(t, "POST", "/cluster/ha/resources", fmt.Sprintf("sid=vm:%d&state=started&group=mainHA", g.VMID))
	case 13:
		o.do(t, "POST", "/nodes/"+node+"/network", fmt.Sprintf("iface=vmbr%d&type=bridge&autostart=1", 10+n%50))
		o.do(t, "PUT", "/nodes/"+node+"/network", "")
	case 14:
		away := o.rng.IntN(3) == 0
		o.log = append(o.log, fmt.Sprintf("%s away: %t", node, away))
		if err := cluster.SetOffline(node, away); err != nil {
			t.Fatal(err)
		}
	case 15:
		o.do(t, "POST", guest+"/migrate", "target="+node)
	}
}

// Whatever people do to a cluster, a refresh says what a whole reading says. The figures of both are of one moment, because the
// twin's clock stands still.
func TestRefreshEqualsAWholeReading(t *testing.T) {
	for _, version := range []string{"8.4.1", "9.1.1"} {
		t.Run(version, func(t *testing.T) {
			seed, err := twin.Lab(twin.S2)
			if err != nil {
				t.Fatal(err)
			}
			at := time.Now()
			cluster, err := twin.New(seed, twin.Options{Version: version, Now: func() time.Time { return at }})
			if err != nil {
				t.Fatal(err)
			}
			srv, err := twin.Serve(t.Context(), cluster)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = srv.Close() })
			const random = 20261121
			sums := cmpopts.EquateApprox(0, 1e-9) // the twin adds up a node's load in any order
			o := newOperator(t, srv, random)
			r := readerOf(t, srv)
			f := pve.NewFollower(r, pve.FollowerConfig{})
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			saved, total := 0, 0
			for n := range 150 {
				cluster.ForgetRequests()
				got, err := f.Refresh(ctx)
				if err != nil {
					t.Fatal(err)
				}
				refresh := len(cluster.Requests())
				want, err := r.Snapshot(ctx)
				if err != nil {
					t.Fatal(err)
				}
				whole := len(cluster.Requests()) - refresh
				saved, total = saved+whole-refresh, total+whole
				if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(pve.Snapshot{}, "TakenAt", "Sections"), sums); diff != "" {
					t.Fatalf("seed %d, step %d: -whole reading, +refresh:\n%s\nwhat was done:\n%s", random, n, diff, strings.Join(o.log, "\n"))
				}
				for range 1 + o.rng.IntN(3) {
					o.something(t, cluster, got, n)
				}
			}
			done := 0
			for _, line := range o.log {
				if strings.HasSuffix(line, "200 OK") {
					done++
				}
			}
			if done < 100 {
				t.Errorf("only %d changes were made: the test shows little\n%s", done, strings.Join(o.log, "\n"))
			}
			t.Logf("%d changes; refreshes sent %d requests less than %d", done, saved, total)
		})
	}
}

// A token that loses privileges between two readings is shown shorter lists.
func TestFollowerOfAWeakenedToken(t *testing.T) {
	cluster, r := lab(t, "", twin.AuditorPrivileges(8))
	f := pve.NewFollower(r, pve.FollowerConfig{})
	if _, err := f.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	cluster.AddToken(twin.Token{ID: auditorToken, Secret: auditorSecret, Privileges: []string{"Sys.Audit", "SDN.Audit", "Pool.Audit", "Datastore.Audit"}})
	if s, err := f.Refresh(t.Context()); s != nil || !errors.Is(err, pve.ErrIncompleteAccess) {
		t.Errorf("got a snapshot: %t, error %v; want %v", s != nil, err, pve.ErrIncompleteAccess)
	}
}
