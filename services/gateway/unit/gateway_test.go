package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	gateway "proviso.dev/services/gateway/unit"
)

const prompt = "créer un serveur web basé sur le template vm id 100"

func TestNewRefusesOpenNetwork(t *testing.T) {
	dir := t.TempDir()
	good, short := filepath.Join(dir, "good"), filepath.Join(dir, "short")
	for path, text := range map[string]string{good: "# operators\nalice " + strings.Repeat("a", 32) + "\n", short: "alice secret\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		reason string
		cfg    gateway.Config
		want   error
	}{
		"Default":       {reason: "Without any configuration the gateway is for this machine only.", cfg: gateway.Config{}},
		"Loopback6":     {reason: "The other loopback address is as good.", cfg: gateway.Config{Address: "[::1]:8470"}},
		"AllInterfaces": {reason: "Nobody asked for a password, so nobody else may come.", cfg: gateway.Config{Address: ":8470"}, want: gateway.ErrOpenToNetwork},
		"Name":          {reason: "What a name resolves to may change after the check.", cfg: gateway.Config{Address: "gateway:8470"}, want: gateway.ErrOpenToNetwork},
		"WithTokens":    {reason: "With login the network may come.", cfg: gateway.Config{Address: "0.0.0.0:8470", TokenFile: good}},
		"ShortToken":    {reason: "A token that can be guessed is no login.", cfg: gateway.Config{Address: "0.0.0.0:8470", TokenFile: short}, want: gateway.ErrTokenFile},
		"NoFile":        {reason: "A missing file must not mean no login.", cfg: gateway.Config{TokenFile: filepath.Join(dir, "none")}, want: os.ErrNotExist},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := gateway.New(tc.cfg)
			if !errors.Is(err, tc.want) {
				t.Errorf("%s\ngot error %v, want %v", tc.reason, err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the token: %v", err)
			}
		})
	}
}

// TestDialogue walks a run through the door: taken in, asked, answered, delivered, each wait ending when the run does
// something and not a moment before.
func TestDialogue(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	starts, answers := make(chan *provisov1.StartRun, 1), make(chan *provisov1.AnswerRun, 1)
	h.manage(func(subject string, data []byte) {
		switch subject {
		case bus.WorkSubject(bus.RoleManager, bus.VerbStart):
			m, err := wire.Decode[*provisov1.StartRun](data, wire.Strict)
			if err != nil {
				t.Errorf("start: %v", err)
			}
			h.store(&provisov1.Run{RunId: m.GetRunId(), State: "understanding", Language: "fr", Text: m.GetText()})
			h.store(&provisov1.Run{RunId: m.GetRunId(), State: "confirming", Language: "fr", Text: m.GetText()})
			starts <- m
		case bus.WorkSubject(bus.RoleManager, bus.VerbAnswer):
			m, err := wire.Decode[*provisov1.AnswerRun](data, wire.Strict)
			if err != nil {
				t.Errorf("answer: %v", err)
			}
			later := timestamppb.New(now.Add(time.Second))
			h.store(&provisov1.Run{RunId: m.GetRunId(), State: "collecting", Language: "fr", UpdatedAt: later})
			h.store(&provisov1.Run{RunId: m.GetRunId(), State: "delivered", Language: "fr", UpdatedAt: later})
			answers <- m
		}
	})

	created := h.call("POST", "/v1/runs", `{"prompt":"`+prompt+`","answers":[{"id":"vm1.name","text":"webserver"}]}`)
	id := created.field("run_id")
	if got, want := created.status, http.StatusAccepted; got != want {
		t.Fatalf("create: got %d, want %d: %s", got, want, created.body)
	}
	if got, want := created.header.Get("Location"), "/v1/runs/"+id; got != want {
		t.Errorf("Location: got %q, want %q", got, want)
	}
	want := &provisov1.StartRun{
		RunId: id, Text: prompt, Requester: &provisov1.Requester{Door: "http", Publisher: "gateway"},
		Answers: []*provisov1.Answer{{Id: "vm1.name", Text: "webserver"}}, At: timestamppb.New(now),
	}
	if diff := cmp.Diff(want, receive(t, starts), protocmp.Transform()); diff != "" {
		t.Errorf("message to the manager (-want +got):\n%s", diff)
	}

	asked := h.call("GET", "/v1/runs/"+id+"?wait=9s", "")
	if got := asked.field("state"); got != "confirming" {
		t.Fatalf("first wait: got state %q, want confirming", got)
	}
	if got := h.call("POST", "/v1/runs/"+id+"/confirm", `{"answer":"oui"}`); got.status != http.StatusAccepted {
		t.Fatalf("confirm: %d %s", got.status, got.body)
	}
	// Without the tag this would answer "confirming" whenever it is faster than the manager.
	done := h.call("GET", "/v1/runs/"+id+"?wait=9s", "", "If-None-Match: "+asked.header.Get("ETag"))
	if got := done.field("state"); got != "delivered" {
		t.Errorf("second wait: got state %q, want delivered", got)
	}
	answer := receive(t, answers)
	if diff := cmp.Diff([]*provisov1.Answer{{Id: "confirm", Text: "oui"}}, answer.GetAnswers(), protocmp.Transform()); diff != "" {
		t.Errorf("answer to the manager (-want +got):\n%s", diff)
	}
	if logs := h.logs.String(); strings.Contains(logs, "serveur web") {
		t.Errorf("the log repeats the request: %s", logs)
	}
}

