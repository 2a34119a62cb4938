// Package natstest runs a real NATS server with JetStream inside a test.
//
// It owns starting it, waiting for it and stopping it when the test ends. It opens no port unless asked, provisions nothing and knows no
// stream: tests do that with package bus, as units do. Only tests import it.
package natstest

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// ready bounds the start; machines that build other things beside it are slow.
const ready = 20 * time.Second

// Start runs a server until the test ends, its store in a folder of the test. It is reachable only from inside the process, unless change,
// which may be nil, says otherwise.
func Start(t testing.TB, change func(*server.Options)) *server.Server {
	t.Helper()
	opts := &server.Options{ServerName: "test", JetStream: true, StoreDir: t.TempDir(), NoSigs: true, DontListen: true, NoLog: true}
	if change != nil {
		change(opts)
	}
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatalf("new server: %v", err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(ready) {
		t.Fatalf("server is not ready after %s", ready)
	}
	return s
}
