package understand

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Fewer guests of a series are never a change: the answer names the newest ones, with what a person does with each.
func TestScaleDown(t *testing.T) {
	goes := func(ids ...string) string {
		var out []string
		names := map[string]string{"124": "worker-node-3", "123": "worker-node-2", "121": "control-node-3"}
		for _, id := range ids {
			out = append(out, "kubectl drain "+names[id]+" --ignore-daemonsets --delete-emptydir-data", "kubectl delete node "+names[id], "qm shutdown "+id, "qm destroy "+id+" --purge")
		}
		return "answer: " + strings.Join(out, "; ")
	}
	r, snap := New(proxmox()), lab()
	for want, texts := range map[string][]string{
		goes("124", "123"): {"scale down the workers to 1", "réduis les workers à 1", "remove two worker nodes", "supprime deux workers", "scale down to 1 worker"},
		goes("124"): {"remove one worker", "supprime un worker", "scale the workers down by one", "passe les workers à 2", "scale the workers to 2", "retire un nœud worker",
			"delete one of the workers", "we need one worker less", "un worker de moins", "reduce the number of workers to 2", "réduis le nombre de workers de 3 à 2", "could you drop a worker, please?"},
		goes("121"): {"remove one control plane", "supprime un nœud de contrôle"},
	} {
		for _, text := range texts {
			u := r.Understand(Request{ID: "x", Text: text}, snap)
			if diff := cmp.Diff(want, strings.Join(summaryExisting(u), " ")); diff != "" {
				t.Errorf("%s\n%s", text, diff)
			}
			if u.GetIntent() != nil {
				t.Errorf("%s: there is an intent", text)
			}
		}
	}
}

// What speaks of sizes, of one guest, or of more guests is not taken for fewer guests.
func TestNotScaleDown(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for text, want := range map[string]string{
		"reduce workers to 4 GB":                                                   "122: mem=4096 | 123: mem=4096 | 124: mem=4096",
		"réduis la mémoire des workers à 4 Go":                                     "122: mem=4096 | 123: mem=4096 | 124: mem=4096",
		"passe les workers à 4 coeurs":                                             "122: cores=4 | 123: cores=4 | 124: cores=4",
		"remove 2 GB from the workers":                                             "122: mem=6144 | 123: mem=6144 | 124: mem=6144",
		"scale down worker-node-1 to 2 cores":                                      "122: cores=2",
		"all workers except worker-node-1 get 12 GB":                               "123: mem=12288 | 124: mem=12288",
		"tous les workers sauf worker-node-1 et worker-node-2 doivent avoir 12 Go": "124: mem=12288",
		"give every worker but worker-node-2 8 cores":                              "122: cores=8 | 124: cores=8",
	} {
		u := r.Understand(Request{ID: "x", Text: text}, snap)
		if diff := cmp.Diff(want, strings.Join(summaryExisting(u), " ")); diff != "" {
			t.Errorf("%s\n%s", text, diff)
		}
	}
	for _, text := range []string{"scale the workers to 5", "scale out the workers by 2"} {
		if u := r.Understand(Request{ID: "x", Text: text}, snap); u.GetReply() != nil || len(u.GetIntent().GetVirtualMachines()) != 1 {
			t.Errorf("%s: %v", text, u.GetReply())
		}
	}
	u := r.Understand(Request{ID: "x", Text: "give all workers except wrker-node-9 12 GB"}, snap)
	if len(u.GetQuestions()) != 1 {
		t.Errorf("an exception that nothing is called is asked about: %v", u.GetIntent().GetChanges())
	}
}
