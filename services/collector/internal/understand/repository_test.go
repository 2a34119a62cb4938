package understand

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// repositoriesOf writes the repositories of an intent as lines.
func repositoriesOf(in *provisov1.ProvisionIntent) []string {
	var out []string
	for _, r := range in.GetRepositories() {
		out = append(out, strings.Join([]string{r.GetUrl(), r.GetRef(), r.GetSubdirectory(), r.GetRunsOn()}, "|"))
	}
	return out
}

func TestRepositoriesOfRequests(t *testing.T) {
	tests := map[string]struct {
		reason   string
		text     string
		turns    []Turn
		want     []string
		machines int
		refusal  string
		kind     string
		unused   []string
	}{
		"Deploy": {
			reason: "the whole request is the repository", text: "Deploy https://git.example.org/shop.git on the cluster",
			want: []string{"https://git.example.org/shop.git|||"},
		},
		"French": {
			reason: "branch and folder behind, Kubernetes", text: "déploie le dépôt https://git.example.org/shop.git (branche develop, dossier k8s) sur k3s",
			want: []string{"https://git.example.org/shop.git|develop|k8s|kubernetes"},
		},
		"BranchFurtherOn": {
			reason: "a branch need not stand next to the address", text: "déploie https://git.example.org/shop.git sur le cluster, branche develop",
			want: []string{"https://git.example.org/shop.git|develop||"},
		},
		"InAVM": {
			reason: "a machine of which nothing is said is only the place", text: "run git@git.example.org:acme/shop.git in a VM",
			want: []string{"git@git.example.org:acme/shop.git|||virtual-machine"},
		},
		"Beside": {
			reason: "a machine that is described is created, the repository goes with it", text: "crée une VM nommée boutique depuis le modèle 100 avec 1 cœur, pour le dépôt https://git.example.org/shop.git",
			want: []string{"https://git.example.org/shop.git|||"}, machines: 1,
		},
		"Corrected": {
			reason: "an answer may name another branch", text: "Deploy https://git.example.org/shop.git",
			turns: []Turn{{QuestionID: "confirm", Text: "no, branch develop, on Kubernetes"}},
			want:  []string{"https://git.example.org/shop.git|develop||kubernetes"},
		},
		"OtherAddress": {
			reason: "or another address; what was said of the place stays", text: "Deploy https://git.example.org/shop.git on Kubernetes",
			turns: []Turn{{QuestionID: "confirm", Text: "non, https://git.example.org/boutique.git"}},
			want:  []string{"https://git.example.org/boutique.git|||kubernetes"},
		},
		"Answered": {
			reason: "the question what to create is answered with a repository", text: "create something",
			turns: []Turn{{QuestionID: "request", Text: "deploy https://git.example.org/shop.git"}},
			want:  []string{"https://git.example.org/shop.git|||"},
		},
		"Password": {
			reason: "a password in an address is refused, not used", text: "deploy https://bob:hunter2@git.example.org/shop.git",
			refusal: "repository_password",
		},
		"Elsewhere": {
			reason: "another platform is refused by name", text: "deploy https://git.example.org/shop.git on AWS",
			refusal: "platform_unsupported",
		},
		"Question": {
			reason: "a question about a repository is none about the cluster", text: "who wrote https://git.example.org/shop.git ?",
			refusal: "off_topic", kind: "off_topic",
		},
		"Unused": {
			reason: "words that were not used are shown", text: "deploy https://git.example.org/shop.git with strawberries",
			want: []string{"https://git.example.org/shop.git|||"}, unused: []string{"strawberries"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			out := New(proxmox()).Understand(Request{ID: "r1", Text: tc.text, Turns: tc.turns}, lab())
			if out.GetRefusal().GetCode() != tc.refusal {
				t.Fatalf("%s: want refusal %q, got %q %v", tc.reason, tc.refusal, out.GetRefusal().GetCode(), out.GetQuestions())
			}
			if tc.refusal != "" {
				if strings.Contains(out.String(), "hunter2") {
					t.Errorf("%s: the password is in %v", tc.reason, out)
				}
				return
			}
			if err := wire.Validate(out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, repositoriesOf(out.GetIntent())); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if got := len(out.GetIntent().GetVirtualMachines()); got != tc.machines {
				t.Errorf("%s: want %d machines, got %d", tc.reason, tc.machines, got)
			}
			if diff := cmp.Diff(tc.unused, out.GetIntent().GetNotUnderstood()); diff != "" {
				t.Errorf("%s: not understood (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestTypedRepositories(t *testing.T) {
	intent := func(url string) *provisov1.ProvisionIntent {
		return &provisov1.ProvisionIntent{IntentId: "i1", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
			Repositories: []*provisov1.Repository{{Url: &url, RunsOn: new("kubernetes")}}}
	}
	out := New(proxmox()).Understand(Request{ID: "i1", Intent: intent("https://git.example.org/shop.git?ref=v2")}, lab())
	if diff := cmp.Diff([]string{"https://git.example.org/shop.git|v2||kubernetes"}, repositoriesOf(out.GetIntent())); diff != "" {
		t.Errorf("a publisher's address is read like a person's (-want +got):\n%s", diff)
	}
	for url, code := range map[string]string{"-oProxyCommand=x": "repository_address", "https://a:b@git.example.org/x.git": "repository_password"} {
		if out := New(proxmox()).Understand(Request{ID: "i1", Intent: intent(url)}, lab()); out.GetRefusal().GetCode() != code {
			t.Errorf("%q: want %s, got %v", url, code, out)
		}
	}
	both := intent("https://git.example.org/shop.git")
	both.VirtualMachines = []*provisov1.VirtualMachine{{Name: new("shop"), Source: &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: proto.Int32(100)}}}}}
	out = New(proxmox()).Understand(Request{ID: "i1", Intent: both}, lab())
	if len(out.GetIntent().GetVirtualMachines()) != 1 || len(out.GetIntent().GetRepositories()) != 1 {
		t.Errorf("machines and repositories stand beside each other, got %v", out)
	}
}