// The manager tidies a record after publishing its outbox. Nobody who waits may take that for news.
func TestTidyingIsNoChange(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	run := &provisov1.Run{RunId: "tidy", State: "confirming", Language: "en"}
	h.store(run)
	tag := h.call("GET", "/v1/runs/tidy", "").header.Get("ETag")
	h.storeRecord(&provisov1.RunRecord{Run: run, Applied: []string{"start"}, Outbox: []*provisov1.Outgoing{{Subject: "s", MsgId: "m"}}})
	got := h.call("GET", "/v1/runs/tidy?wait=50ms", "", "If-None-Match: "+tag)
	if got.status != http.StatusNotModified {
		t.Errorf("got %d, want %d", got.status, http.StatusNotModified)
	}
}

func TestReceivedBeforeTheManager(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	id := h.call("POST", "/v1/runs", `{"prompt":"create a web server from template 100"}`).field("run_id")
	got := h.call("GET", "/v1/runs/"+id, "")
	if got.status != http.StatusOK || got.field("state") != "received" || got.field("language") != "en" {
		t.Errorf("got %d %s, want a run in state received, in English", got.status, got.body)
	}
}

func TestIdempotency(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	starts := make(chan string, 8)
	h.manage(func(_ string, data []byte) {
		m, err := wire.Decode[*provisov1.StartRun](data, wire.Strict)
		if err != nil {
			t.Errorf("start: %v", err)
		}
		h.store(&provisov1.Run{RunId: m.GetRunId(), State: "delivered", Language: "en", Text: m.GetText()})
		starts <- m.GetRunId()
	})
	const body, other = `{"prompt":"create a web server from template 100"}`, `{"prompt":"create two web servers from template 100"}`
	const key = "Idempotency-Key: order-4711"

	first := h.call("POST", "/v1/runs", body, key).field("run_id")
	if got := receive(t, starts); got != first {
		t.Fatalf("the manager got run %q, the client %q", got, first)
	}
	second := h.call("POST", "/v1/runs", body, key)
	if got := second.field("run_id"); got != first || second.field("state") != "delivered" {
		t.Errorf("same key, same body: got %s, want run %s, delivered", second.body, first)
	}
	if got := h.call("POST", "/v1/runs", other, key); got.status != 422 || got.field("code") != "idempotency_key_reused" {
		t.Errorf("same key, other body: got %d %s", got.status, got.body)
	}

	// The bucket is a fast path; without it the run's derived id must do.
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	idem, err := h.js.KeyValue(ctx, bus.BucketIdem)
	if err != nil {
		t.Fatal(err)
	}
	if err := idem.Purge(ctx, "http."+first); err != nil {
		t.Fatal(err)
	}
	if got := h.call("POST", "/v1/runs", other, key); got.status != 422 {
		t.Errorf("bucket lost, other body: got %d %s, want 422", got.status, got.body)
	}
	if got := h.call("POST", "/v1/runs", `{"prompt":"x"}`, "Idempotency-Key: order-4712").field("run_id"); got == first {
		t.Error("another key gave the same run")
	}
	if got := receive(t, starts); got == first {
		t.Error("the run was begun twice")
	}
}

