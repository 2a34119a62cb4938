package understand

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Pairs whose meaning lies in the form of the sentence: what a pronoun stands for, what shall stay as it is, where a negation ends,
// what an ellipsis leaves out. AI-server (118) has 4 cores, 8 GiB and a disk of 32 GiB; web1 (130) 2 sockets of 2 cores and 4 GiB.
func TestFormsOfChanges(t *testing.T) {
	tests := map[string]struct{ en, fr, want string }{
		"PronounIsTheDisk":    {"The disk of AI-server is almost full. Please grow it to 64 GB.", "Le disque d'AI-server est presque plein. Merci de l'agrandir à 64 Go.", "118: disk=64"},
		"PronounIsTheMemory":  {"The RAM of AI-server is too small. Increase it to 12 GB.", "La RAM d'AI-server est trop petite. Passe-la à 12 Go.", "118: mem=12288"},
		"OtherGuestNoPronoun": {"The disk of AI-server is almost full. Give worker-node-1 10 GB.", "Le disque d'AI-server est presque plein. Donne 10 Go à worker-node-1.", "122: mem=10240"},
		"LeaveAlone":          {"change the memory of AI-server to 10 GB, leave the cores alone", "passe la mémoire de AI-server à 10 Go, ne touche pas aux cœurs", "118: mem=10240"},
		"WithoutTouching":     {"set AI-server to 6 cores without touching the disk", "passe AI-server à 6 cœurs sans toucher au disque", "118: cores=6"},
		"KeepAsItIs":          {"give AI-server 10 GB but keep the cores as they are", "donne 10 Go à AI-server mais garde le même nombre de cœurs", "118: mem=10240"},
		"KeepFirst":           {"don't change the RAM of web1 but set it to 3 cores", "ne change pas la RAM de web1 mais passe-la à 3 cœurs", "130: cores=3"},
		"NegationEndsAtAnd":   {"AI-server should not start at boot, and protect it", "AI-server ne doit pas démarrer au boot, et protège-la", "118: boot=false protect=true"},
		"SayHowMuchAfter":     {"worker-node-1 needs more room on its disk, make it 64 GB", "worker-node-1 n'a plus de place sur son disque, passe-le à 64 Go", "122: disk=64"},
		"NotMoreMemory":       {"AI-server doesn't need more memory, only 2 more cores", "AI-server n'a pas besoin de plus de mémoire, seulement de 2 cœurs de plus", "118: cores=6"},
		"BiggerIsNoOther":     {"give AI-server a bigger disk of 64 GB", "donne à AI-server un disque plus gros de 64 Go", "118: disk=64"},
		"AnotherIsOther":      {"give AI-server another disk of 64 GB", "donne à AI-server un autre disque de 64 Go", "118: +disk=64"},
		"NoLongerProtected":   {"don't protect web1 anymore", "ne protège plus web1", "130: protect=false"},
		"MoreGigs":            {"give the 118 two more gigs", "donne 2 Go de plus à la 118", "118: mem=10240"},
		"ArticleAndID":        {"double the cores of the 122", "double les cœurs de la 122", "122: cores=12"},
		"FromTo":              {"please raise the RAM of worker-node-2 from 8 to 10 GB", "merci de faire passer la RAM de worker-node-2 de 8 à 10 Go", "123: mem=10240"},
		"FromToTwice":         {"upgrade web1 from 4 GB to 8 GB and from 2 to 3 cores", "passe web1 de 4 Go à 8 Go et de 2 à 3 cœurs", "130: cores=3 mem=8192"},
		"ByTwo":               {"increase by two the number of cores of AI-server", "augmente de deux le nombre de cœurs de AI-server", "118: cores=6"},
		"FewerByTwo":          {"reduce by two the number of cores of AI-server", "diminue de deux le nombre de cœurs de AI-server", "118: cores=2"},
		"Halved":              {"122 has too many cores, cut them in half", "la 122 n'a pas besoin d'autant de CPU, divise ses cœurs par deux", "122: cores=3"},
		"DividedByFigure":     {"divide the memory of AI-server by 4", "divise la mémoire de AI-server par 4", "118: mem=2048"},
		"MultipliedByFigure":  {"multiply the memory of web1 by 2", "multiplie la mémoire de web1 par 2", "130: mem=8192"},
		"TagEllipsis":         {"remove the tag test from web1 and add legacy instead", "enlève le tag test de web1 et ajoute legacy à la place", "130: +tags=legacy -tags=test"},
		"UntagEllipsis":       {"add the tag legacy to web1 and remove test", "ajoute le tag legacy à web1 et enlève test", "130: +tags=legacy -tags=test"},
		"TagReplaced":         {"replace the tag test by legacy on web1", "remplace le tag test par legacy sur web1", "130: +tags=legacy -tags=test"},
		"PoliteQuestion":      {"would it be possible to give AI-server 12 GB?", "est-ce qu'on peut passer AI-server à 12 Go ?", "118: mem=12288"},
		"IntoCode":            {"We made OPNsense by hand. Can you bring it into our code without touching the machine?", "On a monté OPNsense à la main. Peux-tu le reprendre dans notre code sans toucher à la machine ?", "import 101"},
		"CodeOfExisting":      {"generate the terraform of the existing VMs worker-node-1 and worker-node-2", "génère le terraform des VM existantes worker-node-1 et worker-node-2", "import 122 | import 123"},
		"IntoRepository":      {"I'd like to have OPNsense in our repo", "nous aimerions avoir OPNsense dans notre dépôt git", "import 101"},
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

// What has the form of a question about a fact changes nothing, and a question for the way is answered with the command.
func TestQuestionsStayQuestions(t *testing.T) {
	tests := map[string]struct{ en, fr, says, dit, command string }{
		"UnderHA":          {"Is OPNsense protected by HA?", "Est-ce qu'OPNsense est protégé par la HA ?", "No, OPNsense (101) is not under HA", "Non, OPNsense (101) n'est pas sous HA", ""},
		"StartsAtBoot":     {"is AI-server set to start at boot?", "est-ce que AI-server démarre au boot ?", "That setting of AI-server (118)", "Ce réglage de AI-server (118)", "qm config 118"},
		"Protected":        {"is AI-server protected?", "est-ce que AI-server est protégée ?", "That setting of AI-server (118)", "Ce réglage de AI-server (118)", "qm config 118"},
		"MemoryColloquial": {"whats the ram of AI-server", "cest quoi la ram de AI-server", "AI-server (118) has 4 vCPUs, 8 GiB of memory", "AI-server (118) a 4 vCPU, 8 Gio de mémoire", ""},
		"Deliberation":     {"should I give worker-node-2 16 GB?", "faut-il donner 16 Go à worker-node-2 ?", "worker-node-2 (123) is running on pmox03", "worker-node-2 (123) est en marche sur pmox03", ""},
		"Supposition":      {"What would happen if I stopped AI-server?", "que se passe-t-il si j'arrête AI-server ?", "AI-server (118) is running on pmox02", "AI-server (118) est en marche sur pmox02", ""},
		"NodeDown":         {"is any node down at the moment?", "est-ce qu'il y a un nœud en panne en ce moment ?", "pmox04 is offline. Online: pmox01, pmox02 and pmox03.", "pmox04 est hors ligne. En ligne : pmox01, pmox02 et pmox03.", ""},
		"StoragesAndRoom":  {"which storages do we have and how much room is left?", "Quels stockages avons-nous et combien de place reste-t-il ?", "4 storages: cephfs, local, local-lvm and pmoxpool01", "4 stockages : cephfs, local, local-lvm et pmoxpool01", ""},
		"Exists":           {"do we already have a machine called AI-server?", "est-ce qu'on a déjà une machine appelée AI-server ?", "AI-server (118) is running on pmox02", "AI-server (118) est en marche sur pmox02", ""},
		"ExistsNot":        {"do we have a VM named nextcloud yet?", "avons-nous déjà une VM nommée nextcloud ?", "Nothing in the cluster is called “nextcloud”", "Rien dans le cluster ne s'appelle « nextcloud »", ""},
		"HowToMove":        {"How do I move worker-node-1 over to pmox03?", "Comment faire pour déplacer worker-node-1 vers pmox03 ?", "worker-node-1 (122) can move from pmox02 to pmox03", "worker-node-1 (122) peut passer de pmox02 à pmox03", "qm migrate 122 pmox03 --online"},
		"HowToReboot":      {"what is the command to restart AI-server?", "comment redémarrer AI-server ?", "To reboot AI-server (118)", "Pour redémarrer AI-server (118)", "qm reboot 118"},
	}
	r, snap := New(proxmox()), tagged()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for text, want := range map[string]string{tc.en: tc.says, tc.fr: tc.dit} {
				u := r.Understand(Request{ID: "r", Text: text}, snap)
				reply := u.GetReply()
				if u.GetIntent() != nil || !strings.Contains(reply.GetText(), want) || !strings.Contains(strings.Join(reply.GetCommands(), "\n"), tc.command) {
					t.Errorf("%s\n got %q %v %v %s\nwant %q %q", text, reply.GetText(), reply.GetCommands(), u.GetIntent(), u.GetRefusal().GetMessage(), want, tc.command)
				}
			}
		})
	}
}

