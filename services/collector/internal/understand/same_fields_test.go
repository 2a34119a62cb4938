package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a new machine has in common with one that exists is taken from it, and that machine is no second new one. AI-server (118) has
// 4 cores and 8 GiB.
func TestSameFields(t *testing.T) {
	tests := map[string]struct{ en, fr, want string }{
		"Twice":       {"a VM named app9 from 100 with the same cores and the same memory as AI-server", "une VM nommée app9 depuis 100 avec les mêmes cœurs et la même mémoire que AI-server", "name=app9 src=100 cores=4 mem=8192"},
		"Once":        {"a VM named app9 from 100 with the same cores and memory as AI-server", "une VM nommée app9 depuis 100 avec les mêmes cœurs et mémoire que AI-server", "name=app9 src=100 cores=4 mem=8192"},
		"Number":      {"a VM named app9 from 100 with the same number of cores as AI-server", "une VM nommée app9 depuis 100 avec le même nombre de cœurs que AI-server", "name=app9 src=100 cores=4"},
		"NumberAnd":   {"a VM named app9 from 100 with the same number of cores and memory as AI-server", "une VM nommée app9 depuis 100 avec le même nombre de cœurs et la même quantité de mémoire que AI-server", "name=app9 src=100 cores=4 mem=8192"},
		"AsMuch":      {"a VM named app9 from 100 with as much memory as AI-server", "une VM nommée app9 depuis 100 avec autant de mémoire que AI-server", "name=app9 src=100 mem=8192"},
		"AsMuchAnd":   {"a VM named app9 from 100 with as many cores and as much memory as AI-server", "une VM nommée app9 depuis 100 avec autant de cœurs et autant de mémoire que AI-server", "name=app9 src=100 cores=4 mem=8192"},
		"NamedTwice":  {"a VM named app9 from 100 with the same cores as AI-server and the same memory as AI-server", "une VM nommée app9 depuis 100 avec les mêmes cœurs que AI-server et la même mémoire que AI-server", "name=app9 src=100 cores=4 mem=8192"},
		"Noun":        {"a VM named app9 from 100 with the same number of cores as the VM AI-server", "une VM nommée app9 depuis 100 avec le même nombre de cœurs que la VM AI-server", "name=app9 src=100 cores=4"},
		"OtherStated": {"a VM named app9 from 100 with as many cores as AI-server and 2 GB", "une VM nommée app9 depuis 100 avec autant de cœurs que AI-server et 2 Go", "name=app9 src=100 cores=4 mem=2048"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{tc.en, tc.fr} {
				u := r.Understand(Request{ID: "r", Text: text}, snap)
				if diff := cmp.Diff(tc.want, summary(u)); diff != "" || len(u.GetQuestions()) > 0 {
					t.Errorf("%s (-want +got):\n%s%v", text, diff, u.GetQuestions())
				}
			}
		})
	}
}
