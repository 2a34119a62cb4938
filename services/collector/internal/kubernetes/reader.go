package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"

	"proviso.dev/pkg/pve"
)

const (
	// idle is how long a connection is kept for the next reading.
	idle = 30 * time.Second
	// patience is how many times as long as one request a list in pages may take.
	patience = 3
	// retries of one request, a second later. client-go makes them where the connection broke off or the server asks for it
	// (429 and 5xx with Retry-After).
	retries = 1
)

// A Reader reads one cluster. It is safe for concurrent use; its calls share one bound on requests under way. It keeps nothing of
// what it read.
type Reader struct {
	name    string
	host    string
	client  *rest.RESTClient
	timeout time.Duration
	slots   chan struct{} // one per request under way
}

// New returns a reader of the cluster. It reads the kubeconfig and what it names and sends nothing yet. The error is ErrConfig,
// and ErrPlugin as well where the kubeconfig wants a program to be run.
func New(cfg Config) (*Reader, error) {
	client, host, err := newClient(cfg)
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
	return &Reader{name: cfg.Name, host: host, client: client, timeout: timeout, slots: make(chan struct{}, concurrency)}, nil
}

// String names the reader without any secret.
func (r *Reader) String() string { return "kubernetes.Reader{" + r.host + "}" }

// GoString is String.
func (r *Reader) GoString() string { return r.String() }

// A fetch sends one request and returns its entries and where the next page begins.
type fetch[T any] func(context.Context, *rest.Request) (entries []T, next string, err error)

// typed decodes a list of Kubernetes' own types.
func typed[L, T any, P interface {
	*L
	runtime.Object
	metav1.ListInterface
}](entries func(P) []T,
) fetch[T] {
	return func(ctx context.Context, req *rest.Request) ([]T, string, error) {
		list := P(new(L))
		if err := req.Do(ctx).Into(list); err != nil {
			return nil, "", err
		}
		return entries(list), list.GetContinue(), nil
	}
}

// plain decodes a list of an extension's type, of which T names the fields that are needed.
func plain[T any](ctx context.Context, req *rest.Request) ([]T, string, error) {
	data, err := req.SetHeader("Accept", runtime.ContentTypeJSON).Do(ctx).Raw()
	if err != nil {
		return nil, "", err
	}
	var list struct {
		Metadata struct {
			Continue string `json:"continue"`
		} `json:"metadata"`
		Items []T `json:"items"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return list.Items, list.Metadata.Continue, nil
}

// each reads the list page by page and calls visit with every entry, at most res.most of them. With ErrCut everything up to the
// bound was visited; with any other error what was visited is not the whole.
func each[T any](ctx context.Context, r *Reader, res resource, get fetch[T], visit func(*T)) error {
	ctx, cancel := context.WithTimeout(ctx, patience*r.timeout)
	defer cancel()
	page := res.page
	if page == 0 {
		page = pageSize
	}
	for next, seen := "", 0; ; {
		var entries []T
		var after string
		err := r.send(ctx, func(ctx context.Context) (err error) {
			entries, after, err = get(ctx, r.list(res, page, next))
			return err
		})
		if again := resumed(err); again != "" && again != next {
			next = again
			continue
		}
		if err != nil {
			return err
		}
		next = after
		for i := range entries {
			if seen == res.most {
				return fmt.Errorf("%w: %d", ErrCut, res.most)
			}
			visit(&entries[i])
			seen++
		}
		if next == "" {
			return nil
		}
	}
}

func (r *Reader) list(res resource, page int64, next string) *rest.Request {
	req := r.client.Get().AbsPath(res.path).MaxRetries(retries).Param("limit", fmt.Sprint(page))
	if next != "" {
		req.Param("continue", next)
	}
	if res.selector != "" {
		req.Param("fieldSelector", res.selector)
	}
	return req
}

// resumed returns where to go on when the server has compacted the moment at which a list began: it says so with a token
// that goes on with the present.
func resumed(err error) string {
	var status apierrors.APIStatus
	if apierrors.IsResourceExpired(err) && errors.As(err, &status) {
		return status.Status().Continue
	}
	return ""
}

// version asks for the server's version.
func (r *Reader) version(ctx context.Context) (string, error) {
	var answer struct {
		GitVersion string `json:"gitVersion"`
	}
	err := r.send(ctx, func(ctx context.Context) error {
		data, err := r.client.Get().AbsPath(versionPath).MaxRetries(retries).SetHeader("Accept", runtime.ContentTypeJSON).Do(ctx).Raw()
		if err != nil {
			return err
		}
		if json.Unmarshal(data, &answer) != nil || answer.GitVersion == "" {
			return fmt.Errorf("%w: it holds no version", ErrAnswer)
		}
		return nil
	})
	return answer.GitVersion, err
}

// send waits for a slot and calls request with a bound on its time. The error is one of this package.
func (r *Reader) send(ctx context.Context, request func(context.Context) error) error {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return r.explain(context.Cause(ctx))
	}
	timed, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	// client-go logs failures that it returns as well, past our log; the empty logger drops that.
	return r.explain(request(klog.NewContext(timed, klog.Logger{})))
}

// network reports whether an exchange failed before or while the answer came, rather than by what it says.
func network(err error) bool {
	var (
		exchange *url.Error
		broken   net.Error
	)
	return errors.As(err, &exchange) || errors.As(err, &broken) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF)
}

// explain turns what came out of a request into one of the package's errors. An expired list stays as it is, for resumed.
func (r *Reader) explain(err error) error {
	var (
		status apierrors.APIStatus
		long   *http.MaxBytesError
	)
	switch {
	case err == nil, errors.Is(err, ErrWriteRefused), errors.Is(err, ErrPathRefused), errors.Is(err, ErrAnswer), errors.Is(err, context.Canceled),
		apierrors.IsResourceExpired(err):
		return err
	case errors.As(err, &long):
		return fmt.Errorf("%w: it is longer than %d bytes", ErrAnswer, maxAnswer)
	case errors.As(err, &status):
		s := status.Status()
		switch s.Code {
		case http.StatusUnauthorized:
			return ErrCredentials
		case http.StatusForbidden:
			return ErrDenied
		case http.StatusNotFound:
			return ErrNotFound
		}
		return &StatusError{Code: int(s.Code), Reason: string(s.Reason)}
	case !network(err):
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	err = pve.ExplainNetwork(r.host, err)
	if distrust, ok := errors.AsType[*pve.CertificateError](err); ok {
		return &CertificateError{Host: r.host, Distrust: distrust.Distrust, Err: distrust.Err}
	}
	if silent, ok := errors.AsType[*pve.UnreachableError](err); ok {
		return &UnreachableError{Host: r.host, Reach: silent.Reach, Err: silent.Err}
	}
	return err
}
