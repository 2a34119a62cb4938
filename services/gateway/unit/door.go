package gateway

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/services/gateway/internal/page"
)

// bindTimeout bounds looking up the buckets and streams at start.
const bindTimeout = 10 * time.Second

// door is the gateway bound to a bus: what its handlers share.
type door struct {
	cfg  Config
	keys keyring
	env  *agent.Env
	log  *slog.Logger

	runs     jetstream.KeyValue
	idem     jetstream.KeyValue
	events   jetstream.Stream
	watch    *runWatch
	accepted *acceptedRuns
	page     *page.Page
	streams  atomic.Int64  // open event streams
	stopping chan struct{} // closed when the unit stops; long answers end then
}

func newDoor(ctx context.Context, cfg Config, keys keyring, env *agent.Env) (*door, error) {
	watched := ctx // the watch outlives the binding
	ctx, cancel := context.WithTimeout(ctx, bindTimeout)
	defer cancel()
	runs, err := env.JS.KeyValue(ctx, bus.BucketRuns)
	if err != nil {
		return nil, fmt.Errorf("bind bucket %s: %w", bus.BucketRuns, err)
	}
	idem, err := env.JS.KeyValue(ctx, bus.BucketIdem)
	if err != nil {
		return nil, fmt.Errorf("bind bucket %s: %w", bus.BucketIdem, err)
	}
	events, err := env.JS.Stream(ctx, bus.StreamEvents)
	if err != nil {
		return nil, fmt.Errorf("bind stream %s: %w", bus.StreamEvents, err)
	}
	watch, err := newRunWatch(watched, runs)
	if err != nil {
		return nil, err
	}
	site, err := page.New()
	if err != nil {
		return nil, fmt.Errorf("prepare the page: %w", err)
	}
	return &door{
		cfg: cfg, keys: keys, env: env, log: env.Log,
		runs: runs, idem: idem, events: events,
		watch:    watch,
		accepted: newAcceptedRuns(),
		page:     site,
		stopping: make(chan struct{}),
	}, nil
}

// Patience with the bus before a client is told to come back: less while the connection is known to be down, since that is
// either over in a moment or lasts.
const (
	busPatience    = 4 * time.Second
	outagePatience = time.Second
)

// bounded gives ctx the patience that the bus deserves now.
func (d *door) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.env.NC.Status() != nats.CONNECTED {
		return context.WithTimeout(ctx, outagePatience)
	}
	return context.WithTimeout(ctx, busPatience)
}

