package providertest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/twin"
)

const both, only8, only9 = "", "8.4.1", "9.1.1"

// A step applies a manifest.
type step struct {
	manifest string
	holds    string         // must be in the output of apply
	path     string         // of the API, read after apply
	want     map[string]any // some of what is there
}

// change is a manifest in which old became new. It panics where old is not there, since a test that changes nothing
// would show nothing.
func change(manifest string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(manifest, pairs[i]) {
			panic("the manifest does not hold " + pairs[i])
		}
		manifest = strings.Replace(manifest, pairs[i], pairs[i+1], 1)
	}
	return manifest
}

// read asks the twin itself, past the provider.
func (b *bench) read(path string) map[string]any {
	b.t.Helper()
	request := httptest.NewRequest(http.MethodGet, "/api2/json"+path, nil)
	request.Header.Set("Authorization", "PVEAPIToken="+b.token)
	recorder := httptest.NewRecorder()
	b.cluster.Handler().ServeHTTP(recorder, request)
	var answer struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || recorder.Code != http.StatusOK {
		b.t.Fatalf("GET %s: %d %s %v", path, recorder.Code, recorder.Body, err)
	}
	return answer.Data
}

const extraDisk = `  disk {
    datastore_id = "local-lvm"
    interface    = "scsi1"
    size         = 5
  }

  network_device {`

