package analyser_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/llm/fake"
	provisov1 "proviso.dev/proto/proviso/v1"

	analyser "proviso.dev/services/analyser/unit"
)

// A heard is a log that may be read while it is written.
type heard struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.buf.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.buf.String()
}

// strange asks for a program that no table knows, on Kubernetes with room and without storage classes.
func (b *bench) strange(run string) *provisov1.ContextPayload {
	p := b.payload(run)
	p.Kubernetes = fullKubernetes()
	for _, n := range p.GetKubernetes().GetNodes() {
		n.RequestedMemoryBytes = 1 << 30
	}
	p.Intent.VirtualMachines, p.Intent.Facts = nil, nil
	p.Intent.Workloads = []*provisov1.Workload{{Name: new("frob"), Image: new("registry.example.org/acme/frobnicator:1.0"), Replicas: proto.Int32(1)}}
	return p
}

// TestProposalInPlan is the whole way: configuration, one call, the plan that shows what a model said. Where nothing can be planned with
// it, and where no model is configured, the plan is that of the rules.
func TestProposalInPlan(t *testing.T) {
	tests := map[string]struct {
		reason, provider, reply string
		calls                   int
		memory                  int32
		technology, line        string
	}{
		"Used":    {"What nobody else knows a model may say.", "openai", `{"components":[{"id":"c1","technology":"rust","memory_mib":1500}]}`, 1, 1500, "rust", "model proposed"},
		"Refused": {"A model refuses nobody: no storage class would hold the data that it expects.", "openai", `{"components":[{"id":"c1","technology":"rust","stateful":true,"memory_mib":1500}]}`, 1, 256, "", "is dropped"},
		"Hostile": {"What the contract forbids takes everything beside it along.", "openai", `{"components":[{"id":"c1","technology":"rust","memory_mib":99999999}]}`, 1, 256, "", "models are out"},
		"Off":     {"None is configured.", "off", `{"components":[{"id":"c1","technology":"rust"}]}`, 0, 256, "", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			server := fake.New(fake.Script{Rules: []fake.Rule{{Reply: tc.reply}}})
			url, stop := server.Start()
			t.Cleanup(stop)
			variables := map[string]string{"PROVISO_LLM": tc.provider, "PROVISO_LLM_MODEL": "fake", "PROVISO_LLM_BASE_URL": url + "/v1"}
			cfg, err := analyser.LoadConfig(func(name string) (string, bool) { v, ok := variables[name]; return v, ok })
			if err != nil {
				t.Fatal(err)
			}
			log := &heard{}
			b := newBenchWith(t, 1, cfg, slog.NewTextHandler(log, nil))
			b.send(b.strange("run-m"), 1)
			r := b.results(1)[0]
			if r.GetAnalysed().GetPlan() == nil {
				t.Fatalf("%s No plan: %v", tc.reason, r.GetAnalysed())
			}
			plan := b.plan(r)
			c := plan.GetProfiles()[0].GetComponents()[0]
			if c.GetTechnology() != tc.technology || c.GetStateful() || plan.GetWorkloads()[0].GetSizing().GetMemoryMib() != tc.memory {
				t.Errorf("%s Got %v, planned %v", tc.reason, c, plan.GetWorkloads()[0].GetSizing())
			}
			if n := len(server.Requests()); n != tc.calls {
				t.Errorf("%d calls, want %d", n, tc.calls)
			}
			if !strings.Contains(log.String(), tc.line) {
				t.Errorf("the log does not say %q:\n%s", tc.line, log)
			}
			said := 0
			for _, f := range plan.GetProfiles()[0].GetFacts() {
				if f.GetOrigin() == "model" {
					said++
					if f.GetConfidence() > 0.5 || !strings.Contains(f.GetReason(), "modèle fake") {
						t.Errorf("fact %v", f)
					}
				}
			}
			if want := map[bool]int{true: 2}[tc.technology != ""]; said != want {
				t.Errorf("%d facts of a model, want %d", said, want)
			}
		})
	}
}
