package llm

import (
	"context"
	"sync"
	"time"
)

// Stored is the outcome of one question, kept so that work which is delivered again does not pay again.
type Stored struct {
	Run    string `json:"run"`              // which paid for it
	Text   string `json:"text"`             // the answer; empty when the models went out over it
	Reason Reason `json:"reason,omitempty"` // why they are out; empty: they are not
	Model  string `json:"model,omitempty"`  // which answered
	Calls  int32  `json:"calls"`            // what the run had spent with it
	Input  int32  `json:"input"`
	Output int32  `json:"output"`
}

// Store keeps outcomes by the digest of their question. What it cannot keep or find is paid again: it returns no errors.
type Store interface {
	Get(ctx context.Context, key string) (Stored, bool)
	Put(ctx context.Context, key string, s Stored)
}

// Memory is a [Store] of this process: it forgets after an hour, and the oldest first when it is full.
type Memory struct {
	now func() time.Time

	mu      sync.Mutex // guards the fields below
	entries map[string]remembered
	order   []string
}

type remembered struct {
	Stored

	at time.Time
}

const (
	memoryMost = 1024
	memoryAge  = time.Hour
)

var _ Store = (*Memory)(nil)

// NewMemory returns an empty store; now is time.Now or a test's.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, entries: map[string]remembered{}}
}

// Get returns what is kept under key.
func (m *Memory) Get(_ context.Context, key string) (Stored, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key]
	if !ok || m.now().Sub(e.at) > memoryAge {
		return Stored{}, false
	}
	return e.Stored, true
}

// Put keeps s under key.
func (m *Memory) Put(_ context.Context, key string, s Stored) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, known := m.entries[key]; !known {
		m.order = append(m.order, key)
	}
	m.entries[key] = remembered{s, m.now()}
	if len(m.order) > memoryMost {
		delete(m.entries, m.order[0])
		m.order = append([]string(nil), m.order[1:]...)
	}
}
