package observe

import "github.com/prometheus/client_golang/prometheus"

// Row describes one metric.
type Row struct {
	Name    string
	Kind    string // "counter", "gauge", "histogram"
	Labels  []string
	Help    string
	Buckets []float64 // of a histogram

	build func() prometheus.Collector
}

// Table returns every metric of Proviso.
func Table() []Row { return table(&Metrics{}) }

// Buckets. Each threshold of an objective is a bound: 2.5 ms and 15 ms for a hop, 25 ms and 100 ms for a request.
var (
	hop   = []float64{.00025, .0005, .001, .002, .0025, .005, .01, .015, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	long  = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300}
	human = []float64{1, 5, 15, 30, 60, 300, 900, 3600, 14400, 86400}
	ratio = []float64{.25, .5, .67, .82, 1, 1.25, 1.5, 2, 4, 10}
	turns = []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
)

func table(m *Metrics) []Row {
	return append([]Row{
		gauge(&m.BuildInfo, "build_info", "Always 1; the labels say what runs.", "version", "revision", "goversion"),
		gauge(&m.UnitReady, "unit_ready", "1 while the unit can do its work.", "agent"),
		counter(&m.UnitRestarts, "unit_restarts_total", "Times a unit was started again after an error.", "agent"),
		gauge(&m.LastSuccess, "agent_last_success_timestamp_seconds", "When the agent last finished a message well.", "agent"),

		gauge(&m.NATSConnectionState, "nats_connection_state", "1 while connected.", "agent"),
		counter(&m.NATSReconnects, "nats_reconnects_total", "Connections that were re-established.", "agent"),
		counter(&m.NATSAsyncErrors, "nats_async_errors_total", "Errors that the server reported apart from any call; denied publications appear only here.", "agent", "kind"),
		counter(&m.PublishRetries, "publish_retries_total", "Publications that were tried again.", "agent", "subject_class"),

		counter(&m.Messages, "agent_messages_total", "Messages taken up, by what became of them.", "agent", "subject_class", "outcome"),
		histogram(&m.ProcessDuration, "agent_process_duration_seconds", "Time from taking a message up to its acknowledgement.", hop, "agent", "subject_class", "outcome"),
		histogram(&m.QueueWait, "agent_queue_wait_seconds", "Time from storing a message to its being taken up, first deliveries only.", hop, "agent", "subject_class"),
		gauge(&m.Inflight, "agent_inflight", "Messages being worked on.", "agent"),
		gauge(&m.ConcurrencyLimit, "agent_concurrency_limit", "Messages that may be worked on at a time.", "agent"),
		counter(&m.Redeliveries, "agent_redeliveries_total", "Messages handed back or taken up again.", "agent", "reason"),
		counter(&m.DeadLetters, "agent_dead_letters_total", "Messages moved to the dead letters.", "agent", "reason"),

		gauge(&m.Runs, "runs", "Runs by state.", "state"),
		counter(&m.RunsTotal, "runs_total", "Runs that ended.", "door", "outcome"),
		histogram(&m.RunDuration, "run_duration_seconds", "Time from request to end without waiting for people.", long, "outcome"),
		histogram(&m.RunHumanWait, "run_human_wait_seconds", "Time that an ended run waited for people.", human),
		counter(&m.Clarifications, "clarifications_total", "Questions to requesters.", "kind", "outcome"),
		counter(&m.CASConflicts, "saga_cas_conflicts_total", "Writes of a run that lost against another."),
		counter(&m.OutboxReplays, "saga_outbox_replays_total", "Messages of an interrupted transition that were published later."),
		counter(&m.ReconcilerRepairs, "reconciler_repairs_total", "Runs that the reconciler had to mend.", "kind"),
		histogram(&m.TimerLag, "timer_lag_seconds", "Time from a deadline to its being handled.", long),

		counter(&m.Intents, "intents_total", "Requests understood.", "kind", "lang", "reasoner", "outcome"),

		counter(&m.PVERequests, "pve_requests_total", "Requests to a cluster's API.", "endpoint", "code"),
		histogram(&m.PVERequestDuration, "pve_request_duration_seconds", "Time of a request to a cluster's API.", long, "endpoint"),
		gauge(&m.SnapshotAge, "snapshot_age_seconds", "Age of the newest snapshot.", "cluster"),
		histogram(&m.SnapshotDuration, "snapshot_duration_seconds", "Time to read a cluster.", long, "cluster"),

		histogram(&m.AnalysisDuration, "analysis_duration_seconds", "Time to diagnose a cluster; runs that share a snapshot share its diagnosis.", hop, "history"),
		histogram(&m.ForecastError, "forecast_error_ratio", "Error of forecasts of the day that has come, divided by that of repeating the day before.", ratio),
		counter(&m.ForecastValues, "forecast_values_total", "Values of the day that has come, by whether they lay above, within or below the forecast's P05 and P95.", "outcome"),
		histogram(&m.PlacementDuration, "placement_duration_seconds", "Time to place the guests of a plan.", hop, "algorithm"),
		counter(&m.Placements, "placements_total", "Plans placed.", "outcome"),

		counter(&m.Manifests, "manifests_total", "Manifests built, by how far they were proven.", "dialect", "proof"),
		histogram(&m.ProofStageDuration, "proof_stage_duration_seconds", "Time of one stage of the proof.", hop, "stage", "outcome"),
		counter(&m.ValidationFindings, "validation_findings_total", "Findings on manifests.", "stage", "rule", "severity"),
		histogram(&m.RefineIterations, "refine_iterations", "Turns of the refinement loop.", turns),

		counter(&m.HTTPRequests, "http_requests_total", "Requests to the gateway.", "route", "method", "code"),
		histogram(&m.HTTPRequestDuration, "http_request_duration_seconds", "Time of a request to the gateway.", hop, "route", "method"),
		gauge(&m.EventStreams, "event_streams", "Open streams of events.", "door"),
		counter(&m.RateLimited, "rate_limited_total", "Requests turned away to protect the service.", "door", "reason"),
		counter(&m.AuthFailures, "auth_failures_total", "Requests that could not be authenticated.", "method", "reason"),
	}, models(m)...)
}

const prefix = "proviso_"

func counter(field **prometheus.CounterVec, name, help string, labels ...string) Row {
	return Row{Name: prefix + name, Kind: "counter", Labels: labels, Help: help, build: func() prometheus.Collector {
		*field = prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
		return *field
	}}
}

func gauge(field **prometheus.GaugeVec, name, help string, labels ...string) Row {
	return Row{Name: prefix + name, Kind: "gauge", Labels: labels, Help: help, build: func() prometheus.Collector {
		*field = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + name, Help: help}, labels)
		return *field
	}}
}

func histogram(field **prometheus.HistogramVec, name, help string, buckets []float64, labels ...string) Row {
	return Row{Name: prefix + name, Kind: "histogram", Labels: labels, Help: help, Buckets: buckets, build: func() prometheus.Collector {
		*field = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets}, labels)
		return *field
	}}
}
