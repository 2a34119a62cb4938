package strategy

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const (
	debian = "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"
	ubuntu = "local:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst"
)

// stocked is the laboratory with templates of containers: one on shared storage, one on pmox02's own.
func stocked() *pve.Snapshot {
	s := lab()
	s.Volumes = []pve.Volume{
		{ID: "cephfs:iso/debian.iso", Storage: "cephfs", Node: "pmox01", Content: "iso"},
		{ID: debian, Storage: "cephfs", Node: "pmox01", Content: "vztmpl"},
		{ID: ubuntu, Storage: "local", Node: "pmox02", Content: "vztmpl"},
	}
	return s
}

func nameserver() *provisov1.Container {
	return &provisov1.Container{Name: new("dns"), TemplateVolume: new(debian)}
}

// with is a payload that asks for containers, and for machines beside them.
func with(lang string, cts []*provisov1.Container, vms ...*provisov1.VirtualMachine) *provisov1.ContextPayload {
	p := payload(lang, vms...)
	p.Intent.Containers = cts
	return p
}

// TestContainerDefaults: a container of which nothing is said but its template is decided in full, with what Proxmox VE's own
// dialogue offers.
func TestContainerDefaults(t *testing.T) {
	p, err := plan(input(stocked(), with("fr", []*provisov1.Container{nameserver()})))
	if err != nil {
		t.Fatal(err)
	}
	want := &provisov1.PlannedContainer{
		Name: "dns", VmId: 125, Node: "pmox03", TemplateVolume: debian, OsType: "debian",
		Cores: 1, MemoryMib: 512, SwapMib: 512, DiskStorage: "pmoxpool01", DiskGib: 8,
		Nics:    []*provisov1.PlannedNIC{{Bridge: "vmbr0", Ipv4: "dhcp", Model: "veth"}},
		Started: true, Unprivileged: true,
	}
	if diff := cmp.Diff([]*provisov1.PlannedContainer{want}, p.GetContainers(), protocmp.Transform()); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if len(p.GetVirtualMachines()) != 0 {
		t.Errorf("machines were planned: %v", p.GetVirtualMachines())
	}
	if err := wire.Validate(p); err != nil {
		t.Errorf("the plan breaks the contract: %v", err)
	}
	if len(p.GetPlacement()) != 1 || p.GetPlacement()[0].GetGuest() != "dns" || !strings.Contains(p.GetPlacement()[0].GetReason(), "pmox03 a 18,0") {
		t.Errorf("placement = %v; want why dns is on pmox03", p.GetPlacement())
	}
	if after := p.GetEffect().GetNodes()[2]; after.GetMemoryUsedAfterMib()-after.GetMemoryUsedBeforeMib() != 512 || after.GetVcpusAfter()-after.GetVcpusBefore() != 1 {
		t.Errorf("effect on pmox03 = %v; want 512 MiB and 1 vCPU more", after)
	}
}

