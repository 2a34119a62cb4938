// Package openai asks models behind the chat completions protocol: OpenAI, and local servers such as Ollama, vLLM and
// llama.cpp.
//
// It owns the translation of one call and of its failures, and what an endpoint was seen to understand of schemas. Retries,
// budgets and redaction are the policy's, in package llm.
package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/redact"
)

// Config says which model is asked, and where.
type Config struct {
	// Model as the server names it. Required.
	Model string
	// BaseURL ends before /chat/completions: "http://127.0.0.1:11434/v1". Required.
	BaseURL string
	// Key of the API. Empty: "unused", since some servers refuse an empty one.
	Key redact.Secret
	// Transport carries the requests. Nil: http.DefaultTransport.
	Transport http.RoundTripper
}

// Model is one model behind one endpoint.
type Model struct {
	cfg    Config
	client *http.Client
	// form is how the endpoint takes a schema, as learned so far.
	form atomic.Int32
}

var _ llm.Model = (*Model)(nil)

// The forms, from the best to the one that every server takes.
const (
	formSchema int32 = iota // response_format json_schema
	formObject              // response_format json_object, the schema in the prompt
	formPrompt              // the schema in the prompt
)

// bodyMost is the largest answer that is read, in bytes.
const bodyMost = 1 << 20

// New returns a model. It does not connect.
func New(cfg Config) (*Model, error) {
	if cfg.Model == "" || cfg.BaseURL == "" {
		return nil, errors.New("openai needs the name of a model and a base URL")
	}
	if cfg.Key == "" {
		cfg.Key = "unused"
	}
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	return &Model{cfg: cfg, client: &http.Client{Transport: cfg.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil // the key goes nowhere else
}

// Name is the configured name of the model.
func (m *Model) Name() string { return m.cfg.Model }

// Provider is the name of the protocol's owner; local servers speak it too.
func (m *Model) Provider() string { return "openai" }

// Generate makes one call. When the endpoint refuses the form of the schema, the failure says that the call may be made
// again at once: from then on it takes the next simpler form.
func (m *Model) Generate(ctx context.Context, r llm.Request) (llm.Response, error) {
	form := m.form.Load()
	out, err := m.call(ctx, r, form)
	var failed *llm.Error
	if r.Schema != nil && form < formPrompt && errors.As(err, &failed) &&
		(failed.Status == http.StatusBadRequest || failed.Status == http.StatusUnprocessableEntity) {
		m.form.CompareAndSwap(form, form+1)
		failed.Again = true
	}
	return out, err
}

// The protocol, as far as it is used.
type (
	message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	body struct {
		Model          string    `json:"model"`
		Messages       []message `json:"messages"`
		MaxTokens      int       `json:"max_tokens"`
		Temperature    float64   `json:"temperature"`
		ResponseFormat any       `json:"response_format,omitempty"`
	}
	answer struct {
		Choices []struct {
			Message struct {
				Content string `json:"content"`
				Refusal string `json:"refusal"`
			} `json:"message"`
			FinishReason string `json:"finish_reason"`
		} `json:"choices"`
		Usage struct {
			PromptTokens     int `json:"prompt_tokens"`
			CompletionTokens int `json:"completion_tokens"`
		} `json:"usage"`
	}
)

func (m *Model) body(r llm.Request, form int32) ([]byte, error) {
	b := body{Model: m.cfg.Model, MaxTokens: r.MaxOutputTokens, Messages: []message{{"system", r.System}, {"user", r.User}}}
	if r.Schema != nil {
		switch form {
		case formSchema:
			b.ResponseFormat = map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": r.Schema.Name, "strict": true, "schema": r.Schema.Strict}}
		case formObject:
			b.ResponseFormat = map[string]any{"type": "json_object"}
		}
		if form != formSchema {
			b.Messages[0].Content += "\n\nAnswer with one JSON object of this JSON Schema and nothing else:\n" + string(r.Schema.Plain)
		}
	}
	return json.Marshal(b)
}

func (m *Model) call(ctx context.Context, r llm.Request, form int32) (llm.Response, error) {
	data, err := m.body(r, form)
	if err != nil {
		return llm.Response{}, fmt.Errorf("write request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.cfg.BaseURL+"/chat/completions", bytes.NewReader(data))
	if err != nil {
		return llm.Response{}, &llm.Error{Kind: llm.KindRejected, Err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+m.cfg.Key.Reveal())
	resp, err := m.client.Do(req)
	if err != nil {
		return llm.Response{}, &llm.Error{Kind: llm.KindUnavailable, Err: err}
	}
	defer resp.Body.Close()
	data, err = io.ReadAll(io.LimitReader(resp.Body, bodyMost+1))
	if err != nil {
		return llm.Response{}, &llm.Error{Kind: llm.KindUnavailable, Status: resp.StatusCode, Err: err}
	}
	if resp.StatusCode != http.StatusOK {
		return llm.Response{}, &llm.Error{Kind: llm.KindOf(resp.StatusCode), Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header),
			Err: errors.New("server refuses")}
	}
	return read(resp.Header.Get("Content-Type"), data)
}

// read takes an answer apart.
func read(contentType string, data []byte) (llm.Response, error) {
	protocol := func(why string) (llm.Response, error) {
		return llm.Response{}, &llm.Error{Kind: llm.KindProtocol, Status: http.StatusOK, Err: errors.New(why)}
	}
	if t, _, err := mime.ParseMediaType(contentType); err != nil || t != "application/json" {
		return protocol("answer is no JSON")
	}
	if len(data) > bodyMost {
		return protocol("answer is too large")
	}
	var a answer
	if err := json.Unmarshal(data, &a); err != nil {
		return protocol("answer is broken JSON")
	}
	response := llm.Response{Usage: llm.Usage{InputTokens: a.Usage.PromptTokens, OutputTokens: a.Usage.CompletionTokens}}
	if len(a.Choices) == 0 {
		return protocol("no choices")
	}
	c := a.Choices[0]
	switch {
	case c.FinishReason == "length":
		return response, &llm.Error{Kind: llm.KindTruncated, Err: errors.New("finished for length")}
	case c.FinishReason == "content_filter" || c.Message.Refusal != "" && c.Message.Content == "":
		return response, &llm.Error{Kind: llm.KindBlocked, Err: errors.New("the model refuses")}
	}
	response.Text = c.Message.Content
	return response, nil
}

// retryAfter reads the header in both of its forms; 0: it says nothing.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil && s > 0 {
		return time.Duration(s) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
