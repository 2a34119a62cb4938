package inquiry

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
)

const gib = int64(1) << 30

// cluster has three nodes. a (32 GiB, 16 threads): 10 GiB used, guests of 8 + 4 GiB run, so 12 are promised and 32 - 2 - 12 = 18
// free. b (64 GiB, 8 threads): 40 GiB used, a guest of 8 runs, so 40 count and 64 - 3.2 - 40 = 20.8 free. c is off.
func cluster() *pve.Snapshot {
	guest := func(id int, name, node string, status pve.GuestStatus, cpus, memory int) pve.Guest {
		return pve.Guest{VMID: id, Name: name, Kind: pve.KindVM, Node: node, Status: status, CPUs: float64(cpus), MemoryBytes: int64(memory) * gib, DiskBytes: 32 * gib}
	}
	s := &pve.Snapshot{
		TakenAt: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC), Version: "8.3.0", Quorate: true,
		Nodes: []pve.Node{
			{Name: "a", Status: pve.NodeOnline, CPUs: 16, CPUUsage: 0.25, MemoryBytes: 32 * gib, MemoryUsedBytes: 10 * gib, CPUModel: "Xeon"},
			{Name: "b", Status: pve.NodeOnline, CPUs: 8, CPUUsage: 0.5, MemoryBytes: 64 * gib, MemoryUsedBytes: 40 * gib, CPUModel: "Xeon"},
			{Name: "c", Status: pve.NodeOffline},
		},
		Guests: []pve.Guest{
			guest(100, "golden", "a", pve.GuestStopped, 2, 2), guest(101, "web", "a", pve.GuestRunning, 4, 8), guest(102, "db", "a", pve.GuestRunning, 2, 4),
			guest(103, "big", "b", pve.GuestRunning, 6, 8), guest(104, "off", "b", pve.GuestStopped, 2, 2), guest(105, "gone", "c", pve.GuestUnknown, 0, 0),
			{VMID: 110, Name: "box", Kind: pve.KindContainer, Node: "b", Status: pve.GuestStopped, CPUs: 1, MemoryBytes: gib / 2, DiskBytes: 4 * gib},
		},
		Storages: []pve.Storage{
			{Name: "ceph", Node: "a", Type: "rbd", Shared: true, Active: true, Content: []string{"images"}, TotalBytes: 100 * gib, UsedBytes: 40 * gib},
			{Name: "ceph", Node: "b", Type: "rbd", Shared: true, Active: true, Content: []string{"images"}, TotalBytes: 100 * gib, UsedBytes: 40 * gib},
			{Name: "ceph", Node: "c", Type: "rbd", Shared: true, Content: []string{"images"}},
			{Name: "local", Node: "a", Type: "dir", Active: true, Content: []string{"iso"}, TotalBytes: 20 * gib, UsedBytes: 5 * gib},
		},
		Bridges: []pve.Bridge{{Name: "vmbr0", Node: "a", Active: true}, {Name: "vmbr0", Node: "b", Active: true}},
		VNets:   []pve.VNet{{Name: "net1", Zone: "z", Tag: 7, Subnets: []pve.Subnet{{CIDR: "10.0.0.0/24", Gateway: "10.0.0.1"}}}},
		Pools:   []pve.Pool{{Name: "backup"}, {Name: "prod"}},
		Volumes: []pve.Volume{{ID: "local:iso/x.iso", Storage: "local", Node: "a", Content: "iso", SizeBytes: gib}, {ID: "local:iso/x.iso", Storage: "local", Node: "b", Content: "iso", SizeBytes: gib}},
		Unknown: []pve.UnknownRef{{What: "content of storage local of c", Reason: "node is offline"}},
	}
	s.Guests[0].Template = true
	s.Guests[1].HA, s.Guests[1].Pool, s.Guests[1].Tags, s.Guests[1].UptimeSeconds = true, "backup", []string{"prod"}, 3*86400
	s.HAServices = []pve.HAService{{SID: "vm:101", State: "started"}}
	return s
}

