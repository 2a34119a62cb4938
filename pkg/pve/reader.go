package pve

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/luthermonson/go-proxmox"
)

// attempts bounds how often one request is sent.
const attempts = 3

// A Reader reads one cluster. It is safe for concurrent use; all its calls share one bound on requests under way.
type Reader struct {
	cluster string
	host    string
	tokenID string
	timeout time.Duration
	client  *proxmox.Client
	slots   chan struct{} // one per request under way

	// backoff is the pause before the attempt that follows the n-th, n from 1.
	backoff func(n int) time.Duration
	now     func() time.Time
}

// NewReader returns a reader of the cluster. It sends nothing yet. The error is ErrEndpoint, ErrToken or ErrCA.
func NewReader(cfg Config) (*Reader, error) {
	endpoint, err := parseEndpoint(cfg.Endpoint)
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
		TLSClientConfig:     trust,
		MaxIdleConnsPerHost: concurrency,
		IdleConnTimeout:     30 * time.Second,
	}
	return &Reader{
		cluster: cfg.Cluster,
		host:    endpoint.Host,
		tokenID: id,
		timeout: timeout,
		client: proxmox.NewClient(endpoint.String()+apiRoot,
			proxmox.WithHTTPClient(&http.Client{Transport: &getOnly{base: base, secret: secret}}),
			proxmox.WithAPIToken(id, secret),
			proxmox.WithUserAgent("proviso")),
		slots:   make(chan struct{}, concurrency),
		backoff: jittered,
		now:     time.Now,
	}, nil
}

// String names the reader without any secret.
func (r *Reader) String() string { return "pve.Reader{" + r.host + " token=" + r.tokenID + "}" }

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

// get decodes the data below path into v, trying again where a moment may help.
func (r *Reader) get(ctx context.Context, path string, v any) error {
	for n := 1; ; n++ {
		err := r.once(ctx, path, v)
		if err == nil || n == attempts || !retryable(err) {
			return err
		}
		pause := time.NewTimer(r.backoff(n))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return fmt.Errorf("read %s: %w", path, context.Cause(ctx))
		}
	}
}

func (r *Reader) once(ctx context.Context, path string, v any) error {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return fmt.Errorf("read %s: %w", path, context.Cause(ctx))
	}
	timed, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	err := r.client.Get(timed, path, v)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("read %s: %w", path, context.Cause(ctx))
	}
	return explain(r.host, path, err)
}

// body returns what lies below path as it came.
func (r *Reader) body(ctx context.Context, path string) ([]byte, error) {
	var kept bytes.Buffer
	if err := r.get(context.WithValue(ctx, keep{}, &kept), path, nil); err != nil {
		return nil, err
	}
	return kept.Bytes(), nil
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
