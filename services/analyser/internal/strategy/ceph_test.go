package strategy

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// onCeph gives the laboratory a Ceph whose placement groups are in one state.
func onCeph(state string) func(*pve.Snapshot) {
	return func(s *pve.Snapshot) {
		s.Ceph = pve.Ceph{Presence: pve.PresenceHere, Health: "HEALTH_WARN", PGs: map[string]int{state: 129}}
	}
}

// Shows: T-3.3.2-05, T-3.3.2-11
func TestNothingIsPlannedOnWhatCannotTakeIt(t *testing.T) {
	const peered = "undersized+degraded+peered"
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		vm       *provisov1.VirtualMachine
		code     string
		en, fr   string // part of the sentence
	}{
		"NoQuorum": {
			reason: "Without quorum every change is refused by Proxmox VE.", snapshot: func(s *pve.Snapshot) {
				s.Quorate, s.Membership = false, pve.Membership{Read: true, Name: "lab", Votes: 1, ExpectedVotes: 4}
			},
			vm: webserver(), code: CodeNoQuorum, en: "The cluster has no quorum (1 of 4 votes, 3 are needed)", fr: "Le cluster n'a pas de quorum (1 voix sur 4, il en faut 3)",
		},
		"NoQuorumVotesUnknown": {
			snapshot: func(s *pve.Snapshot) { s.Quorate = false },
			vm:       webserver(), code: CodeNoQuorum, en: "The cluster has no quorum:", fr: "Le cluster n'a pas de quorum :",
		},
		"CloneOfTemplateBelowMinSize": {
			reason: "The template's disk cannot even be read.", snapshot: onCeph(peered),
			vm: webserver(), code: CodeStorageStopped, en: "fewer copies than min_size", fr: "moins de copies que min_size",
		},
		"WishedBelowMinSize": {
			snapshot: func(s *pve.Snapshot) {
				onCeph(peered)(s)
				s.Guests[0].Config.Disks[0].Storage = "local-lvm"
			},
			vm:   wishing(webserver(), "pmoxpool01"),
			code: CodeStorageStopped, en: "Storage pmoxpool01", fr: "Le stockage pmoxpool01",
		},
		"ImageToStoppedFiles": {
			reason: "The only storage that takes images is on the same Ceph.", snapshot: func(s *pve.Snapshot) {
				onCeph(peered)(s)
				for i := range s.Storages {
					if s.Storages[i].Name == "cephfs" {
						s.Storages[i].Content = []string{"import"}
					}
				}
			},
			vm: fromImage("https://example.org/a.qcow2"), code: CodeStorageStopped, en: "Storage cephfs", fr: "Le stockage cephfs",
		},
		"Full": {
			snapshot: func(s *pve.Snapshot) {
				onCeph("active+clean")(s)
				s.Ceph.Health, s.Ceph.Checks = "HEALTH_ERR", []pve.CephCheck{{Code: "OSD_FULL"}}
			},
			vm: webserver(), code: CodeStorageStopped, en: "is full", fr: "est plein",
		},
		"Failed": {
			snapshot: func(s *pve.Snapshot) { onCeph("active+clean+inconsistent")(s); s.Ceph.Health = "HEALTH_ERR" },
			vm:       webserver(), code: CodeStorageStopped, en: "HEALTH_ERR", fr: "HEALTH_ERR",
		},
	}
	for name, tt := range tests {
		for lang, says := range map[string]string{"en": tt.en, "fr": tt.fr} {
			t.Run(name+"/"+lang, func(t *testing.T) {
				s := lab()
				tt.snapshot(s)
				_, err := New(input(s, payload(lang, proto.CloneOf(tt.vm))))
				var refused *RefusedError
				if !errors.As(err, &refused) || refused.Code != tt.code || !strings.Contains(refused.Message, says) || strings.ContainsAny(refused.Message, "{}") {
					t.Fatalf("%s\ngot %v %+v, want %s saying %q", tt.reason, err, refused, tt.code, says)
				}
				if err := wire.Validate(refused.Refusal()); err != nil {
					t.Errorf("refusal breaks the contract: %v", err)
				}
			})
		}
	}
}

func wishing(vm *provisov1.VirtualMachine, storage string) *provisov1.VirtualMachine {
	vm.Disks = []*provisov1.Disk{{Storage: new(storage)}}
	return vm
}

// A storage that Ceph stopped is passed over where another one will do.
func TestDiskGoesElsewhereWhenCephStopped(t *testing.T) {
	s := lab()
	onCeph("undersized+degraded+peered")(s)
	s.Guests[0].Config.Disks[0].Storage = "local-lvm"
	draft, err := New(input(s, payload("en", webserver())))
	if err != nil {
		t.Fatal(err)
	}
	if got := draft.machines[0].vm.GetDisks()[0].GetStorage(); got != "local-lvm" {
		t.Errorf("the disk lies on %q, want local-lvm", got)
	}
}

// Missing copies are no reason to refuse: the plan says that one more loss would stop the storage.
func TestDegradedCephIsARisk(t *testing.T) {
	s := lab()
	onCeph("active+undersized+degraded")(s)
	draft, err := New(input(s, payload("en", webserver())))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(draft.risks, func(risk string) bool {
		return strings.Contains(risk, "pmoxpool01") && strings.Contains(risk, "copies")
	}) {
		t.Errorf("risks are %q, want one on pmoxpool01", draft.risks)
	}
}
