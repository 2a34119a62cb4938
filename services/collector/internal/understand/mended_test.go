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
	{"create a vm named web7 from template 100 on pmox01. Sorry, on pmox02", "name=web7 src=100 on=pmox02"},
	{"crée une vm nommée web7 depuis le template 100 sur pmox01. Pardon, sur pmox02", "name=web7 src=100 on=pmox02"},
	{"VM h1 from template 100, 2 cores. Actually, use 4 cores.", "name=h1 src=100 cores=4"},
	{"VM h1 depuis le template 100, 2 cœurs, finalement 4", "name=h1 src=100 cores=4"},
	{"a vm named a1x from template 101, sorry, 100, with 2 cores", "name=a1x src=100 cores=2"},
	{"une vm a1x depuis le template 101, euh pardon 100, avec 2 cœurs", "name=a1x src=100 cores=2"},
	{"three VMs named kk from template 100, no, four, 1 core each", "name=kk n=4 src=100 cores=1"},
	{"trois VM nommées kk depuis le template 100, non, quatre", "name=kk n=4 src=100"},
	{"VM h1 from template 100, make that two VMs", "name=h1 n=2 src=100"},
	{"a VM called a2x from 100 with 40 GB disk and 4 GB RAM, I meant 50 GB disk", "name=a2x src=100 mem=4096 disk=50"},
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

// denied are requests that do not want something, said from afar or behind its noun.
var denied = []struct{ text, want string }{
	{"VM called nightly from template 100, 1 core, 1 GB. It must not come up automatically when the host boots.", "name=nightly src=100 cores=1 mem=1024 boot=false"},
	{"VM appelée nightly depuis le template 100, 1 cœur, 1 Go. Il ne faut pas qu'elle se lance automatiquement au démarrage de l'hôte.", "name=nightly src=100 cores=1 mem=1024 boot=false"},
	{"VM called nightly from template 100. It should come up automatically when the host boots.", "name=nightly src=100 boot=true"},
	{"VM appelée nightly depuis le template 100. Elle doit se lancer automatiquement au démarrage de l'hôte.", "name=nightly src=100 boot=true"},
	{"VM named throwaway from template 100, HA isn't necessary for this one", "name=throwaway src=100 ha=false"},
	{"VM nommée throwaway depuis le template 100, la haute dispo n'est pas nécessaire pour celle-là", `name=throwaway src=100 ha=false ~"pour celle-là"`},
	{"VM named throwaway from template 100, high availability is not really needed", "name=throwaway src=100 ha=false"},
	{"VM nommée throwaway depuis le template 100, la HA est inutile", "name=throwaway src=100 ha=false"},
	{"VM named keeper1 from template 100, don't forget HA", "name=keeper1 src=100 ha=true hagroup=mainHA"},
	{"VM nommée keeper1 depuis le template 100, n'oublie pas la HA", "name=keeper1 src=100 ha=true hagroup=mainHA"},
	{"vm named gentle from template 100 pls, dont put it on pmox01, its full", `name=gentle src=100 not=pmox01 ~"its full"`},
	{"vm nommée gentle depuis le template 100 svp, ne la mets pas sur pmox01", "name=gentle src=100 not=pmox01"},
	{"VM named picky from template 100; neither pmox01 nor pmox03 please", "name=picky src=100 not=pmox01,pmox03"},
	{"VM nommée difficile1 depuis le template 100, ni sur pmox01 ni sur pmox03 svp", "name=difficile1 src=100 not=pmox01,pmox03"},
	{"VM named picky from template 100 with neither HA nor backups", "name=picky src=100 ha=false"},
	{"VM nommée difficile1 depuis le template 100 avec ni HA ni pool", "name=difficile1 src=100 ha=false pool="},
}

func TestDeniedFromAfar(t *testing.T) { checkSaid(t, denied) }

