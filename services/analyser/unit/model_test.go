package analyser

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/llm/fake"
	"proviso.dev/pkg/llm/gemini"
	"proviso.dev/pkg/llm/openai"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/analyser/internal/profile"
)

// taught is what a scripted model says of the strange program.
const taught = `{"components":[{"id":"c1","technology":"rust","cpu_milli":900,"memory_mib":1500}]}`

// strangePayload asks for a program that no table knows.
func strangePayload(name string) *provisov1.ContextPayload {
	return &provisov1.ContextPayload{RunId: "run", Language: "en", Intent: &provisov1.ProvisionIntent{
		IntentId: "run", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
		Workloads: []*provisov1.Workload{{Name: &name, Image: new("registry.example.org/acme/frobnicator:1.0")}},
	}}
}

// A scripted is a model behind one wire, with what it is heard and counted by.
type scripted struct {
	*model

	server  *fake.Server
	metrics *observe.Metrics
	logs    *bytes.Buffer
}

func newScripted(t *testing.T, wireName string, limits llm.Limits, rules ...fake.Rule) *scripted {
	t.Helper()
	out := &scripted{server: fake.New(fake.Script{Rules: rules}), metrics: observe.New(), logs: &bytes.Buffer{}}
	url, stop := out.server.Start()
	t.Cleanup(stop)
	var m llm.Model
	var err error
	if wireName == "gemini" {
		m, err = gemini.New(t.Context(), gemini.Config{Model: "fake", Key: "k", BaseURL: url})
	} else {
		m, err = openai.New(openai.Config{Model: "fake", BaseURL: url + "/v1"})
	}
	if err != nil {
		t.Fatal(err)
	}
	env := &agent.Env{Log: slog.New(slog.NewJSONHandler(out.logs, nil)), Metrics: out.metrics, Now: time.Now}
	if out.model, err = newModel([]llm.Model{m}, limits, env); err != nil {
		t.Fatal(err)
	}
	return out
}

// profiled are the profiles of a payload after the model had its say; nil model: by rules alone.
func profiled(t *testing.T, m *model, p *provisov1.ContextPayload) (profiles []*provisov1.ApplicationProfile, taken bool) {
	t.Helper()
	read, err := profile.Read(profile.Input{Payload: p})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if taken, err = m.propose(ctx, p.GetRunId(), read, p); err != nil {
		t.Fatal(err)
	}
	for _, a := range read.All {
		if err := wire.Validate(a); err != nil {
			t.Error(err)
		}
	}
	return read.All, taken
}

// Whatever a model does, there are the profiles of the rules or better ones, after one call at most and soon.
func TestEveryFaultOfAModelEndsInRules(t *testing.T) {
	p := strangePayload("frob")
	rules, _ := profiled(t, nil, p)
	usable := map[fake.Fault]bool{"": true, fake.FencedJSON: true, fake.TextBeforeJSON: true, fake.TrailingComma: true, fake.NoUsage: true}
	for _, wireName := range []string{"gemini", "openai"} {
		for _, fault := range append(fake.Faults(), "") {
			t.Run(wireName+"/"+string(fault), func(t *testing.T) {
				t.Parallel()
				var limits llm.Limits
				if fault == fake.SlowFirstByte || fault == fake.SlowStream { // they never end
					limits.CallTimeout = 500 * time.Millisecond
				}
				m := newScripted(t, wireName, limits, fake.Rule{Reply: taught, Fault: fault, RetryAfter: fake.Duration(time.Millisecond)})
				began := time.Now()
				got, taken := profiled(t, m.model, p)
				if took := time.Since(began); took > modelPatience {
					t.Errorf("took %s", took)
				}
				if n := len(m.server.Requests()); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
				if usable[fault] {
					size := got[0].GetComponents()[0].GetSizing()
					if !taken || got[0].GetComponents()[0].GetTechnology() != "rust" || size.GetCpuMilli() != 900 || size.GetMemoryMib() != 1500 {
						t.Errorf("the answer was not used: %v", got)
					}
					return
				}
				if diff := cmp.Diff(rules, got, protocmp.Transform()); diff != "" || taken {
					t.Errorf("taken: %t; a fault left its mark (-rules +got):\n%s", taken, diff)
				}
				if n := strings.Count(m.logs.String(), "\n"); n != 1 {
					t.Errorf("%d lines in the log, want one:\n%s", n, m.logs)
				}
				reason := llm.ReasonNonsense // what was answered, whatever it was
				switch fault {
				case fake.SlowFirstByte, fake.SlowStream:
					reason = llm.ReasonTimeout
				case fake.RateLimited, fake.ServerError, fake.Unavailable, fake.Rejected, fake.SchemaRefused, fake.CutStream, fake.Blocked, fake.Safety, fake.WrongType200, fake.Huge:
					reason = llm.ReasonUnavailable
				}
				if n := testutil.ToFloat64(m.metrics.ModelOut.WithLabelValues(string(reason))); n != 1 || testutil.CollectAndCount(m.metrics.ModelOut) != 1 {
					t.Errorf("%v runs are counted as out for %s, want one:\n%s", n, reason, m.logs)
				}
			})
		}
	}
}