// A wish that does not say what it is for is asked back; what another wants done is none of it.
func TestVagueWishIsAskedBack(t *testing.T) {
	r, snap := New(proxmox()), tagged()
	for text, want := range map[string]string{
		"hi, can you set something up for us?":                      "?request",
		"bonjour, vous pouvez nous mettre quelque chose en place ?": "?request",
		"can you help us out with something?":                       "?request",
		"tu peux nous préparer quelque chose ?":                     "?request",
		"can you recommend a film?":                                 "off_topic",
		"peux-tu me recommander un film ?":                          "off_topic",
		"a Lambda that resizes images":                              "platform_unsupported",
		"une Lambda qui redimensionne les images":                   "platform_unsupported",
		"can you tell me something about pmox01?":                   "answer",
		"peux-tu me dire quelque chose sur pmox01 ?":                "answer",
	} {
		u := r.Understand(Request{ID: "r", Text: text}, snap)
		got := u.GetRefusal().GetCode()
		for _, q := range u.GetQuestions() {
			got += "?" + q.GetId()
		}
		if u.GetReply() != nil {
			got += "answer"
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// What a workload listens on and is called, said without the words "port" and "named".
func TestWorkloadListens(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for text, want := range map[string]string{
		"k8s deployment named blog from image ghost:5, 2 pods listening on 2368":               "name=blog image=ghost:5 replicas=2 port=2368 namespace=(default)",
		"déploiement k8s nommé blog à partir de l'image ghost:5, 2 pods qui écoutent sur 2368": "name=blog image=ghost:5 replicas=2 port=2368 namespace=(default)",
		"run redis:7 on kubernetes as session-cache, one replica":                              "name=session-cache image=redis:7 replicas=1 namespace=(default)",
		"lance redis:7 sur kubernetes comme session-cache, un réplica":                         "name=session-cache image=redis:7 replicas=1 namespace=(default)",
	} {
		if got := workloadSummary(r.Understand(Request{ID: "r", Text: text}, snap)); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}
