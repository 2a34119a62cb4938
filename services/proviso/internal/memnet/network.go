// Package memnet is a network inside the process: listeners and connections without a port, so that the command line speaks
// real HTTP to its own gateway and nobody else can.
package memnet

import (
	"context"
	"net"
	"sync"
)

// Network connects Dial with Listen. A connection waits until somebody listens.
type Network struct{ conns chan net.Conn }

// New returns an empty network.
func New() *Network { return &Network{conns: make(chan net.Conn)} }

// Listen returns a listener; the address does not matter. It may be called again after the listener is closed.
func (n *Network) Listen(context.Context, string) (net.Listener, error) {
	return &listener{network: n, closed: make(chan struct{})}, nil
}

// Dial connects to whoever listens, waiting until ctx ends. Network and address do not matter.
func (n *Network) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: "memory", Addr: address{}, Err: context.Cause(ctx)}
	}
}

type listener struct {
	network *Network
	once    sync.Once
	closed  chan struct{}
}

var _ net.Listener = (*listener)(nil)

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.network.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return address{} }

// address names the network in logs.
type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "memory" }
