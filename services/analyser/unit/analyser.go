package analyser

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/forecast"
	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/llm/choose"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/analyser/internal/profile"
	"proviso.dev/services/analyser/internal/reservation"
	"proviso.dev/services/analyser/internal/strategy"
)

// A Unit is the analyser as a runnable thing.
type Unit struct {
	cfg    Config
	policy reservation.Policy
	models []llm.Model // empty: none is configured
}

var _ agent.Unit = (*Unit)(nil)

// New returns the unit. The error names what is wrong with the configuration.
func New(cfg Config) (*Unit, error) {
	policy, err := reservation.ParsePolicy(cfg.IDPolicy)
	if err != nil {
		return nil, fmt.Errorf("id policy: %w", err)
	}
	if cfg.Concurrency == 0 {
		cfg.Concurrency = defaultConcurrency
	}
	models, err := choose.Models(context.Background(), cfg.LLM)
	if err != nil {
		return nil, err
	}
	return &Unit{cfg: cfg, policy: policy, models: models}, nil
}

// Role is the analyser's.
func (u *Unit) Role() bus.Role { return bus.RoleAnalyser }

// Run serves work until ctx ends.
func (u *Unit) Run(ctx context.Context, env *agent.Env) error {
	kv, err := env.JS.KeyValue(ctx, bus.BucketReservations)
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", bus.BucketReservations, err)
	}
	ledger, err := reservation.New(ctx, kv, u.policy, env.Now)
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	clusters, err := newSnapshots(env.Artifacts.Get, u.cfg.Policy)
	if err != nil {
		return err
	}
	known, err := newDiagnoses(env.Artifacts, env.Metrics, env.Now)
	if err != nil {
		return err
	}
	go known.hindsight.run(ctx)
	a := &analysis{artifacts: env.Artifacts, clusters: clusters, known: known, reserve: ledger.Reserve, metrics: env.Metrics, log: env.Log, now: env.Now}
	if a.model, err = newModel(u.models, u.cfg.LLM.Limits, env); err != nil {
		return err
	}
	stop, err := agent.ServeQueries(ctx, env, forecastQuery(env.Artifacts.Get, askHistory(env), forecast.New()))
	if err != nil {
		return err
	}
	defer stop()
	return agent.ServeSteps(ctx, env, bus.ConsumerAnalyser, u.cfg.Concurrency, map[string]agent.StepFunc{
		bus.VerbAnalyse: a.step,
	})
}

// A reserveFunc promises ids and names to a run.
type reserveFunc func(context.Context, reservation.Request) ([]reservation.Grant, error)

// An analysis does the step.
type analysis struct {
	artifacts *bus.Artifacts
	clusters  *bus.Decoded[*cluster]
	known     *diagnoses
	reserve   reserveFunc
	model     *model // nil: none is configured
	metrics   *observe.Metrics
	log       *slog.Logger
	now       func() time.Time
}

func (a *analysis) step(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
	work, err := wire.Decode[*provisov1.AnalyseWork](w.Data, wire.OwnServices)
	if err != nil {
		return nil, fmt.Errorf("decode work: %w", err)
	}
	payload, err := bus.GetMessage[*provisov1.ContextPayload](ctx, a.artifacts, work.GetContext())
	if err != nil {
		return nil, fmt.Errorf("get context payload: %w", err)
	}
	c, err := a.clusters.Get(ctx, payload.GetInfrastructure().GetSnapshot())
	if err != nil {
		return nil, err
	}
	// Another attempt, or another delivery of the same, may have reserved already.
	again := w.Delivery > 1 || work.GetItem().GetAttempt() > 1
	analysed, err := a.analyse(ctx, work.GetItem().GetRunId(), again, payload, c)
	if refused := new(strategy.RefusedError); errors.As(err, &refused) {
		analysed, err = &provisov1.Analysed{Refusal: refused.Refusal(), Summary: refused.Message, Moves: refused.Moves}, nil
	}
	if err != nil {
		return nil, err
	}
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Analysed{Analysed: analysed}}, nil
}

