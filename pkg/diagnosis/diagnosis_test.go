package diagnosis

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const gib = int64(1) << 30

// analysis has one of everything that there are words for.
func analysis() *provisov1.InfrastructureAnalysis {
	at := timestamppb.New(time.Date(2026, 11, 24, 6, 30, 0, 0, time.UTC))
	return &provisov1.InfrastructureAnalysis{
		Nodes: []*provisov1.NodeDiagnosis{
			{Node: "n1", Status: "online", MemoryMib: 40 * 1024, MemoryFreeMib: 14*1024 + 512}, {Node: "n2", Status: "online", MemoryMib: 40 * 1024, MemoryFreeMib: 16 * 1024}, {Node: "n3", Status: "offline"},
		},
		VcpuOvercommit: 1.25, MemoryOvercommit: 0.408, Imbalance: 0.42,
		Headroom: []*provisov1.LossHeadroom{
			{WorstNode: "n1", MemoryFreeMib: 8 * 1024, LargestGuestMib: 6 * 1024},
			{Group: "pair", WorstNode: "n2", MemoryFreeMib: -20*1024 - 1, GuestsWithoutRoom: 1},
			{Group: "gone"},
		},
		Storages: []*provisov1.StorageDiagnosis{
			{Storage: "ceph", Active: true, Content: []string{"images"}, TotalBytes: 1000 * gib, UsableBytes: 550*gib + gib/2, FullAt: at},
			{Storage: "local", Node: "n1", Active: true, Content: []string{"iso"}},
			{Storage: "thin", Node: "n1", Active: true, Content: []string{"rootdir"}, TotalBytes: 100 * gib, UsableBytes: 60 * gib},
		},
		HotSpots: []*provisov1.HotSpot{
			{Subject: "cluster", Kind: "quorum", Severity: "error", Value: 2, Bound: 3},
			{Subject: "cluster", Kind: "ceph", Severity: "error", Value: 0.5},
			{Subject: "HA pair", Kind: "loss", Severity: "error", Value: 1},
			{Subject: "node n1", Kind: "cpu", Severity: "warning", Value: 0.823, Bound: 0.8},
			{Subject: "node n3", Kind: "loss", Severity: "warning", Value: 1},
			{Subject: "storage thin on n1", Kind: "overcommit", Severity: "warning", Value: 1.5, Bound: 1},
			{Subject: "node n1", Kind: "overcommit", Severity: "warning", Value: 4.3125, Bound: 4},
			{Subject: "node n2", Kind: "overcommit", Severity: "warning", Value: 1.025, Bound: 0.95},
			{Subject: "cluster", Kind: "backup", Severity: "warning", Value: 2},
			{Subject: "node n2", Kind: "memory", Severity: "warning", Value: float64(35 * gib), Bound: float64(34 * gib), At: at},
			{Subject: "storage ceph", Kind: "storage", Severity: "warning", Value: float64(950 * gib), Bound: float64(950 * gib), At: at},
			{Subject: "node n1", Kind: "memory", Severity: "info", Value: float64(38 * gib), Bound: float64(38 * gib), At: at},
			{Subject: "node n2", Kind: "iowait", Severity: "warning", Value: 0.12, Bound: 0.1},
		},
		Features: []*provisov1.Feature{{Name: "ceph", State: "available"}, {Name: "gpu-mapping", State: "absent"}, {Name: "sdn", State: "absent"}, {Name: "ingress", State: "unknown"}},
		Unknown:  []string{"a: b", "c: d"},
	}
}

