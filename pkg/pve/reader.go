package pve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// attempts bounds how often one request is sent.
const attempts = 3

// mostConnect bounds how long a connection may take: a node that is down often says nothing at all.
const mostConnect = 5 * time.Second

// A Reader reads one cluster. It is safe for concurrent use; all its calls share one bound on requests under way.
type Reader struct {
	cluster   string
	tokenID   string
	token     string // value of the Authorization header
	timeout   time.Duration
	told      func(Request) // nil: nobody
	client    *http.Client
	endpoints *endpoints
	slots     *slots

	// backoff is the pause before the attempt that follows the n-th, n from 1.
	backoff func(n int) time.Duration
	now     func() time.Time
}

// NewReader returns a reader of the cluster. It sends nothing yet. The error is ErrEndpoint, ErrToken or ErrCA.
func NewReader(cfg Config) (*Reader, error) {
	urls, err := cfg.urls()
	if err != nil {
		return nil, err
	}
	id, secret, err := splitToken(cfg.Token)
	if err != nil {
		return nil, err
	}
	trust, err := tlsConfig(cfg)
	if err != nil {
		return nil, err
	}
	concurrency := min(cfg.Concurrency, maxConcurrency)
	if concurrency <= 0 {
		concurrency = defaultConcurrency
	}
	timeout := cfg.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	// A TLS configuration of our own also keeps HTTP/2 off, which has no reason phrase: Proxmox VE's messages are there.
	base := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: min(timeout, mostConnect), KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: min(timeout, mostConnect),
		TLSClientConfig:     trust,
		MaxIdleConnsPerHost: concurrency,
		IdleConnTimeout:     30 * time.Second,
		ReadBufferSize:      64 << 10, // the list of resources is 2 MB
	}
	r := &Reader{
		cluster:   cfg.Cluster,
		tokenID:   id,
		token:     "PVEAPIToken=" + id + "=" + secret,
		timeout:   timeout,
		told:      cfg.Observe,
		client:    &http.Client{Transport: &getOnly{base: base, secret: secret}},
		endpoints: &endpoints{now: time.Now},
		slots:     newSlots(concurrency, time.Now),
		backoff:   jittered,
		now:       time.Now,
	}
	for _, u := range urls {
		r.endpoints.all = append(r.endpoints.all, &endpoint{url: u.String() + apiRoot, host: u.Host})
	}
	return r, nil
}

// String names the reader without any secret.
func (r *Reader) String() string {
	var hosts []string
	for _, e := range r.endpoints.all {
		hosts = append(hosts, e.host)
	}
	return "pve.Reader{" + strings.Join(hosts, ",") + " token=" + r.tokenID + "}"
}

// GoString is String.
func (r *Reader) GoString() string { return r.String() }

// jittered waits about 100 ms, then 300 ms: long enough for a worker of pveproxy to be replaced, short for a person.
func jittered(n int) time.Duration {
	pause := 100 * time.Millisecond
	for range n - 1 {
		pause *= 3
	}
	return pause + rand.N(pause/2)
}

// get decodes the data below path into v, trying again where a moment or another endpoint may help. Null leaves v as it is.
func (r *Reader) get(ctx context.Context, path string, v any) error {
	body, err := r.body(ctx, path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, &struct {
		Data any `json:"data"`
	}{v}); err != nil {
		return explain("", path, err)
	}
	return nil
}

// body returns the answer at path as it came.
func (r *Reader) body(ctx context.Context, path string) ([]byte, error) {
	for n, moves := 1, 1; ; {
		at := r.endpoints.pick()
		body, away, err := r.once(ctx, at, path)
		switch {
		case err == nil || ctx.Err() != nil:
			return body, err
		case away && moves < len(r.endpoints.all):
			moves++ // at once, and not counted as an attempt: nobody has been asked yet
			continue
		case n == attempts || !retryable(err):
			return nil, err
		}
		pause := time.NewTimer(r.backoff(n))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil, fmt.Errorf("read %s: %w", path, context.Cause(ctx))
		}
		n++
	}
}

// once sends one request to one endpoint. Away is true when the error is the endpoint's own: no connection came about, or it kept
// silent about what it need not ask another node for.
func (r *Reader) once(ctx context.Context, at *endpoint, path string) (body []byte, away bool, err error) {
	release, err := r.slots.take(ctx, path)
	switch {
	case errors.Is(err, ErrUnreachable):
		return nil, false, err
	case err != nil:
		return nil, false, fmt.Errorf("read %s: %w", path, err)
	}
	defer release()
	timed, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	var connected atomic.Bool
	timed = httptrace.WithClientTrace(timed, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	began := time.Now()
	body, err = r.send(timed, at, path)
	r.observe(path, time.Since(began), err)
	if err == nil {
		r.endpoints.worked(at)
		r.slots.heard(path, true)
		return body, false, nil
	}
	if ctx.Err() != nil {
		return nil, false, fmt.Errorf("read %s: %w", path, context.Cause(ctx))
	}
	err = explain(at.host, path, err)
	var network *UnreachableError
	late := errors.As(err, &network) && network.Reach == ReachTimeout
	switch {
	case !connected.Load(), late && nodeOf(path) == "":
		r.endpoints.failed(at)
		return nil, true, err
	case late:
		r.slots.heard(path, false)
		return nil, false, silent(path)
	}
	return nil, false, err
}

func (r *Reader) send(ctx context.Context, at *endpoint, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.url+path, nil)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Authorization", r.token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "proviso")
	meterOf(ctx).requests.Add(1)
	res, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	var body bytes.Buffer
	if res.ContentLength > 0 {
		body.Grow(int(min(res.ContentLength, maxAnswer)) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(res.Body); err != nil {
		return nil, err
	}
	meterOf(ctx).bytes.Add(int64(body.Len()))
	return body.Bytes(), nil
}

// list reads the rows below path. Null is an error: it never means that there are none.
func list[T any](ctx context.Context, r *Reader, path string) ([]T, error) {
	var rows []T
	if err := r.get(ctx, path, &rows); err != nil {
		return nil, err
	}
	if rows == nil {
		return nil, fmt.Errorf("read %s: %w: it holds no data", path, ErrAnswer)
	}
	return rows, nil
}

// GuestConfig reads the configuration of one guest as the next start would see it. The error is ErrNotFound when the node
// has no such guest.
func (r *Reader) GuestConfig(ctx context.Context, node string, kind GuestKind, vmid int) (*GuestConfig, error) {
	lines, err := r.guestLines(ctx, node, kind, vmid)
	if err != nil {
		return nil, err
	}
	if kind == KindContainer {
		return containerConfig(lines), nil
	}
	return machineConfig(lines), nil
}

// guestLines reads the lines of a guest's configuration.
func (r *Reader) guestLines(ctx context.Context, node string, kind GuestKind, vmid int) (map[string]text, error) {
	if kind != KindVM && kind != KindContainer {
		return nil, fmt.Errorf("read configuration of guest %d: unknown kind %q", vmid, kind)
	}
	path := fmt.Sprintf("/nodes/%s/%s/%d/config", url.PathEscape(node), kind, vmid)
	var lines map[string]text
	if err := r.get(ctx, path, &lines); err != nil {
		return nil, fmt.Errorf("read configuration of guest %d: %w", vmid, err)
	}
	if lines == nil {
		return nil, fmt.Errorf("read %s: %w: it holds no data", path, ErrAnswer)
	}
	return lines, nil
}