func (d *door) ready(ctx context.Context) error {
	if status := d.env.NC.Status(); status != nats.CONNECTED {
		return fmt.Errorf("bus is %s", strings.ToLower(status.String()))
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := d.runs.Status(ctx); err != nil {
		return fmt.Errorf("ask for bucket %s: %w", bus.BucketRuns, err)
	}
	return nil
}

// route is one method of one path. The path without its method is the label of the door's metrics.
type route struct {
	method, path string
	open         bool // served without login
	long         bool // lasts as long as the client wants
	handle       func(w http.ResponseWriter, r *http.Request) error
}

func (d *door) routes() []route {
	return []route{
		{method: http.MethodPost, path: "/v1/runs", handle: d.createRun},
		{method: http.MethodGet, path: "/v1/runs", handle: d.listRuns},
		{method: http.MethodGet, path: "/v1/runs/{id}", handle: d.showRun},
		{method: http.MethodGet, path: "/v1/runs/{id}/events", long: true, handle: d.streamEvents},
		{method: http.MethodPost, path: "/v1/runs/{id}/answers", handle: d.answerRun},
		{method: http.MethodPost, path: "/v1/runs/{id}/confirm", handle: d.confirmRun},
		{method: http.MethodPost, path: "/v1/runs/{id}/cancel", handle: d.cancelRun},
		{method: http.MethodGet, path: "/v1/runs/{id}/context", handle: d.showContext},
		{method: http.MethodGet, path: "/v1/runs/{id}/plan", handle: d.showPlan},
		{method: http.MethodGet, path: "/v1/runs/{id}/analysis", handle: d.showAnalysis},
		{method: http.MethodGet, path: "/v1/runs/{id}/manifest", handle: d.showManifest},
		{method: http.MethodGet, path: "/v1/runs/{id}/bundle.zip", handle: d.downloadBundle},
		{method: http.MethodGet, path: "/v1/forecast", handle: d.showForecast},
		{method: http.MethodGet, path: "/schemas/", handle: d.listSchemas},
		{method: http.MethodGet, path: "/schemas/{name}", handle: d.showSchema},
		// The page holds no data: who opens it logs in with the token that its requests carry.
		{method: http.MethodGet, path: "/", open: true, handle: d.showPage},
		{method: http.MethodGet, path: "/runs/{id}", open: true, handle: d.showPage},
		{method: http.MethodGet, path: "/assets/{version}/{name}", open: true, handle: d.showAsset},
		{method: http.MethodPost, path: page.ReportPath, open: true, handle: d.takeReport},
		{method: http.MethodGet, path: "/healthz", open: true, handle: d.showHealth},
		{method: http.MethodGet, path: "/readyz", open: true, handle: d.showReadiness},
		{method: http.MethodGet, path: "/metrics", handle: d.showMetrics},
	}
}

// handler is the whole door. Every path also answers the methods that it does not know, and everything else, with a
// problem instead of the standard library's text.
func (d *door) handler() http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, rt := range d.routes() {
		methods[rt.path] = append(methods[rt.path], rt.method)
		pattern := rt.path
		if strings.HasSuffix(pattern, "/") {
			pattern += "{$}"
		}
		mux.Handle(rt.method+" "+pattern, d.serve(rt))
	}
	for path, allowed := range methods {
		sort.Strings(allowed)
		pattern := path
		if strings.HasSuffix(pattern, "/") {
			pattern += "{$}"
		}
		mux.Handle(pattern, d.serve(route{path: path, open: true, handle: func(http.ResponseWriter, *http.Request) error {
			return &problem{code: codeMethod, allow: strings.Join(allowed, ", ")}
		}}))
	}
	mux.Handle("/", d.serve(route{path: "other", open: true, handle: func(http.ResponseWriter, *http.Request) error {
		return &problem{code: codeNotFound}
	}}))

	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(d.serve(route{path: "other", open: true, handle: func(http.ResponseWriter, *http.Request) error {
		return &problem{code: codeCrossOrigin}
	}}))
	return guard.Handler(mux)
}

// serve runs one route: login, the handler, and a problem for whatever it returns.
func (d *door) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		out := &response{ResponseWriter: w}
		requestID := rand.Text()
		h := w.Header()
		h.Set("X-Request-Id", requestID)
		h.Set("X-Content-Type-Options", "nosniff")
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler { //nolint:errorlint // a recovered value, never wrapped
					panic(v)
				}
				d.fail(out, r, requestID, fmt.Errorf("panic: %s", describePanic(v)))
			}
			d.countRequest(rt, r, out.status, time.Since(began))
		}()
		if !rt.open {
			authenticated, err := d.authenticate(r)
			if err != nil {
				d.fail(out, r, requestID, err)
				return
			}
			r = authenticated
		}
		if err := rt.handle(out, r); err != nil {
			d.fail(out, r, requestID, err)
		}
	})
}

// fail answers with a problem. What went wrong inside is logged under the request's id, without the request's content.
func (d *door) fail(w *response, r *http.Request, requestID string, err error) {
	if r.Context().Err() != nil {
		return // nobody is there to read it
	}
	p := asProblem(err)
	if p.status() == http.StatusTooManyRequests {
		d.countLimited(string(p.code))
	}
	if p.status() >= http.StatusInternalServerError {
		d.log.Warn("request not served", "request_id", requestID, "code", string(p.code), "error", errorText(p.cause))
	}
	if w.status == 0 {
		p.write(w, r)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// describePanic names a panic without repeating values that may come from a request.
func describePanic(v any) string {
	if e, ok := v.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("%T", v)
}

// response remembers what was sent, so that a problem is only written while nothing else was.
type response struct {
	http.ResponseWriter
	status int // 0: nothing sent yet
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController the connection's own writer.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }
