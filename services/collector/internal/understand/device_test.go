package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A mapping that the cluster has is meant by its name; what has no such name is a kind, and the analyser looks for one.
//
// Shows: T-3.3.5-204
func TestDevices(t *testing.T) {
	named := []*provisov1.Device{{Kind: "gpu", Mapping: new("gpu-rtx")}}
	tests := map[string]struct {
		reason, en, fr string
		want           []*provisov1.Device
	}{
		"Named":   {"A mapping is a name of the cluster.", "VM named v1 from 100 with the GPU gpu-rtx", "VM nommée v1 depuis 100 avec le GPU gpu-rtx", named},
		"Mapping": {"So it is after the word for it.", "VM named v1 from 100 with a GPU mapping gpu-rtx", "VM nommée v1 depuis 100 avec un GPU nommé gpu-rtx", named},
		"Kind":    {"Any that fits.", "VM named v1 from 100 with a GPU", "VM nommée v1 depuis 100 avec un GPU", []*provisov1.Device{{Kind: "gpu"}}},
		"None":    {"Expressly none.", "VM named v1 from 100 without a GPU", "VM nommée v1 depuis 100 sans GPU", nil},
	}
	snap := *rich()
	snap.Mappings = []pve.Mapping{{Name: "gpu-rtx", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "pmox02", ID: "10de:2204"}}}}
	for name, tc := range tests {
		for lang, text := range map[string]string{"en": tc.en, "fr": tc.fr} {
			t.Run(name+"/"+lang, func(t *testing.T) {
				u := New(proxmox()).Understand(Request{ID: "run-1", Text: text, Language: lang}, &snap)
				if u.GetRefusal() != nil || len(u.GetIntent().GetVirtualMachines()) != 1 {
					t.Fatalf("%s\n%q gives %v", tc.reason, text, u)
				}
				vm := u.GetIntent().GetVirtualMachines()[0]
				if diff := cmp.Diff(tc.want, vm.GetDevices(), protocmp.Transform()); diff != "" || vm.GetName() != "v1" {
					t.Errorf("%s\n%q (-want +got):\n%s", tc.reason, text, diff)
				}
				if words := u.GetIntent().GetNotUnderstood(); len(words) > 0 {
					t.Errorf("%q leaves %q over", text, words)
				}
			})
		}
	}
}
