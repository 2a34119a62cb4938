package repository

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	infoRefs     = "/info/refs"
	uploadPack   = "git-upload-pack"
	redirects    = 3
	headerBytes  = 64 * kib
	advertised   = "application/x-git-upload-pack-advertisement"
	uploadWanted = "application/x-git-upload-pack-request"
	uploaded     = "application/x-git-upload-pack-result"
)

// web speaks Git over https and http.
type web struct {
	client *http.Client
	base   *url.URL // without user information; redirects of the first request move it
	origin string   // scheme://host:port that the credential is for
	login  *Login
}

func newWeb(a Address, access Access, login *Login) (*web, error) {
	base, err := url.Parse(a.String())
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be parsed", ErrInvalid)
	}
	base.Path, base.RawPath = strings.TrimRight(base.Path, "/"), strings.TrimRight(base.RawPath, "/")
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(access.CAPEM) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(access.CAPEM) {
			return nil, fmt.Errorf("%w: the file of authorities holds none", ErrUnreachable)
		}
		secure.RootCAs = pool
	}
	w := &web{base: base, origin: origin(base), login: login}
	w.client = &http.Client{
		// No proxy of the environment: what it may reach is not ours to judge.
		Transport: &http.Transport{DialContext: access.Allowed.dial, TLSClientConfig: secure, ForceAttemptHTTP2: true, DisableCompression: true,
			MaxResponseHeaderBytes: headerBytes, TLSHandshakeTimeout: 15 * time.Second, MaxIdleConns: 2},
		CheckRedirect: w.redirect,
	}
	return w, nil
}

// redirect follows the first request only, to the same scheme or from http to https; the address it leads to is judged when it
// is dialled, and credentials stay with the origin that they are for.
func (w *web) redirect(next *http.Request, via []*http.Request) error {
	last := via[len(via)-1].URL
	switch {
	case len(via) > redirects:
		return fmt.Errorf("%w: more than %d redirects", ErrUnreachable, redirects)
	case next.Method != http.MethodGet:
		return fmt.Errorf("%w: it redirects a request for a pack", ErrNotGit)
	case next.URL.Scheme != last.Scheme && (last.Scheme != schemeHTTP || next.URL.Scheme != schemeHTTPS):
		return fmt.Errorf("%w: a redirect changes the scheme", ErrRefused)
	case next.URL.User != nil:
		return fmt.Errorf("%w: a redirect brings user information", ErrRefused)
	case !strings.HasSuffix(next.URL.Path, infoRefs):
		return fmt.Errorf("%w: a redirect leads elsewhere", ErrNotGit)
	}
	if origin(next.URL) != w.origin {
		next.Header.Del("Authorization")
	}
	next.Header.Del("Referer")
	return nil
}

func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = defaultPorts[u.Scheme]
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + port
}

func (w *web) advertise(ctx context.Context) (io.ReadCloser, error) {
	u := *w.base
	u.Path, u.RawQuery = u.Path+infoRefs, "service="+uploadPack
	if u.RawPath != "" {
		u.RawPath += infoRefs
	}
	response, err := w.do(ctx, http.MethodGet, &u, nil, advertised)
	if err != nil {
		return nil, err
	}
	final := *response.Request.URL
	final.Path, final.RawPath, final.RawQuery = strings.TrimSuffix(final.Path, infoRefs), strings.TrimSuffix(final.RawPath, infoRefs), ""
	w.base = &final
	return response.Body, nil
}

func (w *web) upload(ctx context.Context, request []byte) (io.ReadCloser, error) {
	u := *w.base
	u.Path += "/" + uploadPack
	if u.RawPath != "" {
		u.RawPath += "/" + uploadPack
	}
	response, err := w.do(ctx, http.MethodPost, &u, request, uploaded)
	if err != nil {
		return nil, err
	}
	return response.Body, nil
}

// do sends one request and judges the answer by its status and type; the body of a bad one is not read.
func (w *web) do(ctx context.Context, method string, u *url.URL, body []byte, accept string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: it cannot be parsed", ErrInvalid)
	}
	request.Header.Set("User-Agent", "git/"+agent) // some forges answer Git only to clients of that name
	request.Header.Set("Accept", accept)
	if body != nil {
		request.Header.Set("Content-Type", uploadWanted)
	}
	if w.login != nil && origin(u) == w.origin {
		request.SetBasicAuth(w.login.Username, w.login.Secret.Reveal())
	}
	response, err := w.client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // its words repeat an address that a stranger chose
		}
		return nil, judged(ctx, err, ErrUnreachable)
	}
	if err := status(response, accept); err != nil {
		response.Body.Close()
		return nil, err
	}
	return response, nil
}

func status(response *http.Response, accept string) error {
	code := response.StatusCode
	switch {
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		return fmt.Errorf("%w: status %d", ErrCredentials, code)
	case code == http.StatusNotFound, code == http.StatusGone:
		return fmt.Errorf("%w: status %d", ErrNotFound, code)
	case code == http.StatusTooManyRequests, code >= 500:
		return fmt.Errorf("%w: status %d", ErrUnreachable, code)
	case code != http.StatusOK:
		return fmt.Errorf("%w: status %d", ErrNotGit, code)
	}
	if kind, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";"); strings.TrimSpace(kind) != accept {
		return fmt.Errorf("%w: its answer is of another type", ErrNotGit)
	}
	return nil
}

func (w *web) close() { w.client.CloseIdleConnections() }
