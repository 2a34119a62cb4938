package e2e

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/llm/fake"
	"proviso.dev/test/harness"
)

// The budget of a run in these tests: the defaults of package llm.
const (
	mostCalls  = 4
	mostInput  = 8000
	mostOutput = 1500
)

// useful is what a model says about a "beefy" web server: a word that rules leave open.
const useful = `{"kind":"provision","guests":[{"role":"web-server","cores":8}]}`

// model is a scripted model and what points Proviso at it.
func model(t *testing.T, wire string) (*fake.Server, []string) {
	t.Helper()
	server := fake.New(fake.Script{})
	url, stop := server.Start()
	t.Cleanup(stop)
	env := []string{"PROVISO_LLM=" + wire, "PROVISO_LLM_MODEL=scripted", "PROVISO_LLM_BASE_URL=" + url,
		"PROVISO_LLM_CALL_TIMEOUT=1s", "PROVISO_LLM_RUN_TIMEOUT=3s"}
	if wire == "openai" {
		env[2] += "/v1"
	} else {
		env = append(env, "PROVISO_LLM_KEY=scripted")
	}
	return server, env
}

// TestModel asks the all-in-one with a local OpenAI-compatible server, then with Gemini's wire: what the model proposes is in the
// result as an assumption, and what the words say stands. Then the model fails in several ways; each run still ends, soon and
// within its budget, with the result of the rules and one line about it.
//
// Shows: T-4.6.1-02, T-3.3.5-101, T-AI-23, T-2.4.3-06
func TestModel(t *testing.T) {
	faults := []fake.Fault{fake.RateLimited, fake.Unavailable, fake.SlowFirstByte, fake.TruncatedJSON, fake.ExtraField, fake.EchoInstruction, fake.Huge}
	texts := map[string]string{
		"en": "a beefy web server named front from template 100 with 4 GB",
		"fr": "un serveur web costaud nommé front depuis le modèle 100 avec 4 Go",
	}
	for _, wire := range []string{"openai", "gemini"} {
		t.Run(wire, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			server, env := model(t, wire)
			l := newLab(t)
			deliver := func(t *testing.T, text string) (*provisov1.Run, time.Duration) {
				t.Helper()
				// A Proviso of its own: neither a reserved name nor a breaker that opened is a matter of the next run.
				client := serve(t, l, append(env, "PROVISO_PROOF=validated")...)
				began := time.Now()
				id, err := client.Post(ctx, harness.Request{Prompt: text, Confirmed: true})
				if err != nil {
					t.Fatal(err)
				}
				run := wait(t, ctx, client, id)
				use := run.GetModelUse()
				if use.GetCalls() > mostCalls || use.GetInputTokens() > mostInput || use.GetOutputTokens() > mostOutput {
					t.Errorf("over budget: %v", use)
				}
				if calls := len(server.Requests()); calls > mostCalls || int(use.GetCalls()) != calls {
					t.Errorf("%d requests reached the model, the run says %d", calls, use.GetCalls())
				}
				return run, time.Since(began)
			}
			for lang, text := range texts {
				t.Run("works/"+lang, func(t *testing.T) {
					server.Reset(fake.Script{Rules: []fake.Rule{{Reply: useful}}})
					run, _ := deliver(t, text)
					if run.GetState() != "delivered" || run.GetLanguage() != lang {
						t.Fatalf("want delivered in %s, got %s in %s: %v", lang, run.GetState(), run.GetLanguage(), run.GetFailure())
					}
					vm := run.GetIntent().GetVirtualMachines()[0]
					if vm.GetCores() != 8 || vm.GetMemoryMib() != 4096 || vm.GetName() != "front" {
						t.Errorf("want the model's 8 cores beside the stated 4096 MiB and front, got %v", vm)
					}
					for _, row := range run.GetInterpretation() {
						if row.GetPath() == "virtual_machines[0].cores" && (row.GetOrigin() != "assumed" || !strings.Contains(row.GetReason(), "scripted")) {
							t.Errorf("the model's value is %s because %q; want assumed, with the model named", row.GetOrigin(), row.GetReason())
						}
						if row.GetPath() == "virtual_machines[0].memory_mib" && row.GetOrigin() != "stated" {
							t.Errorf("the memory is %s", row.GetOrigin())
						}
					}
					if run.GetModelUse().GetPromptVersion() == "" || len(run.GetModelUse().GetModels()) != 1 {
						t.Errorf("the run does not say which model and prompt: %v", run.GetModelUse())
					}
				})
			}
			for k, fault := range faults {
				lang := []string{"en", "fr"}[k%2]
				t.Run(string(fault)+"/"+lang, func(t *testing.T) {
					server.Reset(fake.Script{Rules: []fake.Rule{{Reply: useful, Fault: fault, RetryAfter: fake.Duration(53 * time.Second)}}})
					run, took := deliver(t, texts[lang])
					if run.GetState() != "delivered" || took > 10*time.Second {
						t.Fatalf("want delivered soon, got %s after %s: %v", run.GetState(), took, run.GetFailure())
					}
					vm := run.GetIntent().GetVirtualMachines()[0]
					if !run.GetModelUse().GetOut() {
						t.Fatalf("the model is not out: %v", run.GetModelUse())
					}
					if len(run.GetNotices()) != 1 || vm.GetName() != "front" || vm.GetMemoryMib() != 4096 {
						t.Errorf("want the result of the rules and one line, got %v and %q", vm, run.GetNotices())
					}
				})
			}
		})
	}
}

// lightMB is the bound on the resident memory of the default, from the numbers to reach; the benchmark of runs measures it on a large
// cluster under load.
const lightMB = 256

// TestDefaultIsLight runs the all-in-one as it comes, without a model, and reads its peak memory from the system.
//
// Shows: T-4.6.1-02
func TestDefaultIsLight(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	l, address := newLab(t), fmt.Sprintf("127.0.0.1:%d", harness.FreePort(t))
	p := harness.Start(t, harness.Environ(append(l.environ(), "PROVISO_PROOF=validated")...), harness.Binary(t, "./services/proviso"),
		"serve", "--listen", address, "--data", t.TempDir())
	harness.WaitReady(t, p, "http://"+address+"/readyz", 20*time.Second)
	client := &harness.Client{URL: "http://" + address}
	for k := range 20 {
		id, err := client.Post(ctx, harness.Request{Prompt: fmt.Sprintf("crée une VM nommée legere-%d depuis le template 100", k), Confirmed: true})
		if err != nil {
			t.Fatal(err)
		}
		if run := wait(t, ctx, client, id); run.GetState() != "delivered" || run.GetModelUse() != nil {
			t.Fatalf("want delivered without a model, got %s: %v %v", run.GetState(), run.GetFailure(), run.GetModelUse())
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID()))
	if err != nil {
		t.Skipf("this system does not say how much memory a process has: %v", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var peak int // in kB
	if _, err := fmt.Sscan(rest, &peak); err != nil {
		t.Fatal(err)
	}
	t.Logf("peak resident memory after 20 runs: %d MB", peak/1024)
	if peak == 0 || peak/1024 > lightMB {
		t.Errorf("peak resident memory is %d MB; want at most %d", peak/1024, lightMB)
	}
}
