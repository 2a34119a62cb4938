package understand

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// rich returns the laboratory with machines to take after: two series of web servers, a database whose configuration is known, a
// second template.
func rich() *pve.Snapshot {
	s := lab()
	add := func(id int, name string, cores, memGiB int, config *pve.GuestConfig) *pve.Guest {
		s.Guests = append(s.Guests, pve.Guest{VMID: id, Name: name, Kind: pve.KindVM, Node: "pmox01", Status: pve.GuestRunning, CPUs: float64(cores),
			MemoryBytes: int64(memGiB) * gib, DiskBytes: 32 * gib, Config: config})
		return &s.Guests[len(s.Guests)-1]
	}
	add(200, "web-01", 2, 4, nil)
	add(201, "web-02", 2, 4, nil)
	db := add(202, "db1", 8, 32, &pve.GuestConfig{Cores: 4, Sockets: 2, MemoryMiB: 32 * 1024, CPUType: "host", Boot: "order=scsi0",
		Disks: []pve.Disk{{Slot: "scsi0", Storage: "pmoxpool01", Volume: "pmoxpool01:base-100-disk-0/vm-202-disk-0", SizeBytes: 64 * gib}, {Slot: "scsi1", Storage: "local-lvm", Volume: "local-lvm:vm-202-disk-1", SizeBytes: 200 * gib}},
		NICs:  []pve.NIC{{Slot: "net0", Model: "virtio", Bridge: "vmbr0", VLAN: 30}}})
	db.Pool, db.Tags, db.HA = "production", []string{"prod", "sql"}, true
	s.HAServices = []pve.HAService{{SID: "vm:202", State: "started", Group: "mainHA"}}
	add(203, "webserver", 2, 2, nil)
	return s
}

// testMemory remembers two runs: a database, then two web servers.
func testMemory() *provisov1.SessionMemory {
	p := func(n int32) *int32 { return &n }
	str := func(s string) *string { return &s }
	on := true
	source := &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: p(100)}}}
	return &provisov1.SessionMemory{Runs: []*provisov1.RememberedRun{
		{RunId: "run-1", Text: "a database from 100", Guests: []string{"database"}, EndedAt: timestamppb.New(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)),
			Intent: &provisov1.ProvisionIntent{IntentId: "run-1", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
				VirtualMachines: []*provisov1.VirtualMachine{{Name: str("database"), Role: str("database"), Source: source, Cores: p(4), MemoryMib: p(8192)}}}},
		{RunId: "run-2", Text: "two web servers with 3 cores", Guests: []string{"shop-1", "shop-2"}, EndedAt: timestamppb.New(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)),
			Intent: &provisov1.ProvisionIntent{IntentId: "run-2", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
				VirtualMachines: []*provisov1.VirtualMachine{{Name: str("shop"), Count: p(2), Role: str("web-server"), Source: source, Cores: p(3), MemoryMib: p(3072),
					Networks: []*provisov1.NetworkInterface{{Bridge: str("vmbr0"), Vlan: p(20), Ipv4: str("dhcp")}}, VmId: nil, Protection: &on}}}},
	}}
}

// What the machines of the rich laboratory have in common with new ones.
const (
	likeDB1    = "src=100 cores=4 sockets=2 cpu=host mem=32768 disk=64 storage=pmoxpool01 disk2=200 storage2=local-lvm net=vmbr0 vlan=30 ha=true hagroup=mainHA pool=production tags=prod,sql"
	likeWorker = "src=100 cores=6 mem=8192 disk=32 ha=false"
	asShop     = "src=100 cores=3 mem=3072 net=vmbr0 vlan=20 ip=dhcp protect=true"
)

