package knowledge_test

import (
	"testing"
	"unicode/utf8"

	"proviso.dev/pkg/knowledge"
)

// Questions come from strangers: none may crash a collector, and an answer is as long as was asked for, best first.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"agrandir le disque", "proxmox_virtual_environment_vm", "l'œuf, et; puis: avec", "___ _a_ A", "\xff\xfe", "OpenFabric+QinQ, IPv4 to IPv6", ""} {
		f.Add(s, 3)
	}
	ix, _, err := knowledge.Open(knowledge.Sources{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, question string, k int) {
		k = max(0, k%50)
		hits := ix.Search(question, k)
		if len(hits) > k {
			t.Fatalf("%d results, asked for %d", len(hits), k)
		}
		for i, h := range hits {
			if h.Source == "" || !utf8.ValidString(h.Text) || i > 0 && h.Score > hits[i-1].Score {
				t.Fatalf("result %d of %q: %+v", i, question, h)
			}
		}
	})
}
