package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is introduced as a name is the name, whatever the lexicon takes the word for.
func TestNamesThatAreWords(t *testing.T) {
	tests := map[string]struct{ en, fr, want string }{
		"AutoAndBoot": {"create a VM named auto from template 100 that starts at boot",
			"crée une VM nommée auto depuis le template 100 qui démarre au démarrage du nœud", "name=auto src=100 boot=true"},
		"AutoBeforeBoot": {"create a VM named auto start at boot from 100", "crée une VM nommée auto démarrage automatique depuis 100", "name=auto src=100 boot=true"},
		"Web":            {"a VM called web from 100", "une VM appelée web depuis 100", "name=web src=100"},
		"Pool":           {"a VM called pool in pool production from 100", "une VM appelée pool dans le pool production depuis 100", "name=pool src=100 pool=production"},
		"Data":           {"a VM named data with 4 cores from 100", "une VM qui s'appelle data avec 4 cœurs depuis 100", "name=data src=100 cores=4"},
		"Test":           {"a VM named test from 100", "une VM nommée test depuis 100", "name=test src=100"},
		"Disk":           {"a VM named disk with a 50 GB disk from 100", "une VM nommée disk avec un disque de 50 Go depuis 100", "name=disk src=100 disk=50"},
		"Default":        {"a VM named default from 100", "une VM nommée default depuis 100", "name=default src=100"},
		"Network":        {"a VM named network in network vmbr0 from 100", "une VM nommée network dans le réseau vmbr0 depuis 100", "name=network src=100 net=vmbr0"},
		"HA":             {"a VM named ha from 100", "une VM nommée ha depuis 100", "name=ha src=100"},
		"Cluster":        {"a VM called cluster from 100", "une VM appelée cluster depuis 100", "name=cluster src=100"},
		"TwoLetters":     {"a VM named db from 100", "une VM nommée db depuis 100", "name=db src=100"},
		"TwoLetterGo":    {"a VM named go with 4 GB from 100", "une VM nommée go avec 4 Go depuis 100", "name=go src=100 mem=4096"},
		"TwoLetterOn":    {"a VM named on on pmox02 from 100", "une VM nommée on sur pmox02 depuis 100", "name=on src=100 on=pmox02"},
		"TwoLetterEn":    {"a VM named en from 100", "une VM nommée en depuis 100", "name=en src=100"},
		"SeveralWords":   {"two VMs named auto and web from 100", "deux VM nommées auto et web depuis 100", "names=auto,web src=100"},
		"Hesitation":     {"a VM named maybe from 100", "une VM nommée maybe depuis 100", "name=maybe src=100"},
		"NoName":         {"a VM named from template 100", "une VM nommée depuis le template 100", "src=100 ?vm1.name"},
		"NoNameWith":     {"a VM named with 4 cores from 100", "une VM nommée avec 4 cœurs depuis 100", "src=100 cores=4 ?vm1.name"},
		"Automatically":  {"a VM named automatically from 100", "une VM nommée automatiquement depuis 100", "src=100 ?vm1.name"},
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

// An answer that is none leaves everything as it was: it does not confirm, cancel, rename, or settle a question.
func TestUndecidedAnswers(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, answer := range []string{"peut-être", "Peut-être…", "peut etre", "maybe", "perhaps", "je ne sais pas", "je sais pas trop", "pas sûr", "pas sur", "pas sûre.",
		"not sure", "I'm not sure", "hmm", "bof", "oui, peut-être", "I don't know"} {
		u := r.Understand(Request{ID: "r", Text: "a VM named web01 from 100", Turns: turns("confirm", answer)}, snap)
		if got := summary(u); got != "name=web01 src=100" || u.GetConfirmation() != confirmCorrection {
			t.Errorf("confirm, %q: got %s, confirmation %q", answer, got, u.GetConfirmation())
		}
		u = r.Understand(Request{ID: "r", Text: "a VM from 100", Turns: turns("vm1.name", answer)}, snap)
		if got := summary(u); got != "src=100 ?vm1.name" {
			t.Errorf("vm1.name, %q: got %s", answer, got)
		}
		u = r.Understand(Request{ID: "r", Text: "a VM named web01", Turns: turns("vm1.source", answer)}, snap)
		if got := summary(u); got != "name=web01 ?vm1.source" {
			t.Errorf("vm1.source, %q: got %s", answer, got)
		}
		u = r.Understand(Request{ID: "r", Text: "do something", Turns: turns("request", answer)}, snap)
		if got := summary(u); got != "?request" {
			t.Errorf("request, %q: got %s", answer, got)
		}
	}
}

// In a correction only what is introduced as a name is one.
func TestBareWordsInCorrections(t *testing.T) {
	tests := map[string]struct{ answer, want, confirmation string }{
		"Bare":       {"web-02", `name=web01 src=100 ~"web-02"`, confirmCorrection},
		"BareNo":     {"non, web-02", `name=web01 src=100 ~"web-02"`, confirmCorrection},
		"BareWith":   {"web02 with 4 cores", `name=web01 src=100 cores=4 ~"web02"`, confirmCorrection},
		"Introduced": {"call it web-02", "name=web-02 src=100", confirmCorrection},
		"Nommee":     {"non, appelle-la web-02", "name=web-02 src=100", confirmCorrection},
		"YesBut":     {"yes but with 8 GB", "name=web01 src=100 mem=8192", confirmCorrection},
		"MaybeWith":  {"peut-être avec 8 Go", "name=web01 src=100 mem=8192", confirmCorrection},
		"NotOn":      {"pas sur pmox01", "name=web01 src=100 not=pmox01", confirmCorrection},
		"Non":        {"non", "name=web01 src=100", confirmNo},
		"No":         {"no", "name=web01 src=100", confirmNo},
		"Annule":     {"annule", "name=web01 src=100", confirmNo},
		"Cancel":     {"cancel", "name=web01 src=100", confirmNo},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := r.Understand(Request{ID: "r", Text: "a VM named web01 from 100", Turns: turns("confirm", tc.answer)}, snap)
			if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got := u.GetConfirmation(); got != tc.confirmation {
				t.Errorf("confirmation: got %q, want %q", got, tc.confirmation)
			}
		})
	}
}

func TestCount(t *testing.T) {
	tests := map[string]struct {
		lang string
		n    int
		want string
	}{
		"NoneEnglish": {"en", 0, "0 templates"}, "OneEnglish": {"en", 1, "1 template"}, "TwoEnglish": {"en", 2, "2 templates"},
		"NoneFrench": {"fr", 0, "0 modèle"}, "OneFrench": {"fr", 1, "1 modèle"}, "TwoFrench": {"fr", 2, "2 modèles"},
	}
	for name, tc := range tests {
		if got := Count(tc.lang, "template", tc.n); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}
