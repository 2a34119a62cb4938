package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	gateway "proviso.dev/services/gateway/unit"
	"proviso.dev/services/proviso/internal/allinone"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/memnet"
)

const (
	// defaultServer is where `runs` looks for a gateway unless PROVISO_SERVER says otherwise.
	defaultServer = "http://" + gateway.DefaultAddress
	// stopTimeout bounds how long units of this process may take to stop. What they would lose is temporary.
	stopTimeout = 3 * time.Second
)

// connection is a gateway to speak to.
type connection struct {
	client *client.Client
	remote bool         // its runs live on without us
	ended  <-chan error // units of this process ended, and why; nil for a remote one
}

// bind returns a context that also ends, with the reason as its cause, when the units of this process do.
func (c connection) bind(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if c.ended != nil {
		go func() {
			select {
			case err := <-c.ended:
				if err == nil {
					err = errUnitsEnded
				}
				cancel(err)
			case <-ctx.Done():
			}
		}()
	}
	return ctx, func() { cancel(nil) }
}

// errUnitsEnded is returned when the units of this process stop before their work is done.
var errUnitsEnded = errors.New("units ended")

// errSessionsLocked is returned when another call holds the folder in which sessions are kept.
var errSessionsLocked = errors.New("sessions are in use by another process")

// connect reaches the gateway that PROVISO_SERVER names, or runs everything in this process: in memory, or for a session on the
// disk, so that the next call finds what this one did.
func connect(ctx context.Context, p Process, lang, session string) (connection, func(), error) {
	if server := p.Getenv("PROVISO_SERVER"); server != "" {
		c, err := dial(p, server, lang)
		return connection{client: c, remote: true}, func() {}, err
	}
	network := memnet.New()
	transport := &http.Transport{DialContext: network.Dial, DisableCompression: true}
	c, err := client.New(client.Config{Server: "http://localhost", Language: lang, Transport: transport})
	if err != nil {
		return connection{}, nil, err
	}
	log, err := quietLog(p)
	if err != nil {
		return connection{}, nil, err
	}
	data := ""
	if session != "" {
		if data, err = stateFolder(p); err != nil {
			return connection{}, nil, err
		}
		data = filepath.Join(data, "ask")
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx)) // the run is ended before its units
	ended, done := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		err := allinone.Run(running, allinone.Config{
			DataDir: data, Gateway: gateway.Config{Listen: network.Listen}, Lookup: lookupOf(p.Getenv), Log: log,
		})
		if errors.Is(err, allinone.ErrLocked) {
			err = errSessionsLocked
		}
		ended <- err
	}()
	stop := func() {
		transport.CloseIdleConnections() // the server waits five seconds for one that was never used
		cancel()
		select {
		case <-done:
		case <-time.After(stopTimeout):
		}
	}
	return connection{client: c, ended: ended, remote: session != ""}, stop, nil
}

// dial makes a client of a gateway elsewhere.
func dial(p Process, server, lang string) (*client.Client, error) {
	token := ""
	if file := p.Getenv("PROVISO_TOKEN_FILE"); file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(data))
		if token == "" || strings.ContainsAny(token, " \r\n") {
			return nil, &allinone.ConfigError{Key: "token_file", Args: []any{"file", file}}
		}
	}
	return client.New(client.Config{Server: server, Token: token, Language: lang})
}

// quietLog is the log of units that run for one question: silent unless PROVISO_LOG_LEVEL asks for more.
func quietLog(p Process) (*slog.Logger, error) {
	if p.Getenv("PROVISO_LOG_LEVEL") == "" {
		return slog.New(slog.DiscardHandler), nil
	}
	return openLog(p)
}

// openLog is a log on standard error at PROVISO_LOG_LEVEL, "info" unless set: lines for a person, JSON for everybody else.
func openLog(p Process) (*slog.Logger, error) {
	level := slog.LevelInfo
	if text := p.Getenv("PROVISO_LOG_LEVEL"); text != "" {
		if err := level.UnmarshalText([]byte(text)); err != nil {
			return nil, &allinone.ConfigError{Key: "log_level", Args: []any{"level", fmt.Sprintf("%.20q", text)}, Err: err}
		}
	}
	opt := &slog.HandlerOptions{Level: level}
	if p.Interactive {
		return slog.New(slog.NewTextHandler(p.Stderr, opt)), nil
	}
	return slog.New(slog.NewJSONHandler(p.Stderr, opt)), nil
}

// lookupOf makes a lookup of a getter; a variable that is set but empty counts as not set.
func lookupOf(getenv func(string) string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v := getenv(name)
		return v, v != ""
	}
}
