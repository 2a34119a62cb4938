package collector

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/llm"
)

// answers keeps what models answered on the bus, so that a step which another process takes up, or a later step of the
// dialogue, does not pay again; and in memory, for when the bus does not answer. It never fails: what is lost is paid again.
type answers struct {
	kv    jetstream.KeyValue
	local *llm.Memory
	log   *slog.Logger
}

var _ llm.Store = (*answers)(nil)

// answersPatience bounds one reading or writing.
const answersPatience = 2 * time.Second

// Get returns what is kept under key.
func (a *answers) Get(ctx context.Context, key string) (llm.Stored, bool) {
	if s, ok := a.local.Get(ctx, key); ok {
		return s, true
	}
	ctx, cancel := context.WithTimeout(ctx, answersPatience)
	defer cancel()
	entry, err := a.kv.Get(ctx, key)
	if err != nil {
		if !errors.Is(err, jetstream.ErrKeyNotFound) {
			a.log.Warn("stored answer of a model was not read", "error", err)
		}
		return llm.Stored{}, false
	}
	var s llm.Stored
	if err := json.Unmarshal(entry.Value(), &s); err != nil {
		a.log.Warn("stored answer of a model is broken", "error", err)
		return llm.Stored{}, false
	}
	return s, true
}

// Put keeps s under key.
func (a *answers) Put(ctx context.Context, key string, s llm.Stored) {
	a.local.Put(ctx, key, s)
	data, err := json.Marshal(s)
	if err != nil {
		a.log.Warn("answer of a model was not stored", "error", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answersPatience)
	defer cancel()
	if _, err := a.kv.Put(ctx, key, data); err != nil {
		a.log.Warn("answer of a model was not stored", "error", err)
	}
}
