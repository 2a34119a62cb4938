package strategy

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Shows: T-3.3.5-213, T-4.7.4-06
//
// TestScenario4 is the thesis's request on the thesis's laboratory: every value of the machine, and every figure behind the
// node.
func TestScenario4(t *testing.T) {
	got, err := plan(input(lab(), payload("fr", webserver())))
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.Validate(got); err != nil {
		t.Errorf("plan breaks the contract: %v", err)
	}
	machine := &provisov1.PlannedVM{
		Name: "webserver", VmId: 125, Node: "pmox03",
		Source: &provisov1.PlannedVM_Clone{Clone: &provisov1.PlannedClone{VmId: 100, Name: "k3s-template", Node: "pmox01", Full: true}},
		Cores:  2, Sockets: 1, CpuType: "x86-64-v2-AES", MemoryMib: 2048,
		Disks:          []*provisov1.PlannedDisk{{Slot: "scsi0", Storage: "pmoxpool01", SizeGib: 32, Discard: true}},
		Nics:           []*provisov1.PlannedNIC{{Bridge: "mainvnet", Ipv4: "dhcp", Model: "virtio"}},
		Initialization: &provisov1.PlannedInitialization{Storage: "pmoxpool01", Slot: "ide2", User: "admin-ubt"},
		Started:        true, Agent: true, Bios: "seabios", OsType: "l26", ScsiHardware: "virtio-scsi-pci", SerialConsole: true,
	}
	if diff := cmp.Diff([]*provisov1.PlannedVM{machine}, got.GetVirtualMachines(), protocmp.Transform()); diff != "" {
		t.Errorf("machine (-want +got):\n%s", diff)
	}
	decision := &provisov1.PlacementDecision{
		Guest: "webserver", Node: "pmox03",
		Reason: "pmox03 a 18,0 Gio de mémoire libre pour les machines sur 32,0 Gio et en garde 16,0 Gio ; sa charge est de 17 %, et 10 vCPU sur 80 seront promis. " +
			"Il garde la plus grande part libre de sa ressource la plus rare, 50 %, devant pmox01 (14,0 Gio), pmox02 (10,0 Gio). " +
			"Si un nœud quelconque est perdu, chaque machine en marche trouve encore de la mémoire sur les autres.",
		Nodes: []*provisov1.NodeAssessment{
			{Node: "pmox01", Outcome: "possible", LoadPercent: 17, MemoryFreeMib: 14 << 10, CopiedGib: 32, Reason: "Possible, mais il garderait moins : 14,0 Gio libres sur 32,0 Gio, charge 17 %, 38 % de sa ressource la plus rare."},
			{Node: "pmox02", Outcome: "possible", LoadPercent: 17, MemoryFreeMib: 10 << 10, CopiedGib: 32, Reason: "Possible, mais il garderait moins : 10,0 Gio libres sur 32,0 Gio, charge 17 %, 25 % de sa ressource la plus rare."},
			{Node: "pmox03", Outcome: "chosen", LoadPercent: 17, MemoryFreeMib: 18 << 10, CopiedGib: 32, Reason: "Choisi : 18,0 Gio libres sur 32,0 Gio, charge 17 %, garde 50 % de sa ressource la plus rare."},
			{Node: "pmox04", Outcome: "rejected", Reason: "pmox04 n'est pas en ligne : ses ressources sont inconnues, et rien n'y est prévu."},
		},
	}
	if diff := cmp.Diff([]*provisov1.PlacementDecision{decision}, got.GetPlacement(), protocmp.Transform()); diff != "" {
		t.Errorf("placement (-want +got):\n%s", diff)
	}
	effect := &provisov1.Effect{
		SurvivesNodeLoss: true, SurvivedNodeLossBefore: true, MemoryReserveMib: 40 << 10,
		VcpuReserve: 3*80 - 10 - 12 - 10,
		// Utilisation before: (16/32 + 10/80)/2, (20/32 + 12/80)/2, (12/32 + 8/80)/2; after, pmox03: (14/32 + 10/80)/2.
		ImbalanceBefore: imbalanceOf(0.3125, 0.3875, 0.2375), ImbalanceAfter: imbalanceOf(0.3125, 0.3875, 0.28125),
		Storages: []*provisov1.StorageEffect{{Storage: "pmoxpool01", TotalBytes: 850 * gib, UsableBeforeBytes: 550 * gib, UsableAfterBytes: 518 * gib}},
		Nodes: []*provisov1.NodeEffect{
			{Node: "pmox01", Cpus: 20, VcpusBefore: 10, VcpusAfter: 10, MemoryMib: 32 << 10, MemoryUsedBeforeMib: 16 << 10, MemoryUsedAfterMib: 16 << 10},
			{Node: "pmox02", Cpus: 20, VcpusBefore: 12, VcpusAfter: 12, MemoryMib: 32 << 10, MemoryUsedBeforeMib: 20 << 10, MemoryUsedAfterMib: 20 << 10},
			{Node: "pmox03", Cpus: 20, VcpusBefore: 8, VcpusAfter: 10, MemoryMib: 32 << 10, MemoryUsedBeforeMib: 12 << 10, MemoryUsedAfterMib: 14 << 10},
		},
	}
	if diff := cmp.Diff(effect, got.GetEffect(), protocmp.Transform(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("effect (-want +got):\n%s", diff)
	}
	risks := []string{"Pas en ligne au moment de la planification : pmox04. Ce qui y tourne est inconnu, et rien n'y est prévu."}
	if diff := cmp.Diff(risks, got.GetRisks()); diff != "" {
		t.Errorf("risks (-want +got):\n%s", diff)
	}
}

// imbalanceOf is the population standard deviation divided by the mean.
func imbalanceOf(use ...float64) float64 {
	sum, square := 0.0, 0.0
	for _, u := range use {
		sum += u
	}
	mean := sum / float64(len(use))
	for _, u := range use {
		square += (u - mean) * (u - mean)
	}
	return math.Sqrt(square/float64(len(use))) / mean
}

// Shows: T-3.3.5-213
func TestPlanResolves(t *testing.T) {
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		vm       func(*provisov1.VirtualMachine)
		source   *provisov1.VirtualMachine // nil: the web server of scenario 4
		want     func(*provisov1.StrategicPlan) any
		expect   any
	}{
		"StaticAddressesAreCountedOn": {
			reason: "Three machines take the stated address and the two after it; the gateway is the vnet's.",
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Count = proto.Int32(3)
				vm.Networks = []*provisov1.NetworkInterface{{Ipv4: new("192.168.0.254/16")}}
			},
			want:   addresses,
			expect: []string{"192.168.0.254/16 via 192.168.0.1", "192.168.0.255/16 via 192.168.0.1", "192.168.1.0/16 via 192.168.0.1"},
		},
		"GatewayOfABridge": {
			reason: "The nodes' own gateway serves machines in their subnet.",
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Networks = []*provisov1.NetworkInterface{{Bridge: new("vmbr0"), Vlan: proto.Int32(7), Ipv4: new("172.25.5.50/24")}}
			},
			want: addresses, expect: []string{"172.25.5.50/24 via 172.25.5.1"},
		},
		"DiskGrows": {
			reason: "A stated size above the template's is taken.",
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Disks = []*provisov1.Disk{{SizeGib: proto.Int32(64)}, {SizeGib: proto.Int32(100), Storage: new("local-lvm")}}
			},
			snapshot: func(s *pve.Snapshot) { widen(s, "local-lvm", 500*gib) },
			want:     disks,
			expect:   []string{"scsi0 pmoxpool01 64 discard", "scsi1 local-lvm 100 discard"},
		},
		"DiskNeverShrinks": {
			reason: "The template's 32 GiB cannot shrink to 10.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Disks = []*provisov1.Disk{{SizeGib: proto.Int32(10)}} },
			want:   disks, expect: []string{"scsi0 pmoxpool01 32 discard"},
		},
		"OddSizeIsRoundedUp": {
			reason: "A declared size below the template's fails when it is applied: 2.2 GiB become 3.",
			snapshot: func(s *pve.Snapshot) {
				s.Guests[0].Config.Disks[0].SizeBytes = 2252 << 20
			},
			want: disks, expect: []string{"scsi0 pmoxpool01 3 discard"},
		},
		"FullTemplateStorageIsLeft": {
			reason:   "The template's storage has no room, so the disk goes where there is some.",
			snapshot: func(s *pve.Snapshot) { fill(s, "pmoxpool01"); share(s, "cephfs2", 100*gib) },
			want:     disks, expect: []string{"scsi0 cephfs2 32 discard"},
		},
		"SecondDiskOfTheTemplate": {
			reason: "It comes along as it is, and iothread needs the single controller.",
			snapshot: func(s *pve.Snapshot) {
				c := s.Guests[0].Config
				c.SCSIHW = "virtio-scsi-single"
				c.Disks = append(c.Disks, pve.Disk{Slot: "sata1", Storage: "pmoxpool01", SizeBytes: 5 * gib, SSD: true})
			},
			want: disks, expect: []string{"scsi0 pmoxpool01 32 discard iothread", "sata1 pmoxpool01 5 discard ssd"},
		},
		"TagsAreSorted": {
			reason: "Proxmox VE stores tags sorted, in lower case, once; anything else shows as a change on the next plan.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Tags = []string{"Web", "prod", "web"} },
			want:   func(p *provisov1.StrategicPlan) any { return p.GetVirtualMachines()[0].GetTags() },
			expect: []string{"prod", "web"},
		},
		"HAGroupDecidesTheNode": {
			reason: "HA would move the machine to the group's online node of highest priority at once.",
			snapshot: func(s *pve.Snapshot) {
				s.HAGroups[0].Nodes = map[string]int{"pmox01": 1, "pmox02": 5, "pmox04": 9}
			},
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Ha = &provisov1.HighAvailability{Enabled: new(true), Group: new("mainHA")}
			},
			want:   func(p *provisov1.StrategicPlan) any { return p.GetVirtualMachines()[0].GetNode() },
			expect: "pmox02",
		},
		"HARuleOfPVE9": {
			reason: "Groups have become rules in Proxmox VE 9.",
			snapshot: func(s *pve.Snapshot) {
				s.Version, s.HAGroups = "9.1.0", nil
				s.HARules = []pve.HARule{{Name: "mainHA", Type: "node-affinity", Nodes: map[string]int{"pmox01": 0}, Strict: true}}
			},
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Ha = &provisov1.HighAvailability{Group: new("mainHA")}
			},
			want: func(p *provisov1.StrategicPlan) any {
				return p.GetVirtualMachines()[0].GetHaGroup() + "@" + p.GetVirtualMachines()[0].GetNode()
			},
			expect: "mainHA@pmox01",
		},
		"LocalTemplateStaysOnItsNode": {
			reason:   "A template on pmox01's own storage is cloned on pmox01 (C-17).",
			snapshot: func(s *pve.Snapshot) { s.Guests[0].Config.Disks[0].Storage = "local-lvm" },
			want:     nodesAndDisks, expect: []string{"pmox01 local-lvm"},
		},
		"LocalTemplateToANamedStorage": {
			reason:   "With a storage named for its disk the clone can go to another node.",
			snapshot: func(s *pve.Snapshot) { s.Guests[0].Config.Disks[0].Storage = "local-lvm" },
			vm: func(vm *provisov1.VirtualMachine) {
				vm.Disks = []*provisov1.Disk{{Storage: new("pmoxpool01")}}
			},
			want: nodesAndDisks, expect: []string{"pmox03 pmoxpool01"},
		},
		"ImageIsDownloadedOnce": {
			reason:   "Two machines from one address share a download onto the shared storage; the name gets an extension that Proxmox VE imports.",
			snapshot: func(s *pve.Snapshot) { allow(s, "cephfs", "import") },
			source:   fromImage("https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img"),
			vm:       func(vm *provisov1.VirtualMachine) { vm.Count = proto.Int32(2) },
			want: func(p *provisov1.StrategicPlan) any {
				var got []string
				for _, d := range p.GetDownloads() {
					got = append(got, d.GetNode()+" "+d.GetStorage()+" "+d.GetFileName())
				}
				for _, vm := range p.GetVirtualMachines() {
					got = append(got, vm.GetNode()+" "+vm.GetScsiHardware())
				}
				return got
			},
			expect: []string{"pmox03 cephfs noble-server-cloudimg-amd64.qcow2", "pmox03 virtio-scsi-single", "pmox03 virtio-scsi-single"},
		},
		"ImageOnANode": {
			reason: "An image on one node's own storage ties the machine to it.",
			snapshot: func(s *pve.Snapshot) {
				s.Volumes = []pve.Volume{{ID: "local:import/noble.qcow2", Storage: "local", Node: "pmox02", Content: "import"}}
			},
			source: func() *provisov1.VirtualMachine {
				vm := webserver()
				vm.Source = &provisov1.Source{Kind: &provisov1.Source_Image{Image: &provisov1.ImageSource{Volume: new("local:import/noble.qcow2")}}}
				return vm
			}(),
			want: nodesAndDisks, expect: []string{"pmox02 pmoxpool01"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, vm := lab(), tt.source
			if vm == nil {
				vm = webserver()
			}
			if tt.snapshot != nil {
				tt.snapshot(s)
			}
			if tt.vm != nil {
				tt.vm(vm)
			}
			p, err := plan(input(s, payload("en", vm)))
			if err != nil {
				t.Fatalf("%s\n%v", tt.reason, errText(err))
			}
			if err := wire.Validate(p); err != nil {
				t.Errorf("plan breaks the contract: %v", err)
			}
			if diff := cmp.Diff(tt.expect, tt.want(p)); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

// Shows: T-4.7.2-06
func TestRisks(t *testing.T) {
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		vm       func(*provisov1.VirtualMachine)
		says     string
	}{
		"LossGivenUp": {
			reason: "13 GiB more, and no two nodes can hold what runs on three.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.MemoryMib = proto.Int32(13 << 10) },
			says:   "With this plan the cluster can no longer bear the loss of one node",
		},
		"LossNotBorneBefore": {
			reason:   "Two nodes of the laboratory cannot hold what runs on both.",
			snapshot: func(s *pve.Snapshot) { s.Nodes[2].Status = pve.NodeOffline },
			says:     "Already before this plan",
		},
		"OneNode": {
			reason:   "One node cannot be lost at all.",
			snapshot: func(s *pve.Snapshot) { s.Nodes[1].Status, s.Nodes[2].Status = pve.NodeOffline, pve.NodeOffline },
			says:     "Only one node is online",
		},
		"LinkedClone": {
			reason: "The template must stay.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.FullClone = new(false) },
			says:   "linked clone shares its disk with template k3s-template (100)",
		},
		"NoCloudInitDrive": {
			reason:   "A template without a cloud-init drive may not run cloud-init.",
			snapshot: func(s *pve.Snapshot) { s.Guests[0].Config.CloudInit = "" },
			says:     "has no cloud-init drive",
		},
		"DiskRaised": {
			reason: "What differs from the request is said.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Disks = []*provisov1.Disk{{SizeGib: proto.Int32(10)}} },
			says:   "32 GiB instead of 10 GiB",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, vm := lab(), webserver()
			if tt.snapshot != nil {
				tt.snapshot(s)
			}
			if tt.vm != nil {
				tt.vm(vm)
			}
			p, err := plan(input(s, payload("en", vm)))
			if err != nil {
				t.Fatalf("%s\n%v", tt.reason, errText(err))
			}
			if all := strings.Join(p.GetRisks(), "\n"); !strings.Contains(all, tt.says) {
				t.Errorf("%s\nrisks %q do not say %q", tt.reason, all, tt.says)
			}
		})
	}
}

