package twin

import (
	"strings"
	"testing"
)

// What Proxmox VE refuses, and in which words: clients decide by them.
func TestRefusals(t *testing.T) {
	const vm = "/nodes/pmox03/qemu/123" // running, HA-managed, in a pool
	tests := map[string]struct {
		reason  string
		version string
		before  []string // "METHOD /path form", which must succeed
		call    string
		form    string
		status  int
		text    string // in the message, or "param: text" in the errors
	}{
		"NoSuchPath":         {reason: "not in the schema", call: "GET /nothing", status: 501, text: "Method 'GET /nothing' not implemented"},
		"NoSuchDeed":         {reason: "in the schema but not in the twin", call: "GET /cluster/acme/plugins", status: 501, text: "not implemented"},
		"UnknownParameter":   {reason: "outside the schema", call: "GET /cluster/nextid", form: "x=1", status: 400, text: "x: property is not defined in schema"},
		"NoSuchGuest":        {reason: "the words by which the provider knows that it is gone", call: "GET /nodes/pmox01/qemu/999/status/current", status: 500, text: "Configuration file 'nodes/pmox01/qemu-server/999.conf' does not exist"},
		"OtherNode":          {reason: "a guest is only on its own node", call: "GET /nodes/pmox02/qemu/123/config", status: 500, text: "nodes/pmox02/qemu-server/123.conf' does not exist"},
		"OtherKind":          {reason: "a machine is no container", call: "GET /nodes/pmox03/lxc/123/config", status: 500, text: "nodes/pmox03/lxc/123.conf' does not exist"},
		"OfflineNode":        {reason: "the proxy cannot connect", call: "GET /nodes/pmox04/status", status: 595, text: "No route to host"},
		"UnknownNode":        {reason: "a name that resolves to nothing", call: "GET /nodes/pmox09/status", status: 500, text: "hostname lookup 'pmox09' failed"},
		"TakenID":            {reason: "the provider tries the next id", call: "GET /cluster/nextid", form: "vmid=100", status: 400, text: "vmid: VM 100 already exists"},
		"CloneToTakenID":     {reason: "ids are unique", call: "POST /nodes/pmox01/qemu/100/clone", form: "newid=101", status: 500, text: "unable to create VM 101: config file already exists"},
		"LinkedToStorage":    {reason: "a linked clone stays where its base is", call: "POST /nodes/pmox01/qemu/100/clone", form: "newid=130&full=0&storage=local-lvm", status: 500, text: "parameter 'storage' not allowed for linked clones"},
		"CloneElsewhere":     {reason: "a template on a local storage cannot be cloned to another node", before: []string{"POST /nodes/pmox01/qemu/100/clone newid=130&storage=local-lvm&full=1", "POST /nodes/pmox01/qemu/130/template"}, call: "POST /nodes/pmox01/qemu/130/clone", form: "newid=131&target=pmox02", status: 500, text: "VM uses local storage"},
		"CloneNoPool":        {reason: "a pool must be there", call: "POST /nodes/pmox01/qemu/100/clone", form: "newid=130&pool=none", status: 500, text: "pool 'none' does not exist"},
		"DiskOnFileStorage":  {reason: "cephfs holds no disks", call: "PUT " + vm + "/config", form: "scsi1=cephfs:8", status: 400, text: "storage: storage 'cephfs' does not support vm images"},
		"DiskNowhere":        {reason: "an unknown storage", call: "PUT " + vm + "/config", form: "scsi1=nowhere:8", status: 500, text: "storage 'nowhere' does not exist"},
		"ImportNothing":      {reason: "the image must be there", call: "PUT " + vm + "/config", form: "scsi1=local-lvm:0,import-from=cephfs:import/no.qcow2", status: 500, text: "volume does not exist"},
		"SlotTooHigh":        {reason: "scsi ends at 30, which the schema does not say", call: "PUT " + vm + "/config", form: "scsi31=local-lvm:8", status: 400, text: "scsi31: property is not defined"},
		"Shrink":             {reason: "disks only grow", call: "PUT " + vm + "/resize", form: "disk=scsi0&size=1G", status: 500, text: "shrinking disks is not supported"},
		"DestroyRunning":     {reason: "a running machine is safe", before: []string{"DELETE /cluster/ha/resources/vm:123"}, call: "DELETE " + vm, status: 500, text: "VM 123 is running - destroy failed"},
		"DestroyManaged":     {reason: "and so is one under HA, without purge", call: "DELETE " + vm, status: 500, text: "used in HA resources and purge parameter not set"},
		"DestroyProtected":   {reason: "protection wins", before: []string{"PUT " + vm + "/config protection=1"}, call: "DELETE " + vm, form: "purge=1", status: 500, text: "can't remove VM 123 - protection mode enabled"},
		"DestroyBase":        {reason: "linked clones need their base", before: []string{"POST /nodes/pmox01/qemu/100/clone newid=130&full=0"}, call: "DELETE /nodes/pmox01/qemu/100", status: 500, text: "base volume 'pmoxpool01:base-100-disk-0' is still in use"},
		"StaleDigest":        {reason: "somebody else changed the file", call: "PUT " + vm + "/config", form: "cores=1&digest=0000000000000000000000000000000000000000", status: 500, text: "detected modified configuration"},
		"SetAndDelete":       {reason: "a contradiction", call: "PUT " + vm + "/config", form: "tags=a&delete=tags", status: 400, text: "delete: Can't use '-tags'"},
		"MigrateOffline":     {reason: "the target must be there", before: []string{"DELETE /cluster/ha/resources/vm:123"}, call: "POST " + vm + "/migrate", form: "target=pmox04&online=1", status: 500, text: "target node 'pmox04' is not online"},
		"PoolTwice":          {reason: "pools are unique", call: "POST /pools", form: "poolid=Backup-vms-pool", status: 500, text: "create pool failed: pool 'Backup-vms-pool' already exists"},
		"PoolNotEmpty":       {reason: "only an empty pool goes", call: "DELETE /pools", form: "poolid=Backup-vms-pool", status: 500, text: "is not empty (contains VM)"},
		"PoolMember":         {reason: "a guest is in a pool once", call: "PUT /pools", form: "poolid=Backup-vms-pool&vms=123", status: 500, text: "VM 123 is already a pool member"},
		"HANoGroup":          {reason: "a group must be there", before: []string{"DELETE /cluster/ha/resources/vm:123"}, call: "POST /cluster/ha/resources", form: "sid=vm:123&group=none", status: 500, text: "no such ha group 'none'"},
		"HATwice":            {reason: "one entry a guest", call: "POST /cluster/ha/resources", form: "sid=vm:123", status: 500, text: "resource ID 'vm:123' already defined"},
		"HANotThere":         {reason: "the words by which the provider knows", call: "GET /cluster/ha/resources/vm:100", status: 500, text: "no such resource 'vm:100'"},
		"HANotManaged":       {reason: "deleting nothing", call: "DELETE /cluster/ha/resources/vm:100", status: 500, text: "cannot delete service 'vm:100', not HA managed!"},
		"HAGroupsOn9":        {reason: "listed in the schema of 9, gone at run time", version: "9.1.1", call: "GET /cluster/ha/groups", status: 500, text: "ha groups have been migrated to rules"},
		"HAGroupOn9":         {reason: "nor may a resource name one", version: "9.1.1", before: []string{"DELETE /cluster/ha/resources/vm:123"}, call: "POST /cluster/ha/resources", form: "sid=vm:123&group=mainHA", status: 500, text: "invalid parameter 'group'"},
		"HARulesOn8":         {reason: "rules are new in 9", call: "GET /cluster/ha/rules", status: 501, text: "not implemented"},
		"VNetWithoutZone":    {reason: "a vnet needs its zone", call: "POST /cluster/sdn/vnets", form: "vnet=front&zone=nozone&tag=5", status: 500, text: "zone 'nozone' does not exist"},
		"VNetWithoutTag":     {reason: "a VLAN zone needs tags", call: "POST /cluster/sdn/vnets", form: "vnet=front&zone=mainzone", status: 400, text: "tag: missing vlan tag"},
		"SubnetGateway":      {reason: "a gateway lies in its subnet", call: "POST /cluster/sdn/vnets/mainvnet/subnets", form: "subnet=10.0.0.0/24&type=subnet&gateway=10.1.0.1", status: 400, text: "gateway: 10.1.0.1 is not in subnet"},
		"DownloadTwice":      {reason: "downloads do not overwrite", call: "POST /nodes/pmox01/storage/cephfs/download-url", form: "content=iso&filename=OPNsense-24.7-dvd-amd64.iso&url=https://example.org/x.iso", status: 500, text: "refusing to override existing file"},
		"DownloadWrongPlace": {reason: "content has its storages", call: "POST /nodes/pmox01/storage/pmoxpool01/download-url", form: "content=iso&filename=x.iso&url=https://example.org/x.iso", status: 500, text: "not configured for content-type 'iso'"},
		"DownloadWrongName":  {reason: "names have their endings", call: "POST /nodes/pmox01/storage/cephfs/download-url", form: "content=import&filename=x.img&url=https://example.org/x.img", status: 400, text: "filename: wrong file extension"},
		"BackupOnRBD":        {reason: "backups go to storages for backups", call: "POST /cluster/backup", form: "schedule=21:00&storage=pmoxpool01&all=1", status: 400, text: "storage: storage 'pmoxpool01' does not support backups"},
		"TaskUnknown":        {reason: "a status that is not there is 400", call: "GET /nodes/pmox01/tasks/UPID:pmox01:00000001:00000001:00000001:x::root@pam:/status", status: 400, text: "upid: no such task"},
		"AgentOff":           {reason: "a machine that is off has no agent", call: "GET /nodes/pmox01/qemu/100/agent/network-get-interfaces", status: 500, text: "VM 100 is not running"},
		"AgentNotConfigured": {reason: "OPNsense has none in the laboratory", call: "GET /nodes/pmox01/qemu/101/agent/network-get-interfaces", status: 500, text: "No QEMU guest agent configured"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{Version: tc.version})
			for _, step := range tc.before {
				parts := append(strings.SplitN(step, " ", 3), "")
				c.must(parts[0]+" "+parts[1], parts[2], nil)
			}
			got := c.do(tc.call, tc.form)
			text := got.Message
			if param, _, ok := strings.Cut(tc.text, ": "); ok && got.Errors[param] != "" {
				text = param + ": " + got.Errors[param]
			}
			if got.Status != tc.status || !strings.Contains(text, tc.text) {
				t.Errorf("%s: got %d %q %v, want %d %q", tc.reason, got.Status, got.Message, got.Errors, tc.status, tc.text)
			}
		})
	}
}
