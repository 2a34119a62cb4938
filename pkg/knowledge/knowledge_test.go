package knowledge_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/knowledge"
)

// questions are what people ask in their own words; the passage that answers each was decided before the index was run.
var questions = []struct{ query, source string }{
	{"why must the disks of an HA guest be on shared storage", "high-availability.md#shared-storage"},
	{"stockage partagé pour la haute disponibilité", "high-availability.md#shared-storage"},
	{"ha groups have been migrated to rules", "high-availability.md#groups-and-rules"},
	{"groupes HA et règles sur Proxmox VE 9", "high-availability.md#groups-and-rules"},
	{"how many nodes for quorum", "high-availability.md#quorum"},
	{"terraform destroys the guest after a failover", "high-availability.md#terraform-and-failover"},
	{"démarrage automatique d'une VM en haute disponibilité", "high-availability.md#start-at-boot"},
	{"template without cloud-init drive", "cloud-init.md#drive"},
	{"modèle sans disque cloud-init", "cloud-init.md#drive"},
	{"ssh keys or password for the user", "cloud-init.md#users-and-keys"},
	{"mot de passe ou clé SSH", "cloud-init.md#users-and-keys"},
	{"static address and gateway or DHCP", "cloud-init.md#addresses"},
	{"console is black, serial port", "cloud-init.md#serial-console"},
	{"upload user-data snippets with an API token", "cloud-init.md#snippets"},
	{"content type import for cloud images", "storage.md#content-types"},
	{"discard on thin storage", "storage.md#discard"},
	{"réduire la taille d'un disque", "storage.md#disk-size"},
	{"shrink a disk", "storage.md#disk-size"},
	{"linked clone or full clone", "storage.md#linked-clones"},
	{"clone lié ou complet", "storage.md#linked-clones"},
	{"template on local storage, clone to another node", "storage.md#templates-on-local-storage"},
	{"space of a Ceph pool with three copies", "storage.md#free-space-and-replicas"},
	{"bridge does not exist on that node", "network.md#bridges-and-vnets"},
	{"VLAN tag on a bridge", "network.md#vlan"},
	{"e1000 or virtio", "network.md#network-device"},
	{"survive the loss of one node", "capacity.md#loss-of-one-node"},
	{"perte d'un nœud", "capacity.md#loss-of-one-node"},
	{"how many vCPU per thread", "capacity.md#processors"},
	{"CPU type host and live migration", "capacity.md#cpu-type"},
	{"plan waits for the guest agent", "operation.md#guest-agent"},
	{"l'agent invité ne répond pas", "operation.md#guest-agent"},
	{"two runs got the same VM id", "operation.md#identifiers"},
	{"pool covered by a backup job", "operation.md#pools-and-backup"},
	{"sauvegarde par pool", "operation.md#pools-and-backup"},
	{"which privileges does the token need", "operation.md#tokens-and-privileges"},
	{"quels droits pour le jeton", "operation.md#tokens-and-privileges"},
	{"certificate authority of the cluster", "operation.md#certificates"},
}

// The floor is what a user would still call useful; the figures seen are logged.
const floor = 0.85

func TestNotesAnswerQuestions(t *testing.T) {
	first, three := 0, 0
	for _, q := range questions {
		hits := knowledge.Notes().Search(q.query, 3)
		rank := -1
		for i, h := range hits {
			if h.Source == q.source {
				rank = i
			}
		}
		switch {
		case rank == 0:
			first++
			three++
		case rank > 0:
			three++
		default:
			var got []string
			for _, h := range hits {
				got = append(got, h.Source)
			}
			t.Logf("%q: want %s, got %v", q.query, q.source, got)
		}
	}
	n := float64(len(questions))
	t.Logf("%d questions: hit@1 %.2f, hit@3 %.2f", len(questions), float64(first)/n, float64(three)/n)
	if float64(three)/n < floor {
		t.Errorf("hit@3 is %.2f, below %.2f", float64(three)/n, floor)
	}
}

func TestNothingFound(t *testing.T) {
	for _, query := range []string{
		"recipe for strawberry jam", "la capitale de l'Australie", "", "the of and", "kubernetes horizontal autoscaler thresholds",
	} {
		if hits := knowledge.Notes().Search(query, 3); len(hits) > 0 {
			t.Errorf("%q: want nothing, got %s (%v)", query, hits[0].Source, hits[0])
		}
	}
}

func TestRead(t *testing.T) {
	documents, err := knowledge.Read(fstest.MapFS{
		"guide.md":  {Data: []byte("# Guide\n\nBefore.\n\n## First part\nOne.\nTwo.\n## Empty\n")},
		"notes.txt": {Data: []byte("# Not Markdown\ntext\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []knowledge.Passage
	for _, d := range documents {
		got = append(got, d.Passages...)
	}
	want := []knowledge.Passage{
		{Source: "guide.md", Title: "Guide", Text: "Before."},
		{Source: "guide.md#first-part", Title: "Guide: First part", Text: "One.\nTwo."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a document is cut at its headings, empty sections are left out (-want +got):\n%s", diff)
	}
}

func TestZeroIndexFindsNothing(t *testing.T) {
	if hits := new(knowledge.Index).Search("disk of a Postgres VM", 3); hits != nil {
		t.Errorf("want nothing, got %v", hits)
	}
}

func BenchmarkSearch(b *testing.B) {
	ix := knowledge.Notes()
	for b.Loop() {
		ix.Search("stockage partagé pour la haute disponibilité", 3)
	}
}
