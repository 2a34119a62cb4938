package builder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/prover"
	"proviso.dev/services/builder/internal/refine"
	"proviso.dev/services/builder/internal/review"
)

// Codes of the failures that a requester may see.
const (
	codeProofFailed = "proof_failed"
	codeStale       = "plan_unreadable"
)

const (
	platform = "proxmox"
	dialect  = "bpg"
)

// A build does the step.
type build struct {
	artifacts *bus.Artifacts
	clusters  *bus.Decoded[*review.Cluster]
	reviewer  *review.Reviewer
	prover    *prover.Prover
	proof     string
	metrics   *observe.Metrics
	log       *slog.Logger
	now       func() time.Time
}

func (b *build) step(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
	work, err := wire.Decode[*provisov1.BuildWork](w.Data, wire.OwnServices)
	if err != nil {
		return nil, fmt.Errorf("decode work: %w", err)
	}
	plan, err := bus.GetMessage[*provisov1.StrategicPlan](ctx, b.artifacts, work.GetPlan())
	if err != nil {
		return nil, b.stale(work, fmt.Errorf("get plan: %w", err))
	}
	cluster, err := b.clusters.Get(ctx, plan.GetSnapshot())
	if err != nil {
		return nil, b.stale(work, err)
	}
	told := newTeller(func(p *provisov1.Progress) {
		// Progress is for watching; a run does not fail for the lack of it.
		if err := w.Progress(ctx, p); err != nil && ctx.Err() == nil {
			b.log.Warn("progress was not published", "run_id", plan.GetRunId(), "error", err)
		}
	})
	defer told.wait()
	v := &verification{build: b, plan: plan, cluster: cluster, lang: plan.GetLanguage(), progress: told.tell}
	if err := v.run(ctx); err != nil {
		return nil, err
	}
	built, err := v.built(ctx)
	if err != nil {
		return nil, err
	}
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Built{Built: built}}, nil
}

// stale tells an artefact that is gone for good from a store that is away for a moment.
func (b *build) stale(work *provisov1.BuildWork, err error) error {
	if !errors.Is(err, bus.ErrNotFound) {
		return err
	}
	return &agent.Failure{Code: codeStale, Message: i18n.T(work.GetItem().GetLanguage(), "builder.failed.stale"), Err: err}
}

// A verification is the work on one plan: the loop, and the proof on the twin.
type verification struct {
	*build
	plan     *provisov1.StrategicPlan
	cluster  *review.Cluster
	lang     string
	progress func(*provisov1.Progress)

	loop   *refine.Loop
	twin   []review.Stage // outcome of the twin's stages
	status string
}

func (v *verification) say(key string, args ...any) string {
	return i18n.T(v.lang, "builder."+key, args...)
}

// run refines and proves. A finding of the twin goes back into the loop, within its limit. The error is a *agent.Failure
// when the manifest is not to be delivered.
func (v *verification) run(ctx context.Context) error {
	v.loop = refine.New(v.reviewer, v.plan, v.cluster.Snapshot, v.cluster)
	v.loop.Observe = v.observe
	end := v.loop.Run()
	for {
		if end != refine.Satisfied {
			return v.failed(end, v.loop.Result.Open())
		}
		v.measure(v.loop.Result.Stages)
		if v.proves() {
			// Without the twin the result follows within milliseconds, and says the same.
			v.tell(v.loop.Result.Stages)
		}
		if err := v.prove(ctx); err != nil {
			return err
		}
		open := (review.Result{Stages: v.twin}).Open()
		if len(open) == 0 {
			break
		}
		if end = v.loop.Resume(open); end != refine.Satisfied {
			return v.failed(end, open)
		}
	}
	v.metrics.RefineIterations.WithLabelValues().Observe(float64(len(v.loop.Iterations)))
	v.metrics.Manifests.WithLabelValues(dialect, v.status).Inc()
	return nil
}