// TestContainersPlanned: what is asked of containers is what is planned, one case a wish.
func TestContainersPlanned(t *testing.T) {
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		ask      func(*provisov1.Container)
		intent   func(*provisov1.ProvisionIntent)
		want     func(*provisov1.StrategicPlan) any
		expect   any
		risk     string // part of one
	}{
		"EverythingStated": {
			reason: "Nothing that is stated is replaced by a default.",
			ask: func(ct *provisov1.Container) {
				ct.Cores, ct.MemoryMib, ct.SwapMib, ct.Nesting = proto.Int32(4), proto.Int32(4096), proto.Int32(0), new(true)
				ct.Disk = &provisov1.Disk{SizeGib: proto.Int32(20), Storage: new("local-lvm")}
				ct.Started, ct.StartAtBoot, ct.Protection, ct.Description = new(false), new(true), new(true), new("text")
				ct.Tags = []string{"prod", "DNS", "dns"}
				ct.Initialization = &provisov1.Initialization{SshKeys: []string{"ssh-ed25519 AAAA me"}, DnsServers: []string{"9.9.9.9"}, SearchDomain: new("lab.local")}
				ct.Networks = []*provisov1.NetworkInterface{{Bridge: new("mainvnet"), Vlan: proto.Int32(30), Ipv4: new("192.168.0.53/16")}}
				ct.Startup = &provisov1.Startup{Order: proto.Int32(0), UpDelaySeconds: proto.Int32(30)}
				ct.Placement = &provisov1.Placement{Nodes: []string{"pmox01"}}
				ct.VmId, ct.Pool = proto.Int32(900), new("Backup-vms-pool")
			},
			want: func(p *provisov1.StrategicPlan) any {
				ct := p.GetContainers()[0]
				nic := ct.GetNics()[0]
				return []string{
					line(ct.GetCores(), ct.GetMemoryMib(), ct.GetSwapMib(), ct.GetNesting(), ct.GetDiskGib(), ct.GetDiskStorage()),
					line(ct.GetStarted(), ct.GetStartAtBoot(), ct.GetProtection(), ct.GetDescription(), ct.GetTags()),
					line(ct.GetSshKeys(), ct.GetDnsServers(), ct.GetSearchDomain()),
					line(nic.GetBridge(), nic.GetVlan(), nic.GetIpv4(), nic.GetGateway()),
					line(ct.GetStartup().GetOrder(), ct.GetStartup().Order != nil, ct.GetStartup().GetUpDelaySeconds(), ct.GetNode(), ct.GetPool()),
				}
			},
			expect: []string{
				"4 4096 0 true 20 local-lvm", "false true true text [dns prod]", "[ssh-ed25519 AAAA me] [9.9.9.9] lab.local",
				"mainvnet 30 192.168.0.53/16 192.168.0.1", "0 true 30 pmox01 Backup-vms-pool",
			},
			risk: "Sys.Modify",
		},
		"TemplateOfOneNode": {
			reason: "A template on a node's own storage makes containers on that node, though it is the fullest.",
			ask:    func(ct *provisov1.Container) { ct.TemplateVolume = new(ubuntu) },
			want:   whereAndWhat, expect: "dns pmox02 ubuntu",
		},
		"TemplateOnTwoNodes": {
			reason: "A local template that two nodes have leaves the choice between them.",
			snapshot: func(s *pve.Snapshot) {
				s.Volumes = append(s.Volumes, pve.Volume{ID: ubuntu, Storage: "local", Node: "pmox01", Content: "vztmpl"})
			},
			ask:  func(ct *provisov1.Container) { ct.TemplateVolume = new(ubuntu) },
			want: whereAndWhat, expect: "dns pmox01 ubuntu",
		},
		"Rebuild": {
			reason:   "Rebuilds of Red Hat's distribution are centos to Proxmox VE.",
			snapshot: func(s *pve.Snapshot) { s.Volumes[1].ID = "cephfs:vztmpl/rockylinux-9-default_20240912_amd64.tar.xz" },
			ask: func(ct *provisov1.Container) {
				ct.TemplateVolume = new("cephfs:vztmpl/rockylinux-9-default_20240912_amd64.tar.xz")
			},
			want: whereAndWhat, expect: "dns pmox03 centos",
		},
		"UnknownDistribution": {
			reason:   "A template that somebody named themselves is not guessed at, and it is said.",
			snapshot: func(s *pve.Snapshot) { s.Volumes[1].ID = "cephfs:vztmpl/golden.tar.gz" },
			ask:      func(ct *provisov1.Container) { ct.TemplateVolume = new("cephfs:vztmpl/golden.tar.gz") },
			want:     whereAndWhat, expect: "dns pmox03 unmanaged", risk: "golden.tar.gz",
		},
		"RootDirOnly": {
			reason: "A storage for containers alone takes root disks, and one for machines alone does not.",
			snapshot: func(s *pve.Snapshot) {
				for i := range s.Storages {
					switch s.Storages[i].Name {
					case "pmoxpool01":
						s.Storages[i].Content = []string{"images"}
					case "local-lvm":
						s.Storages[i].Content = []string{"rootdir"}
					}
				}
			},
			want:   func(p *provisov1.StrategicPlan) any { return p.GetContainers()[0].GetDiskStorage() },
			expect: "local-lvm",
		},
		"Apart": {
			reason: "Containers that are to lie apart do, and take names and addresses in order.",
			ask: func(ct *provisov1.Container) {
				ct.Count = proto.Int32(3)
				ct.Placement = &provisov1.Placement{Grouping: new("apart")}
				ct.Networks = []*provisov1.NetworkInterface{{Bridge: new("mainvnet"), Ipv4: new("192.168.0.50/16")}}
			},
			want: func(p *provisov1.StrategicPlan) any {
				nodes := map[string]bool{}
				var got []string
				for _, ct := range p.GetContainers() {
					nodes[ct.GetNode()] = true
					got = append(got, ct.GetName()+" "+ct.GetNics()[0].GetIpv4())
				}
				return append(got, fmt.Sprint(len(nodes)))
			},
			expect: []string{"dns-1 192.168.0.50/16", "dns-2 192.168.0.51/16", "dns-3 192.168.0.52/16", "3"},
		},
		"HA": {
			reason: "Under HA the root disk lies on shared storage, the node is one of the group's, and the move is explained.",
			ask:    func(ct *provisov1.Container) { ct.Ha = &provisov1.HighAvailability{Group: new("mainHA")} },
			want: func(p *provisov1.StrategicPlan) any {
				ct := p.GetContainers()[0]
				return line(ct.GetHa(), ct.GetHaGroup(), ct.GetDiskStorage())
			},
			expect: "true mainHA pmoxpool01", risk: "HA a déplacé",
		},
		"Privileged": {
			reason: "A privileged container is made when it is asked for, and it is said what that means.",
			ask:    func(ct *provisov1.Container) { ct.Unprivileged = new(false) },
			want:   func(p *provisov1.StrategicPlan) any { return p.GetContainers()[0].GetUnprivileged() },
			expect: false, risk: "privilégié",
		},
		"NestingUndecided": {
			reason: "The contract's default is off, which a recent systemd dislikes: it is said.",
			want:   func(p *provisov1.StrategicPlan) any { return p.GetContainers()[0].GetNesting() },
			expect: false, risk: "versions récentes de debian",
		},
		"AnotherUser": {
			reason: "A container has only root; a user that is asked for is not dropped silently.",
			ask:    func(ct *provisov1.Container) { ct.Initialization = &provisov1.Initialization{User: new("admin")} },
			want:   whereAndWhat, expect: "dns pmox03 debian", risk: "admin",
		},
		"NewPool": {
			reason: "A guest may join the pool that the same plan creates; asked for twice, it is made once.",
			ask:    func(ct *provisov1.Container) { ct.Pool = new("infra") },
			intent: func(i *provisov1.ProvisionIntent) {
				i.Pools = []*provisov1.Pool{{Name: "infra", Comment: new("x")}, {Name: "infra", Comment: new("x")}}
			},
			want: func(p *provisov1.StrategicPlan) any {
				return line(p.GetContainers()[0].GetPool(), len(p.GetPools()), p.GetPools()[0].GetComment())
			},
			expect: "infra 1 x",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, ct := stocked(), nameserver()
			if tc.snapshot != nil {
				tc.snapshot(s)
			}
			if tc.ask != nil {
				tc.ask(ct)
			}
			in := with("fr", []*provisov1.Container{ct})
			if tc.intent != nil {
				tc.intent(in.GetIntent())
			}
			p, err := plan(input(s, in))
			if refused := new(RefusedError); errors.As(err, &refused) {
				t.Fatalf("%s\nrefused: %s", tc.reason, refused.Message)
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.expect, tc.want(p)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if risks := strings.Join(p.GetRisks(), "\n"); !strings.Contains(risks, tc.risk) {
				t.Errorf("%s\nrisks %q do not hold %q", tc.reason, risks, tc.risk)
			}
			if err := wire.Validate(p); err != nil {
				t.Errorf("the plan breaks the contract: %v", err)
			}
		})
	}
}

