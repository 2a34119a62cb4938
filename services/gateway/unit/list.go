package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
)

// runSummary is a run in a list.
type runSummary struct {
	RunID     string `json:"run_id"`
	State     string `json:"state"`
	Language  string `json:"language"`
	Text      string `json:"text"`
	CreatedAt string `json:"created_at"`
	UpdatedAt string `json:"updated_at"`
}

const (
	defaultRuns = 20
	maxRuns     = 100
)

// listRuns answers with the runs that changed last, newest first.
func (d *door) listRuns(w http.ResponseWriter, r *http.Request) error {
	limit := defaultRuns
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxRuns {
			return &problem{code: codeBadParameter, args: []any{"name", "limit", "example", strconv.Itoa(maxRuns)}}
		}
		limit = n
	}
	keys, err := d.newestRuns(r.Context(), limit)
	if err != nil {
		return err
	}
	list := struct {
		Runs []runSummary `json:"runs"`
	}{Runs: make([]runSummary, 0, len(keys))}
	for _, key := range keys {
		entry, err := d.runs.Get(r.Context(), key)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read run: %w", err)
		}
		v, err := viewOfRecord(entry.Value())
		if err != nil {
			return err
		}
		list.Runs = append(list.Runs, runSummary{
			RunID: v.run.GetRunId(), State: v.run.GetState(), Language: v.run.GetLanguage(), Text: v.run.GetText(),
			CreatedAt: stamp(v.run.GetCreatedAt()), UpdatedAt: stamp(v.run.GetUpdatedAt()),
		})
	}
	return respond(w, http.StatusOK, list)
}

// newestRuns returns the keys of the runs that changed last, newest first. It reads the keys of all runs, but no values.
func (d *door) newestRuns(ctx context.Context, limit int) ([]string, error) {
	watcher, err := d.runs.Watch(ctx, bus.RunKey("*"), jetstream.MetaOnly(), jetstream.IgnoreDeletes())
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	defer func() { _ = watcher.Stop() }()
	type stored struct {
		key      string
		revision uint64
	}
	var all []stored
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case entry, ok := <-watcher.Updates():
			if ok && entry != nil {
				all = append(all, stored{entry.Key(), entry.Revision()})
				continue
			}
		}
		break // nil: everything that is stored has been sent
	}
	sort.Slice(all, func(i, j int) bool { return all[i].revision > all[j].revision })
	keys := make([]string, 0, limit)
	for _, s := range all[:min(limit, len(all))] {
		keys = append(keys, s.key)
	}
	return keys, nil
}

func stamp(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().Format(time.RFC3339Nano)
}