// prove runs the stages on the twin, or says why they are left out.
func (v *verification) prove(ctx context.Context) error {
	v.status = statusValidated
	switch {
	case v.proof == ProofValidated:
		v.twin = prover.Skipped("builder.stage.proof_off")
		return nil
	case !v.prover.Available():
		v.twin = prover.Skipped("builder.stage.no_tools")
		return nil
	}
	stages, err := v.prover.Prove(ctx, prover.Subject{
		Files: v.loop.Files, Plan: v.loop.Draft.Plan, Snapshot: v.cluster.Snapshot, Resources: bpg.Resources(v.loop.Draft),
	}, func(s review.Stage) { v.measure([]review.Stage{s}); v.tell([]review.Stage{s}) })
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded):
		v.log.Warn("proof took too long", "run_id", v.plan.GetRunId(), "error", err)
		v.twin = prover.Skipped("builder.stage.too_late")
		return nil
	case err != nil:
		// The manifest is validated all the same, and its proof says what was not done.
		v.log.Error("proof could not be run", "run_id", v.plan.GetRunId(), "error", err)
		v.twin = prover.Skipped("builder.stage.not_run")
		return nil
	}
	v.twin, v.status = stages, statusProven
	return nil
}

// proves reports whether the twin's stages are to be run.
func (v *verification) proves() bool { return v.proof != ProofValidated && v.prover.Available() }

func (v *verification) measure(stages []review.Stage) {
	for _, s := range stages {
		v.metrics.ProofStageDuration.WithLabelValues(s.Name, string(s.Outcome)).Observe(s.Duration.Seconds())
		for _, f := range s.Findings {
			v.metrics.ValidationFindings.WithLabelValues(s.Name, f.Rule, string(f.Severity)).Inc()
		}
	}
}

func (v *verification) tell(stages []review.Stage) {
	for _, s := range stages {
		v.progress(&provisov1.Progress{Kind: "stage", Stage: stage(s, v.lang, briefFindings)})
	}
}

// observe tells of an iteration; of the last one, that the reviewer ended the loop with it.
func (v *verification) observe(it refine.Iteration) {
	if it.ExitLoop {
		v.progress(&provisov1.Progress{Kind: "exit_loop", Text: v.statement(it)})
		return
	}
	v.progress(&provisov1.Progress{Kind: "iteration", Text: v.say("loop.iteration",
		"number", it.Number, "findings", len(it.Findings), "repaired", v.list(it.Repaired))})
}

// failed is the failure of a manifest that must not be delivered.
func (v *verification) failed(end refine.End, open []review.Finding) error {
	v.metrics.Manifests.WithLabelValues(dialect, statusFailed).Inc()
	v.metrics.RefineIterations.WithLabelValues().Observe(float64(len(v.loop.Iterations)))
	return &agent.Failure{
		Code:    codeProofFailed,
		Message: clip(v.say("failed.proof", "findings", v.summary(open)), 4096),
		Err:     fmt.Errorf("refinement ended %q after %d iterations with %d open findings", end, len(v.loop.Iterations), len(open)),
	}
}

// built stores the manifest and returns the result of the step.
func (v *verification) built(ctx context.Context) (*provisov1.Built, error) {
	m := v.manifest()
	if err := wire.Validate(m); err != nil {
		return nil, fmt.Errorf("check own manifest: %s", err) //nolint:errorlint // not wrapped: the work was right, so it is no dead letter
	}
	ref, err := bus.PutMessage(ctx, v.artifacts, m)
	if err != nil {
		return nil, fmt.Errorf("store manifest: %w", err)
	}
	return &provisov1.Built{
		Manifest:   ref,
		Proof:      v.proofMessage(briefFindings),
		Iterations: int32(len(v.loop.Iterations)),
		Summary:    v.say("built."+v.how(), "iterations", len(v.loop.Iterations)),
	}, nil
}

// how names what was done to the manifest. Guests that exist are not destroyed, and the text does not say that they were.
func (v *verification) how() string {
	if v.status == statusProven && len(v.plan.GetAdoptions()) > 0 {
		return "proven_kept"
	}
	return v.status
}

func (v *verification) manifest() *provisov1.Manifest {
	m := &provisov1.Manifest{
		RunId: v.plan.GetRunId(), Platform: platform, Dialect: dialect,
		Proof: v.proofMessage(allFindings), Placement: v.plan.GetPlacement(), Effect: v.plan.GetEffect(), Notes: v.notes(),
		CreatedAt: timestamppb.New(v.now()),
	}
	for _, f := range v.loop.Files {
		m.Files = append(m.Files, file(f))
	}
	for _, it := range v.loop.Iterations {
		m.Iterations = append(m.Iterations, v.iteration(it))
	}
	return m
}
