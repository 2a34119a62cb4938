package manager

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Bounds of a run's document, in bytes. Above the first it leaves out what its artefacts hold as well; above the second, which
// is well below what the bucket takes, the run fails.
const (
	roomyDocument = 64 << 10
	maxDocument   = 192 << 10
)

// record is a run as it is stored, with what may not have been published yet.
type record struct {
	run         saga.Run
	outbox      []*provisov1.Outgoing
	traceparent string
	recalled    []string // ids of the earlier runs of the session that this one is understood with
	revision    uint64   // 0: not stored yet
}

// maxRemembered bounds the records that a store remembers. A run that is forgotten is read again.
const maxRemembered = 256

// store keeps one record a run in the bucket "runs", and a mark for each run that has not ended.
type store struct {
	kv jetstream.KeyValue

	mu   sync.Mutex        // guards what follows
	last map[string]record // as written here last, of busy runs, by id
}

func openStore(ctx context.Context, js jetstream.JetStream) (*store, error) {
	kv, err := js.KeyValue(ctx, bus.BucketRuns)
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bus.BucketRuns, err)
	}
	return &store{kv: kv, last: map[string]record{}}, nil
}

// remembered returns the record of a busy run as this store wrote it last. Another manager may have written it since.
func (s *store) remembered(id string) (record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.last[id]
	return r, ok
}

func (s *store) remember(r record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.last, r.run.ID)
	if !r.run.State.Busy() {
		return
	}
	if len(s.last) >= maxRemembered {
		for id := range s.last {
			delete(s.last, id)
			break
		}
	}
	s.last[r.run.ID] = r
}

func (s *store) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.last, id)
}

// load returns the record of a run; of an unknown one, a record in the state "received" with revision 0. It may be behind the
// latest write of another manager: only save decides.
func (s *store) load(ctx context.Context, id string) (record, error) {
	entry, err := s.kv.Get(ctx, bus.RunKey(id))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return record{run: saga.New(id)}, nil
	}
	if err != nil {
		return record{}, fmt.Errorf("read run %s: %w", id, err)
	}
	stored, err := wire.Decode[*provisov1.RunRecord](entry.Value(), wire.OwnServices)
	if err != nil {
		return record{}, fmt.Errorf("decode run %s: %w", id, err)
	}
	run := saga.FromContract(stored.GetRun())
	run.Applied, run.Known = stored.GetApplied(), saga.AnswersFromContract(stored.GetKnown())
	run.AuditHead, run.Suspected = stored.GetAudit(), stored.GetSuspected()
	return record{run: run, outbox: stored.GetOutbox(), traceparent: stored.GetTraceparent(), recalled: stored.GetRecalled(), revision: entry.Revision()}, nil
}

// save writes a record over the revision it was read at, and returns ErrConflict if that is no longer the latest. The first
// write of a run creates its document, after the mark by which the reconciler finds it.
func (s *store) save(ctx context.Context, r record, document []byte) (record, error) {
	id := r.run.ID
	var err error
	if r.revision == 0 {
		if _, err = s.kv.Put(ctx, bus.ActiveKey(id), nil); err != nil {
			return r, fmt.Errorf("mark run %s: %w", id, err)
		}
		r.revision, err = s.kv.Create(ctx, bus.RunKey(id), document)
	} else {
		r.revision, err = s.kv.Update(ctx, bus.RunKey(id), document, r.revision)
	}
	if err != nil {
		s.forget(id)
	}
	if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return r, fmt.Errorf("write run %s: %w", id, ErrConflict)
	}
	if err != nil {
		return r, fmt.Errorf("write run %s: %w", id, err)
	}
	s.remember(r)
	return r, nil
}

// marked reports whether a run is marked as active. That may be behind.
func (s *store) marked(ctx context.Context, id string) (bool, error) {
	_, err := s.kv.Get(ctx, bus.ActiveKey(id))
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read mark of run %s: %w", id, err)
	}
	return true, nil
}

// unmark removes the mark of a run that has ended.
func (s *store) unmark(ctx context.Context, id string) error {
	if err := s.kv.Delete(ctx, bus.ActiveKey(id)); err != nil {
		return fmt.Errorf("remove mark of run %s: %w", id, err)
	}
	return nil
}

// active returns the ids of the runs that are marked.
func (s *store) active(ctx context.Context) ([]string, error) {
	lister, err := s.kv.ListKeysFiltered(ctx, bus.ActiveKeys)
	if err != nil {
		return nil, fmt.Errorf("list active runs: %w", err)
	}
	var ids []string
	for key := range lister.Keys() {
		if id, ok := bus.ParseActiveKey(key); ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// document is the record in the contract's words.
func (r record) document() ([]byte, error) {
	data, err := wire.Encode(&provisov1.RunRecord{
		Run: saga.ToContract(r.run), Outbox: r.outbox, Applied: r.run.Applied, Traceparent: r.traceparent,
		Known: saga.AnswersToContract(r.run.Known), Audit: r.run.AuditHead, Suspected: r.run.Suspected,
		Recalled: r.recalled,
	})
	if err != nil {
		return nil, fmt.Errorf("encode run %s: %w", r.run.ID, err)
	}
	return data, nil
}
