package kubernetes

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"proviso.dev/services/collector/internal/kubernetes/apitest"
)

// roundTripFunc is a function as a transport.
type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestOnlyReadingLeaves(t *testing.T) {
	const server = "https://10.0.0.1:6443"
	tests := map[string]struct {
		reason  string
		method  string
		url     string
		body    string
		upgrade bool
		want    error
	}{
		"List":        {reason: "this is what it is for", method: http.MethodGet, url: server + "/api/v1/pods?limit=500", want: nil},
		"Version":     {reason: "this, too", method: http.MethodGet, url: server + "/version", want: nil},
		"Create":      {reason: "it writes", method: http.MethodPost, url: server + "/api/v1/namespaces/default/pods", want: ErrWriteRefused},
		"CreateAtAll": {reason: "it writes, to a path that may be read", method: http.MethodPost, url: server + "/api/v1/pods", want: ErrWriteRefused},
		"Replace":     {reason: "it writes", method: http.MethodPut, url: server + "/api/v1/nodes/a", want: ErrWriteRefused},
		"Patch":       {reason: "it writes", method: http.MethodPatch, url: server + "/api/v1/nodes/a", want: ErrWriteRefused},
		"Delete":      {reason: "it writes", method: http.MethodDelete, url: server + "/api/v1/nodes", want: ErrWriteRefused},
		"Body":        {reason: "no list takes a body", method: http.MethodGet, url: server + "/api/v1/nodes", body: "x", want: ErrWriteRefused},
		"Upgrade":     {reason: "an upgraded GET can run commands", method: http.MethodGet, url: server + "/api/v1/pods", upgrade: true, want: ErrWriteRefused},
		"Exec":        {reason: "it runs a command", method: http.MethodGet, url: server + "/api/v1/namespaces/a/pods/b/exec?command=id", want: ErrPathRefused},
		"Secrets":     {reason: "nothing needs them", method: http.MethodGet, url: server + "/api/v1/secrets", want: ErrPathRefused},
		"ConfigMaps":  {reason: "nothing needs them", method: http.MethodGet, url: server + "/api/v1/configmaps", want: ErrPathRefused},
		"Proxy":       {reason: "it reaches whatever runs in the cluster", method: http.MethodGet, url: server + "/api/v1/nodes/a/proxy/run", want: ErrPathRefused},
		"Watch":       {reason: "it never ends", method: http.MethodGet, url: server + "/api/v1/nodes?watch=true", want: ErrPathRefused},
		"Elsewhere":   {reason: "credentials are for one server", method: http.MethodGet, url: "https://10.0.0.2:6443/api/v1/nodes", want: ErrPathRefused},
		"OtherPort":   {reason: "that is another server", method: http.MethodGet, url: "https://10.0.0.1:7443/api/v1/nodes", want: ErrPathRefused},
		"Climbing":    {reason: "paths are compared as they are", method: http.MethodGet, url: server + "/api/v1/nodes/../secrets", want: ErrPathRefused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sent := 0
			guard := &readOnly{host: "10.0.0.1:6443", base: roundTripFunc(func(*http.Request) (*http.Response, error) {
				sent++
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})}
			var body io.Reader
			if test.body != "" {
				body = strings.NewReader(test.body)
			}
			req, err := http.NewRequestWithContext(t.Context(), test.method, test.url, body)
			if err != nil {
				t.Fatal(err)
			}
			if test.upgrade {
				req.Header.Set("Upgrade", "SPDY/3.1")
			}
			res, err := guard.RoundTrip(req)
			if res != nil {
				_ = res.Body.Close()
			}
			if !errors.Is(err, test.want) || (sent == 0) != (test.want != nil) {
				t.Errorf("got %v with %d sent, want %v: %s", err, sent, test.want, test.reason)
			}
		})
	}
}

