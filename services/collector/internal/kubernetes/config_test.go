package kubernetes_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"proviso.dev/services/collector/internal/kubernetes"
	"proviso.dev/services/collector/internal/kubernetes/apitest"
)

func TestLoadConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pod := map[string]string{"PROVISO_KUBE_IN_CLUSTER": "true", "KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
	tests := map[string]struct {
		reason  string
		env     map[string]string
		want    kubernetes.Config
		enabled bool
		wrong   string // in the error
	}{
		"Nothing":  {reason: "no cluster is read by default", env: nil},
		"InPod":    {reason: "a pod is told the address, which may be of IPv6", env: pod, want: kubernetes.Config{InCluster: true, Host: "https://[fd00::1]:443"}, enabled: true},
		"NotInPod": {reason: "the address is not known", env: map[string]string{"PROVISO_KUBE_IN_CLUSTER": "1"}, wrong: "does not run in a pod"},
		"PodAlone": {reason: "being in a pod is no wish to read its cluster", env: map[string]string{"KUBERNETES_SERVICE_HOST": "10.43.0.1", "KUBERNETES_SERVICE_PORT": "443"}},
		"File": {
			reason:  "all of it",
			env:     map[string]string{"PROVISO_KUBECONFIG": " " + file + "\n", "PROVISO_KUBE_CONTEXT": "lab", "PROVISO_KUBE_NAME": "k3s"},
			want:    kubernetes.Config{Kubeconfig: file, Context: "lab", Name: "k3s"},
			enabled: true,
		},
		"FileMissing":   {reason: "better at the start than at the first request", env: map[string]string{"PROVISO_KUBECONFIG": file + ".not"}, wrong: "PROVISO_KUBECONFIG: stat"},
		"Both":          {reason: "which of them?", env: with(pod, "PROVISO_KUBECONFIG", file), wrong: "excludes PROVISO_KUBECONFIG"},
		"ContextAlone":  {reason: "context of what?", env: map[string]string{"PROVISO_KUBE_CONTEXT": "lab"}, wrong: "needs PROVISO_KUBECONFIG"},
		"NameTooLong":   {reason: "the contract has room for 64", env: map[string]string{"PROVISO_KUBE_NAME": strings.Repeat("n", 65)}, wrong: "more than 64"},
		"NoTruthValue":  {reason: "perhaps is no answer", env: map[string]string{"PROVISO_KUBE_IN_CLUSTER": "perhaps"}, wrong: "neither true nor false"},
		"SwitchedOff":   {reason: "off is off, in a pod as well", env: with(pod, "PROVISO_KUBE_IN_CLUSTER", "false")},
		"FileInThePod":  {reason: "a pod may read another cluster", env: with(with(pod, "PROVISO_KUBE_IN_CLUSTER", ""), "PROVISO_KUBECONFIG", file), want: kubernetes.Config{Kubeconfig: file}, enabled: true},
		"SeveralWrongs": {reason: "all are named at once", env: map[string]string{"PROVISO_KUBE_CONTEXT": "x", "PROVISO_KUBE_IN_CLUSTER": "x"}, wrong: "PROVISO_KUBE_CONTEXT"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := kubernetes.LoadConfig(func(name string) (string, bool) { v, ok := test.env[name]; return v, ok })
			if (err != nil) != (test.wrong != "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
				t.Fatalf("got error %v, want %q in it: %s", err, test.wrong, test.reason)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("configuration (-want +got): %s\n%s", test.reason, diff)
			}
			if got.Enabled() != test.enabled {
				t.Errorf("enabled is %t, want %t: %s", got.Enabled(), test.enabled, test.reason)
			}
		})
	}
}

func with(env map[string]string, name, value string) map[string]string {
	env = maps.Clone(env)
	env[name] = value
	return env
}