func TestExplain(t *testing.T) {
	want := map[string][]string{
		"en": {
			"The cluster has no quorum: votes present 2, needed 3. Nothing can be started or changed.",
			"Ceph takes nothing new: 50% of its placement groups are out of service.",
			"HA pair: if n2 is lost, there is no memory for 1 machine of it where HA may restart them; 20.1 GiB are missing.",
			"Node n1 uses 82% of its CPU; 80% is the bound.",
			"Node n3 is not online; machines whose state is unknown: 1.",
			"Storage thin on n1 has promised disks of 1.5 times its size; writing them full is not possible.",
			"Node n1 has promised 4.3 vCPUs for each thread; 4 is the bound.",
			"Node n2 has promised 102% of its memory; 95% is the bound.",
			"No backup job that is switched on takes 2 machines.",
			"Node n2 is expected to use 35 GiB of memory on 24 November 2026, 06:30 UTC; 34 GiB is the bound.",
			"Storage ceph is expected to be full on 24 November 2026, 06:30 UTC: it counts as full at 950 GiB.",
			"Node n1 is expected to have no memory left on 24 November 2026, 06:30 UTC: from 38 GiB in use on it counts as full.",
			"Node n2: on average of the last day, work waits for disks 12% of the time; 10% is the bound.",
			"2 of 3 nodes are online; 30.5 GiB of 80 GiB of memory are free for further machines.",
			"Running machines have 1.2 vCPUs for each thread and are promised 41% of the memory.",
			"The load is uneven: utilisation differs by 42% of its mean from node to node.",
			"If n1 is lost, which would hurt most, every running machine still finds memory; 8 GiB stay free, and the largest machine that still fits has 6 GiB.",
			"Storage ceph takes further disks of 550.5 GiB in all, of 1000 GiB; it is expected to be full on 24 November 2026, 06:30 UTC.",
			"Storage thin on n1 takes further disks of 60 GiB in all, of 100 GiB.",
			"Not available: GPU mappings, SDN.",
			"Not known whether available: ingress.",
			"Not everything could be read; unknown parts: 2.",
		},
		"fr": {
			"Le cluster n'a pas de quorum : voix présentes 2, nécessaires 3. Rien ne peut être démarré ni modifié.",
			"Ceph n'accepte rien de nouveau : 50 % de ses groupes de placement sont hors service.",
			"HA pair : si n2 tombe, il n'y a plus de mémoire pour 1 machine de ce nœud là où HA peut redémarrer ; il manque 20,1 Gio.",
			"Le nœud n1 utilise 82 % de son processeur ; la limite est de 80 %.",
			"Le nœud n3 n'est pas en ligne ; machines dont on ne connaît plus l'état : 1.",
			"Le stockage thin sur n1 a promis des disques pour 1,5 fois sa taille ; on ne peut pas tous les remplir.",
			"Le nœud n1 a promis 4,3 vCPU par thread ; la limite est de 4.",
			"Le nœud n2 a promis 102 % de sa mémoire ; la limite est de 95 %.",
			"Aucune tâche de sauvegarde active ne prend en charge 2 machines.",
			"Le nœud n2 devrait utiliser 35 Gio de mémoire le 24 novembre 2026 à 06:30 UTC ; la limite est de 34 Gio.",
			"Le stockage ceph devrait être plein le 24 novembre 2026 à 06:30 UTC : il est considéré comme plein à 950 Gio.",
			"Le nœud n1 ne devrait plus avoir de mémoire le 24 novembre 2026 à 06:30 UTC : il est considéré comme plein à partir de 38 Gio utilisés.",
			"Le nœud n2 : en moyenne sur le dernier jour, le travail attend les disques 12 % du temps ; la limite est de 10 %.",
			"Nœuds en ligne : 2 sur 3 ; 30,5 Gio de mémoire sur 80 Gio restent libres pour d'autres machines.",
			"Les machines en marche ont 1,2 vCPU par thread, et 41 % de la mémoire leur est promise.",
			"La charge est inégale : d'un nœud à l'autre, l'utilisation s'écarte de 42 % de sa moyenne.",
			"Si n1 tombe, ce qui serait le pire cas, chaque machine en marche trouve encore de la mémoire ; 8 Gio restent libres, et la plus grande machine qui tient encore a 6 Gio.",
			"Le stockage ceph accepte encore 550,5 Gio de disques en tout, sur 1000 Gio ; il devrait être plein le 24 novembre 2026 à 06:30 UTC.",
			"Le stockage thin sur n1 accepte encore 60 Gio de disques en tout, sur 100 Gio.",
			"Non disponible : correspondances de GPU, SDN.",
			"On ne sait pas si c'est disponible : ingress.",
			"Tout n'a pas pu être lu ; éléments inconnus : 2.",
		},
	}
	for lang, sentences := range want {
		var got []string
		for _, f := range Explain(lang, analysis()) {
			got = append(got, f.Text)
		}
		if diff := cmp.Diff(sentences, got); diff != "" {
			t.Errorf("%s: -want, +got:\n%s", lang, diff)
		}
	}
}

