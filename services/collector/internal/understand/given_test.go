package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A word that stands where a name is expected is one, however near it is to a word of the vocabulary; typos elsewhere are still
// corrected.
func TestNamesNearWords(t *testing.T) {
	tests := map[string]struct{ en, fr, want string }{
		"Pluto":  {"create a VM named pluto from 100 with 4 GB of RAM", "crée une VM nommée pluto depuis 100 avec 4 Go de RAM", "name=pluto src=100 mem=4096"},
		"Pluton": {"create a VM called pluton from 100", "crée une VM appelée pluton depuis 100", "name=pluton src=100"},
		"Insted": {"create a VM named insted from 100", "crée une VM nommée insted depuis 100", "name=insted src=100"},
		"Rather": {"create a VM named rather from 100", "crée une VM nommée rather depuis 100", "name=rather src=100"},
		"List":   {"create two VMs named mars and pluto from 100", "crée deux VM nommées mars et pluto depuis 100", "names=mars,pluto src=100"},
		"Comma":  {"create 3 VMs named pluto, mars and venus from 100", "crée 3 VM nommées pluto, mars et venus depuis 100", "names=pluto,mars,venus src=100"},
		"Colon":  {"a VM from 100, name: pluto", "une VM depuis 100, nom : pluto", "name=pluto src=100"},
		"Typo":   {"a VM named pluto form template 100 wiht 4 GB of memroy", "une VM nommée pluto depui 100 avce 4 Go de memoir", "name=pluto src=100 mem=4096"},
		"Taken":  {"a VM named pluto from 100 with 4 GB, sorry, 8 GB", "une VM nommée pluto depuis 100 avec 4 Go, pardon, 8 Go", "name=pluto src=100 mem=8192"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{tc.en, tc.fr} {
				if diff := cmp.Diff(tc.want, summary(r.Understand(Request{ID: "r", Text: text}, snap))); diff != "" {
					t.Errorf("%s (-want +got):\n%s", text, diff)
				}
			}
		})
	}
}