func TestWanted(t *testing.T) {
	fact := func(path, origin string) *provisov1.Fact { return &provisov1.Fact{Path: path, Origin: origin} }
	tests := map[string]struct {
		reason string
		vm     func(*provisov1.VirtualMachine)
		facts  []*provisov1.Fact
		want   []Wanted
	}{
		"Stated": {
			reason: "A name that the requester said is not changed.",
			facts:  []*provisov1.Fact{fact("virtual_machines[0].name", "answered")},
			want:   []Wanted{{Guest: "0.0", Name: "webserver", Fixed: true}},
		},
		"WithoutFacts": {
			reason: "The values of a publisher count as stated.",
			want:   []Wanted{{Guest: "0.0", Name: "webserver", Fixed: true}},
		},
		"FromTheRole": {
			reason: "\"serveur web\" is stated, the name made of it is ours.",
			facts:  []*provisov1.Fact{{Path: "virtual_machines[0].name", Origin: "stated", Text: new("serveur web")}},
			want:   []Wanted{{Guest: "0.0", Name: "webserver"}},
		},
		"Verbatim": {
			reason: "A name that stands in the words is the requester's, whatever its case.",
			facts:  []*provisov1.Fact{{Path: "virtual_machines[0].name", Origin: "stated", Text: new("vm WebServer")}},
			want:   []Wanted{{Guest: "0.0", Name: "webserver", Fixed: true}},
		},
		"Derived": {
			reason: "A name that Proviso made up may get a suffix.",
			facts:  []*provisov1.Fact{fact("virtual_machines[0].name", "derived")},
			want:   []Wanted{{Guest: "0.0", Name: "webserver"}},
		},
		"Several": {
			reason: "A base of names gets numbers.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Count = proto.Int32(2) },
			want:   []Wanted{{Guest: "0.0", Name: "webserver", Numbered: true, Fixed: true}, {Guest: "0.1", Name: "webserver", Numbered: true, Fixed: true}},
		},
		"EachNamed": {
			reason: "Names of the single machines are taken as they are.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.Count, vm.Names = proto.Int32(2), []string{"anna", "otto"} },
			want:   []Wanted{{Guest: "0.0", Name: "anna", Fixed: true}, {Guest: "0.1", Name: "otto", Fixed: true}},
		},
		"DemandedID": {
			reason: "A demanded id goes along.",
			vm:     func(vm *provisov1.VirtualMachine) { vm.VmId = proto.Int32(500) },
			want:   []Wanted{{Guest: "0.0", VMID: 500, Name: "webserver", Fixed: true}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := payload("en", webserver())
			p.Intent.Facts = tt.facts
			if tt.vm != nil {
				tt.vm(p.GetIntent().GetVirtualMachines()[0])
			}
			d, err := New(input(lab(), p))
			if err != nil {
				t.Fatal(errText(err))
			}
			if diff := cmp.Diff(tt.want, d.Wanted()); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestPools(t *testing.T) {
	vm := webserver()
	vm.Pool = new("shop")
	p := payload("en", vm)
	p.Intent.Pools = []*provisov1.Pool{{Name: "shop"}, {Name: "Backup-vms-pool"}}
	got, err := plan(input(lab(), p))
	if err != nil {
		t.Fatal(errText(err))
	}
	if diff := cmp.Diff([]*provisov1.Pool{{Name: "shop"}}, got.GetPools(), protocmp.Transform()); diff != "" {
		t.Errorf("pools to create (-want +got):\n%s", diff)
	}
	if got.GetVirtualMachines()[0].GetPool() != "shop" {
		t.Errorf("the machine joins %q, want the new pool", got.GetVirtualMachines()[0].GetPool())
	}
}

func static(address string) func(*provisov1.VirtualMachine) {
	return func(vm *provisov1.VirtualMachine) {
		vm.Networks = []*provisov1.NetworkInterface{{Ipv4: new(address)}}
	}
}

func addresses(p *provisov1.StrategicPlan) any {
	var got []string
	for _, vm := range p.GetVirtualMachines() {
		got = append(got, vm.GetNics()[0].GetIpv4()+" via "+vm.GetNics()[0].GetGateway())
	}
	return got
}

func disks(p *provisov1.StrategicPlan) any {
	var got []string
	for _, d := range p.GetVirtualMachines()[0].GetDisks() {
		text := strings.Join([]string{d.GetSlot(), d.GetStorage(), strconv.Itoa(int(d.GetSizeGib()))}, " ")
		for _, option := range []struct {
			name string
			on   bool
		}{{"discard", d.GetDiscard()}, {"iothread", d.GetIothread()}, {"ssd", d.GetSsd()}} {
			if option.on {
				text += " " + option.name
			}
		}
		got = append(got, text)
	}
	return got
}

func nodesAndDisks(p *provisov1.StrategicPlan) any {
	var got []string
	for _, vm := range p.GetVirtualMachines() {
		got = append(got, vm.GetNode()+" "+vm.GetDisks()[0].GetStorage())
	}
	return got
}

func errText(err error) string {
	if refused := new(RefusedError); errors.As(err, &refused) {
		return refused.Code + ": " + refused.Message
	}
	return err.Error()
}

// widen, fill, share and allow change every node's row of a storage.
func widen(s *pve.Snapshot, name string, total int64) {
	rows(s, name, func(st *pve.Storage) { st.TotalBytes = total })
}

func fill(s *pve.Snapshot, name string) {
	rows(s, name, func(st *pve.Storage) { st.UsedBytes = st.TotalBytes })
}

func allow(s *pve.Snapshot, name, content string) {
	rows(s, name, func(st *pve.Storage) { st.Content = append([]string{content}, st.Content...) })
}

func rows(s *pve.Snapshot, name string, change func(*pve.Storage)) {
	for i := range s.Storages {
		if s.Storages[i].Name == name {
			change(&s.Storages[i])
		}
	}
}

func share(s *pve.Snapshot, name string, total int64) {
	var more []pve.Storage
	for _, n := range s.Nodes {
		more = append(more, pve.Storage{Name: name, Node: n.Name, Type: "cephfs", Shared: true, Active: n.Online(), Content: []string{"images"}, TotalBytes: total})
	}
	s.Storages = append(more, s.Storages...)
}
