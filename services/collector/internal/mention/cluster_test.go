package mention_test

import (
	"testing"

	"proviso.dev/services/collector/internal/mention"
)

func TestCluster(t *testing.T) {
	names := []string{"paris", "lyon", "lab", "lab-2"}
	tests := map[string]struct{ reason, text, want, words string }{
		"None":     {"nothing is said", "create a VM from template 100", "", ""},
		"Behind":   {"the name behind the noun", "create a VM on the cluster lyon from template 100", "lyon", "on the cluster lyon"},
		"Ahead":    {"the name before it", "create a VM in the lab-2 cluster", "lab-2", "in the lab-2 cluster"},
		"French":   {"French", "crée une VM sur le cluster lyon, depuis le modèle 100", "lyon", "sur le cluster lyon"},
		"Place":    {"where a place stands", "crée une VM à Lyon depuis le modèle 100", "lyon", "à Lyon"},
		"Longest":  {"one name within another", "on lab-2", "lab-2", "on lab-2"},
		"Word":     {"a name within a word is none", "create labour on parisian", "", ""},
		"NoPlace":  {"a name that stands elsewhere is the name of something else", "create a VM named lyon", "", ""},
		"Last":     {"a correction in the same text", "on paris, no, on the lyon cluster", "lyon", "on the lyon cluster"},
		"Quoted":   {"in quotes", "sur le cluster « lab »", "lab", "sur le cluster « lab »"},
		"Sentence": {"at the end", "Deploy it in paris.", "paris", "in paris"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := mention.Cluster(tc.text, names)
			if got.V != tc.want || tc.text[got.At.Start:got.At.End] != tc.words {
				t.Errorf("%s: want %q by %q, got %q by %q", tc.reason, tc.want, tc.words, got.V, tc.text[got.At.Start:got.At.End])
			}
		})
	}
	if got := mention.Cluster("on paris", nil); got.V != "" {
		t.Errorf("without names none is found, got %q", got.V)
	}
}
