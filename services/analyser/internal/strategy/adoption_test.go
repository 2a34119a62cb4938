package strategy

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// adoptable is the laboratory with what the collector adds for worker-node-2 and OPNsense: their configuration.
func adoptable() *pve.Snapshot {
	s := lab()
	for i := range s.Guests {
		switch g := &s.Guests[i]; g.VMID {
		case 123:
			g.Config = &pve.GuestConfig{
				Cores: 6, Sockets: 1, MemoryMiB: 8192, Agent: true, Boot: "order=ide2;scsi0;net0", CloudInit: "ide2",
				Disks: []pve.Disk{{Slot: "scsi0", Storage: "pmoxpool01", Volume: "pmoxpool01:vm-123-disk-0", SizeBytes: 32 * gib, Discard: true, IOThread: true}},
				Lines: map[string]string{
					"name": "worker-node-2", "cores": "6", "sockets": "1", "memory": "8192", "agent": "1", "cpu": "x86-64-v2-AES", "balloon": "0",
					"scsi0": "pmoxpool01:vm-123-disk-0,discard=on,iothread=1,size=32G", "ide2": "pmoxpool01:vm-123-cloudinit,media=cdrom",
					"boot": "order=ide2;scsi0;net0", "net0": "virtio=BC:24:11:00:01:23,bridge=mainvnet", "tags": "k3s;worker", "onboot": "1", "scsihw": "virtio-scsi-pci",
				},
			}
		case 101:
			g.HA = true
			g.Config = &pve.GuestConfig{
				Cores: 2, Sockets: 1, MemoryMiB: 4096,
				Disks: []pve.Disk{{Slot: "virtio0", Storage: "pmoxpool01", Volume: "pmoxpool01:vm-101-disk-0", SizeBytes: 32 * gib}},
				Lines: map[string]string{
					"name": "OPNsense", "cores": "2", "memory": "4096", "virtio0": "pmoxpool01:vm-101-disk-0,size=32G,wwn=0x5000",
					"description": "the firewall\n", "cipassword": "**********",
				},
			}
		}
	}
	s.Guests = append(s.Guests, pve.Guest{
		VMID: 130, Name: "proxy", Kind: pve.KindContainer, Node: "pmox02", Status: pve.GuestRunning, CPUs: 2, MemoryBytes: 1 * gib, Pool: "Backup-vms-pool",
		Config: &pve.GuestConfig{
			Cores: 2, Sockets: 1, MemoryMiB: 1024, Disks: []pve.Disk{{Slot: "rootfs", Storage: "pmoxpool01", Volume: "pmoxpool01:vm-130-disk-0", SizeBytes: 8 * gib}},
			Lines: map[string]string{"hostname": "proxy", "cores": "2", "memory": "1024", "ostype": "debian", "rootfs": "pmoxpool01:vm-130-disk-0,size=8G"},
		},
	})
	return s
}

func changes(lang string, cs ...*provisov1.GuestChange) *provisov1.ContextPayload {
	p := payload(lang)
	p.Intent.Changes = cs
	return p
}

