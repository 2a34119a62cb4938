package understand

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// turns makes turns of "id" and "text" pairs.
func turns(pairs ...string) []Turn {
	var ts []Turn
	for i := 0; i+1 < len(pairs); i += 2 {
		ts = append(ts, Turn{QuestionID: pairs[i], Text: pairs[i+1]})
	}
	return ts
}

// Shows: T-4.6.3-02, T-3.3.5-114, T-4.7.4-01
func TestDialogue(t *testing.T) {
	tests := map[string]struct {
		reason string
		text   string
		turns  []Turn
		want   string
		// confirmation is what the last turn meant.
		confirmation string
	}{
		"OptionByValue":  {text: "une VM", turns: turns("vm1.name", "web01", "vm1.source", "100"), want: "name=web01 src=100"},
		"OptionByNumber": {text: "a VM", turns: turns("vm1.name", "web01", "vm1.source", "1"), want: "name=web01 src=100"},
		"OptionByOrdinal": {text: "une VM", turns: turns("vm1.name", "web01", "vm1.source", "la première"),
			want: "name=web01 src=100"},
		"OptionByName": {text: "a VM", turns: turns("vm1.name", "web01", "vm1.source", "k3s-template"), want: "name=web01 src=100"},
		"OptionByPhrase": {text: "a VM", turns: turns("vm1.name", "call it web01", "vm1.source", "use the template 100 please"),
			want: "name=web01 src=100"},
		"NameInWords":     {text: "une VM depuis 100", turns: turns("vm1.name", "elle s'appelle web01"), want: "name=web01 src=100"},
		"NameQuoted":      {text: "a VM from 100", turns: turns("vm1.name", `"web01"`), want: "name=web01 src=100"},
		"NamesForSeveral": {text: "2 VMs from 100", turns: turns("vm1.name", "web01 and db01"), want: "names=web01,db01 src=100"},
		"NameIsAWord":     {text: "a VM from 100", turns: turns("vm1.name", "webserver"), want: "name=webserver src=100"},
		"AnswerSaysMore":  {text: "a VM from 100", turns: turns("vm1.name", "web01 with 4 cores"), want: "name=web01 src=100 cores=4"},
		"InvalidIsAskedAgain": {reason: "L1: an answer is checked like the request.", text: "a VM from 100", turns: turns("vm1.name", "web_01"),
			want: "src=100 ?vm1.name"},
		"AnswerIsARequest": {reason: "The thesis's own example: the answer to a question changes the request.",
			text: "crée une vm", turns: turns("vm1.name", "créer un serveur web basé sur le template vm id 100"), want: "web-server src=100"},
		"RequestAsked":              {text: "fais quelque chose", turns: turns("request", "crée une base de données depuis 100"), want: "database src=100"},
		"RequestStillVague":         {text: "fais quelque chose", turns: turns("request", "un truc"), want: "?request"},
		"RequestBecomesUnsupported": {text: "do something", turns: turns("request", "a VM on AWS"), want: "!platform_unsupported"},
		"SourceForAllGroups": {reason: "The source is asked once for all groups that lack it.",
			text: "two web servers and a database", turns: turns("vm1.source", "100"), want: "web-server n=2 src=100 | database src=100"},
		"Contradiction": {text: "a web server from 100 with 4 cores, 8 cores", turns: turns("vm1.cores", "8"), want: "web-server src=100 cores=8"},
		"ContradictionByWords": {text: "un serveur web depuis 100 avec 4 cœurs, 8 cœurs", turns: turns("vm1.cores", "huit"),
			want: "web-server src=100 cores=8"},
		"NodeMisspelt": {text: "a web server from 100 on pmax02", turns: turns("vm1.node", "pmox02"), want: "web-server src=100 on=pmox02"},
		"NodeLeftOpen": {text: "a web server from 100 on pmax02", turns: turns("vm1.node", "any"), want: "web-server src=100 on="},
		"DiskLarger":   {text: "a web server from 100 with a 10 GB disk", turns: turns("vm1.disk", "50 GB"), want: "web-server src=100 disk=50"},
		"KeyGiven": {text: "a web server from 100 with my ssh key", turns: turns("vm1.ssh_keys", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2v9 amine@lab"),
			want: "web-server src=100 keys=1"},
		"PoolNone": {text: "a web server from 100 in pool produktion", turns: turns("vm1.pool", "none"), want: "web-server src=100 pool="},
		"AddressGiven": {text: "a web server from 100 with a static IP", turns: turns("vm1.ipv4", "192.168.0.44/16"),
			want: "web-server src=100 ip=192.168.0.44/16 gw=192.168.0.1"},
		"AddressBecomesDHCP": {text: "a web server from 100 with a static IP", turns: turns("vm1.ipv4", "dhcp"), want: "web-server src=100 ip=dhcp"},
		"AnswerToUnknownQuestion": {reason: "An id that was never asked changes nothing.", text: "a web server from 100",
			turns: turns("vm9.name", "x", "nonsense", "y"), want: "web-server src=100"},

		"Yes":         {text: "a web server from 100", turns: turns("confirm", "yes"), want: "web-server src=100", confirmation: "yes"},
		"No":          {text: "a web server from 100", turns: turns("confirm", "no"), want: "web-server src=100", confirmation: "no"},
		"Correction":  {text: "un serveur web depuis 100", turns: turns("confirm", "non, 4 coeurs"), want: "web-server src=100 cores=4", confirmation: "correction"},
		"YesBut":      {text: "a web server from 100", turns: turns("confirm", "yes but on pmox02"), want: "web-server src=100 on=pmox02", confirmation: "correction"},
		"Instead":     {text: "a web server from 100", turns: turns("confirm", "with 8 GB instead"), want: "web-server src=100 mem=8192", confirmation: "correction"},
		"Rather":      {text: "un serveur web depuis 100 sur pmox01", turns: turns("confirm", "plutôt sur pmox02"), want: "web-server src=100 on=pmox02", confirmation: "correction"},
		"Rename":      {text: "un serveur web depuis 100", turns: turns("confirm", "non, nomme-la shop"), want: "web-server name=shop src=100", confirmation: "correction"},
		"CountChange": {text: "a web server from 100", turns: turns("confirm", "no, 3 VMs"), want: "web-server n=3 src=100", confirmation: "correction"},
		"WithoutHA":   {text: "a router from 100", turns: turns("confirm", "no HA"), want: "router src=100 ha=false", confirmation: "correction"},
		"NotTwoButFour": {text: "a web server from 100 with 2 cores", turns: turns("confirm", "not 2 cores but 4 cores"),
			want: "web-server src=100 cores=4", confirmation: "correction"},
		"AddAGroup":    {text: "a web server from 100", turns: turns("confirm", "add a database from 100"), want: "web-server src=100 | database src=100", confirmation: "correction"},
		"RemoveAGroup": {text: "a web server and a database from 100", turns: turns("confirm", "remove the database"), want: "web-server src=100", confirmation: "correction"},
		"OneGroupOnly": {text: "a web server and a database from 100", turns: turns("confirm", "the database with 16 GB"),
			want: "web-server src=100 | database src=100 mem=16384", confirmation: "correction"},
		"CorrectionThenYes": {text: "un serveur web depuis 100", turns: turns("confirm", "non, 4 coeurs", "confirm", "oui"), want: "web-server src=100 cores=4", confirmation: "yes"},
		"Silence":           {text: "a web server from 100", turns: turns("confirm", "  "), want: "web-server src=100"},
		"Gibberish": {reason: "What is not understood never confirms; it is shown.", text: "a web server from 100", turns: turns("confirm", "purple elephants"),
			want: `web-server src=100 ~"purple elephants"`, confirmation: "correction"},
		"OtherPlatform": {text: "a web server from 100", turns: turns("confirm", "no, on AWS"), want: "!platform_unsupported"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := r.Understand(Request{ID: "run-1", Text: tc.text, Turns: tc.turns}, snap)
			if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if got := u.GetConfirmation(); got != tc.confirmation {
				t.Errorf("confirmation: got %q, want %q", got, tc.confirmation)
			}
			if err := wire.Validate(u); err != nil {
				t.Errorf("the result breaks the contract: %v", err)
			}
		})
	}
}

