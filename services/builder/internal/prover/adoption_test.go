package prover

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/review"
)

// withConfigs returns the snapshot that the real reader takes of a cluster, with the configuration of some guests.
func withConfigs(t *testing.T, seed twin.Seed, vmids ...int) *pve.Snapshot {
	t.Helper()
	cluster, err := twin.New(seed, twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	r, err := pve.NewReader(pve.Config{Endpoint: server.URL(), Token: server.TokenID() + "=" + server.TokenSecret(), CAPEM: server.CAPEM()})
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s, err = r.WithConfigs(t.Context(), s, vmids); err != nil {
		t.Fatal(err)
	}
	return s
}

// adoption takes a guest of the snapshot over, with some lines changed.
func adoption(t *testing.T, s *pve.Snapshot, vmid int, lines map[string]string, attributes ...string) *provisov1.PlannedAdoption {
	t.Helper()
	g, _ := s.Guest(vmid)
	if g.Config == nil {
		t.Fatalf("guest %d has no configuration", vmid)
	}
	config := maps.Clone(g.Config.Lines)
	maps.Copy(config, lines)
	p := &provisov1.PlannedAdoption{Change: -1}
	for _, a := range attributes {
		p.Change = 0
		p.Differences = append(p.Differences, &provisov1.ValueChange{Attribute: a, Before: "before", After: "after"})
	}
	name, running := g.Name, g.Status == pve.GuestRunning
	if g.Kind == pve.KindContainer {
		if n := config["hostname"]; n != "" {
			name = n
		}
		p.Guest = &provisov1.PlannedAdoption_Container{Container: &provisov1.AdoptedContainer{
			VmId: int32(vmid), Node: g.Node, Name: name, Config: config, Pool: g.Pool, Running: running,
		}}
		return p
	}
	if n := config["name"]; n != "" {
		name = n
	}
	p.Guest = &provisov1.PlannedAdoption_VirtualMachine{VirtualMachine: &provisov1.AdoptedVM{
		VmId: int32(vmid), Node: g.Node, Name: name, Config: config, Pool: g.Pool, Running: running,
	}}
	return p
}

// An adoptable is a guest to take over.
type adoptable struct {
	reason  string
	config  map[string]string
	stopped bool
	pool    string
	change  map[string]string // lines that are to be others
	differs []string          // attributes that will be
}

// zoo are guests as people have them: each with what the provider reads in its own way.
var zoo = map[string]adoptable{
	"Windows": {
		reason: "UEFI, TPM, Q35, a passed-through mapping, agent with options, a CD-ROM, a console of its own.",
		config: map[string]string{
			"name": "windows", "bios": "ovmf", "machine": "pc-q35-8.1", "ostype": "win11", "cores": "4", "sockets": "2", "cpu": "host,flags=+aes;-pcid", "memory": "16384",
			"balloon": "8192", "scsihw": "virtio-scsi-single", "agent": "enabled=1,fstrim_cloned_disks=1", "boot": "order=scsi0;ide3;net0", "onboot": "1", "protection": "1",
			"efidisk0": "pmoxpool01:vm-900-disk-0,efitype=4m,pre-enrolled-keys=1,size=528K", "tpmstate0": "pmoxpool01:vm-900-disk-1,size=4M,version=v2.0",
			"scsi0": "pmoxpool01:vm-900-disk-2,cache=writeback,discard=on,iothread=1,size=64G,ssd=1", "ide3": "none,media=cdrom",
			"net0": "e1000=BC:24:11:00:09:00,bridge=vmbr0,firewall=1,tag=30", "hostpci0": "mapping=gpu0,pcie=1,x-vga=1", "usb0": "host=1234:5678,usb3=1",
			"vga": "virtio,memory=64", "startup": "order=2,up=30", "description": "Line one\nsaid \"two\" ${x} %{y}", "tags": "prod;windows", "tablet": "0", "keyboard": "fr",
			"smbios1": "uuid=11111111-2222-3333-4444-555555555555", "vmgenid": "11111111-2222-3333-4444-555555555556", "meta": "creation-qemu=8.1.5,ctime=1700000000",
		},
	},
	"Disks": {
		reason: "Many disks on all buses, limits, no whole GiB, files on a directory.",
		config: map[string]string{
			"name": "disks", "cores": "2", "memory": "2048", "scsihw": "virtio-scsi-pci", "ostype": "l26", "boot": "order=virtio0",
			"virtio0": "pmoxpool01:vm-900-disk-0,size=32G,backup=0,replicate=0", "scsi0": "local-lvm:vm-900-disk-0,size=3584M,aio=native", "scsi2": "local-lvm:vm-900-disk-1,size=5G",
			"scsi10": "local-lvm:vm-900-disk-2,size=7G,iops_rd=100,mbps_wr=50,mbps_wr_max=60,serial=abc", "sata1": "pmoxpool01:vm-900-disk-9,size=8G", "unused0": "pmoxpool01:vm-900-disk-7",
			"net0": "virtio=BC:24:11:00:09:01,bridge=vmbr0,mtu=1400,queues=4,rate=12.5",
		},
		stopped: true,
	},
	"CloudInit": {
		reason: "Password, keys, two addresses of which the first is none, name servers.",
		config: map[string]string{
			"name": "cloud", "cores": "2", "memory": "2048", "balloon": "1024", "scsihw": "virtio-scsi-pci", "ostype": "l26", "scsi0": "pmoxpool01:vm-900-disk-0,size=8G",
			"ide2": "pmoxpool01:vm-900-cloudinit,media=cdrom,size=4M", "net0": "virtio=BC:24:11:00:09:00,bridge=vmbr0", "net1": "virtio=BC:24:11:00:09:02,bridge=mainvnet,link_down=1",
			"ipconfig1": "ip=192.168.0.77/16,gw=192.168.0.1,ip6=auto", "nameserver": "9.9.9.9 1.1.1.1", "searchdomain": "lab.local", "ciuser": "ops", "cipassword": "secret",
			"sshkeys": "ssh-ed25519%20AAAAC3NzaC1lZDI1NTE5AAAAIDoNotUse%20a%40b%0Assh-ed25519%20AAAAC3NzaC1lZDI1NTE5AAAAIDoNotUs2%20c%40d", "boot": "order=scsi0",
			"serial0": "socket", "vga": "serial0",
		},
	},
	"Bare": {
		reason: "Lines that are absent: Proxmox VE has its defaults, which the provider reads as others.",
		config: map[string]string{"name": "bare", "virtio0": "pmoxpool01:vm-900-disk-0,size=8G", "net0": "virtio=BC:24:11:00:09:00,bridge=vmbr0"},
	},
	"Odd": {
		reason: "What the provider has no place for, or only with gaps, stays as it is.",
		config: map[string]string{
			"name": "odd", "memory": "1024", "scsihw": "lsi", "ostype": "l26", "scsi0": "pmoxpool01:vm-900-disk-0,size=8G,wwn=0x5000c500a0000001", "net1": "virtio=BC:24:11:00:09:00,bridge=vmbr0",
			"serial1": "socket", "audio0": "device=ich9-intel-hda,driver=none", "parallel0": "/dev/parport0", "ide2": "cephfs:iso/OPNsense-24.7-dvd-amd64.iso,media=cdrom,size=2151680K",
			"numa": "1", "shares": "500", "cpuunits": "200", "cores": "2", "vcpus": "1", "cpulimit": "1.5", "hotplug": "disk,network,usb,cpu", "watchdog": "model=i6300esb,action=reset",
			"smbios1": "uuid=11111111-2222-3333-4444-555555555555,serial=MTIz,base64=1",
		},
	},
	"ChangeBare": {
		reason:  "Cores and memory of a machine that named neither CPU type nor balloon; its controller stays.",
		config:  map[string]string{"name": "bare", "memory": "1024", "virtio0": "pmoxpool01:vm-900-disk-0,size=8G", "net0": "virtio=BC:24:11:00:09:00,bridge=vmbr0"},
		change:  map[string]string{"cores": "4", "cpu": "kvm64", "memory": "8192", "balloon": "8192", "scsihw": "lsi"},
		differs: []string{"cores", "cpu.type", "memory", "balloon", "scsi_hardware"},
	},
	"ChangeLabels": {
		reason: "Name, description, tags and flags, and nothing else.",
		config: map[string]string{"name": "old", "cores": "2", "memory": "1024", "scsihw": "virtio-scsi-pci", "ostype": "l26", "scsi0": "pmoxpool01:vm-900-disk-0,size=8G", "tags": "a;b", "description": "old"},
		change: map[string]string{"name": "new", "tags": "b;c", "onboot": "1", "protection": "1", "description": ""}, differs: []string{"name", "tags"},
	},
	"AddDisk": {
		reason: "A further disk, beside one that grows.",
		config: map[string]string{"name": "disk", "cores": "2", "memory": "1024", "scsihw": "virtio-scsi-single", "ostype": "l26", "scsi0": "pmoxpool01:vm-900-disk-0,iothread=1,size=8G", "boot": "order=scsi0"},
		change: map[string]string{"scsi0": "pmoxpool01:vm-900-disk-0,iothread=1,size=12G", "scsi1": "pmoxpool01:20,discard=on,iothread=1"}, differs: []string{"scsi0", "scsi1"},
	},
	"AddBetween": {
		reason: "A further disk that sorts between those that there are.",
		config: map[string]string{
			"name": "between", "cores": "2", "memory": "1024", "scsihw": "virtio-scsi-single", "ostype": "l26", "scsi0": "pmoxpool01:vm-900-disk-0,size=8G",
			"virtio0": "pmoxpool01:vm-900-disk-1,size=3G,serial=data", "boot": "order=scsi0",
		},
		change: map[string]string{"scsi1": "pmoxpool01:20,discard=on"}, differs: []string{"scsi1"},
	},
	"SmallDisk": {
		reason: "A disk of less than 1 GiB, which the provider counts as none.",
		config: map[string]string{
			"name": "small", "cores": "2", "memory": "1024", "scsihw": "virtio-scsi-single", "ostype": "l26", "scsi0": "pmoxpool01:vm-900-disk-0,size=512M", "scsi1": "pmoxpool01:vm-900-disk-1,size=8G",
		},
		change: map[string]string{"cores": "4", "cpu": "kvm64"}, differs: []string{"cores", "cpu.type"},
	},
	"GrowFile": {
		reason: "A disk that is a file keeps its format.",
		config: map[string]string{
			"name": "file", "cores": "2", "memory": "1024", "scsihw": "virtio-scsi-single", "ostype": "l26", "scsi0": "files:900/vm-900-disk-0.qcow2,size=8G", "boot": "order=scsi0",
		},
		change: map[string]string{"scsi0": "files:900/vm-900-disk-0.qcow2,size=10G", "memory": "2048", "balloon": "2048"}, differs: []string{"scsi0", "memory", "balloon"},
	},
	"MoreThreads": {
		reason: "Cores of a stopped machine.",
		config: map[string]string{"name": "off", "cores": "2", "cpu": "host", "memory": "1024", "scsihw": "virtio-scsi-single", "ostype": "l26", "scsi0": "pmoxpool01:vm-900-disk-0,size=8G"},
		change: map[string]string{"cores": "6"}, differs: []string{"cores"}, stopped: true,
	},
}

// TestAdoptLaboratory: every guest of the thesis's laboratory, HA and all, is taken over as it is without a change.
func TestAdoptLaboratory(t *testing.T) {
	tools(t)
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	var vmids []int
	for _, g := range seed.Guests {
		if !g.Template {
			vmids = append(vmids, g.VMID)
		}
	}
	s := withConfigs(t, seed, vmids...)
	plan := fixture.Plan()
	for _, id := range vmids {
		plan.Adoptions = append(plan.Adoptions, adoption(t, s, id, nil))
	}
	stages := prove(t, refined(t, plan, s))
	if got, want := stages[1].Text.Args, []any{"add", 0, "change", 0, "destroy", 0, "import", 8}; !slices.Equal(got, want) {
		t.Errorf("plan shows %v, want %v", got, want)
	}
	checkStages(t, stages, review.Skipped)
}

// TestGrowWebserver: a machine gets 8 GiB, 4 cores and a larger disk; beside it a new machine is made, which alone is
// destroyed again.
func TestGrowWebserver(t *testing.T) {
	tools(t)
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(seed.Guests, func(g twin.SeedGuest) bool { return g.VMID == 118 })
	webserver := seed.Guests[i]
	webserver.VMID, webserver.Name, webserver.Config = 125, "webserver", maps.Clone(webserver.Config)
	maps.Copy(webserver.Config, map[string]string{
		"name": "webserver", "cores": "2", "memory": "2048", "scsi0": "pmoxpool01:vm-125-disk-0,discard=on,iothread=1,size=32G", "ide2": "pmoxpool01:vm-125-cloudinit,media=cdrom",
	})
	seed.Guests = append(seed.Guests, webserver)
	s := withConfigs(t, seed, 125)
	plan := fixture.Plan(fixture.VM("second", 126))
	plan.VirtualMachines[0].ScsiHardware, plan.VirtualMachines[0].Disks[0].Iothread = "virtio-scsi-pci", false
	plan.Adoptions = []*provisov1.PlannedAdoption{adoption(t, s, 125, map[string]string{
		"memory": "8192", "cores": "4", "scsi0": "pmoxpool01:vm-125-disk-0,discard=on,iothread=1,size=64G",
	}, "memory", "cores", "scsi0")}
	stages := prove(t, refined(t, plan, s))
	if got, want := stages[1].Text.Args, []any{"add", 1, "change", 1, "destroy", 0, "import", 1}; !slices.Equal(got, want) {
		t.Errorf("plan shows %v, want %v", got, want)
	}
	checkStages(t, stages, review.Passed)
	if got, want := stages[4].Text.Args, []any{"add", 0, "change", 0, "destroy", 1, "count", 1}; !slices.Equal(got, want) {
		t.Errorf("destroy shows %v, want %v", got, want)
	}
}

// checkStages wants all stages passed, and destroy as said.
func checkStages(t *testing.T, stages []review.Stage, destroy review.Outcome) {
	t.Helper()
	for _, st := range stages {
		want := review.Passed
		if st.Name == StageDestroy {
			want = destroy
		}
		if st.Outcome != want {
			t.Errorf("stage %s %s; want %s", st.Name, st.Outcome, want)
		}
	}
}

// TestAdoptionFaultsFound: what the in-process stages might let through is found on the twin.
func TestAdoptionFaultsFound(t *testing.T) {
	tools(t)
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	s := withConfigs(t, seed, 123)
	plan := fixture.Plan()
	plan.Adoptions = []*provisov1.PlannedAdoption{adoption(t, s, 123, map[string]string{"memory": "10240"}, "memory")}
	good := refined(t, plan, s)
	checkStages(t, prove(t, good), review.Skipped) // under HA
	tests := map[string]struct {
		reason   string
		old, new string
		stage    string
		rule     string
	}{
		"Unasked":   {"A second change beside the one that was asked for.", "dedicated = 10240", "dedicated = 12288", StageApply, "apply.differs"},
		"Nothing":   {"The change that was asked for is not there.", "dedicated = 10240", "dedicated = 8192", StagePlan, "plan.counts"},
		"Replaced":  {"Another id would make the guest anew, which it is guarded against.", "vm_id     = 123", "vm_id     = 223", StagePlan, "plan.failed"},
		"NoImport":  {"Without its import the guest would be created.", "import {\n  to = proxmox_virtual_environment_vm.worker_node_2\n  id = \"pmox03/123\"\n}\n", "", StagePlan, "plan.counts"},
		"OtherMAC":  {"Another address beside what was asked for.", "mac_address = \"BC", "mac_address = \"BA", StageApply, "apply.differs"},
		"DiskGone":  {"A disk that is left out would be detached.", "    interface    = \"scsi0\"\n", "    interface    = \"scsi5\"\n", StageApply, "apply.failed"},
		"WrongName": {"Another name.", "\"worker-node-2\"", "\"worker-node-7\"", StageApply, "apply.differs"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, st := range prove(t, edit(t, good, tc.old, tc.new)) {
				if st.Outcome != review.Failed {
					continue
				}
				if st.Name != tc.stage || !slices.ContainsFunc(st.Findings, func(f review.Finding) bool { return f.Rule == tc.rule }) {
					t.Errorf("%s\nstage %s failed with %v; want %s in %s", tc.reason, st.Name, st.Findings, tc.rule, tc.stage)
				}
				return
			}
			t.Errorf("%s\nno stage failed", tc.reason)
		})
	}
}

