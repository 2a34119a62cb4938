package gateway

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// showForecast answers with how a figure of a node, a guest or a storage will go on.
func (d *door) showForecast(w http.ResponseWriter, r *http.Request) error {
	request, err := forecastRequest(r)
	if err != nil {
		return err
	}
	ctx, cancel := d.bounded(r.Context())
	defer cancel()
	answer, err := agent.Ask[*provisov1.ForecastResponse](ctx, d.env.NC, bus.RoleAnalyser, bus.VerbForecast, request)
	if err != nil {
		return forecastProblem(err, request)
	}
	body, err := wire.Encode(answer.GetForecast())
	if err != nil {
		return err
	}
	sendJSON(w, http.StatusOK, body)
	return nil
}

// forecastRequest reads what is asked for from the query.
func forecastRequest(r *http.Request) (*provisov1.ForecastRequest, error) {
	query := r.URL.Query()
	bad := func(name, example string) error {
		return &problem{code: codeBadParameter, args: []any{"name", name, "example", example}}
	}
	out := &provisov1.ForecastRequest{Cluster: query.Get("cluster"), Metric: query.Get("metric"), Language: negotiate(r.Header.Get("Accept-Language"), query.Get("language"))}
	targets := 0
	if node := query.Get("node"); node != "" {
		out.Target = &provisov1.ForecastRequest_Node{Node: node}
		targets++
	}
	if id := query.Get("vm_id"); id != "" {
		n, err := strconv.ParseInt(id, 10, 32)
		if err != nil {
			return nil, bad("vm_id", "104")
		}
		out.Target = &provisov1.ForecastRequest_VmId{VmId: int32(n)}
		targets++
	}
	if storage := query.Get("storage"); storage != "" {
		out.Target = &provisov1.ForecastRequest_Storage{Storage: storage}
		targets++
	}
	if targets != 1 {
		return nil, bad("node, vm_id, storage", "node=pve1")
	}
	if text := query.Get("horizon"); text != "" {
		horizon, err := time.ParseDuration(text)
		if err != nil || horizon < time.Minute {
			return nil, bad("horizon", "24h")
		}
		out.HorizonMinutes = int32(min(horizon/time.Minute, 1<<20))
	}
	if err := wire.Validate(out); err != nil {
		return nil, contractProblem(err, "")
	}
	return out, nil
}

// forecastProblem tells why there is no forecast: nobody could look, there is no such thing, or nothing is known of it.
func forecastProblem(err error, asked *provisov1.ForecastRequest) error {
	var told *agent.QueryError
	switch {
	case errors.Is(err, agent.ErrNobodyAnswers), errors.Is(err, context.DeadlineExceeded):
		return &problem{code: codeUnavailable, retryAfter: 2 * time.Second, cause: err}
	case !errors.As(err, &told):
		return err
	}
	switch told.Code {
	case "not_found":
		name := cmp.Or(asked.GetNode(), asked.GetStorage())
		if asked.GetVmId() != 0 {
			name = strconv.Itoa(int(asked.GetVmId()))
		}
		return &problem{code: codeNoSubject, args: []any{"name", name}, cause: err}
	case "cluster_unknown":
		return &problem{code: codeNoSubject, args: []any{"name", asked.GetCluster()}, cause: err}
	case "no_history", "history_stale", "not_measured":
		return &problem{code: codeNoForecast, args: []any{"reason", told.Message}, cause: err}
	case "platform_unreachable", "collector_unavailable":
		return &problem{code: codeNoCluster, args: []any{"reason", told.Message}, retryAfter: 5 * time.Second, cause: err}
	}
	return err
}
