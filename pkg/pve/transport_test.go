package pve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Nothing but GET may leave, whatever the client is asked to do.
func TestWritesAreRefused(t *testing.T) {
	srv := newStub(t, cluster("8.4.1"))
	r := srv.reader(t, nil)
	tests := map[string]struct{ method, path, body string }{
		"Post":        {http.MethodPost, "/nodes/a/qemu/100/clone", "newid=101"},
		"PostNoBody":  {http.MethodPost, "/nodes/a/qemu/100/status/start", ""},
		"Put":         {http.MethodPut, "/nodes/a/qemu/100/config", "memory=1"},
		"Delete":      {http.MethodDelete, "/nodes/a/qemu/100", ""},
		"Patch":       {http.MethodPatch, "/version", ""},
		"Head":        {http.MethodHead, "/version", ""},
		"GetWithBody": {http.MethodGet, "/version", "{}"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var body io.Reader
			if tc.body != "" {
				body = strings.NewReader(tc.body)
			}
			req, err := http.NewRequestWithContext(t.Context(), tc.method, srv.URL+apiRoot+tc.path, body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", r.token)
			if res, err := r.client.Do(req); !errors.Is(err, ErrWriteRefused) {
				_ = res.Body.Close()
				t.Errorf("got error %v, want %v", err, ErrWriteRefused)
			}
		})
	}
	if got := srv.requests(); len(got) > 0 {
		t.Errorf("the server was sent %v, want nothing", got)
	}
}