// containers are containers as people have them.
var containers = map[string]adoptable{
	"Container": {
		reason: "A plain container with a static address.",
		config: map[string]string{
			"hostname": "ct", "arch": "amd64", "cores": "2", "memory": "1024", "swap": "512", "ostype": "debian", "rootfs": "pmoxpool01:vm-900-disk-0,size=8G", "unprivileged": "1",
			"net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:09:00,ip=172.25.5.60/24,gw=172.25.5.1,type=veth", "features": "nesting=1", "onboot": "1", "tags": "a;b",
			"nameserver": "9.9.9.9 1.1.1.1", "searchdomain": "lab.local",
		},
	},
	"BareContainer": {
		reason:  "Lines that are absent, mount points, a description, devices without an address.",
		config:  map[string]string{"hostname": "bare", "rootfs": "pmoxpool01:vm-900-disk-0,size=8G", "mp0": "pmoxpool01:vm-900-disk-1,mp=/data,size=4G", "description": "two\nlines", "net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:09:00,type=veth"},
		stopped: true,
	},
	"ChangeBareContainer": {
		reason:  "Memory of a container that names no swap.",
		config:  map[string]string{"hostname": "ct", "memory": "1024", "rootfs": "pmoxpool01:vm-900-disk-0,size=8G", "net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:09:00,type=veth"},
		change:  map[string]string{"memory": "2048", "swap": "512"},
		differs: []string{"memory", "swap"},
	},
	"ChangeContainer": {
		reason: "Memory, cores, root disk, name and tags.",
		config: map[string]string{
			"hostname": "ct", "arch": "amd64", "cores": "2", "memory": "1024", "swap": "512", "ostype": "debian", "rootfs": "pmoxpool01:vm-900-disk-0,size=8G", "unprivileged": "1",
			"net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:09:00,ip=dhcp,type=veth",
		},
		change:  map[string]string{"memory": "4096", "cores": "4", "rootfs": "pmoxpool01:vm-900-disk-0,size=12G", "hostname": "ct-2", "tags": "prod", "onboot": "1"},
		differs: []string{"memory", "cores", "rootfs", "name", "tags", "start_at_boot"}, pool: "Backup-vms-pool",
	},
}

