package pve_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

// patience is how long a request may take in tests that inject a node which does not answer: long for a busy machine, short for a test.
const patience = 700 * time.Millisecond

// whole is a reader of the laboratory with all nodes online, and without pauses between attempts.
func whole(t *testing.T, timeout time.Duration) (*twin.Cluster, *pve.Reader) {
	t.Helper()
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := twin.New(seed, twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.SetOffline("pmox04", false); err != nil {
		t.Fatal(err)
	}
	srv, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	r, err := pve.NewReader(pve.Config{Endpoint: srv.URL(), Token: srv.TokenID() + "=" + srv.TokenSecret(), CAPEM: srv.CAPEM(), Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	pve.NoPause(r)
	return cluster, r
}

// without leaves out what differs between two readings of one cluster.
var without = cmp.Options{
	cmpopts.IgnoreFields(pve.Snapshot{}, "TakenAt", "Sections", "Unknown"), cmpopts.IgnoreFields(pve.Guest{}, "UptimeSeconds", "CPUUsage", "MemoryUsedBytes"),
	cmpopts.IgnoreFields(pve.Node{}, "UptimeSeconds", "CPUUsage", "MemoryUsedBytes"),
}

// Whatever one request meets, a snapshot either does not come about or says what it does not know: every request of a reading,
// with every fault.
func TestEveryRequestMeetsEveryFault(t *testing.T) {
	faults := map[string]twin.Fault{
		"Denied":    {Status: http.StatusForbidden, Phrase: "Permission check failed"},
		"Died":      {Status: http.StatusInternalServerError, Phrase: "got timeout"},
		"NoRoute":   {Status: 595, Phrase: "No route to host"},
		"Null":      {Null: true},
		"Truncated": {Cut: true},
		"Reset":     {Reset: true},
		"Slow":      {Delay: 30 * time.Second},
	}
	cluster, r := whole(t, 10*time.Second)
	healthy := snapshot(t, r)
	if len(healthy.Unknown) != 0 {
		t.Fatalf("the healthy cluster has unknowns: %v", healthy.Unknown)
	}
	paths := map[string]string{} // one of each kind
	for _, q := range cluster.Requests() {
		paths[q.Template] = q.Path
	}
	essential := []string{"/version", "/access/permissions", "/cluster/resources"}
	for _, path := range paths {
		for name, fault := range faults {
			t.Run(name+path, func(t *testing.T) {
				t.Parallel()
				timeout := 10 * time.Second
				if fault.Delay > 0 {
					timeout = patience
				}
				cluster, r := whole(t, timeout)
				fault.Path = path
				cluster.Inject(fault)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				got, err := r.Snapshot(ctx)
				if ctx.Err() != nil {
					t.Fatal("one fault holds up the whole reading")
				}
				if slices.Contains(essential, path) {
					if err == nil || got != nil {
						t.Errorf("got a snapshot without %s, want none", path)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if fault.Status == 595 && cmp.Diff(healthy, got, without) == "" {
					return // another node was asked, and knows the same
				}
				incomplete := slices.ContainsFunc(got.Sections, func(s pve.Section) bool { return !s.Complete })
				if len(got.Unknown) == 0 || !incomplete {
					t.Errorf("nothing is unknown, sections %+v\n-healthy, +now:\n%s", got.Sections, cmp.Diff(healthy, got, without))
				}
				for _, u := range got.Unknown {
					if u.What == "" || u.Reason == "" {
						t.Errorf("%+v says too little", u)
					}
				}
			})
		}
	}
}

// A node that answers after 30 seconds is given up on in time, by name, and the others are read as ever.
func TestSlowNode(t *testing.T) {
	cluster, r := whole(t, patience)
	healthy := snapshot(t, r)
	cluster.Inject(twin.Fault{Node: "pmox02", Delay: 30 * time.Second})
	began := time.Now()
	got := snapshot(t, r)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the reading took %v", took)
	}
	var names []string
	for _, u := range got.Unknown {
		names = append(names, u.What)
		if !strings.Contains(u.What, "pmox02") || u.Reason != "no answer in time" {
			t.Errorf("unexpected unknown: %+v", u)
		}
	}
	for _, want := range []string{"content of local on pmox02", "network of pmox02"} {
		if !slices.Contains(names, want) {
			t.Errorf("unknown are %v, want %s among them", names, want)
		}
	}
	rest := func(b pve.Bridge) bool { return b.Node == "pmox02" }
	if diff := cmp.Diff(slices.DeleteFunc(slices.Clone(healthy.Bridges), rest), got.Bridges); diff != "" {
		t.Errorf("bridges of the other nodes: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(healthy.Guests, got.Guests, without); diff != "" {
		t.Errorf("guests: -want, +got:\n%s", diff)
	}
}

// No agent is asked: what guests say, or fail to say, holds up nobody.
func TestSilentAgents(t *testing.T) {
	cluster, r := whole(t, 10*time.Second)
	healthy := snapshot(t, r)
	for _, g := range healthy.Guests {
		cluster.SetAgent(g.VMID, twin.AgentSilent)
	}
	got := snapshot(t, r)
	if diff := cmp.Diff(healthy, got, without); diff != "" || len(got.Unknown) != 0 {
		t.Errorf("unknown %v; -healthy, +silent:\n%s", got.Unknown, diff)
	}
}

// A node that leaves between two readings takes its details with it; when it is back they are read again.
func TestFollowerSeesANodeLeaveAndReturn(t *testing.T) {
	cluster, r := whole(t, 10*time.Second)
	f := pve.NewFollower(r, pve.FollowerConfig{})
	refresh := func() *pve.Snapshot {
		t.Helper()
		s, err := f.Refresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := refresh()
	if err := cluster.SetOffline("pmox02", true); err != nil {
		t.Fatal(err)
	}
	second := refresh()
	for _, b := range second.Bridges {
		if b.Node == "pmox02" {
			t.Errorf("bridge %s of a node that is away", b.Name)
		}
	}
	for _, g := range second.Guests {
		if g.Node == "pmox02" && g.Status != pve.GuestUnknown {
			t.Errorf("guest %d of a node that is away is %s", g.VMID, g.Status)
		}
	}
	if len(second.Guests) != len(first.Guests) || !slicesContains(second.Unknown, "network of pmox02") {
		t.Errorf("got %d guests of %d, unknown %v", len(second.Guests), len(first.Guests), second.Unknown)
	}
	if err := cluster.SetOffline("pmox02", false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, refresh(), without); diff != "" {
		t.Errorf("-before, +after:\n%s", diff)
	}
}

// A reading goes on while one of several nodes answers requests.
func TestEndpointsOfTwin(t *testing.T) {
	cluster, err := twin.New(twin.Generated(4, 40, 1), twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var servers []*twin.Server
	var ca []byte
	var urls []string
	for range 3 {
		srv, err := twin.Serve(t.Context(), cluster)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = srv.Close() })
		servers, ca, urls = append(servers, srv), append(ca, srv.CAPEM()...), append(urls, srv.URL())
	}
	r, err := pve.NewReader(pve.Config{Endpoints: urls, Token: servers[0].TokenID() + "=" + servers[0].TokenSecret(), CAPEM: ca})
	if err != nil {
		t.Fatal(err)
	}
	pve.NoPause(r)
	f := pve.NewFollower(r, pve.FollowerConfig{DetailAge: time.Nanosecond})
	for i, srv := range servers {
		s, err := f.Refresh(t.Context())
		if err != nil || len(s.Unknown) > 0 {
			t.Fatalf("with %d endpoints: %v, unknown %v", len(servers)-i, err, s)
		}
		if err := srv.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := f.Refresh(t.Context()); err == nil {
		t.Errorf("got a snapshot from nobody: %s", fmt.Sprint(s.TakenAt))
	}
}