// Shows: T-4.7.4-05
func TestMeaning(t *testing.T) {
	x := newIndex(lab())
	for want, answers := range map[string][]string{
		"yes": {"oui", "yes", "ok", "d'accord", "go", "vas-y", "c'est bon", "y", "Oui.", "OUI !", "yes please", "ok merci", "parfait", "oui, vas-y", "d’accord",
			"looks good", "o", "that's right", "je valide", "yes, create it", "go ahead"},
		"no": {"no", "non", "n", "No.", "non merci", "pas d'accord", "not ok", "cancel", "annule", "nope"},
		"": {"", " ", "peut-être", "maybe", "perhaps", "je ne sais pas", "pas sûr", "pas sur", "Pas sûre.", "not sure", "I'm not sure", "hmm", "Hmm…", "bof",
			"oui peut-être", "pas sur pmox01", "ok?", "oui si tu veux bien y ajouter un disque", "4", "yes and no problem with pmox02", "sure thing, but 4 cores",
			"non, 4 coeurs", "yesterday", "okra", "?", "...", "I do not know", "oui mais sur pmox02"},
	} {
		for _, a := range answers {
			if got := meaning(a, x); got != want {
				t.Errorf("meaning(%q) = %q, want %q", a, got, want)
			}
		}
	}
}

