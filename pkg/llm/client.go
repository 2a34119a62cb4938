package llm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Client asks models under the policy. It is safe for concurrent use.
type Client struct {
	models  []*guarded
	limits  Limits
	store   Store
	metrics *observe.Metrics
	log     *slog.Logger
	now     func() time.Time
}

// Options of [NewClient]. The zero value works.
type Options struct {
	Limits  Limits
	Store   Store            // nil: in memory
	Metrics *observe.Metrics // nil: instruments that nobody reads
	Log     *slog.Logger     // nil: nothing is logged
	Now     func() time.Time // nil: time.Now
}

// guarded is a model with what protects it.
type guarded struct {
	Model

	breaker *breaker
	slots   chan struct{}
	rate    *rate.Limiter
}

// NewClient returns a client of these models, asked in this order: the second one only when the first does not answer.
func NewClient(models []Model, opt Options) *Client {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Store == nil {
		opt.Store = NewMemory(opt.Now)
	}
	if opt.Metrics == nil {
		opt.Metrics = observe.New()
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{limits: opt.Limits.defaults(), store: opt.Store, metrics: opt.Metrics, log: opt.Log, now: opt.Now}
	for _, m := range models {
		c.models = append(c.models, &guarded{Model: m, breaker: &breaker{now: opt.Now}, slots: make(chan struct{}, c.limits.Concurrency),
			rate: rate.NewLimiter(rate.Limit(float64(c.limits.CallsPerMin)/60), max(1, c.limits.CallsPerMin/4))})
	}
	return c
}

// Question is what a model is asked.
type Question struct {
	// System are the rules: the same for every question of one version.
	System string
	// User is the rest; what the requester wrote stands last.
	User string
	// Run that asks. Its later steps may ask the same again: they get the same answer, and it costs nothing more.
	Run string
	// Version of the prompt: "intent/1".
	Version string
	// Schema of the answer.
	Schema *Schema
}

// Ask asks a question and returns the answer as a message that meets the contract, with the name of the model. Use is what
// the run has spent; it is brought up to date whatever happens. Check lists what else is wrong with an answer; nil: nothing.
//
// The error is an *[OutError] when the run goes on without a model, [ErrPrompt] when the prompt is too large, and the
// context's when the caller gave up. Ask ends before the context's deadline, so that the caller can still do without.
func Ask[T proto.Message](ctx context.Context, c *Client, q Question, use *provisov1.ModelUse, check func(T) []string) (answer T, model string, err error) {
	judge := func(text string) []string {
		m, problems := Decode[T](text)
		if len(problems) == 0 && check != nil {
			problems = check(m)
		}
		if len(problems) == 0 {
			answer = m
		}
		return problems
	}
	model, err = c.ask(ctx, q, use, judge)
	if err != nil {
		var none T
		return none, "", err
	}
	return answer, model, nil
}

func (c *Client) ask(ctx context.Context, q Question, use *provisov1.ModelUse, judge func(string) []string) (string, error) {
	if use.GetOut() {
		return "", &OutError{Reason: ReasonEarlier}
	}
	var r redact.Redactor
	req := Request{Schema: q.Schema}
	req.System, _ = r.Text(q.System)
	var found []redact.Found
	req.User, found = r.Text(q.User)
	for _, f := range found {
		c.metrics.Redactions.WithLabelValues(f.Kind).Inc()
	}
	if len(req.System)+len(req.User) > c.limits.PromptBytes {
		return "", fmt.Errorf("%w: %d bytes, at most %d", ErrPrompt, len(req.System)+len(req.User), c.limits.PromptBytes)
	}
	use.PromptVersion = q.Version
	key := c.key(q, req)
	if s, ok := c.store.Get(ctx, key); ok && (s.Run == q.Run || s.Reason == "") {
		return replay(s, q.Run, use, judge)
	}
	before := use.GetCalls()
	model, text, err := c.answer(ctx, req, use, judge)
	var out *OutError
	if err != nil && !errors.As(err, &out) {
		return "", err // the caller gave up: nothing is decided
	}
	s := Stored{Run: q.Run, Text: text, Model: model, Calls: use.GetCalls(), Input: use.GetInputTokens(), Output: use.GetOutputTokens()}
	if out != nil {
		s.Reason = out.Reason
		use.Out = true
		c.metrics.ModelOut.WithLabelValues(string(out.Reason)).Inc()
		c.log.Warn("models are out for this run", "reason", string(out.Reason), "error", errorText(out.Err))
	}
	if s.Calls > before { // what cost nothing is as well asked again
		c.store.Put(context.WithoutCancel(ctx), key, s)
	}
	if out != nil {
		return "", out
	}
	return model, nil
}

// replay gives an outcome that was paid for before. A run whose work is delivered again has then spent what it had spent; for
// another run it is free.
func replay(s Stored, run string, use *provisov1.ModelUse, judge func(string) []string) (string, error) {
	if s.Run == run {
		use.Calls = max(use.GetCalls(), s.Calls)
		use.InputTokens = max(use.GetInputTokens(), s.Input)
		use.OutputTokens = max(use.GetOutputTokens(), s.Output)
	}
	if s.Reason != "" {
		use.Out = true
		return "", &OutError{Reason: s.Reason}
	}
	if problems := judge(s.Text); len(problems) > 0 { // the contract changed meanwhile
		use.Out = true
		return "", &OutError{Reason: ReasonNonsense}
	}
	note(use, s.Model)
	return s.Model, nil
}

// answer goes through the models. The error is an *[OutError] or the context's.
func (c *Client) answer(parent context.Context, req Request, use *provisov1.ModelUse, judge func(string) []string) (model, text string, err error) {
	ctx, cancel := c.deadline(parent)
	defer cancel()
	last := &OutError{Reason: ReasonUnavailable}
	for k, m := range c.models {
		text, problems, err := c.try(ctx, m, req, use, judge)
		if err == nil && len(problems) > 0 { // one repair, with everything that was wrong
			first := problems
			text, problems, err = c.try(ctx, m, repair(req, text, problems), use, judge)
			if errors.Is(err, ErrBudget) { // none is left for a repair: what is wrong is the answer
				err, problems = nil, first
			}
			if err == nil && len(problems) > 0 {
				return "", "", &OutError{Reason: ReasonNonsense, Err: errors.New(strings.Join(problems, "; "))}
			}
		}
		if err == nil {
			note(use, m.Name())
			return m.Name(), text, nil
		}
		if parent.Err() != nil {
			return "", "", context.Cause(parent)
		}
		last = &OutError{Reason: ReasonUnavailable, Err: err}
		switch {
		case errors.Is(err, ErrBudget):
			last.Reason = ReasonBudget
			return "", "", last
		case ctx.Err() != nil:
			last.Reason = ReasonTimeout
			return "", "", last
		case kindOf(err) == KindTimeout:
			last.Reason = ReasonTimeout
		}
		if k+1 < len(c.models) {
			c.metrics.ModelFallbacks.WithLabelValues(m.Name(), c.models[k+1].Name(), reasonOf(err)).Inc()
		}
	}
	return "", "", last
}

// try asks one model, again where the failure may pass. An answer that was cut off counts as one that cannot be used.
func (c *Client) try(ctx context.Context, m *guarded, req Request, use *provisov1.ModelUse, judge func(string) []string) (text string, problems []string, err error) {
	for attempt := 0; ; attempt++ {
		response, err := c.call(ctx, m, req, use)
		if err == nil {
			return response.Text, judge(response.Text), nil
		}
		var failed *Error
		switch {
		case !errors.As(err, &failed):
			return "", nil, err
		case failed.Kind == KindTruncated:
			return "", []string{"the answer was cut off: answer with less text"}, nil
		case failed.Again && attempt < 2*c.limits.RetriesPerAsk:
			continue
		case !failed.retryable() || attempt >= c.limits.RetriesPerAsk:
			return "", nil, err
		}
		if !pause(ctx, delay(failed, attempt)) {
			return "", nil, err
		}
	}
}

// call makes one call, if budget, breaker, slot and rate allow it.
func (c *Client) call(ctx context.Context, m *guarded, req Request, use *provisov1.ModelUse) (Response, error) {
	estimate := tokens(len(req.System) + len(req.User) + len(schemaOf(req)))
	var err error
	if req.MaxOutputTokens, err = c.limits.allow(use, estimate); err != nil {
		return Response{}, err
	}
	if err := m.breaker.allow(); err != nil {
		return Response{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.limits.CallTimeout)
	defer cancel()
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-ctx.Done():
		m.breaker.forget()
		return Response{}, &Error{Kind: KindTimeout, Err: errors.New("no slot became free")}
	}
	if err := m.rate.Wait(ctx); err != nil {
		m.breaker.forget()
		return Response{}, &Error{Kind: KindTimeout, Err: fmt.Errorf("wait for the rate: %w", err)}
	}
	began := c.now()
	response, err := m.Generate(ctx, req)
	if err != nil && ctx.Err() != nil {
		err = &Error{Kind: KindTimeout, Err: err}
	}
	m.breaker.done(healthy(err))
	c.spend(m, req, response, err, use, estimate, c.now().Sub(began))
	return response, err
}

// spend notes what a call cost. A call that was refused at the door is a call without tokens; where the provider says
// nothing of an answer, the estimate counts.
func (c *Client) spend(m *guarded, req Request, response Response, err error, use *provisov1.ModelUse, estimate int, took time.Duration) {
	usage := response.Usage
	kind := kindOf(err)
	if usage.InputTokens <= 0 && (err == nil || kind == KindTruncated || kind == KindTimeout || kind == KindProtocol) {
		usage.InputTokens = estimate
	}
	if usage.OutputTokens <= 0 && err == nil {
		usage.OutputTokens = tokens(len(response.Text))
	}
	if usage.OutputTokens <= 0 && kind == KindTruncated {
		usage.OutputTokens = req.MaxOutputTokens
	}
	use.Calls++
	use.InputTokens += int32(min(usage.InputTokens, 1<<24))
	use.OutputTokens += int32(min(usage.OutputTokens, 1<<24))
	outcome := observe.OutcomeOK
	if err != nil {
		outcome = reasonOf(err)
	}
	c.metrics.ModelCalls.WithLabelValues(m.Provider(), m.Name(), outcome).Inc()
	c.metrics.GenAIDuration.WithLabelValues("chat", m.Provider(), m.Name(), strings.TrimPrefix(outcome, observe.OutcomeOK)).Observe(took.Seconds())
	if response.Usage.InputTokens > 0 { // no series of tokens from estimates
		c.metrics.GenAITokens.WithLabelValues("chat", m.Provider(), m.Name(), "input").Observe(float64(response.Usage.InputTokens))
		c.metrics.GenAITokens.WithLabelValues("chat", m.Provider(), m.Name(), "output").Observe(float64(response.Usage.OutputTokens))
	}
}

// deadline bounds all calls of a question: the run's wall time, and early enough for the caller to go on without.
func (c *Client) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	end := c.now().Add(c.limits.RunTimeout)
	if d, ok := ctx.Deadline(); ok {
		left := d.Sub(c.now())
		if sooner := d.Add(-min(left/4, 5*time.Second)); sooner.Before(end) {
			end = sooner
		}
	}
	return context.WithDeadline(ctx, end)
}

