// Package natsruntime runs a NATS server inside the process.
//
// It owns starting, connecting to and stopping it. It deliberately does not wrap what a connection can do, open a port, or
// know any stream: units get plain connections, and the topology comes from pkg/bus.
package natsruntime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
)

// readyTimeout bounds the start. It is generous because a store that was not closed properly is checked first.
const readyTimeout = 30 * time.Second

// errNotReady is returned when the server did not become ready in time.
var errNotReady = errors.New("not ready in time")

// Options of a server.
type Options struct {
	// StoreDir is where streams are kept. Required; two servers must not share one.
	StoreDir string
	// SyncAlways writes through to the disk before a message is confirmed. Without it a power loss can take two minutes of
	// confirmed messages; the death of the process takes none either way.
	SyncAlways bool
	// Log receives the server's messages. Required.
	Log *slog.Logger
}

// Server is a running server that only this process can reach.
type Server struct{ server *server.Server }

// Start starts a server and waits until it takes connections.
func Start(opt Options) (*Server, error) {
	s, err := server.NewServer(&server.Options{
		ServerName: "proviso", JetStream: true, StoreDir: opt.StoreDir, SyncAlways: opt.SyncAlways,
		// Limits for accounting: the topology's sizes are bounds, and the defaults would refuse them on a small disk.
		JetStreamMaxStore: 64 << 30, JetStreamMaxMemory: 8 << 30,
		DontListen: true,
		NoSigs:     true, // signals are the process's business
	})
	if err != nil {
		return nil, fmt.Errorf("configure nats-server: %w", err)
	}
	s.SetLoggerV2(logger{opt.Log}, opt.Log.Enabled(context.Background(), slog.LevelDebug), false, false)
	s.Start()
	if !s.ReadyForConnections(readyTimeout) {
		s.Shutdown()
		s.WaitForShutdown()
		return nil, fmt.Errorf("start nats-server: %w", errNotReady)
	}
	return &Server{server: s}, nil
}

// Connect opens a connection for a unit.
func (s *Server) Connect(role bus.Role) (*nats.Conn, error) {
	nc, err := nats.Connect("", append(agent.ConnectOptions(role, "all-in-one"), nats.InProcessServer(s.server))...)
	if err != nil {
		return nil, fmt.Errorf("connect %s in process: %w", role, err)
	}
	return nc, nil
}

// Stop ends the server and waits until its store is closed. Connections are drained by their owners before.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

// logger hands the server's messages to slog. What the server calls a notice is of no interest to somebody who did not know
// that there is a server, so it is logged as debug.
type logger struct{ log *slog.Logger }

func (l logger) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l logger) Warnf(format string, v ...any)   { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l logger) Errorf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l logger) Fatalf(format string, v ...any)  { l.log.Error(fmt.Sprintf(format, v...)) }
func (l logger) Debugf(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l logger) Tracef(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
