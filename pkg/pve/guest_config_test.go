package pve

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMachineConfig(t *testing.T) {
	// base is what an empty configuration means.
	base := func(change func(*GuestConfig)) *GuestConfig {
		c := &GuestConfig{Cores: 1, Sockets: 1, MemoryMiB: 512, Disks: []Disk{}, NICs: []NIC{}}
		if change != nil {
			change(c)
		}
		return c
	}
	tests := map[string]struct {
		reason string
		lines  map[string]text
		want   *GuestConfig
	}{
		"Empty": {"Proxmox VE leaves out what has its default.", nil, base(nil)},
		"Plain": {
			"Numbers arrive as numbers or as strings.",
			map[string]text{"cores": "4", "sockets": "2", "memory": "8192", "ostype": "l26", "scsihw": "virtio-scsi-single", "bios": "ovmf",
				"boot": "order=scsi0;net0", "serial0": "socket", "vga": "serial0", "cpu": "host", "machine": "q35", "agent": "1"},
			base(func(c *GuestConfig) {
				c.Cores, c.Sockets, c.MemoryMiB, c.OSType, c.SCSIHW, c.BIOS = 4, 2, 8192, "l26", "virtio-scsi-single", "ovmf"
				c.Boot, c.Serial0, c.VGA, c.CPUType, c.Machine, c.Agent = "order=scsi0;net0", true, "serial0", "host", "q35", true
			}),
		},
		"PropertyStrings": {
			"Most values may carry options, with or without the name of the first.",
			map[string]text{"memory": "current=3072", "cpu": "x86-64-v2-AES,flags=+aes", "machine": "type=pc-q35-8.1,viommu=intel",
				"agent": "enabled=1,fstrim_cloned_disks=0,type=virtio", "vga": "std,memory=32"},
			base(func(c *GuestConfig) {
				c.MemoryMiB, c.CPUType, c.Machine, c.Agent, c.VGA = 3072, "x86-64-v2-AES", "pc-q35-8.1", true, "std"
			}),
		},
		"NamedCPUType":      {"The first option may be named.", map[string]text{"cpu": "cputype=host"}, base(func(c *GuestConfig) { c.CPUType = "host" })},
		"AgentOff":          {"Off is written out.", map[string]text{"agent": "0"}, base(nil)},
		"AgentOffNamed":     {"Off is written out.", map[string]text{"agent": "enabled=0,fstrim_cloned_disks=1"}, base(nil)},
		"AgentBareThenMore": {"The name of the first option may be left out.", map[string]text{"agent": "1,fstrim_cloned_disks=1"}, base(func(c *GuestConfig) { c.Agent = true })},
		"Disks": {
			"Disks are sorted by bus and number; CD-ROMs, EFI, TPM and unused volumes are none.",
			map[string]text{
				"scsi10":    "pmoxpool01:vm-100-disk-3,size=3584M",
				"scsi2":     "pmoxpool01:vm-100-disk-2,discard=ignore,size=2252M",
				"scsi0":     "pmoxpool01:base-100-disk-0,discard=on,iothread=1,size=32G,ssd=1",
				"virtio0":   "file=local:100/vm-100-disk-0.qcow2,size=1.5T",
				"sata0":     "/dev/disk/by-id/ata-WDC_X,size=4M",
				"ide0":      "none,media=cdrom",
				"ide1":      "cephfs:iso/debian.iso,media=cdrom,size=631M",
				"ide2":      "pmoxpool01:vm-100-cloudinit,media=cdrom,size=4M",
				"efidisk0":  "pmoxpool01:vm-100-disk-1,efitype=4m,size=1M",
				"tpmstate0": "pmoxpool01:vm-100-disk-4,size=4M,version=v2.0",
				"unused0":   "pmoxpool01:vm-100-disk-9",
				"scsihw":    "virtio-scsi-pci",
			},
			base(func(c *GuestConfig) {
				c.SCSIHW, c.CloudInit = "virtio-scsi-pci", "ide2"
				c.Disks = []Disk{
					{Slot: "sata0", Volume: "/dev/disk/by-id/ata-WDC_X", SizeBytes: 4 << 20},
					{Slot: "scsi0", Storage: "pmoxpool01", Volume: "pmoxpool01:base-100-disk-0", SizeBytes: 32 << 30, Discard: true, IOThread: true, SSD: true},
					{Slot: "scsi2", Storage: "pmoxpool01", Volume: "pmoxpool01:vm-100-disk-2", SizeBytes: 2252 << 20},
					{Slot: "scsi10", Storage: "pmoxpool01", Volume: "pmoxpool01:vm-100-disk-3", SizeBytes: 3584 << 20},
					{Slot: "virtio0", Storage: "local", Volume: "local:100/vm-100-disk-0.qcow2", SizeBytes: 1536 << 30},
				}
			}),
		},
		"CloudInitOnFiles": {"On a directory the drive is a file.", map[string]text{"scsi1": "local:100/vm-100-cloudinit.qcow2,media=cdrom"}, base(func(c *GuestConfig) { c.CloudInit = "scsi1" })},
		"CloudInitLookLike": {"A storage may bear the name.", map[string]text{"scsi1": "cloudinit:vm-100-disk-0,size=1G"}, base(func(c *GuestConfig) {
			c.Disks = []Disk{{Slot: "scsi1", Storage: "cloudinit", Volume: "cloudinit:vm-100-disk-0", SizeBytes: 1 << 30}}
		})},
		"LinkedClone": {"The volume of a linked clone names its base.", map[string]text{"scsi0": "rbd:base-100-disk-0/vm-101-disk-0,size=8G"}, base(func(c *GuestConfig) {
			c.Disks = []Disk{{Slot: "scsi0", Storage: "rbd", Volume: "rbd:base-100-disk-0/vm-101-disk-0", SizeBytes: 8 << 30}}
		})},
		"NICs": {
			"The model is the key of the MAC, or both are named; net10 comes after net2.",
			map[string]text{"net10": "e1000=BC:24:11:00:00:0A,bridge=web", "net2": "model=virtio,macaddr=BC:24:11:00:00:02,bridge=vmbr1,tag=42",
				"net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1", "net3": "virtio,bridge=vmbr0"},
			base(func(c *GuestConfig) {
				c.NICs = []NIC{
					{Slot: "net0", Model: "virtio", Bridge: "vmbr0", MAC: "BC:24:11:00:00:01"},
					{Slot: "net2", Model: "virtio", Bridge: "vmbr1", MAC: "BC:24:11:00:00:02", VLAN: 42},
					{Slot: "net3", Model: "virtio", Bridge: "vmbr0"},
					{Slot: "net10", Model: "e1000", Bridge: "web", MAC: "BC:24:11:00:00:0A"},
				}
			}),
		},
		"LegacyBoot": {"Old guests name their boot disk apart.", map[string]text{"boot": "cdn", "bootdisk": "virtio0"}, base(func(c *GuestConfig) { c.Boot = "order=virtio0" })},
		"Rubbish": {
			"What cannot be read is absent, never a panic.",
			map[string]text{"cores": "many", "memory": ",,=", "net0": "", "scsi0": "", "scsi1": ",,size=", "agent": "="},
			base(func(c *GuestConfig) { c.NICs = []NIC{{Slot: "net0"}} }),
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, machineConfig(tc.lines)); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestContainerConfig(t *testing.T) {
	got := containerConfig(map[string]text{
		"cores": "2", "memory": "1024", "ostype": "debian", "hostname": "dns",
		"rootfs": "rbd:vm-103-disk-0,size=8G", "mp10": "volume=rbd:vm-103-disk-2,mp=/b,size=1G", "mp2": "rbd:vm-103-disk-1,mp=/a,size=4G",
		"mp0": "/srv/data,mp=/data", "unused0": "rbd:vm-103-disk-9",
		"net0": "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:03,ip=dhcp,tag=7,type=veth", "net1": "name=eth1,bridge=web",
	})
	want := &GuestConfig{
		Cores: 2, Sockets: 1, MemoryMiB: 1024, OSType: "debian",
		Disks: []Disk{
			{Slot: "rootfs", Storage: "rbd", Volume: "rbd:vm-103-disk-0", SizeBytes: 8 << 30},
			{Slot: "mp2", Storage: "rbd", Volume: "rbd:vm-103-disk-1", SizeBytes: 4 << 30},
			{Slot: "mp10", Storage: "rbd", Volume: "rbd:vm-103-disk-2", SizeBytes: 1 << 30},
		},
		NICs: []NIC{
			{Slot: "net0", Model: "veth", Bridge: "vmbr0", MAC: "BC:24:11:00:00:03", VLAN: 7},
			{Slot: "net1", Model: "veth", Bridge: "web"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
	if boot := got.BootDisk(); boot == nil || boot.Slot != "rootfs" {
		t.Errorf("the boot disk is %v, want rootfs", boot)
	}
}

func TestParseSize(t *testing.T) {
	for size, want := range map[string]int64{
		"32G": 32 << 30, "4M": 4 << 20, "3584M": 3584 << 20, "2252M": 2252 << 20, "528K": 528 << 10, "2T": 2 << 40, "1.5G": 1536 << 20,
		"8589934592": 8 << 30, "0": 0, "": 0, "G": 0, "-1G": 0, "NaN": 0, "InfG": 0, "9999999T": 0, "1e30": 0, "32GB": 0,
	} {
		if got := parseSize(size); got != want {
			t.Errorf("parseSize(%q) is %d, want %d", size, got, want)
		}
	}
}

func TestGuestConfig(t *testing.T) {
	srv := newStub(t, map[string]http.HandlerFunc{
		"/nodes/pmox01/qemu/101/config": data(`{"cores":2,"sockets":"1","memory":"2048","agent":1,"template":1,"lock":null,"net0":"virtio=AA:BB:CC:00:00:01,bridge=vmbr0"}`),
		"/nodes/pmox01/lxc/103/config":  data(`{"cores":1,"memory":512,"rootfs":"rbd:vm-103-disk-0,size=8G","lxc":[["lxc.x","y"]],"unprivileged":true}`),
		"/nodes/pmox01/qemu/105/config": data(`null`),
		"/nodes/pmox01/qemu/106/config": refuse(500, "Configuration file 'nodes/pmox01/qemu-server/106.conf' does not exist", ""),
	})
	r := srv.reader(t, nil)
	tests := map[string]struct {
		reason string
		kind   GuestKind
		vmid   int
		want   *GuestConfig
		err    error
	}{
		"Machine": {"Numbers come in both forms.", KindVM, 101, &GuestConfig{Cores: 2, Sockets: 1, MemoryMiB: 2048, Agent: true, Disks: []Disk{},
			NICs: []NIC{{Slot: "net0", Model: "virtio", Bridge: "vmbr0", MAC: "AA:BB:CC:00:00:01"}}}, nil},
		"Container": {"Raw LXC lines are nested lists and do not matter.", KindContainer, 103, &GuestConfig{Cores: 1, Sockets: 1, MemoryMiB: 512,
			Disks: []Disk{{Slot: "rootfs", Storage: "rbd", Volume: "rbd:vm-103-disk-0", SizeBytes: 8 << 30}}, NICs: []NIC{}}, nil},
		"Null":    {"Null is no configuration.", KindVM, 105, nil, ErrAnswer},
		"Missing": {"The guest is gone.", KindVM, 106, nil, ErrNotFound},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := r.GuestConfig(t.Context(), "pmox01", tc.kind, tc.vmid)
			if !errors.Is(err, tc.err) {
				t.Fatalf("%s\ngot error %v, want %v", tc.reason, err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
	before := len(srv.requests())
	if _, err := r.GuestConfig(t.Context(), "pmox01", "../..", 1); err == nil || len(srv.requests()) != before {
		t.Errorf("an unknown kind was sent to the server (error %v)", err)
	}
}

// Configurations are written by people and tools of fifteen years: whatever the lines hold, reading them ends.
func FuzzMachineConfig(f *testing.F) {
	f.Add("scsi0", "pmoxpool01:vm-100-disk-0,size=32G")
	f.Add("net0", "virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=4")
	f.Add("ide2", ":cloudinit,,=,media=cdrom")
	f.Fuzz(func(t *testing.T, key, value string) {
		lines := map[string]text{key: text(value)}
		for _, c := range []*GuestConfig{machineConfig(lines), containerConfig(lines)} {
			for _, d := range c.Disks {
				if d.SizeBytes < 0 || d.Volume == "" {
					t.Errorf("%s: %s reads as %+v", key, value, d)
				}
			}
		}
	})
}

// TestWholeConfigMasks: whatever a server shows of a password, a snapshot holds none.
func TestWholeConfigMasks(t *testing.T) {
	got := wholeConfig(KindVM, map[string]text{"cipassword": "hunter2", "memory": "2048", "digest": "abc"}).Lines
	if diff := cmp.Diff(map[string]string{"cipassword": "**********", "memory": "2048"}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
