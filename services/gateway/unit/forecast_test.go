package gateway_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	provisov1 "proviso.dev/proto/proviso/v1"
	gateway "proviso.dev/services/gateway/unit"
)

// What a figure will do is asked of the analyser, which here says what the test wants; what it cannot tell becomes a problem.
func TestForecastRoute(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	get := func(query string) (int, string) {
		t.Helper()
		resp, err := http.Get(h.url + "/v1/forecast" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, body := get("?node=pmox01"); status != http.StatusServiceUnavailable || !strings.Contains(body, "bus_unavailable") {
		t.Errorf("without an analyser: %d %s", status, body)
	}
	env, err := agent.NewEnv(bus.RoleAnalyser, h.nc, agent.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var asked *provisov1.ForecastRequest
	answers := map[string]*agent.QueryError{
		"gone":  {Code: "not_found", Message: `there is no node "gone"`},
		"mute":  {Code: "no_history", Message: "cpu of node mute: no history was read"},
		"stale": {Code: "history_stale", Message: "the history ends too early"},
		"away":  {Code: "platform_unreachable", Message: "the cluster could not be read"},
	}
	stop, err := agent.ServeQueries(t.Context(), env, agent.NewQuery(bus.VerbForecast, func(_ context.Context, r *provisov1.ForecastRequest) (*provisov1.ForecastResponse, error) {
		asked = r
		if told := answers[r.GetNode()]; told != nil {
			return nil, told
		}
		return &provisov1.ForecastResponse{Forecast: &provisov1.Forecast{
			Subject: "node pmox01", Metric: "cpu", Unit: "fraction", Method: "mixture", Direction: "flat", Explanation: []string{"because"},
			Points: []*provisov1.ForecastPoint{{At: timestamppb.New(now), P05: 0.1, P50: 0.2, P95: 0.3}},
		}}, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	if err := h.nc.Flush(); err != nil {
		t.Fatal(err)
	}

	status, body := get("?node=pmox01&metric=memory&horizon=48h&cluster=lab&language=fr")
	var got struct {
		Subject string
		Points  []struct{ P05, P50, P95 float64 }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK || got.Subject != "node pmox01" || len(got.Points) != 1 || got.Points[0].P95 != 0.3 {
		t.Errorf("%d %s", status, body)
	}
	if asked.GetNode() != "pmox01" || asked.GetMetric() != "memory" || asked.GetHorizonMinutes() != 2880 || asked.GetCluster() != "lab" || asked.GetLanguage() != "fr" {
		t.Errorf("the analyser was asked %v", asked)
	}
	get("?vm_id=118")
	if asked.GetVmId() != 118 {
		t.Errorf("the analyser was asked %v", asked)
	}
	get("?storage=pmoxpool01")
	if asked.GetStorage() != "pmoxpool01" {
		t.Errorf("the analyser was asked %v", asked)
	}
	if _, body := get("?node=gone"); !strings.Contains(body, "storage or cluster: gone.") {
		t.Errorf("a refusal says %s, and not what was asked for", body)
	}
	tests := map[string]struct {
		reason string
		query  string
		status int
		code   string
	}{
		"Nothing":     {"Of what is to be said.", "", http.StatusBadRequest, "invalid_parameter"},
		"Two":         {"One thing at a time.", "?node=pmox01&vm_id=118", http.StatusBadRequest, "invalid_parameter"},
		"NoNumber":    {"An id is a number.", "?vm_id=web", http.StatusBadRequest, "invalid_parameter"},
		"BadHorizon":  {"A duration.", "?node=pmox01&horizon=soon", http.StatusBadRequest, "invalid_parameter"},
		"TooFar":      {"A week is the most.", "?node=pmox01&horizon=200h", http.StatusUnprocessableEntity, "invalid_request"},
		"BadMetric":   {"Figures have names.", "?node=pmox01&metric=mood", http.StatusUnprocessableEntity, "invalid_request"},
		"NoSuchThing": {"", "?node=gone", http.StatusNotFound, "subject_unknown"},
		"NoHistory":   {"", "?node=mute", http.StatusNotFound, "forecast_absent"},
		"Stale":       {"", "?node=stale", http.StatusNotFound, "forecast_absent"},
		"Away":        {"", "?node=away", http.StatusServiceUnavailable, "cluster_unreachable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, body := get(tt.query)
			if status != tt.status || !strings.Contains(body, `"code":"`+tt.code+`"`) {
				t.Errorf("%s got %d %s, want %d %s", tt.reason, status, body, tt.status, tt.code)
			}
		})
	}
}
