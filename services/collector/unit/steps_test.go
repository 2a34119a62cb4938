package collector

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// laboratory serves the twin of the thesis's laboratory over TLS and returns it with a configuration that reads it.
func laboratory(t *testing.T) (*twin.Cluster, Config) {
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
	t.Cleanup(func() { _ = srv.Close() })
	return cluster, Config{Endpoint: srv.URL(), Token: srv.TokenID() + "=" + srv.TokenSecret(), CAPEM: srv.CAPEM(), Twin: true}
}

// store keeps artefacts in memory.
type store map[string][]byte

func (s store) put(_ context.Context, mediaType string, data []byte) (*provisov1.Reference, error) {
	ref := &provisov1.Reference{Digest: bus.Digest(data), Size: int32(len(data)), MediaType: mediaType}
	s[ref.GetDigest()] = data
	return ref, nil
}

func newWorker(t *testing.T, cfg Config, s store) *worker {
	t.Helper()
	u, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return u.worker(s.put, time.Now)
}

func workOf(t *testing.T, m proto.Message) agent.Work {
	t.Helper()
	data, err := wire.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return agent.Work{Data: data}
}

func understandWork(text string, turns ...*provisov1.Turn) *provisov1.UnderstandWork {
	return &provisov1.UnderstandWork{Item: &provisov1.WorkItem{RunId: "run-1", Step: "understand", Attempt: 1}, Text: text, Turns: turns}
}

// The first half of scenario 4: the thesis's sentence on its laboratory is understood, confirmed and collected, and the
// cluster has seen nothing but GET.
//
// Shows: T-3.3.5-121, T-3.3.5-122, T-3.3.5-124, T-3.3.5-131, T-3.3.5-132, T-3.3.5-133
func TestScenario4IsCollected(t *testing.T) {
	cluster, cfg := laboratory(t)
	artefacts := store{}
	w := newWorker(t, cfg, artefacts)
	id := "confirm"
	text := "créer un serveur web basé sur le template vm id 100"
	out, err := w.understand(t.Context(), workOf(t, understandWork(text, &provisov1.Turn{QuestionId: &id, Text: "oui"})))
	if err != nil {
		t.Fatal(err)
	}
	u := out.GetUnderstanding()
	if u.GetConfirmation() != "yes" || len(u.GetQuestions()) > 0 || u.GetRefusal() != nil {
		t.Fatalf("got %v", u)
	}
	if vm := u.GetIntent().GetVirtualMachines()[0]; vm.GetName() != "webserver" || vm.GetSource().GetTemplate().GetVmId() != 100 || vm.GetPool() != "Backup-vms-pool" {
		t.Errorf("got %v", vm)
	}
	out, err = w.collect(t.Context(), workOf(t, &provisov1.CollectWork{Item: &provisov1.WorkItem{RunId: "run-1", Step: "collect", Attempt: 1},
		Intent: u.GetIntent(), Transcript: []*provisov1.Turn{{Text: text}, {QuestionId: &id, Text: "oui"}}}))
	if err != nil {
		t.Fatal(err)
	}
	collected := out.GetCollected()
	payload, err := wire.Decode[*provisov1.ContextPayload](artefacts[collected.GetContext().GetDigest()], wire.Strict)
	if err != nil {
		t.Fatal(err)
	}
	if got := payload.GetPlatform(); got.GetName() != "proxmox" || got.GetVersion() != "8.3.0" || got.GetAdapter() != "pve" || !got.GetTwin() {
		t.Errorf("platform: got %v", got)
	}
	if !proto.Equal(payload.GetIntent(), u.GetIntent()) || len(payload.GetTranscript()) != 2 {
		t.Error("the payload does not hold the intent and the transcript as they were")
	}
	outcomes := map[string]string{}
	for _, s := range payload.GetSources() {
		outcomes[s.GetName()] = s.GetOutcome()
	}
	want := map[string]string{"cluster": "used", "kubernetes": "not_needed", "repository": "not_needed", "documentation": "used", "transcript": "used"}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Error(diff)
	}
	snapshot, err := pve.DecodeSnapshot(artefacts[payload.GetInfrastructure().GetSnapshot().GetDigest()])
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshot.Nodes) != 4 || len(snapshot.Templates()) != 1 || len(snapshot.Storages) == 0 {
		t.Errorf("snapshot: %d nodes, %d templates, %d storages", len(snapshot.Nodes), len(snapshot.Templates()), len(snapshot.Storages))
	}
	if !payload.GetInfrastructure().GetTakenAt().AsTime().Equal(snapshot.TakenAt) {
		t.Error("the payload's time of the snapshot is not the snapshot's")
	}
	if len(payload.GetInfrastructure().GetUnknown()) == 0 {
		t.Error("pmox04 is off, yet nothing is unknown")
	}
	for _, r := range cluster.Requests() {
		if r.Method != "GET" {
			t.Errorf("the cluster saw %s %s", r.Method, r.Path)
		}
	}
}