func TestStatusErrors(t *testing.T) {
	tests := map[string]struct {
		reason string
		answer http.HandlerFunc
		want   *StatusError
		is     error
	}{
		"Credentials": {
			reason: "401 is a matter of the token.",
			answer: refuse(401, "no such token 'reader' for user 'proviso@pve'", `{"data":null}`),
			want:   &StatusError{Code: 401, Reason: "no such token 'reader' for user 'proviso@pve'"},
			is:     ErrCredentials,
		},
		"Denied": {
			reason: "403 names the privilege in its phrase.",
			answer: refuse(403, "Permission check failed (/vms/100, VM.Audit)", `{"data":null}`),
			want:   &StatusError{Code: 403, Reason: "Permission check failed (/vms/100, VM.Audit)"},
			is:     ErrDenied,
		},
		"GuestGone": {
			reason: "A missing guest is a 500 whose phrase says so.",
			answer: refuse(500, "Configuration file 'nodes/a/qemu-server/9.conf' does not exist", `{"data":null}`),
			want:   &StatusError{Code: 500, Reason: "Configuration file 'nodes/a/qemu-server/9.conf' does not exist"},
			is:     ErrNotFound,
		},
		"MessageInBodyOnly": {
			reason: "A proxy in front may replace the phrase.",
			answer: refuse(500, "Internal Server Error", `{"data":null,"message":"storage 'x' does not exist\n"}`),
			want:   &StatusError{Code: 500, Reason: "Internal Server Error", Message: "storage 'x' does not exist"},
			is:     ErrNotFound,
		},
		"Parameter": {
			reason: "Parameter errors name the parameter; a person needs to know which.",
			answer: refuse(400, "Parameter verification failed.", `{"data":null,"errors":{"vmid":"not an integer","n":1}}`),
			want: &StatusError{Code: 400, Reason: "Parameter verification failed.",
				Errors: map[string]string{"vmid": "not an integer", "n": "1"}},
		},
		"NullData404": {
			reason: "Its body looks like an empty answer.",
			answer: refuse(404, "Not Found", `{"data":null}`),
			want:   &StatusError{Code: 404, Reason: "Not Found"},
			is:     ErrNotFound,
		},
		"NullData503": {
			reason: "Its body looks like an empty answer.",
			answer: refuse(503, "Service Unavailable", `{"data":null}`),
			want:   &StatusError{Code: 503, Reason: "Service Unavailable"},
		},
		"NodeDown": {
			reason: "Proxmox VE could not reach the node.",
			answer: refuse(595, "Connection refused", ""),
			want:   &StatusError{Code: 595, Reason: "Connection refused"},
		},
		"Redirect": {
			reason: "A redirect is not followed: it would carry the token elsewhere.",
			answer: refuse(301, "Moved Permanently", ""),
			want:   &StatusError{Code: 301, Reason: "Moved Permanently"},
		},
		"NoPhrase": {
			reason: "A phrase may be empty.",
			answer: refuse(502, "", "<html>bad gateway</html>"),
			want:   &StatusError{Code: 502},
		},
		"Echo": {
			reason: "A server that repeats the header must not put the secret into our logs.",
			answer: refuse(400, "bad header PVEAPIToken="+testToken, `{"message":"`+testToken+`","errors":{"x":"`+testSecret+`"}}`),
			want: &StatusError{Code: 400, Reason: "bad header PVEAPIToken=proviso@pve!reader=[redacted]",
				Message: "proviso@pve!reader=[redacted]", Errors: map[string]string{"x": "[redacted]"}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := newStub(t, map[string]http.HandlerFunc{"/nodes/a/qemu/9/config": tc.answer}).reader(t, nil)
			_, err := r.GuestConfig(t.Context(), "a", KindVM, 9)
			var got *StatusError
			if !errors.As(err, &got) {
				t.Fatalf("%s\ngot error %v, want a StatusError", tc.reason, err)
			}
			tc.want.Method, tc.want.Path = http.MethodGet, "/nodes/a/qemu/9/config"
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
			for _, sentinel := range []error{ErrCredentials, ErrDenied, ErrNotFound} {
				if got, want := errors.Is(err, sentinel), sentinel == tc.is; got != want {
					t.Errorf("%s\nerrors.Is(err, %q) is %t, want %t", tc.reason, sentinel, got, want)
				}
			}
			if strings.Contains(err.Error(), testSecret) {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestStatusErrorText(t *testing.T) {
	err := &StatusError{Code: 400, Reason: "Parameter verification failed.", Message: "m", Method: "GET", Path: "/pools",
		Errors: map[string]string{"b": "two", "a": "one"}}
	if got, want := err.Error(), "GET /pools: 400 Parameter verification failed.: m; a: one; b: two"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRetries(t *testing.T) {
	version := data(`{"version":"8.4.1"}`)
	tests := map[string]struct {
		reason   string
		answer   http.HandlerFunc
		want     error
		requests int
	}{
		"NodeComesBack":  {"595 is often over a moment later.", inTurn(refuse(595, "x", ""), refuse(599, "x", ""), version), nil, 3},
		"NodeStaysAway":  {"Attempts are bounded.", refuse(596, "x", ""), &StatusError{}, 3},
		"BodyBreaksOff":  {"A worker may be recycled in the middle of an answer.", inTurn(breakOff, version), nil, 2},
		"AlwaysBreaks":   {"Attempts are bounded.", breakOff, ErrUnreachable, 3},
		"ServerError":    {"A handler that died will die again.", refuse(500, "x", ""), &StatusError{}, 1},
		"Unauthorised":   {"A wrong token costs three seconds each time.", refuse(401, "x", ""), ErrCredentials, 1},
		"NotJSON":        {"Another server than Proxmox VE will not become one.", html, ErrAnswer, 1},
		"TooLong":        {"An answer without end must not fill the memory.", endless, ErrAnswer, 1},
		"TruncatedNoLen": {"JSON that ends too soon is no list.", data(`[`), ErrAnswer, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			srv := newStub(t, map[string]http.HandlerFunc{"/version": tc.answer})
			_, err := srv.reader(t, nil).version(t.Context())
			if _, anyStatus := tc.want.(*StatusError); anyStatus {
				if status := new(StatusError); !errors.As(err, &status) {
					t.Errorf("%s\ngot error %v, want a StatusError", tc.reason, err)
				}
			} else if !errors.Is(err, tc.want) {
				t.Errorf("%s\ngot error %v, want %v", tc.reason, err, tc.want)
			}
			if got := len(srv.requests()); got != tc.requests {
				t.Errorf("%s\ngot %d requests, want %d", tc.reason, got, tc.requests)
			}
		})
	}
}

func TestBackoffIsBounded(t *testing.T) {
	for n, want := range map[int][2]time.Duration{
		1: {100 * time.Millisecond, 150 * time.Millisecond},
		2: {300 * time.Millisecond, 450 * time.Millisecond},
	} {
		for range 50 {
			if got := jittered(n); got < want[0] || got >= want[1] {
				t.Errorf("pause %d is %v, want it in %v", n, got, want)
			}
		}
	}
}

func TestCertificates(t *testing.T) {
	srv := newStub(t, map[string]http.HandlerFunc{"/version": data(`{"version":"8.4.1"}`)})
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	old := expired(t)
	tests := map[string]struct {
		reason string
		change func(*Config)
		want   error
	}{
		"Trusted": {"The authority is pinned.", nil, nil},
		"UnknownAuthority": {
			"A cluster signs with its own authority, which no system knows.",
			func(c *Config) { c.CAPEM = nil },
			&CertificateError{Host: srv.Listener.Addr().String(), Distrust: DistrustAuthority},
		},
		"OtherName": {
			"The certificate is made out to the address, not to this name.",
			func(c *Config) { c.Endpoint = "https://localhost:" + port },
			&CertificateError{Host: "localhost:" + port, Distrust: DistrustName},
		},
		"Expired": {
			"Time runs out on clusters that nobody renews.",
			func(c *Config) { c.Endpoint, c.CAPEM = old.URL, old.pem },
			&CertificateError{Host: strings.TrimPrefix(old.URL, "https://"), Distrust: DistrustExpired},
		},
		"Insecure": {
			"Only when the operator says so.",
			func(c *Config) { c.CAPEM, c.Insecure = nil, true },
			nil,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			before := len(srv.requests())
			_, err := srv.reader(t, tc.change).version(t.Context())
			if tc.want == nil {
				if err != nil {
					t.Errorf("%s\n%v", tc.reason, err)
				}
				return
			}
			var got *CertificateError
			if !errors.As(err, &got) || !errors.Is(err, ErrCertificate) {
				t.Fatalf("%s\ngot error %v, want a CertificateError", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, error(got), cmpopts.IgnoreFields(CertificateError{}, "Err")); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
			if after := len(srv.requests()); after != before {
				t.Errorf("%s\na request with the token was sent", tc.reason)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	silent := newStub(t, map[string]http.HandlerFunc{"/version": func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }})
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	tests := map[string]struct {
		reason string
		change func(*Config)
		want   Reach
	}{
		"Refused": {"Nothing listens.", func(c *Config) { c.Endpoint = "https://" + closed.Addr().String() }, ReachRefused},
		"Timeout": {"Something listens and says nothing.", func(c *Config) { c.Timeout = 100 * time.Millisecond }, ReachTimeout},
		"NoTLS":   {"Something else listens.", func(c *Config) { c.Endpoint = "https" + strings.TrimPrefix(plain.URL, "http") }, ReachNoTLS},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := silent.reader(t, tc.change).version(t.Context())
			var got *UnreachableError
			if !errors.As(err, &got) || !errors.Is(err, ErrUnreachable) {
				t.Fatalf("%s\ngot error %v, want an UnreachableError", tc.reason, err)
			}
			if got.Reach != tc.want {
				t.Errorf("%s\ngot %q, want %q (%v)", tc.reason, got.Reach, tc.want, got.Err)
			}
		})
	}
	if got := len(silent.requests()); got != 1 {
		t.Errorf("a request that timed out was sent %d times, want once", got)
	}
}

func TestReachOf(t *testing.T) {
	tests := map[string]struct {
		err  error
		want Reach
	}{
		"Name":    {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "pmox", IsNotFound: true}}, ReachName},
		"Unknown": {errors.New("network is unreachable"), ReachNetwork},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := reachOf(fmt.Errorf("get: %w", tc.err)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// The first requests are held until as many are under way as may be: that shows that they run side by side, and no more.
func TestConcurrencyIsBounded(t *testing.T) {
	const bound = 3
	var under, most, arrived atomic.Int64
	full := make(chan struct{})
	answers := map[string]http.HandlerFunc{"/version": func(w http.ResponseWriter, req *http.Request) {
		n := under.Add(1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
		}
		if arrived.Add(1) == bound {
			close(full)
		}
		select {
		case <-full:
		case <-req.Context().Done():
		}
		under.Add(-1)
		data(`{"version":"8.4.1"}`)(w, req)
	}}
	r := newStub(t, answers).reader(t, func(c *Config) { c.Concurrency = bound })
	errs := make(chan error, 40)
	for range cap(errs) {
		go func() {
			_, err := r.version(t.Context())
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := most.Load(); got != bound {
		t.Errorf("at most %d requests were under way at once, want %d", got, bound)
	}
}

// endless sends a correct answer that is longer than any cluster's.
func endless(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte(`{"data":{"version":"8.4.1"}`))
	block := []byte(strings.Repeat(" ", 1<<20))
	for range maxAnswer >> 20 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
	_, _ = w.Write([]byte(`}`))
}

type expiredServer struct {
	*httptest.Server
	pem []byte
}

// expired is a server whose certificate ran out yesterday.
func expired(t *testing.T) expiredServer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.Config.ErrorLog = quiet
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return expiredServer{srv, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}
