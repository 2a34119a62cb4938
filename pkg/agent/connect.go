package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/observe"
)

// Connector opens the connection of a unit: over TCP with the role's credentials, or to a server in the same process. It bounds
// its own patience.
type Connector func(role bus.Role) (*nats.Conn, error)

// ConnectOptions are the options of every connection of Proviso; a [Connector] adds where and as whom. An instance tells
// replicas apart and appears in no subject.
func ConnectOptions(role bus.Role, instance string) []nats.Option {
	return []nats.Option{
		nats.Name(string(role) + "/" + instance),
		nats.MaxReconnects(-1), // the default gives up after two minutes, for ever
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, time.Second),
		nats.IgnoreAuthErrorAbort(), // credentials rotate
		nats.PingInterval(20 * time.Second),
		// Core publications that waited for a reconnect are stale; what goes to a stream is confirmed and repeated anyway.
		nats.ReconnectBufSize(64 << 10),
		nats.DrainTimeout(5 * time.Second),
		nats.PermissionErrOnSubscribe(true),
		// _INBOX.> for everybody would let anybody read everybody's replies.
		nats.CustomInboxPrefix(bus.InboxPrefix(role)),
	}
}

// Connect opens a connection, trying again until ctx ends.
func Connect(ctx context.Context, url string, opts ...nats.Option) (*nats.Conn, error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		nc, err := nats.Connect(url, opts...)
		if err == nil {
			return nc, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to %s: %w", url, errors.Join(err, context.Cause(ctx)))
		case <-time.After(wait):
		}
	}
}

// watch counts what happens to a connection and calls closed when it is closed for good. It is installed before anything
// else uses the connection: a micro service shares these handlers.
func watch(nc *nats.Conn, role bus.Role, m *observe.Metrics, log *slog.Logger, closed func()) {
	agent := string(role)
	state := m.NATSConnectionState.WithLabelValues(agent)
	state.Set(1)
	nc.SetDisconnectErrHandler(func(_ *nats.Conn, err error) {
		state.Set(0)
		if err != nil {
			log.Warn("disconnected", "error", err)
		}
	})
	nc.SetReconnectHandler(func(nc *nats.Conn) {
		state.Set(1)
		m.NATSReconnects.WithLabelValues(agent).Inc()
		log.Info("reconnected", "server", nc.ConnectedServerName())
	})
	nc.SetClosedHandler(func(*nats.Conn) {
		state.Set(0)
		closed()
	})
	nc.SetErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
		kind := asyncKind(err)
		m.NATSAsyncErrors.WithLabelValues(agent, kind).Inc()
		subject := ""
		if sub != nil {
			subject = sub.Subject
		}
		log.Error("asynchronous error of the bus", "kind", kind, "subject", subject, "error", err)
	})
}

func asyncKind(err error) string {
	switch {
	case errors.Is(err, nats.ErrPermissionViolation):
		return "permission"
	case errors.Is(err, nats.ErrSlowConsumer):
		return "slow_consumer"
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		return "authorization"
	default:
		return "other"
	}
}
