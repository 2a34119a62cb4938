package reservation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A Ledger keeps promises in a bucket. It is safe for concurrent use, by any number of ledgers on the same bucket.
type Ledger struct {
	kv     jetstream.KeyValue
	policy Policy
	ttl    time.Duration
	now    func() time.Time

	mu    sync.Mutex
	books map[string]*book // guarded by mu, by cluster
}

// A record is the value of a key.
type record struct {
	Run   string `json:"run"`
	Guest string `json:"guest"`
	VMID  int    `json:"vm_id"`
	Name  string `json:"name,omitempty"` // of the key of a name, as it was given
}

// New returns the ledger on a bucket, whose age limit is the life of a promise.
func New(ctx context.Context, kv jetstream.KeyValue, policy Policy, now func() time.Time) (*Ledger, error) {
	status, err := kv.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read status of bucket: %w", err)
	}
	ttl := status.TTL()
	if ttl <= 0 {
		ttl = 100 * 365 * 24 * time.Hour // promises that never end by themselves
	}
	return &Ledger{kv: kv, policy: policy, ttl: ttl, now: now, books: make(map[string]*book)}, nil
}

// Reserve promises an id and a name to each want, in order. The error is a *NameError or an *IDError when something that was
// demanded is taken; then nothing new stays promised. After any other error what was promised stays, and the next attempt
// of the run finds it.
func (l *Ledger) Reserve(ctx context.Context, req Request) ([]Grant, error) {
	b, err := l.book(ctx, req.Cluster)
	if err != nil {
		return nil, err
	}
	t := &transaction{Ledger: l, book: b, req: req, taken: make(map[string]bool, len(req.Wants))}
	if req.Again {
		if t.before, err = l.promises(ctx, req); err != nil {
			return nil, err
		}
	}
	for _, p := range t.before {
		t.taken[nameKey(req.Cluster, p.Name)] = true
	}
	grants := make([]Grant, len(req.Wants))
	for i, w := range req.Wants {
		if grants[i], err = t.reserve(ctx, w); err != nil {
			if refused(err) {
				t.undo(ctx)
			}
			return nil, fmt.Errorf("reserve %s: %w", w.Guest, err)
		}
		t.taken[nameKey(req.Cluster, grants[i].Name)] = true
	}
	return grants, nil
}

// promises returns what the run was given before, by guest. It reads every name of the cluster.
func (l *Ledger) promises(ctx context.Context, req Request) (map[string]record, error) {
	own := make(map[string]record)
	err := l.each(ctx, namePrefix(req.Cluster)+"*", func(_ string, r record) {
		if r.Run == req.Run {
			own[r.Guest] = r
		}
	})
	return own, err
}

// each calls visit with every promise under the keys that match.
func (l *Ledger) each(ctx context.Context, keys string, visit func(key string, r record)) error {
	w, err := l.kv.Watch(ctx, keys, jetstream.IgnoreDeletes())
	if err != nil {
		return fmt.Errorf("read reservations: %w", err)
	}
	defer func() { _ = w.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("read reservations: %w", context.Cause(ctx))
		case entry := <-w.Updates():
			if entry == nil { // all that is there has been seen
				return nil
			}
			var r record
			if json.Unmarshal(entry.Value(), &r) == nil {
				visit(entry.Key(), r)
			}
		}
	}
}

// Release ends all promises to a run. It reads the whole bucket.
func (l *Ledger) Release(ctx context.Context, run string) error {
	var keys []string
	err := l.each(ctx, ">", func(key string, r record) {
		if r.Run == run {
			keys = append(keys, key)
		}
	})
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := l.kv.Delete(ctx, key); err != nil {
			return fmt.Errorf("release %s: %w", key, err)
		}
		l.forget(key)
	}
	return nil
}

func (l *Ledger) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for cluster, b := range l.books {
		if id, ok := parseIDKey(cluster, key); ok {
			b.forget(id)
		}
		b.forgetName(key)
	}
}

