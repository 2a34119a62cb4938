package agent

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// Health knows how the units of a process fare.
type Health struct {
	mu    sync.Mutex // guards units
	units map[string]*unitHealth
}

type unitHealth struct {
	env   *Env
	check func(context.Context) error // the unit's own; nil: none
	err   error                       // why it is not running; nil while it is
}

// NewHealth returns a health without units; it is alive, and not ready.
func NewHealth() *Health { return &Health{units: map[string]*unitHealth{}} }

func (h *Health) set(role string, u *unitHealth) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.units[role] = u
}

// Ready returns nil when every unit runs, is connected, its consumers answer, and it says so itself.
func (h *Health) Ready(ctx context.Context) error {
	units := h.snapshot()
	if len(units) == 0 {
		return fmt.Errorf("no unit runs yet")
	}
	for role, u := range units {
		if u.err != nil {
			return fmt.Errorf("%s: %w", role, u.err)
		}
		if err := u.env.Ready(ctx); err != nil {
			return fmt.Errorf("%s: %w", role, err)
		}
		if u.check != nil {
			if err := u.check(ctx); err != nil {
				return fmt.Errorf("%s: %w", role, err)
			}
		}
	}
	return nil
}

// Alive returns an error when a connection is closed for good while its unit still runs: such a process cannot recover.
func (h *Health) Alive() error {
	for role, u := range h.snapshot() {
		if u.err == nil && u.env.NC.Status() == nats.CLOSED {
			return fmt.Errorf("%s: %w", role, ErrClosed)
		}
	}
	return nil
}

func (h *Health) snapshot() map[string]unitHealth {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[string]unitHealth, len(h.units))
	for role, u := range h.units {
		out[role] = *u
	}
	return out
}

// Handler serves /healthz, /readyz and, from the given handler, /metrics.
func (h *Health) Handler(metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, h.Alive()) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		answer(w, h.Ready(ctx))
	})
	mux.Handle("GET /metrics", metrics)
	return mux
}

func answer(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, err)
		return
	}
	fmt.Fprintln(w, "ok")
}
