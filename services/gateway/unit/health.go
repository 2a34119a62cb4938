package gateway

import (
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
)

// showHealth says whether the process can go on at all: a closed connection never recovers.
func (d *door) showHealth(w http.ResponseWriter, _ *http.Request) error {
	if d.env.NC.IsClosed() {
		return &problem{code: codeUnavailable, cause: nats.ErrConnectionClosed}
	}
	return respond(w, http.StatusOK, map[string]string{"status": "ok"})
}

// showReadiness says whether requests can be taken in now.
func (d *door) showReadiness(w http.ResponseWriter, r *http.Request) error {
	select {
	case <-d.stopping:
		return &problem{code: codeStopping, retryAfter: 5 * time.Second}
	default:
	}
	if err := d.ready(r.Context()); err != nil {
		return &problem{code: codeUnavailable, retryAfter: 2 * time.Second, cause: err}
	}
	return respond(w, http.StatusOK, map[string]string{"status": "ready"})
}