func TestProblems(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	h.store(&provisov1.Run{RunId: "ended", State: "refused", Language: "fr", Refusal: &provisov1.Refusal{Code: "off_topic", Message: "non"}})
	h.store(&provisov1.Run{RunId: "question", State: "delivered", Language: "fr", Reply: &provisov1.Reply{Text: "pmox02."}})
	h.store(&provisov1.Run{RunId: "busy", State: "building", Language: "fr"})
	h.store(&provisov1.Run{RunId: "asking", State: "clarifying", Language: "en"})
	long := strings.Repeat("a", 17<<10)

	tests := map[string]struct {
		reason                string
		method, path, body    string
		headers               []string
		status                int
		code, language, inMsg string
	}{
		"EmptyBody":     {reason: "Nothing was said.", method: "POST", path: "/v1/runs", status: 422, code: "empty_request", language: "en"},
		"BlankPrompt":   {reason: "Blanks are nothing.", method: "POST", path: "/v1/runs", body: `{"prompt":" \n"}`, headers: []string{"Accept-Language: fr"}, status: 422, code: "empty_request", language: "fr", inMsg: "vide"},
		"LongPrompt":    {reason: "17 KiB are more than 16.", method: "POST", path: "/v1/runs", body: `{"prompt":"` + long + `"}`, status: 413, code: "too_long", language: "en", inMsg: "17 KiB"},
		"HugeBody":      {reason: "100 KB are not even read.", method: "POST", path: "/v1/runs", body: `{"prompt":"` + strings.Repeat("a", 100_000) + `"}`, status: 413, code: "body_too_large", language: "en"},
		"NotUTF8":       {reason: "encoding/json would replace the byte silently.", method: "POST", path: "/v1/runs", body: "{\"prompt\":\"a\xff\"}", status: 400, code: "not_text", language: "en"},
		"ControlBytes":  {reason: "An escape in JSON is still a control character.", method: "POST", path: "/v1/runs", body: `{"prompt":"a\u0000b\u001b[2J"}`, status: 400, code: "not_text", language: "en"},
		"NotJSON":       {reason: "A form is no request.", method: "POST", path: "/v1/runs", body: `prompt=x`, status: 400, code: "malformed_body", language: "en"},
		"UnknownField":  {reason: "A misspelt field must not be dropped.", method: "POST", path: "/v1/runs", body: `{"promt":"x"}`, status: 400, code: "malformed_body", language: "en", inMsg: "promt"},
		"WrongType":     {reason: "A number is no prompt.", method: "POST", path: "/v1/runs", body: `{"prompt":1}`, status: 400, code: "malformed_body", language: "en", inMsg: "prompt"},
		"TwoValues":     {reason: "One body, one request.", method: "POST", path: "/v1/runs", body: `{"prompt":"x"}{}`, status: 400, code: "malformed_body", language: "en"},
		"MediaType":     {reason: "Pages of other origins can send text/plain.", method: "POST", path: "/v1/runs", body: `{"prompt":"x"}`, headers: []string{"Content-Type: text/plain"}, status: 415, code: "unsupported_media_type", language: "en"},
		"BothGiven":     {reason: "Which one counts would be a guess.", method: "POST", path: "/v1/runs", body: `{"prompt":"x","intent":{}}`, status: 422, code: "prompt_and_intent", language: "en"},
		"BadIntent":     {reason: "Each broken rule is named.", method: "POST", path: "/v1/runs", body: `{"intent":{"intent_id":"a","language":"de"}}`, status: 422, code: "invalid_request", language: "en"},
		"BadLanguage":   {reason: "Two languages are spoken.", method: "POST", path: "/v1/runs", body: `{"prompt":"x","language":"de"}`, status: 422, code: "invalid_request", language: "en"},
		"LongKey":       {reason: "A key is short.", method: "POST", path: "/v1/runs", body: `{"prompt":"x"}`, headers: []string{"Idempotency-Key: " + strings.Repeat("k", 256)}, status: 400, code: "idempotency_key_invalid", language: "en"},
		"UnknownRun":    {reason: "Nobody knows it.", method: "GET", path: "/v1/runs/r-none", status: 404, code: "run_unknown", language: "en"},
		"WildcardRun":   {reason: "An id must not become a pattern.", method: "GET", path: "/v1/runs/*/events", status: 404, code: "run_unknown", language: "en"},
		"BadWait":       {reason: "A duration has a unit.", method: "GET", path: "/v1/runs/busy?wait=30", status: 400, code: "invalid_parameter", language: "en", inMsg: "30s"},
		"BadLimit":      {reason: "A list has an end.", method: "GET", path: "/v1/runs?limit=101", status: 400, code: "invalid_parameter", language: "en"},
		"BadEventID":    {reason: "An event's id is a number.", method: "GET", path: "/v1/runs/busy/events", headers: []string{"Last-Event-ID: x"}, status: 400, code: "invalid_parameter", language: "en"},
		"AnswerEnded":   {reason: "The run's own language is used when the client names none.", method: "POST", path: "/v1/runs/ended/answers", body: `{"answers":[{"id":"a","text":"b"}]}`, status: 409, code: "run_ended", language: "fr", inMsg: "refused"},
		"AnswerBusy":    {reason: "Nothing was asked.", method: "POST", path: "/v1/runs/busy/confirm", body: `{"answer":"oui"}`, headers: []string{"Accept-Language: en"}, status: 409, code: "not_waiting", language: "en", inMsg: "building"},
		"AnswerEmpty":   {reason: "Silence does not confirm.", method: "POST", path: "/v1/runs/asking/confirm", body: `{"answer":""}`, status: 422, code: "empty_request", language: "en"},
		"AnswerNone":    {reason: "An empty list answers nothing.", method: "POST", path: "/v1/runs/asking/answers", body: `{"answers":[]}`, status: 422, code: "invalid_request", language: "en"},
		"CancelEnded":   {reason: "What has ended cannot be ended.", method: "POST", path: "/v1/runs/ended/cancel", status: 409, code: "run_ended", language: "fr"},
		"NoManifest":    {reason: "It is not built yet.", method: "GET", path: "/v1/runs/busy/manifest", status: 404, code: "manifest_absent", language: "fr"},
		"NoContext":     {reason: "Nothing is collected yet.", method: "GET", path: "/v1/runs/busy/context", status: 404, code: "context_absent", language: "fr"},
		"NoBundle":      {reason: "It will never be built.", method: "GET", path: "/v1/runs/ended/bundle.zip", status: 404, code: "manifest_absent", language: "fr"},
		"NoAnswerFile":  {reason: "A question has an answer and no manifest.", method: "GET", path: "/v1/runs/question/manifest", status: 404, code: "no_manifest", language: "fr", inMsg: "question"},
		"NoAnswerZip":   {reason: "Nor a bundle.", method: "GET", path: "/v1/runs/question/bundle.zip", headers: []string{"Accept-Language: en"}, status: 404, code: "no_manifest", language: "en", inMsg: "reply"},
		"BadSession":    {reason: "A session's name is a token.", method: "POST", path: "/v1/runs", body: `{"prompt":"x","session_id":"a b"}`, status: 422, code: "invalid_request", language: "en"},
		"NoPage":        {reason: "Also what the mux refuses is a problem.", method: "GET", path: "/v2/runs", status: 404, code: "not_found", language: "en"},
		"NoMethod":      {reason: "So is a method that a path lacks.", method: "DELETE", path: "/v1/runs/busy", status: 405, code: "method_not_allowed", language: "en"},
		"NoSchema":      {reason: "A name must not leave the folder.", method: "GET", path: "/schemas/..%2fgo.mod", status: 404, code: "not_found", language: "en"},
		"ForeignHost":   {reason: "A foreign name that resolves to loopback is rebinding.", method: "GET", path: "/v1/runs", headers: []string{"Host: evil.example"}, status: 421, code: "host_refused", language: "en"},
		"ForeignOrigin": {reason: "A page of another origin must not act.", method: "POST", path: "/v1/runs", body: `{"prompt":"x"}`, headers: []string{"Origin: https://evil.example", "Sec-Fetch-Site: cross-site"}, status: 403, code: "cross_origin", language: "en"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			h.t = t
			got := h.call(tc.method, tc.path, tc.body, tc.headers...)
			if got.status != tc.status || got.field("code") != tc.code {
				t.Fatalf("%s\ngot %d %s, want %d %s", tc.reason, got.status, got.body, tc.status, tc.code)
			}
			if kind := got.header.Get("Content-Type"); kind != "application/problem+json" {
				t.Errorf("Content-Type: got %q", kind)
			}
			if lang := got.header.Get("Content-Language"); lang != tc.language {
				t.Errorf("Content-Language: got %q, want %q", lang, tc.language)
			}
			detail := got.field("detail")
			if !strings.Contains(detail, tc.inMsg) || strings.Contains(detail, "{") || len(detail) < 20 {
				t.Errorf("detail %q: want a sentence with %q and no placeholder", detail, tc.inMsg)
			}
			if strings.Contains(string(got.body), "goroutine") || strings.Contains(string(got.body), ".go:") {
				t.Errorf("the answer tells about the inside: %s", got.body)
			}
		})
	}
	h.t = t
}

