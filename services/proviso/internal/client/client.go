// Package client speaks to a gateway over HTTP.
//
// It owns requests, retries that are safe, and the decoding of answers and problems. It shows nothing and decides nothing
// about a run.
package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const (
	// attempts bounds how often a request is sent that may be repeated.
	attempts = 4
	// waitStep is how long one request waits for a run before it is sent again: less than proxies between us may allow.
	waitStep = 25 * time.Second
	// maxAnswer bounds what is read of one answer, in bytes.
	maxAnswer = 64 << 20
)

// Problem is an answer other than success, as the gateway words it.
type Problem struct {
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Detail     string `json:"detail"`
	Violations []struct {
		Path    string `json:"path"`
		Message string `json:"message"`
	} `json:"violations"`
}

// Error is the gateway's sentence for the user.
func (p *Problem) Error() string {
	var text strings.Builder
	text.WriteString(p.Detail)
	for _, v := range p.Violations {
		text.WriteString(" [" + v.Path + ": " + v.Message + "]")
	}
	return text.String()
}

// UnreachableError is returned when no gateway answered.
type UnreachableError struct {
	Server string // scheme and host
	Err    error
}

// Error names the server and what the network said.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("reach gateway %s: %v", e.Server, e.Err)
}

// Unwrap gives what the network said.
func (e *UnreachableError) Unwrap() error { return e.Err }

// ErrAddress is returned when the gateway's address is not an http or https URL without credentials, query and fragment.
var ErrAddress = errors.New("not an http or https address")

// Config says where the gateway is.
type Config struct {
	// Server is the gateway's address: "http://127.0.0.1:8470".
	Server string
	// Token is sent as bearer token. Empty: none.
	Token string
	// Language is the one that problems should be worded in: "en" or "fr". Empty: the gateway chooses.
	Language string
	// Transport carries the requests. Nil: http.DefaultTransport.
	Transport http.RoundTripper
}

// Client speaks to one gateway.
type Client struct {
	cfg  Config
	base *url.URL
	http *http.Client
}

// New checks the address. The error is ErrAddress, wrapped.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.Server)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("gateway address: %w", ErrAddress)
	}
	c := &http.Client{
		Transport: cfg.Transport,
		// The gateway never redirects; who does may be somebody who would like our token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Client{cfg: cfg, base: base, http: c}, nil
}

// Answer is one answer to one question.
type Answer struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Request is what a run is begun with.
type Request struct {
	Prompt    string   `json:"prompt"`
	Confirmed bool     `json:"confirmed"`
	Answers   []Answer `json:"answers,omitempty"`
	// Session names the dialogue that the run belongs to; empty: none.
	Session string `json:"session_id,omitempty"`
}

// Create begins a run and returns its id. It may be repeated on the way without beginning two.
func (c *Client) Create(ctx context.Context, r Request) (string, error) {
	var accepted struct {
		RunID string `json:"run_id"`
	}
	data, err := c.post(ctx, "/v1/runs", r)
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(data, &accepted); err != nil || accepted.RunID == "" {
		return "", fmt.Errorf("begin run: answer has no run id")
	}
	return accepted.RunID, nil
}

// Answer answers open questions of a run.
func (c *Client) Answer(ctx context.Context, run string, answers []Answer) error {
	_, err := c.post(ctx, "/v1/runs/"+url.PathEscape(run)+"/answers", map[string]any{"answers": answers})
	return err
}

// Cancel ends a run.
func (c *Client) Cancel(ctx context.Context, run string) error {
	_, err := c.post(ctx, "/v1/runs/"+url.PathEscape(run)+"/cancel", struct{}{})
	return err
}

// Run is a run and the tag of what was seen of it.
type Run struct {
	*provisov1.Run
	Tag  string
	JSON json.RawMessage // as the gateway sent it
}

// Run reads a run.
func (c *Client) Run(ctx context.Context, run string) (*Run, error) {
	return c.readRun(ctx, "/v1/runs/"+url.PathEscape(run), "")
}

// Wait returns a run as soon as it ends or waits for the requester in another way than seen, a tag; empty: nothing was seen.
func (c *Client) Wait(ctx context.Context, run, seen string) (*Run, error) {
	path := "/v1/runs/" + url.PathEscape(run) + "?wait=" + waitStep.String()
	for {
		r, err := c.readRun(ctx, path, seen)
		if err != nil {
			return nil, err
		}
		if r != nil && (Ended(r.GetState()) || Waiting(r.GetState())) {
			return r, nil
		}
	}
}

// Ended says whether a run in this state will not change any more.
func Ended(state string) bool {
	switch state {
	case "delivered", "refused", "failed", "cancelled", "expired":
		return true
	}
	return false
}

// Waiting says whether a run in this state waits for the requester.
func Waiting(state string) bool { return state == "clarifying" || state == "confirming" }