// A cluster that cannot be read is told about in one sentence of the requester's language, with what to do, and without
// the token.
//
// Shows: T-3.3.5-126
func TestFailures(t *testing.T) {
	const secret = "0b3c7b5e-1111-2222-3333-0123456789ab"
	tests := map[string]struct {
		err       error
		code      string
		retryable bool
		en, fr    string // parts of the sentences
	}{
		"Down":        {&pve.UnreachableError{Host: "pmox01:8006", Reach: pve.ReachRefused, Err: &net.OpError{}}, "pve_unreachable", true, "connection refused", "connexion refusée"},
		"Name":        {&pve.UnreachableError{Host: "pmoxx", Reach: pve.ReachName}, "pve_unreachable", true, "does not resolve", "introuvable"},
		"NewReach":    {&pve.UnreachableError{Host: "pmox01", Reach: "struck by lightning"}, "pve_unreachable", true, "network error", "erreur réseau"},
		"Certificate": {&pve.CertificateError{Host: "pmox01", Distrust: pve.DistrustName}, "pve_certificate", false, "another name", "un autre nom"},
		"Credentials": {&pve.StatusError{Code: 401, Reason: "invalid token"}, "pve_credentials", false, "does not accept the API token", "n'accepte pas le jeton"},
		"Denied":      {&pve.StatusError{Code: 403}, "pve_denied", false, "PVEAuditor", "PVEAuditor"},
		"Incomplete":  {&pve.IncompleteAccessError{Token: "a@pve!b", Missing: []string{"Datastore.Audit", "VM.Audit"}}, "pve_incomplete_access", false, "Datastore.Audit, VM.Audit", "Datastore.Audit, VM.Audit"},
		"Token":       {pve.ErrToken, "pve_configuration", false, "the token", "le jeton"},
		"Endpoint":    {&pve.EndpointError{Problem: "it is empty"}, "pve_configuration", false, "the endpoint", "l'adresse"},
		"NotPVE":      {pve.ErrAnswer, "pve_answer", false, "does not answer like Proxmox VE", "ne répond pas comme Proxmox VE"},
		"Anything":    {errors.New("kaboom"), "pve_failed", true, "could not be read", "n'a pas pu être lu"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorker(t, Config{Token: "a@pve!b=" + secret, Snapshots: SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
				return nil, fmt.Errorf("read cluster: %w", tc.err)
			})}, store{})
			for text, part := range map[string]string{"create a web server from template 100": tc.en, "créer un serveur web depuis le modèle 100": tc.fr} {
				_, err := w.understand(t.Context(), workOf(t, understandWork(text)))
				var f *agent.Failure
				if !errors.As(err, &f) {
					t.Fatalf("got %v", err)
				}
				if f.Code != tc.code || f.Retryable != tc.retryable || !strings.Contains(f.Message, part) {
					t.Errorf("got %s, retryable %t: %s", f.Code, f.Retryable, f.Message)
				}
				if strings.Contains(f.Message+f.Error(), secret) || strings.Contains(f.Message, "collector.") || strings.Contains(f.Message, "{") {
					t.Errorf("sentence is not fit for the requester: %s", f.Message)
				}
			}
		})
	}
}

// What would be refused on any cluster is refused without one.
func TestRefusalsNeedNoCluster(t *testing.T) {
	w := newWorker(t, Config{Snapshots: SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) { return nil, pve.ErrUnreachable })}, store{})
	for text, code := range map[string]string{"a VM on AWS": "platform_unsupported", "what's the weather?": "off_topic", "": "empty_request"} {
		out, err := w.understand(t.Context(), workOf(t, understandWork(text)))
		if err != nil {
			t.Fatal(err)
		}
		if got := out.GetUnderstanding().GetRefusal().GetCode(); got != code {
			t.Errorf("%q: got %q, want %q", text, got, code)
		}
	}
}

