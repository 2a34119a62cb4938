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
		"Provision":          {[]string{"a web server from template 100"}, []string{"un serveur web depuis le template 100"}, kindProvision, "web-server src=100"},
		"Change":             {[]string{"give AI-server 16 GB"}, []string{"donne 16 Go à AI-server"}, kindChange, "118: mem=16384"},
		"ChangeAsked":        {[]string{"could you give AI-server 16 GB?"}, []string{"peux-tu donner 16 Go à AI-server ?"}, kindChange, "118: mem=16384"},
		"ChangeUnknownGuest": {[]string{"give webserver 8 GB"}, []string{"donne 8 Go à webserver"}, kindChange, "?change1.guest"},
		"Import":             {[]string{"write the Terraform for VM 118"}, []string{"écris le Terraform de la VM 118"}, kindChange, "import 118"},
		"LifeCycle":          {[]string{"reboot worker-node-1"}, []string{"redémarre worker-node-1"}, kindChange, "answer: qm reboot 122"},
		"LifeCycleAsked":     {[]string{"can you reboot vm 118?"}, []string{"peux-tu redémarrer la vm 118 ?"}, kindChange, "answer: qm reboot 118"},
		"Question":           {[]string{"which node has room for 32 GB?"}, []string{"quel nœud a de la place pour 32 Go ?"}, kindQuestion, "answer"},
		"QuestionOfAMachine": {[]string{"where is there room for a VM with 8 cores?"}, []string{"où y a-t-il de la place pour une VM de 8 cœurs ?"}, kindQuestion, "answer"},
		"QuestionOfAChoice":  {[]string{"which node did you choose?"}, []string{"quel node as-tu choisi ?"}, kindQuestion, "answer"},
		"Help":               {[]string{"what can you do?"}, []string{"que peux-tu faire ?"}, kindQuestion, "answer"},
		"ProvisionAsked":     {[]string{"can you create a web server from template 100?"}, []string{"peux-tu créer un serveur web depuis le template 100 ?"}, kindProvision, "web-server src=100"},
		"ProvisionWished": {[]string{"can I have a database from 100 on pmox03?"}, []string{"est-ce que je peux avoir une base de données depuis 100 sur pmox03 ?"},
			kindProvision, "database src=100 on=pmox03"},
		"RequestAnsweredByAChange": {[]string{"do something", "request", "give AI-server 16 GB"}, []string{"fais quelque chose", "request", "donne 16 Go à AI-server"},
			kindChange, "118: mem=16384"},
		"Answer":           {[]string{"a VM from 100", "vm1.name", "web01"}, []string{"une VM depuis 100", "vm1.name", "web01"}, kindProvision, "name=web01 src=100"},
		"OffTopicQuestion": {[]string{"what is the capital of France?"}, []string{"quelle est la capitale de la France ?"}, kindOffTopic, "!off_topic"},
		"OffTopicScript":   {[]string{"write me a Python script"}, []string{"écris-moi un script Python"}, kindOffTopic, "!off_topic"},
		"OffTopic":         {[]string{"write a poem about the sea"}, []string{"écris un poème sur la mer"}, kindOffTopic, "!off_topic"},
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
	rack, baie := []string{"rack and cable the server", "install Proxmox VE", "pvecm add"}, []string{"montez et câblez le serveur", "installez Proxmox VE", "pvecm add"}
	wires, fils := []string{"switch", "bridge", "Proviso"}, []string{"switch", "pont", "Proviso"}
	for text, steps := range map[string][]string{
		"rack a fifth server": rack, "how do I rack a fifth server?": rack, "which server hardware should I buy?": rack, "can you rack another server for us?": rack,
		"ajoute un cinquième serveur physique": baie, "monte un nouveau serveur dans la baie": baie, "quel matériel acheter pour un cinquième nœud ?": baie, "comment installer un cinquième serveur dans la baie ?": baie,
		"set up VLAN trunking on the switch": wires, "configure le switch pour le VLAN 100": fils,
	} {
		u := r.Understand(Request{ID: "r", Text: text}, snap)
		if !strings.HasSuffix(u.GetRefusal().GetCode(), "_work") || u.GetIntent() != nil {
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
