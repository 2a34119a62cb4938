package agent

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
	"proviso.dev/pkg/bus"
)

// idle is a unit that does nothing until it is stopped.
type idle struct{ started chan *Env }

func (idle) Role() bus.Role { return bus.RoleBuilder }

func (u idle) Run(ctx context.Context, env *Env) error {
	u.started <- env
	<-ctx.Done()
	return nil
}

// TestServeOverTLSWithNKey runs a stand-alone service against a server that wants TLS and knows one user.
func TestServeOverTLSWithNKey(t *testing.T) {
	dir := t.TempDir()
	certificate, ca := selfSigned(t, dir)
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := key.Seed()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	seedFile := filepath.Join(dir, "builder.nk")
	if err := os.WriteFile(seedFile, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, TLS: true, TLSTimeout: 5,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		Nkeys:     []*server.NkeyUser{{Nkey: public}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	defer s.Shutdown()
	if !s.ReadyForConnections(5 * time.Second) {
		t.Fatal("server is not ready")
	}
	good := Config{
		NATSURL: s.ClientURL(), NKeyFile: seedFile, CAFile: ca, ConnectTimeout: 2 * time.Second, Instance: "1",
		MetricsAddr: "127.0.0.1:0", DrainTimeout: 5 * time.Second,
	}
	with := func(change func(*Config)) Config { c := good; change(&c); return c }

	t.Run("Right", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		log := make(lines, 1)
		unit := idle{started: make(chan *Env, 1)}
		done := make(chan error, 1)
		go func() { done <- serve(ctx, good, slog.New(slog.NewTextHandler(log, nil)), unit) }()
		select {
		case env := <-unit.started:
			if state, err := env.NC.TLSConnectionState(); err != nil || !state.HandshakeComplete {
				t.Errorf("not over TLS: %v", err)
			}
			if name := env.NC.Opts.Name; name != "builder/1" {
				t.Errorf("got connection name %q", name)
			}
		case err := <-done:
			t.Fatalf("ended with %v", err)
		case <-time.After(10 * time.Second):
			t.Fatal("not started")
		}
		addr := <-log
		for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404} {
			answer, err := http.Get("http://" + addr + path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s: got %d %s, want %d", path, answer.StatusCode, body, want)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stopped with %v", err)
		}
	})
	for name, cfg := range map[string]Config{
		"UnknownAuthority": with(func(c *Config) { c.CAFile = "" }),
		"NoKey":            with(func(c *Config) { c.NKeyFile = "" }),
		"MissingSeed":      with(func(c *Config) { c.NKeyFile = filepath.Join(dir, "none") }),
	} {
		t.Run(name, func(t *testing.T) {
			cfg.ConnectTimeout = 300 * time.Millisecond
			err := serve(t.Context(), cfg, slog.New(slog.DiscardHandler), idle{started: make(chan *Env, 1)})
			if err == nil || errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want that it gives up", err)
			}
			if err != nil && strings.Contains(err.Error(), string(seed)) {
				t.Error("the error shows the seed")
			}
		})
	}
}

// lines hands on where the health server says that it listens.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	if _, addr, ok := strings.Cut(string(p), "addr="); ok {
		l <- strings.TrimSpace(addr)
	}
	return len(p), nil
}

// selfSigned returns a server's certificate and the file of the authority that signed it: itself.
func selfSigned(t *testing.T, dir string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}