// references are requests about machines that exist or were spoken of before, in lists, ranges and tables; want is written from their
// meaning on the rich laboratory.
var references = []struct{ want, en, fr string }{
	// Like a machine that exists.
	{"name=worker-node-4 src=100 cores=6 mem=8192 disk=32 ha=false", "create a VM like worker-node-2", "crée une VM comme worker-node-2"},
	{"name=worker-node-4 src=100 cores=6 mem=16384 disk=32 ha=false", "a VM like worker-node-2 but with 16 GB", "une VM comme worker-node-2 mais avec 16 Go"},
	{"name=shop src=100 cores=2 mem=2048 disk=32 ha=false", "a VM named shop, same as webserver", "une VM nommée shop, identique à webserver"},
	{"name=db2 " + likeDB1, "a copy of the sizing of db1", "une copie du dimensionnement de db1"},
	{"database name=db2 " + likeDB1, "a database like db1", "une base de données identique à db1"},
	{"name=db2 " + likeDB1, "a machine like vm 202", "une machine comme la vm 202"},
	{"name=db9 src=100 cores=8 cpu=host mem=32768 disk=64 storage=pmoxpool01 disk2=200 storage2=local-lvm net=vmbr0 vlan=30 ha=true hagroup=mainHA pool=production tags=prod,sql",
		"same as db1 but with 8 cores, called db9", "la même chose que db1 mais avec 8 cœurs, appelée db9"},
	{"name=db2 src=100 cores=4 sockets=2 cpu=host mem=32768 disk=64 storage=pmoxpool01 net=vmbr0 vlan=30 ha=true hagroup=mainHA pool=production tags=prod,sql",
		"a VM like db1 but only one disk", "une VM comme db1 mais avec un seul disque"},
	{"names=AI-server-2,AI-server-3 src=100 cores=4 mem=8192 disk=32 on=pmox03 ha=false", "two machines like AI-server on pmox03", "deux machines comme AI-server sur pmox03"},
	{"web-server name=webserver-2 src=100 mem=32768", "a web server from 100 with the same memory as db1", "un serveur web depuis 100 avec la même mémoire que db1"},
	{"name=d1 src=100 disk=64", "a VM with the same disk size as db1 from 100 called d1", "une VM avec la même taille de disque que db1 depuis 100 appelée d1"},
	{"web-server name=web-03 src=100 cores=2 mem=4096 disk=32 ha=false", "a server like the others in the web tier", "un serveur comme les autres de la série web"},
	{"?vm1.like", "a VM like wroker-node-2", "une VM comme wroker-node-2"},
	{"?vm1.like", "a VM like worker-node-9", "une VM comme worker-node-9"},
	{"names=web-03,web-04,web-05 src=100", "I'd like web-03 to web-05 from 100", "j'aimerais web-03 à web-05 depuis 100"},

	{"names=web-03,web-04 src=100 cores=2 mem=4096 disk=32 ha=false | name=db2 " + likeDB1, "two VMs like web-01 and one like db1", "deux VM comme web-01 et une comme db1"},

	// More of a series.
	{"k3s-worker name=worker-node-4 " + likeWorker, "add a worker node", "ajoute un nœud worker"},
	{"k3s-worker name=worker-node-4 " + likeWorker, "we need one more worker", "il me faut un worker de plus"},
	{"k3s-worker names=worker-node-4,worker-node-5 " + likeWorker, "scale the workers to 5", "passe les workers à 5"},
	{"k3s-worker names=worker-node-4,worker-node-5 " + likeWorker, "increase the number of workers to 5", "augmente le nombre de workers à 5"},
	{"k3s-worker names=worker-node-4,worker-node-5 " + likeWorker, "scale out the workers by 2", "augmente les workers de 2"},
	{"k3s-worker name=worker-node-4 src=100 cores=6 mem=16384 disk=32 ha=false", "add another worker with 16 GB", "ajoute encore un worker avec 16 Go"},
	{"web-server names=web-03,web-04 src=100 cores=2 mem=4096 disk=32 ha=false", "add two more web servers", "ajoute deux serveurs web de plus"},
	{"web-server names=web-03,web-04 src=100 cores=2 mem=4096 disk=32 ha=false", "scale the web servers from 2 to 4", "passe les serveurs web de 2 à 4"},
	{"web-server names=web-03,web-04 src=100 cores=2 mem=4096 disk=32 ha=false", "bring the web tier to 4 servers", "porte le parc web à 4 serveurs"},
	{"k3s-worker name=worker-node-4 src=100 cores=6 mem=8192 disk=32 ha=false ?vm1.count", "scale the workers to 3", "passe les workers à 3"},
	{"cache ?vm1.source", "add a cache server", "ajoute un serveur de cache"},
	{"cache n=3 ?vm1.source", "scale the cache servers to 3", "passe les serveurs de cache à 3"},
	{"123: cores=8", "scale worker-node-2 up to 8 cores", "passe worker-node-2 à 8 cœurs"},
	{"answer", "how many workers are there?", "combien de workers avons-nous ?"},
	{"answer", "give the workers 8 GB", "passe les workers à 8 Go"},

	// The machines of the same request.
	{"web-server name=webserver-2 src=100 cores=4 | web-server name=webserver-3 src=100 cores=4 mem=16384",
		"a web server from 100 with 4 cores and a second one with 16 GB", "un serveur web depuis 100 avec 4 cœurs et un deuxième avec 16 Go"},
	{"web-server name=webserver-2 src=100 cores=4 | web-server name=webserver-3 src=100 cores=4 mem=16384",
		"a web server from 100 with 4 cores, and the same but with 16 GB", "un serveur web depuis 100 avec 4 cœurs, et le même mais avec 16 Go"},
	{"name=a1 src=100 cores=4 | names=a2,a3 src=100 cores=4", "a VM named a1 from 100 with 4 cores and two more identical ones", "une VM nommée a1 depuis 100 avec 4 cœurs et deux autres identiques"},
	{"web-server name=webserver-2 src=100 cores=4 mem=8192 | database src=100 cores=4 mem=8192",
		"a web server from 100 with 4 cores and 8 GB, same for the database", "un serveur web depuis 100 avec 4 cœurs et 8 Go, la même chose pour la base de données"},
	{"web-server name=webserver-2 src=100 net=vmbr0 | database src=100 net=vmbr0", "a web server on vmbr0 from 100 and a database on the same network", "un serveur web sur vmbr0 depuis 100 et une base de données sur le même réseau"},
	{"web-server name=webserver-2 src=100 on=pmox01 | web-server name=webserver-3 src=100 on=pmox02", "two web servers from 100, one on pmox01 and one on pmox02", "deux serveurs web depuis 100, un sur pmox01 et un sur pmox02"},

	// Ranges.
	{"names=app-1,app-2,app-3,app-4 src=100", "from app-1 to app-4, from template 100", "de app-1 à app-4, depuis le modèle 100"},
	{"names=app-1,app-2,app-3,app-4 src=100", "create app-1 through app-4 from 100", "crée app-1 jusqu'à app-4 depuis 100"},
	{"names=db3,db4,db5 src=100", "db3 through db5 from 100", "db3 à db5 depuis 100"},
	{"names=app01,app02,app03,app04,app05 src=100", "VMs app01..app05 from 100", "des VM app01..app05 depuis 100"},
	{"names=app-1,app-2,app-3,app-4 src=100", "create app-[1-4] from 100", "crée app-[1-4] depuis 100"},
	{"n=5 src=100 ?vm1.count", "five VMs app-1 to app-3 from 100", "cinq VM app-1 à app-3 depuis 100"},
	{"name=app src=100 ?vm1.count", "create app-1 to app-500 from 100", "crée app-1 à app-500 depuis 100"},
	{"names=node-a,node-b,node-c src=100", "create node-a to node-c from 100", "crée node-a à node-c depuis 100"},
	{"names=k1,k2,k3 src=100", "three VMs k1 k2 k3 from 100", "trois VM k1 k2 k3 depuis 100"},

	// Lists and tables.
	{"name=web1 src=100 cores=2 mem=4096 | name=db7 src=100 cores=4 mem=16384 disk=200",
		"From template 100:\n- web1: 2 cores, 4 GB\n- db7: 4 cores, 16 GB, 200 GB disk", "Depuis le modèle 100 :\n- web1 : 2 cœurs, 4 Go\n- db7 : 4 cœurs, 16 Go, disque de 200 Go"},
	{"name=web1 src=100 cores=2 mem=4096 | name=db7 src=100 cores=4 mem=16384", "1. web1: 2 cores, 4 GB\n2. db7: 4 cores, 16 GB\nall from template 100", "1. web1 : 2 cœurs, 4 Go\n2. db7 : 4 cœurs, 16 Go\ntoutes depuis le modèle 100"},
	{"name=web1 src=100 cores=2 mem=4096 | name=db7 src=100 cores=4 mem=16384", "1) web1 2 cores 4 GB\n2) db7 4 cores 16 GB\nfrom 100", "1) web1 2 cœurs 4 Go\n2) db7 4 cœurs 16 Go\ndepuis 100"},
	{"name=alpha src=100 cores=2 | name=beta src=100 cores=4", "- alpha: 2 cores\n- beta: 4 cores\nfrom 100", "- alpha : 2 cœurs\n- beta : 4 cœurs\ndepuis 100"},
	{"name=web1 src=100 cores=2 mem=4096 | name=db7 src=100 cores=4 mem=16384 ?machines", "Create 3 VMs from 100:\n- web1: 2 cores, 4 GB\n- db7: 4 cores, 16 GB", "Crée 3 VM depuis 100 :\n- web1 : 2 cœurs, 4 Go\n- db7 : 4 cœurs, 16 Go"},
	{"web-server n=2 src=100 cores=2 mem=4096 | database src=100 cores=4 mem=16384",
		"Please create these from template 100:\n- 2 web servers with 2 cores and 4 GB\n- 1 database with 4 cores and 16 GB", "Merci de créer depuis le modèle 100 :\n- 2 serveurs web avec 2 cœurs et 4 Go\n- 1 base de données avec 4 cœurs et 16 Go"},
	{"name=web1 src=100 cores=2 mem=4096 disk=40 | name=db7 src=100 cores=4 mem=16384 disk=200",
		"| name | cores | ram | disk |\n|---|---|---|---|\n| web1 | 2 | 4 GB | 40 GB |\n| db7 | 4 | 16 GB | 200 GB |\nall from template 100",
		"| nom | cœurs | mémoire | disque |\n|---|---:|:---:|---|\n| web1 | 2 | 4 Go | 40 Go |\n| db7 | 4 | 16 Go | 200 Go |\ntoutes depuis le modèle 100"},
	{"name=web1 src=100 cores=2 mem=4096 ip=192.168.0.20/16 gw=192.168.0.1 | name=db7 src=100 cores=4 mem=16384 ip=192.168.0.21/16 gw=192.168.0.1",
		"name;vcpu;ram;ip\nweb1;2;4;192.168.0.20/16\ndb7;4;16;192.168.0.21/16\nall from 100", "nom;vcpu;ram;ip\nweb1;2;4;192.168.0.20/16\ndb7;4;16;192.168.0.21/16\ntoutes depuis 100"},
	{`name=web1 cores=2 mem=4096 | name=db7 cores=4 mem=16384 ?vm1.source ~"red" ~"blue"`, "name,cores,ram,colour\nweb1,2,4,red\ndb7,4,16,blue", "nom,cœurs,mémoire,couleur\nweb1,2,4,red\ndb7,4,16,blue"},
	{"name=web1 src=100 cores=2 mem=4096 on=pmox01 | name=db7 src=100 cores=4 mem=16384 on=pmox02",
		"Create from 100:\nname   cores  memory (GB)  node\nweb1   2      4            pmox01\ndb7    4      16           pmox02",
		"Crée depuis 100 :\nnom    cœurs  mémoire (Go)  nœud\nweb1   2      4             pmox01\ndb7    4      16            pmox02"},
	{"web-server n=2 src=100 cores=2 mem=2048 | database src=100 cores=4 mem=8192",
		"role | qty | vcpu | ram (MB)\nweb server | 2 | 2 | 2048\ndatabase | 1 | 4 | 8192\nfrom 100", "rôle | qté | vcpu | ram (Mo)\nserveur web | 2 | 2 | 2048\nbase de données | 1 | 4 | 8192\ndepuis 100"},
	{"name=web1 src=100 ha=true hagroup=mainHA pool=production tags=web,prod | name=db7 src=100 ha=false tags=db",
		"machine | template | HA | pool | tags\nweb1 | 100 | yes | production | web, prod\ndb7 | k3s-template | no | - | db", "machine | modèle | HA | pool | étiquettes\nweb1 | 100 | oui | production | web, prod\ndb7 | k3s-template | non | - | db"},

	// The start order.
	{"web-server name=webserver-2 src=100 boot=true order=2", "a web server from 100, start order 2", "un serveur web depuis 100, ordre de démarrage 2"},
	{"web-server name=webserver-2 src=100 boot=true order=2", "a web server from 100 that starts second", "un serveur web depuis 100 qui démarre en deuxième"},
	{"web-server name=webserver-2 src=100 boot=true delay=30", "a web server from 100 with a start delay of 30 seconds", "un serveur web depuis 100 avec un délai de démarrage de 30 secondes"},
	{"web-server name=webserver-2 src=100 boot=true order=2 | database src=100 boot=true order=1", "a web server and a database from 100, db first, then web", "un serveur web et une base de données depuis 100, la base d'abord, puis le web"},
	{"web-server name=webserver-2 src=100 boot=true order=2 | database src=100 boot=true order=1", "a web server and a database from 100; the web server starts after the database", "un serveur web et une base de données depuis 100 ; le serveur web démarre après la base de données"},
	{"web-server name=webserver-2 src=100 boot=true order=2 | database src=100 boot=true order=1 delay=30", "a web server and a database from 100, the web server starts 30 seconds after the database", "un serveur web et une base de données depuis 100, le serveur web démarre 30 secondes après la base de données"},
	{"name=db5 src=100 cores=4 mem=16384 boot=true order=1 | name=web5 src=100 cores=2 mem=4096 boot=true order=2", "create db5 (4 cores, 16 GB) and web5 (2 cores, 4 GB) from 100, db5 first then web5", "crée db5 (4 cœurs, 16 Go) et web5 (2 cœurs, 4 Go) depuis 100, db5 d'abord puis web5"},
	{"web-server name=webserver-2 src=100 ?vm1.start_order", "a web server from 100 that starts after db1", "un serveur web depuis 100 qui démarre après db1"},

	// Figures in words and halves.
	{"web-server n=23 src=100", "twenty-three web servers from 100", "vingt-trois serveurs web depuis 100"},
	{"name=lab n=97 src=100", "ninety-seven VMs named lab from 100", "quatre-vingt-dix-sept VM nommées lab depuis 100"},
	{"name=lab n=71 src=100", "seventy-one VMs named lab from 100", "soixante et onze VM nommées lab depuis 100"},
	{"name=lab n=100 src=100", "one hundred VMs named lab from 100", "cent VM nommées lab depuis 100"},
	{"name=a1 src=100 mem=512", "VM a1 from 100 with half a gig of ram", "VM a1 depuis 100 avec un demi-giga de ram"},
	{"name=a1 src=100 mem=1536", "VM a1 from 100 with a gig and a half of memory", "VM a1 depuis 100 avec un giga et demi de mémoire"},
	{"name=a1 src=100 disk=1536", "VM a1 from 100, disk 1.5 TB", "VM a1 depuis 100, disque 1,5 To"},
	{"name=a1 src=100 disk=512", "VM a1 from 100 with a 0.5 TB disk", "VM a1 depuis 100 avec un disque de 0,5 To"},
	{"name=a1 src=100 cores=4 sockets=2", "VM a1 from 100 with 2x4 cores", "VM a1 depuis 100 avec 2x4 cœurs"},
	{"name=a1 src=100 disk=100 disk2=100", "VM a1 from 100 with 2 x 100 GB disks", "VM a1 depuis 100 avec 2 disques de 100 Go"},
	{"name=a1 src=100 boot=false", "VM a1 from 100, no autostart", "VM a1 depuis 100, pas de démarrage automatique"},
}