// Shows: T-4.4.2-04, T-4.3.6-01, T-4.3.7-02
func TestApplyAgainDestroy(t *testing.T) {
	const config125 = "/nodes/pmox03/qemu/125/config"
	tests := map[string]struct {
		reason  string
		version string
		steps   []step
	}{
		"CloneCloudInit": {
			reason: "a clone of another node's template, resized, with cloud-init, started, in a pool",
			steps: []step{{manifest: cloneVM, holds: "192.168.0.20", path: config125, want: map[string]any{
				"name": "webserver", "ipconfig0": "gw=192.168.0.1,ip=192.168.0.20/16", "ciuser": "admin-ubt", "nameserver": "8.8.8.8", "cores": 2.0, "memory": "2048", "tags": "web",
			}}},
		},
		"UpdateInPlace": {
			reason: "every kind of change that keeps the machine: those that wait for a power cycle and those that do not",
			steps: []step{
				{manifest: cloneVM},
				{manifest: change(cloneVM, "cores = 2", "cores = 4", "dedicated = 2048", "dedicated = 4096"), holds: "1 changed", path: config125, want: map[string]any{"cores": 4.0, "memory": "4096"}},
				{manifest: change(cloneVM, `["web"]`, `["nginx", "web"]`, "on_boot   = true", "on_boot   = false\n  description = \"front\""), holds: "1 changed", path: config125, want: map[string]any{"tags": "nginx;web", "onboot": 0.0, "description": "front"}},
				{manifest: change(cloneVM, "size         = 40", "size         = 50"), holds: "1 changed"},
				{manifest: change(cloneVM, "size         = 40", "size         = 50", "network_device {", extraDisk[strings.Index(extraDisk, "disk {"):]), holds: "1 changed"},
				{manifest: change(cloneVM, "size         = 40", "size         = 50", `bridge = "mainvnet"`, `bridge = "vmbr0"`), holds: "1 changed"},
				{manifest: change(cloneVM, "size         = 40", "size         = 50", "192.168.0.20/16", "192.168.0.21/16"), holds: "192.168.0.21"},
				{manifest: change(cloneVM, "size         = 40", "size         = 50", "on_boot   = true", "started   = false"), holds: "1 changed", path: "/nodes/pmox03/qemu/125/status/current", want: map[string]any{"status": "stopped"}},
			},
		},
		"MoveDisk": {
			reason: "another datastore for a disk is a move with the machine off",
			steps:  []step{{manifest: cloneVM}, {manifest: change(cloneVM, "datastore_id = \"pmoxpool01\"\n    interface    = \"scsi0\"", "datastore_id = \"local-lvm\"\n    interface    = \"scsi0\""), holds: "1 changed"}},
		},
		"MovePool": {
			reason: "a machine changes its pool without a restart",
			steps: []step{
				{manifest: change(cloneVM, `pool_id   = "Backup-vms-pool"`, "") + pools},
				{manifest: change(cloneVM, `"Backup-vms-pool"`, "proxmox_virtual_environment_pool.team.pool_id") + pools, holds: "changed"},
			},
		},
		"LinkedClone":   {reason: "the least manifest: next free id, linked disks", steps: []step{{manifest: plainClone, path: "/nodes/pmox01/qemu/102/config", want: map[string]any{"scsi0": "pmoxpool01:base-100-disk-0/vm-102-disk-0,size=32G"}}}},
		"SeveralClones": {reason: "ids are given out one by one, nodes differ", steps: []step{{manifest: dhcpVMs, holds: "3 added"}}},
		"FromImage":     {reason: "created from an image with firmware variables, TPM, CD-ROM, two networks", steps: []step{{manifest: importedVM, holds: "1 added"}}},
		"Template":      {reason: "a template made by the manifest, and its clone", steps: []step{{manifest: templateVM, holds: "2 added"}}},
		"Migrate": {
			reason: "with migrate the machine keeps its id and moves",
			steps: []step{
				{manifest: change(cloneVM, "on_boot   = true", "migrate   = true")},
				{manifest: change(cloneVM, "on_boot   = true", "migrate   = true", `node_name = "pmox03"`, `node_name = "pmox02"`), holds: "1 changed", path: "/nodes/pmox02/qemu/125/status/current", want: map[string]any{"status": "running"}},
			},
		},
		"Replace": {
			reason: "without migrate another node means another machine",
			steps:  []step{{manifest: cloneVM}, {manifest: change(cloneVM, `node_name = "pmox03"`, `node_name = "pmox02"`), holds: "1 added, 0 changed, 1 destroyed"}},
		},
		"HAGroup": {
			reason: "PVE 8: a group and a resource in it", version: only8,
			steps: []step{{manifest: haGroup}, {manifest: change(haGroup, "no_failback = true", "no_failback = false", "max_relocate = 2", "max_relocate = 3"), holds: "2 changed"}},
		},
		"HARule": {
			reason: "PVE 9: a resource and rules for it", version: only9,
			steps: []step{{manifest: haRule}, {manifest: change(haRule, "strict    = false", "strict    = true"), holds: "1 changed"}},
		},
		"HAMigrate": {
			reason: "a machine under HA is moved by the HA manager", version: only9,
			steps: []step{
				{manifest: change(haRule, "on_boot   = true", "migrate   = true")},
				{manifest: change(haRule, "on_boot   = true", "migrate   = true", `node_name = "pmox03"`, `node_name = "pmox02"`), holds: "changed"},
			},
		},
		"Container": {
			reason: "a container with features and a fixed address; more memory restarts it",
			steps:  []step{{manifest: container}, {manifest: change(container, "dedicated = 512", "dedicated = 768", `["cache"]`, `["cache", "redis"]`), holds: "1 changed", path: "/nodes/pmox02/lxc/300/config", want: map[string]any{"memory": 768.0, "tags": "cache;redis"}}},
		},
		"ContainerClone": {reason: "a container template and its clone", steps: []step{{manifest: containerClone, holds: "2 added"}}},
		"Pools":          {reason: "a pool, and members that existed before", steps: []step{{manifest: pools}, {manifest: change(pools, "of the team", "of another team"), holds: "1 changed"}}},
		"Download":       {reason: "images by URL, known and unknown ones", steps: []step{{manifest: download, holds: "3 added"}}},
		"Upload":         {reason: "files by upload", steps: []step{{manifest: upload, holds: "2 added"}}},
		"Devices":        {reason: "one of most things that a machine can have", steps: []step{{manifest: devices, holds: "1 added"}, {manifest: change(devices, `"writeback"`, `"none"`, "period    = 500", "period    = 600", "two\\nlines", "three\\nlines", "trim    = true", "trim    = false"), holds: "1 changed"}}},
		"ClonedVM":       {reason: "the provider's newer resource for clones", steps: []step{{manifest: clonedVM, holds: "1 added"}}},
		"SDN":            {reason: "a machine on a network that the same manifest makes and applies", steps: []step{{manifest: sdnNetwork, holds: "6 added"}, {manifest: change(sdnNetwork, `alias = "front"`, `alias = "outside"`), holds: "1 changed"}}},
		"Operations":     {reason: "backup jobs, a bridge, replication, a storage", steps: []step{{manifest: operations}, {manifest: change(operations, `"21:00"`, `"22:00"`, `"8"`, `"9"`), holds: "2 changed"}}},
		"Access":         {reason: "role, group, user, token and their rights", steps: []step{{manifest: accessControl}, {manifest: change(accessControl, `"VM.Audit", `, ""), holds: "1 changed"}}},
		"Firewall":       {reason: "options and rules of a guest's firewall", steps: []step{{manifest: firewalled}, {manifest: change(firewalled, `"443"`, `"8443"`), holds: "1 changed"}}},
		"DataSources":    {reason: "everything that manifests look up", steps: []step{{manifest: dataSources, holds: "router=OPNsense"}}},
	}
	for name, tc := range tests {
		for _, version := range []string{only8, only9} {
			if tc.version != both && tc.version != version {
				continue
			}
			t.Run(name+"/"+version, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, lab(t), twin.Options{Version: version})
				before := b.cluster.Dump()
				b.must("init", "-no-color")
				for i, s := range tc.steps {
					if out := b.apply(s.manifest); !strings.Contains(out, s.holds) {
						t.Errorf("%s: step %d: output does not hold %q:\n%s", tc.reason, i, s.holds, out)
					}
					if s.path == "" {
						continue
					}
					got := b.read(s.path)
					for key, want := range s.want {
						if diff := cmp.Diff(want, got[key]); diff != "" {
							t.Errorf("%s: step %d: %s of %s (-want +got):\n%s", tc.reason, i, key, s.path, diff)
						}
					}
				}
				b.must("destroy", "-auto-approve", "-no-color")
				if diff := cmp.Diff(string(before), string(b.cluster.Dump())); diff != "" {
					t.Errorf("%s: the twin after destroy (-before +after):\n%s", tc.reason, diff)
				}
			})
		}
	}
}

// The oracle of fidelity: a machine of the laboratory, written down by hand, is taken over without a change.
func TestImport(t *testing.T) {
	for _, version := range []string{only8, only9} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab(t), twin.Options{Version: version})
			before := b.cluster.Dump()
			mac, _, _ := strings.Cut(strings.TrimPrefix(b.read("/nodes/pmox03/qemu/123/config")["net0"].(string), "virtio="), ",")
			b.must("init", "-no-color")
			if out := b.apply(strings.Replace(importWorker, "%MAC%", mac, 1)); !strings.Contains(out, "1 imported, 0 added, 0 changed, 0 destroyed") {
				t.Errorf("import changes something:\n%s", out)
			}
			if diff := cmp.Diff(string(before), string(b.cluster.Dump())); diff != "" {
				t.Errorf("the twin after import (-before +after):\n%s", diff)
			}
		})
	}
}