// book returns what is remembered of a cluster, and reads the promised ids once.
func (l *Ledger) book(ctx context.Context, cluster string) (*book, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.books[cluster]
	if ok {
		return b, nil
	}
	b = newBook(l.ttl, l.now)
	keys, err := l.kv.ListKeysFiltered(ctx, idPrefix(cluster)+"*")
	if err != nil {
		return nil, fmt.Errorf("list reservations: %w", err)
	}
	for key := range keys.Keys() {
		if id, ok := parseIDKey(cluster, key); ok {
			b.note(id)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list reservations: %w", err)
	}
	l.books[cluster] = b
	return b, nil
}

// A transaction is one call of Reserve.
type transaction struct {
	*Ledger
	book   *book
	req    Request
	before map[string]record // what the run was given before, by guest
	taken  map[string]bool   // names of machines of this run, by key
	made   []string          // keys that this call created
}

// reserve gives a machine what it was given before; else an id and the first name that is free.
func (t *transaction) reserve(ctx context.Context, w Want) (Grant, error) {
	if r, ok := t.before[w.Guest]; ok {
		return t.renew(ctx, w, r)
	}
	id, err := t.reserveID(ctx, w)
	if err != nil {
		return Grant{}, err
	}
	for n := 1; ; n++ {
		name := w.Name
		if !w.Fixed {
			n, name = t.book.claimName(t.req, w, n, t.taken)
		} else if t.req.InUse.names[strings.ToLower(name)] || t.taken[nameKey(t.req.Cluster, name)] {
			return Grant{}, &NameError{Name: name}
		}
		key := nameKey(t.req.Cluster, name)
		err := t.create(ctx, key, record{t.req.Run, w.Guest, id, name})
		if err == nil {
			return Grant{VMID: id, Name: name}, nil
		}
		if !errors.Is(err, jetstream.ErrKeyExists) {
			t.book.forgetName(key)
			return Grant{}, err
		}
		r, err := t.holder(ctx, key)
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound): // it ended in between: the same name again
			n--
		case err != nil:
			return Grant{}, err
		case r.Run == t.req.Run && r.Guest == w.Guest: // another delivery of the same work was faster
			t.returnID(ctx, id, r.VMID)
			return Grant{VMID: r.VMID, Name: r.Name}, nil
		case w.Fixed:
			return Grant{}, &NameError{Name: name, Run: r.Run}
		default:
			t.book.noteName(key, r.Run)
		}
	}
}

// renew gives a machine what it was given before; an id that somebody has used past Proviso since is replaced.
func (t *transaction) renew(ctx context.Context, w Want, r record) (Grant, error) {
	if !t.req.InUse.ids[r.VMID] {
		return Grant{VMID: r.VMID, Name: r.Name}, nil
	}
	id, err := t.reserveID(ctx, w)
	if err != nil {
		return Grant{}, err
	}
	r.VMID = id
	value, err := json.Marshal(r)
	if err != nil {
		return Grant{}, fmt.Errorf("encode reservation: %w", err)
	}
	if _, err := t.kv.Put(ctx, nameKey(t.req.Cluster, r.Name), value); err != nil {
		return Grant{}, fmt.Errorf("renew %s: %w", r.Name, err)
	}
	return Grant{VMID: id, Name: r.Name}, nil
}

// reserveID promises the id that is demanded, or the next.
func (t *transaction) reserveID(ctx context.Context, w Want) (int, error) {
	for {
		id := w.VMID
		if id == 0 {
			var err error
			if id, err = t.book.next(t.policy, t.req.InUse); err != nil {
				return 0, err
			}
		}
		key := idKey(t.req.Cluster, id)
		err := t.create(ctx, key, record{Run: t.req.Run, Guest: w.Guest, VMID: id})
		switch {
		case err == nil:
			t.book.note(id)
			return id, nil
		case !errors.Is(err, jetstream.ErrKeyExists):
			t.book.forget(id)
			return 0, err
		case w.VMID == 0:
			continue // the book has noted it
		}
		switch holder, err := t.holder(ctx, key); {
		case errors.Is(err, jetstream.ErrKeyNotFound):
			continue // it ended in between
		case err != nil:
			return 0, err
		case holder.Run == t.req.Run && holder.Guest == w.Guest:
			return id, nil
		default:
			return 0, &IDError{VMID: id, Run: holder.Run}
		}
	}
}

// returnID gives an id back that turned out not to be needed.
func (t *transaction) returnID(ctx context.Context, id, kept int) {
	if id != 0 && id != kept {
		t.remove(ctx, idKey(t.req.Cluster, id))
	}
}

func (t *transaction) create(ctx context.Context, key string, r record) error {
	value, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode reservation: %w", err)
	}
	if _, err := t.kv.Create(ctx, key, value); err != nil {
		return fmt.Errorf("create %s: %w", key, err)
	}
	t.made = append(t.made, key)
	return nil
}

func (t *transaction) holder(ctx context.Context, key string) (record, error) {
	entry, err := t.kv.Get(ctx, key)
	if err != nil {
		return record{}, fmt.Errorf("read %s: %w", key, err)
	}
	var r record
	if err := json.Unmarshal(entry.Value(), &r); err != nil {
		return record{}, fmt.Errorf("decode %s: %w", key, err)
	}
	return r, nil
}

// undo takes back what this call promised. What cannot be taken back ends with its age.
func (t *transaction) undo(ctx context.Context) {
	for _, key := range t.made {
		t.remove(ctx, key)
	}
}

func (t *transaction) remove(ctx context.Context, key string) {
	if t.kv.Delete(ctx, key) != nil {
		return
	}
	if id, ok := parseIDKey(t.req.Cluster, key); ok {
		t.book.forget(id)
	}
	t.book.forgetName(key)
}

// refused reports whether the error is about a demand and not about the bucket.
func refused(err error) bool {
	var name *NameError
	var id *IDError
	return errors.As(err, &name) || errors.As(err, &id) || errors.Is(err, ErrNoFreeID)
}
