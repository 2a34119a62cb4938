package analyser

import (
	"context"
	"errors"
	"fmt"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/outlook"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Codes of questions for a forecast that have no answer. Those of the collector are passed on: "not_found", "no_history",
// "cluster_unknown", "platform_unreachable".
const (
	forecastNotThere    = "not_found"
	forecastNoHistory   = "no_history"
	forecastStale       = "history_stale"
	forecastNotMeasured = "not_measured"
	forecastNoCollector = "collector_unavailable"
)

// A historyFunc asks for what was measured.
type historyFunc func(ctx context.Context, q *provisov1.HistoryRequest) (*provisov1.HistoryResponse, error)

// askHistory asks the collector, which alone talks to the cluster.
func askHistory(env *agent.Env) historyFunc {
	return func(ctx context.Context, q *provisov1.HistoryRequest) (*provisov1.HistoryResponse, error) {
		return agent.Ask[*provisov1.HistoryResponse](ctx, env.NC, bus.RoleCollector, bus.VerbHistory, q)
	}
}

// forecastQuery answers how a figure will go on.
func forecastQuery(fetch bus.FetchFn, history historyFunc, by forecast.Forecaster) agent.Query {
	return agent.NewQuery(bus.VerbForecast, func(ctx context.Context, r *provisov1.ForecastRequest) (*provisov1.ForecastResponse, error) {
		what, wanted := targetOf(r)
		answer, err := history(ctx, wanted)
		if errors.Is(err, agent.ErrNobodyAnswers) {
			return nil, &agent.QueryError{Code: forecastNoCollector, Message: "no collector answers, and it alone reads what was measured"}
		}
		if err != nil {
			return nil, err
		}
		s, h, err := fetched(ctx, fetch, answer)
		if err != nil {
			return nil, err
		}
		if what.Storage != "" {
			what.Node = fullest(s, what.Storage)
		}
		o, err := outlook.Of(s, h, outlook.Question{Subject: what, Metric: r.GetMetric(), Horizon: time.Duration(r.GetHorizonMinutes()) * time.Minute}, by)
		if err != nil {
			return nil, told(err, h)
		}
		return &provisov1.ForecastResponse{Forecast: o.Message(r.GetLanguage())}, nil
	})
}

// targetOf is what a request is about, and the history that is needed for it.
func targetOf(r *provisov1.ForecastRequest) (outlook.Subject, *provisov1.HistoryRequest) {
	q := &provisov1.HistoryRequest{Cluster: r.GetCluster()}
	switch target := r.GetTarget().(type) {
	case *provisov1.ForecastRequest_VmId:
		q.VmIds = []int32{target.VmId}
		return outlook.Subject{VMID: int(target.VmId)}, q
	case *provisov1.ForecastRequest_Storage:
		q.Storages = []string{target.Storage}
		return outlook.Subject{Storage: target.Storage}, q
	}
	q.Nodes = []string{r.GetNode()}
	return outlook.Subject{Node: r.GetNode()}, q
}

// fetched gets the snapshot and the history that an answer names.
func fetched(ctx context.Context, fetch bus.FetchFn, answer *provisov1.HistoryResponse) (*pve.Snapshot, *pve.History, error) {
	data, err := fetch(ctx, answer.GetSnapshot())
	if err != nil {
		return nil, nil, fmt.Errorf("get snapshot: %w", err)
	}
	s, err := pve.DecodeSnapshot(data)
	if err != nil {
		return nil, nil, err
	}
	if data, err = fetch(ctx, answer.GetHistory()); err != nil {
		return nil, nil, fmt.Errorf("get history: %w", err)
	}
	h, err := pve.DecodeHistory(data)
	return s, h, err
}

// fullest is the node on which a storage that every node has for itself is fullest; empty for a shared one.
func fullest(s *pve.Snapshot, storage string) string {
	node, most := "", -1.0
	for _, st := range s.Storages {
		if st.Name != storage || !st.Active || st.TotalBytes <= 0 {
			continue
		}
		if st.Shared {
			return ""
		}
		if share := float64(st.UsedBytes) / float64(st.TotalBytes); share > most {
			node, most = st.Node, share
		}
	}
	return node
}

// told makes what a question cannot be answered for an error that says so.
func told(err error, h *pve.History) error {
	for code, cause := range map[string]error{
		forecastNotThere: outlook.ErrNotThere, forecastNotMeasured: outlook.ErrMetric, forecastNoHistory: outlook.ErrNotRead, forecastStale: outlook.ErrStale,
	} {
		if errors.Is(err, cause) {
			message := err.Error()
			if code == forecastNoHistory && len(h.Unknown) > 0 {
				message += ": " + h.Unknown[0].Reason
			}
			return &agent.QueryError{Code: code, Message: message}
		}
	}
	return err
}
