package understand

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/pve"
)

// usage are turns of phrase that are easily taken for something else. What each is to give follows from its meaning; both languages give
// the same. What stays not understood is left out here: it differs by language.
var usage = []struct{ want, en, fr string }{
	// effects need exact words
	{"name=quartz src=100 cores=6 mem=8192", "one machine named quartz off template 100, six cores, eight gigs of ram", "une machine nommée quartz tirée du template 100, six cœurs, huit gigas de ram"},
	{"name=falcon src=100", "a VM dubbed falcon off the k3s template", "une VM dénommée falcon à partir du modèle k3s"},
	{"name=calm src=100", "VM named calm from 100, without asking again", "VM nommée calm depuis 100, sans demander"},
	{"name=trust src=100", "VM named trust from 100, we have confidence in you", "VM nommée trust depuis 100, nous avons confiance"},
	{"name=shop1 src=100", "VM named shop1 from 100 for production use", "VM nommée shop1 depuis 100 pour la production"},
	{"name=cold src=100 started=false", "VM named cold from 100, powered off", "VM nommée cold depuis 100, éteinte"},
	{"name=cold src=100 started=false", "VM named cold from 100, keep it off", "VM nommée cold depuis 100, laisse-la éteinte"},
	{"name=cold src=100 cores=2", "VM named cold from 100, 2 cores, a day off", "VM nommée cold depuis 100, 2 cœurs, un jour de congé"},
	{"name=safe src=100 protect=true", "VM named safe from 100, protected", "VM nommée safe depuis 100, protégée"},
	// and other words bear a slip of the pen
	{"name=wiki src=100 cores=2 mem=2048", "creat a virtal machine nammed wiki form template 100 wiht 2 coers and 2 GB of memoy", "cré une machin virtuele nomé wiki a partir du templat 100 avc 2 coeur et 2 Go de memoir"},
	{"name=docs src=100 net=vmbr0", "craete a vm caled docs from tempalte 100 on vmbr0", "crer une vm apelée docs depuis le modle 100 sur vmbr0"},
	// negated verbs
	{"name=n1 src=100 ha=false", "VM named n1 from 100, disable HA", "VM nommée n1 depuis 100, désactive la HA"},
	{"name=n1 src=100 ha=false", "VM named n1 from 100, HA off", "VM nommée n1 depuis 100, haute disponibilité désactivée"},
	{"name=n1 src=100 ha=false", "VM named n1 from 100, no need for HA", "VM nommée n1 depuis 100, pas besoin de HA"},
	{"name=n1 src=100 ha=true hagroup=mainHA", "VM named n1 from 100, do not disable HA", "VM nommée n1 depuis 100, ne désactive pas la HA"},
	{"name=n1 src=100 protect=false", "VM named n1 from 100, set protection to false", "VM nommée n1 depuis 100, désactiver la protection"},
	{"name=n1 src=100 protect=false", "VM named n1 from 100, protection: off", "VM nommée n1 depuis 100, protection : non"},
	{"name=n1 src=100 boot=false", "VM named n1 from 100, disable automatic start", "VM nommée n1 depuis 100, désactiver le démarrage automatique"},
	{"name=n1 src=100 ha=false", "VM named n1 from 100 with HA turned off", "VM nommée n1 depuis 100 avec la HA coupée"},
	{"name=n1 src=100 ha=true hagroup=mainHA", "VM named n1 from 100, turn on HA", "VM nommée n1 depuis 100, active la HA"},
	// names
	{"name=vault src=100 protect=true", "create VM vault from template 100 and protect it against deletion", "crée la VM vault depuis le template 100, protégée contre la suppression"},
	{"name=labo3 src=100 cores=2 mem=2048 net=mainvnet", "Clone template 100 to a VM named labo3, give it 2 vCPU and 2048 MB, place it on mainvnet", "Cloner le template 100 vers une VM nommée labo3, lui donner 2 vCPU et 2048 Mo, la placer sur mainvnet"},
	{"name=nord src=100 cores=1 | name=sud src=100 cores=1", "a VM named nord from 100 with 1 core, and another named sud, identical", "une VM nommée nord depuis 100 avec 1 cœur, et une autre nommée sud, identique"},
	{"names=rouge,vert,bleu src=100", "three VMs called rouge, vert and bleu from 100", "trois VM appelées rouge, vert et bleu depuis 100"},
	{"names=nord,sud src=100", "two VMs named nord, sud from 100", "deux VM nommées nord, sud depuis 100"},
	{"name=intranet01 src=100 cores=3 mem=6144 disk=80", "Please provision a virtual machine going by the name of intranet01 based on template 100; 3 vCPUs, 6 GB of memory and 80 GB of disk space", "Veuillez provisionner une machine virtuelle dénommée intranet01 sur la base du modèle 100 ; prévoyez 3 vCPU, 6 Go de mémoire vive et 80 Go d'espace disque."},
	// machines described one after another
	{"name=edge1 src=100 cores=1 mem=1024 net=vmbr0 | name=inner1 src=100 cores=1 mem=1024 net=mainvnet", "Two VMs from template 100: edge1 on vmbr0 and inner1 on mainvnet, both with 1 core and 1 GB", "Deux VM depuis le template 100 : edge1 sur vmbr0 et inner1 sur mainvnet, toutes deux avec 1 cœur et 1 Go"},
	{"name=main1 src=100 cores=1 mem=1024 ha=true hagroup=mainHA | name=spare1 src=100 cores=1 mem=1024 ha=false", "from template 100: main1 with HA and spare1 without HA, both 1 core and 1 GB", "depuis le template 100 : main1 avec HA et spare1 sans HA, 1 cœur et 1 Go chacune"},
	{"name=nord src=100 cores=2 | name=sud src=100 cores=4", "two VMs from 100: nord with 2 cores and sud with 4 cores", "deux VM depuis 100 : nord avec 2 cœurs et sud avec 4 cœurs"},
	{"name=web21 src=100 mem=2048 | name=web22 src=100 cores=4 mem=2048", "create web21 and web22 from 100 with 2 GB each, web22 with 4 cores", "crée web21 et web22 depuis 100 avec 2 Go chacune, web22 avec 4 cœurs"},
	{"name=node-a src=100 cores=1 mem=2048 | name=node-b src=100 cores=2 mem=2048", "Create node-a and node-b from 100 with 2 GB each, node-b with 2 cores and node-a with only one core", "Crée node-a et node-b depuis 100 avec 2 Go chacune, node-b avec 2 cœurs et node-a avec un seul cœur"},
	{"n=2 src=100 mem=2048 | database src=100 mem=2048 ?vm1.name", "three machines from 100, one of them a database, 2 GB each", "trois machines depuis 100, dont une base de données, 2 Go chacune"},
	{"n=2 src=100 cores=2 | web-server n=2 src=100 cores=2 ?vm1.name", "four VMs from 100 with 2 cores, of which two web servers", "quatre VM depuis 100 avec 2 cœurs, dont deux serveurs web"},
	{"database name=pg2 src=100 mem=4096 | web-server name=front n=2 src=100 mem=1024", "three machines from 100, including a database named pg2 with 4 GB and two web servers named front with 1 GB", "trois machines depuis 100, dont une base nommée pg2 avec 4 Go et deux serveurs web nommés front avec 1 Go"},
	{"name=tiger src=100 mem=4096 | name=lion src=100 mem=2048", "Set up two VMs from 100; the first is named lion with 2 GB, the second is named tiger with 4 GB", "Monte deux VM depuis 100 ; la première s'appelle lion avec 2 Go, la seconde s'appelle tiger avec 4 Go"},
	{"name=pom src=100 cores=2 mem=2048 | name=ban src=100 cores=4 mem=4096", "from template 100 I want pom (2 cores, 2 GB) and ban (4 cores, 4 GB)", "depuis le template 100 je veux pom (2 cœurs, 2 Go) et ban (4 cœurs, 4 Go)"},
	{"web-server name=webserver-2 src=100 mem=2048 | web-server name=webserver-3 src=100 mem=4096", "two web servers from 100, one with 2 GB and the other with 4 GB", "deux serveurs web depuis 100, l'un avec 2 Go et l'autre avec 4 Go"},
	{"n=2 src=100 on=pmox01 | n=2 src=100 on=pmox02 ?vm1.name ?vm2.name", "four VMs from 100, two on pmox01 and two on pmox02", "quatre VM depuis 100, deux sur pmox01 et deux sur pmox02"},
	// what is said of a new machine orders nothing of others
	{"name=ida src=100", "VM named ida from 100; stop it afterwards", "VM nommée ida depuis 100 ; arrête-la ensuite"},
	{"name=lea src=100 boot=false", "VM named lea from 100 that does not start by itself", "VM nommée lea depuis 100 qui ne doit pas démarrer toute seule"},
	{"name=t2 src=100 on=pmox02 | name=t1 src=100 on=pmox01", "create t1 and t2 from 100, t1 on pmox01 and t2 on pmox02", "crée t1 et t2 depuis 100, t1 sur pmox01 et t2 sur pmox02"},
	// numbers
	{"name=juno src=100 boot=true delay=60", "VM named juno from 100, wait 60s", "VM nommée juno depuis 100, attente 60s"},
	{"name=first1 src=100 boot=true order=2 delay=30", "VM named first1 from 100 that starts at boot, start order 2 with a delay of 30 seconds", "VM nommée first1 depuis 100 qui démarre au boot, ordre de démarrage 2, délai de 30 secondes"},
	{"name=old1 src=100 net=mainvnet ip=192.168.2.20/16 gw=192.168.0.1", "VM named old1 from 100 on mainvnet, IP 192.168.2.20 netmask 255.255.0.0, gw 192.168.0.1", "VM nommée old1 depuis 100 sur mainvnet, IP 192.168.2.20 masque 255.255.0.0, passerelle 192.168.0.1"},
	{"name=old2 src=100 net=vmbr0 ip=10.0.0.6/24", "VM named old2 from 100 on vmbr0, address 10.0.0.6, subnet mask 255.255.255.0", "VM nommée old2 depuis 100 sur vmbr0, adresse 10.0.0.6, masque de sous-réseau 255.255.255.0"},
	{"name=old3 src=100 net=vmbr0 ip=10.0.0.7/24", "VM named old3 from 100 on vmbr0, ip 10.0.0.7 255.255.255.0", "VM nommée old3 depuis 100 sur vmbr0, ip 10.0.0.7, préfixe 24"},
	{"name=deb1 src=cephfs:import/debian-12-generic-amd64.qcow2", "a Debian 12 box named deb1", "une machine Debian 12 nommée deb1"},
	{"name=simd src=100 cores=4 cpu=host mem=4096", "VM named simd from 100, 4 cores of type host, 4 GB", "VM nommée simd depuis 100, 4 cœurs de type host, 4 Go"},
	{"lxc name=proxy1 tpl=ubuntu-24.04 cores=1 mem=512 disk=4", "lxc proxy1 ubuntu 24.04 1c/512m disk 4g", "lxc proxy1 ubuntu 24.04 1c/512m disque 4g"},
	{"name=db7 src=100 cores=2 mem=4096 disk=60", "vm db7 tmpl=100 2vcpu 4gb 60gb disk", "vm db7 modele=100 2vcpu 4go disque 60go"},
	// addresses
	{"name=res1 src=100 dns=8.8.8.8,1.1.1.1 domain=lab.local", "VM named res1 from 100 with the DNS servers 8.8.8.8 and 1.1.1.1 and the search domain lab.local", "VM nommée res1 depuis 100 avec les serveurs DNS 8.8.8.8 et 1.1.1.1 et le domaine de recherche lab.local"},
	// another machine than the one asked for
	{"name=legacy1 src=100 cores=2", "VM named legacy1 from 100 with 2 cores; it replaces the machine we used to have on VMware", "VM nommée legacy1 depuis 100 avec 2 cœurs ; elle remplace celle que nous avions sur VMware"},
	{"name=legacy1 src=100", "VM named legacy1 from 100 which replaces the old one on AWS", "VM nommée legacy1 depuis 100 qui remplace l'ancienne chez AWS"},
	{"name=sprint src=100 mem=2048", "one VM named sprint from 100, 2 GB. The last one had 8 GB, that was far too much.", "une VM nommée sprint depuis 100, 2 Go. La dernière avait 8 Go, c'était beaucoup trop."},
	{"name=sprint src=100 mem=8192", "Our old server had 4 GB, we need a VM named sprint from 100 with 8 GB", "Notre ancien serveur avait 4 Go, il faut une VM nommée sprint depuis 100 avec 8 Go"},
	{"name=sprint src=100 mem=8192", "VM named sprint from 100 with 8 GB. We used to run it on Azure with 16 GB.", "VM nommée sprint depuis 100 avec 8 Go. On l'avait chez Azure avec 16 Go."},
	{"!platform_unsupported", "create a VM on AWS that replaces our old one", "crée une VM chez AWS qui remplace notre ancienne"},
	{"!platform_unsupported", "a VM on Azure with 4 GB. The last one had 2 GB.", "une VM sur Azure avec 4 Go. La dernière avait 2 Go."},
	{"!platform_unsupported", "we had enough of our own servers, create a VM on AWS", "on avait assez de nos serveurs, crée une VM sur AWS"},
	{"name=r1 src=100 cores=4", "VM named r1 from 100 with 4 cores. It replaces web-01, which had 2 cores.", "VM nommée r1 depuis 100 avec 4 cœurs. Elle remplace web-01, qui avait 2 cœurs."},
	// high availability in prose
	{"name=crit src=100 ha=true hagroup=mainHA", "a VM named crit from 100 that is restarted on another node when its node fails", "une VM nommée crit depuis 100 qui redémarre sur un autre nœud si le sien tombe en panne"},
	{"name=crit src=100 ha=true hagroup=mainHA", "a VM named crit from 100 that must survive a node failure", "une VM nommée crit depuis 100 qui doit survivre à la panne d'un nœud"},
	{"name=crit src=100 ha=true hagroup=mainHA", "a VM named crit from 100, if its host goes down it restarts elsewhere", "une VM nommée crit depuis 100, si son hôte tombe en panne elle redémarre ailleurs"},
	// devices
	{"name=vision1 src=100 devices=gpu", "VM named vision1 from 100 with an NVIDIA GPU in passthrough", "VM nommée vision1 depuis 100 avec un GPU NVIDIA en passthrough"},
	{"name=vision1 src=100 devices=gpu", "VM named vision1 from 100 with a graphics card", "VM nommée vision1 depuis 100 avec une carte graphique"},
	{"name=vision1 src=100 devices=gpu,gpu", "VM named vision1 from 100 with 2 GPUs", "VM nommée vision1 depuis 100 avec 2 GPU"},
	{"name=vision1 src=100 cores=8 devices=gpu", "VM named vision1 from 100 with 8 cores and GPU passthrough", "VM nommée vision1 depuis 100 avec 8 cœurs et GPU passthrough"},
	{"name=vision1 src=100 mem=8192 devices=pci", "VM named vision1 from 100 with a PCI device and 8 GB", "VM nommée vision1 depuis 100 avec une carte PCI et 8 Go"},
	{"!device_unsupported", "VM named vision1 from 100 with USB passthrough", "VM nommée vision1 depuis 100 avec un périphérique USB"},
	{"!device_unsupported", "container named ct1 from debian 12 with a GPU", "conteneur nommé ct1 debian 12 avec un GPU"},
	{"name=vision1 src=100", "VM named vision1 from 100 without GPU", "VM nommée vision1 depuis 100 sans GPU"},
	{"gpu-node src=100 devices=gpu", "a GPU server from 100", "un serveur GPU depuis 100"},
	// series by their name
	{"k3s-worker name=worker-node-4 src=100 cores=6 mem=8192 disk=32 ha=false", "add one more worker-node server", "ajoute un serveur worker-node de plus"},
	{"k3s-worker names=worker-node-4,worker-node-5 src=100 cores=6 mem=8192 disk=32 ha=false", "add 2 more worker-node machines", "ajoute 2 machines worker-node de plus"},
}

