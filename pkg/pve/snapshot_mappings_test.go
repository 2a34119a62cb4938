package pve

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMappingGPU(t *testing.T) {
	pci := func(name, description string, ids ...string) Mapping {
		m := Mapping{Name: name, Kind: MappingPCI, Description: description}
		for _, id := range ids {
			m.Devices = append(m.Devices, MappingDevice{Node: "n", ID: id})
		}
		return m
	}
	tests := map[string]struct {
		reason  string
		mapping Mapping
		want    bool
	}{
		"NVIDIA":       {"The vendor is enough, in any case of letters.", pci("compute", "", "10DE:20f1"), true},
		"AMD":          {"", pci("m0", "", "1002:744c"), true},
		"AMDChipset":   {"1022 is AMD's processors, not its graphics.", pci("m0", "", "1022:1480"), false},
		"IntelArc":     {"", pci("m0", "", "8086:56a0"), true},
		"IntelNetwork": {"Most of Intel's devices are no graphics processors.", pci("uplink", "X710", "8086:1572"), false},
		"ByName":       {"", pci("gpu-01", "", "1a03:2000"), true},
		"InFrench":     {"", pci("m0", "carte graphique de calcul", "1a03:2000"), true},
		"PartOfAWord":  {"Only whole words count.", pci("gputest2", "", "1a03:2000"), false},
		"OneOfSeveral": {"Nodes may have different cards under one name.", pci("m0", "", "8086:1572", "10de:2204"), true},
		"NoDevice":     {"", pci("m0", ""), false},
		"USB":          {"A graphics adapter on USB runs no model.", Mapping{Name: "gpu", Kind: MappingUSB}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tc.mapping.GPU(); got != tc.want {
				t.Errorf("%s\ngot %t, want %t", tc.reason, got, tc.want)
			}
		})
	}
}

func TestMappingUsers(t *testing.T) {
	gpu := Mapping{Name: "gpu", Kind: MappingPCI}
	lines := func(kv ...string) *GuestConfig {
		c := &GuestConfig{Lines: map[string]string{}}
		for i := 0; i < len(kv); i += 2 {
			c.Lines[kv[i]] = kv[i+1]
		}
		return c
	}
	tests := map[string]struct {
		reason   string
		guests   []Guest
		mapping  Mapping
		want     []int
		complete bool
	}{
		"None": {reason: "A container has no mapping, a template starts nowhere.", mapping: gpu, complete: true,
			guests: []Guest{{VMID: 1, Kind: KindContainer}, {VMID: 2, Template: true, Config: &GuestConfig{}}}},
		"Unread": {reason: "What was not looked at may use it.", mapping: gpu, guests: []Guest{{VMID: 1, Kind: KindVM}}},
		"Known": {reason: "A device by its address or of another name is not it.", mapping: gpu, complete: true, want: []int{2, 4}, guests: []Guest{
			{VMID: 1, Kind: KindVM, Config: lines("hostpci0", "0000:01:00.0,pcie=1")}, {VMID: 2, Kind: KindVM, Config: lines("hostpci1", "mapping=gpu,pcie=1")},
			{VMID: 3, Kind: KindVM, Config: lines("hostpci0", "mapping=gpu2", "hostpcix", "mapping=gpu")}, {VMID: 4, Kind: KindVM, Config: lines("hostpci0", "mapping=gpu", "hostpci1", "mapping=gpu")},
		}},
		"USB": {reason: "", mapping: Mapping{Name: "gpu", Kind: MappingUSB}, complete: true, want: []int{2}, guests: []Guest{
			{VMID: 1, Kind: KindVM, Config: lines("hostpci0", "mapping=gpu")}, {VMID: 2, Kind: KindVM, Config: lines("usb0", "mapping=gpu")},
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, complete := (&Snapshot{Guests: tc.guests}).MappingUsers(tc.mapping)
			if diff := cmp.Diff(tc.want, got); diff != "" || complete != tc.complete {
				t.Errorf("%s\ncomplete %t, want %t; -want, +got:\n%s", tc.reason, complete, tc.complete, diff)
			}
		})
	}
}

// A token without Mapping.Audit is answered with a shorter list and no word about it.
func TestMappingsHidden(t *testing.T) {
	tests := map[string]struct {
		reason, perms string
		known         bool
	}{
		"Held":     {"", `{"/":` + auditor + `}`, true},
		"Missing":  {"Nothing is known of a list that privileges shorten.", `{"/":{"Datastore.Audit":1,"Pool.Audit":1,"SDN.Audit":1,"Sys.Audit":1,"VM.Audit":1}}`, false},
		"Narrowed": {"", `{"/":` + auditor + `,"/mapping/pci/secret":{"VM.Audit":1}}`, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answers := cluster("9.1.1")
			answers["/access/permissions"] = data(tc.perms)
			got, err := newStub(t, answers).reader(t, nil).Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			section, _ := got.Section("mappings")
			if got.MappingsKnown(MappingPCI) != tc.known || section.Complete != tc.known || section.Count != 2 {
				t.Errorf("%s\nknown %t, section %+v; want known %t", tc.reason, got.MappingsKnown(MappingPCI), section, tc.known)
			}
		})
	}
}