// line writes values with spaces between them.
func line(values ...any) string { return strings.TrimSpace(fmt.Sprintln(values...)) }

func whereAndWhat(p *provisov1.StrategicPlan) any {
	ct := p.GetContainers()[0]
	return ct.GetName() + " " + ct.GetNode() + " " + ct.GetOsType()
}

// TestMixedIsOneProblem: machines and containers share the nodes' memory, so what fits alone is refused together.
func TestMixedIsOneProblem(t *testing.T) {
	big := nameserver()
	big.MemoryMib = proto.Int32(16 << 10)
	vm := webserver()
	vm.MemoryMib = proto.Int32(12 << 10)
	only := &provisov1.Placement{Nodes: []string{"pmox03"}}
	big.Placement, vm.Placement = only, proto.CloneOf(only)
	for name, p := range map[string]*provisov1.ContextPayload{
		"the container": with("en", []*provisov1.Container{big}), "the machine": with("en", nil, vm),
	} {
		if _, err := New(input(stocked(), p)); err != nil {
			t.Errorf("%s alone: %v; want a plan", name, err)
		}
	}
	_, err := New(input(stocked(), with("en", []*provisov1.Container{big}, vm)))
	if refused := new(RefusedError); !errors.As(err, &refused) || refused.Code != CodeNoCapacity {
		t.Errorf("together: %v; want %s", err, CodeNoCapacity)
	}

	// Without the wish they find two nodes, and each guest has its decision, machines first.
	big.Placement, vm.Placement = nil, nil
	mixed, err := plan(input(stocked(), with("en", []*provisov1.Container{big}, vm)))
	if err != nil {
		t.Fatal(err)
	}
	ct, web := mixed.GetContainers()[0], mixed.GetVirtualMachines()[0]
	if ct.GetNode() == web.GetNode() {
		t.Errorf("both are on %s, which cannot hold them", ct.GetNode())
	}
	if len(mixed.GetPlacement()) != 2 || mixed.GetPlacement()[0].GetGuest() != web.GetName() || mixed.GetPlacement()[1].GetGuest() != "dns" {
		t.Errorf("placement = %v; want one decision a guest", mixed.GetPlacement())
	}
	if web.GetVmId() == ct.GetVmId() {
		t.Errorf("both have id %d", ct.GetVmId())
	}
}

