package pve

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// nobody returns an address at which nothing listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "https://" + l.Addr().String()
}

// over returns a reader of several endpoints; the stub's authority is trusted.
func over(t *testing.T, s *stub, change func(*Config), endpoints ...string) *Reader {
	t.Helper()
	return s.reader(t, func(c *Config) {
		c.Endpoint, c.Endpoints = endpoints[0], endpoints[1:]
		if change != nil {
			change(c)
		}
	})
}

func TestRequestsAreSpread(t *testing.T) {
	alone, one, two := newStub(t, cluster("8.4.1")), newStub(t, cluster("8.4.1")), newStub(t, cluster("8.4.1"))
	if _, err := alone.reader(t, nil).Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := over(t, one, func(c *Config) { c.CAPEM = append(c.CAPEM, two.authority()...) }, one.URL, two.URL)
	if _, err := r.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	a, b, all := len(one.requests()), len(two.requests()), len(alone.requests())
	if a+b != all || a < all/2 || b < all/2 {
		t.Errorf("got %d and %d requests, want %d, half of them at each", a, b, all)
	}
}

// A reading succeeds while one endpoint answers, whatever the others do, and sends the token to none that is not trusted.
func TestOneEndpointOfSeveral(t *testing.T) {
	silent := newStub(t, map[string]http.HandlerFunc{})
	for _, path := range []string{"/version", "/access/permissions", "/cluster/status", "/cluster/resources", "/cluster/ha/status/current", "/cluster/tasks"} {
		silent.answers[path] = func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }
	}
	other := expired(t)
	want, err := newStub(t, cluster("8.4.1")).reader(t, nil).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	const firstBatch = 6 // requests that leave before the first failure is known, at most
	tests := map[string]struct {
		reason string
		bad    string
	}{
		"Refuses":   {"Nothing listens there.", nobody(t)},
		"NoName":    {"Its name does not resolve.", "https://pmox.invalid:8006"},
		"Silent":    {"It listens and says nothing.", silent.URL},
		"Untrusted": {"Its certificate cannot be trusted.", other.URL},
		"NoTLS":     {"Something else listens there.", "https" + strings.TrimPrefix(plain.URL, "http")},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			good := newStub(t, cluster("8.4.1"))
			r := over(t, good, func(c *Config) {
				c.CAPEM = append(c.CAPEM, silent.authority()...)
				c.Timeout = 300 * time.Millisecond
			}, tc.bad, good.URL)
			ctx, meter := WithMeter(t.Context())
			got, err := r.Snapshot(ctx)
			if err != nil {
				t.Fatalf("%s\n%v", tc.reason, err)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Snapshot{}, "TakenAt", "Sections")); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
			if wasted := meter.Requests() - len(good.requests()); wasted > firstBatch || wasted == 0 {
				t.Errorf("%s\n%d requests went to the bad endpoint, want 1 to %d", tc.reason, wasted, firstBatch)
			}
		})
	}
}

func TestNoEndpointAnswers(t *testing.T) {
	one := newStub(t, nil)
	r := over(t, one, nil, nobody(t), nobody(t))
	if _, err := r.version(t.Context()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got error %v, want %v", err, ErrUnreachable)
	}
	// A rest is no reason to send nothing: who asks wants to know how it is now.
	ctx, meter := WithMeter(t.Context())
	if _, err := r.version(ctx); !errors.Is(err, ErrUnreachable) || meter.Requests() == 0 {
		t.Errorf("got error %v after %d requests", err, meter.Requests())
	}
}

// The rests of an endpoint: they double, they end, one request tries before the others follow, and an answer ends them.
func TestEndpointRests(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	a, b := &endpoint{host: "a"}, &endpoint{host: "b"}
	e := &endpoints{now: func() time.Time { return now }, all: []*endpoint{a, b}}
	picks := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(e.pick().host)
		}
		return b.String()
	}
	expect := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	expect("both answer", picks(4), "abab")
	e.failed(a)
	expect("a rests", picks(4), "bbbb")
	now = now.Add(firstRest)
	if got := picks(4); strings.Count(got, "a") != 1 {
		t.Errorf("after its rest: got %s, want one request that tries a", got)
	}
	e.failed(a)
	now = now.Add(2*firstRest - time.Millisecond)
	expect("the second rest is twice as long", picks(2), "bb")
	now = now.Add(time.Millisecond)
	if got := picks(2); strings.Count(got, "a") != 1 {
		t.Errorf("after the second rest: got %s", got)
	}
	e.worked(a)
	if got := picks(4); strings.Count(got, "a") != 2 {
		t.Errorf("after an answer: got %s, want a in turn", got)
	}
	for range 20 {
		e.failed(a)
	}
	if got := a.until.Sub(now); got != mostRest {
		t.Errorf("the longest rest is %v, want %v", got, mostRest)
	}
	e.failed(b)
	expect("all rest: the one that is due first", picks(2), "bb")
}

// A redirect would carry the token to an address that nobody configured.
func TestTokenGoesToConfiguredEndpointsOnly(t *testing.T) {
	elsewhere := newStub(t, cluster("8.4.1"))
	here := newStub(t, map[string]http.HandlerFunc{"/version": func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, elsewhere.URL+apiRoot+"/version", http.StatusTemporaryRedirect)
	}})
	r := over(t, here, func(c *Config) { c.CAPEM = append(c.CAPEM, elsewhere.authority()...) }, here.URL)
	var status *StatusError
	if _, err := r.version(t.Context()); !errors.As(err, &status) || status.Code != http.StatusTemporaryRedirect {
		t.Errorf("got error %v, want the redirect as an error", err)
	}
	if got := elsewhere.requests(); len(got) > 0 {
		t.Errorf("the other server was asked: %v", got)
	}
}
