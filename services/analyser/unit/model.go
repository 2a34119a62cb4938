package analyser

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/llm"
	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/analyser/internal/profile"
	"proviso.dev/services/analyser/internal/proposer"
)

// What a step may spend on a model. The work does not say what the run has spent before, so that this is beside it: one call, without
// retry, repair or second model.
const (
	modelPatience     = 5 * time.Second
	modelInputTokens  = 2000
	modelOutputTokens = 900 // an answer takes two thirds at most
)

// A model asks language models what the parts of an application are. Nil asks none.
type model struct {
	client *llm.Client
	schema *llm.Schema
	log    *slog.Logger
}

// newModel returns what asks these models; nil when there are none.
//
// Answers are kept in memory alone: a step that another process takes up costs one more call at most, which is less than the right to
// read what models answered about the requests of all.
func newModel(models []llm.Model, limits llm.Limits, env *agent.Env) (*model, error) {
	if len(models) == 0 {
		return nil, nil //nolint:nilnil // No model is configured, which is no error.
	}
	schema, err := llm.SchemaOf(&llmv1.ProfileProposal{})
	if err != nil {
		return nil, fmt.Errorf("schema of a proposal: %w", err)
	}
	client := llm.NewClient(models, llm.Options{Limits: stepLimits(limits), Metrics: env.Metrics, Log: env.Log, Now: env.Now})
	return &model{client: client, schema: schema, log: env.Log}, nil
}

// stepLimits are what a step may spend where the operator allows a run no less.
func stepLimits(l llm.Limits) llm.Limits {
	l.Calls, l.RetriesPerAsk = 1, -1
	l.InputTokens = least(l.InputTokens, modelInputTokens)
	l.OutputTokens = least(l.OutputTokens, modelOutputTokens)
	l.CallTimeout = least(l.CallTimeout, modelPatience)
	l.RunTimeout = least(l.RunTimeout, modelPatience)
	return l
}

// least is the lower of a configured limit, of which 0 is none, and ours.
func least[T int | time.Duration](configured, ours T) T {
	if configured == 0 {
		return ours
	}
	return min(configured, ours)
}

// propose lets a model fill in what rules leave open in the profiles, and reports whether anything was taken from it. Whatever
// becomes of the model, the profiles stay good; the error is the context's alone. What a call costs, and why there was no answer,
// metrics and the log of package llm say.
func (m *model) propose(ctx context.Context, run string, profiles *profile.Profiles, payload *provisov1.ContextPayload) (taken bool, err error) {
	if m == nil {
		return false, nil
	}
	parts := proposer.Open(profiles, payload.GetIntent())
	if len(parts) == 0 {
		return false, nil
	}
	question := llm.Question{System: proposer.System(), User: proposer.User(parts), Run: run, Version: proposer.Version, Schema: m.schema}
	check := func(p *llmv1.ProfileProposal) []string { return proposer.Check(parts, p) }
	proposal, name, err := llm.Ask(ctx, m.client, question, &provisov1.ModelUse{}, check)
	var out *llm.OutError
	switch {
	case err == nil:
	case errors.As(err, &out):
		return false, nil
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	default: // the prompt could not be written: rules have answered
		m.log.Warn("model was not asked", "run_id", run, "error", err)
		return false, nil
	}
	lang := i18n.English
	if payload.GetLanguage() == i18n.French {
		lang = i18n.French
	}
	n := proposer.Apply(parts, proposal, name, lang)
	m.log.Info("model proposed values of profiles", "run_id", run, "model", name, "parts", len(parts), "taken", n)
	return n > 0, nil
}
