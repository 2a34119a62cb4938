package strategy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Shows: T-3.3.5-213
//
// The web server goes to pmox03 with its disk on pmoxpool01: what the diagnosis says of these is a risk of the plan, and nothing else
// of it is.
func TestFindingsBecomeRisks(t *testing.T) {
	at := timestamppb.New(time.Date(2026, 11, 5, 14, 0, 0, 0, time.UTC))
	many := []*provisov1.HotSpot{{Subject: "storage pmoxpool01", Kind: "storage", Severity: "warning", Value: float64(722 * gib), Bound: float64(722 * gib), At: at}}
	for range 6 {
		many = append(many, &provisov1.HotSpot{Subject: "node pmox03", Kind: "iowait", Severity: "error", Value: 0.25, Bound: 0.2})
	}
	tests := map[string]struct {
		reason string
		spots  []*provisov1.HotSpot
		en, fr []string
	}{
		"StorageFillsUp": {
			reason: "Who asks for a disk learns when its storage is full.",
			spots:  many[:1],
			en:     []string{"Storage pmoxpool01 is expected to be full on 5 November 2026, 14:00 UTC: it counts as full at 722 GiB."},
			fr:     []string{"Le stockage pmoxpool01 devrait être plein le 5 novembre 2026 à 14:00 UTC : il est considéré comme plein à 722 Gio."},
		},
		"BusyNode": {
			spots: []*provisov1.HotSpot{{Subject: "node pmox03", Kind: "iowait", Severity: "error", Value: 0.25, Bound: 0.2}},
			en:    []string{"Node pmox03: on average of the last day, work waits for disks 25% of the time; 20% is the bound."},
			fr:    []string{"Le nœud pmox03 : en moyenne sur le dernier jour, le travail attend les disques 25 % du temps ; la limite est de 20 %."},
		},
		"RawSpaceOfCeph": {
			reason: "pmoxpool01 is a pool of Ceph, whatever it is called.",
			spots:  []*provisov1.HotSpot{{Subject: "storage ceph", Kind: "ceph", Severity: "warning", Value: 0.88, Bound: 0.85}},
			en:     []string{"The disks of Ceph are 88% full; 85% is the bound."},
			fr:     []string{"Les disques de Ceph sont pleins à 88 % ; la limite est de 85 %."},
		},
		"Elsewhere": {
			reason: "Other nodes, storages that are not used, what is only worth knowing, and what the plan says of the cluster by itself.",
			spots: []*provisov1.HotSpot{
				{Subject: "node pmox04", Kind: "loss", Severity: "warning"},
				{Subject: "node pmox01", Kind: "cpu", Severity: "error", Value: 0.95, Bound: 0.9},
				{Subject: "storage local-lvm on pmox03", Kind: "storage", Severity: "error", Value: float64(42 * gib), Bound: float64(40 * gib)},
				{Subject: "storage pmoxpool01", Kind: "storage", Severity: "info", Value: float64(722 * gib), Bound: float64(722 * gib), At: at},
				{Subject: "cluster", Kind: "quorum", Severity: "warning", Value: 2, Bound: 3},
			},
		},
		"NoMoreThanSix": {
			reason: "The gravest five, and how many are left out.", spots: many,
			en: []string{
				"Storage pmoxpool01 is expected to be full on 5 November 2026, 14:00 UTC: it counts as full at 722 GiB.",
				"Node pmox03: on average of the last day, work waits for disks 25% of the time; 20% is the bound.",
				"Node pmox03: on average of the last day, work waits for disks 25% of the time; 20% is the bound.",
				"Node pmox03: on average of the last day, work waits for disks 25% of the time; 20% is the bound.",
				"Node pmox03: on average of the last day, work waits for disks 25% of the time; 20% is the bound.",
				"The diagnosis of the cluster names 2 further findings about these nodes and storages.",
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for lang, want := range map[string][]string{"en": tc.en, "fr": tc.fr} {
				if lang == "fr" && len(tc.en) != len(tc.fr) {
					continue
				}
				in := input(lab(), payload(lang, webserver()))
				without, err := plan(in)
				if err != nil {
					t.Fatal(err)
				}
				in = input(lab(), payload(lang, webserver()))
				in.Analysis = &provisov1.InfrastructureAnalysis{HotSpots: tc.spots}
				got, err := plan(in)
				if err != nil {
					t.Fatal(err)
				}
				if err := wire.Validate(got); err != nil {
					t.Error(err)
				}
				if node := got.GetVirtualMachines()[0].GetNode(); node != "pmox03" {
					t.Fatalf("placed on %s", node)
				}
				if diff := cmp.Diff(fmt.Sprint(append(without.GetRisks(), want...)), fmt.Sprint(got.GetRisks())); diff != "" {
					t.Errorf("%s (%s): risks (-want +got):\n%s", tc.reason, lang, diff)
				}
			}
		})
	}
}

// From a snapshot alone: of 850 GiB on Ceph 722.5 may be used, and 640 are more than 85 % of these.
func TestFullStorageIsARisk(t *testing.T) {
	s := lab()
	for i := range s.Storages {
		if s.Storages[i].Name == "pmoxpool01" {
			s.Storages[i].UsedBytes = 640 * gib
		}
	}
	in := input(s, payload("en", webserver()))
	in.Analysis = capacity.Analyse(capacity.Input{Snapshot: s, Now: taken})
	got, err := plan(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Storage pmoxpool01 holds 640 GiB; 614.1 GiB is the bound."; !slices.Contains(got.GetRisks(), want) {
		t.Errorf("no %q in %q", want, got.GetRisks())
	}
	for _, risk := range got.GetRisks() {
		if strings.Contains(risk, "local") || strings.Contains(risk, "Node pmox04") {
			t.Errorf("%q is not about this plan", risk)
		}
	}
}
