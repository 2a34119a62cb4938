package analyser_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	analyser "proviso.dev/services/analyser/unit"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// A bench is a NATS server with the topology on it, one or more analysers at work, and the laboratory's snapshot stored.
type bench struct {
	t        testing.TB
	ctx      context.Context
	env      *agent.Env // the test's own
	snapshot *provisov1.Reference
}

func newBench(t testing.TB, analysers int) *bench {
	t.Helper()
	return newBenchWith(t, analysers, analyser.Config{}, slog.DiscardHandler)
}

// newBenchWith is newBench with a configuration, and with what hears the log of the analysers.
func newBenchWith(t testing.TB, analysers int, cfg analyser.Config, log slog.Handler) *bench {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	s := natstest.Start(t, func(o *server.Options) { o.SyncAlways = true })
	connect := func(role bus.Role) *agent.Env {
		nc, err := nats.Connect("", nats.InProcessServer(s))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		env, err := agent.NewEnv(role, nc, agent.Options{Log: slog.New(log)})
		if err != nil {
			t.Fatal(err)
		}
		return env
	}
	b := &bench{t: t, ctx: ctx, env: connect(bus.RoleManager)}
	if err := bus.Provision(ctx, b.env.JS, bus.TopologyOptions{}); err != nil {
		t.Fatal(err)
	}
	for range analysers {
		unit, err := analyser.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		env := connect(unit.Role())
		running, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- unit.Run(running, env) }()
		t.Cleanup(func() {
			stop()
			if err := <-done; err != nil {
				t.Errorf("analyser ended with %v", err)
			}
		})
	}
	data, err := labSnapshot(t).Encode()
	if err != nil {
		t.Fatal(err)
	}
	if b.snapshot, err = b.env.Artifacts.Put(ctx, "application/json", data); err != nil {
		t.Fatal(err)
	}
	return b
}

// labSnapshot reads the twin of the thesis's laboratory, pmox04 off, through the real reader.
func labSnapshot(t testing.TB) *pve.Snapshot {
	t.Helper()
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := twin.New(seed, twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	srv, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = srv.Close() }()
	reader, err := pve.NewReader(pve.Config{
		Endpoint: srv.URL(), Token: srv.TokenID() + "=" + srv.TokenSecret(), CAPEM: srv.CAPEM(), Timeout: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := reader.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

// payload is what the collector hands on for "créer un serveur web basé sur le template vm id 100".
func (b *bench) payload(run string) *provisov1.ContextPayload {
	return &provisov1.ContextPayload{
		RunId: run, Language: "fr", CreatedAt: timestamppb.Now(),
		Platform:       &provisov1.Platform{Name: "proxmox", Version: "8.3.0", Twin: true},
		Infrastructure: &provisov1.Infrastructure{Snapshot: b.snapshot, TakenAt: timestamppb.Now()},
		Intent: &provisov1.ProvisionIntent{
			IntentId: run, Language: "fr", Target: &provisov1.Target{Platform: "proxmox"}, Goal: new("un serveur web"),
			VirtualMachines: []*provisov1.VirtualMachine{{
				Name: new("webserver"), Cores: proto.Int32(2), MemoryMib: proto.Int32(2048),
				Source: &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: proto.Int32(100)}}},
			}},
			Facts: []*provisov1.Fact{{Path: "virtual_machines[0].name", Origin: "derived", Reason: new("du rôle")}},
		},
	}
}

