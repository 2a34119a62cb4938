package pve

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

const (
	apiRoot   = "/api2/json"
	redacted  = "[redacted]"
	maxAnswer = 32 << 20 // bytes; 5,000 guests are about 2 MiB
	maxRefuse = 64 << 10 // bytes read of an answer other than success
)

// A getOnly is the transport under everything. It lets nothing but GET leave, and it makes an error of every answer other than
// success, redirects too: they would carry the token elsewhere.
type getOnly struct {
	base   http.RoundTripper
	secret string // blacked out in whatever the server says
}

var _ http.RoundTripper = (*getOnly)(nil)

// RoundTrip implements [http.RoundTripper].
func (t *getOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || req.Body != nil && req.Body != http.NoBody {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("%s %s: %w", req.Method, apiPath(req), ErrWriteRefused)
	}
	res, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode < 300 {
		res.Body = &cappedBody{ReadCloser: res.Body, left: maxAnswer}
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	return nil, t.statusError(req, res)
}

func (t *getOnly) statusError(req *http.Request, res *http.Response) *StatusError {
	e := &StatusError{
		Code:   res.StatusCode,
		Reason: t.redact(strings.TrimSpace(strings.TrimPrefix(res.Status, fmt.Sprint(res.StatusCode)))),
		Method: req.Method,
		Path:   apiPath(req),
	}
	// The body may be empty, HTML of a proxy, or cut off: the status line alone is enough.
	data, err := io.ReadAll(io.LimitReader(res.Body, maxRefuse))
	if err != nil && len(data) == 0 {
		return e
	}
	var body struct {
		Message text            `json:"message"`
		Errors  map[string]text `json:"errors"`
	}
	if json.Unmarshal(data, &body) != nil {
		return e
	}
	e.Message = t.redact(strings.TrimSpace(string(body.Message)))
	for name, what := range body.Errors {
		if e.Errors == nil {
			e.Errors = make(map[string]string, len(body.Errors))
		}
		e.Errors[name] = t.redact(strings.TrimSpace(string(what)))
	}
	return e
}

func (t *getOnly) redact(s string) string { return strings.ReplaceAll(s, t.secret, redacted) }

func apiPath(req *http.Request) string { return strings.TrimPrefix(req.URL.Path, apiRoot) }

// A cappedBody fails once more bytes came than any cluster sends.
type cappedBody struct {
	io.ReadCloser
	left int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("%w: it is longer than %d bytes", ErrAnswer, maxAnswer)
	}
	return n, err
}

// tlsConfig verifies the server unless the operator said otherwise.
func tlsConfig(cfg Config) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: cfg.Insecure}
	if len(cfg.CAPEM) > 0 {
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(cfg.CAPEM) {
			return nil, ErrCA
		}
	}
	return t, nil
}

// explain turns what came out of a request into one of the package's errors.
func explain(host, path string, err error) error {
	var (
		status    *StatusError
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		syntax    *json.SyntaxError
		mismatch  *json.UnmarshalTypeError
	)
	distrust := func(d Distrust) error { return &CertificateError{Host: host, Distrust: d, Err: err} }
	switch {
	case errors.As(err, &status):
		return status
	case errors.Is(err, ErrWriteRefused), errors.Is(err, ErrAnswer):
		return err
	case errors.As(err, &authority):
		return distrust(DistrustAuthority)
	case errors.As(err, &name):
		return distrust(DistrustName)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return distrust(DistrustExpired)
	case errors.As(err, &invalid), errors.As(err, &verify):
		return distrust(DistrustInvalid)
	case errors.As(err, &syntax), errors.As(err, &mismatch), errors.Is(err, errNumber):
		return fmt.Errorf("decode %s: %w: %w", path, ErrAnswer, err)
	}
	return &UnreachableError{Host: host, Reach: reachOf(err), Err: err}
}

func reachOf(err error) Reach {
	var (
		dns     *net.DNSError
		timeout interface{ Timeout() bool }
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &dns):
		return ReachName
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return ReachTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return ReachRefused
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		return ReachNoTLS
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ReachBroken
	}
	return ReachNetwork
}

// retryable reports whether the same request may succeed a moment later. A timeout is not repeated: the next attempt would
// only add to the load that caused it.
func retryable(err error) bool {
	var (
		status  *StatusError
		network *UnreachableError
	)
	switch {
	case errors.As(err, &status):
		return status.nodeDown()
	case errors.As(err, &network):
		return network.Reach == ReachRefused || network.Reach == ReachBroken || network.Reach == ReachNetwork
	}
	return false
}
