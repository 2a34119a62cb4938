package collector

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/knowledge"
	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/llm/choose"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/redact"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/kubernetes"
	"proviso.dev/services/collector/internal/platform"
	"proviso.dev/services/collector/internal/propose"
	"proviso.dev/services/collector/internal/repository/reader"
	"proviso.dev/services/collector/internal/understand"
)

// Unit is the collector as a runnable thing.
type Unit struct {
	cfg       Config
	platforms *platform.Registry
	further   []platform.Adapter // of the clusters beside the first, in the order of the configuration
	requests  *requests
	documents *knowledge.Index
	models    []llm.Model
	embedder  llm.Embedder // nil: none is configured
}

var _ agent.Unit = (*Unit)(nil)

// New returns the unit. The error says what is wrong with the configuration, without the token.
func New(cfg Config) (*Unit, error) {
	if cfg.MaxAge <= 0 {
		cfg.MaxAge = defaultMaxAge
	}
	if cfg.DetailAge <= 0 {
		cfg.DetailAge = defaultDetailAge
	}
	told := new(requests)
	cfg.observe = told.observe
	if cfg.Snapshots == nil {
		follower, err := cfg.follow()
		if err != nil {
			return nil, fmt.Errorf("reader of the cluster: %w", err)
		}
		cfg.Snapshots = follower
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = defaultConcurrency
	}
	if err := checkClusters(cfg.Cluster, cfg.Clusters); err != nil {
		return nil, fmt.Errorf("clusters: %w", err)
	}
	further, err := cfg.adapters()
	if err != nil {
		return nil, err
	}
	if cfg.Kubernetes == nil && cfg.Kube.Enabled() {
		if cfg.Kubernetes, err = kubernetes.New(cfg.Kube); err != nil {
			return nil, fmt.Errorf("reader of the Kubernetes cluster: %w", err)
		}
	}
	documents, err := indexDocuments(cfg)
	if err != nil {
		return nil, err
	}
	models, err := choose.Models(context.Background(), cfg.LLM)
	if err != nil {
		return nil, err
	}
	embedder, err := choose.Embedder(context.Background(), cfg.LLM)
	if err != nil {
		return nil, err
	}
	return &Unit{cfg: cfg, requests: told, further: further, documents: documents, models: models, embedder: embedder, platforms: platform.New(platform.Row{
		Name: platform.Proxmox, Title: "Proxmox VE", Adapter: adapter{cfg.Snapshots},
	})}, nil
}

// follow makes what reads the cluster.
func (c Config) follow() (*pve.Follower, error) {
	reader, err := pve.NewReader(c.reader())
	if err != nil {
		return nil, err
	}
	// A run may be handed a state as old as MaxAge, and the details in it must not be older than their bound even then.
	return pve.NewFollower(reader, pve.FollowerConfig{DetailAge: max(c.DetailAge-c.MaxAge, 1)}), nil
}

// adapter is the reader of Proxmox VE as a platform's adapter.
type adapter struct{ Snapshots }

func (adapter) Name() string { return "pve" }

// Snapshot reads the cluster; its notes come without secrets.
func (a adapter) Snapshot(ctx context.Context) (*pve.Snapshot, error) {
	s, err := a.Snapshots.Snapshot(ctx)
	if err != nil || s == nil {
		return nil, err
	}
	return withoutSecrets(s), nil
}

// LastReading is what the last reading cost; zero when what it reads with does not tell.
func (a adapter) LastReading() pve.Reading {
	if m, ok := a.Snapshots.(measured); ok {
		return m.LastReading()
	}
	return pve.Reading{}
}

// Role is the collector's.
func (u *Unit) Role() bus.Role { return bus.RoleCollector }

