package repotest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Shell is an ssh server that serves one repository, whatever path is asked for, to the holder of one key.
type Shell struct {
	// Addr is host:port.
	Addr string
	// HostKey is the server's.
	HostKey ssh.PublicKey
	// ClientKey is the private key, in PEM, that it lets in.
	ClientKey []byte
	// Asked receives the commands that were asked for.
	Asked chan string
}

// HostShell serves a repository's folder over ssh.
func HostShell(t testing.TB, dir string) *Shell {
	t.Helper()
	_, hostKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	host, err := ssh.NewSignerFromKey(hostKey)
	if err != nil {
		t.Fatal(err)
	}
	public, clientKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(clientKey, "")
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(allowed.Marshal()) {
			return nil, errors.New("another key")
		}
		return &ssh.Permissions{}, nil
	}}
	config.AddHostKey(host)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &Shell{Addr: listener.Addr().String(), HostKey: host.PublicKey(), ClientKey: pem.EncodeToMemory(block), Asked: make(chan string, 16)}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, config, dir)
		}
	}()
	return s
}

func (s *Shell) serve(conn net.Conn, config *ssh.ServerConfig, dir string) {
	defer func() { _ = conn.Close() }()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go s.session(channel, requests, dir)
	}
}

func (s *Shell) session(channel ssh.Channel, requests <-chan *ssh.Request, dir string) {
	defer func() { _ = channel.Close() }()
	for request := range requests {
		if request.Type != "exec" {
			_ = request.Reply(false, nil)
			continue
		}
		var command struct{ Line string }
		_ = ssh.Unmarshal(request.Payload, &command)
		s.Asked <- command.Line
		_ = request.Reply(true, nil)
		status := uint32(0)
		if strings.Contains(command.Line, "missing") {
			_, _ = io.WriteString(channel.Stderr(), "no such repository\n")
			status = 128
		} else {
			cmd := exec.Command("git", "-c", "safe.directory=*", "upload-pack", dir)
			cmd.Stdout, cmd.Stderr = channel, channel.Stderr()
			if stdin, err := cmd.StdinPipe(); err == nil { // of our own: the command does not wait for the client to hang up
				go func() { _, _ = io.Copy(stdin, channel) }()
			}
			if cmd.Run() != nil {
				status = 128
			}
		}
		_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
		return
	}
}