// key identifies a question: models, version, prompt, schema.
func (c *Client) key(q Question, req Request) string {
	h := sha256.New()
	for _, m := range c.models {
		_, _ = io.WriteString(h, m.Provider()+"/"+m.Name()+"\x00")
	}
	_, _ = io.WriteString(h, q.Version+"\x00"+string(schemaOf(req))+"\x00"+req.System+"\x00"+req.User)
	return hex.EncodeToString(h.Sum(nil))
}

// repair asks again, with the answer and everything that was wrong with it. The prompt before it stays as it was.
func repair(req Request, answer string, problems []string) Request {
	const most = 1024
	if len(answer) > most {
		answer = strings.ToValidUTF8(answer[:most], "")
	}
	problems = problems[:min(len(problems), 16)]
	var b strings.Builder
	b.WriteString(req.User)
	if answer != "" {
		b.WriteString("\n\nYour answer was:\n" + answer)
	}
	b.WriteString("\n\nIt cannot be used:\n")
	for _, p := range problems {
		if len(p) > 300 {
			p = strings.ToValidUTF8(p[:300], "")
		}
		b.WriteString("- " + p + "\n")
	}
	b.WriteString("Answer again, with the JSON object only.")
	req.User, _ = redact.Text(b.String())
	return req
}

// The waits between attempts where the provider does not say.
const (
	delayBase = 500 * time.Millisecond
	delayMost = 20 * time.Second
)

