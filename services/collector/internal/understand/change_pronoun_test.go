package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The pronoun in a further clause of a change stands for the guest just spoken of, and nothing of that clause is lost. AI-server (118)
// has 4 cores and 8 GiB.
func TestPronounsOfFurtherClauses(t *testing.T) {
	tests := map[string]struct{ en, fr, want string }{
		"RenameTo":   {"set AI-server to 6 cores and rename it to ai-prod", "passe AI-server à 6 cœurs et renomme-le en ai-prod", "118: name=ai-prod cores=6"},
		"Rename":     {"give AI-server 6 cores and rename it ai-prod", "donne 6 cœurs à AI-server et renomme-la ai-prod", "118: name=ai-prod cores=6"},
		"Tag":        {"give AI-server 6 cores and tag it gpu", "donne 6 cœurs à AI-server et étiquette-la gpu", "118: cores=6 +tags=gpu"},
		"TagWith":    {"give AI-server 6 cores, tag it with gpu and prod", "donne 6 cœurs à AI-server et étiquette-la avec gpu et prod", "118: cores=6 +tags=gpu,prod"},
		"Protect":    {"add the tag production to AI-server and protect it against deletion", "ajoute le tag production à AI-server et protège-la contre la suppression", "118: +tags=production protect=true"},
		"ProtectOf":  {"set AI-server to 6 cores and protect it from deletion", "passe AI-server à 6 cœurs et protège-le de la suppression", "118: cores=6 protect=true"},
		"Call":       {"set AI-server to 6 cores and call it ai-prod", "donne 6 cœurs à AI-server et appelle-la ai-prod", "118: name=ai-prod cores=6"},
		"Unprotect":  {"set AI-server to 6 cores and unprotect it", "passe AI-server à 6 cœurs et ne la protège plus", "118: cores=6 protect=false"},
		"Three":      {"set AI-server to 6 cores, rename it to ai-prod and tag it gpu", "passe AI-server à 6 cœurs, renomme-la ai-prod et étiquette-la gpu", "118: name=ai-prod cores=6 +tags=gpu"},
		"TagThen":    {"tag AI-server with gpu and rename it to ai-prod", "étiquette AI-server avec gpu et renomme-la en ai-prod", "118: name=ai-prod +tags=gpu"},
		"RenameThen": {"rename AI-server to ai-prod and give it 6 cores", "renomme AI-server en ai-prod et donne-lui 6 cœurs", "118: name=ai-prod cores=6"},
	}
	r, snap := New(proxmox()), tagged()
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
