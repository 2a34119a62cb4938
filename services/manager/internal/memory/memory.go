// Package memory decides what is remembered of a requester's dialogue: which runs, what of each, and how much.
//
// It owns the bounds and the order. It neither reads nor stores: memories are values. It holds no secret because nothing it is
// given does: texts are cleaned at the door, and an intent has no place for one.
package memory

import (
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/manager/internal/saga"
)

const (
	// MaxRuns is how many runs are remembered.
	MaxRuns = 8
	// MaxText is how much of a request's words is remembered, in characters.
	MaxText = 1024
	// MaxGuests is how many guests of a run are remembered, as the contract allows.
	MaxGuests = 1000
	// MaxBytes bounds a memory on the bus.
	MaxBytes = 64 << 10
)

// Of is what is remembered of a run; nil: nothing. A later request can refer to what was delivered, and to what was understood
// and could not be done, but not to what was never an intent.
func Of(run saga.Run) *provisov1.RememberedRun {
	if run.Intent == nil || run.State != saga.Delivered && run.State != saga.Refused {
		return nil
	}
	var guests []string
	for _, p := range run.Placement {
		if name := p.GetGuest(); len(guests) < MaxGuests && !slices.Contains(guests, name) {
			guests = append(guests, name)
		}
	}
	return &provisov1.RememberedRun{
		RunId: run.ID, Text: clip(run.Text), Intent: values(run.Intent), Guests: guests, EndedAt: timestamppb.New(run.UpdatedAt),
	}
}

// values is an intent without what is about the words that it came from.
func values(intent *provisov1.ProvisionIntent) *provisov1.ProvisionIntent {
	i := proto.CloneOf(intent)
	i.Facts, i.NotUnderstood, i.Confirmed = nil, nil, nil
	return i
}

func clip(text string) string {
	if r := []rune(text); len(r) > MaxText {
		return string(r[:MaxText])
	}
	return text
}

// Add returns a memory with one more run, within the bounds, and its bytes on the bus. A run that is in it already changes
// nothing, and the order is that of their ends, not of their arrival: a run that comes late, or again after it was forgotten for
// being old, does not push out a newer one. The memory it is given may be nil and is not changed.
func Add(m *provisov1.SessionMemory, r *provisov1.RememberedRun) (*provisov1.SessionMemory, []byte, error) {
	runs := slices.Clone(m.GetRuns())
	if !slices.ContainsFunc(runs, func(known *provisov1.RememberedRun) bool { return known.GetRunId() == r.GetRunId() }) {
		runs = append(runs, r)
	}
	slices.SortStableFunc(runs, func(a, b *provisov1.RememberedRun) int {
		return a.GetEndedAt().AsTime().Compare(b.GetEndedAt().AsTime())
	})
	runs = runs[max(0, len(runs)-MaxRuns):]
	for {
		out := &provisov1.SessionMemory{Runs: runs}
		data, err := wire.Encode(out)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case len(data) <= MaxBytes:
			return out, data, nil
		case len(runs) > 1:
			runs = runs[1:]
		default: // one run alone is too large: what can be said of it in short
			last := runs[0]
			runs = []*provisov1.RememberedRun{{RunId: last.GetRunId(), Text: last.GetText(), EndedAt: last.GetEndedAt()}}
		}
	}
}

// Only is the part of a memory that is about these runs; nil: nothing.
func Only(m *provisov1.SessionMemory, ids []string) *provisov1.SessionMemory {
	var runs []*provisov1.RememberedRun
	for _, r := range m.GetRuns() {
		if slices.Contains(ids, r.GetRunId()) {
			runs = append(runs, r)
		}
	}
	if len(runs) == 0 {
		return nil
	}
	return &provisov1.SessionMemory{Runs: runs}
}

// IDs are the runs of a memory.
func IDs(m *provisov1.SessionMemory) []string {
	var ids []string
	for _, r := range m.GetRuns() {
		ids = append(ids, r.GetRunId())
	}
	return ids
}