// Turns of phrase that look like something else are read for what they mean, alike in both languages.
// Shows: T-0-02
func TestUsage(t *testing.T) {
	r, snap := New(proxmox()), rich()
	for _, tc := range usage {
		for lang, text := range map[string]string{"en": tc.en, "fr": tc.fr} {
			u := r.Understand(Request{ID: "run-1", Text: text, Language: lang}, snap)
			got, _, _ := strings.Cut(summary(u), " ~")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", text, diff)
			}
			if problem := settled(u); problem != "" {
				t.Errorf("%s: %s", text, problem)
			}
		}
	}
}

// What is said of another machine is shown as not used, so that a person can see that it gave nothing.
func TestAsideIsShown(t *testing.T) {
	u := New(proxmox()).Understand(Request{ID: "run-1", Text: "VM named x1 from 100; it replaces the machine we used to have on VMware"}, rich())
	want := []string{"it replaces the machine we used to have on VMware"}
	if diff := cmp.Diff(want, u.GetIntent().GetNotUnderstood()); diff != "" {
		t.Error(diff)
	}
}

// The least memory of a machine is told from the memory it has, and from disks.
func TestBallooning(t *testing.T) {
	tests := map[string]struct {
		reason, text     string
		memory, memoryAt int32
	}{
		"DownTo":    {"A bound after the word for it.", "VM named e1 from 100 with 4 GB of memory, ballooning down to 2 GB", 4096, 2048},
		"Jusqua":    {"The same in French.", "VM nommée e1 depuis 100 avec 4 Go de mémoire, ballooning jusqu'à 2 Go", 4096, 2048},
		"Minimum":   {"A lower bound behind the memory.", "VM named e1 from 100 with 8 GB RAM, minimum 2 GB", 8192, 2048},
		"MinimumFr": {"The same in French, behind the figure.", "VM nommée e1 depuis 100 avec 8 Go de RAM, 2 Go minimum", 8192, 2048},
		"OnlyOne":   {"Where nothing else is given, the least is what is meant.", "VM named e1 from 100 with a minimum of 4 GB RAM", 4096, 0},
		"OnlyOneFr": {"The same in French.", "VM nommée e1 depuis 100 avec au minimum 4 Go de RAM", 4096, 0},
		"Bounds":    {"Both bounds.", "VM named e1 from 100 with min 2 GB and max 8 GB of memory", 8192, 2048},
		"BoundsFr":  {"The same in French.", "VM nommée e1 depuis 100 avec au moins 2 Go et au plus 8 Go de mémoire", 8192, 2048},
		"Disk":      {"A bound of a disk is none of the memory.", "VM named e1 from 100 with 64 GB RAM, minimum 40 GB disk", 65536, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := New(proxmox()).Understand(Request{ID: "run-1", Text: tc.text}, rich())
			vms := u.GetIntent().GetVirtualMachines()
			if len(vms) != 1 {
				t.Fatalf("%s\n%d machines", tc.reason, len(vms))
			}
			if diff := cmp.Diff([]int32{tc.memory, tc.memoryAt}, []int32{vms[0].GetMemoryMib(), vms[0].GetMemoryMinMib()}); diff != "" {
				t.Errorf("%s\n%s", tc.reason, diff)
			}
		})
	}
}

