package allinone

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	analyser "proviso.dev/services/analyser/unit"
	builder "proviso.dev/services/builder/unit"
	"proviso.dev/services/proviso/internal/natsruntime"
)

// provingPatience bounds every wait of these tests; a proof takes some seconds.
const provingPatience = 90 * time.Second

// TestContainersToProof takes typed intents with containers and pools, as other services publish them, through analyser and
// builder: each becomes a proven manifest, or a refusal that says why. The cluster itself is only read.
//
// Shows: T-3.3.5-302
func TestContainersToProof(t *testing.T) {
	tests := map[string]struct {
		reason string
		intent string
		holds  []string // in main.tf
		files  []string // in any file
		code   string   // of the refusal
	}{
		"Mixed": {
			reason: "Two containers and a machine in a pool that the same request creates.",
			intent: `{"intent_id": "mixed", "language": "en", "target": {"platform": "proxmox"}, "pools": [{"name": "infra", "comment": "for all"}],
				"containers": [{"name": "dns", "count": 2, "template_volume": "cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst",
					"networks": [{"bridge": "mainvnet", "ipv4": "192.168.0.50/16"}], "tags": ["dns"], "pool": "infra", "start_at_boot": true,
					"startup": {"order": 1, "up_delay_seconds": 30}, "placement": {"grouping": "apart"}}],
				"virtual_machines": [{"name": "shop", "source": {"template": {"vm_id": 100}}, "pool": "infra", "startup": {"order": 2}}]}`,
			holds: []string{
				`resource "proxmox_virtual_environment_container" "dns"`, `resource "proxmox_virtual_environment_vm" "shop"`,
				"pool_id   = proxmox_virtual_environment_pool.infra.pool_id", "up_delay = 30", `type             = "ubuntu"`,
			},
			files: []string{"192.168.0.51/16", `variable "dns"`},
		},
		"FrenchWithHA": {
			reason: "HA, nesting, keys, DNS and a demanded id, answered in French.",
			intent: `{"intent_id": "ha", "language": "fr", "target": {"platform": "proxmox"},
				"containers": [{"name": "ci", "template_volume": "cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst", "vm_id": 900, "nesting": true,
					"cores": 2, "memory_mib": 2048, "swap_mib": 0, "disk": {"size_gib": 16}, "ha": {"enabled": true, "group": "mainHA"}, "description": "intégration continue",
					"initialization": {"ssh_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDoNotUseThisKeyAnywhereItIsOnlyForTests00 me"], "dns_servers": ["9.9.9.9"]}}]}`,
			holds: []string{`"ct:${proxmox_virtual_environment_container.ci.vm_id}"`, "nesting = true", `description = "intégration continue"`, "vm_id       = 900"},
			files: []string{"Sous HA, un conteneur est arrêté"},
		},
		"PoolsAlone": {
			reason: "A pool needs no guest.",
			intent: `{"intent_id": "pools", "language": "en", "target": {"platform": "proxmox"}, "pools": [{"name": "team-a"}, {"name": "team-b"}]}`,
			holds:  []string{`pool_id = "team-b"`},
		},
		"NoSuchTemplate": {
			reason: "What does not exist is refused with what does.",
			intent: `{"intent_id": "none", "language": "en", "target": {"platform": "proxmox"}, "containers": [{"name": "x", "template_volume": "cephfs:vztmpl/arch.tar.zst"}]}`,
			code:   "container_template_unknown",
		},
	}
	if _, err := os.Stat("../../../../bin/tofu"); err != nil {
		t.Skip("bin/tofu and bin/plugins are missing: run `make prover` first")
	}
	l := newLine(t)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			intent, err := wire.Decode[*provisov1.ProvisionIntent]([]byte(tc.intent), wire.Strict)
			if err != nil {
				t.Fatal(err)
			}
			analysed := l.analyse(t, intent)
			if code := analysed.GetRefusal().GetCode(); code != tc.code {
				t.Fatalf("%s\nrefusal %q (%s); want %q", tc.reason, code, analysed.GetRefusal().GetMessage(), tc.code)
			}
			if tc.code != "" {
				return
			}
			built := l.build(t, intent, analysed.GetPlan())
			if built.GetProof().GetStatus() != "proven" {
				t.Errorf("%s\nproof %s: %v", tc.reason, built.GetProof().GetStatus(), built.GetProof().GetStages())
			}
			m, err := bus.GetMessage[*provisov1.Manifest](t.Context(), l.env.Artifacts, built.GetManifest())
			if err != nil {
				t.Fatal(err)
			}
			all := ""
			for _, f := range m.GetFiles() {
				all += f.GetContent()
				if f.GetPath() != "main.tf" {
					continue
				}
				for _, part := range tc.holds {
					if !strings.Contains(f.GetContent(), part) {
						t.Errorf("%s\nmain.tf holds no %q:\n%s", tc.reason, part, f.GetContent())
					}
				}
			}
			for _, part := range tc.files {
				if !strings.Contains(all, part) {
					t.Errorf("%s\nno file holds %q", tc.reason, part)
				}
			}
		})
	}
	if len(l.real.Requests()) == 0 || slices.ContainsFunc(l.real.Requests(), func(q twin.Request) bool { return q.Method != http.MethodGet }) {
		t.Errorf("the cluster was asked %v; want GET alone", l.real.Requests())
	}
}

