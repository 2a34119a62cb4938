package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/proviso/internal/client"
)

// serve starts a gateway of one handler and returns a client of it.
func serve(t *testing.T, handler http.HandlerFunc) (*client.Client, context.Context) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{Server: server.URL, Token: "s3cret", Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return c, ctx
}

func TestNewRefusesAddresses(t *testing.T) {
	for _, server := range []string{"", "localhost:8470", "ftp://host", "http://", "http://user:password@host", "http://host?x=y", "http://host#x"} {
		if _, err := client.New(client.Config{Server: server}); !errors.Is(err, client.ErrAddress) {
			t.Errorf("%q: got %v, want ErrAddress", server, err)
		}
	}
}

// A gateway that has too much to do is asked again, with the same key, so that one run begins.
func TestCreateIsRepeated(t *testing.T) {
	var keys []string
	c, ctx := serve(t, func(w http.ResponseWriter, r *http.Request) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		if len(keys) < 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"code":"bus_unavailable","detail":"Le bus ne répond pas."}`)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, `{"run_id":"r-1","state":"received"}`)
	})
	id, err := c.Create(ctx, client.Request{Prompt: "x"})
	if err != nil || id != "r-1" {
		t.Fatalf("got %q, %v", id, err)
	}
	if len(keys) != 3 || keys[0] == "" || keys[0] != keys[1] || keys[1] != keys[2] {
		t.Errorf("keys %q, want one key three times", keys)
	}
}

func TestProblems(t *testing.T) {
	tests := map[string]struct {
		reason string
		answer http.HandlerFunc
		code   string
		detail string
	}{
		"Problem": {"A refusal is not repeated, and is worded by the gateway.", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"code":"invalid_request","detail":"Non.","violations":[{"path":"language","message":"must be en or fr"}]}`)
		}, "invalid_request", "Non. [language: must be en or fr]"},
		"Proxy": {"A page of somebody in between is no problem of ours.", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>")
		}, "not_a_gateway", "HTTP 502 Bad Gateway"},
		"Redirect": {"The token does not follow a redirect.", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				t.Errorf("followed, with Authorization %q", r.Header.Get("Authorization"))
			}
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "not_a_gateway", "HTTP 307 Temporary Redirect"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			calls := 0
			c, ctx := serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				if r.Header.Get("Accept-Language") != "fr" || r.Header.Get("Authorization") != "Bearer s3cret" {
					t.Errorf("headers %v", r.Header)
				}
				tc.answer(w, r)
			})
			_, err := c.Create(ctx, client.Request{Prompt: "x"})
			var p *client.Problem
			if !errors.As(err, &p) || p.Code != tc.code || p.Error() != tc.detail {
				t.Errorf("%s\ngot %v, want %s: %s", tc.reason, err, tc.code, tc.detail)
			}
			if calls != 1 {
				t.Errorf("%s\nasked %d times", tc.reason, calls)
			}
		})
	}
}

// A stream that breaks is taken up after the last event that was handed over; none is lost and none comes twice.
func TestEventsAreResumed(t *testing.T) {
	const changed = `{"run_id":"r-1","state":"%s","at":"2026-11-21T12:00:00Z"}`
	var resumed []string
	c, ctx := serve(t, func(w http.ResponseWriter, r *http.Request) {
		resumed = append(resumed, r.Header.Get("Last-Event-ID"))
		fmt.Fprint(w, "retry: 2000\n\n: still here\n\n")
		if len(resumed) == 1 {
			fmt.Fprintf(w, "id: 7\nevent: state\ndata: "+changed+"\n\n", "collecting")
			fmt.Fprint(w, "id: 9\nevent: state\ndata: {\"run_id\"") // cut off in the middle
			return
		}
		fmt.Fprint(w, "id: 8\nevent: novelty\ndata: {}\n\n") // of a newer gateway
		fmt.Fprintf(w, "id: 9\nevent: state\ndata: "+changed+"\n\n", "building")
		fmt.Fprintf(w, "id: 12\nevent: ended\ndata: "+changed+"\n\n", "delivered")
	})
	var states []string
	err := c.Events(ctx, "r-1", func(e client.Event) error {
		if e.Changed != nil {
			states = append(states, e.Changed.GetState())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"collecting", "building", "delivered"}, states); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"", "7"}, resumed); diff != "" {
		t.Errorf("Last-Event-ID (-want +got):\n%s", diff)
	}
}

func TestEventsEndWhenTheRunHas(t *testing.T) {
	c, ctx := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	if err := c.Events(ctx, "r-1", func(client.Event) error { return errors.New("an event") }); err != nil {
		t.Errorf("got %v", err)
	}
}
