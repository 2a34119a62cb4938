package fake

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Request is one request as recorded.
type Request struct {
	Wire   string // "gemini" or "openai"
	Model  string
	System string
	User   string
	Schema bool   // it carried a schema
	Body   string // the whole body
	Tokens int    // of system and user, estimated
	Missed bool   // no rule matched
}

// Server answers by a script. It is an http.Handler; Start serves it on a free port.
type Server struct {
	mu       sync.Mutex // guards the fields below
	script   Script
	used     []int
	requests []Request
}

// New returns a server that is not listening yet.
func New(s Script) *Server { return &Server{script: s, used: make([]int, len(s.Rules))} }

// Start serves on a free port of this machine until stop is called.
func (s *Server) Start() (url string, stop func()) {
	srv := httptest.NewServer(s)
	return srv.URL, func() { srv.CloseClientConnections(); srv.Close() }
}

// Requests returns the requests so far, without those that only count tokens or list models.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Reset replaces the script and forgets the requests.
func (s *Server) Reset(script Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script, s.used, s.requests = script, make([]int, len(script.Rules)), nil
}

// ServeHTTP speaks both wires.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 32<<20))
	if err != nil {
		http.Error(w, "read body", http.StatusBadRequest)
		return
	}
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/models") && r.Method == http.MethodGet:
		write(w, http.StatusOK, map[string]any{"object": "list", "data": []any{map[string]any{"id": "fake", "object": "model"}}})
	case strings.HasSuffix(path, "/chat/completions"):
		s.openai(w, r, body)
	case strings.HasSuffix(path, "/embeddings"):
		s.embed(w, "openai", body)
	case strings.HasSuffix(path, ":batchEmbedContents"):
		s.embed(w, "gemini", body)
	case strings.HasSuffix(path, ":countTokens"):
		write(w, http.StatusOK, map[string]any{"totalTokens": estimate(len(body))})
	case strings.HasSuffix(path, ":generateContent"), strings.HasSuffix(path, ":streamGenerateContent"):
		s.gemini(w, r, body)
	default:
		http.NotFound(w, r)
	}
}

// find records a request and returns the rule that answers it.
func (s *Server) find(req Request) (Rule, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	req.Tokens = estimate(len(req.System) + len(req.User))
	number := len(s.requests) + 1
	for k, rule := range s.script.Rules {
		m := rule.Match
		if m.Wire != "" && m.Wire != req.Wire || m.Model != "" && m.Model != req.Model || m.Schema && !req.Schema ||
			m.CallNumber != 0 && m.CallNumber != number || rule.Times > 0 && s.used[k] >= rule.Times ||
			!strings.Contains(req.System+"\n"+req.User, m.PromptContains) || rule.Fault == SchemaRefused && !req.Schema {
			continue
		}
		s.used[k]++
		s.requests = append(s.requests, req)
		return rule, true
	}
	req.Missed = true
	s.requests = append(s.requests, req)
	return Rule{}, false
}

