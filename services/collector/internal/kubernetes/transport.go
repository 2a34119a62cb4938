package kubernetes

import (
	"fmt"
	"net/http"
	"strings"
)

// maxAnswer bounds one answer in bytes: 500 pods are about 5 MiB, 100 definitions of large extensions about 20.
const maxAnswer = 64 << 20

// A readOnly is the innermost transport: nothing leaves but a GET, without a body or an upgrade, of a path in the table, to the
// configured server. An upgrade would make a GET of pods/exec run a command; another host would be sent the credentials.
type readOnly struct {
	base   http.RoundTripper
	host   string // with the port
	prefix string // path of the server's address, without a slash at its end; proxies in front of clusters have one
}

var _ http.RoundTripper = (*readOnly)(nil)

// RoundTrip implements [http.RoundTripper].
func (t *readOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.check(req); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, err)
	}
	res, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	return res, nil
}

func (t *readOnly) check(req *http.Request) error {
	if req.Method != http.MethodGet || req.Body != nil && req.Body != http.NoBody || req.Header.Get("Upgrade") != "" {
		return ErrWriteRefused
	}
	path, ok := strings.CutPrefix(req.URL.Path, t.prefix)
	if !ok || req.URL.Host != t.host || !readable[path] || req.URL.Query().Has("watch") {
		return ErrPathRefused
	}
	return nil
}
