package strategy

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
	"proviso.dev/services/analyser/internal/profile"
)

// lab is the thesis's laboratory before scenario 4 (S2): pmox04 is off, worker-node-3 runs on pmox01.
func lab() *pve.Snapshot {
	s := &pve.Snapshot{
		Cluster: "pve-cluster", Version: "8.3.0", Quorate: true,
		VNets:    []pve.VNet{{Name: "mainvnet", Zone: "mainzone", Subnets: []pve.Subnet{{CIDR: "192.168.0.0/16", Gateway: "192.168.0.1"}}}},
		Pools:    []pve.Pool{{Name: "Backup-vms-pool"}},
		HAGroups: []pve.HAGroup{{Name: "mainHA", Nodes: map[string]int{"pmox01": 0, "pmox02": 0, "pmox03": 0}, NoFailback: true}},
	}
	for i, name := range []string{"pmox01", "pmox02", "pmox03"} {
		s.Nodes = append(s.Nodes, pve.Node{Name: name, Status: pve.NodeOnline, CPUs: 20, CPUUsage: 0.05, MemoryBytes: 32 * gib, MemoryUsedBytes: 9 * gib})
		s.Bridges = append(s.Bridges, pve.Bridge{
			Name: "vmbr0", Node: name, Type: "OVSBridge", Active: true, CIDR: fmt.Sprintf("172.25.5.%d/24", 201+i), Gateway: "172.25.5.1",
		})
	}
	s.Nodes = append(s.Nodes, pve.Node{Name: "pmox04", Status: pve.NodeOffline})
	for _, st := range []pve.Storage{
		{Name: "cephfs", Type: "cephfs", Shared: true, Content: []string{"backup", "iso", "vztmpl"}, TotalBytes: 200 * gib},
		{Name: "local", Type: "dir", Content: []string{"iso", "vztmpl"}, TotalBytes: 30 * gib},
		{Name: "local-lvm", Type: "lvmthin", Content: []string{"images", "rootdir"}, TotalBytes: 42 * gib},
		{Name: "pmoxpool01", Type: "rbd", Shared: true, Content: []string{"images", "rootdir"}, TotalBytes: 850 * gib, UsedBytes: 300 * gib},
	} {
		for _, n := range s.Nodes {
			st.Node, st.Active = n.Name, n.Online()
			s.Storages = append(s.Storages, st)
		}
	}
	s.Guests = []pve.Guest{{
		VMID: 100, Name: "k3s-template", Kind: pve.KindVM, Node: "pmox01", Status: pve.GuestStopped, Template: true, CPUs: 2, MemoryBytes: 2 * gib,
		Config: &pve.GuestConfig{
			Cores: 2, Sockets: 1, MemoryMiB: 2048, OSType: "l26", SCSIHW: "virtio-scsi-pci", Boot: "order=ide2;scsi0;net0",
			Agent: true, CloudInit: "ide2", Serial0: true,
			Disks: []pve.Disk{{Slot: "scsi0", Storage: "pmoxpool01", Volume: "pmoxpool01:base-100-disk-0", SizeBytes: 32 * gib}},
			NICs:  []pve.NIC{{Slot: "net0", Model: "virtio", Bridge: "mainvnet"}},
		},
	}}
	for _, g := range []struct {
		id, node, cores int
		memory          int64
		name            string
	}{
		{101, 1, 2, 4, "OPNsense"}, {118, 2, 4, 8, "AI-server"}, {119, 1, 2, 4, "control-node-1"}, {120, 2, 2, 4, "control-node-2"},
		{121, 3, 2, 4, "control-node-3"}, {122, 2, 6, 8, "worker-node-1"}, {123, 3, 6, 8, "worker-node-2"}, {124, 1, 6, 8, "worker-node-3"},
	} {
		s.Guests = append(s.Guests, pve.Guest{
			VMID: g.id, Name: g.name, Kind: pve.KindVM, Node: fmt.Sprintf("pmox%02d", g.node), Status: pve.GuestRunning,
			CPUs: float64(g.cores), MemoryBytes: g.memory * gib,
		})
	}
	return s
}

// webserver is what the collector makes of "créer un serveur web basé sur le template vm id 100".
func webserver() *provisov1.VirtualMachine {
	return &provisov1.VirtualMachine{
		Name: new("webserver"), Role: new("web-server"),
		Source: &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: proto.Int32(100)}}},
		Cores:  proto.Int32(2), MemoryMib: proto.Int32(2048),
		Initialization: &provisov1.Initialization{User: new("admin-ubt")},
	}
}

func fromImage(url string) *provisov1.VirtualMachine {
	vm := webserver()
	vm.Source = &provisov1.Source{Kind: &provisov1.Source_Image{Image: &provisov1.ImageSource{Url: new(url)}}}
	return vm
}

var taken = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func payload(lang string, vms ...*provisov1.VirtualMachine) *provisov1.ContextPayload {
	return &provisov1.ContextPayload{
		RunId: "run-1", Language: lang, CreatedAt: timestamppb.New(taken),
		Platform: &provisov1.Platform{Name: "proxmox", Version: "8.3.0"},
		Infrastructure: &provisov1.Infrastructure{
			Snapshot: &provisov1.Reference{Digest: fmt.Sprintf("sha256-%064d", 1), Size: 1, MediaType: "application/json"},
			TakenAt:  timestamppb.New(taken),
		},
		Intent: &provisov1.ProvisionIntent{
			IntentId: "run-1", Language: lang, Target: &provisov1.Target{Platform: "proxmox"},
			Goal: new("un serveur web"), VirtualMachines: vms,
		},
	}
}

func input(s *pve.Snapshot, p *provisov1.ContextPayload) Input {
	profiles, err := profile.Read(profile.Input{Payload: p})
	if err != nil {
		profiles = nil // some tests leave out what the contract wants
	}
	return Input{
		Context: p, Snapshot: s, Profiles: profiles, Index: placement.NewIndexWith(s, placement.Policy{}, placement.Options{Mappings: Mappings(s)}),
	}
}

// plan completes a draft with ids from 125 on and the names that are wanted.
func plan(in Input) (*provisov1.StrategicPlan, error) {
	d, err := New(in)
	if err != nil {
		return nil, err
	}
	var ids []Identity
	for i, w := range d.Wanted() {
		name := w.Name
		if w.Numbered {
			name += fmt.Sprintf("-%d", i+1)
		}
		ids = append(ids, Identity{VMID: 125 + i, Name: name})
	}
	return d.Plan(ids)
}
