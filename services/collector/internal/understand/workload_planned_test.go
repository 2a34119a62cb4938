package understand

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Where a Kubernetes cluster is known, workloads are understood like anything else: shown, corrected and confirmed.
//
// Shows: T-3.1-01
func TestPlannableWorkloads(t *testing.T) {
	r, snap := New(proxmox()), lab()
	tests := map[string]struct {
		reason string
		text   string
		typed  *provisov1.ProvisionIntent
		turns  []Turn
		want   string // of the workloads
		vms    int
		says   string // confirmation
	}{
		"English":   {reason: "All is said.", text: "deploy nginx:1.27 with 3 replicas on kubernetes, exposed by load balancer on port 80", want: "name=nginx image=nginx:1.27 replicas=3 port=80 exposure=load-balancer namespace=(default)"},
		"French":    {reason: "So it is in French.", text: "déploie nginx:1.27 avec 3 réplicas sur kubernetes, exposé par un répartiteur de charge sur le port 80", want: "name=nginx image=nginx:1.27 replicas=3 port=80 exposure=load-balancer namespace=(default)"},
		"Confirmed": {reason: "Yes means yes.", text: "deploy nginx:1.27 on kubernetes", turns: []Turn{{QuestionID: "confirm", Text: "yes"}}, want: "name=nginx image=nginx:1.27 replicas=(1) namespace=(default)", says: "confirmed"},
		"Typed": {
			reason: "Another service says more than words do.",
			typed: &provisov1.ProvisionIntent{IntentId: "i", Language: "en", Target: &provisov1.Target{Platform: "proxmox"}, Workloads: []*provisov1.Workload{
				{Name: new("web"), Image: new("nginx:1.27"), Replicas: proto.Int32(2), ReplicasMost: proto.Int32(6), MemoryMib: proto.Int32(256)},
			}},
			want: "name=web image=nginx:1.27 replicas=2",
		},
		"Mixed": {
			reason: "One intent with both kinds.", vms: 1,
			typed: &provisov1.ProvisionIntent{
				IntentId: "i", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
				VirtualMachines: []*provisov1.VirtualMachine{{
					Role: new("k3s-worker"), Name: new("worker-9"), Source: &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: proto.Int32(100)}}},
				}},
				Workloads: []*provisov1.Workload{{Name: new("web"), Image: new("nginx:1.27")}},
			},
			want: "name=web image=nginx:1.27",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			u := r.Understand(Request{ID: "r", Text: tt.text, Intent: tt.typed, Turns: tt.turns, Kubernetes: true}, snap)
			if u.GetRefusal() != nil || len(u.GetQuestions()) > 0 {
				t.Fatalf("%s\ngot %v %v", tt.reason, u.GetRefusal(), u.GetQuestions())
			}
			if got := workloadSummary(u); !strings.HasPrefix(got, tt.want) || tt.typed == nil && got != tt.want {
				t.Errorf("%s\nworkloads are %q, want %q", tt.reason, got, tt.want)
			}
			if n := len(u.GetIntent().GetVirtualMachines()); n != tt.vms {
				t.Errorf("%s\n%d machines, want %d", tt.reason, n, tt.vms)
			}
			if got := u.GetConfirmation(); tt.says != "" && got == "" {
				t.Errorf("%s\nconfirmation is %q", tt.reason, got)
			}
			if err := wire.Validate(u); err != nil {
				t.Errorf("breaks the contract: %v", err)
			}
			if w := tt.typed.GetWorkloads(); len(w) > 0 && u.GetIntent().GetWorkloads()[0].GetReplicasMost() != w[0].GetReplicasMost() {
				t.Errorf("%s\nthe most replicas are lost: %v", tt.reason, u.GetIntent().GetWorkloads()[0])
			}
		})
	}
	if u := r.Understand(Request{ID: "r", Text: "deploy nginx:1.27 on kubernetes"}, snap); u.GetRefusal().GetCode() != "workload_unsupported" {
		t.Errorf("without a Kubernetes cluster workloads are refused, got %v", u)
	}
	if u := r.Understand(Request{ID: "r", Text: "deploy an app on kubernetes", Kubernetes: true}, snap); u.GetRefusal().GetCode() != "workload_unsupported" {
		t.Errorf("without an image there is nothing to plan, got %v", u)
	}
}

// A worker and the repository of what is to run on it are one request, in both languages.
//
// Shows: T-3.1-01
func TestWorkerAndRepository(t *testing.T) {
	for lang, text := range map[string]string{
		"en": "add a k3s worker from template 100 and run https://git.example.org/shop.git on it",
		"fr": "ajoute un worker k3s depuis le template 100 et lance https://git.example.org/shop.git dessus",
	} {
		u := New(proxmox()).Understand(Request{ID: "r", Text: text, Language: lang, Kubernetes: true}, lab())
		in := u.GetIntent()
		if u.GetRefusal() != nil || len(in.GetVirtualMachines()) != 1 || in.GetVirtualMachines()[0].GetRole() != "k3s-worker" {
			t.Fatalf("%s: want one worker, got %v", lang, u)
		}
		if len(in.GetRepositories()) != 1 || in.GetRepositories()[0].GetUrl() != "https://git.example.org/shop.git" {
			t.Errorf("%s: want the repository, got %v", lang, in.GetRepositories())
		}
		if err := wire.Validate(u); err != nil {
			t.Errorf("%s: breaks the contract: %v", lang, err)
		}
	}
}