func TestViolationsAreListed(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	got := h.call("POST", "/v1/runs", `{"intent":{"intent_id":"a b","language":"de","target":{"platform":"proxmox"},"virtual_machines":[{"cores":0}]}}`)
	for _, path := range []string{"intent.intent_id", "intent.language", "intent.virtual_machines[0].cores"} {
		if !strings.Contains(string(got.body), `"path":"`+path+`"`) {
			t.Errorf("no violation names %s: %s", path, got.body)
		}
	}
}

func TestTokens(t *testing.T) {
	token := strings.Repeat("s3cr3t-", 6)
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte("alice "+token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, gateway.Config{TokenFile: file})
	starts := make(chan *provisov1.StartRun, 1)
	h.manage(func(_ string, data []byte) {
		m, err := wire.Decode[*provisov1.StartRun](data, wire.Strict)
		if err != nil {
			t.Errorf("start: %v", err)
		}
		starts <- m
	})
	tests := map[string]struct {
		path, header string
		want         int
	}{
		"None":   {"/v1/runs", "X: y", 401},
		"Wrong":  {"/v1/runs", "Authorization: Bearer " + token + "x", 401},
		"Basic":  {"/v1/runs", "Authorization: Basic " + token, 401},
		"Right":  {"/v1/runs", "Authorization: Bearer " + token, 200},
		"Health": {"/healthz", "X: y", 200},
		"Ready":  {"/readyz", "X: y", 200},
		"Meters": {"/metrics", "X: y", 401},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := h.call("GET", tc.path, "", tc.header); got.status != tc.want {
				t.Errorf("got %d, want %d", got.status, tc.want)
			}
		})
	}
	h.call("POST", "/v1/runs", `{"prompt":"x"}`, "Authorization: Bearer "+token)
	if got := receive(t, starts).GetRequester().GetSubject(); got != "alice" {
		t.Errorf("subject: got %q, want alice", got)
	}
	if strings.Contains(h.logs.String(), "s3cr3t") {
		t.Error("the log tells the token")
	}
}

