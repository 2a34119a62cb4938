package twin

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Server is a cluster behind TLS.
type Server struct {
	cluster  *Cluster
	http     *http.Server
	listener net.Listener
	ca       []byte
	done     chan struct{}
	stop     func() bool
	close    sync.Once
}

// Serve listens on a free port of 127.0.0.1 until ctx ends or Close is called.
func Serve(ctx context.Context, c *Cluster) (*Server, error) { return ServeOn(ctx, c, "127.0.0.1:0") }

// ServeOn is Serve on an address of the caller's choice.
func ServeOn(ctx context.Context, c *Cluster, address string) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for twin: %w", err)
	}
	certificate, ca, err := certify(listener.Addr())
	if err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("certify twin: %w", err)
	}
	s := &Server{cluster: c, listener: listener, ca: ca, done: make(chan struct{})}
	s.http = &http.Server{
		Handler:           c.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		// Reason phrases exist in HTTP/1.1 only, and Proxmox VE speaks nothing else.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}},
		ErrorLog:     log.New(io.Discard, "", 0), // clients that leave in the middle are part of the tests
	}
	go func() {
		defer close(s.done)
		if err := s.http.ServeTLS(listener, "", ""); err != nil && !errors.Is(err, http.ErrServerClosed) {
			_ = listener.Close() // nobody is left to accept
		}
	}()
	s.stop = context.AfterFunc(ctx, s.shut)
	return s, nil
}

// URL is the address without a path, as the provider's endpoint takes it: "https://127.0.0.1:41234".
func (s *Server) URL() string { return "https://" + s.listener.Addr().String() }

// CAPEM is the certificate authority that signed the server's certificate.
func (s *Server) CAPEM() []byte { return s.ca }

// TokenID is the administrator's token, for example "root@pam!twin".
func (s *Server) TokenID() string { return s.cluster.admin.ID }

// TokenSecret is the secret of that token.
func (s *Server) TokenSecret() string { return s.cluster.admin.Secret }

// Cluster returns the state behind the server.
func (s *Server) Cluster() *Cluster { return s.cluster }

// Close stops the server, cuts its connections and waits until it is down.
func (s *Server) Close() error {
	s.stop()
	s.shut()
	<-s.done
	return nil
}

func (s *Server) shut() { s.close.Do(func() { _ = s.http.Close() }) }

// certify makes a certificate authority and a server certificate for the address. Both live as long as the process.
func certify(address net.Addr) (tls.Certificate, []byte, error) {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("generate key of authority: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("generate key of server: %w", err)
	}
	from, until := time.Now().Add(-time.Hour), time.Now().Add(30*24*time.Hour)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Proviso twin authority"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("sign authority: %w", err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "twin"}, NotBefore: from, NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if host, _, err := net.SplitHostPort(address.String()); err == nil {
		if ip := net.ParseIP(host); ip != nil && !ip.IsLoopback() && !ip.IsUnspecified() {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		return tls.Certificate{}, nil, fmt.Errorf("sign server: %w", err)
	}
	pemCA := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pemCA, nil
}
