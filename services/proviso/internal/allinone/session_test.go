package allinone

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	gateway "proviso.dev/services/gateway/unit"
	manager "proviso.dev/services/manager/unit"
	"proviso.dev/services/proviso/internal/client"
	"proviso.dev/services/proviso/internal/memnet"
)

// patience bounds every wait of these tests.
const patience = 30 * time.Second

// steps is an agent whose steps a test writes.
type steps struct {
	role     bus.Role
	consumer bus.Consumer
	steps    map[string]agent.StepFunc
}

func (s steps) Role() bus.Role { return s.role }

func (s steps) Run(ctx context.Context, env *agent.Env) error {
	return agent.ServeSteps(ctx, env, s.consumer, 1, s.steps)
}

// agents are a collector that understands one sentence and keeps the work it is given, and an analyser and a builder that
// succeed.
func agents(work chan<- *provisov1.UnderstandWork) []agent.Unit {
	ref := &provisov1.Reference{Digest: "sha256-" + strings.Repeat("0", 64), Size: 2, MediaType: "application/json"}
	understand := func(_ context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
		u, err := wire.Decode[*provisov1.UnderstandWork](w.Data, wire.Strict)
		if err != nil {
			return nil, err
		}
		work <- u
		return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Understanding{Understanding: &provisov1.Understanding{
			Language: "fr", Kind: "provision", Intent: &provisov1.ProvisionIntent{
				IntentId: u.GetItem().GetRunId(), Language: "fr", Target: &provisov1.Target{Platform: "proxmox"},
				VirtualMachines: []*provisov1.VirtualMachine{{Name: new("web"), Count: new(int32(2))}},
			},
		}}}, nil
	}
	return []agent.Unit{
		steps{bus.RoleCollector, bus.ConsumerCollector, map[string]agent.StepFunc{
			bus.VerbUnderstand: understand,
			bus.VerbCollect: func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
				return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Collected{Collected: &provisov1.Collected{Context: ref, SnapshotTakenAt: timestamppb.Now()}}}, nil
			},
		}},
		steps{bus.RoleAnalyser, bus.ConsumerAnalyser, map[string]agent.StepFunc{
			bus.VerbAnalyse: func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
				return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Analysed{Analysed: &provisov1.Analysed{
					Plan: ref, Placement: []*provisov1.PlacementDecision{{Guest: "web-1", Node: "pmox01", Reason: "libre"}, {Guest: "web-2", Node: "pmox02", Reason: "libre"}},
				}}}, nil
			},
		}},
		steps{bus.RoleBuilder, bus.ConsumerBuilder, map[string]agent.StepFunc{
			bus.VerbBuild: func(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
				return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Built{Built: &provisov1.Built{
					Manifest: ref, Proof: &provisov1.Proof{Status: "validated"}, Iterations: 1,
				}}}, nil
			},
		}},
	}
}

// house runs gateway, manager and the test's agents over a data folder until stop.
func house(t *testing.T, data, tokens string, work chan<- *provisov1.UnderstandWork) (network *memnet.Network, stop func()) {
	t.Helper()
	network = memnet.New()
	g, err := gateway.New(gateway.Config{Listen: network.Listen, TokenFile: tokens})
	if err != nil {
		t.Fatal(err)
	}
	m, err := manager.New(manager.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- runUnits(ctx, Config{DataDir: data, Log: slog.New(slog.DiscardHandler)}, append([]agent.Unit{g, m}, agents(work)...))
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil && ctx.Err() == nil {
				t.Errorf("units ended: %v", err)
			}
		case <-time.After(patience):
			t.Error("units did not stop")
		}
	})
	t.Cleanup(stop)
	return network, stop
}

// Two runs of one session over HTTP, with a restart of everything between them: the second one is understood with the first,
// and nobody else's is.
//
// Shows: T-3.3.5-102, T-3.3.5-103
func TestSessionSurvivesARestart(t *testing.T) {
	data := t.TempDir()
	tokens := filepath.Join(t.TempDir(), "tokens")
	token := map[string]string{"alice": strings.Repeat("a", 40), "bob": strings.Repeat("b", 40)}
	if err := os.WriteFile(tokens, []byte("alice "+token["alice"]+"\nbob "+token["bob"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	work := make(chan *provisov1.UnderstandWork, 8)
	ask := func(network *memnet.Network, who, prompt string) (*client.Run, *provisov1.SessionMemory) {
		t.Helper()
		transport := &http.Transport{DialContext: network.Dial}
		defer transport.CloseIdleConnections()
		c, err := client.New(client.Config{Server: "http://localhost", Token: token[who], Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		id, err := c.Create(ctx, client.Request{Prompt: prompt, Confirmed: true, Session: "lab"})
		if err != nil {
			t.Fatal(err)
		}
		run, err := c.Wait(ctx, id, "")
		if err != nil || run.GetState() != "delivered" {
			t.Fatalf("run of %s is %s: %v, %v", who, run.GetState(), run.GetFailure(), err)
		}
		select {
		case w := <-work:
			return run, w.GetMemory()
		case <-ctx.Done():
			t.Fatal("nothing was to be understood")
			return nil, nil
		}
	}

	network, stop := house(t, data, tokens, work)
	first, m := ask(network, "alice", "crée deux serveurs web, mot de passe: Tr0ub4dor&3")
	if m != nil {
		t.Errorf("the first run recalls %v", m)
	}
	if strings.Contains(first.GetText(), "Tr0ub4dor") || len(first.GetNotices()) != 1 || !strings.Contains(first.GetNotices()[0], "mot de passe") {
		t.Errorf("the run says %q and tells %q", first.GetText(), first.GetNotices())
	}
	stop() // as soon as the end is seen

	network, _ = house(t, data, tokens, work)
	_, m = ask(network, "alice", "la même chose avec 2 de plus")
	if len(m.GetRuns()) != 1 {
		t.Fatalf("the second run recalls %v, want the first", m)
	}
	got := m.GetRuns()[0]
	if got.GetRunId() != first.GetRunId() || got.GetIntent().GetVirtualMachines()[0].GetCount() != 2 || strings.Join(got.GetGuests(), " ") != "web-1 web-2" {
		t.Errorf("recalled %v", got)
	}
	if text := m.String(); strings.Contains(text, "Tr0ub4dor") {
		t.Errorf("a secret is remembered: %s", text)
	}
	if _, m := ask(network, "bob", "la même chose"); m != nil {
		t.Errorf("bob recalls what alice did: %v", m)
	}
}
