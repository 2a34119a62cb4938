package twin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serve starts a server and returns a client that trusts it.
func serve(t *testing.T, c *Cluster) (*Server, *http.Client) {
	t.Helper()
	s, err := Serve(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(s.CAPEM()) {
		t.Fatal("the server's authority is no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return s, &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// heard is what came back over the wire.
type heard struct {
	status, contentType, body string
	code, protocol            int
	tls                       uint16
}

func ask(t *testing.T, s *Server, client *http.Client, path string) (heard, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+prefix+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "PVEAPIToken="+s.TokenID()+"="+s.TokenSecret())
	response, err := client.Do(r)
	if err != nil {
		return heard{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return heard{
		status: response.Status, contentType: response.Header.Get("Content-Type"), body: string(body), code: response.StatusCode,
		protocol: response.ProtoMajor, tls: response.TLS.Version,
	}, err
}

func TestReasonPhrase(t *testing.T) {
	const missing = "Configuration file 'nodes/pmox01/qemu-server/999.conf' does not exist"
	tests := map[string]struct {
		reason       string
		style        func(*Cluster)
		phrase, body string
	}{
		"Both":   {reason: "as today", style: func(*Cluster) {}, phrase: "500 " + missing, body: `{"data":null,"message":"` + missing + `\n"}`},
		"Phrase": {reason: "as before 2025", style: (*Cluster).PhraseOnly, phrase: "500 " + missing, body: `{"data":null}`},
		"Body":   {reason: "as behind a proxy", style: (*Cluster).BodyOnly, phrase: "500 Internal Server Error", body: `{"data":null,"message":"` + missing + `\n"}`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{}).cluster
			tc.style(c)
			s, client := serve(t, c)
			got, err := ask(t, s, client, "/nodes/pmox01/qemu/999/config")
			if err != nil {
				t.Fatal(err)
			}
			if got.status != tc.phrase || got.body != tc.body {
				t.Errorf("%s: got %q %q, want %q %q", tc.reason, got.status, got.body, tc.phrase, tc.body)
			}
			if got.tls != tls.VersionTLS13 || got.protocol != 1 {
				t.Errorf("got TLS %x and HTTP/%d, want TLS 1.3 and HTTP/1", got.tls, got.protocol)
			}
			if got, err := ask(t, s, client, "/version"); err != nil || got.code != http.StatusOK || got.contentType != contentType {
				t.Errorf("after an error: %+v %v", got, err)
			}
		})
	}
}

func TestBrokenConnections(t *testing.T) {
	tests := map[string]struct {
		reason string
		fault  Fault
	}{
		"Reset": {reason: "no answer at all", fault: Fault{Path: "/nodes*", Reset: true, Times: 5}},
		"Cut":   {reason: "half an answer", fault: Fault{Path: "/nodes*", Cut: true, Times: 5}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{}).cluster
			s, client := serve(t, c)
			stop := c.Inject(tc.fault)
			if got, err := ask(t, s, client, "/nodes"); err == nil {
				t.Errorf("%s: got %q, want an error", tc.reason, got.body)
			}
			stop()
			if _, err := ask(t, s, client, "/nodes"); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestServerStopsWithContext(t *testing.T) {
	c := newLab(t, Options{}).cluster
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Serve(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-s.done:
	case <-time.After(5 * time.Second):
		t.Fatal("the server still runs 5 s after its context ended")
	}
	if err := s.Close(); err != nil {
		t.Errorf("close after that: %v", err)
	}
}

// Many clients at once, for the race detector; each has its own guest, so each must succeed.
func TestConcurrentUse(t *testing.T) {
	c := newCaller(t, Generated(4, 50, 1), Options{})
	before := string(c.cluster.Dump())
	var wait sync.WaitGroup
	errs := make(chan string, 1000)
	for i := range 8 {
		wait.Go(func() {
			vm := fmt.Sprintf("/nodes/node01/qemu/%d", 900+i)
			for _, call := range []string{
				"POST /nodes/node01/qemu/100/clone newid=" + fmt.Sprint(900+i), "GET " + vm + "/config ", "PUT " + vm + "/config cores=2&scsi1=local-lvm:4", "GET /cluster/resources ",
				"POST " + vm + "/status/start ", "GET " + vm + "/agent/network-get-interfaces ", "POST " + vm + "/status/stop ", "GET /nodes/node01/storage/ceph/content ", "DELETE " + vm + " purge=1",
			} {
				parts := strings.SplitN(call, " ", 3)
				if got := c.do(parts[0]+" "+parts[1], parts[2]); got.Status != http.StatusOK {
					errs <- fmt.Sprintf("%s: %d %s", call, got.Status, got.Message)
				}
			}
		})
	}
	wait.Wait()
	close(errs)
	for e := range errs {
		t.Error(e)
	}
	if diff := cmp.Diff(before, string(c.cluster.Dump())); diff != "" {
		t.Errorf("state afterwards (-before +after):\n%s", diff)
	}
}
