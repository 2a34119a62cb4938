package observe

import (
	"net/http"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics holds every instrument of one process. Label values are given in the order of the row in [Table].
type Metrics struct {
	registry *prometheus.Registry

	// A unit's life.
	BuildInfo           *prometheus.GaugeVec // version, revision, goversion
	UnitReady           *prometheus.GaugeVec // agent
	UnitRestarts        *prometheus.CounterVec
	LastSuccess         *prometheus.GaugeVec   // agent
	NATSConnectionState *prometheus.GaugeVec   // agent
	NATSReconnects      *prometheus.CounterVec // agent
	NATSAsyncErrors     *prometheus.CounterVec // agent, kind
	PublishRetries      *prometheus.CounterVec // agent, subject_class
	Messages            *prometheus.CounterVec // agent, subject_class, outcome
	ProcessDuration     *prometheus.HistogramVec
	QueueWait           *prometheus.HistogramVec // agent, subject_class
	Inflight            *prometheus.GaugeVec     // agent
	ConcurrencyLimit    *prometheus.GaugeVec     // agent
	Redeliveries        *prometheus.CounterVec   // agent, reason
	DeadLetters         *prometheus.CounterVec   // agent, reason
	Runs                *prometheus.GaugeVec     // state
	RunsTotal           *prometheus.CounterVec   // door, outcome
	RunDuration         *prometheus.HistogramVec // outcome
	RunHumanWait        *prometheus.HistogramVec
	Clarifications      *prometheus.CounterVec // kind, outcome
	CASConflicts        *prometheus.CounterVec
	OutboxReplays       *prometheus.CounterVec
	ReconcilerRepairs   *prometheus.CounterVec // kind
	TimerLag            *prometheus.HistogramVec
	Intents             *prometheus.CounterVec   // kind, lang, reasoner, outcome
	PVERequests         *prometheus.CounterVec   // endpoint, code
	PVERequestDuration  *prometheus.HistogramVec // endpoint
	SnapshotAge         *prometheus.GaugeVec     // cluster
	SnapshotDuration    *prometheus.HistogramVec // cluster
	AnalysisDuration    *prometheus.HistogramVec // history: "read" or "none"
	ForecastError       *prometheus.HistogramVec
	ForecastValues      *prometheus.CounterVec   // outcome: "above", "within" or "below" the bounds
	PlacementDuration   *prometheus.HistogramVec // algorithm
	Placements          *prometheus.CounterVec   // outcome
	Manifests           *prometheus.CounterVec   // dialect, proof
	ProofStageDuration  *prometheus.HistogramVec // stage, outcome
	ValidationFindings  *prometheus.CounterVec   // stage, rule, severity
	RefineIterations    *prometheus.HistogramVec
	HTTPRequests        *prometheus.CounterVec   // route, method, code
	HTTPRequestDuration *prometheus.HistogramVec // route, method
	EventStreams        *prometheus.GaugeVec     // door
	RateLimited         *prometheus.CounterVec   // door, reason
	AuthFailures        *prometheus.CounterVec   // method, reason

	// Language models; see genai.go for the labels.
	GenAIDuration  *prometheus.HistogramVec
	GenAITokens    *prometheus.HistogramVec
	ModelCalls     *prometheus.CounterVec
	ModelFallbacks *prometheus.CounterVec
	ModelOut       *prometheus.CounterVec
	Redactions     *prometheus.CounterVec
	Suspicions     *prometheus.CounterVec
}

// New returns the instruments on a registry of their own, with those of the Go runtime and the process.
func New() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	for _, row := range table(m) {
		m.registry.MustRegister(row.build())
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	version, revision := buildVersion()
	m.BuildInfo.WithLabelValues(version, revision, runtime.Version()).Set(1)
	m.CASConflicts.WithLabelValues()
	m.OutboxReplays.WithLabelValues()
	return m
}

// Handler serves the metrics, in the OpenMetrics format to those who ask for it.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true})
}

// Registry is where the instruments are registered; tests gather from it.
func (m *Metrics) Registry() *prometheus.Registry { return m.registry }

// InitAgent makes the outcome counters of an agent exist at 0, so that a rate sees the first failure.
func (m *Metrics) InitAgent(agent string, subjectClasses ...string) {
	for _, class := range subjectClasses {
		for _, outcome := range Outcomes() {
			m.Messages.WithLabelValues(agent, class, outcome)
		}
	}
	for _, reason := range []string{RedeliveryRetry, RedeliveryShutdown, RedeliveryAgain} {
		m.Redeliveries.WithLabelValues(agent, reason)
	}
	m.UnitRestarts.WithLabelValues(agent)
	m.NATSReconnects.WithLabelValues(agent)
}

func buildVersion() (version, revision string) {
	version, revision = "unknown", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, revision
	}
	if info.Main.Version != "" {
		version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return version, revision
}