// Run serves work until ctx ends.
func (u *Unit) Run(ctx context.Context, env *agent.Env) error {
	w := u.worker(env.Artifacts.Put, env.Now)
	w.metrics, w.log = env.Metrics, env.Log
	w.measure(ctx, env.Metrics)
	w.remember(ctx, env.Log)
	if w.cfg.Repositories == nil {
		w.cfg.Repositories = reader.New(reader.Options{Config: w.cfg.Repository, Log: env.Log})
	}
	if len(u.models) > 0 {
		kv, err := env.JS.KeyValue(ctx, bus.BucketAnswers)
		if err != nil {
			return fmt.Errorf("open bucket %s: %w", bus.BucketAnswers, err)
		}
		if err := w.ask(u.models, &answers{kv: kv, local: llm.NewMemory(env.Now), log: env.Log}); err != nil {
			return err
		}
	}
	if r, ok := u.cfg.Snapshots.(rights); ok && !u.cfg.Twin { // the token of a stand-in protects nothing
		go tellRights(ctx, r, env.Log, time.After)
	}
	stop, err := u.serveQueries(ctx, env, w)
	if err != nil {
		return err
	}
	defer stop()
	return agent.ServeSteps(ctx, env, bus.ConsumerCollector, u.cfg.Concurrency, map[string]agent.StepFunc{
		bus.VerbUnderstand: w.understand,
		bus.VerbCollect:    w.collect,
	})
}

// worker does the steps. It needs no connection, so tests drive it directly.
type worker struct {
	cfg       Config
	registry  *platform.Registry
	clusters  []*cluster // the first is the one that requests mean when they name none
	documents *knowledge.Index
	put       putFunc
	now       func() time.Time
	metrics   *observe.Metrics
	log       *slog.Logger
	proposer  proposer // nil: no model is configured
	seen      seenText
	requests  *requests
}

func (u *Unit) worker(put putFunc, now func() time.Time) *worker {
	cfg := u.cfg
	if cfg.Kubernetes != nil {
		cfg.Kubernetes = newRecentKubernetes(cfg.Kubernetes, cfg.MaxAge, now)
	}
	return &worker{cfg: cfg, registry: u.platforms, requests: u.requests, clusters: u.newClusters(now),
		documents: u.documents, put: put, now: now, metrics: observe.New(), log: slog.New(slog.DiscardHandler)}
}

// ask makes the worker ask models; none: it goes by rules alone. Store keeps their answers; nil: in memory.
func (w *worker) ask(models []llm.Model, store llm.Store) error {
	if len(models) == 0 {
		return nil
	}
	p, err := propose.New(llm.NewClient(models, llm.Options{Limits: w.cfg.LLM.Limits, Store: store, Metrics: w.metrics, Log: w.log, Now: w.now}), understand.Roles())
	if err != nil {
		return err
	}
	w.proposer = p
	return nil
}

// understand does the step of that name. A request that is refused whatever the cluster holds is refused even when the
// cluster cannot be read.
func (w *worker) understand(ctx context.Context, work agent.Work) (*provisov1.StepSucceeded, error) {
	m, err := wire.Decode[*provisov1.UnderstandWork](work.Data, wire.OwnServices)
	if err != nil {
		return nil, fmt.Errorf("decode work: %w", err)
	}
	for _, f := range redact.Message(m) { // doors do the same; what comes another way must not carry a secret further either
		w.metrics.Redactions.WithLabelValues(f.Kind).Inc()
	}
	req := understand.Request{ID: m.GetItem().GetRunId(), Text: m.GetText(), Intent: m.GetIntent(), Language: m.GetLanguage(), Memory: m.GetMemory(), Kubernetes: w.cfg.Kubernetes != nil}
	if m.GetIntent().GetIntentId() != "" {
		req.ID = m.GetIntent().GetIntentId()
	}
	for _, t := range m.GetTurns() {
		req.Turns = append(req.Turns, understand.Turn{QuestionID: t.GetQuestionId(), Text: t.GetText()})
	}
	words := inspectedWords(req)
	chosen := w.choose(&req)
	if chosen == nil {
		return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Understanding{Understanding: w.unknownCluster(req)}}, nil
	}
	req.Cluster = chosen.name
	setAside(&req)
	var snapshot *pve.Snapshot
	s, unread := chosen.get(ctx)
	if unread == nil {
		snapshot = w.detailed(ctx, chosen.cluster, s, &req)
		w.inform(ctx, chosen.cluster, snapshot, &req)
	}
	out, err := w.withModel(ctx, m.GetItem().GetRunId(), chosen.reasoner, req, snapshot, m.GetModelUse(), len(words) > 0)
	if err != nil {
		return nil, err
	}
	if unread != nil && (out.GetIntent() != nil || out.GetReply() != nil) {
		return nil, failure(out.GetLanguage(), unread)
	}
	w.tell(chosen, out)
	out.Suspicions = w.suspicions(words, snapshot)
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Understanding{Understanding: out}}, nil
}
