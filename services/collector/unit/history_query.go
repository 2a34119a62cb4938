package collector

import (
	"context"
	"fmt"
	"slices"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/platform"
)

// Codes of questions for history that have no answer.
const (
	historyNoCluster   = "cluster_unknown"
	historyUnreachable = "platform_unreachable"
	historyNotThere    = "not_found"
	historyNone        = "no_history"
)

// historyQuery answers where the history of what is asked for is stored. It is read now.
func (w *worker) historyQuery() agent.Query {
	return agent.NewQuery(bus.VerbHistory, func(ctx context.Context, r *provisov1.HistoryRequest) (*provisov1.HistoryResponse, error) {
		c := w.cluster(&provisov1.Target{Platform: platform.Proxmox, Cluster: &r.Cluster})
		if c == nil {
			return nil, &agent.QueryError{Code: historyNoCluster, Message: fmt.Sprintf("there is no cluster %q", r.GetCluster())}
		}
		s, err := c.get(ctx)
		if err != nil {
			return nil, &agent.QueryError{Code: historyUnreachable, Message: "the cluster could not be read: " + codeOf(err, "unreachable")}
		}
		h, err := c.measured(ctx, s.snapshot, r)
		if err != nil {
			return nil, err
		}
		out := &provisov1.HistoryResponse{}
		if out.Snapshot, err = s.reference(ctx, w.put); err != nil {
			return nil, err
		}
		if out.History, err = storeHistory(ctx, h, w.put); err != nil {
			return nil, err
		}
		return out, nil
	})
}

// measured reads the history of what a question names.
func (c *cluster) measured(ctx context.Context, s *pve.Snapshot, r *provisov1.HistoryRequest) (*pve.History, error) {
	source, ok := c.source.(historian)
	if !ok {
		return nil, &agent.QueryError{Code: historyNone, Message: "what reads this cluster keeps no history"}
	}
	want, err := wanted(s, r)
	if err != nil {
		return nil, err
	}
	h, err := source.History(ctx, want)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read history: %w", err)
	case h == nil:
		return nil, &agent.QueryError{Code: historyNone, Message: "what reads this cluster keeps no history"}
	}
	return h, nil
}

// wanted is what a question names, found in the snapshot.
func wanted(s *pve.Snapshot, r *provisov1.HistoryRequest) (pve.HistoryRequest, error) {
	want := pve.HistoryRequest{Timeframe: pve.FinestTimeframe(s.Major())}
	for _, name := range r.GetNodes() {
		if name == "*" {
			for _, n := range s.Nodes {
				want.Nodes = append(want.Nodes, n.Name)
			}
			continue
		}
		if _, ok := s.Node(name); !ok {
			return want, &agent.QueryError{Code: historyNotThere, Message: fmt.Sprintf("there is no node %q", name)}
		}
		want.Nodes = append(want.Nodes, name)
	}
	for _, id := range r.GetVmIds() {
		g, ok := s.Guest(int(id))
		if !ok {
			return want, &agent.QueryError{Code: historyNotThere, Message: fmt.Sprintf("there is no guest %d", id)}
		}
		want.Guests = append(want.Guests, pve.GuestRef{Node: g.Node, Kind: g.Kind, VMID: g.VMID})
	}
	for _, name := range r.GetStorages() {
		refs := s.StorageRefs(func(st pve.Storage) bool { return st.Name == name })
		want.Storages = append(want.Storages, refs...)
		if len(refs) == 0 {
			return want, &agent.QueryError{Code: historyNotThere, Message: fmt.Sprintf("there is no storage %q that a node reaches", name)}
		}
	}
	slices.Sort(want.Nodes)
	want.Nodes = slices.Compact(want.Nodes)
	return want, nil
}