// A model that never answers is left after the step's own patience, whatever the operator allows a run.
func TestStepLimits(t *testing.T) {
	generous := llm.Limits{Calls: 20, InputTokens: 1_000_000, OutputTokens: 100_000, CallTimeout: 10 * time.Minute, RunTimeout: 10 * time.Minute, RetriesPerAsk: 9}
	tests := map[string]struct {
		reason     string
		have, want llm.Limits
	}{
		"Default":  {"Without configuration the step's own limits hold.", llm.Limits{}, llm.Limits{Calls: 1, RetriesPerAsk: -1, InputTokens: 2000, OutputTokens: 900, CallTimeout: 5 * time.Second, RunTimeout: 5 * time.Second}},
		"Generous": {"They hold whatever a run may spend.", generous, llm.Limits{Calls: 1, RetriesPerAsk: -1, InputTokens: 2000, OutputTokens: 900, CallTimeout: 5 * time.Second, RunTimeout: 5 * time.Second}},
		"Tight": {"An operator may allow less.", llm.Limits{InputTokens: 1000, OutputTokens: 200, CallTimeout: time.Second, RunTimeout: 2 * time.Second},
			llm.Limits{Calls: 1, RetriesPerAsk: -1, InputTokens: 1000, OutputTokens: 200, CallTimeout: time.Second, RunTimeout: 2 * time.Second}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, stepLimits(tc.have)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// The longest prompt fits into what a step may send, so that many parts do not shut the model out.
func TestLongestPromptFits(t *testing.T) {
	p := strangePayload("w")
	p.Intent.Workloads = nil
	for i := range 10 {
		p.Intent.Workloads = append(p.Intent.Workloads, &provisov1.Workload{
			Name: new(fmt.Sprintf("frobnicator-of-the-long-name-%d", i)), Image: new(fmt.Sprintf("registry.example.org/acme/%s/frob:%d", strings.Repeat("x", 25), i)),
		})
	}
	m := newScripted(t, "openai", llm.Limits{}, fake.Rule{Reply: `{"components":[{"id":"c8","technology":"rust"}]}`})
	if _, taken := profiled(t, m.model, p); !taken {
		t.Errorf("eight parts were not asked about: %s", m.logs)
	}
	for _, r := range m.server.Requests() {
		t.Logf("%d tokens, estimated; the bound of a step is %d with the schema", r.Tokens, modelInputTokens)
		if r.Tokens > modelInputTokens {
			t.Errorf("%d tokens sent", r.Tokens)
		}
	}
}

// What one run paid for, another delivery of its work does not pay again.
func TestAnswerIsPaidOnce(t *testing.T) {
	m := newScripted(t, "gemini", llm.Limits{}, fake.Rule{Reply: taught})
	first, _ := profiled(t, m.model, strangePayload("frob"))
	second, _ := profiled(t, m.model, strangePayload("frob"))
	if diff := cmp.Diff(first, second, protocmp.Transform()); diff != "" || len(m.server.Requests()) != 1 {
		t.Errorf("%d requests; (-first +second):\n%s", len(m.server.Requests()), diff)
	}
}

// Nobody is asked about what the tables know.
func TestNothingOpenAsksNobody(t *testing.T) {
	p := strangePayload("web")
	p.Intent.Workloads[0].Image = new("nginx:1.27")
	m := newScripted(t, "openai", llm.Limits{}, fake.Rule{Reply: taught})
	if _, taken := profiled(t, m.model, p); taken || len(m.server.Requests()) != 0 {
		t.Errorf("%d requests", len(m.server.Requests()))
	}
}