// excepted are requests in which one of several machines gets something else, or in which it is left open what is wanted.
var excepted = []struct{ text, want string }{
	{"three VMs app1, app2 and app3 from template 100 with 1 core and 1 GB each, but app3 gets 2 GB", "names=app1,app2 src=100 cores=1 mem=1024 | name=app3 src=100 cores=1 mem=2048"},
	{"trois VM app1, app2 et app3 depuis le template 100 avec 1 cœur et 1 Go chacune, mais app3 a droit à 2 Go", "names=app1,app2 src=100 cores=1 mem=1024 | name=app3 src=100 cores=1 mem=2048"},
	{"three VMs app1, app2 and app3 from template 100 with 1 core and 1 GB each, but app2 with 4 cores", "names=app1,app3 src=100 cores=1 mem=1024 | name=app2 src=100 cores=4 mem=1024"},
	{"VMs w1, w2, w3 from template 100, 2 cores and 2 GB each; w3 needs 4 cores", "names=w1,w2 src=100 cores=2 mem=2048 | name=w3 src=100 cores=4 mem=2048"},
	{"VM w1, w2 et w3 depuis le template 100, 2 cœurs et 2 Go chacune, w2 sur pmox02 par contre", "names=w1,w3 src=100 cores=2 mem=2048 | name=w2 src=100 cores=2 mem=2048 on=pmox02"},
	{"VM named mem1 from template 100 with 4 GB of RAM and 2 GB", "name=mem1 src=100 ?vm1.memory"},
	{"VM nommée mem1 depuis le template 100 avec 4 Go de RAM et 2 Go", "name=mem1 src=100 ?vm1.memory"},
	{"VM w7 depuis le template 100 avec 2 to de disque", "name=w7 src=100 disk=2048"},
	{"Two VMs, nord1 and sud1, from template 100, with 1 and 2 cores respectively and 1 GB of RAM each", "name=sud1 src=100 cores=2 mem=1024 | name=nord1 src=100 cores=1 mem=1024"},
	{"Deux VM, nord1 et sud1, à partir du template 100, avec respectivement 1 et 2 cœurs et 1 Go de RAM chacune", "name=sud1 src=100 cores=2 mem=1024 | name=nord1 src=100 cores=1 mem=1024"},
	{"We had 16 GB before and never used it, so just 2 GB and one core for the new VM named thrift from template 100.", `name=thrift src=100 cores=1 mem=2048 ~"We had 16 GB before and never used it"`},
	{"Avant on avait 16 Go et on ne s'en servait jamais, donc seulement 2 Go et un cœur pour la nouvelle VM nommée econome depuis le template 100.", `name=econome src=100 cores=1 mem=2048 ~"Avant on avait 16 Go et on ne s'en servait jamais"`},
	{"a VM named w1 and a VM named w2 from 100; w1 has 2 GB, but w2 has 4 GB", "name=w1 src=100 mem=2048 | name=w2 src=100 mem=4096"},
	{"une VM nommée w1 et une VM nommée w2 depuis 100 ; w1 a 2 Go, mais w2 a 4 Go", "name=w1 src=100 mem=2048 | name=w2 src=100 mem=4096"},
	{"two VMs nord1 and sud1 from template 100, with 1 and 2 cores respectively and 1 GB of RAM each", "name=sud1 src=100 cores=2 mem=1024 | name=nord1 src=100 cores=1 mem=1024"},
	{"Deux VM nord1 et sud1 à partir du template 100, avec respectivement 1 et 2 cœurs et 1 Go de RAM chacune", "name=sud1 src=100 cores=2 mem=1024 | name=nord1 src=100 cores=1 mem=1024"},
	{"Deux VM nord1 et sud1 à partir du template 100, avec respectivement 2 et 4 Go de RAM", "name=sud1 src=100 mem=4096 | name=nord1 src=100 mem=2048"},
	{"Please clone template 100 to a machine named humble. Not 8 GB like the others, 2 GB is enough. One core.", "name=humble src=100 cores=1 mem=2048"},
	{"Merci de cloner le template 100 en une machine nommée modeste1. Pas 8 Go comme les autres, 2 Go suffisent. Un seul cœur.", "name=modeste1 src=100 cores=1 mem=2048"},
	{"VM named maybe1 from template 100 with either 2 GB or 4 GB of RAM, not sure", "name=maybe1 src=100 ?vm1.memory"},
	{"VM nommée peutetre1 depuis le template 100 avec soit 2 Go soit 4 Go de RAM, je ne sais pas encore", "name=peutetre1 src=100 ?vm1.memory"},
	{"VM named maybe1 from template 100 with either 2 or 4 cores", "name=maybe1 src=100 ?vm1.cores"},
	{"VM nommée peutetre1 depuis le template 100 avec soit 2 cœurs soit 4 cœurs", "name=peutetre1 src=100 ?vm1.cores"},
	{"VM named maybe1 from template 100, either on pmox01 or pmox02", "name=maybe1 src=100 ?vm1.node"},
}