// recollections are requests that go back to an earlier one.
var recollections = []struct{ want, en, fr string }{
	{"web-server names=shop-3,shop-4 " + asShop, "do the same again", "refais la même chose"},
	{"web-server names=shop-3,shop-4 " + asShop, "do the same again with 2 more", "refais la même chose avec 2 de plus"},
	{"web-server names=shop-3,shop-4 " + asShop, "two more like that", "encore deux comme ça"},
	{"web-server name=shop-3 " + asShop, "another one like the last", "une autre comme la dernière"},
	{"web-server names=shop-3,shop-4,shop-5 " + asShop, "three more of the same", "encore trois du même genre"},
	{"web-server names=shop-3,shop-4 src=100 cores=3 mem=16384 net=vmbr0 vlan=20 ip=dhcp protect=true", "the same but with 16 GB", "la même mais avec 16 Go"},
	{"web-server names=shop-3,shop-4 src=100 cores=3 mem=3072 net=vmbr0 vlan=20 ip=dhcp on=pmox03 protect=true", "same again please, on pmox03", "refais pareil mais sur pmox03"},
	{"web-server name=shop-3 " + asShop, "one more web server like the last one", "encore un serveur web comme le dernier"},
	{"web-server names=shop-3,shop-4 " + asShop, "could you do the same again?", "peux-tu refaire la même chose ?"},
	{"web-server name=shop-9 " + asShop, "the same but named shop-9", "la même mais nommée shop-9"},
	{"database " + asShop, "and now one for the database too", "et maintenant une pour la base de données aussi"},
	{"web-server names=shop-3,shop-4,shop-5,shop-6,shop-7 " + asShop, "like last time but 5 machines", "comme la dernière fois mais 5 machines"},
	{"web-server name=other src=100 cores=3 mem=3072 net=vmbr0 vlan=20 ip=dhcp protect=true", "a VM named other, like shop-2", "une VM nommée other, comme shop-2"},
}