// delay returns how long to wait before the next attempt: what the provider asks for, else full jitter.
func delay(e *Error, attempt int) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	return rand.N(min(delayMost, delayBase<<attempt)) + time.Millisecond
}

// pause waits, and reports false at once where the wait would not end in time.
func pause(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// healthy reports whether a call says that its model is there: it is, when it answers nonsense or refuses.
func healthy(err error) bool {
	switch kindOf(err) {
	case KindLimited, KindUnavailable, KindTimeout, KindProtocol:
		return false
	}
	return true
}

func kindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}

// reasonOf is the outcome of a failed call as metrics carry it.
func reasonOf(err error) string {
	switch kind := kindOf(err); {
	case kind != "":
		return string(kind)
	case errors.Is(err, ErrOpen):
		return "open"
	case errors.Is(err, ErrBudget):
		return string(ReasonBudget)
	}
	return "error"
}

// note adds a model to those that answered.
func note(use *provisov1.ModelUse, model string) {
	if !slices.Contains(use.GetModels(), model) && len(use.GetModels()) < 8 {
		use.Models = append(use.Models, model)
	}
}

func schemaOf(r Request) []byte {
	if r.Schema == nil {
		return nil
	}
	return r.Schema.Plain
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	text, _ := redact.Text(err.Error())
	return text[:min(len(text), 500)]
}
