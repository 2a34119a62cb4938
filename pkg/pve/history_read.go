package pve

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A HistoryRequest names what history is wanted of. Its zero value asks for nothing.
type HistoryRequest struct {
	Timeframe Timeframe // required
	Nodes     []string
	Guests    []GuestRef
	Storages  []StorageRef
	// Metrics are those to keep; nil: all.
	Metrics []Metric
}

// StorageRefs names the active storages that are meant for a history: one that nodes have for themselves on each of them, a shared one
// once, as the first node sees it that reaches it.
func (s *Snapshot) StorageRefs(meant func(Storage) bool) []StorageRef {
	var refs []StorageRef
	shared := make(map[string]bool)
	for _, st := range s.Storages {
		if st.Active && meant(st) && !shared[st.Name] {
			shared[st.Name] = st.Shared
			refs = append(refs, StorageRef{Node: st.Node, Name: st.Name})
		}
	}
	return refs
}

// FinestTimeframe is the one of a release with steps short enough to tell the hours of a day apart and the longest span: 30 days by
// half hours from release 9 on, nine days by three hours before.
func FinestTimeframe(major int) Timeframe {
	if major >= 9 {
		return TimeframeMonth
	}
	return TimeframeWeek
}

// A GuestRef names a guest and where it is.
type GuestRef struct {
	Node string
	Kind GuestKind
	VMID int
}

// A StorageRef names a storage as one node sees it.
type StorageRef struct {
	Node, Name string
}

// NodeHistory reads what was measured of a node. A node that is offline has a history too: every node keeps that of all. The
// error is ErrTimeframe, or what the request failed with.
func (r *Reader) NodeHistory(ctx context.Context, node string, timeframe Timeframe) (Series, error) {
	return r.history(ctx, "/nodes/"+url.PathEscape(node), timeframe)
}

// GuestHistory reads what was measured of a guest. The error is as for NodeHistory.
func (r *Reader) GuestHistory(ctx context.Context, node string, kind GuestKind, vmid int, timeframe Timeframe) (Series, error) {
	if kind != KindVM && kind != KindContainer {
		return Series{}, fmt.Errorf("read history of guest %d: unknown kind %q", vmid, kind)
	}
	s, err := r.history(ctx, fmt.Sprintf("/nodes/%s/%s/%d", url.PathEscape(node), kind, vmid), timeframe)
	if kind == KindVM {
		s = s.without(MetricDiskUsed) // always 0: Proxmox VE does not look into a machine's disks
	}
	return s, err
}

// StorageHistory reads the space of a storage. The error is as for NodeHistory.
func (r *Reader) StorageHistory(ctx context.Context, node, storage string, timeframe Timeframe) (Series, error) {
	return r.history(ctx, "/nodes/"+url.PathEscape(node)+"/storage/"+url.PathEscape(storage), timeframe)
}

var timeframes = []Timeframe{TimeframeHour, TimeframeDay, TimeframeWeek, TimeframeMonth, TimeframeYear, TimeframeDecade}

func (r *Reader) history(ctx context.Context, of string, timeframe Timeframe) (Series, error) {
	if !slices.Contains(timeframes, timeframe) {
		return Series{}, fmt.Errorf("read history of %s: %w: %q", of, ErrTimeframe, timeframe)
	}
	rows, err := list[historyRow](ctx, r, of+"/rrddata?timeframe="+string(timeframe)+"&cf=AVERAGE")
	if err != nil {
		return Series{}, fmt.Errorf("read history: %w", err)
	}
	s, err := seriesOf(rows)
	if err != nil {
		return Series{}, fmt.Errorf("read history of %s: %w", of, err)
	}
	return s, nil
}

// historyWorkers is how many requests for history wait or are under way at once: one takes about two seconds on a busy cluster,
// and the snapshot of somebody else must find a slot between them.
const historyWorkers = 4

// History reads what was measured of what the request names, several at once. What could not be read is named in Unknown. The
// error is ErrTimeframe, ErrCredentials, or the end of the context.
func (r *Reader) History(ctx context.Context, request HistoryRequest) (*History, error) {
	h := &History{
		Cluster: r.cluster, TakenAt: r.now().UTC().Truncate(time.Millisecond), Timeframe: request.Timeframe,
		Nodes: map[string]Series{}, Guests: map[int]Series{}, Storages: map[string]Series{}, Unknown: []UnknownRef{},
	}
	if !slices.Contains(timeframes, request.Timeframe) {
		return nil, fmt.Errorf("read history: %w: %q", ErrTimeframe, request.Timeframe)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex // guards h
		jobs = make(chan func())
	)
	for range historyWorkers {
		wg.Go(func() {
			for job := range jobs {
				job()
			}
		})
	}
	ask := func(what string, read func() (Series, error), keep func(Series)) {
		job := func() {
			s, err := read()
			if request.Metrics != nil {
				s = s.only(request.Metrics)
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, ErrCredentials):
				stop(err)
			case err != nil:
				h.Unknown = append(h.Unknown, UnknownRef{What: what, Reason: reasonOf(err)})
			default:
				keep(s)
			}
		}
		select {
		case jobs <- job:
		case <-ctx.Done():
		}
	}
	for _, node := range request.Nodes {
		ask("history of "+node, func() (Series, error) { return r.NodeHistory(ctx, node, request.Timeframe) }, func(s Series) { h.Nodes[node] = s })
	}
	for _, g := range request.Guests {
		ask(fmt.Sprintf("history of guest %d", g.VMID), func() (Series, error) { return r.GuestHistory(ctx, g.Node, g.Kind, g.VMID, request.Timeframe) },
			func(s Series) { h.Guests[g.VMID] = s })
	}
	for _, st := range request.Storages {
		ask("history of "+st.Name+" on "+st.Node, func() (Series, error) { return r.StorageHistory(ctx, st.Node, st.Name, request.Timeframe) },
			func(s Series) { h.Storages[StorageKey(st.Node, st.Name)] = s })
	}
	close(jobs)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read history: %w", context.Cause(ctx))
	}
	slices.SortFunc(h.Unknown, func(a, b UnknownRef) int { return strings.Compare(a.What, b.What) })
	return h, nil
}

// reasonOf says why something could not be read.
func reasonOf(err error) string {
	var (
		status *StatusError
		away   *UnreachableError
	)
	switch {
	case errors.Is(err, ErrDenied):
		return reasonDenied
	case errors.As(err, &status) && status.nodeDown():
		return reasonNoNode
	case errors.As(err, &away) && away.Reach == ReachTimeout:
		return reasonLate
	}
	return err.Error()
}