// A question's id depends on what is asked about: the same request on the same cluster asks with the same ids, in either
// language and however it is worded.
func TestQuestionIDsAreStable(t *testing.T) {
	r, snap := New(proxmox()), lab()
	var first []string
	for _, text := range []string{"a VM on pmax02", "une VM sur pmax02", "please make me a VM, on pmax02!", "VM pmax02 — non, sur pmax02"} {
		for range 3 {
			var ids []string
			for _, q := range r.Understand(Request{ID: "r", Text: text}, snap).GetQuestions() {
				ids = append(ids, q.GetId())
			}
			if first == nil {
				first = ids
			}
			if text == "VM pmax02 — non, sur pmax02" {
				continue
			}
			if diff := cmp.Diff(first, ids); diff != "" {
				t.Errorf("%s:\n%s", text, diff)
			}
		}
	}
	if diff := cmp.Diff([]string{"vm1.source", "vm1.name", "vm1.node"}, first); diff != "" {
		t.Error(diff)
	}
}

// Shows: T-4.7.4-04, T-4.7.4-08, T-4.4.1-01
func TestInterpretationOfScenario4(t *testing.T) {
	u := New(proxmox()).Understand(Request{ID: "r", Text: "créer un serveur web basé sur le template vm id 100"}, lab())
	var got []string
	for _, row := range u.GetInterpretation() {
		if row.GetReason() == "" {
			t.Errorf("row %s has no reason", row.GetPath())
		}
		got = append(got, row.GetLabel()+" | "+row.GetValue()+" | "+row.GetOrigin())
	}
	want := []string{
		"Rôle | serveur web | stated",
		"Nom | webserver | stated",
		"Nombre | 1 | stated",
		"Source | k3s-template (100), 2 cœurs, 2 Gio, disque de 32 Gio sur pmoxpool01, nœud pmox01 | stated",
		"Cœurs | 2 | assumed",
		"Mémoire | 2 Gio | assumed",
		"Disque | 32 Gio sur pmoxpool01 | assumed",
		"Réseau | mainvnet | assumed",
		"Adresse IPv4 | DHCP | assumed",
		"Haute disponibilité | non | assumed",
		"Pool | Backup-vms-pool | assumed",
		"Démarrage avec le nœud | oui | assumed",
		"Logiciels | « serveur web » désigne une VM avec ce rôle et cette taille ; aucun logiciel n'est installé. | derived",
	}
	for i := range want {
		if strings.HasPrefix(want[i], "Logiciels") {
			want[i] = strings.Replace(want[i], "Logiciels | ", "Non inclus | Logiciels | ", 1)
		}
	}
	for i := range got {
		if strings.HasPrefix(got[i], "Non inclus") {
			got[i] = "Non inclus | " + u.GetInterpretation()[i].GetValue() + " | " + u.GetInterpretation()[i].GetReason() + " | " + u.GetInterpretation()[i].GetOrigin()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// One sentence stands for a chain of tasks: machines and network are in the intent, load balancing and security policy are named
// as left out, with the reason.
//
// Shows: T-0-03
func TestOneSentenceForAChainOfTasks(t *testing.T) {
	tests := map[string]struct {
		text    string
		turns   []Turn
		reasons []string // parts of the reasons, in the order of the topics
	}{
		"French": {text: "déployer un nouveau serveur web avec trois instances redondantes depuis le template 100",
			reasons: []string{"aucun logiciel n'est installé", "n'a pas de répartiteur", "l'opérateur du réseau"}},
		"FrenchAnswered": {text: "déployer un nouveau serveur web avec trois instances redondantes", turns: turns("vm1.source", "100"),
			reasons: []string{"aucun logiciel n'est installé", "n'a pas de répartiteur", "l'opérateur du réseau"}},
		"English": {text: "deploy a new web server with three redundant instances from template 100",
			reasons: []string{"software is not installed", "has no load balancer", "the operator of the network"}},
		"EnglishAnswered": {text: "deploy a new web server with three redundant instances", turns: turns("vm1.source", "100"),
			reasons: []string{"software is not installed", "has no load balancer", "the operator of the network"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := New(proxmox()).Understand(Request{ID: "r", Text: tc.text, Turns: tc.turns}, lab())
			if len(u.GetQuestions()) > 0 || len(u.GetIntent().GetVirtualMachines()) != 1 {
				t.Fatalf("got %s", summary(u))
			}
			vm := u.GetIntent().GetVirtualMachines()[0]
			if vm.GetCount() != 3 || vm.GetPlacement().GetGrouping() != "apart" || vm.GetNetworks()[0].GetBridge() != "mainvnet" {
				t.Errorf("got %d machines, %q, on %q; want 3, apart, on mainvnet", vm.GetCount(), vm.GetPlacement().GetGrouping(), vm.GetNetworks()[0].GetBridge())
			}
			var topics []string
			for i, o := range u.GetIntent().GetOmissions() {
				if i < len(tc.reasons) && !strings.Contains(o.GetReason(), tc.reasons[i]) {
					t.Errorf("%s is left out because %q, want %q", o.GetTopic(), o.GetReason(), tc.reasons[i])
				}
				topics = append(topics, o.GetTopic())
			}
			if diff := cmp.Diff([]string{"software", "load-balancer", "security-policy"}, topics); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Shows: T-3.3.5-111, T-3.3.5-113
func TestChecksAreReportedApart(t *testing.T) {
	r, snap := New(proxmox()), lab()
	tests := map[string]struct{ text, want string }{
		"BothValid":   {"a web server from 100", "input valid, platform valid"},
		"NoInput":     {"do something", "input invalid, platform valid"},
		"NoPlatform":  {"a web server on Azure", "input valid, platform invalid"},
		"NeitherOne":  {"fais quelque chose sur AWS", "input invalid, platform invalid"},
		"PlatformNot": {"pas sur AWS, un serveur web depuis 100", "input valid, platform valid"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := r.Understand(Request{ID: "r", Text: tc.text}, snap)
			var got []string
			for _, c := range u.GetChecks() {
				got = append(got, c.GetName()+" "+c.GetOutcome())
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
	u := r.Understand(Request{ID: "r", Text: "crée une VM sur AWS"}, snap)
	if m := u.GetRefusal().GetMessage(); !strings.Contains(m, "AWS") || !strings.Contains(m, "Proxmox VE") {
		t.Errorf("the refusal names neither the platform nor what is supported: %s", m)
	}
}

func TestDialogueIsBounded(t *testing.T) {
	var ts []Turn
	for i := range 100 {
		ts = append(ts, Turn{QuestionID: "confirm", Text: strconv.Itoa(i%8+1) + " cores"})
	}
	u := New(proxmox()).Understand(Request{ID: "r", Text: "a web server from 100", Turns: ts}, lab())
	if got := summary(u); got != "!dialogue_too_long" {
		t.Errorf("got %s", got)
	}
}

// Answers of a typed intent go the same way as those of a text.
func TestTypedIntent(t *testing.T) {
	name, id, cores := "shop", int32(100), int32(4)
	in := &provisov1.ProvisionIntent{IntentId: "order-1", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
		VirtualMachines: []*provisov1.VirtualMachine{{Name: &name, Cores: &cores, Source: &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: &id}}}}}}
	r := New(proxmox())
	u := r.Understand(Request{ID: "order-1", Intent: in}, lab())
	if diff := cmp.Diff("name=shop src=100 cores=4", summary(u)); diff != "" {
		t.Error(diff)
	}
	again := r.Understand(Request{ID: "order-1", Intent: u.GetIntent()}, lab())
	if diff := cmp.Diff(bare(u), bare(again)); diff != "" {
		t.Errorf("a completed intent changes when it is completed again:\n%s", diff)
	}
	in.VirtualMachines[0].Source = nil
	u = r.Understand(Request{ID: "order-1", Intent: in, Turns: turns("vm1.source", "100")}, lab())
	if diff := cmp.Diff("name=shop src=100 cores=4", summary(u)); diff != "" {
		t.Error(diff)
	}
}