// Shows: T-0-02
func TestReferences(t *testing.T) {
	checkPairs(t, references, nil)
}

func TestMemory(t *testing.T) {
	checkPairs(t, recollections, testMemory())
}

// checkPairs understands requests in both languages: each gives what is wanted, and both give the same intent.
func checkPairs(t *testing.T, list []struct{ want, en, fr string }, memory *provisov1.SessionMemory) {
	t.Helper()
	r, snap := New(proxmox()), rich()
	missing := i18n.Unknown()
	for _, tc := range list {
		var intents []*provisov1.ProvisionIntent
		for lang, text := range map[string]string{"en": tc.en, "fr": tc.fr} {
			u := r.Understand(Request{ID: "run-1", Text: text, Language: lang, Memory: memory}, snap)
			if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", text, diff)
			}
			if problem := settled(u); problem != "" {
				t.Errorf("%s: %s", text, problem)
			}
			for _, f := range u.GetIntent().GetFacts() {
				if f.Start != nil && text[f.GetStart():f.GetEnd()] != f.GetText() {
					t.Errorf("%s: the span of %s holds %q, not %q", text, f.GetPath(), text[f.GetStart():f.GetEnd()], f.GetText())
				}
				if f.GetOrigin() == string(Derived) && f.GetReason() == "" {
					t.Errorf("%s: nothing says why %s", text, f.GetPath())
				}
			}
			if u.GetIntent() != nil {
				in := proto.CloneOf(u.GetIntent())
				in.Facts, in.Language, in.Goal, in.Omissions = nil, "", nil, nil
				intents = append(intents, in)
			}
		}
		if len(intents) == 2 {
			if diff := cmp.Diff(intents[0], intents[1], protocmp.Transform()); diff != "" {
				t.Errorf("%s / %s differ:\n%s", tc.en, tc.fr, diff)
			}
		}
	}
	if n := i18n.Unknown() - missing; n > 0 {
		t.Errorf("%d texts are missing in the catalogue", n)
	}
}

