// Package gemini asks Gemini through google.golang.org/genai. It is the only package that imports it.
//
// It owns the translation of one call and of its failures. Retries, budgets and redaction are the policy's, in package llm:
// the library's own retries stay off, since they ignore what the service says about when to come back. Nothing is read
// from the environment.
package gemini

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genai"
	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/redact"
)

// Config says which model is asked, and where.
type Config struct {
	// Model as the service names it. Required.
	Model string
	// Key of the API. Required; a service without keys takes any.
	Key redact.Secret
	// BaseURL of the service. Empty: Google's.
	BaseURL string
	// Thinking is "off" or a level: "minimal", "low", "medium", "high". Empty: as the model does by itself. Which of them a
	// model takes is known to its operator, never derived from its name.
	Thinking string
	// Transport carries the requests. Nil: http.DefaultTransport.
	Transport http.RoundTripper
}

// Model is one model of the service.
type Model struct {
	cfg    Config
	client *genai.Client
}

var _ llm.Model = (*Model)(nil)

// bodyMost is the largest answer that is read, in bytes.
const bodyMost = 1 << 20

// New returns a model. It does not connect.
func New(ctx context.Context, cfg Config) (*Model, error) {
	if cfg.Model == "" || cfg.Key == "" {
		return nil, errors.New("gemini needs the name of a model and a key")
	}
	if cfg.BaseURL == "" {
		cfg.BaseURL = "https://generativelanguage.googleapis.com/"
	}
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	client, err := genai.NewClient(ctx, &genai.ClientConfig{
		APIKey: cfg.Key.Reveal(), Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{BaseURL: cfg.BaseURL},
		HTTPClient: &http.Client{Transport: transport{cfg.Transport},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, // the key goes nowhere else
	})
	if err != nil {
		return nil, fmt.Errorf("client of gemini: %w", err)
	}
	return &Model{cfg: cfg, client: client}, nil
}

// Name is the configured name of the model.
func (m *Model) Name() string { return m.cfg.Model }

// Provider is Google's generative language API.
func (m *Model) Provider() string { return "gcp.gemini" }

// Generate makes one call.
func (m *Model) Generate(ctx context.Context, r llm.Request) (llm.Response, error) {
	cfg := &genai.GenerateContentConfig{
		SystemInstruction: genai.NewContentFromText(r.System, genai.RoleUser),
		MaxOutputTokens:   int32(r.MaxOutputTokens),
		Temperature:       new(float32),
	}
	if r.Schema != nil {
		cfg.ResponseMIMEType = "application/json"
		cfg.ResponseJsonSchema = r.Schema.Plain
	}
	switch m.cfg.Thinking {
	case "":
	case "off":
		cfg.ThinkingConfig = &genai.ThinkingConfig{ThinkingBudget: new(int32)}
	default:
		cfg.ThinkingConfig = &genai.ThinkingConfig{ThinkingLevel: genai.ThinkingLevel(strings.ToUpper(m.cfg.Thinking))}
	}
	reply := &hint{}
	out, err := m.client.Models.GenerateContent(context.WithValue(ctx, hintKey{}, reply), m.cfg.Model,
		[]*genai.Content{genai.NewContentFromText(r.User, genai.RoleUser)}, cfg)
	if err != nil {
		return llm.Response{}, failure(err, reply)
	}
	return read(out)
}

// read takes an answer apart. A prompt that was blocked has no candidates, and no error either.
func read(out *genai.GenerateContentResponse) (llm.Response, error) {
	var response llm.Response
	if u := out.UsageMetadata; u != nil {
		response.Usage = llm.Usage{InputTokens: int(u.PromptTokenCount + u.ToolUsePromptTokenCount), OutputTokens: int(u.CandidatesTokenCount + u.ThoughtsTokenCount)}
	}
	if len(out.Candidates) == 0 {
		if out.PromptFeedback != nil && out.PromptFeedback.BlockReason != "" {
			return response, &llm.Error{Kind: llm.KindBlocked, Err: fmt.Errorf("prompt blocked: %s", word(string(out.PromptFeedback.BlockReason)))}
		}
		return response, &llm.Error{Kind: llm.KindProtocol, Err: errors.New("no candidates")}
	}
	switch reason := out.Candidates[0].FinishReason; reason {
	case genai.FinishReasonStop:
	case genai.FinishReasonMaxTokens:
		return response, &llm.Error{Kind: llm.KindTruncated, Err: errors.New("finished for MAX_TOKENS")}
	default:
		return response, &llm.Error{Kind: llm.KindBlocked, Err: fmt.Errorf("finished for %q", word(string(reason)))}
	}
	var b strings.Builder
	if c := out.Candidates[0].Content; c != nil {
		for _, p := range c.Parts {
			if p != nil && !p.Thought {
				b.WriteString(p.Text)
			}
		}
	}
	response.Text = b.String()
	return response, nil
}

// failure translates an error of the library.
func failure(err error, h *hint) error {
	var api genai.APIError
	if !errors.As(err, &api) {
		kind := llm.KindUnavailable
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || h.status == http.StatusOK && !errors.Is(err, io.ErrUnexpectedEOF) {
			kind = llm.KindProtocol
		}
		return &llm.Error{Kind: kind, Status: h.status, Err: errors.New(word(err.Error()))}
	}
	e := &llm.Error{Kind: llm.KindOf(api.Code), Status: api.Code, Err: fmt.Errorf("service says %s", word(api.Status)), RetryAfter: h.after}
	for _, d := range api.Details {
		if s, ok := d["retryDelay"].(string); ok {
			if delay, err := time.ParseDuration(s); err == nil && delay > 0 {
				e.RetryAfter = delay
			}
		}
	}
	return e
}

// word keeps what a stranger's server wrote short and in one line.
func word(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return s[:min(len(s), 120)]
}

// hint carries from the transport what the library drops: the header Retry-After and the status.
type hint struct {
	after  time.Duration
	status int
}

type hintKey struct{}

// transport reads at most bodyMost bytes of an answer.
type transport struct{ next http.RoundTripper }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if h, ok := r.Context().Value(hintKey{}).(*hint); ok {
		h.status = resp.StatusCode
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
			h.after = time.Duration(s) * time.Second
		}
	}
	resp.Body = limited{io.LimitReader(resp.Body, bodyMost), resp.Body}
	return resp, nil
}

type limited struct {
	io.Reader
	io.Closer
}