// A question is answered from what was read of the cluster, and says when that was; nothing but GET reaches the cluster. Without a
// cluster, what is said of one fails the step like an intent does.
//
// Shows: T-3.3.1-01, T-3.3.2-02, T-3.3.2-05, T-4.6.2-02
func TestRepliesComeFromTheCluster(t *testing.T) {
	cluster, cfg := laboratory(t)
	w := newWorker(t, cfg, store{})
	unread := newWorker(t, Config{Snapshots: SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) { return nil, pve.ErrUnreachable })}, store{})
	for text, want := range map[string]string{
		"where does worker-node-3 run?":    "worker-node-3 (124) runs on pmox01.",
		"où tourne worker-node-3 ?":        "worker-node-3 (124) tourne sur pmox01.",
		"is worker-node-3 in HA?":          "Yes, worker-node-3 (124) is under HA, state “started”, group mainHA.",
		"combien de mémoire a pmox04 ?":    "pmox04 est hors ligne",
		"what templates are there?":        "1 template: k3s-template (100).",
		"migrate worker-node-3 to pmox02":  "worker-node-3 (124) can move from pmox01 to pmox02",
		"éteins worker-node-3":             "worker-node-3 (124) est sous HA",
		"migre worker-node-3 vers pmox04":  "pmox04 est hors ligne",
		"which VMs are not backed up?":     "Every machine is saved by a backup job that is switched on.",
		"le cluster a-t-il le quorum ?":    "Proxmox VE 8.3.0, 4 nœuds, dont 3 en ligne. Le cluster a le quorum : 3 voix sur 4, il en faut 3. Le gestionnaire de HA est actif sur pmox01.",
		"what are the specs of pmox01?":    "pmox01 has 12th Gen Intel(R) Core(TM) i7-12700: 1 socket, 12 cores, 20 threads, 32 GiB of memory, 1 disk (953.8 GiB in all) and 1 network interface.",
		"delete worker-node-3 immediately": "Proviso removes nothing.",
	} {
		out, err := w.understand(t.Context(), workOf(t, understandWork(text)))
		if err != nil {
			t.Fatal(err)
		}
		u := out.GetUnderstanding()
		if !strings.HasPrefix(u.GetReply().GetText(), want) || u.GetIntent() != nil || u.GetReply().GetSnapshotTakenAt() == nil {
			t.Errorf("%s: got %v", text, u)
		}
		var f *agent.Failure
		if _, err := unread.understand(t.Context(), workOf(t, understandWork(text))); !errors.As(err, &f) {
			t.Errorf("%s: without a cluster: got %v", text, err)
		}
	}
	for _, r := range cluster.Requests() {
		if r.Method != "GET" {
			t.Errorf("the cluster saw %s %s", r.Method, r.Path)
		}
	}
}

// A body that breaks the contract is told apart from a failure: it becomes a dead letter.
func TestBrokenWork(t *testing.T) {
	_, cfg := laboratory(t)
	w := newWorker(t, cfg, store{})
	for _, step := range []agent.StepFunc{w.understand, w.collect} {
		for _, data := range []string{"", "{", `{"item":{}}`, `{"item":{"run_id":"r","step":"s","attempt":0}}`} {
			var f *agent.Failure
			if _, err := step(t.Context(), agent.Work{Data: []byte(data)}); err == nil || errors.As(err, &f) {
				t.Errorf("%q: got %v", data, err)
			}
		}
	}
}

func TestLoadConfig(t *testing.T) {
	tests := map[string]struct {
		env  map[string]string
		want string // part of the error; empty: none
	}{
		"Empty":     {env: map[string]string{}},
		"Full":      {env: map[string]string{"PROVISO_PVE_ENDPOINT": "https://pmox01:8006", "PROVISO_PVE_TOKEN": "a@pve!b=s3cret-s3cret", "PROVISO_PVE_INSECURE": "1", "PROVISO_PVE_MAX_AGE": "10s", "PROVISO_PVE_CLUSTER": "lab"}},
		"Insecure":  {map[string]string{"PROVISO_PVE_INSECURE": "perhaps"}, "PROVISO_PVE_INSECURE"},
		"Age":       {map[string]string{"PROVISO_PVE_MAX_AGE": "-1s"}, "PROVISO_PVE_MAX_AGE"},
		"Details":   {map[string]string{"PROVISO_PVE_DETAIL_AGE": "0s"}, "PROVISO_PVE_DETAIL_AGE"},
		"NoFile":    {map[string]string{"PROVISO_PVE_TOKEN_FILE": "/does/not/exist"}, "PROVISO_PVE_TOKEN_FILE"},
		"NoCA":      {map[string]string{"PROVISO_PVE_CA_FILE": "/does/not/exist"}, "PROVISO_PVE_CA_FILE"},
		"Crowd":     {map[string]string{"PROVISO_COLLECTOR_CONCURRENCY": "100000"}, "PROVISO_COLLECTOR_CONCURRENCY"},
		"LongName":  {map[string]string{"PROVISO_PVE_CLUSTER": strings.Repeat("x", 65)}, "PROVISO_PVE_CLUSTER"},
		"NoSecrets": {map[string]string{"PROVISO_PVE_TOKEN": "s3cret-s3cret", "PROVISO_PVE_INSECURE": "x"}, "PROVISO_PVE_INSECURE"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, err := LoadConfig(func(k string) (string, bool) { v, ok := tc.env[k]; return v, ok })
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("got %v", err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("got %v, want an error about %s", err, tc.want)
			case err != nil && (strings.Contains(err.Error(), "s3cret") || cfg.Token != ""):
				t.Errorf("error or configuration holds the token: %v", err)
			}
			if s := fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg); strings.Contains(s, "s3cret") {
				t.Errorf("printed configuration holds the token: %s", s)
			}
		})
	}
}

func TestNewRefusesABrokenEndpoint(t *testing.T) {
	for _, cfg := range []Config{{}, {Endpoint: "http://pmox01:8006", Token: "a@pve!b=c3cr3t-c3cr3t"}, {Endpoint: "https://pmox01:8006", Token: "c3cr3t-c3cr3t"}} {
		_, err := New(cfg)
		if err == nil || strings.Contains(err.Error(), "c3cr3t") {
			t.Errorf("%s: got %v", cfg, err)
		}
	}
}
