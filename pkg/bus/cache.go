package bus

import (
	"container/list"
	"sync"
	"time"
)

// Cache keeps the bytes of artefacts, the least recently used going first. It is safe for concurrent use and may be shared by
// the units of one process.
type Cache struct {
	limit int

	mu      sync.Mutex // guards what follows
	size    int
	entries map[string]*list.Element // of *cached
	recent  *list.List               // front: most recently used
}

type cached struct {
	digest string
	data   []byte
	stored time.Time // when the store got it, as far as known
}

// NewCache returns a cache that holds up to limit bytes of artefacts; 0 holds nothing.
func NewCache(limit int) *Cache {
	return &Cache{limit: limit, entries: map[string]*list.Element{}, recent: list.New()}
}

func (c *Cache) get(digest string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[digest]
	if !ok {
		return nil, false
	}
	c.recent.MoveToFront(e)
	return e.Value.(*cached).data, true
}

// fresh reports whether an artefact is known to be in the store and will stay there for long.
func (c *Cache) fresh(digest string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[digest]
	if !ok || time.Since(e.Value.(*cached).stored) > renewAfter {
		return false
	}
	c.recent.MoveToFront(e)
	return true
}

func (c *Cache) add(digest string, data []byte, stored time.Time) {
	if len(data) > c.limit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[digest]; ok {
		c.recent.MoveToFront(e)
		e.Value.(*cached).stored = stored
		return
	}
	c.entries[digest] = c.recent.PushFront(&cached{digest: digest, data: data, stored: stored})
	c.size += len(data)
	for c.size > c.limit {
		oldest := c.recent.Back()
		gone := c.recent.Remove(oldest).(*cached)
		delete(c.entries, gone.digest)
		c.size -= len(gone.data)
	}
}