func TestWorkIsFull(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	work, err := h.js.Stream(ctx, bus.StreamWork)
	if err != nil {
		t.Fatal(err)
	}
	cfg := work.CachedInfo().Config
	cfg.MaxBytes = 64
	if _, err := h.js.UpdateStream(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	got := h.call("POST", "/v1/runs", `{"prompt":"`+prompt+`"}`)
	if got.status != http.StatusTooManyRequests || got.field("code") != "busy" || got.header.Get("Retry-After") == "" {
		t.Errorf("got %d %v %s, want 429 busy with Retry-After", got.status, got.header, got.body)
	}
	if lang := got.header.Get("Content-Language"); lang != "fr" {
		t.Errorf("Content-Language: got %q, want the prompt's", lang)
	}
}

func TestBusIsDown(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	h.server.Shutdown()
	h.server.WaitForShutdown()
	for _, call := range [][3]string{{"POST", "/v1/runs", `{"prompt":"x"}`}, {"GET", "/v1/runs/r-1", ""}, {"GET", "/readyz", ""}} {
		got := h.call(call[0], call[1], call[2])
		if got.status != http.StatusServiceUnavailable || got.field("code") != "bus_unavailable" || got.header.Get("Retry-After") == "" {
			t.Errorf("%s %s: got %d %s, want 503 bus_unavailable with Retry-After", call[0], call[1], got.status, got.body)
		}
	}
}

func TestListAndService(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	for _, id := range []string{"r-1", "r-2", "r-3"} {
		h.store(&provisov1.Run{RunId: id, State: "delivered", Language: "en", Text: "create " + id})
	}
	h.store(&provisov1.Run{RunId: "r-1", State: "failed", Language: "en", Text: "create r-1"})
	got := h.call("GET", "/v1/runs?limit=2", "")
	want := `{"runs":[{"run_id":"r-1","state":"failed","language":"en","text":"create r-1","created_at":"2026-11-21T12:00:00Z","updated_at":"2026-11-21T12:00:00Z"},` +
		`{"run_id":"r-3","state":"delivered","language":"en","text":"create r-3","created_at":"2026-11-21T12:00:00Z","updated_at":"2026-11-21T12:00:00Z"}]}`
	if diff := cmp.Diff(want, strings.TrimSpace(string(got.body))); diff != "" {
		t.Errorf("the runs that changed last (-want +got):\n%s", diff)
	}
	if got := h.call("GET", "/schemas/proviso.v1.ProvisionIntent", ""); got.status != 200 || !strings.Contains(string(got.body), "virtual_machines") {
		t.Errorf("schema: %d", got.status)
	}
	if got := h.call("GET", "/schemas/", ""); !strings.Contains(string(got.body), `"/schemas/proviso.v1.ProvisionIntent"`) {
		t.Errorf("schemas: %s", got.body)
	}
	if got := h.call("GET", "/metrics", ""); !strings.Contains(string(got.body), `proviso_http_requests_total{code="200",method="GET",route="/v1/runs"} 1`) {
		t.Errorf("metrics do not count the route: %d", got.status)
	}
}

func TestCancel(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	h.store(&provisov1.Run{RunId: "r-1", State: "building", Language: "en"})
	cancels := make(chan *provisov1.CancelRun, 2)
	h.manage(func(_ string, data []byte) {
		m, err := wire.Decode[*provisov1.CancelRun](data, wire.Strict)
		if err != nil {
			t.Errorf("cancel: %v", err)
		}
		cancels <- m
	})
	if got := h.call("POST", "/v1/runs/r-1/cancel", ""); got.status != http.StatusAccepted {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	if got := receive(t, cancels).GetRunId(); got != "r-1" {
		t.Errorf("cancelled %q", got)
	}
}

// A gateway that stops must not keep those waiting whose run takes minutes.
func TestStopEndsWaits(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	h.store(&provisov1.Run{RunId: "r-1", State: "building", Language: "en"})
	stream := h.stream("r-1", "")
	receive(t, stream.opened)
	began := time.Now()
	h.stop()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("stopping took %v", took)
	}
}