func TestExceptionsAndChoices(t *testing.T) { checkSaid(t, excepted) }

// labelled are requests written as labels with their values.
var labelled = []struct{ text, want string }{
	{`create this vm: {"name": "jsonny", "template": 100, "cores": 2, "memory_mb": 2048, "onboot": true}`, "name=jsonny src=100 cores=2 mem=2048 boot=true"},
	{`crée cette vm : {"name": "jsonny", "template": 100, "cores": 2, "memory_gb": 3, "disk_gb": 40, "onboot": false}`, "name=jsonny src=100 cores=2 mem=3072 disk=40 boot=false"},
	{"please create:\n[\n  {\"name\": \"ja1\", \"template\": 100, \"cores\": 2},\n  {\"name\": \"jb1\", \"template\": 100, \"cores\": 4, \"network\": {\"bridge\": \"vmbr0\", \"vlan\": 20}}\n]", "name=ja1 src=100 cores=2 | name=jb1 src=100 cores=4 net=vmbr0 vlan=20"},
	{"From the wiki, please build:\n\n| Hostname | Template ID | vCPU | RAM (GB) | Disk (GB) |\n|:---|---:|---:|---:|---:|\n| wiki-02  | 100 | 2 | 4 | 48 |", `name=wiki-02 src=100 cores=2 mem=4096 disk=48 ~"From the wiki"`},
	{"Extrait du wiki, à créer svp :\n\n| Nom d'hôte | ID template | vCPU | RAM (Go) | Disque (Go) |\n|:---|---:|---:|---:|---:|\n| wiki-02 | 100 | 2 | 4 | 48 |", `name=wiki-02 src=100 cores=2 mem=4096 disk=48 ~"Extrait du wiki"`},
	{"Bonjour,\nvoici ma demande :\n• Nom souhaité : borne3\n• Base : template 100\n• Processeur : 1 cœur\n• Mémoire vive : 1 Go\n• Réseau : mainvnet", `name=borne3 src=100 cores=1 mem=1024 net=mainvnet ~"voici ma demande"`},
	{"Hi,\nhere is my request:\n* Desired name: borne3\n* Base: template 100\n* Cores: 1\n* Memory: 1 GB\n* Network: mainvnet", `name=borne3 src=100 cores=1 mem=1024 net=mainvnet ~"here is my request"`},
	{"Je souhaiterais une VM nommée comptoir1 (template 100) dont l'adresse serait 192.168.1.46/16 sur mainvnet, avec 192.168.0.1 comme passerelle", "name=comptoir1 src=100 net=mainvnet ip=192.168.1.46/16 gw=192.168.0.1"},
	{"VM named counter1 from template 100 with address 192.168.1.46/16 on mainvnet and 192.168.0.1 as the gateway", "name=counter1 src=100 net=mainvnet ip=192.168.1.46/16 gw=192.168.0.1"},
	{"Hostname: print01\nTemplate: 100\nNetwork: mainvnet\nIP: 192.168.1.31\nNetmask: 255.255.0.0\nGateway: 192.168.0.1", "name=print01 src=100 net=mainvnet ip=192.168.1.31/16 gw=192.168.0.1"},
	{"Nom d'hôte : print01\nTemplate : 100\nRéseau : mainvnet\nIP : 192.168.1.31\nMasque : 255.255.0.0\nPasserelle : 192.168.0.1", "name=print01 src=100 net=mainvnet ip=192.168.1.31/16 gw=192.168.0.1"},
	{"VM hop1 from template 100, login user deploy with the key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl deploy@hop", "name=hop1 src=100 user=deploy keys=1"},
	{"VM hop1 depuis le template 100, compte utilisateur deploy avec la clé ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl deploy@hop", "name=hop1 src=100 user=deploy keys=1"},
}