// analyse drafts, reserves and completes. Reserving comes after everything that can refuse, so that refused runs hold
// nothing; but a run whose plan no dialect writes holds what its plan shows until that expires.
func (a *analysis) analyse(ctx context.Context, run string, again bool, payload *provisov1.ContextPayload, c *cluster) (*provisov1.Analysed, error) {
	diagnosed, err := a.known.of(ctx, payload, c)
	if err != nil {
		return nil, err
	}
	draft, err := a.draft(ctx, run, payload, c, diagnosed)
	if err != nil {
		return nil, err
	}
	identities, err := a.identities(ctx, run, again, draft, c)
	if err != nil {
		return nil, err
	}
	plan, err := draft.Plan(identities)
	if err != nil {
		return nil, err
	}
	plan.Analysis = proto.CloneOf(diagnosed.reference)
	plan.Forecasts = a.known.expectations(plan, c, diagnosed)
	if err := wire.Validate(plan); err != nil {
		// Not wrapped: the work was right, so it must not become a dead letter.
		return nil, errors.New("check own plan: " + err.Error())
	}
	ref, err := bus.PutMessage(ctx, a.artifacts, plan)
	if err != nil {
		return nil, fmt.Errorf("store plan: %w", err)
	}
	analysed := &provisov1.Analysed{Plan: ref, Placement: brief(plan.GetPlacement()), Summary: draft.Summary(plan)}
	if refused := draft.Refusal(); refused != nil { // the plan stands, but nothing can be written from it
		analysed.Refusal, analysed.Summary = refused.Refusal(), refused.Message
	}
	return analysed, nil
}

// draft makes the draft and counts what came of it. What a model proposes may better a plan and never refuses one: where nothing can be
// planned with it, rules alone have the word.
func (a *analysis) draft(ctx context.Context, run string, payload *provisov1.ContextPayload, c *cluster, d *diagnosis) (*strategy.Draft, error) {
	profiles, err := profile.Read(profile.Input{Payload: payload})
	if err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	proposed, err := a.model.propose(ctx, run, profiles, payload)
	if err != nil {
		return nil, err
	}
	began := a.now()
	draft, err := a.strategy(payload, c, d, profiles)
	if err != nil && proposed {
		a.log.Info("proposal of a model is dropped: nothing can be planned with it", "run_id", run)
		if profiles, err = profile.Read(profile.Input{Payload: payload}); err != nil {
			return nil, fmt.Errorf("read profiles: %w", err)
		}
		draft, err = a.strategy(payload, c, d, profiles)
	}
	if err != nil {
		a.metrics.Placements.WithLabelValues("refused").Inc()
		return nil, err
	}
	a.metrics.Placements.WithLabelValues("placed").Inc()
	a.metrics.PlacementDuration.WithLabelValues(draft.Algorithm()).Observe(a.now().Sub(began).Seconds())
	return draft, nil
}

func (a *analysis) strategy(payload *provisov1.ContextPayload, c *cluster, d *diagnosis, profiles *profile.Profiles) (*strategy.Draft, error) {
	return strategy.New(strategy.Input{
		Context: payload, Snapshot: c.snapshot, Index: d.index, Profiles: profiles, Analysis: d.analysis, AnalysisReference: d.reference, History: d.history,
	})
}

func (a *analysis) identities(ctx context.Context, run string, again bool, draft *strategy.Draft, c *cluster) ([]strategy.Identity, error) {
	req := reservation.Request{Run: run, Again: again, Cluster: c.snapshot.Cluster, InUse: c.inUse}
	for _, w := range draft.Wanted() {
		req.Wants = append(req.Wants, reservation.Want{
			Guest: w.Guest, VMID: w.VMID, Name: w.Name, Numbered: w.Numbered, Fixed: w.Fixed && !w.Numbered,
		})
	}
	if len(req.Wants) == 0 {
		return nil, nil
	}
	var grants []reservation.Grant
	err := bus.Retry(ctx, func(ctx context.Context) (err error) {
		grants, err = a.reserve(ctx, req)
		req.Again = true // what this attempt was promised is the next one's
		return err
	})
	var name *reservation.NameError
	var id *reservation.IDError
	switch {
	case errors.As(err, &name):
		return nil, draft.RefuseName(name.Name, name.Run)
	case errors.As(err, &id):
		return nil, draft.RefuseVMID(id.VMID, id.Run)
	case err != nil:
		return nil, fmt.Errorf("reserve ids and names: %w", err)
	}
	identities := make([]strategy.Identity, len(grants))
	for i, g := range grants {
		identities[i] = strategy.Identity{VMID: g.VMID, Name: g.Name}
	}
	return identities, nil
}

// maxPlacement is how much of an event the placement may take; the rest of wire.MaxMessage is for JSON's names and quotes.
const maxPlacement = wire.MaxMessage / 2

// brief is the placement as it travels in an event; the plan has all of it. A large one leaves out the nodes that were not
// chosen, and a very large one the last machines.
func brief(decisions []*provisov1.PlacementDecision) []*provisov1.PlacementDecision {
	if proto.Size(&provisov1.Analysed{Placement: decisions}) <= maxPlacement {
		return decisions
	}
	var short []*provisov1.PlacementDecision
	size := 0
	for _, d := range decisions {
		s := &provisov1.PlacementDecision{Guest: d.GetGuest(), Node: d.GetNode(), Reason: d.GetReason()}
		if size += proto.Size(s) + 4; size > maxPlacement {
			break
		}
		short = append(short, s)
	}
	return short
}