// TestAdoptionPlanned: the configuration afterwards has what was asked for, and everything else as it was.
func TestAdoptionPlanned(t *testing.T) {
	type difference struct{ Attribute, Before, After string }
	tests := map[string]struct {
		reason  string
		payload *provisov1.ContextPayload
		// lines that differ from the guest's own; an empty value: gone.
		lines       map[string]string
		differences []difference
		risks       []string
	}{
		"AsItIs": {
			reason: "An import changes nothing.",
			payload: func() *provisov1.ContextPayload {
				p := payload("en")
				p.Intent.Imports = []*provisov1.GuestImport{{Name: new("worker-node-2")}}
				return p
			}(),
		},
		"Larger": {
			reason:      "Memory, cores and the boot disk; what the provider writes along is there already.",
			payload:     changes("fr", &provisov1.GuestChange{VmId: proto.Int32(123), MemoryMib: proto.Int32(10240), Cores: proto.Int32(8), DiskGib: proto.Int32(50)}),
			lines:       map[string]string{"memory": "10240", "cores": "8", "scsi0": "pmoxpool01:vm-123-disk-0,discard=on,iothread=1,size=50G"},
			differences: []difference{{"cores", "6", "8"}, {"memory", "8192 Mio", "10240 Mio"}, {"scsi0", "32 Gio", "50 Gio"}},
			risks:       []string{"agent invité, puis la redémarre", "système de fichiers"},
		},
		"Defaults": {
			reason:  "The provider writes CPU type, balloon and controller along: what was a default is written out, so that it stays.",
			payload: changes("en", &provisov1.GuestChange{Name: new("opnsense"), MemoryMib: proto.Int32(6144), Cores: proto.Int32(3)}),
			lines:   map[string]string{"memory": "6144", "cores": "3", "cpu": "kvm64", "balloon": "6144", "scsihw": "lsi"},
			differences: []difference{
				{"cores", "2", "3"}, {"cpu.type", "kvm64 (default of Proxmox VE)", "kvm64"},
				{"memory", "4096 MiB", "6144 MiB"}, {"balloon", "4096 MiB (default of Proxmox VE)", "6144 MiB"},
				{"scsi_hardware", "lsi (default of Proxmox VE)", "lsi"},
			},
			risks: []string{"without a clean shutdown", "under HA", "password"},
		},
		"Labels": {
			reason: "Name, tags, description and flags take effect at once; tags are sorted and in lower case.",
			payload: changes("en", &provisov1.GuestChange{
				VmId: proto.Int32(123), NewName: new("worker-2"), AddTags: []string{"Prod", "k3s"}, RemoveTags: []string{"worker", "blue"},
				Description: new("the second worker"), StartAtBoot: new(false), Protection: new(true),
			}),
			lines: map[string]string{"name": "worker-2", "tags": "k3s;prod", "description": "the second worker", "onboot": "0", "protection": "1"},
			differences: []difference{
				{"name", "worker-node-2", "worker-2"}, {"tags", "k3s, worker", "k3s, prod"}, {"start_at_boot", "yes", "no"}, {"protection", "no", "yes"},
				{"description", "none", "the second worker"},
			},
			risks: []string{"tag blue"},
		},
		"NewDisk": {
			reason:      "A new disk goes to the next slot of the boot disk's bus, where the boot disk lies, tuned like it.",
			payload:     changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), AddDisks: []*provisov1.Disk{{SizeGib: proto.Int32(20)}}}),
			lines:       map[string]string{"scsi1": "pmoxpool01:20,discard=on,iothread=1"},
			differences: []difference{{"scsi1", "none", "20 GiB on pmoxpool01"}},
		},
		"Container": {
			reason:      "A container's swap is written with its memory, and its host name is its name.",
			payload:     changes("en", &provisov1.GuestChange{Name: new("proxy"), NewName: new("proxy-1"), MemoryMib: proto.Int32(2048), DiskGib: proto.Int32(12)}),
			lines:       map[string]string{"hostname": "proxy-1", "memory": "2048", "swap": "512", "rootfs": "pmoxpool01:vm-130-disk-0,size=12G"},
			differences: []difference{{"name", "proxy", "proxy-1"}, {"memory", "1024 MiB", "2048 MiB"}, {"swap", "512 MiB (default of Proxmox VE)", "512 MiB"}, {"rootfs", "8 GiB", "12 GiB"}},
			risks:       []string{"restarts the container"},
		},
		"Already": {
			reason:  "A change that is no change is said to be none.",
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), MemoryMib: proto.Int32(8192), AddTags: []string{"k3s"}, DiskGib: proto.Int32(32)}),
			risks:   []string{"has these values already"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := adoptable()
			p, err := plan(input(s, tt.payload))
			if err != nil {
				t.Fatal(err)
			}
			if err := wire.Validate(p); err != nil {
				t.Fatalf("%s\nthe plan breaks the contract: %v", tt.reason, err)
			}
			if len(p.GetAdoptions()) != 1 || len(p.GetVirtualMachines()) > 0 {
				t.Fatalf("%s\ngot %v", tt.reason, p)
			}
			a := p.GetAdoptions()[0]
			var vm interface {
				GetVmId() int32
				GetName() string
				GetConfig() map[string]string
			} = a.GetVirtualMachine()
			if a.GetContainer() != nil {
				vm = a.GetContainer()
			}
			g, _ := s.Guest(int(vm.GetVmId()))
			want := maps.Clone(g.Config.Lines)
			maps.Copy(want, tt.lines)
			if diff := cmp.Diff(want, vm.GetConfig()); diff != "" {
				t.Errorf("%s\nconfiguration (-want +got):\n%s", tt.reason, diff)
			}
			var got []difference
			for _, v := range a.GetDifferences() {
				got = append(got, difference{v.GetAttribute(), v.GetBefore(), v.GetAfter()})
			}
			if diff := cmp.Diff(tt.differences, got); diff != "" {
				t.Errorf("%s\ndifferences (-want +got):\n%s", tt.reason, diff)
			}
			risks := strings.Join(p.GetRisks(), "\n")
			for _, r := range tt.risks {
				if !strings.Contains(risks, r) {
					t.Errorf("%s\nrisks do not say %q:\n%s", tt.reason, r, risks)
				}
			}
			if d := p.GetPlacement()[0]; d.GetGuest() != vm.GetName() || d.GetNode() != g.Node || len(d.GetNodes()) != len(s.Nodes) {
				t.Errorf("%s\nplacement %v", tt.reason, d)
			}
		})
	}
}

