package memnet_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"proviso.dev/services/proviso/internal/memnet"
)

// A client may come first, the server may be started again, and HTTP notices nothing.
func TestNetwork(t *testing.T) {
	network := memnet.New()
	client := &http.Client{Transport: &http.Transport{DialContext: network.Dial}, Timeout: 10 * time.Second}
	answers := make(chan string, 2)
	get := func() {
		resp, err := client.Get("http://localhost/")
		if err != nil {
			answers <- err.Error()
			return
		}
		defer func() { _ = resp.Body.Close() }()
		data, _ := io.ReadAll(resp.Body)
		answers <- string(data)
	}
	for _, want := range []string{"first", "second"} {
		go get() // before anybody listens
		listener, err := network.Listen(t.Context(), "anywhere")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, want) })}
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		if got := <-answers; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		client.CloseIdleConnections()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	}
}

func TestDialGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := memnet.New().Dial(ctx, "", "")
	var op *net.OpError
	if !errors.As(err, &op) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a *net.OpError for the cancelled context", err)
	}
}
