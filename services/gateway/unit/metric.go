package gateway

import (
	"net/http"
	"strconv"
	"time"
)

func (d *door) showMetrics(w http.ResponseWriter, r *http.Request) error {
	d.env.Metrics.Handler().ServeHTTP(w, r)
	return nil
}

// countRequest records one request under its route, never under its path, which holds ids. Streams and long polls are
// counted but not timed: they last as long as the client wants.
func (d *door) countRequest(rt route, r *http.Request, status int, took time.Duration) {
	if status == 0 {
		status = 499 // the client went away before an answer
	}
	method := methodLabel(r.Method)
	d.env.Metrics.HTTPRequests.WithLabelValues(rt.path, method, strconv.Itoa(status)).Inc()
	if rt.long || r.URL.Query().Has("wait") {
		return
	}
	d.env.Metrics.HTTPRequestDuration.WithLabelValues(rt.path, method).Observe(took.Seconds())
}

// methodLabel keeps the label's values a closed set: a client may send any word as method.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

func (d *door) countStream(change float64) {
	d.env.Metrics.EventStreams.WithLabelValues("http").Add(change)
}

func (d *door) countAuthFailure(method, reason string) {
	d.env.Metrics.AuthFailures.WithLabelValues(method, reason).Inc()
}

func (d *door) countLimited(reason string) {
	d.env.Metrics.RateLimited.WithLabelValues("http", reason).Inc()
}
