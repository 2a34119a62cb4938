package mention_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/mention"
)

func TestRepositories(t *testing.T) {
	tests := map[string]struct {
		reason string
		text   string
		want   []string // address ref folder
	}{
		"Plain":         {"the issue's own sentence", "Deploy https://git.example.org/shop.git on the cluster", []string{"https://git.example.org/shop.git - -"}},
		"French":        {"the same in French", "déploie https://git.example.org/shop.git sur le cluster.", []string{"https://git.example.org/shop.git - -"}},
		"Branch":        {"a branch behind the address", "deploy https://git.example.org/shop.git, branch develop, on k3s", []string{"https://git.example.org/shop.git develop -"}},
		"Brackets":      {"both in brackets", "deploy the application at https://github.com/acme/shop (branch main, folder deploy/k8s) on Kubernetes", []string{"https://github.com/acme/shop main deploy/k8s"}},
		"FrenchBoth":    {"branch and folder in French", "déploie le dépôt https://git.example.org/shop sur la branche « prod » dans le dossier api", []string{"https://git.example.org/shop prod api"}},
		"Tag":           {"ssh as scp writes it, at a tag", "clone git@git.example.org:acme/shop.git tag v1.2 and run it in a container", []string{"git@git.example.org:acme/shop.git v1.2 -"}},
		"Ahead":         {"the branch before the address", "run the develop branch of https://git.example.org/shop.git", []string{"https://git.example.org/shop.git develop -"}},
		"AheadRelease":  {"a branch whose name is a word for one", "launch the release branch of https://git.example.org/shop.git", []string{"https://git.example.org/shop.git release -"}},
		"AheadFrench":   {"the same in French", "lance la branche release/2.0 du dépôt https://git.example.org/shop.git", []string{"https://git.example.org/shop.git release/2.0 -"}},
		"FolderAhead":   {"the folder before the address", "installe le dossier charts/web du dépôt git https://git.example.org/shop", []string{"https://git.example.org/shop - charts/web"}},
		"Tree":          {"an address copied while browsing", "deploy https://github.com/acme/shop/tree/v1.2/deploy", []string{"https://github.com/acme/shop v1.2 deploy"}},
		"GitLabTree":    {"the same of GitLab", "deploy https://gitlab.example.org/team/sub/shop/-/tree/main/k8s", []string{"https://gitlab.example.org/team/sub/shop main k8s"}},
		"Gitea":         {"the same of Gitea", "deploy https://gitea.example.org/acme/shop/src/tag/v3", []string{"https://gitea.example.org/acme/shop v3 -"}},
		"TerraformForm": {"as Terraform writes sources", "deploy git+https://git.example.org/infra.git//modules/web?ref=v2", []string{"https://git.example.org/infra.git v2 modules/web"}},
		"Bare":          {"no scheme, a well-known host", "please host github.com/acme/shop", []string{"https://github.com/acme/shop - -"}},
		"Announced":     {"any host, when the words call it a repository", "deploy the repository https://code.example.org/shop", []string{"https://code.example.org/shop - -"}},
		"SSH":           {"ssh keeps its user", "deploy ssh://git@git.example.org:2222/shop.git", []string{"ssh://git@git.example.org:2222/shop.git - -"}},
		"Two":           {"several repositories", "deploy https://git.example.org/a.git and https://git.example.org/b.git branch x", []string{"https://git.example.org/a.git - -", "https://git.example.org/b.git x -"}},
		"Twice":         {"one repository named twice is one", "deploy https://git.example.org/a.git; yes, https://git.example.org/a.git", []string{"https://git.example.org/a.git - -"}},
		"Image":         {"a disk image is none", "VM from https://cloud.example.org/noble.qcow2", nil},
		"Release":       {"nor is a download of a forge", "VM from https://github.com/acme/os/releases/download/v1/os.img", nil},
		"Documentation": {"nor any other address", "see https://example.org/wiki/page", nil},
		"Email":         {"nor an address of mail", "ask ops@example.org: it is urgent", nil},
		"UserAtPort":    {"nor a login on a port", "ssh root@10.0.0.1:22", nil},
		"Password":      {"a password is not kept", "deploy https://bob:hunter2@git.example.org/shop.git", []string{"https://git.example.org/shop.git - - password"}},
		"EndOfSentence": {"full stops end sentences", "Deploy https://git.example.org/shop.git, tag v1.4.2.", []string{"https://git.example.org/shop.git v1.4.2 -"}},
		"NoName":        {"a word of the sentence is no branch", "deploy https://git.example.org/shop.git on a branch of the network", []string{"https://git.example.org/shop.git - -"}},
		"LocalFile":     {"a path of this machine is no address", "deploy file:///etc/shop.git", nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range mention.Repositories(tc.text) {
				line := []string{r.URL.V, or(r.Ref.V), or(r.Folder.V)}
				if r.Password {
					line = append(line, "password")
				}
				got = append(got, strings.Join(line, " "))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func or(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func TestRunsOn(t *testing.T) {
	for text, want := range map[string]string{
		"deploy it on the k3s cluster":               mention.Kubernetes,
		"déploie-le sur Kubernetes":                  mention.Kubernetes,
		"run it in a new VM":                         mention.VirtualMachine,
		"fais-le tourner dans une machine virtuelle": mention.VirtualMachine,
		"in an LXC container":                        mention.Container,
		"dans un conteneur":                          mention.Container,
		"on the cluster":                             "",
	} {
		if got := mention.RunsOn(text).V; got != want {
			t.Errorf("%q: want %q, got %q", text, want, got)
		}
	}
}

func TestAttributes(t *testing.T) {
	r := mention.Attributes("non, plutôt la branche develop, dans le dossier api")
	if r.Ref.V != "develop" || r.Folder.V != "api" {
		t.Errorf("an answer may say branch and folder alone, got %q and %q", r.Ref.V, r.Folder.V)
	}
}

func TestBlankKeepsPlaces(t *testing.T) {
	text := "déploie https://git.example.org/shop.git sur une VM"
	rest := text
	for _, r := range mention.Repositories(text) {
		rest = mention.Blank(rest, r.Phrases()...)
	}
	if len(rest) != len(text) || strings.Contains(rest, "shop") || !strings.HasSuffix(rest, " sur une VM") {
		t.Errorf("what is left keeps its place, got %q", rest)
	}
}

func FuzzRepositories(f *testing.F) {
	f.Add("deploy https://github.com/acme/shop (branch main, folder deploy/k8s)")
	f.Add("git@h:a/b.git @ \xff https://")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 16384 {
			return
		}
		for _, r := range mention.Repositories(text) {
			for _, p := range r.Phrases() {
				if p.Start < 0 || p.End > len(text) || p.Start >= p.End {
					t.Fatalf("%q: a phrase at %d to %d", text, p.Start, p.End)
				}
			}
			if strings.Contains(r.URL.V, " ") {
				t.Fatalf("%q: address %q", text, r.URL.V)
			}
		}
		mention.Attributes(text)
		mention.RunsOn(text)
	})
}
