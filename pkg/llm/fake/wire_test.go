package fake_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/llm/fake"
	"proviso.dev/pkg/llm/gemini"
	"proviso.dev/pkg/llm/openai"
	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const good = `{"kind":"provision","guests":[{"cores":2}]}`

// wires returns one model a wire, all on the same server.
func wires(t *testing.T, url string) map[string]llm.Model {
	t.Helper()
	g, err := gemini.New(t.Context(), gemini.Config{Model: "fake-g", Key: "key-of-gemini", BaseURL: url})
	if err != nil {
		t.Fatal(err)
	}
	o, err := openai.New(openai.Config{Model: "fake-o", Key: "key-of-openai", BaseURL: url + "/v1"})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]llm.Model{"gemini": g, "openai": o}
}

func schema(t *testing.T) *llm.Schema {
	t.Helper()
	s, err := llm.SchemaOf(&llmv1.IntentProposal{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOneCall(t *testing.T) {
	server := fake.New(fake.Script{Rules: []fake.Rule{{Reply: good, InputTokens: 123, OutputTokens: 45}}})
	url, stop := server.Start()
	defer stop()
	for wire, m := range wires(t, url) {
		t.Run(wire, func(t *testing.T) {
			server.Reset(fake.Script{Rules: []fake.Rule{{Reply: good, InputTokens: 123, OutputTokens: 45}}})
			got, err := m.Generate(t.Context(), llm.Request{System: "the rules", User: "the request", Schema: schema(t), MaxOutputTokens: 500})
			if err != nil {
				t.Fatal(err)
			}
			if got.Text != good || got.Usage != (llm.Usage{InputTokens: 123, OutputTokens: 45}) {
				t.Errorf("got %+v", got)
			}
			r := server.Requests()[0]
			if r.Wire != wire || r.System != "the rules" || r.User != "the request" || !r.Schema || !strings.Contains(r.Body, "500") ||
				!strings.Contains(r.Body, "start_at_boot") || strings.Contains(r.Body, "key-of-") {
				t.Errorf("the server was asked %+v", r)
			}
		})
	}
}

// Every fault is an error of the right kind, or a text that Decode judges.
func TestFaultsOnTheWire(t *testing.T) {
	server := fake.New(fake.Script{})
	url, stop := server.Start()
	defer stop()
	want := map[fake.Fault]llm.Kind{
		fake.RateLimited: llm.KindLimited, fake.ServerError: llm.KindUnavailable, fake.Unavailable: llm.KindUnavailable,
		fake.Rejected: llm.KindRejected, fake.SchemaRefused: llm.KindRejected, fake.CutStream: llm.KindUnavailable,
		fake.Blocked: llm.KindBlocked, fake.Safety: llm.KindBlocked, fake.MaxTokens: llm.KindTruncated,
		fake.Huge: llm.KindProtocol, fake.WrongType200: llm.KindProtocol,
	}
	for _, wire := range []string{"gemini", "openai"} {
		for _, fault := range fake.Faults() {
			if fault == fake.SlowFirstByte || fault == fake.SlowStream {
				continue // below
			}
			t.Run(wire+"/"+string(fault), func(t *testing.T) {
				m := wires(t, url)[wire]
				server.Reset(fake.Script{Rules: []fake.Rule{{Reply: good, Fault: fault, RetryAfter: fake.Duration(3 * time.Second)}}})
				got, err := m.Generate(t.Context(), llm.Request{System: "s", User: "u", Schema: schema(t), MaxOutputTokens: 100})
				var failed *llm.Error
				if kind, fails := want[fault]; fails {
					if !errors.As(err, &failed) || failed.Kind != kind {
						t.Fatalf("got %v, want kind %s", err, kind)
					}
					if fault == fake.RateLimited && failed.RetryAfter != 3*time.Second {
						t.Errorf("come back after %s", failed.RetryAfter)
					}
					return
				}
				if err != nil {
					t.Fatalf("got %v, want a text", err)
				}
				_, problems := llm.Decode[*llmv1.IntentProposal](got.Text)
				usable := fault == fake.FencedJSON || fault == fake.TextBeforeJSON || fault == fake.TrailingComma || fault == fake.NoUsage
				if usable != (len(problems) == 0) {
					t.Errorf("%q: problems %q", got.Text, problems)
				}
			})
		}
		for _, fault := range []fake.Fault{fake.SlowFirstByte, fake.SlowStream} {
			t.Run(wire+"/"+string(fault), func(t *testing.T) {
				m := wires(t, url)[wire]
				server.Reset(fake.Script{Rules: []fake.Rule{{Reply: good, Fault: fault}}})
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				if _, err := m.Generate(ctx, llm.Request{System: "s", User: "u", MaxOutputTokens: 100}); err == nil {
					t.Error("a call that never ends succeeded")
				}
			})
		}
	}
}

// An endpoint that knows no json_schema is asked with json_object, then in the prompt alone, and remembered.
func TestOpenAILearnsWhatAnEndpointTakes(t *testing.T) {
	server := fake.New(fake.Script{Rules: []fake.Rule{{Fault: fake.Rejected, Times: 2}, {Reply: good}}})
	url, stop := server.Start()
	defer stop()
	c := llm.NewClient([]llm.Model{wires(t, url)["openai"]}, llm.Options{})
	for k, user := range []string{"first", "second"} {
		use := &provisov1.ModelUse{}
		if _, _, err := llm.Ask[*llmv1.IntentProposal](t.Context(), c, llm.Question{System: "s", User: user, Schema: schema(t)}, use, nil); err != nil {
			t.Fatal(err)
		}
		if want := []int32{3, 1}[k]; use.GetCalls() != want {
			t.Errorf("%s question: %d calls, want %d", user, use.GetCalls(), want)
		}
	}
	last := server.Requests()[3]
	if strings.Contains(last.Body, "response_format") || !strings.Contains(last.System, "JSON Schema") {
		t.Errorf("the last form is the schema in the prompt: %s", last.Body)
	}
}

func TestReadScript(t *testing.T) {
	tests := map[string]struct {
		text string
		ok   bool
	}{
		"Good":         {`{"rules":[{"match":{"wire":"gemini","call_number":1},"fault":"rate_limited","retry_after":"53s"},{"reply":"{}"}]}`, true},
		"UnknownFault": {`{"rules":[{"fault":"sulks"}]}`, false},
		"UnknownField": {`{"rules":[{"when":"always"}]}`, false},
		"Broken":       {`{`, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := fake.ReadScript(strings.NewReader(tc.text))
			if (err == nil) != tc.ok || err != nil && !errors.Is(err, fake.ErrScript) {
				t.Errorf("got %v", err)
			}
			if tc.ok && time.Duration(s.Rules[0].RetryAfter) != 53*time.Second {
				t.Errorf("read %+v", s)
			}
		})
	}
}
