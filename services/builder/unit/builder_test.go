package builder

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/prover"
)

// A bench is a builder at work on a real server in this process, and the manager's side of the bus.
type bench struct {
	manager *agent.Env
	events  jetstream.Consumer
}

func start(t *testing.T, cfg Config) *bench {
	t.Helper()
	s := natstest.Start(t, nil)
	env := func(role bus.Role) *agent.Env {
		nc, err := nats.Connect("", nats.InProcessServer(s))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		e, err := agent.NewEnv(role, nc, agent.Options{Log: slog.New(slog.DiscardHandler), Metrics: observe.New()})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	ctx := t.Context()
	var err error
	b := &bench{manager: env(bus.RoleManager)}
	if err := bus.Provision(ctx, b.manager.JS, bus.TopologyOptions{Storage: jetstream.MemoryStorage, SizePercent: 10}); err != nil {
		t.Fatal(err)
	}
	b.events, err = b.manager.JS.OrderedConsumer(ctx, bus.StreamEvents, jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	unit, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- unit.Run(ctx, env(bus.RoleBuilder)) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run() = %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the unit did not stop")
		}
	})
	return b
}

// build asks for a manifest and returns all events up to the one that ends the step.
func (b *bench) build(t *testing.T, plan *provisov1.StrategicPlan, snapshot *pve.Snapshot) []any {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	data, err := snapshot.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if plan.Snapshot, err = b.manager.Artifacts.Put(ctx, "application/json", data); err != nil {
		t.Fatal(err)
	}
	ref, err := bus.PutMessage(ctx, b.manager.Artifacts, plan)
	if err != nil {
		t.Fatal(err)
	}
	work := &provisov1.BuildWork{Item: &provisov1.WorkItem{RunId: plan.GetRunId(), Step: "build", Attempt: 1, Language: &plan.Language}, Plan: ref, Context: ref}
	body, err := wire.Encode(work)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.manager.Publish.Publish(ctx, bus.Message{
		Subject: bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild), ID: plan.GetRunId(), Body: body, Type: wire.TypeName(work), RunID: plan.GetRunId(), Attempt: 1,
	}); err != nil {
		t.Fatal(err)
	}
	var out []any
	for {
		msg, err := b.events.Next(jetstream.FetchContext(ctx))
		if err != nil {
			t.Fatalf("no end of the step: %v after %d events", err, len(out))
		}
		_, kind, _, _ := bus.ParseEvent(msg.Subject())
		switch kind {
		case bus.KindProgress:
			p, err := wire.Decode[*provisov1.Progress](msg.Data(), wire.Strict)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, p)
		case bus.KindStepSucceeded:
			s, err := wire.Decode[*provisov1.StepSucceeded](msg.Data(), wire.Strict)
			if err != nil {
				t.Fatal(err)
			}
			return append(out, s)
		case bus.KindStepFailed:
			f, err := wire.Decode[*provisov1.StepFailed](msg.Data(), wire.Strict)
			if err != nil {
				t.Fatal(err)
			}
			return append(out, f)
		}
	}
}

func (b *bench) manifest(t *testing.T, events []any) (*provisov1.Built, *provisov1.Manifest) {
	t.Helper()
	s, ok := events[len(events)-1].(*provisov1.StepSucceeded)
	if !ok {
		t.Fatalf("the step ended with %v", events[len(events)-1])
	}
	m, err := bus.GetMessage[*provisov1.Manifest](t.Context(), b.manager.Artifacts, s.GetBuilt().GetManifest())
	if err != nil {
		t.Fatal(err)
	}
	return s.GetBuilt(), m
}

func stages(p *provisov1.Proof) (out []string) {
	for _, s := range p.GetStages() {
		out = append(out, s.GetName()+" "+s.GetStatus())
	}
	return out
}

// Shows: T-C.2-08
func TestValidated(t *testing.T) {
	b := start(t, Config{Proof: ProofValidated})
	plan := fixture.Plan(fixture.VM("webserver", 125))
	plan.Language = "fr"
	unknown := i18n.Unknown()
	events := b.build(t, plan, fixture.Snapshot())
	built, m := b.manifest(t, events)

	want := []string{
		"parse passed", "schema passed", "references passed", "state passed", "policy passed", "intent passed",
		"validate skipped", "plan skipped", "apply skipped", "replan skipped", "destroy skipped",
	}
	if got := stages(built.GetProof()); !slices.Equal(got, want) || built.GetProof().GetStatus() != "validated" {
		t.Errorf("proof %s with %q; want validated with %q", built.GetProof().GetStatus(), got, want)
	}
	for _, s := range built.GetProof().GetStages() {
		if s.GetSummary() == "" {
			t.Errorf("stage %s says nothing", s.GetName())
		}
	}
	if got := len(m.GetIterations()); got != int(built.GetIterations()) || got < 2 {
		t.Errorf("%d iterations in the manifest, %d told; want the same and at least a repair and a clean turn", got, built.GetIterations())
	}
	last := m.GetIterations()[len(m.GetIterations())-1]
	if !last.GetExitLoop() || !strings.HasPrefix(last.GetStatement(), "Toutes les exigences") {
		t.Errorf("last iteration %v; want exit_loop with the statement in French", last)
	}
	var paths []string
	for _, f := range m.GetFiles() {
		paths = append(paths, f.GetPath())
		if want := file(bpg.File{Path: f.GetPath(), Content: f.GetContent()}).GetSha256(); f.GetSha256() != want {
			t.Errorf("checksum of %s = %s; want %s", f.GetPath(), f.GetSha256(), want)
		}
	}
	if want := []string{"versions.tf", "providers.tf", "variables.tf", "main.tf", "outputs.tf", "terraform.tfvars.example", "README.md"}; !slices.Equal(paths, want) {
		t.Errorf("files %q; want %q", paths, want)
	}
	var kinds []string
	for _, e := range events[:len(events)-1] {
		p := e.(*provisov1.Progress)
		if len(kinds) == 0 || kinds[len(kinds)-1] != p.GetKind() {
			kinds = append(kinds, p.GetKind())
		}
	}
	if want := []string{"iteration", "exit_loop"}; !slices.Equal(kinds, want) {
		t.Errorf("progress %q; want %q", kinds, want)
	}
	if n := i18n.Unknown() - unknown; n != 0 {
		t.Errorf("%d texts are missing in the catalogue", n)
	}
}

