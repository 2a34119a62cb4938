package observe_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"proviso.dev/pkg/observe"
)

// exercised returns metrics of which every row has one series.
func exercised() *observe.Metrics {
	m := observe.New()
	m.InitAgent("builder", "work.build")
	m.UnitReady.WithLabelValues("builder").Set(1)
	m.LastSuccess.WithLabelValues("builder").Set(1)
	m.NATSConnectionState.WithLabelValues("builder").Set(1)
	m.NATSAsyncErrors.WithLabelValues("builder", "permission").Inc()
	m.PublishRetries.WithLabelValues("builder", "event.progress").Inc()
	m.ProcessDuration.WithLabelValues("builder", "work.build", observe.OutcomeOK).Observe(.001)
	m.QueueWait.WithLabelValues("builder", "work.build").Observe(.001)
	m.Inflight.WithLabelValues("builder").Set(1)
	m.ConcurrencyLimit.WithLabelValues("builder").Set(1)
	m.DeadLetters.WithLabelValues("builder", "invalid").Inc()
	m.Runs.WithLabelValues("building").Set(1)
	m.RunsTotal.WithLabelValues("http", "delivered").Inc()
	m.RunDuration.WithLabelValues("delivered").Observe(.02)
	m.RunHumanWait.WithLabelValues().Observe(5)
	m.Clarifications.WithLabelValues("value", "answered").Inc()
	m.ReconcilerRepairs.WithLabelValues("outbox").Inc()
	m.TimerLag.WithLabelValues().Observe(.1)
	m.Intents.WithLabelValues("provision", "fr", "rules", observe.OutcomeOK).Inc()
	m.PVERequests.WithLabelValues("/nodes", "200").Inc()
	m.PVERequestDuration.WithLabelValues("/nodes").Observe(.1)
	m.SnapshotAge.WithLabelValues("lab").Set(1)
	m.SnapshotDuration.WithLabelValues("lab").Observe(.1)
	m.AnalysisDuration.WithLabelValues("read").Observe(.01)
	m.ForecastError.WithLabelValues().Observe(.8)
	m.ForecastValues.WithLabelValues("within").Inc()
	m.PlacementDuration.WithLabelValues("greedy").Observe(.001)
	m.Placements.WithLabelValues(observe.OutcomeOK).Inc()
	m.Manifests.WithLabelValues("bpg", "proven").Inc()
	m.ProofStageDuration.WithLabelValues("parse", observe.OutcomeOK).Observe(.001)
	m.ValidationFindings.WithLabelValues("policy", "R001", "error").Inc()
	m.RefineIterations.WithLabelValues().Observe(1)
	m.HTTPRequests.WithLabelValues("/v1/runs", "POST", "202").Inc()
	m.HTTPRequestDuration.WithLabelValues("/v1/runs", "POST").Observe(.01)
	m.EventStreams.WithLabelValues("http").Set(1)
	m.RateLimited.WithLabelValues("http", "quota").Inc()
	m.AuthFailures.WithLabelValues("token", "expired").Inc()
	m.GenAIDuration.WithLabelValues("chat", "openai", "small", "").Observe(1)
	m.GenAITokens.WithLabelValues("chat", "openai", "small", "input").Observe(1000)
	m.ModelCalls.WithLabelValues("openai", "small", observe.OutcomeOK).Inc()
	m.ModelFallbacks.WithLabelValues("large", "small", "timeout").Inc()
	m.ModelOut.WithLabelValues("budget").Inc()
	m.Redactions.WithLabelValues("password").Inc()
	m.Suspicions.WithLabelValues("instruction", "request").Inc()
	return m
}

func TestGatherAndLint(t *testing.T) {
	problems, err := testutil.GatherAndLint(exercised().Registry())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestTableIsWhatIsExported keeps the table, which dashboards and documents are checked against, and the registry the same.
//
// Shows: T-3.3.4-16
func TestTableIsWhatIsExported(t *testing.T) {
	families, err := exercised().Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	exported := map[string][]string{}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "proviso_") && !strings.HasPrefix(f.GetName(), "gen_ai_") {
			continue
		}
		labels := []string{}
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		exported[f.GetName()] = labels
	}
	for _, row := range observe.Table() {
		got, ok := exported[row.Name]
		if !ok {
			t.Errorf("%s is in the table and not exported", row.Name)
			continue
		}
		want := slices.Sorted(slices.Values(row.Labels))
		if !slices.Equal(want, got) {
			t.Errorf("%s: labels %q, want %q", row.Name, got, want)
		}
		delete(exported, row.Name)
		if row.Kind == "histogram" && !slices.IsSorted(row.Buckets) {
			t.Errorf("%s: buckets are not in order", row.Name)
		}
		for _, label := range row.Labels {
			if slices.Contains([]string{"run", "run_id", "user", "subject", "error", "name", "vmid"}, label) {
				t.Errorf("%s: label %q is not a closed set", row.Name, label)
			}
		}
	}
	for name := range exported {
		t.Errorf("%s is exported and not in the table", name)
	}
}

func TestHandler(t *testing.T) {
	server := httptest.NewServer(exercised().Handler())
	defer server.Close()
	answer, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`proviso_agent_messages_total{agent="builder",outcome="failed",subject_class="work.build"} 0`, // before the first failure
		`proviso_http_request_duration_seconds_bucket{method="POST",route="/v1/runs",le="0.025"} 1`,   // the objective is a bound
		`proviso_http_request_duration_seconds_bucket{method="POST",route="/v1/runs",le="0.1"} 1`,
		"go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%q is missing", want)
		}
	}
}
