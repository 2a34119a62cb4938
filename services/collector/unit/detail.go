package collector

import (
	"context"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/guard"
	"proviso.dev/services/collector/internal/understand"
)

// detailed returns the snapshot with the configurations of the guests that a request speaks of. Without them it can be understood
// too, by the figures of the overview: a failure to read them is logged and ends nothing.
//
// What in the text of these guests is suspicious is no value for another guest; the request says so to the understanding.
func (w *worker) detailed(ctx context.Context, c *cluster, s *state, req *understand.Request) *pve.Snapshot {
	vmids := c.reasoner.Mentioned(*req, s.snapshot)
	if len(vmids) == 0 {
		return s.snapshot
	}
	out := s.snapshot
	if reader, ok := c.source.(configReader); ok {
		read, err := reader.WithConfigs(ctx, s.snapshot, vmids)
		if err != nil {
			w.log.Warn("configurations were not read: understanding goes by the overview", "guests", len(vmids), "error", err)
		} else {
			out = read
		}
	}
	for _, id := range vmids {
		if g, ok := out.Guest(id); ok {
			req.AsideTags = append(req.AsideTags, guard.Tags(g)...)
		}
	}
	return out
}

// inspected returns what is suspicious in the text of a cluster. The text that all requests share is searched once; that of
// configurations belongs to one request.
func (w *worker) inspected(s *pve.Snapshot) []*provisov1.Suspicion {
	own := guard.Configs(s)
	last := w.seen.Load()
	if last == nil || last.snapshot != s && !last.shares(s) {
		last = &seen{snapshot: s, found: guard.Cluster(s)}
		w.seen.Store(last)
	}
	return append(own, last.found...)
}

// shares reports whether a snapshot is the one that was searched, with configurations added.
func (x *seen) shares(s *pve.Snapshot) bool {
	a, b := x.snapshot, s
	return len(a.Nodes) > 0 && len(b.Nodes) > 0 && &a.Nodes[0] == &b.Nodes[0] && len(a.Guests) == len(b.Guests)
}

// setAside marks in a request what is data and no request.
func setAside(req *understand.Request) {
	spans := func(text string) []understand.Aside {
		var out []understand.Aside
		for _, p := range guard.Passages(text) {
			out = append(out, understand.Aside{Start: p.Start, End: p.End, Kind: p.Kind})
		}
		return out
	}
	req.Aside = spans(req.Text)
	for i, t := range req.Turns {
		req.Turns[i].Aside = spans(t.Text)
	}
}
