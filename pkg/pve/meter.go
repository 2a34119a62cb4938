package pve

import (
	"context"
	"sync/atomic"
)

// A Meter counts what is sent and received under one context, all attempts. It is safe for concurrent use.
type Meter struct {
	requests, bytes, rows atomic.Int64
}

// Requests that were sent.
func (m *Meter) Requests() int { return int(m.requests.Load()) }

// Bytes of the answers, uncompressed.
func (m *Meter) Bytes() int64 { return m.bytes.Load() }

// Rows of the list of resources that were new or changed.
func (m *Meter) Rows() int { return int(m.rows.Load()) }

type meterKey struct{}

// WithMeter returns a context whose requests the meter counts.
func WithMeter(ctx context.Context) (context.Context, *Meter) {
	m := new(Meter)
	return context.WithValue(ctx, meterKey{}, m), m
}

// meterOf returns the meter of the reading that a request belongs to, or one that nobody looks at.
func meterOf(ctx context.Context) *Meter {
	if m, ok := ctx.Value(meterKey{}).(*Meter); ok {
		return m
	}
	return new(Meter)
}
