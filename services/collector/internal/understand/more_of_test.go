package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// "Another" before a figure asks for more of what a guest has; it repeats no request. worker-node-1 (122) has 6 cores and 8 GiB.
func TestAnotherFigure(t *testing.T) {
	tests := map[string]struct{ en, fr, want string }{
		"Needs":      {"worker-node-1 needs another 4 GB of memory", "worker-node-1 a besoin d'encore 4 Go de mémoire", "122: mem=12288"},
		"Additional": {"worker-node-1 needs an additional 4 GB", "worker-node-1 a besoin de 4 Go supplémentaires", "122: mem=12288"},
		"Extra":      {"give worker-node-1 an extra 4 GB of RAM", "donne 4 Go de RAM en plus à worker-node-1", "122: mem=12288"},
		"Give":       {"give worker-node-1 another 4 GB of RAM", "donne encore 4 Go de RAM à worker-node-1", "122: mem=12288"},
		"Cores":      {"add another 2 cores to worker-node-1", "ajoute encore 2 cœurs à worker-node-1", "122: cores=8"},
		"Further":    {"give worker-node-1 a further 2 cores", "donne 2 cœurs de plus à worker-node-1", "122: cores=8"},
		"TwoMore":    {"give worker-node-1 2 more cores and another 4 GB of memory", "donne à worker-node-1 2 cœurs de plus et encore 4 Go de mémoire", "122: cores=8 mem=12288"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{tc.en, tc.fr} {
				u := r.Understand(Request{ID: "r", Text: text}, snap)
				if diff := cmp.Diff([]string{tc.want}, summaryExisting(u)); diff != "" || len(u.GetQuestions()) > 0 || u.GetRefusal() != nil {
					t.Errorf("%s (-want +got):\n%s%v %v", text, diff, u.GetQuestions(), u.GetRefusal())
				}
			}
		})
	}
}

// "x9" behind an article is a name; without one it counts.
func TestTimesBehindArticle(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for text, want := range map[string]string{
		"create a VM x9 from 100":    "name=x9 src=100",
		"crée une VM x9 depuis 100":  "name=x9 src=100",
		"web servers x3 from 100":    "web-server n=3 src=100",
		"serveurs web x3 depuis 100": "web-server n=3 src=100",
	} {
		if diff := cmp.Diff(want, summary(r.Understand(Request{ID: "r", Text: text}, snap))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
