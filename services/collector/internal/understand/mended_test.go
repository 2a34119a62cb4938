package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/wire"
)

// corrected are requests that take back a value and give another one: the last one counts.
var corrected = []struct{ text, want string }{
	{"VM named mover from template 100 on pmox01, no sorry, on pmox02, 1 core, 1 GB", "name=mover src=100 cores=1 mem=1024 on=pmox02"},
	{"VM nommée mover depuis le template 100 sur pmox01, non pardon, sur pmox02, 1 cœur, 1 Go", "name=mover src=100 cores=1 mem=1024 on=pmox02"},
	{"VM named mover from template 100 on pmox01, no sorry, pmox02", "name=mover src=100 on=pmox02"},
	{"VM nommée mover depuis le template 100 sur pmox01, ou plutôt pmox02", "name=mover src=100 on=pmox02"},
	{"Create a VM called rubin from template 100 with 4 cores, no, make that 6, and 4 GB of memory.", "name=rubin src=100 cores=6 mem=4096"},
	{"Crée une VM nommée rubin depuis le template 100 avec 4 cœurs, non, disons 6, et 4 Go de mémoire.", "name=rubin src=100 cores=6 mem=4096"},
	{"vm named opal from template 100 with 2 GB, sorry, I mean 4 GB of RAM", "name=opal src=100 mem=4096"},
	{"vm nommée opal depuis le template 100 avec 2 Go, pardon, je voulais dire 4 Go de RAM", "name=opal src=100 mem=4096"},
	{"VM named opal from template 100 with 4 cores, no, 6 cores, 8 GB", "name=opal src=100 cores=6 mem=8192"},
	{"VM nommée opal depuis le template 100 avec 4 cœurs, euh, 6 cœurs, 8 Go", "name=opal src=100 cores=6 mem=8192"},
	{"VM named opal, no sorry, onyx1, from template 100", "name=onyx1 src=100"},
	{"VM named opal from template 100 with a 40 GB disk, make that 60", "name=opal src=100 disk=60"},
	{"VM nommée opal depuis le template 100 avec un disque de 40 Go, non, disons 60", "name=opal src=100 disk=60"},
	{"VM named opal from template 100 with 4 cores on pmox01, no HA", "name=opal src=100 cores=4 on=pmox01 ha=false"},
}

func TestCorrectionsInOneSentence(t *testing.T) { checkSaid(t, corrected) }

// checkSaid compares what requests say with what is understood.
func checkSaid(t *testing.T, cases []struct{ text, want string }) {
	t.Helper()
	r, snap := New(proxmox()), lab()
	for _, tc := range cases {
		u := r.Understand(Request{ID: "run-1", Text: tc.text}, snap)
		if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.text, diff)
		}
		if err := wire.Validate(u); err != nil {
			t.Errorf("%s: the result breaks the contract: %v", tc.text, err)
		}
	}
}
