package twin

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConfigSemantics(t *testing.T) {
	const off, on = "/nodes/pmox01/qemu/130", "/nodes/pmox03/qemu/123"
	tests := map[string]struct {
		reason string
		vm     string
		calls  []string // "METHOD /path-below-vm form"
		want   map[string]any
	}{
		"Allocate":        {reason: "GiB become a volume with the first free name and its size", vm: off, calls: []string{"PUT /config scsi1=local-lvm:5,discard=on"}, want: map[string]any{"scsi1": "local-lvm:vm-130-disk-0,discard=on,size=5G"}},
		"AllocateSecond":  {reason: "names count on", vm: off, calls: []string{"PUT /config scsi1=pmoxpool01:5&scsi2=pmoxpool01:6"}, want: map[string]any{"scsi1": "pmoxpool01:vm-130-disk-1,size=5G", "scsi2": "pmoxpool01:vm-130-disk-2,size=6G"}},
		"ByteSize":        {reason: "the provider writes the size in bytes, the twin shows the volume's own", vm: off, calls: []string{"PUT /config scsi0=file=pmoxpool01:vm-130-disk-0,size=8589934592,aio=io_uring"}, want: map[string]any{"scsi0": "pmoxpool01:vm-130-disk-0,aio=io_uring,size=32G"}},
		"Import":          {reason: "an import takes the image's size", vm: off, calls: []string{"PUT /config virtio0=local-lvm:0,import-from=cephfs:import/noble-server-cloudimg-amd64.qcow2,format=raw"}, want: map[string]any{"virtio0": "local-lvm:vm-130-disk-0,size=3584M"}},
		"Resize":          {reason: "absolute bytes", vm: off, calls: []string{"PUT /resize disk=scsi0&size=42949672960"}, want: map[string]any{"scsi0": "pmoxpool01:vm-130-disk-0,size=40G"}},
		"ResizeBy":        {reason: "or more by", vm: off, calls: []string{"PUT /resize disk=scsi0&size=%2B8G"}, want: map[string]any{"scsi0": "pmoxpool01:vm-130-disk-0,size=40G"}},
		"DeleteDisk":      {reason: "a disk becomes unused", vm: off, calls: []string{"PUT /config delete=scsi0"}, want: map[string]any{"scsi0": nil, "unused0": "pmoxpool01:vm-130-disk-0"}},
		"DestroyDisk":     {reason: "unless it is to be destroyed", vm: off, calls: []string{"PUT /config delete=scsi0&force=1"}, want: map[string]any{"scsi0": nil, "unused0": nil}},
		"ReattachDisk":    {reason: "attaching an unused disk uses it", vm: off, calls: []string{"PUT /config delete=scsi0", "PUT /config scsi1=pmoxpool01:vm-130-disk-0"}, want: map[string]any{"scsi1": "pmoxpool01:vm-130-disk-0,size=32G", "unused0": nil}},
		"CloudInitAgain":  {reason: "deleting the cloud-init drive frees its name", vm: off, calls: []string{"PUT /config delete=ide2", "PUT /config ide2=file=pmoxpool01:cloudinit,"}, want: map[string]any{"ide2": "pmoxpool01:vm-130-cloudinit,media=cdrom"}},
		"MoveDisk":        {reason: "another storage, another name, the old one gone", vm: off, calls: []string{"POST /move_disk disk=scsi0&storage=local-lvm&delete=1"}, want: map[string]any{"scsi0": "local-lvm:vm-130-disk-0,size=32G", "unused0": nil}},
		"CDROM":           {reason: "an image is only read", vm: off, calls: []string{"PUT /config ide3=cephfs:iso/OPNsense-24.7-dvd-amd64.iso,media=cdrom"}, want: map[string]any{"ide3": "cephfs:iso/OPNsense-24.7-dvd-amd64.iso,media=cdrom,size=2151426K"}},
		"EmptyDrive":      {reason: "an empty drive has no volume", vm: off, calls: []string{"PUT /config ide3=none,media=cdrom"}, want: map[string]any{"ide3": "none,media=cdrom"}},
		"NICByModel":      {reason: "model and address become one; no firewall is not written", vm: off, calls: []string{"PUT /config net1=model=e1000,macaddr=bc:24:11:00:00:07,bridge=vmbr0,firewall=0,tag=7"}, want: map[string]any{"net1": "e1000=BC:24:11:00:00:07,bridge=vmbr0,tag=7"}},
		"NICShort":        {reason: "the short form", vm: off, calls: []string{"PUT /config net1=virtio=BC:24:11:00:00:08,bridge=vmbr0"}, want: map[string]any{"net1": "virtio=BC:24:11:00:00:08,bridge=vmbr0"}},
		"Tags":            {reason: "sorted, lower case, once", vm: off, calls: []string{"PUT /config tags=Web%3Bdb%3Bweb"}, want: map[string]any{"tags": "db;web"}},
		"Password":        {reason: "secrets do not come back", vm: off, calls: []string{"PUT /config cipassword=hunter2"}, want: map[string]any{"cipassword": "**********"}},
		"Boolean":         {reason: "booleans are numbers", vm: off, calls: []string{"PUT /config onboot=yes&protection=off"}, want: map[string]any{"onboot": 1.0, "protection": 0.0}},
		"Types":           {reason: "numbers as numbers, memory as text", vm: off, calls: []string{"PUT /config cores=3&memory=4096&balloon=0&cpulimit=1.5"}, want: map[string]any{"cores": 3.0, "memory": "4096", "balloon": 0.0, "cpulimit": "1.5"}},
		"DeleteUnknown":   {reason: "deleting what is not there is fine", vm: off, calls: []string{"PUT /config delete=net1,net2,net31,serial3"}, want: map[string]any{"net1": nil}},
		"CPUType":         {reason: "the type's key is not written", vm: off, calls: []string{"PUT /config cpu=cputype=host"}, want: map[string]any{"cpu": "host"}},
		"PendingShows":    {reason: "a running machine shows what it will have", vm: on, calls: []string{"PUT /config cores=8"}, want: map[string]any{"cores": 8.0}},
		"HotName":         {reason: "a name changes at once", vm: on, calls: []string{"PUT /config name=other"}, want: map[string]any{"name": "other"}},
		"HotDisk":         {reason: "disks are hot-plugged", vm: on, calls: []string{"PUT /config scsi1=local-lvm:5"}, want: map[string]any{"scsi1": "local-lvm:vm-123-disk-0,size=5G"}},
		"TemplateConvert": {reason: "a template's disks get base names", vm: off, calls: []string{"POST /template "}, want: map[string]any{"template": 1.0, "scsi0": "pmoxpool01:base-130-disk-0,size=32G"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{})
			c.must("POST /nodes/pmox01/qemu/100/clone", "newid=130&full=1", nil)
			for _, call := range tc.calls {
				parts := strings.SplitN(call, " ", 3)
				c.must(parts[0]+" "+tc.vm+parts[1], parts[2], nil)
			}
			got := c.config(tc.vm)
			for key, want := range tc.want {
				if diff := cmp.Diff(want, got[key]); diff != "" {
					t.Errorf("%s: %s (-want +got):\n%s", tc.reason, key, diff)
				}
			}
		})
	}
}

