package e2e

import (
	"slices"
	"strings"
	"testing"
)

// TestReasoningIsExplained wants each step of the reasoning told with its evidence, in the language of the request: what was read of
// the cluster, what was decided and why, how the manifest was refined and proven. A script finds it in the report, which is made
// from the run's document; a person sees the same on the terminal while it happens.
//
// Shows: T-4.7.4-02
func TestReasoningIsExplained(t *testing.T) {
	l := newLab(t) // 4 nodes of which 3 are online, 8 machines, 1 template
	tests := map[string]struct {
		prompt   string
		evidence map[string][]string // by step: what its summary must say
		shown    []string            // on the terminal besides the summaries
	}{
		"en": {
			prompt: "create a web server based on the vm template id 100",
			evidence: map[string][]string{
				"collect": {"4 nodes", "3 online", "8 machines", "1 template"},
				"analyse": {"webserver (125)", "pmox03"},
				"build":   {"validated", "2 iteration(s)"},
			},
			shown: []string{"collector: read the cluster", "analyser: choose nodes and resources", "builder: write and prove the manifest",
				"Iteration 1: 8 finding(s)", "All requirements are met", "18.0 of 32.0 GiB of memory free", "pmox04 is not online"},
		},
		"fr": {
			prompt: "créer un serveur web basé sur le template vm id 100",
			evidence: map[string][]string{
				"collect": {"4 nœuds", "3 en ligne", "8 machines", "1 modèle"},
				"analyse": {"webserver (125)", "pmox03"},
				"build":   {"validé", "2 itération(s)"},
			},
			shown: []string{"collecteur : lire le cluster", "analyseur : choisir nœuds et ressources", "constructeur : écrire et prouver le manifeste",
				"Itération 1 : 8 constat(s)", "Toutes les exigences sont satisfaites", "18,0 Gio de mémoire libre", "pmox04 n'est pas en ligne"},
		},
	}
	for lang, tc := range tests {
		t.Run(lang, func(t *testing.T) {
			report := ask(t, l.environ(), "--json", "--yes", tc.prompt)
			if report.code != 0 || report.answer.Language != lang {
				t.Fatalf("exit %d in %s\n%s", report.code, report.answer.Language, report.stderr)
			}
			var order []string
			for _, s := range report.answer.Steps {
				order = append(order, s.Agent+" "+s.Step)
			}
			if want := []string{"collector understand", "collector collect", "analyser analyse", "builder build"}; !slices.Equal(order, want) {
				t.Fatalf("want steps %v, got %v", want, order)
			}
			if p := report.answer.Placement; len(p) != 1 || !strings.Contains(p[0].Reason, "pmox03") {
				t.Errorf("the choice has no reason: %v", p)
			}

			person := ask(t, l.environ(), "--yes", tc.prompt)
			seen := strings.Join(strings.Fields(person.stdout+person.stderr), " ") // as one line: tables and wrapping aside
			plain := strings.Join(strings.FieldsFunc(seen, func(r rune) bool { return r == '│' || r == ' ' }), " ")
			for _, s := range report.answer.Steps {
				for _, want := range tc.evidence[s.Step] {
					if !strings.Contains(s.Summary, want) {
						t.Errorf("step %s: want %q in %q", s.Step, want, s.Summary)
					}
				}
				if s.Summary != "" && !strings.Contains(plain, s.Summary) {
					t.Errorf("step %s: the terminal does not show %q", s.Step, s.Summary)
				}
			}
			for _, want := range tc.shown {
				if !strings.Contains(plain, want) {
					t.Errorf("the terminal does not show %q:\n%s%s", want, person.stderr, person.stdout)
				}
			}
		})
	}
}
