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

// Shows: T-3.3.5-216, T-3.3.2-06, T-3.3.2-08
func TestNewRefuses(t *testing.T) {
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		payload  func(*provisov1.ContextPayload)
		vm       func(*provisov1.VirtualMachine)
		code     string
		says     []string // parts of the French sentence
	}{
		"NoQuorum": {
			reason:   "Proxmox VE accepts no change without quorum.",
			snapshot: func(s *pve.Snapshot) { s.Quorate = false },
			code:     CodeNoQuorum, says: []string{"quorum"},
		},
		"Application": {
			reason: "What a repository says is read and told, although no dialect writes it.",
			payload: func(p *provisov1.ContextPayload) {
				p.Intent.VirtualMachines = nil
				p.Intent.Repositories = []*provisov1.Repository{{Url: new("https://git.example.org/shop.git")}}
				p.Applications = []*provisov1.Application{{Name: "shop", Components: []*provisov1.Component{
					{Name: "db", Images: []*provisov1.ImageFact{{Reference: "postgres:16", Role: "run"}}},
					{Name: "web", Ports: []*provisov1.PortFact{{Number: 8080, Protocol: "tcp"}}, Replicas: []*provisov1.ReplicaFact{{Count: 3}}},
				}}}
			},
			code: CodeWorkload, says: []string{"shop a été lu : db (postgres:16), web (8080/tcp, × 3).", "kubectl"},
		},
		"TooMuchMemory": {
			reason: "The refusal names what each node lacks and what would fit.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.MemoryMib = proto.Int32(1 << 20) },
			code:   CodeNoCapacity,
			says:   []string{"pmox03 a 18,0 Gio de mémoire libre pour les machines ; il en faut 1024,0 Gio.", "Avec 18,0 Gio de mémoire, elle tiendrait maintenant, sur pmox03.", "Pas en ligne : pmox04."},
		},
		"LocalTemplateElsewhere": {
			reason:   "The laboratory's literal case (C-17).",
			snapshot: func(s *pve.Snapshot) { s.Guests[0].Config.Disks[0].Storage = "local-lvm" },
			vm:       func(vm *provisov1.VirtualMachine) { vm.Placement = &provisov1.Placement{Nodes: []string{"pmox03"}} },
			code:     CodeNoCapacity,
			says:     []string{"Sans le souhait sur les nœuds, elle tiendrait sur : pmox01.", "stockage propre de pmox01"},
		},
		"TemplateUnknown": {
			reason: "The templates that exist are offered.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Source.GetTemplate().VmId = proto.Int32(999) },
			code:   CodeTemplateUnknown, says: []string{"999", "k3s-template (100)"},
		},
		"GuestIsNoTemplate": {
			reason: "A running machine is not a template.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Source.GetTemplate().VmId = proto.Int32(101) },
			code:   CodeTemplateUnknown, says: []string{"101"},
		},
		"TemplateOnLostNode": {
			reason:   "Its configuration lies on a node that does not answer.",
			snapshot: func(s *pve.Snapshot) { s.Guests[0].Node = "pmox04" },
			code:     CodeTemplateAway, says: []string{"pmox04"},
		},
		"StorageUnknown": {
			reason: "Storages that take disks are offered.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Disks = []*provisov1.Disk{{Storage: new("ssd")}} },
			code:   CodeStorageUnknown, says: []string{"pmoxpool01, local-lvm"},
		},
		"StorageTakesNoDisks": {
			reason: "CephFS holds files, no disks.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Disks = []*provisov1.Disk{{Storage: new("cephfs")}} },
			code:   CodeStorageUnusable, says: []string{"cephfs"},
		},
		"HAOnLocalStorage": {
			reason: "HA cannot start a machine elsewhere when its disk stays behind.",
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Ha = &provisov1.HighAvailability{Enabled: new(true)}
				vm.Disks = []*provisov1.Disk{{Storage: new("local-lvm")}}
			},
			code: CodeHAStorage, says: []string{"Sont partagés : pmoxpool01"},
		},
		"LinkedCloneElsewhere": {
			reason: "A linked clone shares the template's disk.",
			vm: func(vm *provisov1.VirtualMachine) {
				vm.FullClone = new(false)
				vm.Disks = []*provisov1.Disk{{Storage: new("local-lvm")}}
			},
			code: CodeLinkedClone, says: []string{"clone complet"},
		},
		"HAGroupUnknown": {
			reason: "The groups that exist are offered.",
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Ha = &provisov1.HighAvailability{Enabled: new(true), Group: new("ha2")}
			},
			code: CodeHAGroupUnknown, says: []string{"mainHA"},
		},
		"NetworkUnknown": {
			reason: "So are networks.",
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Networks = []*provisov1.NetworkInterface{{Bridge: new("vmbr9")}}
			},
			code: CodeNetworkUnknown, says: []string{"mainvnet, vmbr0"},
		},
		"PoolUnknown": {
			reason: "And pools.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Pool = new("prod") },
			code:   CodePoolUnknown, says: []string{"Backup-vms-pool"},
		},
		"NodeUnknown": {
			reason: "A wish for a node that does not exist is no wish that can be kept.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Placement = &provisov1.Placement{Nodes: []string{"pmox09"}} },
			code:   CodeNodeUnknown, says: []string{"pmox01, pmox02, pmox03, pmox04"},
		},
		"AddressOutside": {
			reason: "The address plan of the vnet is enforced.",
			vm:     static("10.0.0.5/24"),
			code:   CodeAddress, says: []string{"192.168.0.0/16"},
		},
		"AddressIsGateway":  {reason: "The gateway has it.", vm: static("192.168.0.1/16"), code: CodeAddress, says: []string{"passerelle"}},
		"AddressIsNetwork":  {reason: "The subnet's first address belongs to no machine.", vm: static("192.168.0.0/16"), code: CodeAddress, says: []string{"192.168.0.0/16"}},
		"AddressIsNonsense": {reason: "No byte is above 255.", vm: static("192.168.0.999/16"), code: CodeAddress, says: []string{"192.168.0.999/16"}},
		"AddressOfANode": {
			reason: "pmox02 answers there.",
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Networks = []*provisov1.NetworkInterface{{Bridge: new("vmbr0"), Ipv4: new("172.25.5.202/24")}}
			},
			code: CodeAddress, says: []string{"pmox02"},
		},
		"AddressTwice": {
			reason: "Two groups must not overlap.",
			payload: func(p *provisov1.ContextPayload) {
				a, b := webserver(), webserver()
				static("192.168.0.20/16")(a)
				a.Count = proto.Int32(3)
				static("192.168.0.22/16")(b)
				p.Intent.VirtualMachines = []*provisov1.VirtualMachine{a, b}
			},
			code: CodeAddress, says: []string{"192.168.0.22"},
		},
		"IDTaken": {
			reason: "The guest that has the id is named.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.VmId = proto.Int32(118) },
			code:   CodeVMIDTaken, says: []string{"AI-server"},
		},
		"NoImportStorage": {
			reason: "What has to be enabled, and where, is said.",
			payload: func(p *provisov1.ContextPayload) {
				p.Intent.VirtualMachines[0] = fromImage("https://example.org/a.qcow2")
			},
			code: CodeImportMissing, says: []string{"cephfs, local", "8.4"},
		},
		"NotAnImage": {
			reason: "Proxmox VE tells formats by the extension.",
			payload: func(p *provisov1.ContextPayload) {
				p.Intent.VirtualMachines[0] = fromImage("https://example.org/a.iso")
			},
			code: CodeImageUnknown, says: []string{".qcow2"},
		},
		"TooMany": {
			reason: "One plan has at most 1000 machines.",
			payload: func(p *provisov1.ContextPayload) {
				many := webserver()
				many.Count = proto.Int32(100)
				p.Intent.VirtualMachines = slices.Repeat([]*provisov1.VirtualMachine{many}, 11)
			},
			code: CodeTooMany, says: []string{"1100", "1000"},
		},
		"NoSource": {
			reason: "A machine has to be made from something.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Source = nil },
			code:   CodeIncomplete, says: []string{"modèle"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, p := lab(), payload("fr", webserver())
			if tt.snapshot != nil {
				tt.snapshot(s)
			}
			if tt.payload != nil {
				tt.payload(p)
			}
			if tt.vm != nil {
				tt.vm(p.GetIntent().GetVirtualMachines()[0])
			}
			_, err := New(input(s, p))
			var refused *RefusedError
			if !errors.As(err, &refused) {
				t.Fatalf("%s\ngot %v, want a refusal", tt.reason, err)
			}
			if refused.Code != tt.code {
				t.Errorf("%s\ncode: got %s, want %s (%s)", tt.reason, refused.Code, tt.code, refused.Message)
			}
			for _, part := range tt.says {
				if !strings.Contains(refused.Message, part) {
					t.Errorf("%s\nmessage %q does not say %q", tt.reason, refused.Message, part)
				}
			}
			if err := wire.Validate(refused.Refusal()); err != nil {
				t.Errorf("refusal breaks the contract: %v", err)
			}
			if strings.ContainsAny(refused.Message, "{}") {
				t.Errorf("message %q has a placeholder that nothing filled", refused.Message)
			}
		})
	}
}
