package strategy

import (
	"cmp"
	"errors"
	"strings"
	"testing"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
)

// Shows: T-3.3.5-216
//
// TestDevicesRefused asks for a GPU where none exists: the refusal names what is missing, what there is, and what would do.
func TestDevicesRefused(t *testing.T) {
	known := func(s *pve.Snapshot) { s.MappingsRead = []pve.MappingKind{pve.MappingPCI, pve.MappingUSB} }
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		mapping  string
		kind     string // empty: "gpu"
		says     map[string][]string
	}{
		"None": {
			reason: "No mapping at all.", snapshot: known,
			says: map[string][]string{
				"en": {"No resource mapping of a GPU exists on this cluster (PCI mappings: 0; none)", "pmox01, pmox02, pmox03", "IOMMU", "Without the device the request would fit now, on: pmox03."},
				"fr": {"Aucun mappage de ressources pour un GPU n'existe sur ce cluster (mappages PCI : 0 ; aucun)", "IOMMU", "Sans le périphérique, la demande tiendrait maintenant, sur : pmox03."},
			},
		},
		"OtherDevices": {
			reason: "A network card is no GPU.", snapshot: func(s *pve.Snapshot) {
				known(s)
				s.Mappings = []pve.Mapping{{Name: "nic", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "pmox01", ID: "15b3:1017"}}}}
			},
			says: map[string][]string{"en": {"PCI mappings: 1; nic (pmox01)"}, "fr": {"mappages PCI : 1 ; nic (pmox01)"}},
		},
		"Named": {
			reason: "The mappings that exist are offered.", snapshot: addGPU, mapping: "gpu-a100",
			says: map[string][]string{"en": {"There is no PCI resource mapping gpu-a100", "gpu-rtx (pmox02)"}, "fr": {"Il n'y a pas de mappage de ressources PCI gpu-a100", "gpu-rtx (pmox02)"}},
		},
		"WhichOne": {
			reason: "A PCI device may be anything: none is picked.", kind: "pci", snapshot: func(s *pve.Snapshot) {
				known(s)
				for _, name := range []string{"hba", "nic"} {
					s.Mappings = append(s.Mappings, pve.Mapping{Name: name, Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "pmox01", ID: "15b3:1017"}}})
				}
			},
			says: map[string][]string{"en": {"Name one of the mappings: hba (pmox01), nic (pmox01)."}, "fr": {"Nommez l'un des mappages : hba (pmox01), nic (pmox01)."}},
		},
		"NotRead": {
			reason: "What could not be read is not said to be absent.", snapshot: func(*pve.Snapshot) {},
			says: map[string][]string{"en": {"is not known", "Mapping.Audit"}, "fr": {"On ignore", "Mapping.Audit"}},
		},
		"NodeAway": {
			reason: "A GPU of a node that is off serves nobody.", snapshot: func(s *pve.Snapshot) { addGPU(s); s.Mappings[0].Devices[0].Node = "pmox04" },
			says: map[string][]string{"en": {"none of these nodes is online"}, "fr": {"aucun de ces nœuds n'est en ligne"}},
		},
	}
	for name, tt := range tests {
		for _, lang := range i18n.Langs() {
			t.Run(name+"/"+lang, func(t *testing.T) {
				s, vm := lab(), gpuNode()
				tt.snapshot(s)
				vm.Devices[0].Kind = cmp.Or(tt.kind, "gpu")
				if tt.mapping != "" {
					vm.Devices[0].Mapping = new(tt.mapping)
				}
				_, err := New(input(s, payload(lang, vm)))
				refused := new(RefusedError)
				if !errors.As(err, &refused) || refused.Code != CodeDevice {
					t.Fatalf("%s\ngot %v, want %s", tt.reason, err, CodeDevice)
				}
				for _, part := range tt.says[lang] {
					if !strings.Contains(refused.Message, part) {
						t.Errorf("%s\n%q does not say %q", tt.reason, refused.Message, part)
					}
				}
				if err := wire.Validate(refused.Refusal()); err != nil || strings.ContainsAny(refused.Message, "{}") {
					t.Errorf("refusal breaks the contract or has a placeholder: %v %q", err, refused.Message)
				}
			})
		}
	}
}

// TestDeviceInUse guards that a GPU that a guest has already is not given away again.
func TestDeviceInUse(t *testing.T) {
	s := lab()
	addGPU(s)
	for i := range s.Guests {
		if s.Guests[i].VMID == 118 {
			s.Guests[i].Config = &pve.GuestConfig{Lines: map[string]string{"hostpci0": "mapping=gpu-rtx,pcie=1"}}
		}
	}
	_, err := New(input(s, payload("en", gpuNode())))
	refused := new(RefusedError)
	if !errors.As(err, &refused) || refused.Code != CodeNoCapacity || !strings.Contains(refused.Message, "pmox02: its devices gpu are all taken") {
		t.Fatalf("got %v %+v, want that no device is free", err, refused)
	}
}