// A reader finds every number of every sentence in the analysis, under the path that stands beside it.
func TestFiguresCanBeChecked(t *testing.T) {
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	snapshot := &pve.Snapshot{Version: "8.3.0", Quorate: true, TakenAt: time.Unix(1794916800, 0)}
	for _, n := range seed.Nodes {
		node := pve.Node{Name: n.Name, Status: pve.NodeOnline, CPUs: n.CPUs, CPUUsage: 0.85, MemoryBytes: n.MemoryBytes, MemoryUsedBytes: n.MemoryBytes - 2*gib}
		if n.Offline {
			node = pve.Node{Name: n.Name, Status: pve.NodeOffline}
		}
		snapshot.Nodes = append(snapshot.Nodes, node)
	}
	for _, g := range seed.Guests {
		snapshot.Guests = append(snapshot.Guests, pve.Guest{VMID: g.VMID, Name: g.Name, Kind: pve.KindVM, Node: g.Node, Status: pve.GuestRunning, CPUs: 4, MemoryBytes: 16 * gib})
	}
	for name, a := range map[string]*provisov1.InfrastructureAnalysis{
		"Everything": analysis(), "Laboratory": capacity.Analyse(capacity.Input{Snapshot: snapshot, Now: snapshot.TakenAt}),
	} {
		checked := 0
		for _, lang := range i18n.Langs() {
			for _, f := range Explain(lang, a) {
				if strings.ContainsAny(f.Text, "{}") || f.Key == "" || f.Severity == "" {
					t.Errorf("%s: %+v is unfinished", name, f)
				}
				for _, figure := range f.Figures {
					if got := resolve(t, a, figure.Path); got != figure.Value {
						t.Errorf("%s: %q says %v, and %s is %v", name, f.Text, figure.Value, figure.Path, got)
					}
					checked++
				}
			}
		}
		if checked < 20 {
			t.Errorf("%s: only %d figures were checked", name, checked)
		}
	}
}

var step = regexp.MustCompile(`^(\w+)(?:\[(?:(\d+)|(\w+)=(\w+))\])?(?:\.(\w+))?$`)

// resolve reads a figure's path.
func resolve(t *testing.T, a *provisov1.InfrastructureAnalysis, path string) float64 {
	t.Helper()
	m := step.FindStringSubmatch(path)
	if m == nil {
		t.Fatalf("path %q cannot be read", path)
	}
	message := a.ProtoReflect()
	field := message.Descriptor().Fields().ByName(protoreflect.Name(m[1]))
	if field == nil {
		t.Fatalf("path %q: no such field", path)
	}
	if !field.IsList() {
		return message.Get(field).Float()
	}
	list, sum := message.Get(field).List(), 0.0
	for i := range list.Len() {
		if m[2] != "" && strconv.Itoa(i) != m[2] {
			continue
		}
		if m[5] == "" && m[3] == "" { // how many there are
			sum++
			continue
		}
		of := list.Get(i).Message()
		value := func(name string) protoreflect.Value {
			return of.Get(of.Descriptor().Fields().ByName(protoreflect.Name(name)))
		}
		if m[3] != "" {
			if value(m[3]).String() == m[4] {
				sum++
			}
			continue
		}
		number, err := strconv.ParseFloat(fmt.Sprint(value(m[5]).Interface()), 64)
		if err != nil {
			t.Fatalf("path %q: %v", path, err)
		}
		sum += number
	}
	return sum
}

// Whatever package capacity speaks of has a name in both languages.
func TestFeaturesHaveWords(t *testing.T) {
	a := capacity.Analyse(capacity.Input{Snapshot: &pve.Snapshot{Version: "9.1.1", Nodes: []pve.Node{{Name: "n"}}}, Now: time.Unix(0, 0)})
	if len(a.GetFeatures()) < 20 {
		t.Fatalf("only %d features", len(a.GetFeatures()))
	}
	for _, f := range a.GetFeatures() {
		for _, lang := range i18n.Langs() {
			if !i18n.Has(lang, "capacity.feature."+f.GetName()) {
				t.Errorf("no %s words for %s", lang, f.GetName())
			}
		}
	}
}
