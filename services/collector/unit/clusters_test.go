package collector

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// several is a collector of two clusters that differ in the templates they have.
func several(t *testing.T) *worker {
	t.Helper()
	cluster := func(name string, template int) Snapshots {
		return SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
			s := &pve.Snapshot{Cluster: name, TakenAt: time.Now(), Version: "8.3.0", Quorate: true,
				Nodes:   []pve.Node{{Name: name + "1", Status: pve.NodeOnline, CPUs: 8, MemoryBytes: 64 << 30}},
				Guests:  []pve.Guest{{VMID: template, Name: "base-" + name, Kind: pve.KindVM, Node: name + "1", Status: pve.GuestStopped, Template: true, Config: &pve.GuestConfig{Cores: 1, MemoryMiB: 1024, NICs: []pve.NIC{{Slot: "net0", Model: "virtio", Bridge: "vmbr0"}}}}},
				Bridges: []pve.Bridge{{Name: "vmbr0", Node: name + "1", Type: "bridge", Active: true}}}
			return s, nil
		})
	}
	return newWorker(t, Config{Cluster: "paris", Snapshots: cluster("paris", 100), MaxAge: time.Minute,
		Clusters: []Cluster{{Name: "lyon", Snapshots: cluster("lyon", 200)}}}, store{})
}

// Requests, answers and typed intents say which cluster they mean.
func TestSeveralClusters(t *testing.T) {
	typed := func(cluster string) *provisov1.UnderstandWork {
		m := understandWork("")
		m.Text = ""
		m.Intent = &provisov1.ProvisionIntent{IntentId: "i1", Language: "en", Target: &provisov1.Target{Platform: "proxmox", Cluster: &cluster},
			VirtualMachines: []*provisov1.VirtualMachine{{Name: new("a"), Source: &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: proto.Int32(200)}}}}}}
		return m
	}
	corrected := understandWork("create a VM named a from template 100 on paris")
	corrected.Turns = []*provisov1.Turn{{QuestionId: new("confirm"), Text: "no, on the lyon cluster from template 200"}}
	tests := map[string]struct {
		reason  string
		work    *provisov1.UnderstandWork
		want    string
		origin  string
		refusal string
	}{
		"First":     {"the first is meant when none is named", understandWork("create a VM named a from template 100"), "paris", "assumed", ""},
		"Named":     {"English", understandWork("create a VM named a on the lyon cluster from template 200"), "lyon", "stated", ""},
		"French":    {"French", understandWork("crée une VM nommée a depuis le modèle 200 sur le cluster lyon"), "lyon", "stated", ""},
		"Corrected": {"an answer may move it", corrected, "lyon", "corrected", ""},
		"Typed":     {"a publisher names it", typed("Lyon"), "lyon", "stated", ""},
		"Unknown":   {"a cluster that is not read is refused by name", typed("nantes"), "", "", "cluster_unknown"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := several(t)
			done, err := w.understand(t.Context(), workOf(t, tc.work))
			if err != nil {
				t.Fatal(err)
			}
			out := done.GetUnderstanding()
			if out.GetRefusal().GetCode() != tc.refusal {
				t.Fatalf("%s: want refusal %q, got %v", tc.reason, tc.refusal, out.GetRefusal())
			}
			if tc.refusal != "" {
				return
			}
			in := out.GetIntent()
			if len(out.GetQuestions()) > 0 || len(in.GetNotUnderstood()) > 0 {
				t.Errorf("%s: questions %v, not understood %v", tc.reason, out.GetQuestions(), in.GetNotUnderstood())
			}
			if in.GetTarget().GetCluster() != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, in.GetTarget().GetCluster())
			}
			var fact *provisov1.Fact
			for _, f := range in.GetFacts() {
				if f.GetPath() == "target.cluster" {
					fact = f
				}
			}
			if fact.GetOrigin() != tc.origin {
				t.Errorf("%s: the fact is %v", tc.reason, fact)
			}
			if w.cluster(in.GetTarget()).name != tc.want {
				t.Errorf("%s: collect would read %s", tc.reason, w.cluster(in.GetTarget()).name)
			}
		})
	}
}

func TestLoadClusters(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("token", "audit@pve!proviso=secret-of-lyon\n")
	tests := map[string]struct{ reason, list, first, problem string }{
		"Good":    {"paths are relative to the file", `[{"name":"lyon","endpoint":"https://lyon:8006","token_file":"token"}]`, "paris", ""},
		"NoFirst": {"several clusters need names", `[{"name":"lyon","endpoint":"https://lyon:8006","token_file":"token"}]`, "", "PROVISO_PVE_CLUSTER"},
		"Twice":   {"names are apart", `[{"name":"Paris","endpoint":"https://lyon:8006","token_file":"token"}]`, "paris", "two clusters"},
		"NoName":  {"every cluster has one", `[{"endpoint":"https://lyon:8006","token_file":"token"}]`, "paris", "no name"},
		"Unknown": {"a field that is misspelt is told", `[{"name":"lyon","tokenfile":"token"}]`, "paris", "tokenfile"},
		"NoToken": {"a token that is not there is told", `[{"name":"lyon","token_file":"other"}]`, "paris", "token of cluster 1"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"PROVISO_PVE_CLUSTER": tc.first, "PROVISO_PVE_CLUSTERS_FILE": write(name+".json", tc.list)}
			cfg, err := LoadConfig(func(k string) (string, bool) { v, ok := env[k]; return v, ok })
			switch {
			case tc.problem == "" && (err != nil || len(cfg.Clusters) != 1 || cfg.Clusters[0].Token != "audit@pve!proviso=secret-of-lyon"):
				t.Errorf("%s: got %v, %v", tc.reason, cfg.Clusters, err)
			case tc.problem != "" && (err == nil || !strings.Contains(err.Error(), tc.problem)):
				t.Errorf("%s: want an error about %q, got %v", tc.reason, tc.problem, err)
			}
			if err != nil && strings.Contains(err.Error(), "secret-of-lyon") {
				t.Errorf("the token is in %v", err)
			}
		})
	}
}
