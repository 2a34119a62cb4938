package collector

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"

	"google.golang.org/protobuf/proto"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/pve"
	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/guard"
	"proviso.dev/services/collector/internal/understand"
)

// proposer asks a model what a request means.
type proposer interface {
	Propose(ctx context.Context, run, text string, s *pve.Snapshot, use *provisov1.ModelUse) (*llmv1.IntentProposal, string, error)
}

// withModel gives the understanding of the rules, or a better one with what a model proposes. Whatever becomes of the model,
// there is an understanding; the error is the context's alone.
//
// A model is asked about the request in words, never about the answers: so every step of a run asks the same, has the same
// proposal, and pays for it once. Words that try to be more than data are for the rules alone, which take nothing from them.
func (w *worker) withModel(ctx context.Context, run string, r *understand.Reasoner, req understand.Request, s *pve.Snapshot, spent *provisov1.ModelUse, suspicious bool) (*provisov1.Understanding, error) {
	out := r.Understand(req, s)
	if w.proposer == nil {
		out.ModelUse = spent
		return out, nil
	}
	use := proto.CloneOf(spent)
	if use == nil {
		use = &provisov1.ModelUse{}
	}
	defer func() {
		if use.GetCalls() > 0 || use.GetOut() || len(use.GetModels()) > 0 {
			out.ModelUse = use
		}
	}()
	text, unsettled := open(r, req, s)
	if s == nil || text == "" || suspicious ||
		!unsettled && !w.cfg.LLM.Always && use.GetCalls() == 0 && len(use.GetModels()) == 0 {
		return out, nil
	}
	proposal, model, err := w.proposer.Propose(ctx, run, text, s, use)
	var gone *llm.OutError
	switch {
	case err == nil:
		req.Proposal, req.ModelName = proposal, model
		out = r.Understand(req, s)
	case errors.As(err, &gone):
		if gone.Reason != llm.ReasonEarlier {
			out.Notices = append(out.Notices, i18n.T(out.GetLanguage(), "collector.notice.model_"+string(gone.Reason)))
		}
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	default: // the prompt could not be written: rules have answered
		w.log.Warn("model was not asked", "run_id", run, "error", err)
	}
	return out, nil
}

// open returns the words that say what is to be created, and whether the rules leave something of them to a model. When the
// request itself said nothing, these are the words of the answer to the question what to create.
func open(r *understand.Reasoner, req understand.Request, s *pve.Snapshot) (text string, open bool) {
	if strings.TrimSpace(req.Text) == "" {
		return "", false
	}
	first := r.Understand(understand.Request{ID: req.ID, Text: req.Text, Language: req.Language, Aside: req.Aside}, s)
	text = req.Text
	if q := first.GetQuestions(); len(q) > 0 && q[0].GetId() == "request" && first.GetIntent() == nil {
		for _, t := range req.Turns {
			if t.QuestionID == "request" {
				text = t.Text
				first = r.Understand(understand.Request{ID: req.ID, Text: text, Language: req.Language, Aside: t.Aside}, s)
				break
			}
		}
	}
	return text, understand.Open(first)
}

// inspectedWords returns what is suspicious in the request and the answers.
func inspectedWords(req understand.Request) []*provisov1.Suspicion {
	out := guard.Inspect("request", req.Text)
	for _, t := range req.Turns {
		out = append(out, guard.Inspect("answer", t.Text)...)
	}
	return out
}

// suspicionsMost is the contract's bound.
const suspicionsMost = 64

// seen is what was found in the text of one snapshot, so that it is searched once.
type seen struct {
	snapshot *pve.Snapshot
	found    []*provisov1.Suspicion
}

// suspicions are what looked like an attack in what the requester wrote, and in the cluster's text.
func (w *worker) suspicions(words []*provisov1.Suspicion, s *pve.Snapshot) []*provisov1.Suspicion {
	out, own := words, len(words)
	if s != nil {
		out = append(out, w.inspected(s)...)
	}
	out = out[:min(len(out), suspicionsMost)]
	for k, x := range out {
		source := "cluster"
		if k < own {
			source = x.GetSource()
		}
		w.metrics.Suspicions.WithLabelValues(x.GetKind(), source).Inc()
	}
	return out
}

// seenText is the memory of [worker.inspected].
type seenText = atomic.Pointer[seen]
