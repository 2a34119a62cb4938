package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/test/harness"
)

// TestAIServerIsOurOwnWork wants the Terraform of the machine that Proviso runs on to be what Proviso writes for its request today, byte
// for byte, and that bundle to pass every stage of its proof, those on the twin included. `make ai-server` writes the files anew.
//
// Shows: T-4.6.1-01
func TestAIServerIsOurOwnWork(t *testing.T) {
	folder := filepath.Join(harness.Root(t), "deploy", "terraform")
	request, err := os.ReadFile(filepath.Join(folder, "ai-server.request.txt"))
	if err != nil {
		t.Fatal(err)
	}
	o := ask(t, []string{"PROVISO_PROOF=auto"}, "--json", "--yes", strings.TrimSpace(string(request)))
	if o.code != 0 || o.answer.State != "delivered" {
		t.Fatalf("exit %d, %s %v\n%s", o.code, o.answer.State, o.answer.Refusal, o.stderr)
	}
	stages := make(map[string]string)
	for _, s := range o.answer.Validation.Stages {
		stages[s.Name] = s.Status
	}
	for _, name := range []string{"parse", "schema", "references", "state", "policy", "intent", "validate", "plan", "apply", "replan", "destroy"} {
		if stages[name] != "passed" {
			t.Errorf("stage %s: want passed, got %q", name, stages[name])
		}
	}
	want := make(map[string]string)
	for _, f := range o.answer.Manifest.Files {
		if strings.HasSuffix(f.Path, ".tf") || strings.HasSuffix(f.Path, ".example") {
			want[f.Path] = f.Content
		}
	}
	got := make(map[string]string)
	entries, err := os.ReadDir(filepath.Join(folder, "ai-server"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, "ai-server", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(data)
		if strings.Contains(strings.ToLower(string(data)), "gemini") {
			t.Errorf("%s speaks of the model: its key is configured on the server", e.Name())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 6 {
		t.Errorf("deploy/terraform/ai-server is not what Proviso writes for its request; run make ai-server (-want +got):\n%s", diff)
	}
}