// Without a memory nobody knows what "the same" was: it is asked, and the answer is a request like any other.
func TestNothingRemembered(t *testing.T) {
	r, snap := New(proxmox()), rich()
	for _, text := range []string{"do the same again", "refais la même chose", "encore deux comme ça", "the same but with 16 GB"} {
		u := r.Understand(Request{ID: "r", Text: text}, snap)
		if diff := cmp.Diff("?request", summary(u)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	u := r.Understand(Request{ID: "r", Text: "do the same again", Turns: turns("request", "a cache server from 100")}, snap)
	if diff := cmp.Diff("cache src=100", summary(u)); diff != "" {
		t.Error(diff)
	}
}

// "Two more" of several kinds of machine is asked, and each option is a request that says which.
func TestSeveralRemembered(t *testing.T) {
	r, snap := New(proxmox()), rich()
	memory := testMemory()
	memory.Runs[1].Intent.VirtualMachines = append(memory.Runs[1].Intent.VirtualMachines, memory.GetRuns()[0].GetIntent().GetVirtualMachines()...)
	for lang, tc := range map[string]struct{ again, more string }{"en": {"do the same again", "2 more please"}, "fr": {"refais la même chose", "encore deux"}} {
		if diff := cmp.Diff("web-server names=shop-3,shop-4 "+asShop+" | database name=database-2 src=100 cores=4 mem=8192", summary(r.Understand(Request{ID: "r", Text: tc.again, Language: lang, Memory: memory}, snap))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.again, diff)
		}
		u := r.Understand(Request{ID: "r", Text: tc.more, Language: lang, Memory: memory}, snap)
		if diff := cmp.Diff("?request", summary(u)); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", tc.more, diff)
		}
		u = r.Understand(Request{ID: "r", Text: tc.more, Language: lang, Memory: memory, Turns: turns("request", u.GetQuestions()[0].GetOptions()[1].GetValue())}, snap)
		if diff := cmp.Diff("database names=database-2,database-3 src=100 cores=4 mem=8192", summary(u)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.more, diff)
		}
	}
}

