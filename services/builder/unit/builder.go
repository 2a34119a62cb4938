package builder

import (
	"context"
	"fmt"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"

	"proviso.dev/services/builder/internal/prover"
	"proviso.dev/services/builder/internal/review"
)

// A Unit is the builder as a runnable thing.
type Unit struct {
	cfg      Config
	reviewer *review.Reviewer
	prover   *prover.Prover
}

var _ agent.Unit = (*Unit)(nil)

// New returns the unit. The error names what is wrong with the configuration. Missing tools are no error: proofs then say
// that their stages on the twin were skipped.
func New(cfg Config) (*Unit, error) {
	if err := checkProof(cfg.Proof); err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	if cfg.Concurrency == 0 {
		cfg.Concurrency = defaultConcurrency
	}
	reviewer, err := review.New(time.Now)
	if err != nil {
		return nil, err
	}
	tools, _ := prover.Find(cfg.ToolsDir)
	return &Unit{
		cfg:      cfg,
		reviewer: reviewer,
		prover:   prover.New(prover.Config{Tools: tools, Parallel: cfg.ParallelProofs, Budget: cfg.ProofBudget, Now: time.Now}),
	}, nil
}

// Role is the builder's.
func (u *Unit) Role() bus.Role { return bus.RoleBuilder }

// Run serves work until ctx ends.
func (u *Unit) Run(ctx context.Context, env *agent.Env) error {
	clusters, err := newClusters(env.Artifacts.Get)
	if err != nil {
		return err
	}
	if u.cfg.Proof != ProofValidated && !u.prover.Available() {
		env.Log.Warn("OpenTofu or the provider is not there: manifests are validated, not proven", "looked_in", u.cfg.ToolsDir)
	}
	b := &build{
		artifacts: env.Artifacts, clusters: clusters, reviewer: u.reviewer, prover: u.prover, proof: u.cfg.Proof,
		metrics: env.Metrics, log: env.Log, now: env.Now,
	}
	return agent.ServeSteps(ctx, env, bus.ConsumerBuilder, u.cfg.Concurrency, map[string]agent.StepFunc{
		bus.VerbBuild: b.step,
	})
}