// stub serves what a test answers and returns a reader of it.
func stub(t *testing.T, answer http.HandlerFunc) *Reader {
	t.Helper()
	server := httptest.NewTLSServer(answer)
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	r, err := New(Config{Kubeconfig: apitest.Kubeconfig(t, server.URL, ca, "token"), Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestClientCannotWrite(t *testing.T) {
	r := stub(t, func(_ http.ResponseWriter, req *http.Request) { t.Errorf("%s %s was sent", req.Method, req.URL) })
	for _, send := range []error{
		r.client.Post().AbsPath("/api/v1/nodes").Body([]byte("{}")).Do(t.Context()).Error(),
		r.client.Delete().AbsPath("/api/v1/nodes").Do(t.Context()).Error(),
		r.client.Put().AbsPath("/api/v1/nodes/a").Body([]byte("{}")).Do(t.Context()).Error(),
	} {
		if !errors.Is(send, ErrWriteRefused) {
			t.Errorf("got %v, want ErrWriteRefused", send)
		}
	}
	if err := r.client.Get().AbsPath("/api/v1/secrets").Do(t.Context()).Error(); !errors.Is(err, ErrPathRefused) {
		t.Errorf("got %v, want ErrPathRefused", err)
	}
}

func TestAnswersOfOthers(t *testing.T) {
	status := func(code int, reason string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d}`, reason, code)
		}
	}
	tests := map[string]struct {
		reason string
		answer http.HandlerFunc
		want   error
	}{
		"LoginPage": {
			reason: "a proxy before the cluster answers 200 and a page",
			answer: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>sign in</html>") },
			want:   ErrAnswer,
		},
		"NoVersion": {
			reason: "it is JSON, but of something else",
			answer: func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") },
			want:   ErrAnswer,
		},
		"Unauthorized": {reason: "401", answer: status(http.StatusUnauthorized, "Unauthorized"), want: ErrCredentials},
		"Forbidden":    {reason: "403", answer: status(http.StatusForbidden, "Forbidden"), want: ErrDenied},
		"NotFound":     {reason: "404", answer: status(http.StatusNotFound, "NotFound"), want: ErrNotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := stub(t, test.answer).Read(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v: %s", err, test.want, test.reason)
			}
		})
	}
	t.Run("Broken", func(t *testing.T) {
		_, err := stub(t, status(http.StatusInternalServerError, "InternalError")).Read(t.Context())
		var other *StatusError
		if !errors.As(err, &other) || *other != (StatusError{Code: 500, Reason: "InternalError"}) {
			t.Errorf("got %v, want a StatusError of 500", err)
		}
	})
}

// A list in pages is of one moment; when the server has forgotten that moment it says where to go on with the present.
func TestExpiredPagesGoOn(t *testing.T) {
	var asked []string
	r := stub(t, func(w http.ResponseWriter, req *http.Request) {
		page := func(next string, names ...string) {
			list := corev1.NamespaceList{}
			list.Kind, list.APIVersion, list.Continue = "NamespaceList", "v1", next
			for _, name := range names {
				n := corev1.Namespace{}
				n.Name = name
				list.Items = append(list.Items, n)
			}
			_ = json.NewEncoder(w).Encode(list)
		}
		w.Header().Set("Content-Type", "application/json")
		next := req.URL.Query().Get("continue")
		asked = append(asked, next)
		switch next {
		case "":
			page("old", "a", "b")
		case "old":
			w.WriteHeader(http.StatusGone)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","metadata":{"continue":"new"},"status":"Failure","reason":"Expired","code":410}`)
		case "new":
			page("", "c")
		}
	})
	var got []string
	err := each(t.Context(), r, namespaces, typed(func(l *corev1.NamespaceList) []corev1.Namespace { return l.Items }),
		func(n *corev1.Namespace) { got = append(got, n.Name) })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, got); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"", "old", "new"}, asked); diff != "" {
		t.Errorf("pages asked for (-want +got):\n%s", diff)
	}
}

// An endless list must not be read for ever.
func TestBoundsHold(t *testing.T) {
	pages := 0
	r := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		pages++
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"metadata":{"continue":"%d"},"items":[{},{},{}]}`, pages)
	})
	seen := 0
	err := each(t.Context(), r, resource{name: "definitions", path: definitions.path, most: 7}, plain[definition], func(*definition) { seen++ })
	if !errors.Is(err, ErrCut) || seen != 7 || pages != 3 {
		t.Errorf("got %v after %d entries and %d pages, want ErrCut after 7 and 3", err, seen, pages)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	const bound = 3
	under := make(chan struct{}, bound)
	r := stub(t, func(w http.ResponseWriter, req *http.Request) {
		select {
		case under <- struct{}{}:
			defer func() { <-under }()
		default:
			t.Errorf("%s is one of more than %d at once", req.URL.Path, bound)
		}
		w.Header().Set("Content-Type", "application/json")
		if req.URL.Path == versionPath {
			fmt.Fprint(w, `{"gitVersion":"v1.34.1"}`)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403}`)
	})
	r.slots = make(chan struct{}, bound)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Nothing but the version may be read: that is no state.
	if _, err := r.Read(ctx); !errors.Is(err, ErrDenied) {
		t.Errorf("got %v, want ErrDenied", err)
	}
}

// Whoever gives up says why, and hears that again, at whatever moment.
func TestCauseOfTheEnd(t *testing.T) {
	gone := errors.New("the run was cancelled")
	ctx, cancel := context.WithCancelCause(t.Context())
	r := stub(t, func(_ http.ResponseWriter, req *http.Request) {
		cancel(gone)
		<-req.Context().Done()
	})
	if _, err := r.Read(ctx); !errors.Is(err, gone) {
		t.Errorf("got %v, want the cause", err)
	}
}

func TestPathsHoldNoSecret(t *testing.T) {
	if len(Paths()) != len(readable) || !slices.IsSorted(Paths()) {
		t.Errorf("Paths is not the table of what may be read, sorted: %q", Paths())
	}
	for _, path := range Paths() {
		for _, word := range []string{"secret", "configmap", "token", "namespaces/", "*"} {
			if strings.Contains(path, word) {
				t.Errorf("%s is read", path)
			}
		}
	}
}