// plainSpeech are requests whose single words are easily taken for something else.
var plainSpeech = []struct{ text, want string }{
	{"VM named ledger from template 100, 1 core, 2 GB, with high availability in case a host dies", "name=ledger src=100 cores=1 mem=2048 ha=true hagroup=mainHA"},
	{"VM nommée ledger depuis le template 100, 1 cœur, 2 Go, en haute disponibilité au cas où un hôte tomberait", "name=ledger src=100 cores=1 mem=2048 ha=true hagroup=mainHA"},
	{"VM named ledger from template 100 on node titan", "name=ledger src=100 ?vm1.node"},
	{"VM nommée ledger depuis le template 100 sur le nœud titan", "name=ledger src=100 ?vm1.node"},
	{"VM named ledger from template 100 on pmox09", "name=ledger src=100 ?vm1.node"},
	{"Hi! I'm a student in the distributed systems class and I need a vm, it should be called dist-proj, template 100. 2 cpus, 2 gigs of ram", `name=dist-proj src=100 cores=2 mem=2048 ~"I'm a student in the distributed systems class"`},
	{"Bonjour, je suis étudiant en M2 et j'ai besoin d'une vm, elle doit s'appeler projet-m2, template 100. 2 cpu, 2 gigas de ram", `name=projet-m2 src=100 cores=2 mem=2048 ~"je suis étudiant en M2"`},
	{"Je voudrais 3 VM nommées miroir depuis le template 100 (1 cœur, 1 Go), réparties sur des serveurs physiques différents", "name=miroir n=3 src=100 cores=1 mem=1024 place=apart"},
	{"I want 3 VMs named mirror from template 100 (1 core, 1 GB), spread over different physical servers", "name=mirror n=3 src=100 cores=1 mem=1024 place=apart"},
	{"1 x VM (name: lathe, tpl 100): 2 x vCPU, 4 GiB RAM, 1 x 40 GiB disk", "name=lathe src=100 cores=2 mem=4096 disk=40"},
	{"1 x VM (nom : tour1, tpl 100) : 2 x vCPU, 4 Gio RAM, 1 x disque 40 Gio", "name=tour1 src=100 cores=2 mem=4096 disk=40"},
	{"half a dozen single-core VMs named ant from template 100 with 512 MB each", "name=ant n=6 src=100 cores=1 mem=512"},
	{"deux VM mono-cœur nommées fourmi depuis le template 100 avec 512 Mo chacune", "name=fourmi n=2 src=100 cores=1 mem=512"},
	{"a quad-core VM named ant1 from template 100", "name=ant1 src=100 cores=4"},
	{"two highly available VMs called resolver from template 100 with 1 core and 1 GB each, never on the same host", "name=resolver n=2 src=100 cores=1 mem=1024 place=apart ha=true hagroup=mainHA"},
	{"deux VM hautement disponibles nommées resolver depuis le template 100 avec 1 cœur et 1 Go chacune", "name=resolver n=2 src=100 cores=1 mem=1024 ha=true hagroup=mainHA"},
	{"Could you get a machine ready for them? Call it salesdesk, use our standard template (k3s-template) and give it 2 cores and 4 GB of memory.", `name=salesdesk src=100 cores=2 mem=4096 ~"ready" ~"use our standard"`},
	{"Pouvez-vous tenir une machine prête pour eux ? Appelez-la comptoir2, template 100, 2 cœurs et 4 Go de mémoire.", `name=comptoir2 src=100 cores=2 mem=4096 ~"Pouvez-vous tenir" ~"prête"`},
	{"clone le template 100 sous le nom newbox", "name=newbox src=100"},
	{"clone template 100 under the name newbox", "name=newbox src=100"},
	{"pleas creat vm nmed borealis form template 100 whit 2 cors and 3gb memmory", "name=borealis src=100 cores=2 mem=3072"},
	{"three distributed databases from template 100 named ddb", `database name=ddb n=3 src=100 ~"distributed"`},
	{"VM w1 from template 100, 2 vCPU, sorry for the short notice, 4 GB of RAM", `name=w1 src=100 cores=2 mem=4096 ~"sorry for the short notice"`},
	{"VM w1 depuis le template 100, 2 cœurs, désolé pour le délai, 4 Go", `name=w1 src=100 cores=2 mem=4096 ~"désolé pour le délai"`},
	{"several VMs from template 100 named bunch, 1 core each", "name=bunch src=100 cores=1 ?vm1.count"},
	{"plusieurs VM depuis le template 100 nommées bunch, 1 cœur chacune", "name=bunch src=100 cores=1 ?vm1.count"},
	{"quelques VM web1, web2 et web3 depuis le template 100", "names=web1,web2,web3 src=100"},
	{"VM named turnstile from template 100 with 1 core and 1 GB that fails over automatically to another node", "name=turnstile src=100 cores=1 mem=1024 ha=true hagroup=mainHA"},
	{"VM nommée turnstile depuis le template 100 avec 1 cœur et 1 Go, qui bascule automatiquement sur un autre nœud en cas de panne", "name=turnstile src=100 cores=1 mem=1024 ha=true hagroup=mainHA"},
}

