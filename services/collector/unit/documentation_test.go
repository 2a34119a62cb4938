package collector

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/knowledge"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Each topic is raised by what it is about, and by nothing else; the notes answer it with the passage that is meant.
func TestTopics(t *testing.T) {
	yes, no, id, three, name, group, apart := true, false, int32(100), int32(3), "web", "mainHA", "apart"
	dhcp, static, pool, volume := "dhcp", "192.168.0.9/16", "production", "cephfs:import/noble.qcow2"
	keys := &provisov1.Initialization{SshKeys: []string{"ssh-ed25519 AAAA amine"}}
	from := &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: &id}}}
	cluster := func(version, cloudInit string) *pve.Snapshot {
		return &pve.Snapshot{Version: version, Guests: []pve.Guest{{VMID: 100, Name: "golden", Template: true, Config: &pve.GuestConfig{CloudInit: cloudInit}}}}
	}
	tests := map[string]struct {
		reason string
		vm     *provisov1.VirtualMachine
		snap   *pve.Snapshot // nil: Proxmox VE 8, the template has a cloud-init drive
		want   []string
	}{
		"Nothing": {vm: &provisov1.VirtualMachine{}},
		"NothingSaidOtherwise": {reason: "Values that decline a thing do not raise it.", vm: &provisov1.VirtualMachine{Count: &three, FullClone: &yes,
			Ha: &provisov1.HighAvailability{Enabled: &no, Group: &group}, Networks: []*provisov1.NetworkInterface{{Ipv4: &dhcp}}}},
		"HA":      {vm: &provisov1.VirtualMachine{Ha: &provisov1.HighAvailability{Enabled: &yes}}, want: []string{"high-availability.md#shared-storage"}},
		"HAGroup": {vm: &provisov1.VirtualMachine{Ha: &provisov1.HighAvailability{Enabled: &yes, Group: &group}}, want: []string{"high-availability.md#shared-storage"}},
		"HAGroupOn9": {vm: &provisov1.VirtualMachine{Ha: &provisov1.HighAvailability{Enabled: &yes, Group: &group}}, snap: cluster("9.1.2", "ide2"),
			want: []string{"high-availability.md#shared-storage", "high-availability.md#groups-and-rules"}},
		"NoDrive": {vm: &provisov1.VirtualMachine{}, snap: cluster("8.3.0", ""), want: []string{"cloud-init.md#drive"}},
		"Image": {vm: &provisov1.VirtualMachine{Source: &provisov1.Source{Kind: &provisov1.Source_Image{Image: &provisov1.ImageSource{Volume: &volume}}}},
			want: []string{"storage.md#content-types"}},
		"Static":      {vm: &provisov1.VirtualMachine{Networks: []*provisov1.NetworkInterface{{Ipv4: &dhcp}, {Ipv4: &static}}}, want: []string{"network.md#address-plan"}},
		"LinkedClone": {vm: &provisov1.VirtualMachine{FullClone: &no}, want: []string{"storage.md#linked-clones"}},
		"Apart":       {vm: &provisov1.VirtualMachine{Count: &three, Placement: &provisov1.Placement{Grouping: &apart}}, want: []string{"capacity.md#loss-of-one-node"}},
		"Alone":       {vm: &provisov1.VirtualMachine{Placement: &provisov1.Placement{Grouping: &apart}}},
		"NoKeys":      {vm: &provisov1.VirtualMachine{Initialization: &provisov1.Initialization{}}, want: []string{"cloud-init.md#users-and-keys"}},
		"Pool":        {vm: &provisov1.VirtualMachine{Pool: &pool}, want: []string{"operation.md#pools-and-backup"}},
		"AtMostFour": {reason: "The payload keeps what a mistake would cost most.",
			vm: &provisov1.VirtualMachine{Ha: &provisov1.HighAvailability{Enabled: &yes}, Networks: []*provisov1.NetworkInterface{{Ipv4: &static}}, FullClone: &no,
				Count: &three, Placement: &provisov1.Placement{Grouping: &apart}, Pool: &pool},
			want: []string{"high-availability.md#shared-storage", "network.md#address-plan", "storage.md#linked-clones", "capacity.md#loss-of-one-node"}},
	}
	for title, tc := range tests {
		t.Run(title, func(t *testing.T) {
			tc.vm.Name = &name
			if tc.vm.GetSource() == nil {
				tc.vm.Source = from
			}
			if tc.vm.GetInitialization() == nil {
				tc.vm.Initialization = keys
			}
			if tc.snap == nil {
				tc.snap = cluster("8.3.0", "ide2")
			}
			raised := topics(&provisov1.ProvisionIntent{VirtualMachines: []*provisov1.VirtualMachine{tc.vm}}, tc.snap)
			var got []string
			for _, e := range extract(knowledge.Notes(), raised) {
				if !strings.HasSuffix(e.GetReason(), ": web") || e.GetText() == "" {
					t.Errorf("%s: reason %q, text %q", e.GetSource(), e.GetReason(), e.GetText())
				}
				got = append(got, e.GetSource())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// A topic that no document answers yields nothing rather than the nearest passage, and a passage is taken once.
func TestExtractRecognisesNoAnswer(t *testing.T) {
	got := extract(knowledge.Notes(), []topic{{query: "kubernetes horizontal autoscaler thresholds"}, {query: "linked clone"}, {query: "linked clone or full clone"}})
	if len(got) != 1 || got[0].GetSource() != "storage.md#linked-clones" {
		t.Errorf("got %v", got)
	}
}

// collectText understands and collects a request on the laboratory.
func collectText(t *testing.T, cfg Config, text string) *provisov1.ContextPayload {
	t.Helper()
	artefacts := store{}
	w := newWorker(t, cfg, artefacts)
	out, err := w.understand(t.Context(), workOf(t, understandWork(text)))
	if err != nil {
		t.Fatal(err)
	}
	if u := out.GetUnderstanding(); u.GetIntent() == nil || len(u.GetQuestions()) > 0 {
		t.Fatalf("got %v", u)
	}
	out, err = w.collect(t.Context(), workOf(t, &provisov1.CollectWork{Item: &provisov1.WorkItem{RunId: "run-1", Step: "collect", Attempt: 1},
		Intent: out.GetUnderstanding().GetIntent(), Transcript: []*provisov1.Turn{{Text: text}}}))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := wire.Decode[*provisov1.ContextPayload](artefacts[out.GetCollected().GetContext().GetDigest()], wire.Strict)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func consulted(t *testing.T, p *provisov1.ContextPayload) *provisov1.InformationSource {
	t.Helper()
	for _, s := range p.GetSources() {
		if s.GetName() == "documentation" {
			return s
		}
	}
	t.Fatal("the payload does not say whether documents were consulted")
	return nil
}

// An intent with high availability carries what the documents say of it, with where it stands and why it was looked up; an
// operator's own document is found beside the notes.
//
// Shows: T-3.3.5-04, T-3.3.5-123
func TestDocumentsInThePayload(t *testing.T) {
	_, cfg := laboratory(t)
	cfg.DocsDir = t.TempDir()
	own := "# Our rules\n\n## Linked clone or full clone\nA linked clone is for tests only; production takes a full clone.\n"
	if err := os.WriteFile(filepath.Join(cfg.DocsDir, "rules.md"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	p := collectText(t, cfg, "create a VM named web01, linked clone of template 100, with HA")
	found := map[string]*provisov1.DocumentExtract{}
	for _, e := range p.GetDocumentation() {
		found[e.GetSource()] = e
	}
	ha := found["high-availability.md#shared-storage"]
	if !strings.Contains(ha.GetText(), "A disk on local-lvm stays on the dead node") || ha.GetTitle() != "High availability: Shared storage" || ha.GetReason() != "high availability is wanted: web01" {
		t.Errorf("shared storage: got %v", ha)
	}
	if got := found["operators/rules.md#linked-clone-or-full-clone"].GetText(); !strings.Contains(got, "production takes a full clone") {
		t.Errorf("the operator's document: got %q among %d extracts", got, len(found))
	}
	if s := consulted(t, p); s.GetOutcome() != "used" || !strings.Contains(s.GetMethod(), "BM25") {
		t.Errorf("got %v", s)
	}
}

// Documents are not consulted for their own sake.
func TestDocumentsNotNeeded(t *testing.T) {
	_, cfg := laboratory(t)
	p := collectText(t, cfg, "create a VM named web01 from template 100, no pool, ssh key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2v9 amine@lab")
	if s := consulted(t, p); s.GetOutcome() != "not_needed" || len(p.GetDocumentation()) > 0 {
		t.Errorf("got %v, %d extracts", s, len(p.GetDocumentation()))
	}
}

func TestNewRefusesAMissingDocsDir(t *testing.T) {
	_, cfg := laboratory(t)
	cfg.DocsDir = filepath.Join(t.TempDir(), "gone")
	if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), "documents") {
		t.Errorf("got %v", err)
	}
}

func TestSummaryCounts(t *testing.T) {
	one := &pve.Snapshot{Nodes: []pve.Node{{Status: pve.NodeOnline}}, Guests: []pve.Guest{{Template: true}, {}}, Unknown: []pve.UnknownRef{{What: "x"}}}
	two := &pve.Snapshot{Nodes: make([]pve.Node, 2), Guests: []pve.Guest{{Template: true}, {Template: true}}}
	tests := map[string]struct {
		lang string
		s    *pve.Snapshot
		want string
	}{
		"OneEnglish": {"en", one, "The cluster was read: 1 node (1 online), 1 machine, 1 template. What could not be read counts as unknown: 1 thing."},
		"OneFrench":  {"fr", one, "Le cluster a été lu : 1 nœud (1 en ligne), 1 machine, 1 modèle. Ce qui n'a pas pu être lu compte comme inconnu : 1 élément."},
		"TwoEnglish": {"en", two, "The cluster was read: 2 nodes (0 online), 0 machines, 2 templates."},
		"TwoFrench":  {"fr", two, "Le cluster a été lu : 2 nœuds (0 en ligne), 0 machine, 2 modèles."},
	}
	for name, tc := range tests {
		if got := strings.ReplaceAll(summary(tc.lang, tc.s, nil), "\u00a0", " "); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}