// The NIC of a clone must not have the address of its template, nor the machine its identities.
func TestCloneIdentity(t *testing.T) {
	c := newLab(t, Options{})
	c.must("POST /nodes/pmox01/qemu/100/clone", "newid=130&full=0&target=pmox02&pool=Backup-vms-pool", nil)
	before, after := c.config("/nodes/pmox01/qemu/100"), c.config("/nodes/pmox02/qemu/130")
	for _, key := range []string{"net0", "vmgenid", "smbios1", "digest"} {
		if before[key] == after[key] || after[key] == nil {
			t.Errorf("%s: clone has %v, template %v", key, after[key], before[key])
		}
	}
	if !strings.HasPrefix(after["net0"].(string), "virtio=BC:24:11:") {
		t.Errorf("net0 is %v, want an address of the cluster's prefix", after["net0"])
	}
	want := map[string]any{
		"name": "Copy-of-VM-k3s-template", "template": nil, "scsi0": "pmoxpool01:base-100-disk-0/vm-130-disk-0,size=32G", "ide2": "pmoxpool01:vm-130-cloudinit,media=cdrom",
		"cores": 2.0, "ciuser": "admin-ubt", "serial0": "socket",
	}
	for key, value := range want {
		if diff := cmp.Diff(value, after[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

func TestPendingUntilRestart(t *testing.T) {
	c := newLab(t, Options{})
	const vm = "/nodes/pmox03/qemu/123"
	c.must("PUT "+vm+"/config", "cores=8&delete=serial0", nil)
	var active map[string]any
	c.must("GET "+vm+"/config", "current=1", &active)
	if active["cores"] != 6.0 || active["serial0"] != "socket" {
		t.Errorf("active before restart: cores %v, serial0 %v; want 6 and socket", active["cores"], active["serial0"])
	}
	var pending []map[string]any
	c.must("GET "+vm+"/pending", "", &pending)
	seen := map[string]any{}
	for _, row := range pending {
		if row["key"] == "cores" {
			seen["cores"] = row["pending"]
		}
		if row["key"] == "serial0" {
			seen["serial0"] = row["delete"]
		}
	}
	if diff := cmp.Diff(map[string]any{"cores": 8.0, "serial0": 1.0}, seen); diff != "" {
		t.Errorf("pending (-want +got):\n%s", diff)
	}
	c.task("POST "+vm+"/status/reboot", "")
	c.must("GET "+vm+"/config", "current=1", &active)
	if active["cores"] != 8.0 {
		t.Errorf("active after restart: cores %v, want 8", active["cores"])
	}
}

func TestStartFindsMistakes(t *testing.T) {
	tests := map[string]struct{ reason, form, want string }{
		"Bridge":    {reason: "a bridge that no node has", form: "net0=virtio,bridge=vmbr7", want: "bridge 'vmbr7' does not exist"},
		"Cores":     {reason: "more processors than the node", form: "cores=24", want: "MAX 20 vcpus allowed per VM on this node"},
		"Memory":    {reason: "more memory than the node", form: "memory=65536", want: "start failed: QEMU exited with code 1: cannot set up guest memory 'pc.ram': Cannot allocate memory"},
		"VNet":      {reason: "a vnet that was applied is a bridge", form: "net0=virtio,bridge=mainvnet", want: "OK"},
		"Untouched": {reason: "a clone of the template starts", form: "name=fine", want: "OK"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{})
			c.must("POST /nodes/pmox01/qemu/100/clone", "newid=130&full=1", nil)
			c.must("PUT /nodes/pmox01/qemu/130/config", tc.form, nil)
			if got := c.task("POST /nodes/pmox01/qemu/130/status/start", ""); got != tc.want {
				t.Errorf("%s: got %q, want %q", tc.reason, got, tc.want)
			}
		})
	}
}

// A vnet that is configured but not applied is on no node.
func TestVNetNeedsApply(t *testing.T) {
	c := newLab(t, Options{})
	c.must("POST /cluster/sdn/vnets", "vnet=front&zone=mainzone&tag=200", nil)
	c.must("POST /nodes/pmox01/qemu/100/clone", "newid=130&full=1", nil)
	c.must("PUT /nodes/pmox01/qemu/130/config", "net0=virtio,bridge=front", nil)
	if got, want := c.task("POST /nodes/pmox01/qemu/130/status/start", ""), "bridge 'front' does not exist"; got != want {
		t.Errorf("before apply: got %q, want %q", got, want)
	}
	var row map[string]any
	c.must("GET /cluster/sdn/vnets/front", "pending=1", &row)
	if row["state"] != "new" {
		t.Errorf("state before apply: got %v, want new", row["state"])
	}
	c.task("PUT /cluster/sdn", "")
	if got := c.task("POST /nodes/pmox01/qemu/130/status/start", ""); got != "OK" {
		t.Errorf("after apply: got %q, want OK", got)
	}
}