// A plan that contradicts the cluster is not delivered, and the requester learns why.
func TestProofFailed(t *testing.T) {
	b := start(t, Config{Proof: ProofValidated})
	vm := fixture.VM("webserver", 101) // the id of OPNsense
	events := b.build(t, fixture.Plan(vm), fixture.Snapshot())
	f, ok := events[len(events)-1].(*provisov1.StepFailed)
	if !ok {
		t.Fatalf("the step ended with %v; want a failure", events[len(events)-1])
	}
	if f.GetReason().GetCode() != "proof_failed" || !strings.Contains(f.GetReason().GetMessage(), "PMX018") || f.GetRetryable() {
		t.Errorf("failure %v; want proof_failed that names PMX018 and is not tried again", f)
	}
}

// Shows: T-3.3.5-302
func TestProven(t *testing.T) {
	if _, ok := prover.Find(""); !ok {
		t.Skip("bin/tofu and bin/plugins are missing: run `make prover` first")
	}
	b := start(t, Config{})
	events := b.build(t, fixture.Plan(fixture.VM("webserver", 125)), fixture.Snapshot())
	built, _ := b.manifest(t, events)
	told := 0
	for _, e := range events[:len(events)-1] {
		if e.(*provisov1.Progress).GetKind() == "stage" {
			told++
		}
	}
	if want := len(built.GetProof().GetStages()); told != want {
		t.Errorf("%d stages were told of while they went on; want %d", told, want)
	}
	if built.GetProof().GetStatus() != "proven" {
		t.Errorf("proof %s: %v; want proven", built.GetProof().GetStatus(), built.GetProof().GetStages())
	}
	for _, s := range built.GetProof().GetStages() {
		if s.GetStatus() != "passed" {
			t.Errorf("stage %s %s: %v", s.GetName(), s.GetStatus(), s.GetFindings())
		}
	}
}

// Without tools the proof says so, and nothing is shown as passed that was not done.
func TestNoTools(t *testing.T) {
	b := start(t, Config{ToolsDir: t.TempDir()})
	built, _ := b.manifest(t, b.build(t, fixture.Plan(fixture.VM("webserver", 125)), fixture.Snapshot()))
	if built.GetProof().GetStatus() != "validated" {
		t.Errorf("proof %s; want validated", built.GetProof().GetStatus())
	}
	for _, s := range built.GetProof().GetStages()[6:] {
		if s.GetStatus() != "skipped" || !strings.Contains(s.GetSummary(), "make prover") {
			t.Errorf("stage %s %s %q; want it skipped with what to do", s.GetName(), s.GetStatus(), s.GetSummary())
		}
	}
}

func TestLoadConfig(t *testing.T) {
	tests := map[string]struct {
		reason string
		env    map[string]string
		want   Config
		fails  bool
	}{
		"Nothing":   {reason: "The zero value is the default."},
		"Values":    {reason: "Each setting is read.", env: map[string]string{"PROVISO_PROOF": "validated", "PROVISO_PROVER_DIR": "/x", "PROVISO_PROOFS": "2", "PROVISO_PROOF_BUDGET": "90s", "PROVISO_BUILDER_CONCURRENCY": "3"}, want: Config{ProofValidated, "/x", 2, 90 * time.Second, 3}},
		"BadProof":  {reason: "A proof that does not exist is no proof.", env: map[string]string{"PROVISO_PROOF": "yes"}, fails: true},
		"BadNumber": {reason: "Zero proofs at once would wait for ever.", env: map[string]string{"PROVISO_PROOFS": "0"}, fails: true},
		"BadBudget": {reason: "A budget has a unit.", env: map[string]string{"PROVISO_PROOF_BUDGET": "90"}, fails: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := LoadConfig(func(k string) (string, bool) { v, ok := tc.env[k]; return v, ok })
			if (err != nil) != tc.fails || got != tc.want {
				t.Errorf("%s\nLoadConfig() = %+v, %v; want %+v, an error: %v", tc.reason, got, err, tc.want, tc.fails)
			}
		})
	}
}
