package pve

import (
	"context"
	"sync/atomic"
)

// A meter counts what one reading sends and receives, all attempts.
type meter struct {
	requests atomic.Int64
	bytes    atomic.Int64 // of answers, uncompressed
	rows     atomic.Int64 // of the list of resources that had to be read, being new or changed
}

type meterKey struct{}

func withMeter(ctx context.Context) (context.Context, *meter) {
	m := new(meter)
	return context.WithValue(ctx, meterKey{}, m), m
}

// meterOf returns the meter of the reading that a request belongs to, or one that nobody looks at.
func meterOf(ctx context.Context) *meter {
	if m, ok := ctx.Value(meterKey{}).(*meter); ok {
		return m
	}
	return new(meter)
}