func TestMentioned(t *testing.T) {
	r, snap := New(proxmox()), rich()
	for text, want := range map[string][]int{
		"a VM like db1":                        {202},
		"une VM comme la vm 202":               {202},
		"add a worker node":                    {124},
		"a web server from 100":                nil,
		"donne 8 Go à webserver":               {203},
		"two VMs like web-01 and one like db1": {200, 202},
	} {
		if diff := cmp.Diff(want, r.Mentioned(Request{Text: text}, snap)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// What is taken from elsewhere says from where, and an address is never taken twice.
func TestReasonsOfReferences(t *testing.T) {
	r, snap := New(proxmox()), rich()
	reasons := func(u *provisov1.Understanding) map[string]string {
		m := map[string]string{}
		for _, f := range u.GetIntent().GetFacts() {
			m[strings.TrimPrefix(f.GetPath(), "virtual_machines[0].")] = f.GetReason()
		}
		return m
	}
	like := reasons(r.Understand(Request{ID: "r", Text: "a VM like db1", Language: "en"}, snap))
	for field, want := range map[string]string{"cores": "db1", "source": "linked clone of k3s-template", "name": "db1"} {
		if !strings.Contains(like[field], want) {
			t.Errorf("%s: the reason %q does not name %q", field, like[field], want)
		}
	}
	again := reasons(r.Understand(Request{ID: "r", Text: "do the same again", Language: "en", Memory: testMemory()}, snap))
	if want := "2026-11-21 09:00"; !strings.Contains(again["cores"], want) || !strings.Contains(again["cores"], "two web servers with 3 cores") {
		t.Errorf("the reason %q does not say when and what", again["cores"])
	}
	fixed := testMemory()
	address := "192.168.0.60/16"
	fixed.Runs[1].Intent.VirtualMachines[0].Networks[0].Ipv4 = &address
	if diff := cmp.Diff("web-server names=shop-3,shop-4 src=100 cores=3 mem=3072 net=vmbr0 vlan=20 protect=true ?vm1.ipv4", summary(r.Understand(Request{ID: "r", Text: "do the same again", Memory: fixed}, snap))); diff != "" {
		t.Errorf("an address is not for two machines (-want +got):\n%s", diff)
	}
}

// Several series may be meant, and several templates may be what a machine comes from: both are asked, the likeliest first.
func TestAmbiguousReferences(t *testing.T) {
	r, snap := New(proxmox()), rich()
	snap.Guests = append(snap.Guests, pve.Guest{VMID: 210, Name: "shop-web-1", Kind: pve.KindVM, Node: "pmox01", CPUs: 8, MemoryBytes: 8 * gib, DiskBytes: 32 * gib},
		pve.Guest{VMID: 211, Name: "shop-web-2", Kind: pve.KindVM, Node: "pmox01", CPUs: 8, MemoryBytes: 8 * gib, DiskBytes: 32 * gib})
	u := r.Understand(Request{ID: "r", Text: "add a web server"}, snap)
	if diff := cmp.Diff("web-server name=webserver-2 ?vm1.like", summary(u)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if got := u.GetQuestions()[0].GetOptions(); len(got) != 3 || got[0].GetValue() != "shop-web-2" && got[0].GetValue() != "web-02" {
		t.Errorf("options: %v", got)
	}
	for _, answer := range []string{"shop-web-2", "shop-web"} {
		u = r.Understand(Request{ID: "r", Text: "add a web server", Turns: turns("vm1.like", answer)}, snap)
		if diff := cmp.Diff("web-server name=shop-web-3 src=100 cores=8 mem=8192 disk=32 ha=false", summary(u)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", answer, diff)
		}
	}
	u = r.Understand(Request{ID: "r", Text: "add a web server from 100", Turns: turns("vm1.like", "none")}, snap)
	if diff := cmp.Diff("web-server name=webserver-2 src=100", summary(u)); diff != "" {
		t.Errorf("none (-want +got):\n%s", diff)
	}

	two := rich()
	debian := two.Guests[0]
	debian.VMID, debian.Name = 99+200, "debian-template"
	two.Guests = append(two.Guests, debian)
	u = r.Understand(Request{ID: "r", Text: "add a worker node"}, two)
	if diff := cmp.Diff("k3s-worker name=worker-node-4 cores=6 mem=8192 disk=32 ha=false ?vm1.source", summary(u)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if got := u.GetQuestions()[0].GetOptions()[0].GetValue(); got != "100" {
		t.Errorf("the k3s template is the likeliest: got %q first", got)
	}
}

// References in the dialogue hold for it: corrections replace what was taken over, further machines take after the ones at hand.
func TestReferencesInDialogue(t *testing.T) {
	r, snap := New(proxmox()), rich()
	for name, tc := range map[string]struct {
		text  string
		turns []Turn
		want  string
	}{
		"Unknown":     {"a VM like wroker-node-2", turns("vm1.like", "worker-node-2"), "name=worker-node-4 " + likeWorker},
		"UnknownFrom": {"une VM comme worker-node-9", turns("vm1.like", "comme worker-node-2"), "name=worker-node-4 " + likeWorker},
		"Correction":  {"a VM like worker-node-2", turns("confirm", "no, 16 GB"), "name=worker-node-4 src=100 cores=6 mem=16384 disk=32 ha=false"},
		"Listed":      {"Create 3 VMs from 100:\n- web1: 2 cores\n- db7: 4 cores", turns("machines", "2"), "name=web1 src=100 cores=2 | name=db7 src=100 cores=4"},
		"ListedYes":   {"Crée 3 VM depuis 100 :\n- web1 : 2 cœurs\n- db7 : 4 cœurs", turns("machines", "oui"), "name=web1 src=100 cores=2 | name=db7 src=100 cores=4"},
		"ListedMore":  {"Create 3 VMs from 100:\n- web1: 2 cores\n- db7: 4 cores", turns("machines", "and a VM named mq1 with 6 cores from 100"), "name=web1 src=100 cores=2 | name=db7 src=100 cores=4 | name=mq1 src=100 cores=6"},
		"StartOrder":  {"a web server from 100 that starts after db1", turns("vm1.start_order", "3"), "web-server name=webserver-2 src=100 boot=true order=3"},
		"TooMany":     {"create app-1 to app-500 from 100", turns("vm1.count", "50"), "name=app n=50 src=100"},
		"ScaleCount":  {"scale the workers to 3", turns("vm1.count", "1"), "k3s-worker name=worker-node-4 " + likeWorker},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, summary(r.Understand(Request{ID: "r", Text: tc.text, Turns: tc.turns}, snap))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
