package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A published change is checked against the cluster like a person's: nothing is taken unseen.
func TestTypedChanges(t *testing.T) {
	change := func(c *provisov1.GuestChange) []*provisov1.GuestChange { return []*provisov1.GuestChange{c} }
	vm := []*provisov1.VirtualMachine{{Name: new("app"), Source: &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: new(int32(100))}}}}}
	tests := map[string]struct {
		vms     []*provisov1.VirtualMachine
		changes []*provisov1.GuestChange
		imports []*provisov1.GuestImport
		want    string
	}{
		"ByID":        {changes: change(&provisov1.GuestChange{VmId: new(int32(118)), MemoryMib: new(int32(16384))}), want: "118: mem=16384"},
		"ByName":      {changes: change(&provisov1.GuestChange{Name: new("web1"), DiskGib: new(int32(40))}), want: "130: disk=40"},
		"Unknown":     {changes: change(&provisov1.GuestChange{Name: new("nobody"), Cores: new(int32(4))}), want: "?change1.guest"},
		"Shrink":      {changes: change(&provisov1.GuestChange{VmId: new(int32(118)), DiskGib: new(int32(16))}), want: "!disk_shrink"},
		"AlreadySo":   {changes: change(&provisov1.GuestChange{VmId: new(int32(118)), Cores: new(int32(4))}), want: "answer"},
		"Import":      {imports: []*provisov1.GuestImport{{VmId: new(int32(118))}}, want: "import 118"},
		"Both":        {changes: change(&provisov1.GuestChange{VmId: new(int32(118)), Cores: new(int32(8))}), imports: []*provisov1.GuestImport{{VmId: new(int32(130))}}, want: "118: cores=8 | import 130"},
		"BothOneSo":   {changes: change(&provisov1.GuestChange{VmId: new(int32(118)), Cores: new(int32(4))}), imports: []*provisov1.GuestImport{{VmId: new(int32(130))}}, want: "import 130"},
		"BothRefused": {changes: change(&provisov1.GuestChange{VmId: new(int32(118)), Cores: new(int32(8))}), imports: []*provisov1.GuestImport{{VmId: new(int32(133))}}, want: "!guest_unknown"},
		"WithAMachine": {vms: vm, changes: change(&provisov1.GuestChange{VmId: new(int32(118)), Cores: new(int32(8))}),
			want: "name=app src=100 118: cores=8"},
		"WithAMachineRefused": {vms: vm, changes: change(&provisov1.GuestChange{VmId: new(int32(118)), DiskGib: new(int32(8))}), want: "!disk_shrink"},
	}
	r, snap := New(proxmox()), tagged()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := r.Understand(Request{ID: "r", Intent: &provisov1.ProvisionIntent{IntentId: "i", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
				VirtualMachines: tc.vms, Changes: tc.changes, Imports: tc.imports}}, snap)
			if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if problem := settled(u); problem != "" {
				t.Error(problem)
			}
		})
	}
}
