package lines

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFields: what Proxmox VE may write in several ways has one field, and what is absent has its default.
func TestFields(t *testing.T) {
	a := VM(map[string]string{
		"memory": "current=2048", "tags": "b;a", "agent": "1", "scsi0": "pool:vm-1-disk-0,iothread=on,size=1024M", "net0": "model=virtio,macaddr=bc:24:11:00:00:01,bridge=vmbr0",
		"sshkeys": "ssh-ed25519%20AAAA%20a%40b%0A", "startup": "order=1", "description": "text\n", "boot": "order=scsi0;net0",
	})
	b := VM(map[string]string{
		"memory": "2048", "tags": "a;b", "agent": "enabled=1", "scsi0": "pool:vm-1-disk-0,size=1G,iothread=1,aio=io_uring,backup=1", "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=0",
		"sshkeys": "ssh-ed25519 AAAA a@b", "startup": "1", "description": "text", "boot": "order=scsi0;net0", "cores": "1", "sockets": "1", "onboot": "0", "balloon": "0", "digest": "x",
	})
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("the same guest, written differently (-a +b):\n%s", diff)
	}
	for name, config := range map[string]map[string]string{
		"scsi0.size": {"memory": "2048", "scsi0": "pool:vm-1-disk-0,size=2G"}, "memory": {"memory": "4096"}, "onboot": {"onboot": "1"}, "net0.mac": {"net0": "virtio=BC:24:11:00:00:02,bridge=vmbr0"},
	} {
		found := false
		for _, differs := range Differences(a, VM(config)) {
			found = found || differs == name
		}
		if !found {
			t.Errorf("%s differs and is not told", name)
		}
	}
}

// TestLeftOut: every line is written, the provider's own, or told.
func TestLeftOut(t *testing.T) {
	tests := map[string]struct {
		reason  string
		config  map[string]string
		want    []Left
		ignored []string
	}{
		"Nothing": {
			reason: "An ordinary machine is written whole.",
			config: map[string]string{
				"name": "a", "memory": "2048", "scsihw": "virtio-scsi-pci", "ostype": "l26", "scsi0": "pool:vm-1-disk-0,size=1G", "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0",
				"smbios1": "uuid=1", "vmgenid": "1", "meta": "x", "ide2": "pool:vm-1-cloudinit,media=cdrom",
			},
		},
		"Gaps": {
			reason: "Lists of the provider count from 0.",
			config: map[string]string{"memory": "2048", "scsihw": "lsi", "ostype": "l26", "serial2": "socket"},
			want:   []Left{{"serial2", "", Unwritten, "serial_device"}}, ignored: []string{"serial_device"},
		},
		"Absent": {
			reason: "What is absent and read as something else is ignored.",
			config: map[string]string{"memory": "2048"},
			want:   []Left{{"ostype", "", Unwritten, "operating_system"}, {"scsihw", "", Unwritten, "scsi_hardware"}}, ignored: []string{"operating_system", "scsi_hardware"},
		},
		"Options": {
			reason: "Options that the provider would drop, and a secret.",
			config: map[string]string{
				"memory": "2048", "scsihw": "lsi", "ostype": "l26", "scsi0": "pool:vm-1-disk-0,size=1G,wwn=0x5", "cpu": "host,hidden=1", "cipassword": "**********", "unused0": "pool:vm-1-disk-3",
				"description": "root password: [secret-1]",
			},
			want:    []Left{{"cipassword", "", Secret, ""}, {"cpu", "hidden", NoOption, ""}, {"description", "", Secret, "description"}, {"scsi0", "wwn", NoOption, ""}, {"unused0", "", NoArgument, ""}},
			ignored: []string{"description"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := LeftOut(tt.config)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s\nleft out (-want +got):\n%s", tt.reason, diff)
			}
			if diff := cmp.Diff(tt.ignored, Ignored(got)); diff != "" {
				t.Errorf("%s\nignored (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}
