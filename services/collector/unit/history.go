package collector

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const (
	// historyEvery is how often the history of nodes is read: its points are half an hour apart at least.
	historyEvery = 10 * time.Minute
	// historyFirst is how long after a start it is read first, so that it does not stand in the way of the first run.
	historyFirst = 2 * time.Second
	// historyMost bounds one reading: a request for history takes seconds on a busy cluster.
	historyMost = 2 * time.Minute
	// guestHistoryMost bounds how long a run waits for the history of the guests that it changes.
	guestHistoryMost = 5 * time.Second
)

// historian reads what was measured in the past. A reader of Proxmox VE can; a test's snapshot function cannot.
type historian interface {
	History(ctx context.Context, request pve.HistoryRequest) (*pve.History, error)
}

var (
	_ historian = (*pve.Follower)(nil)
	_ historian = adapter{}
)

// History asks what the adapter reads with, if that can be asked; else there is none.
func (a adapter) History(ctx context.Context, request pve.HistoryRequest) (*pve.History, error) {
	h, ok := a.Snapshots.(historian)
	if !ok {
		return nil, nil //nolint:nilnil // no history is no failure
	}
	return h.History(ctx, request)
}

// past keeps the last history of a cluster's nodes and storages. It is read beside the runs: none waits for it.
type past struct {
	mu   sync.Mutex           // guards what follows
	last *pve.History         // nil: not read yet
	ref  *provisov1.Reference // of last; nil until a run asked for it
}

func (p *past) set(h *pve.History) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last, p.ref = h, nil
}

// get returns the last history and where it is stored; nil when there is none yet.
func (p *past) get(ctx context.Context, put putFunc) (*pve.History, *provisov1.Reference, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil || p.ref != nil {
		return p.last, p.ref, nil
	}
	ref, err := storeHistory(ctx, p.last, put)
	if err != nil {
		return nil, nil, err
	}
	p.ref = ref
	return p.last, ref, nil
}

func storeHistory(ctx context.Context, h *pve.History, put putFunc) (*provisov1.Reference, error) {
	data, err := h.Encode()
	if err != nil {
		return nil, err
	}
	ref, err := put(ctx, snapshotMediaType, data)
	if err != nil {
		return nil, fmt.Errorf("store history: %w", err)
	}
	return ref, nil
}

// remember reads the history of each cluster's nodes and storages now and then until ctx ends.
func (w *worker) remember(ctx context.Context, log *slog.Logger) {
	for _, c := range w.clusters {
		h, ok := c.source.(historian)
		if !ok {
			continue
		}
		go func() {
			wait := time.NewTimer(historyFirst)
			defer wait.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-wait.C:
				}
				if err := c.readPast(ctx, h); err != nil && ctx.Err() == nil {
					log.Warn("history of nodes was not read", "cluster", c.name, "error", err)
				}
				wait.Reset(historyEvery)
			}
		}()
	}
}

// keptMetrics are those of the history that is kept: what a diagnosis and a forecast of nodes and storages need.
func keptMetrics() []pve.Metric {
	return []pve.Metric{
		pve.MetricCPU, pve.MetricIOWait, pve.MetricMemoryUsed, pve.MetricMemoryTotal, pve.MetricNetIn, pve.MetricNetOut,
		pve.MetricDiskUsed, pve.MetricDiskTotal,
	}
}

// readPast reads the history of a cluster's nodes and storages.
func (c *cluster) readPast(ctx context.Context, h historian) error {
	ctx, cancel := context.WithTimeout(ctx, historyMost)
	defer cancel()
	s, err := c.get(ctx)
	if err != nil {
		return err
	}
	request := pve.HistoryRequest{
		Timeframe: pve.FinestTimeframe(s.snapshot.Major()), Storages: s.snapshot.StorageRefs(pve.Storage.Fills), Metrics: keptMetrics(),
	}
	for _, n := range s.snapshot.Nodes {
		request.Nodes = append(request.Nodes, n.Name)
	}
	read, err := h.History(ctx, request)
	if err == nil && read != nil {
		c.past.set(read)
	}
	return err
}

// history is where the history that a run may need is stored: that of the nodes, and of the guests that the intent changes, which
// are read now. It is nil while none was read; nothing waits for that of nodes.
func (w *worker) history(ctx context.Context, c *cluster, s *pve.Snapshot, in *provisov1.ProvisionIntent) (*provisov1.Reference, error) {
	nodes, ref, err := c.past.get(ctx, w.put)
	if err != nil {
		return nil, err
	}
	request := pve.HistoryRequest{Timeframe: pve.FinestTimeframe(s.Major())}
	for _, id := range named(s, &provisov1.ProvisionIntent{Changes: in.GetChanges()}) {
		if g, ok := s.Guest(id); ok {
			request.Guests = append(request.Guests, pve.GuestRef{Node: g.Node, Kind: g.Kind, VMID: g.VMID})
		}
	}
	h, ok := c.source.(historian)
	if len(request.Guests) == 0 || !ok {
		return ref, nil
	}
	limited, cancel := context.WithTimeout(ctx, guestHistoryMost)
	defer cancel()
	guests, err := h.History(limited, request)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("read history: %w", context.Cause(ctx))
	case err != nil || guests == nil: // what a change needs is known without
		if err != nil {
			w.log.Warn("history of guests was not read", "guests", len(request.Guests), "error", err)
		}
		return ref, nil
	case nodes != nil:
		guests.Nodes, guests.Storages = nodes.Nodes, nodes.Storages
		guests.Unknown = append(guests.Unknown, nodes.Unknown...)
	}
	return storeHistory(ctx, guests, w.put)
}