func TestPlainSpeech(t *testing.T) { checkSaid(t, plainSpeech) }

// A correction may say what is enough, as a number or as a part of what was asked for.
func TestEnough(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, tc := range []struct{ text, turn, want string }{
		{"3 VMs named crowd from template 100 with 1 core and 1 GB each", "two are enough", "name=crowd n=2 src=100 cores=1 mem=1024"},
		{"3 VM nommées crowd depuis le template 100 avec 1 cœur et 1 Go chacune", "deux suffisent", "name=crowd n=2 src=100 cores=1 mem=1024"},
		{"VM named halver from template 100 with 4 cores and 4 GB", "half the memory is enough", "name=halver src=100 cores=4 mem=2048"},
		{"VM nommée moitie1 depuis le template 100 avec 4 cœurs et 4 Go", "la moitié de la mémoire suffit", "name=moitie1 src=100 cores=4 mem=2048"},
		{"VM named halver from template 100 with 4 cores and 4 GB", "twice the cores please", "name=halver src=100 cores=8 mem=4096"},
		{"VM nommée moitie1 depuis le template 100 avec 4 cœurs et 4 Go", "le double de mémoire", "name=moitie1 src=100 cores=4 mem=8192"},
	} {
		u := r.Understand(Request{ID: "run-1", Text: tc.text, Turns: turns("confirm", tc.turn)}, snap)
		if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
			t.Errorf("%s / %s (-want +got):\n%s", tc.text, tc.turn, diff)
		}
	}
}

func TestLabelsAndPastedObjects(t *testing.T) { checkSaid(t, labelled) }