// A kubeconfig comes from wherever kubectl put it; it must not make this process run anything.
func TestKubeconfigRunsNothing(t *testing.T) {
	ran := filepath.Join(t.TempDir(), "ran")
	exec := fmt.Sprintf("{exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: [%q], interactiveMode: Never}}", ran)
	for name, user := range map[string]string{
		"Exec":         exec,
		"ExecAndToken": strings.TrimSuffix(exec, "}") + ", token: abc}",
		"AuthProvider": fmt.Sprintf("{auth-provider: {name: gcp, config: {cmd-path: touch, cmd-args: %q}}}", ran),
	} {
		t.Run(name, func(t *testing.T) {
			path := apitest.WriteKubeconfig(t, "https://127.0.0.1:1", apitest.OtherCA(t), user)
			r, err := kubernetes.New(kubernetes.Config{Kubeconfig: path})
			if r != nil || !errors.Is(err, kubernetes.ErrPlugin) || !errors.Is(err, kubernetes.ErrConfig) {
				t.Errorf("got %v, %v; want ErrPlugin", r, err)
			}
			if _, err := os.Stat(ran); err == nil {
				t.Error("the program was run")
			}
		})
	}
}

func TestUnusableConfigs(t *testing.T) {
	ca := apitest.OtherCA(t)
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "kubeconfig")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := map[string]struct {
		reason string
		cfg    kubernetes.Config
		want   string // in the error
	}{
		"Nothing":     {reason: "no cluster is named", want: "neither a kubeconfig"},
		"Missing":     {reason: "the file went since the start", cfg: kubernetes.Config{Kubeconfig: "/nowhere/kubeconfig"}, want: "cannot be read"},
		"NoYAML":      {reason: "the text may hold a token and is not repeated", cfg: kubernetes.Config{Kubeconfig: write("token: [s3cr3t")}, want: "not a kubeconfig"},
		"NoContext":   {reason: "it is empty", cfg: kubernetes.Config{Kubeconfig: write("apiVersion: v1\nkind: Config\n")}, want: "no current context"},
		"OtherName":   {reason: "a typing error", cfg: kubernetes.Config{Kubeconfig: apitest.Kubeconfig(t, "https://127.0.0.1:1", ca, "t"), Context: "lba"}, want: `no context "lba"`},
		"Plain":       {reason: "a token would cross the network in the clear", cfg: kubernetes.Config{Kubeconfig: apitest.Kubeconfig(t, "http://k8s.example.org", ca, "t")}, want: "https://"},
		"NoPod":       {reason: "no token is mounted", cfg: kubernetes.Config{InCluster: true, Host: "https://10.43.0.1:443", ServiceAccount: t.TempDir()}, want: "token cannot be read"},
		"NoAuthority": {reason: "the text is no certificate", cfg: kubernetes.Config{Kubeconfig: apitest.Kubeconfig(t, "https://127.0.0.1:1", []byte("s3cr3t"), "t")}, want: "certificates cannot be used"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := kubernetes.New(test.cfg)
			if r != nil || !errors.Is(err, kubernetes.ErrConfig) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v; want %q in the error: %s", r, err, test.want, test.reason)
			}
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error repeats what the file holds: %v", err)
			}
		})
	}
}

// The role of the guide grants the lists that are read, and nothing else.
func TestGuideGrantsWhatIsRead(t *testing.T) {
	var role struct {
		Kind  string `json:"kind"`
		Rules []struct {
			Groups    []string `json:"apiGroups"`
			Resources []string `json:"resources"`
			Verbs     []string `json:"verbs"`
		} `json:"rules"`
	}
	for document := range strings.SplitSeq(guide(t), "\n---\n") {
		if strings.Contains(document, "kind: ClusterRole\n") && !strings.Contains(document, "roleRef") {
			if err := yaml.Unmarshal([]byte(document), &role); err != nil {
				t.Fatal(err)
			}
		}
	}
	granted, read := map[string]bool{}, map[string]bool{}
	for _, rule := range role.Rules {
		if diff := cmp.Diff([]string{"get", "list"}, rule.Verbs); diff != "" {
			t.Errorf("verbs for %v (-want +got):\n%s", rule.Resources, diff)
		}
		for _, group := range rule.Groups {
			for _, resource := range rule.Resources {
				granted[group+"/"+resource] = true
			}
		}
	}
	for _, path := range kubernetes.Paths() {
		switch parts := strings.Split(strings.TrimPrefix(path, "/"), "/"); parts[0] {
		case "api":
			read["/"+parts[2]] = true
		case "apis":
			read[parts[1]+"/"+parts[3]] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(granted))); diff != "" {
		t.Errorf("the guide grants something else than what is read (-read +granted):\n%s", diff)
	}
}
