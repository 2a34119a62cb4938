package manager

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/pkg/wire"
	"proviso.dev/services/manager/internal/memory"
	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// sessions keeps the memory of each dialogue in the bucket "sessions". The bucket forgets a dialogue that was silent for its
// time to live.
type sessions struct{ kv jetstream.KeyValue }

func openSessions(ctx context.Context, js jetstream.JetStream) (*sessions, error) {
	kv, err := js.KeyValue(ctx, bus.BucketSessions)
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bus.BucketSessions, err)
	}
	return &sessions{kv: kv}, nil
}

// load returns a memory, its bytes and its revision, 0 when there is none. A memory that cannot be read any more, because a
// later version wrote it, is none, and is written over.
func (s *sessions) load(ctx context.Context, key string) (*provisov1.SessionMemory, jetstream.KeyValueEntry, error) {
	entry, err := s.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read session: %w", err)
	}
	m, err := wire.Decode[*provisov1.SessionMemory](entry.Value(), wire.OwnServices)
	if err != nil {
		return nil, entry, nil //nolint:nilerr // see above
	}
	return m, entry, nil
}

// sessionKey is the key of the dialogue that a run belongs to.
func sessionKey(run saga.Run) string {
	return bus.SessionKey(run.Requester.Publisher, run.Requester.Subject, run.Session)
}

// recall reads the memory that the commands need: that of the run's session, when the request is to be understood. Rounds after
// the first are understood with what the first one was, so that nothing changes between the table that was shown and the yes.
func (l *leader) recall(ctx context.Context, at record, run saga.Run, commands []saga.Command) (m *provisov1.SessionMemory, recalled []string, err error) {
	if run.Session == "" {
		return nil, nil, nil
	}
	for _, c := range commands {
		w, ok := c.(saga.Work)
		if !ok || w.Step != saga.Understand || w.Attempt > 1 && len(at.recalled) == 0 {
			continue
		}
		m, _, err := l.sessions.load(ctx, sessionKey(run))
		if err != nil {
			return nil, nil, err
		}
		if w.Attempt > 1 {
			return memory.Only(m, at.recalled), at.recalled, nil
		}
		return m, memory.IDs(m), nil
	}
	return nil, at.recalled, nil
}

// remember writes a run that is about to be stored as ended into the memory of its session, once. It comes first, so that
// whoever sees the end can refer to the run at once; a death between the two is made good when the message comes again. A run
// that is cancelled in the very moment in which it is delivered may be remembered although it was cancelled.
func (l *leader) remember(ctx context.Context, run saga.Run) error {
	r := memory.Of(run)
	if run.Session == "" || r == nil {
		return nil
	}
	failpoint.Hit(failpoint.ManagerBeforeRemember)
	key := sessionKey(run)
	for range maxReloads + 1 {
		m, entry, err := l.sessions.load(ctx, key)
		if err != nil {
			return err
		}
		_, data, err := memory.Add(m, r)
		if err != nil {
			return err
		}
		if entry == nil {
			_, err = l.sessions.kv.Create(ctx, key, data)
		} else {
			if bytes.Equal(data, entry.Value()) {
				return nil
			}
			_, err = l.sessions.kv.Update(ctx, key, data, entry.Revision())
		}
		if err == nil {
			return nil
		}
		if !errors.Is(err, jetstream.ErrKeyExists) && !errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
			return fmt.Errorf("write session: %w", err)
		}
	}
	return fmt.Errorf("remember run %s: %w", run.ID, ErrContended)
}