// TestAdoptionRefused: what cannot be is refused with a code and with what can.
func TestAdoptionRefused(t *testing.T) {
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		payload  *provisov1.ContextPayload
		code     string
		says     []string
	}{
		"Unknown": {
			reason: "A name that nobody has: the nearest is offered.", code: CodeGuestUnknown, says: []string{"worker-node-9", "worker-node-1 (122)"},
			payload: changes("en", &provisov1.GuestChange{Name: new("worker-node-9"), Cores: proto.Int32(2)}),
		},
		"UnknownID": {
			reason: "An id that nobody has.", code: CodeGuestUnknown, says: []string{"125", "worker-node-3 (124)"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(125), Cores: proto.Int32(2)}),
		},
		"Mismatch": {
			reason: "Id and name that mean different guests.", code: CodeGuestUnknown, says: []string{"worker-node-2", "OPNsense"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), Name: new("OPNsense"), Cores: proto.Int32(2)}),
		},
		"Template": {
			reason: "A template is no machine.", code: CodeGuestTemplate, says: []string{"k3s-template"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(100), Cores: proto.Int32(4)}),
		},
		"Away": {
			reason: "A guest of a node that is off is not known.", code: CodeGuestAway, says: []string{"pmox04"},
			snapshot: func(s *pve.Snapshot) { s.Guests[7].Node, s.Guests[7].Status = "pmox04", pve.GuestUnknown },
			payload:  changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), Cores: proto.Int32(2)}),
		},
		"Unread": {
			reason: "Without its configuration nothing can be written.", code: CodeGuestUnread, says: []string{"VM.Audit"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(122), Cores: proto.Int32(2)}),
		},
		"Locked": {
			reason: "A guest that is being backed up.", code: CodeGuestLocked, says: []string{"backup"},
			snapshot: func(s *pve.Snapshot) { s.Guests[7].Config.Lines["lock"] = "backup" },
			payload:  changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), Cores: proto.Int32(2)}),
		},
		"Shrink": {
			reason: "A disk only grows.", code: CodeDiskShrinks, says: []string{"32 GiB or more"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), DiskGib: proto.Int32(16)}),
		},
		"Drops": {
			reason: "The provider would lose the disk's WWN.", code: CodeChangeUnsafe, says: []string{"virtio0", "wwn"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(101), DiskGib: proto.Int32(64)}),
		},
		"SmallDisk": {
			reason: "The provider cannot hold a disk of less than 1 GiB.", code: CodeChangeUnsafe, says: []string{"scsi1", "1 GiB"},
			snapshot: func(s *pve.Snapshot) {
				c := s.Guests[7].Config
				c.Disks = append(c.Disks, pve.Disk{Slot: "scsi1", Storage: "pmoxpool01", SizeBytes: gib / 2})
			},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), DiskGib: proto.Int32(64)}),
		},
		"Memory": {
			reason: "pmox03 has 32 GiB: 2 for the host, 12 promised, so worker-node-2 can have 8 + 18.", code: CodeNoCapacity, says: []string{"26.0 GiB at most", "pmox03"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), MemoryMib: proto.Int32(27 << 10)}),
		},
		"Threads": {
			reason: "No machine starts with more vCPUs than its node has threads.", code: CodeNoCapacity, says: []string{"20 threads"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), Cores: proto.Int32(21)}),
		},
		"Space": {
			reason: "The pool has 550 GiB free.", code: CodeNoCapacity, says: []string{"pmoxpool01", "550.0"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), DiskGib: proto.Int32(600)}),
		},
		"NameTaken": {
			reason: "A new name that another guest has.", code: CodeNameTaken, says: []string{"Worker-Node-1"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), NewName: new("Worker-Node-1")}),
		},
		"Twice": {
			reason: "One guest has one state afterwards.", code: CodeGuestTwice, says: []string{"worker-node-2"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(123), Cores: proto.Int32(2)}, &provisov1.GuestChange{Name: new("worker-node-2"), Cores: proto.Int32(4)}),
		},
		"ContainerDisk": {
			reason: "A further disk of a container has to be mounted somewhere.", code: CodeIncomplete, says: []string{"proxy", "root disk"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(130), AddDisks: []*provisov1.Disk{{SizeGib: proto.Int32(5)}}}),
		},
		"LocalUnderHA": {
			reason: "A guest under HA takes no disk that one node alone has.", code: CodeHAStorage, says: []string{"pmoxpool01"},
			payload: changes("en", &provisov1.GuestChange{VmId: proto.Int32(101), AddDisks: []*provisov1.Disk{{SizeGib: proto.Int32(5), Storage: new("local-lvm")}}}),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := adoptable()
			if tt.snapshot != nil {
				tt.snapshot(s)
			}
			for _, lang := range []string{"en", "fr"} {
				tt.payload.Language = lang
				_, err := New(input(s, tt.payload))
				var refused *RefusedError
				if !errors.As(err, &refused) || refused.Code != tt.code {
					t.Fatalf("%s\ngot %v, want a refusal with code %s", tt.reason, err, tt.code)
				}
				if strings.ContainsAny(refused.Message, "{}") {
					t.Errorf("message %q has a placeholder that nothing filled", refused.Message)
				}
				for _, part := range tt.says {
					if lang == "en" && !strings.Contains(refused.Message, part) {
						t.Errorf("%s\nmessage %q does not say %q", tt.reason, refused.Message, part)
					}
				}
			}
		})
	}
}

// TestAdoptionLeavesLess: a machine of the same request finds what the changed guest leaves, and the effect counts both.
func TestAdoptionLeavesLess(t *testing.T) {
	p := payload("en", webserver())
	p.Intent.Changes = []*provisov1.GuestChange{{VmId: proto.Int32(123), MemoryMib: proto.Int32(20 << 10)}}
	got, err := plan(input(adoptable(), p))
	if err != nil {
		t.Fatal(err)
	}
	if vm := got.GetVirtualMachines()[0]; vm.GetNode() == "pmox03" {
		t.Error("webserver is on pmox03, which worker-node-2 filled")
	}
	for _, n := range got.GetEffect().GetNodes() {
		if n.GetNode() == "pmox03" && n.GetMemoryUsedAfterMib()-n.GetMemoryUsedBeforeMib() != 12<<10 {
			t.Errorf("effect on pmox03: %d MiB before, %d after; want 12288 more", n.GetMemoryUsedBeforeMib(), n.GetMemoryUsedAfterMib())
		}
	}
}