// TestAdoption: a guest that is taken over as it is shows no change; one that is changed shows that alone, has it
// afterwards, and keeps everything else. The real provider says so.
func TestAdoption(t *testing.T) {
	tools(t)
	all := maps.Clone(zoo)
	maps.Copy(all, containers)
	for name, tc := range all {
		t.Run(name, func(t *testing.T) {
			kind := pve.KindVM
			if _, ok := containers[name]; ok {
				kind = pve.KindContainer
			}
			seed, err := twin.Lab(twin.S2)
			if err != nil {
				t.Fatal(err)
			}
			seed.Storages = append(seed.Storages, twin.SeedStorage{Name: "files", Type: "nfs", Shared: true, Path: "/mnt/pve/files", Content: []string{"images"}, TotalBytes: 1 << 40})
			seed.Guests = append(seed.Guests, twin.SeedGuest{
				VMID: 900, Kind: kind, Name: cmp.Or(tc.config["name"], tc.config["hostname"]), Node: "pmox02", Running: !tc.stopped, Pool: tc.pool, Config: maps.Clone(tc.config), CPUs: 1, MemoryBytes: 1 << 30,
			})
			seed.Mappings = append(seed.Mappings, pve.Mapping{Name: "gpu0", Kind: pve.MappingPCI, Devices: []pve.MappingDevice{{Node: "pmox02", Path: "0000:01:00.0", ID: "10de:2204"}}})
			s := withConfigs(t, seed, 900)
			plan := fixture.Plan()
			a := adoption(t, s, 900, tc.change, tc.differs...)
			for key, value := range tc.change {
				if value == "" {
					delete(a.GetVirtualMachine().GetConfig(), key)
				}
			}
			plan.Adoptions = []*provisov1.PlannedAdoption{a}
			subject := refined(t, plan, s)
			checkStages(t, prove(t, subject), review.Skipped)
			if t.Failed() {
				t.Log(tc.reason)
				for _, f := range subject.Files {
					if f.Path == "main.tf" {
						t.Log(f.Content)
					}
				}
			}
		})
	}
}