// A line is analyser and builder at work on a real server in this process, and a twin that stands for the real cluster.
type line struct {
	env      *agent.Env // the manager's
	events   jetstream.Consumer
	real     *twin.Cluster
	snapshot *provisov1.Reference
}

func newLine(t *testing.T) *line {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	server, err := natsruntime.Start(natsruntime.Options{StoreDir: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	if err := provision(t.Context(), server, bus.TopologyOptions{Storage: jetstream.MemoryStorage}); err != nil {
		t.Fatal(err)
	}
	nc, err := server.Connect(bus.RoleManager)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	l := &line{}
	if l.env, err = agent.NewEnv(bus.RoleManager, nc, agent.Options{Log: log}); err != nil {
		t.Fatal(err)
	}
	if l.events, err = l.env.JS.OrderedConsumer(t.Context(), bus.StreamEvents, jetstream.OrderedConsumerConfig{}); err != nil {
		t.Fatal(err)
	}
	a, err := analyser.New(analyser.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := builder.New(builder.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- agent.RunUnits(ctx, []agent.Unit{a, b}, server.Connect, agent.Options{Log: log}) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("units ended with %v", err)
		}
	})
	l.survey(t)
	return l
}

// survey reads the laboratory through the real reader and stores what it saw.
func (l *line) survey(t *testing.T) {
	t.Helper()
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	if l.real, err = twin.New(seed, twin.Options{}); err != nil {
		t.Fatal(err)
	}
	server, err := twin.Serve(t.Context(), l.real)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	reader, err := pve.NewReader(pve.Config{Endpoint: server.URL(), Token: server.TokenID() + "=" + server.TokenSecret(), CAPEM: server.CAPEM()})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := reader.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := snapshot.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if l.snapshot, err = l.env.Artifacts.Put(t.Context(), "application/json", data); err != nil {
		t.Fatal(err)
	}
}

func (l *line) analyse(t *testing.T, intent *provisov1.ProvisionIntent) *provisov1.Analysed {
	t.Helper()
	payload := &provisov1.ContextPayload{
		RunId: intent.GetIntentId(), Language: intent.GetLanguage(), CreatedAt: timestamppb.Now(), Intent: intent,
		Platform:       &provisov1.Platform{Name: "proxmox", Version: "8.3.0"},
		Infrastructure: &provisov1.Infrastructure{Snapshot: l.snapshot, TakenAt: timestamppb.Now()},
	}
	ref, err := bus.PutMessage(t.Context(), l.env.Artifacts, payload)
	if err != nil {
		t.Fatal(err)
	}
	item := &provisov1.WorkItem{RunId: intent.GetIntentId(), Step: "analyse", Attempt: 1, Language: &intent.Language}
	return l.step(t, bus.RoleAnalyser, bus.VerbAnalyse, item, &provisov1.AnalyseWork{Item: item, Context: ref}).GetAnalysed()
}

func (l *line) build(t *testing.T, intent *provisov1.ProvisionIntent, plan *provisov1.Reference) *provisov1.Built {
	t.Helper()
	item := &provisov1.WorkItem{RunId: intent.GetIntentId(), Step: "build", Attempt: 1, Language: &intent.Language}
	return l.step(t, bus.RoleBuilder, bus.VerbBuild, item, &provisov1.BuildWork{Item: item, Plan: plan, Context: plan}).GetBuilt()
}

// step gives one piece of work out and waits for what came of it.
func (l *line) step(t *testing.T, role bus.Role, verb string, item *provisov1.WorkItem, work proto.Message) *provisov1.StepSucceeded {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), provingPatience)
	defer cancel()
	body, err := wire.Encode(work)
	if err != nil {
		t.Fatal(err)
	}
	err = l.env.Publish.Publish(ctx, bus.Message{
		Subject: bus.WorkSubject(role, verb), ID: bus.StepID(item.GetRunId(), item.GetStep(), 1, "work"),
		Body: body, Type: wire.TypeName(work), RunID: item.GetRunId(), Attempt: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	for {
		msg, err := l.events.Next(jetstream.FetchContext(ctx))
		if err != nil {
			t.Fatalf("no end of step %s: %v", item.GetStep(), err)
		}
		switch _, kind, _, _ := bus.ParseEvent(msg.Subject()); kind {
		case bus.KindStepSucceeded:
			s, err := wire.Decode[*provisov1.StepSucceeded](msg.Data(), wire.Strict)
			if err != nil {
				t.Fatal(err)
			}
			return s
		case bus.KindStepFailed:
			t.Fatalf("step %s failed: %s", item.GetStep(), msg.Data())
		}
	}
}