// Shows: T-3.3.1-02
func TestRooms(t *testing.T) {
	var got []string
	for _, r := range Rooms(cluster(), placement.Policy{}) {
		got = append(got, fmt.Sprintf("%s online=%t free=%d promised=%d vcpus=%d guests=%d", r.Node, r.Online, r.FreeBytes*10/gib, r.PromisedBytes/gib, r.VCPUs, len(r.Guests)))
	}
	want := []string{"a online=true free=180 promised=12 vcpus=6 guests=2", "b online=true free=208 promised=8 vcpus=6 guests=1", "c online=false free=0 promised=0 vcpus=0 guests=0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnswer(t *testing.T) {
	yes := true
	tests := map[string]struct {
		reason   string
		query    Query
		en, fr   string // how the answer begins
		commands []string
		rows     int // -1: not compared
	}{
		"RoomForMemory": {query: Query{Topic: TopicRoom, MemoryMiB: 20 * 1024}, rows: 3,
			en: "Only b has room for 20 GiB of memory: 20.8 GiB of memory", fr: "Seul b a de la place pour 20 Gio de mémoire : 20,8 Gio de mémoire"},
		"RoomOnBoth": {query: Query{Topic: TopicRoom, MemoryMiB: 16 * 1024}, rows: 3,
			en: "a and b have room for 16 GiB of memory; b has most", fr: "a et b ont de la place pour 16 Gio de mémoire ; b en a le plus"},
		"RoomNowhere": {query: Query{Topic: TopicRoom, MemoryMiB: 32 * 1024}, rows: 3,
			en: "No online node has room for 32 GiB of memory. b comes nearest: 20.8 GiB", fr: "Aucun nœud en ligne n'a de la place pour 32 Gio de mémoire. Le plus proche est b : 20,8 Gio"},
		"RoomForCores": {reason: "b has only 8 threads; a guest with more vCPUs does not start there.", query: Query{Topic: TopicRoom, Cores: 12, MemoryMiB: 8192}, rows: 3,
			en: "Only a has room for 12 cores and 8 GiB of memory", fr: "Seul a a de la place pour 12 cœurs et 8 Gio de mémoire"},
		"RoomForDisk": {query: Query{Topic: TopicRoom, DiskGiB: 80}, rows: 3,
			en: "No online node has room for 80 GiB of disk", fr: "Aucun nœud en ligne n'a de la place pour 80 Gio de disque"},
		"RoomForSeveral": {reason: "a takes two of 8 GiB and b two: four of five.", query: Query{Topic: TopicRoom, MemoryMiB: 8192, Count: 5}, rows: 3,
			en: "There is not room for 5 VMs of 8 GiB of memory each: 4 of 5 fit.", fr: "Il n'y a pas la place pour 5 VM de 8 Gio de mémoire chacune : 4 sur 5 tiennent."},
		"RoomForFour": {query: Query{Topic: TopicRoom, MemoryMiB: 8192, Count: 4}, rows: 3,
			en: "There is room for 4 VMs of 8 GiB of memory each; in brackets how many each node can take: a (2) and b (2).", fr: "Il y a la place pour 4 VM de 8 Gio de mémoire chacune ; entre parenthèses, combien chaque nœud peut en prendre : a (2) et b (2)."},
		"RoomOnNode":     {reason: "After db has moved, the 20 GiB are there: the 10 in use are more than the 8 that web is promised.", query: Query{Topic: TopicRoom, MemoryMiB: 20 * 1024, Node: "a"}, rows: 2, en: "No, a has no room for 20 GiB", fr: "Non, a n'a pas de place pour 20 Gio", commands: []string{"qm migrate 102 b --online"}},
		"RoomOffline":    {query: Query{Topic: TopicRoom, MemoryMiB: 1024, Node: "c"}, en: "c is offline: what it has free", fr: "c est hors ligne : sa place libre"},
		"Node":           {query: Query{Topic: TopicNode, Node: "a"}, rows: 4, en: "a is online; 18 GiB of its 32 GiB of memory are free for guests. 2 machines run there.", fr: "a est en ligne ; 18 Gio de mémoire y sont libres pour des machines, sur 32 Gio. En marche : 2 machines."},
		"NodeOffline":    {query: Query{Topic: TopicNode, Node: "c"}, en: "c is offline", fr: "c est hors ligne"},
		"Nodes":          {query: Query{Topic: TopicNode}, rows: 3, en: "The cluster has 3 nodes: a, b and c; online: 2. b has most memory free for guests: 20.8 GiB. c is offline", fr: "Le cluster a 3 nœuds : a, b et c ; en ligne : 2. b a le plus"},
		"Templates":      {query: Query{Topic: TopicTemplates}, rows: 1, en: "1 template: golden (100).", fr: "1 modèle : golden (100)."},
		"Images":         {reason: "A volume that two nodes see is one.", query: Query{Topic: TopicImages}, rows: 1, en: "1 image: x.iso. Not read, so unknown: content of storage local of c.", fr: "1 image : x.iso. Non lu, donc inconnu :"},
		"Storages":       {query: Query{Topic: TopicStorages}, rows: 2, en: "2 storages: ceph and local.", fr: "2 stockages : ceph et local."},
		"Storage":        {query: Query{Topic: TopicStorages, Storage: "ceph"}, rows: 1, en: "ceph: 60 GiB free of 100 GiB (rbd).", fr: "ceph : 60 Gio libres sur 100 Gio (rbd)."},
		"Networks":       {query: Query{Topic: TopicNetworks}, rows: 2, en: "2 networks: net1 and vmbr0.", fr: "2 réseaux : net1 et vmbr0."},
		"Pools":          {query: Query{Topic: TopicPools}, rows: 2, en: "2 pools: backup and prod.", fr: "2 pools : backup et prod."},
		"NoHAGroups":     {query: Query{Topic: TopicHAGroups}, en: "There are no HA groups or rules.", fr: "Il n'y a aucun groupe ni aucune règle de HA."},
		"Running":        {reason: "What the offline node hides is unknown, neither running nor stopped.", query: Query{Topic: TopicGuests, Status: pve.GuestRunning, Number: true}, rows: 3, en: "3 machines running. Of one more the status is unknown, because its node does not answer.", fr: "3 machines en marche. L'état d'une autre est inconnu"},
		"VMsOnNode":      {query: Query{Topic: TopicGuests, Kind: pve.KindVM, Node: "b"}, rows: 2, en: "2 VMs on b: big (103) and off (104).", fr: "2 VM sur b : big (103) et off (104)."},
		"Containers":     {query: Query{Topic: TopicGuests, Kind: pve.KindContainer}, rows: 1, en: "1 container: box (110).", fr: "1 conteneur : box (110)."},
		"UnderHA":        {query: Query{Topic: TopicGuests, HA: &yes}, rows: 1, en: "1 machine under HA: web (101).", fr: "1 machine sous HA : web (101)."},
		"Tagged":         {query: Query{Topic: TopicGuests, Tag: "prod"}, rows: 1, en: "1 machine tagged prod: web (101).", fr: "1 machine avec l'étiquette prod : web (101)."},
		"MostMemory":     {query: Query{Topic: TopicGuests, Most: "memory"}, rows: 5, en: "web (101) has most memory: 8 GiB.", fr: "C'est web (101) qui a le plus de mémoire : 8 Gio."},
		"Where":          {query: Query{Topic: TopicGuest, Guests: []int{101}, Aspect: AspectNode}, rows: -1, en: "web (101) runs on a.", fr: "web (101) tourne sur a."},
		"WhereStopped":   {query: Query{Topic: TopicGuest, Guests: []int{104}, Aspect: AspectNode}, rows: -1, en: "off (104) is on b; it is stopped.", fr: "off (104) est sur b, à l'arrêt."},
		"WhereUnknown":   {query: Query{Topic: TopicGuest, Guests: []int{105}, Aspect: AspectNode}, rows: -1, en: "gone (105) belongs to c, which is offline: its state is unknown.", fr: "gone (105) appartient à c, qui est hors ligne : son état est inconnu."},
		"Size":           {query: Query{Topic: TopicGuest, Guests: []int{101}, Aspect: AspectSize}, rows: -1, en: "web (101) has 4 vCPUs, 8 GiB of memory, 32 GiB of disk.", fr: "web (101) a 4 vCPU, 8 Gio de mémoire, 32 Gio de disque."},
		"Status":         {query: Query{Topic: TopicGuest, Guests: []int{101}, Aspect: AspectStatus}, rows: -1, en: "web (101) is running on a. It has been up for 3 days.", fr: "web (101) est en marche sur a. En marche depuis 3 jours."},
		"HA":             {query: Query{Topic: TopicGuest, Guests: []int{101}, Aspect: AspectHA}, rows: -1, en: "Yes, web (101) is under HA, state “started”.", fr: "Oui, web (101) est sous HA, état « started »."},
		"NoHA":           {query: Query{Topic: TopicGuest, Guests: []int{102}, Aspect: AspectHA}, rows: -1, en: "No, db (102) is not under HA.", fr: "Non, db (102) n'est pas sous HA."},
		"Address":        {query: Query{Topic: TopicGuest, Guests: []int{101}, Aspect: AspectAddress}, rows: -1, en: "The address of web (101) is not in what Proviso reads", fr: "L'adresse de web (101) ne figure pas", commands: []string{"qm guest cmd 101 network-get-interfaces"}},
		"Config":         {query: Query{Topic: TopicGuest, Guests: []int{110}, Aspect: AspectConfig}, rows: -1, en: "That setting of box (110) is not in what Proviso reads", fr: "Ce réglage de box (110) ne figure pas", commands: []string{"pct config 110"}},
		"AddressStopped": {query: Query{Topic: TopicGuest, Guests: []int{110}, Aspect: AspectAddress}, rows: -1, en: "The address of box (110)", fr: "L'adresse de box (110)"},
		"Backup": {query: Query{Topic: TopicBackup}, rows: 5, en: "Proviso does not read the backup jobs", fr: "Proviso ne lit pas les tâches de sauvegarde",
			commands: []string{"pvesh get /cluster/backup-info/not-backed-up"}},
		"Resilience": {reason: "Two of three votes are left of the three when c is off and one more goes: one is left of two needed.", query: Query{Topic: TopicResilience}, rows: 2,
			en: "No, the cluster does not go on unharmed if any one node is lost. Quorum is lost: 1 of 3 votes are left and 2 are needed", fr: "Non, le cluster ne survit pas sans dommage à la perte d'un nœud, quel qu'il soit. Le quorum est perdu : il reste 1 voix sur 3, il en faut 2"},
		"Cluster":    {query: Query{Topic: TopicCluster}, rows: 6, en: "Proxmox VE 8.3.0, 3 nodes, 2 of them online. The cluster has quorum.", fr: "Proxmox VE 8.3.0, 3 nœuds, dont 2 en ligne. Le cluster a le quorum."},
		"NoSuch":     {query: Query{Topic: TopicNoSuchThing, Missing: "wbe", Near: []string{"web"}}, en: "Nothing in the cluster is called “wbe”. The nearest names are web.", fr: "Rien dans le cluster ne s'appelle « wbe ». Les noms les plus proches sont web."},
		"Help":       {query: Query{Topic: TopicHelp}, rows: 10, en: "Proviso writes proven Terraform", fr: "Proviso écrit du Terraform prouvé"},
		"Unanswered": {query: Query{}, rows: 10, en: "This question is about the cluster, but", fr: "Cette question porte sur le cluster, mais"},
	}
	missing := i18n.Unknown()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for lang, want := range map[string]string{"en": tc.en, "fr": tc.fr} {
				got := Answer(Facts{Snapshot: cluster()}, tc.query, lang)
				if !strings.HasPrefix(got.GetText(), want) {
					t.Errorf("%s\n got %q\nwant %q", tc.reason, got.GetText(), want)
				}
				if tc.rows >= 0 && len(got.GetRows()) != tc.rows {
					t.Errorf("got %d rows, want %d: %v", len(got.GetRows()), tc.rows, got.GetRows())
				}
				if diff := cmp.Diff(tc.commands, got.GetCommands()); diff != "" {
					t.Error(diff)
				}
				if err := wire.Validate(got); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if n := i18n.Unknown() - missing; n > 0 {
		t.Errorf("%d texts are missing in the catalogue", n)
	}
}

// With all three nodes on, quorum holds and every guest finds memory elsewhere; a guest too large for the others does not.
func TestResilience(t *testing.T) {
	s := cluster()
	s.Nodes[2] = pve.Node{Name: "c", Status: pve.NodeOnline, CPUs: 8, MemoryBytes: 16 * gib}
	got := Answer(Facts{Snapshot: s}, Query{Topic: TopicResilience}, "en").GetText()
	if !strings.HasPrefix(got, "Yes, the cluster lives on if any one node is lost. Quorum is kept: 2 of 3 votes are left and 2 are needed.") {
		t.Error(got)
	}
	s.Guests[3].MemoryBytes = 24 * gib // more than a (18) and c (14) have free
	got = Answer(Facts{Snapshot: s}, Query{Topic: TopicResilience, Node: "b"}, "en").GetText()
	if !strings.HasPrefix(got, "No, the cluster does not go on unharmed if b is lost. Quorum is kept") || !strings.Contains(got, "do not have memory for every guest") {
		t.Error(got)
	}
}

// Names of the cluster are shown visibly; a name that is no node's never stands in a command.
func TestHostileNamesInAnswers(t *testing.T) {
	s := cluster()
	s.Guests[1].Name, s.Guests[1].Tags, s.Guests[1].Node = "we\u202eb\x1b[31m", []string{"a\u200bb"}, "a; reboot"
	s.Pools[0].Comment = "ignore\u2066 previous"
	s.Nodes[0].Name = "a; reboot"
	h := past()
	h.Nodes["a; reboot"] = h.Nodes["a"]
	h.Unknown = []pve.UnknownRef{{What: "x\u202e", Reason: "a\u200bb"}}
	s.Storages[0].Name, s.Membership.Name, s.Version = "a; reboot", "lab\u2066", "8.3\u202e"
	for topic := TopicNone; topic <= TopicClusters; topic++ {
		for aspect := AspectAll; aspect <= AspectUsage; aspect++ {
			got := Answer(Facts{Snapshot: s, History: h, Unread: []string{"y\u202e"}}, Query{Topic: topic, Aspect: aspect, Guests: []int{101}, Missing: "x\u202e", Node: "a; reboot", MemoryMiB: 30 * 1024}, "en")
			text := got.String()
			for _, c := range []string{"\u202e", "\u200b", "\u2066", "\\u202e", "\\u200b", "\x1b"} {
				if strings.Contains(text, c) {
					t.Errorf("topic %d, aspect %d shows %q: %s", topic, aspect, c, text)
				}
			}
			if len(got.GetCommands()) > 0 && strings.Contains(strings.Join(got.GetCommands(), " "), "reboot") {
				t.Errorf("topic %d, aspect %d: %v", topic, aspect, got.GetCommands())
			}
			if err := wire.Validate(got); err != nil {
				t.Errorf("topic %d, aspect %d: %v", topic, aspect, err)
			}
		}
	}
	if got := Answer(Facts{}, Query{Topic: TopicNode}, "fr").GetText(); got != "Le cluster n'a pas pu être lu : rien n'en est connu pour l'instant." {
		t.Error(got)
	}
}
