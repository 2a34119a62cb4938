package collector

import (
	"context"
	"maps"
	"time"

	"proviso.dev/pkg/pve"

	"proviso.dev/services/collector/internal/inquiry"
	"proviso.dev/services/collector/internal/understand"
)

// evidenceMost bounds how long a question waits for what it needs beyond the snapshot: without it the answer says what is unknown.
const evidenceMost = 8 * time.Second

// inform gives a request what the answer to its question needs beyond the snapshot. A failure to read it is logged and ends nothing.
func (w *worker) inform(ctx context.Context, c *cluster, s *pve.Snapshot, req *understand.Request) {
	want := c.reasoner.Wants(*req, s)
	if want.None() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, evidenceMost)
	defer cancel()
	if want.Measured() {
		req.History = w.measuredFor(ctx, c, want)
	}
	if !want.Clusters {
		return
	}
	for _, other := range w.clusters {
		if other == c {
			req.Clusters = append(req.Clusters, s)
			continue
		}
		read, err := other.get(ctx)
		if err != nil {
			w.log.Warn("cluster was not read for a comparison", "cluster", other.name, "error", err)
			req.Unread = append(req.Unread, other.name)
			continue
		}
		req.Clusters = append(req.Clusters, read.snapshot)
	}
}

// measuredFor returns the history that a question wants: of nodes and storages what is kept where that is fine enough, the rest read
// now; nil when nothing could be read.
func (w *worker) measuredFor(ctx context.Context, c *cluster, want inquiry.Want) *pve.History {
	kept := c.past.kept()
	if !want.Fine && kept.holds(want.History) {
		want.History.Nodes, want.History.Storages = nil, nil
	} else {
		kept = nil
	}
	h, ok := c.source.(historian)
	if !want.Measured() || !ok {
		return kept.history()
	}
	read := w.readHistory(ctx, h, want.History)
	switch last := kept.history(); {
	case read == nil:
		return last
	case last != nil:
		read.Nodes, read.Storages = last.Nodes, last.Storages
	}
	return read
}

// batch is how many guests are asked for at once: what was read before the time is over counts, the rest is unknown.
const batch = 8

// readHistory reads what a request names, as much as there is time for; nil when that was nothing.
func (w *worker) readHistory(ctx context.Context, h historian, request pve.HistoryRequest) *pve.History {
	guests := request.Guests
	request.Guests = guests[:min(batch, len(guests))]
	var out *pve.History
	for done := 0; done == 0 || done < len(guests); done += batch {
		read, err := h.History(ctx, request)
		if err != nil {
			w.log.Warn("history was not read for a question", "nodes", len(request.Nodes), "guests", len(guests)-done, "storages", len(request.Storages), "error", err)
			return out
		}
		if read == nil {
			return out
		}
		if out == nil {
			out = read
		} else {
			maps.Copy(out.Guests, read.Guests)
			out.Unknown = append(out.Unknown, read.Unknown...)
		}
		next := min(done+batch, len(guests))
		request.Nodes, request.Storages, request.Guests = nil, nil, guests[next:min(next+batch, len(guests))]
	}
	return out
}

// keptHistory is the last history of a cluster's nodes and storages; nil: there is none yet.
type keptHistory pve.History

func (p *past) kept() *keptHistory {
	p.mu.Lock()
	defer p.mu.Unlock()
	return (*keptHistory)(p.last)
}

func (k *keptHistory) history() *pve.History { return (*pve.History)(k) }

// holds reports whether the nodes and storages of a request are there.
func (k *keptHistory) holds(r pve.HistoryRequest) bool {
	if k == nil {
		return false
	}
	for _, n := range r.Nodes {
		if _, ok := k.Nodes[n]; !ok {
			return false
		}
	}
	for _, st := range r.Storages {
		if _, ok := k.Storages[pve.StorageKey(st.Node, st.Name)]; !ok {
			return false
		}
	}
	return true
}
