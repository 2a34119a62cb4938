package repository

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
)

// shell speaks Git over ssh. No agent and no configuration of the machine is used.
type shell struct {
	conn    *ssh.Client
	session *ssh.Session
	stdin   io.WriteCloser
	stdout  io.Reader
	release func() bool
}

func newShell(ctx context.Context, a Address, access Access, login *Login, dir string) (*shell, error) {
	if len(access.KnownHosts) == 0 {
		return nil, fmt.Errorf("%w: no file of known hosts is configured", ErrHostKey)
	}
	if login == nil {
		return nil, fmt.Errorf("%w: ssh needs one", ErrCredentials)
	}
	config, err := shellConfig(a, access, login, dir)
	if err != nil {
		return nil, err
	}
	conn, err := access.Allowed.dial(ctx, "tcp", a.HostPort())
	if err != nil {
		return nil, judged(ctx, err, ErrUnreachable)
	}
	s := &shell{release: context.AfterFunc(ctx, func() { _ = conn.Close() })}
	transport, channels, requests, err := ssh.NewClientConn(conn, a.HostPort(), config)
	if err != nil {
		_ = conn.Close()
		s.release()
		return nil, judged(ctx, handshake(err), ErrUnreachable)
	}
	s.conn = ssh.NewClient(transport, channels, requests)
	if err := s.start(a.Path); err != nil {
		s.close()
		return nil, judged(ctx, err, ErrUnreachable)
	}
	return s, nil
}

func shellConfig(a Address, access Access, login *Login, dir string) (*ssh.ClientConfig, error) {
	// The library reads known hosts from files only.
	path := filepath.Join(dir, "known_hosts")
	if err := os.WriteFile(path, access.KnownHosts, 0o600); err != nil {
		return nil, fmt.Errorf("write known hosts: %w", err)
	}
	defer func() { _ = os.Remove(path) }()
	known, err := knownhosts.NewDB(path)
	if err != nil {
		return nil, fmt.Errorf("%w: the file of known hosts cannot be read", ErrHostKey)
	}
	config := &ssh.ClientConfig{User: a.User, HostKeyCallback: known.HostKeyCallback(), HostKeyAlgorithms: known.HostKeyAlgorithms(a.HostPort())}
	if config.User == "" {
		config.User = login.Username
	}
	if !login.Key {
		config.Auth = []ssh.AuthMethod{ssh.Password(login.Secret.Reveal())}
		return config, nil
	}
	signer, err := ssh.ParsePrivateKey([]byte(login.Secret.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("%w: the private key cannot be read, or has a passphrase", ErrCredentials)
	}
	config.Auth = []ssh.AuthMethod{ssh.PublicKeys(signer)}
	return config, nil
}

// handshake tells a key that is not known from credentials that are refused; the library has no type for the latter.
func handshake(err error) error {
	switch {
	case knownhosts.IsHostUnknown(err):
		return fmt.Errorf("%w: the file of known hosts does not name it", ErrHostKey)
	case knownhosts.IsHostKeyChanged(err):
		return fmt.Errorf("%w: it is another one than before", ErrHostKey)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return ErrCredentials
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) {
		return err
	}
	return brief(err)
}

func (s *shell) start(path string) error {
	session, err := s.conn.NewSession()
	if err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	s.session = session
	if s.stdin, err = session.StdinPipe(); err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	if s.stdout, err = session.StdoutPipe(); err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	if strings.HasPrefix(path, "/~") {
		path = path[1:] // a home directory is written /~name in a URL and ~name for the server
	}
	return session.Start(uploadPack + " " + quote(path))
}

// quote makes one word of a path for the shell at the other end, as Git does.
func quote(path string) string {
	return "'" + strings.NewReplacer("'", `'\''`, "!", `'\!'`).Replace(path) + "'"
}

func (s *shell) advertise(context.Context) (io.ReadCloser, error) { return io.NopCloser(s.stdout), nil }

func (s *shell) upload(ctx context.Context, request []byte) (io.ReadCloser, error) {
	if _, err := io.Copy(s.stdin, bytes.NewReader(request)); err != nil {
		return nil, judged(ctx, err, ErrUnreachable)
	}
	return io.NopCloser(s.stdout), nil
}

func (s *shell) close() {
	s.release()
	if s.session != nil {
		_ = s.session.Close()
	}
	_ = s.conn.Close()
}