// readRun reads a run; nil: it is as seen.
func (c *Client) readRun(ctx context.Context, path, seen string) (*Run, error) {
	header := http.Header{}
	if seen != "" {
		header.Set("If-None-Match", seen)
	}
	data, got, err := c.retry(ctx, http.MethodGet, path, nil, header)
	if err != nil {
		return nil, err
	}
	if data == nil {
		return nil, nil
	}
	run, err := wire.Decode[*provisov1.Run](data, wire.OwnServices)
	if err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	return &Run{Run: run, Tag: got.Get("ETag"), JSON: data}, nil
}

// Manifest reads the manifest of a delivered run.
func (c *Client) Manifest(ctx context.Context, run string) (*provisov1.Manifest, error) {
	data, _, err := c.retry(ctx, http.MethodGet, "/v1/runs/"+url.PathEscape(run)+"/manifest", nil, nil)
	if err != nil {
		return nil, err
	}
	m, err := wire.DecodeLimit[*provisov1.Manifest](data, wire.OwnServices, maxAnswer)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	return m, nil
}

// Plan reads the strategic plan of a run that was analysed.
func (c *Client) Plan(ctx context.Context, run string) (*provisov1.StrategicPlan, error) {
	data, _, err := c.retry(ctx, http.MethodGet, "/v1/runs/"+url.PathEscape(run)+"/plan", nil, nil)
	if err != nil {
		return nil, err
	}
	p, err := wire.DecodeLimit[*provisov1.StrategicPlan](data, wire.OwnServices, maxAnswer)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	return p, nil
}

// Bundle reads the archive of a delivered run.
func (c *Client) Bundle(ctx context.Context, run string) ([]byte, error) {
	data, _, err := c.retry(ctx, http.MethodGet, "/v1/runs/"+url.PathEscape(run)+"/bundle.zip", nil, nil)
	return data, err
}

// Summary is a run in a list.
type Summary struct {
	RunID     string    `json:"run_id"`
	State     string    `json:"state"`
	Text      string    `json:"text"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Runs lists the runs that changed last, and returns the answer as sent besides.
func (c *Client) Runs(ctx context.Context, limit int) ([]Summary, json.RawMessage, error) {
	data, _, err := c.retry(ctx, http.MethodGet, "/v1/runs?limit="+strconv.Itoa(limit), nil, nil)
	if err != nil {
		return nil, nil, err
	}
	var list struct {
		Runs []Summary `json:"runs"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, nil, fmt.Errorf("list runs: %w", err)
	}
	return list.Runs, data, nil
}

func (c *Client) post(ctx context.Context, path string, body any) ([]byte, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {rand.Text()}}
	answer, _, err := c.retry(ctx, http.MethodPost, path, data, header)
	return answer, err
}

// retry sends a request until somebody has an opinion about it. All our requests may be repeated: reading changes nothing,
// and what we post bears an idempotency key.
func (c *Client) retry(ctx context.Context, method, path string, body []byte, header http.Header) ([]byte, http.Header, error) {
	for attempt := 1; ; attempt++ {
		data, got, err := c.once(ctx, method, path, body, header)
		pause, again := pauseBefore(err, got, attempt)
		if err == nil || !again || ctx.Err() != nil || attempt == attempts {
			return data, got, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// pauseBefore says whether and after what pause a failed request is worth repeating.
func pauseBefore(err error, header http.Header, attempt int) (time.Duration, bool) {
	pause := 100 * time.Millisecond << attempt
	if _, ok := errors.AsType[*UnreachableError](err); ok {
		return pause, true
	}
	var p *Problem
	if errors.As(err, &p) && (p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable) {
		if s, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
			pause = min(time.Duration(s)*time.Second, 10*time.Second)
		}
		return pause, true
	}
	return 0, false
}

func (c *Client) once(ctx context.Context, method, path string, body []byte, header http.Header) ([]byte, http.Header, error) {
	resp, err := c.send(ctx, method, path, body, header)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusNotModified {
		return nil, resp.Header, nil
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, nil, &UnreachableError{Server: c.server(), Err: err}
	}
	if resp.StatusCode >= 300 {
		return nil, resp.Header, problemOf(resp, data)
	}
	return data, resp.Header, nil
}

func (c *Client) send(ctx context.Context, method, path string, body []byte, header http.Header) (*http.Response, error) {
	target := strings.TrimSuffix(c.base.String(), "/") + path
	r, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if header != nil {
		r.Header = header.Clone()
	}
	r.Header.Set("Proviso-Door", "cli")
	if c.cfg.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.cfg.Token)
	}
	if c.cfg.Language != "" {
		r.Header.Set("Accept-Language", c.cfg.Language)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // the URL is said already
		}
		return nil, &UnreachableError{Server: c.server(), Err: err}
	}
	return resp, nil
}

func (c *Client) server() string { return c.base.Scheme + "://" + c.base.Host }

// problemOf reads a problem; an answer that is none is by somebody else than a gateway.
func problemOf(resp *http.Response, data []byte) error {
	p := &Problem{}
	if json.Unmarshal(data, p) != nil || p.Code == "" || p.Detail == "" {
		return &Problem{Status: resp.StatusCode, Code: "not_a_gateway", Detail: "HTTP " + resp.Status}
	}
	p.Status = resp.StatusCode
	return p
}