// TestContainerWanted: machines and containers of one index are told apart in the ledger of names and ids.
func TestContainerWanted(t *testing.T) {
	named := nameserver()
	named.Names, named.Count = []string{"ns1", "ns2"}, proto.Int32(2)
	p := with("en", []*provisov1.Container{named, {TemplateVolume: new(debian), Role: new("database")}, {TemplateVolume: new(debian), VmId: proto.Int32(700)}}, webserver())
	p.Intent.Facts = []*provisov1.Fact{{Path: "containers[0].names", Origin: "assumed", Reason: new("x")}}
	d, err := New(input(stocked(), p))
	if err != nil {
		t.Fatal(err)
	}
	want := []Wanted{
		{Guest: "0.0", Name: "webserver", Fixed: true},
		{Guest: "ct0.0", Name: "ns1"}, {Guest: "ct0.1", Name: "ns2"},
		{Guest: "ct1.0", Name: "database"}, {Guest: "ct2.0", Name: "ct", VMID: 700},
	}
	if diff := cmp.Diff(want, d.Wanted()); diff != "" {
		t.Errorf("wanted (-want +got):\n%s", diff)
	}
}

// TestContainersRefused: a refusal says in the requester's language what is wrong and what would do instead.
func TestContainersRefused(t *testing.T) {
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		ask      func(*provisov1.Container)
		vms      []*provisov1.VirtualMachine
		code     string
		says     []string
	}{
		"NoTemplate": {
			reason: "What it is made from is never guessed.",
			ask:    func(ct *provisov1.Container) { ct.TemplateVolume = nil }, code: CodeIncomplete, says: []string{debian, ubuntu},
		},
		"UnknownTemplate": {
			reason: "The templates that exist are offered, and nothing else.",
			ask:    func(ct *provisov1.Container) { ct.TemplateVolume = new("cephfs:vztmpl/arch.tar.zst") }, code: CodeContainerImage,
			says: []string{"arch.tar.zst", debian},
		},
		"AnISO": {
			reason: "An ISO is no container template.",
			ask:    func(ct *provisov1.Container) { ct.TemplateVolume = new("cephfs:iso/debian.iso") }, code: CodeContainerImage,
			says: []string{"type de contenu iso", debian},
		},
		"LocalTemplateElsewhere": {
			reason: "The wish for a node and a template of another cannot both hold.",
			ask: func(ct *provisov1.Container) {
				ct.TemplateVolume, ct.Placement = new(ubuntu), &provisov1.Placement{Nodes: []string{"pmox01"}}
			},
			code: CodeNoCapacity, says: []string{"dns", "stockage propre de pmox02", "elle tiendrait sur : pmox02"},
		},
		"StorageForFiles": {
			reason: "A file storage takes no root disks; those that do are named.",
			ask:    func(ct *provisov1.Container) { ct.Disk = &provisov1.Disk{Storage: new("cephfs")} }, code: CodeStorageUnusable,
			says: []string{"cephfs n'accepte pas de disques de conteneurs", "pmoxpool01, local-lvm"},
		},
		"StorageOfMachines": {
			reason: "A storage for machines alone is not offered either.",
			snapshot: func(s *pve.Snapshot) {
				for i := range s.Storages {
					s.Storages[i].Content = []string{"images", "vztmpl"}
				}
			},
			code: CodeStorageUnusable, says: []string{"rootdir"},
		},
		"DiskTooLarge": {
			reason: "Space is counted for containers as for machines.",
			ask:    func(ct *provisov1.Container) { ct.Disk = &provisov1.Disk{SizeGib: proto.Int32(2000)} }, code: CodeNoCapacity,
			says: []string{"pmoxpool01"},
		},
		"PrivilegedNesting": {
			reason: "Proxmox VE refuses it to every token, so the apply would fail.",
			ask: func(ct *provisov1.Container) {
				ct.Unprivileged, ct.Nesting = new(false), new(true)
			},
			code: CodePrivileged, says: []string{"root@pam", "non privilégié"},
		},
		"HAOnLocal": {
			reason: "HA needs shared storage for containers too.",
			ask: func(ct *provisov1.Container) {
				ct.Ha, ct.Disk = &provisov1.HighAvailability{Enabled: new(true)}, &provisov1.Disk{Storage: new("local-lvm")}
			},
			code: CodeHAStorage, says: []string{"local-lvm", "pmoxpool01"},
		},
		"IdTaken": {
			reason: "Ids are one space for both kinds.",
			ask:    func(ct *provisov1.Container) { ct.VmId = proto.Int32(101) }, code: CodeVMIDTaken, says: []string{"OPNsense"},
		},
		"IdOfMany": {
			reason: "An id belongs to one guest.",
			ask:    func(ct *provisov1.Container) { ct.VmId, ct.Count = proto.Int32(900), proto.Int32(2) }, code: CodeIncomplete, says: []string{"900"},
		},
		"AddressOfTheMachine": {
			reason: "A container and a machine of one request cannot have one address.",
			ask: func(ct *provisov1.Container) {
				ct.Networks = []*provisov1.NetworkInterface{{Bridge: new("mainvnet"), Ipv4: new("192.168.0.20/16")}}
			},
			vms: []*provisov1.VirtualMachine{func() *provisov1.VirtualMachine {
				vm := webserver()
				vm.Networks = []*provisov1.NetworkInterface{{Bridge: new("mainvnet"), Ipv4: new("192.168.0.20/16")}}
				return vm
			}()},
			code: CodeAddress, says: []string{"192.168.0.20"},
		},
		"UnknownPool": {
			reason: "A pool that neither exists nor is created is not joined.",
			ask:    func(ct *provisov1.Container) { ct.Pool = new("nope") }, code: CodePoolUnknown, says: []string{"Backup-vms-pool"},
		},
		"BadTag": {
			reason: "The contract lets any text be a container's tag; Proxmox VE does not.",
			ask:    func(ct *provisov1.Container) { ct.Tags = []string{"a b"} }, code: CodeTag, says: []string{"a b"},
		},
		"UnknownNode": {
			reason: "Nodes are named from the snapshot.",
			ask:    func(ct *provisov1.Container) { ct.Placement = &provisov1.Placement{Nodes: []string{"pmox9"}} }, code: CodeNodeUnknown, says: []string{"pmox03"},
		},
		"UnknownNetwork": {
			reason: "So are networks.",
			ask:    func(ct *provisov1.Container) { ct.Networks = []*provisov1.NetworkInterface{{Bridge: new("vmbr9")}} }, code: CodeNetworkUnknown, says: []string{"mainvnet"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, ct := stocked(), nameserver()
			if tc.snapshot != nil {
				tc.snapshot(s)
			}
			if tc.ask != nil {
				tc.ask(ct)
			}
			_, err := New(input(s, with("fr", []*provisov1.Container{ct}, tc.vms...)))
			refused := new(RefusedError)
			if !errors.As(err, &refused) {
				t.Fatalf("%s\ngot %v; want %s", tc.reason, err, tc.code)
			}
			if refused.Code != tc.code {
				t.Errorf("%s\ncode %s; want %s: %s", tc.reason, refused.Code, tc.code, refused.Message)
			}
			for _, part := range tc.says {
				if !strings.Contains(refused.Message, part) {
					t.Errorf("%s\n%q does not say %q", tc.reason, refused.Message, part)
				}
			}
			english := with("en", []*provisov1.Container{ct}, tc.vms...)
			if _, err := New(input(s, english)); !errors.As(err, &refused) || strings.Contains(refused.Message, "{") {
				t.Errorf("in English: %v %q", err, refused.Message)
			}
		})
	}
}

// TestMachineStartup: a machine's place in the start order is carried over, and what it needs is said.
func TestMachineStartup(t *testing.T) {
	vm := webserver()
	vm.Startup, vm.StartAtBoot = &provisov1.Startup{Order: proto.Int32(3)}, new(true)
	p, err := plan(input(lab(), payload("en", vm)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(vm.GetStartup(), p.GetVirtualMachines()[0].GetStartup(), protocmp.Transform()); diff != "" {
		t.Errorf("startup (-want +got):\n%s", diff)
	}
	if risks := strings.Join(p.GetRisks(), "\n"); !strings.Contains(risks, "Sys.Modify") || strings.Contains(risks, "not asked for") {
		t.Errorf("risks = %q; want the right and nothing about booting", risks)
	}
}