func (s *Server) gemini(w http.ResponseWriter, r *http.Request, body []byte) {
	type content struct {
		Parts []struct {
			Text string `json:"text"`
		} `json:"parts"`
	}
	var in struct {
		Contents          []content `json:"contents"`
		SystemInstruction content   `json:"systemInstruction"`
		GenerationConfig  struct {
			ResponseJSONSchema json.RawMessage `json:"responseJsonSchema"`
		} `json:"generationConfig"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		http.Error(w, "broken JSON", http.StatusBadRequest)
		return
	}
	text := func(cs ...content) string {
		var b strings.Builder
		for _, c := range cs {
			for _, p := range c.Parts {
				b.WriteString(p.Text)
			}
		}
		return b.String()
	}
	_, rest, _ := strings.Cut(r.URL.Path, "/models/")
	model, _, _ := strings.Cut(rest, ":")
	req := Request{Wire: "gemini", Model: model, System: text(in.SystemInstruction), User: text(in.Contents...), Schema: len(in.GenerationConfig.ResponseJSONSchema) > 0, Body: string(body)}
	rule, ok := s.find(req)
	if !ok {
		write(w, http.StatusNotImplemented, map[string]any{"error": map[string]any{"code": 501, "message": "no rule matches", "status": "UNIMPLEMENTED"}})
		return
	}
	if refuse(w, rule, func(status int, name string, details []any) any {
		return map[string]any{"error": map[string]any{"code": status, "message": "scripted", "status": name, "details": details}}
	}) {
		return
	}
	out := map[string]any{"modelVersion": model, "responseId": "fake"}
	reply := rule.text(req.System + req.User)
	switch rule.Fault {
	case Blocked:
		out["promptFeedback"] = map[string]any{"blockReason": "PROHIBITED_CONTENT"}
	default:
		finish := "STOP"
		if rule.Fault == MaxTokens {
			finish, reply = "MAX_TOKENS", reply[:len(reply)/2]
		}
		if rule.Fault == Safety {
			finish, reply = "SAFETY", ""
		}
		out["candidates"] = []any{map[string]any{"index": 0, "finishReason": finish, "content": map[string]any{"role": "model", "parts": []any{map[string]any{"text": reply}}}}}
	}
	if in, outTokens, ok := usage(rule, req, reply); ok {
		out["usageMetadata"] = map[string]any{"promptTokenCount": in, "candidatesTokenCount": outTokens, "totalTokenCount": in + outTokens}
	}
	data, _ := json.Marshal(out)
	if strings.HasSuffix(r.URL.Path, ":streamGenerateContent") {
		w.Header().Set("Content-Type", "text/event-stream")
		data = []byte("data: " + string(data) + "\r\n\r\n")
	}
	deliver(w, r, rule, data)
}

func (s *Server) openai(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		ResponseFormat struct {
			Type string `json:"type"`
		} `json:"response_format"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		http.Error(w, "broken JSON", http.StatusBadRequest)
		return
	}
	req := Request{Wire: "openai", Model: in.Model, Schema: in.ResponseFormat.Type == "json_schema", Body: string(body)}
	for _, m := range in.Messages {
		if m.Role == "system" {
			req.System += m.Content
		} else {
			req.User += m.Content
		}
	}
	rule, ok := s.find(req)
	if !ok {
		write(w, http.StatusNotImplemented, map[string]any{"error": map[string]any{"message": "no rule matches", "type": "not_implemented"}})
		return
	}
	if refuse(w, rule, func(_ int, name string, _ []any) any {
		return map[string]any{"error": map[string]any{"message": "scripted", "type": strings.ToLower(name)}}
	}) {
		return
	}
	reply, finish := rule.text(req.System+req.User), "stop"
	message := map[string]any{"role": "assistant", "content": reply}
	switch rule.Fault {
	case MaxTokens:
		finish, reply = "length", reply[:len(reply)/2]
		message["content"] = reply
	case Safety, Blocked:
		finish, message["content"], message["refusal"] = "content_filter", "", "I cannot help with that."
	}
	out := map[string]any{"id": "fake", "object": "chat.completion", "model": in.Model, "choices": []any{map[string]any{"index": 0, "finish_reason": finish, "message": message}}}
	if n, o, ok := usage(rule, req, reply); ok {
		out["usage"] = map[string]any{"prompt_tokens": n, "completion_tokens": o, "total_tokens": n + o}
	}
	data, _ := json.Marshal(out)
	deliver(w, r, rule, data)
}

// refuse answers the faults that are a status.
func refuse(w http.ResponseWriter, rule Rule, wrap func(status int, name string, details []any) any) bool {
	var status int
	var name string
	switch rule.Fault {
	case RateLimited:
		status, name = http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"
	case ServerError:
		status, name = http.StatusInternalServerError, "INTERNAL"
	case Unavailable:
		status, name = http.StatusServiceUnavailable, "UNAVAILABLE"
	case Rejected, SchemaRefused:
		status, name = http.StatusBadRequest, "INVALID_ARGUMENT"
	default:
		return false
	}
	var details []any
	if after := time.Duration(rule.RetryAfter); after > 0 {
		details = append(details, map[string]any{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": strconv.FormatFloat(after.Seconds(), 'f', -1, 64) + "s"})
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
	write(w, status, wrap(status, name, details))
	return true
}

// deliver writes an answer, well or under the faults that concern the way of it.
func deliver(w http.ResponseWriter, r *http.Request, rule Rule, data []byte) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	wait := func() bool {
		if rule.Delay == 0 {
			<-r.Context().Done()
			return false
		}
		t := time.NewTimer(time.Duration(rule.Delay))
		defer t.Stop()
		select {
		case <-t.C:
			return true
		case <-r.Context().Done():
			return false
		}
	}
	half := func() {
		w.Header().Set("Content-Length", strconv.Itoa(len(data)))
		_, _ = w.Write(data[:len(data)/2])
		_ = http.NewResponseController(w).Flush()
	}
	switch rule.Fault {
	case WrongType200:
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><body>Please log in to the proxy.</body></html>")
	case SlowFirstByte:
		if wait() {
			_, _ = w.Write(data)
		}
	case SlowStream:
		if half(); wait() {
			_, _ = w.Write(data[len(data)/2:])
		}
	case CutStream:
		half()
		panic(http.ErrAbortHandler)
	default:
		_, _ = w.Write(data)
	}
}

func usage(rule Rule, req Request, reply string) (in, out int, ok bool) {
	in, out = rule.InputTokens, rule.OutputTokens
	if in == 0 {
		in = estimate(len(req.System) + len(req.User))
	}
	if out == 0 {
		out = estimate(len(reply))
	}
	return in, out, rule.Fault != NoUsage
}

func estimate(bytes int) int { return (2*bytes + 6) / 7 }

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
