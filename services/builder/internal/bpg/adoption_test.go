package bpg_test

import (
	"strings"
	"testing"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/bpg"
	"proviso.dev/services/builder/internal/fixture"
)

func adoptionPlan(lang string) *provisov1.StrategicPlan {
	plan := fixture.Plan()
	plan.Language = lang
	plan.Adoptions = []*provisov1.PlannedAdoption{{
		Guest: &provisov1.PlannedAdoption_VirtualMachine{VirtualMachine: &provisov1.AdoptedVM{
			VmId: 123, Node: "pmox03", Name: "web|server", Running: true, Config: map[string]string{
				"name": "webserver", "memory": "8192", "cores": "4", "scsihw": "virtio-scsi-pci", "ostype": "l26", "scsi0": "pmoxpool01:vm-123-disk-0,size=64G,wwn=0x5",
				"cipassword": "hunter2", "ciuser": "ops", "description": "</script> ${oops} \"quoted\"", "serial1": "socket", "audio0": "device=AC97",
			},
		}},
		Differences: []*provisov1.ValueChange{{Attribute: "memory", Before: "4096 MiB", After: "8192 MiB"}, {Attribute: "scsi0", Before: "32 GiB", After: "64 GiB"}},
	}}
	return plan
}

// TestAdoptionReadme: the README says what changes from what to what, the two commands, that the state is to be kept, and
// what is not in the code, in both languages. No file holds a password.
func TestAdoptionReadme(t *testing.T) {
	tests := map[string][]string{
		"en": {
			"## Guests taken over", "| `memory` | 4096 MiB | 8192 MiB |", "| `scsi0` | 32 GiB | 64 GiB |", "1 to import, 0 to add, 1 to change and 0 to destroy", "tofu plan\ntofu apply",
			"Keep the state", "`tofu state rm`", "## Not in the code", "`scsi0.wwn`", "`cipassword`", "`audio0`", "`serial1`", "web¦server",
		},
		"fr": {"## Machines reprises", "Conservez l'état", "## Hors du code", "1 à importer"},
	}
	for lang, says := range tests {
		files := bpg.Render(bpg.Plain(adoptionPlan(lang), fixture.Snapshot()))
		for _, f := range files {
			if strings.Contains(f.Content, "hunter2") {
				t.Errorf("%s holds the password", f.Path)
			}
			if f.Path != "README.md" {
				continue
			}
			for _, s := range says {
				if !strings.Contains(f.Content, s) {
					t.Errorf("README (%s) does not say %q:\n%s", lang, s, f.Content)
				}
			}
		}
		for range 20 {
			for i, f := range bpg.Render(bpg.Plain(adoptionPlan(lang), fixture.Snapshot())) {
				if f.Content != files[i].Content {
					t.Fatalf("%s differs between two renderings of one plan", f.Path)
				}
			}
		}
	}
}
