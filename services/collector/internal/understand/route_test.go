package understand

import (
	"strings"
	"testing"
)

// Shows: T-4.6.2-02
func TestRoutingByKind(t *testing.T) {
	tests := map[string]struct {
		en, fr []string // the request, then pairs of question and answer
		kind   string
		want   string // the summary
	}{
		"Provision": {[]string{"a web server from template 100"}, []string{"un serveur web depuis le template 100"}, kindProvision, "web-server src=100"},
		"Change":    {[]string{"give webserver 8 GB"}, []string{"donne 8 Go à webserver"}, kindChange, "!change_unsupported"},
		"Question":  {[]string{"which node has room for 32 GB?"}, []string{"quel nœud a de la place pour 32 Go ?"}, kindQuestion, "!question_unsupported"},
		"Answer":    {[]string{"a VM from 100", "vm1.name", "web01"}, []string{"une VM depuis 100", "vm1.name", "web01"}, kindProvision, "name=web01 src=100"},
		"OffTopic":  {[]string{"write a poem about the sea"}, []string{"écris un poème sur la mer"}, kindOffTopic, "!off_topic"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for lang, said := range map[string][]string{"en": tc.en, "fr": tc.fr} {
				u := r.Understand(Request{ID: "r", Text: said[0], Turns: turns(said[1:]...)}, snap)
				if got := summary(u); u.GetKind() != tc.kind || got != tc.want || u.GetLanguage() != lang {
					t.Errorf("%s: got %s, %s in %s; want %s, %s in %s", said[0], u.GetKind(), got, u.GetLanguage(), tc.kind, tc.want, lang)
				}
			}
		})
	}
}

// Work on hardware is for people: the refusal says which steps, and there is no intent that a manifest could be made of.
//
// Shows: T-3.1-04
func TestPhysicalWorkIsForPeople(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for text, steps := range map[string][]string{
		"rack a fifth server":                  {"rack and cable the server", "install Proxmox VE", "pvecm add"},
		"ajoute un cinquième serveur physique": {"montez et câblez le serveur", "installez Proxmox VE", "pvecm add"},
	} {
		u := r.Understand(Request{ID: "r", Text: text}, snap)
		if u.GetRefusal().GetCode() != "physical_work" || u.GetIntent() != nil {
			t.Errorf("%s: got %s", text, summary(u))
		}
		for _, step := range steps {
			if !strings.Contains(u.GetRefusal().GetMessage(), step) {
				t.Errorf("%s: the refusal does not speak of %q: %s", text, step, u.GetRefusal().GetMessage())
			}
		}
	}
}

// The thesis's shortest sentence starts a dialogue: what is missing is asked for, the source first.
//
// Shows: T-C.2-01
func TestAnySentenceStartsADialogue(t *testing.T) {
	u := New(proxmox()).Understand(Request{ID: "r", Text: "crée une vm webserver"}, lab())
	if u.GetRefusal() != nil || u.GetKind() != kindProvision || len(u.GetQuestions()) == 0 {
		t.Fatalf("got %s", summary(u))
	}
	q := u.GetQuestions()[0]
	if q.GetId() != "vm1.source" || !q.GetRequired() || len(q.GetOptions()) == 0 || q.GetOptions()[0].GetValue() != "100" {
		t.Errorf("got %v", q)
	}
}
