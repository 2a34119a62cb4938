package observe

import "github.com/prometheus/client_golang/prometheus"

// Buckets of the conventions for GenAI metrics.
var (
	operation  = []float64{.01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92}
	tokenCount = []float64{1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}
)

// models are the metrics of language models. Only what really calls a model writes them; rules are no provider.
func models(m *Metrics) []Row {
	return []Row{
		convention(&m.GenAIDuration, "gen_ai_client_operation_duration_seconds", "Time of one call of a model.", operation,
			"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "error_type"),
		convention(&m.GenAITokens, "gen_ai_client_token_usage", "Tokens of one call, as the provider bills them.", tokenCount,
			"gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_token_type"),
		counter(&m.ModelCalls, "llm_calls_total", "Calls of models, repairs and retries included.", "provider", "model", "outcome"),
		counter(&m.ModelFallbacks, "llm_fallbacks_total", "Questions handed from one model to the next.", "from", "to", "reason"),
		counter(&m.ModelOut, "llm_out_total", "Runs that went on without a model after asking one.", "reason"),
		counter(&m.Redactions, "redactions_total", "Secrets taken out of text for models.", "kind"),
		counter(&m.Suspicions, "suspicions_total", "Passages that tried to be more than data.", "kind", "source"),
	}
}

// convention is a histogram whose name the conventions give: without our prefix, so that dashboards for any service read it.
func convention(field **prometheus.HistogramVec, name, help string, buckets []float64, labels ...string) Row {
	return Row{Name: name, Kind: "histogram", Labels: labels, Help: help, Buckets: buckets, build: func() prometheus.Collector {
		*field = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
		return *field
	}}
}