// What the cluster calls something counts before what a dictionary calls it, where a name is expected; elsewhere the word keeps its meaning.
func TestNamesOfTheClusterThatAreWords(t *testing.T) {
	snap := rich()
	snap.Storages = append(snap.Storages, pve.Storage{Name: "fast", Node: "pmox01", Type: "lvmthin", Content: []string{"images", "rootdir"}, Active: true},
		pve.Storage{Name: "fast", Node: "pmox02", Type: "lvmthin", Content: []string{"images", "rootdir"}, Active: true})
	tests := map[string]struct{ reason, text, want string }{
		"On":   {"After a preposition the name of the storage is meant.", "VM named s1 from 100, 100 GB disk on fast", "name=s1 src=100 disk=100 storage=fast"},
		"Sur":  {"The same in French.", "VM nommée s1 depuis 100, disque de 100 Go sur fast", "name=s1 src=100 disk=100 storage=fast"},
		"Noun": {"Before a noun it is an adjective.", "a fast web server from 100", "web-server name=webserver-2 src=100"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, _, _ := strings.Cut(summary(New(proxmox()).Understand(Request{ID: "run-1", Text: tc.text}, snap)), " ~")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n%s", tc.reason, diff)
			}
		})
	}
}

// An answer to the question of the source may be a sentence that names the template in two ways; its number is not the new machine's.
func TestSourceInASentence(t *testing.T) {
	for text, answers := range map[string][]string{
		"create a vm named solo2":  {"take the k3s template, number 100 please", "the k3s template, id 100", "number 100 please", "use template number 100"},
		"crée une vm nommée seul2": {"prends le modèle k3s, le numéro 100 s'il te plaît", "le modèle k3s, id 100", "le numéro 100 svp", "utilise le template numéro 100"},
	} {
		for _, answer := range answers {
			u := New(proxmox()).Understand(Request{ID: "run-1", Text: text, Turns: []Turn{{QuestionID: "vm1.source", Text: answer}}}, rich())
			vms := u.GetIntent().GetVirtualMachines()
			if len(vms) != 1 || vms[0].GetSource().GetTemplate().GetVmId() != 100 || vms[0].VmId != nil || len(u.GetQuestions()) > 0 {
				t.Errorf("%s / %s: %s", text, answer, summary(u))
			}
		}
	}
}

// Words of everyday language are nobody's typos.
func TestOrdinaryWordsAreNoTypos(t *testing.T) {
	for w := range strings.FieldsSeq("demander confiance production seconds secondes protein demarche partez nature portal premise") {
		if c := words().correct(w); c != "" {
			t.Errorf("%s is taken for %s", w, c)
		}
	}
	for wrong, right := range map[string]string{"templat": "template", "virtuele": "virtuelle", "memoy": "memory", "machnie": "machine"} {
		if c := words().correct(wrong); c != right {
			t.Errorf("%s is taken for %q, want %q", wrong, c, right)
		}
	}
}