// send gives one piece of work to the analysers.
func (b *bench) send(p *provisov1.ContextPayload, attempt int32) {
	b.t.Helper()
	ref, err := bus.PutMessage(b.ctx, b.env.Artifacts, p)
	if err != nil {
		b.t.Fatal(err)
	}
	work := &provisov1.AnalyseWork{
		Item:    &provisov1.WorkItem{RunId: p.GetRunId(), Step: "analyse", Attempt: attempt, Language: new("fr")},
		Context: ref,
	}
	body, err := wire.Encode(work)
	if err != nil {
		b.t.Fatal(err)
	}
	err = b.env.Publish.Publish(b.ctx, bus.Message{
		Subject: bus.WorkSubject(bus.RoleAnalyser, bus.VerbAnalyse),
		ID:      bus.StepID(p.GetRunId(), "analyse", int(attempt), "work"),
		Body:    body, Type: wire.TypeName(work), RunID: p.GetRunId(), Attempt: int(attempt),
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// results returns the results of n steps, in the order in which they came.
func (b *bench) results(n int) []*provisov1.StepSucceeded {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	consumer, err := b.env.JS.OrderedConsumer(ctx, bus.StreamEvents, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{bus.EventKind(bus.KindStepSucceeded), bus.EventKind(bus.KindStepFailed)},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	var results []*provisov1.StepSucceeded
	for len(results) < n {
		m, err := consumer.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			b.t.Fatalf("after %d of %d results: %v", len(results), n, err)
		}
		if _, kind, _, _ := bus.ParseEvent(m.Subject()); kind != bus.KindStepSucceeded {
			b.t.Fatalf("step failed: %s", m.Data())
		}
		r, err := wire.Decode[*provisov1.StepSucceeded](m.Data(), wire.Strict)
		if err != nil {
			b.t.Fatal(err)
		}
		results = append(results, r)
	}
	return results
}

func (b *bench) plan(r *provisov1.StepSucceeded) *provisov1.StrategicPlan {
	b.t.Helper()
	p, err := bus.GetMessage[*provisov1.StrategicPlan](b.ctx, b.env.Artifacts, r.GetAnalysed().GetPlan())
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// Shows: T-4.7.4-06, T-4.7.4-07
//
// TestScenario4 is the thesis's request on the twin of its laboratory, read by the real reader: webserver, 125, pmox03.
func TestScenario4(t *testing.T) {
	b := newBench(t, 1)
	b.send(b.payload("run-1"), 1)
	result := b.results(1)[0]

	plan := b.plan(result)
	if vms := plan.GetVirtualMachines(); len(vms) != 1 || vms[0].GetName() != "webserver" || vms[0].GetVmId() != 125 || vms[0].GetNode() != "pmox03" {
		t.Fatalf("planned %v, want webserver, 125, on pmox03", vms)
	}
	if got, want := result.GetAnalysed().GetSummary(), "Plan prêt : webserver (125) sur pmox03."; got != want {
		t.Errorf("summary: got %q, want %q", got, want)
	}
	var outcomes []string
	for _, n := range result.GetAnalysed().GetPlacement()[0].GetNodes() {
		if n.GetReason() == "" {
			t.Errorf("%s has no reason", n.GetNode())
		}
		outcomes = append(outcomes, n.GetNode()+" "+n.GetOutcome())
	}
	if diff := cmp.Diff([]string{"pmox01 possible", "pmox02 possible", "pmox03 chosen", "pmox04 rejected"}, outcomes); diff != "" {
		t.Errorf("nodes (-want +got):\n%s", diff)
	}
}

// Shows: T-4.7.4-07
func TestRunsShareNothing(t *testing.T) {
	const runs = 40
	b := newBench(t, 2)
	for i := range runs {
		b.send(b.payload(fmt.Sprintf("run-%d", i)), 1)
	}
	holder := make(map[string]string)
	for _, r := range b.results(runs) {
		vm := b.plan(r).GetVirtualMachines()[0]
		for _, identity := range []string{fmt.Sprint(vm.GetVmId()), vm.GetName()} {
			if other, twice := holder[identity]; twice {
				t.Errorf("%s was given to %s and %s", identity, other, r.GetRunId())
			}
			holder[identity] = r.GetRunId()
		}
	}

	for i := range runs {
		b.send(b.payload(fmt.Sprintf("run-%d", i)), 2)
	}
	for _, r := range b.results(2 * runs)[runs:] {
		vm := b.plan(r).GetVirtualMachines()[0]
		if holder[vm.GetName()] != r.GetRunId() || holder[fmt.Sprint(vm.GetVmId())] != r.GetRunId() {
			t.Errorf("second attempt of %s was given %s (%d), not what the first had", r.GetRunId(), vm.GetName(), vm.GetVmId())
		}
	}
}

// Shows: T-3.3.5-216
func TestRefusal(t *testing.T) {
	b := newBench(t, 1)
	p := b.payload("run-1")
	p.Intent.VirtualMachines[0].MemoryMib = proto.Int32(1 << 20)
	b.send(p, 1)
	got := b.results(1)[0].GetAnalysed()
	if got.GetPlan() != nil || got.GetRefusal().GetCode() != "no_capacity" {
		t.Fatalf("got %v, want a refusal for lack of capacity", got)
	}
	if !strings.Contains(got.GetRefusal().GetMessage(), "elle tiendrait maintenant, sur pmox03") {
		t.Errorf("message %q names no alternative", got.GetRefusal().GetMessage())
	}
	kv, err := b.env.JS.KeyValue(b.ctx, bus.BucketReservations)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := kv.Keys(b.ctx); !errors.Is(err, jetstream.ErrNoKeysFound) {
		t.Errorf("a refused run holds %v (%v)", keys, err)
	}
}

func TestManyMachinesFitAnEvent(t *testing.T) {
	b := newBench(t, 1)
	p := b.payload("run-1")
	p.Intent.VirtualMachines = append(p.GetIntent().GetVirtualMachines(), proto.CloneOf(p.GetIntent().GetVirtualMachines()[0]))
	for _, vm := range p.GetIntent().GetVirtualMachines() {
		vm.Count, vm.Cores, vm.MemoryMib, vm.FullClone = proto.Int32(100), proto.Int32(1), proto.Int32(64), new(false)
	}
	b.send(p, 1)
	r := b.results(1)[0]
	if r.GetAnalysed().GetRefusal() != nil {
		t.Fatal(r.GetAnalysed().GetRefusal())
	}
	if n := len(r.GetAnalysed().GetPlacement()); n != 200 {
		t.Errorf("the event tells of %d machines, want 200", n)
	}
	var names []string
	for _, vm := range b.plan(r).GetVirtualMachines() {
		names = append(names, vm.GetName())
	}
	slices.Sort(names)
	if n := len(slices.Compact(names)); n != 200 {
		t.Errorf("the plan has %d names for 200 machines", n)
	}
}

func TestLoadConfig(t *testing.T) {
	tests := map[string]struct {
		reason string
		env    map[string]string
		want   analyser.Config
		fails  string
	}{
		"Defaults": {reason: "Nothing set is the zero value, which works."},
		"All": {
			reason: "Every variable is read.",
			env: map[string]string{
				"PROVISO_VM_ID_POLICY": "lowest-free", "PROVISO_VCPU_OVERCOMMIT": "2.5", "PROVISO_HOST_RESERVE_PERCENT": "10",
				"PROVISO_HOST_RESERVE_MIB": "4096", "PROVISO_ANALYSER_CONCURRENCY": "3",
				"PROVISO_PLACEMENT_WEIGHTS": "balance=2,availability=0,locality=0,wish=0",
			},
			want: analyser.Config{
				IDPolicy: "lowest-free", Concurrency: 3,
				Policy: placement.Policy{VCPUOvercommit: 2.5, ReserveShare: 0.1, ReserveBytes: 4 << 30, Weights: placement.Weights{Balance: 2}},
			},
		},
		"UnknownWeight": {reason: "A typo must not leave a weight at its default.", env: map[string]string{"PROVISO_PLACEMENT_WEIGHTS": "balanced=1"}, fails: "PROVISO_PLACEMENT_WEIGHTS"},
		"UnknownPolicy": {reason: "A typo must not pick ids another way.", env: map[string]string{"PROVISO_VM_ID_POLICY": "lowest"}, fails: "PROVISO_VM_ID_POLICY"},
		"Negative":      {reason: "Less than nothing is no limit.", env: map[string]string{"PROVISO_VCPU_OVERCOMMIT": "-1"}, fails: "PROVISO_VCPU_OVERCOMMIT"},
		"NoWorkers":     {reason: "Nobody would do the work.", env: map[string]string{"PROVISO_ANALYSER_CONCURRENCY": "0"}, fails: "PROVISO_ANALYSER_CONCURRENCY"},
		"NotANumber":    {reason: "NaN passes every comparison.", env: map[string]string{"PROVISO_HOST_RESERVE_PERCENT": "NaN"}, fails: "PROVISO_HOST_RESERVE_PERCENT"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := analyser.LoadConfig(func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok })
			if tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)) {
				t.Errorf("%s\nerror: got %v, want one about %s", tt.reason, err, tt.fails)
			}
			if tt.fails == "" && err != nil {
				t.Errorf("%s\nerror: %v", tt.reason, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}
