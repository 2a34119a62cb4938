package twin

import (
	"strings"
	"testing"

	"proviso.dev/pkg/twin/apifacts"
)

// A misspelt path in the table of routes would never be called.
func TestRoutesExist(t *testing.T) {
	known := map[string]bool{}
	for _, release := range []apifacts.Release{apifacts.PVE8, apifacts.PVE9} {
		api, err := apifacts.Load(release)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range api.Endpoints() {
			known[e.Method+" "+e.Path] = true
		}
	}
	for route := range routes() {
		if !known[route] {
			t.Errorf("no release has %s", route)
		}
	}
}

// What proofs of ordinary manifests, imports and the collector call.
func TestMinimalRing(t *testing.T) {
	const vm, ct, storage = "/nodes/{node}/qemu/{vmid}", "/nodes/{node}/lxc/{vmid}", "/nodes/{node}/storage/{storage}"
	ring := strings.Fields(strings.NewReplacer("VM", vm, "CT", ct, "STORAGE", storage, "NODE", "/nodes/{node}", "TASK", "/nodes/{node}/tasks/{upid}").Replace(`
		POST:/access/ticket GET:/access/permissions GET:/version GET:/cluster/nextid GET:/cluster/resources GET:/cluster/status GET:/cluster/options GET:/cluster/tasks
		GET:/cluster/replication GET:/cluster/ceph/status GET:/cluster/backup GET:/cluster/backup-info/not-backed-up GET:/nodes GET:NODE/status GET:NODE/version GET:NODE/network
		GET:NODE/storage GET:NODE/qemu GET:NODE/lxc GET:NODE/rrddata GET:NODE/query-url-metadata GET:NODE/tasks GET:TASK/status GET:TASK/log DELETE:TASK POST:NODE/qemu
		POST:VM/clone POST:VM/migrate POST:VM/move_disk POST:VM/template GET:VM/config PUT:VM/config POST:VM/config GET:VM/pending PUT:VM/resize PUT:VM/cloudinit
		GET:VM/status/current POST:VM/status/start POST:VM/status/stop POST:VM/status/shutdown POST:VM/status/reboot POST:VM/status/reset
		GET:VM/agent/network-get-interfaces POST:VM/agent/ping GET:VM/rrddata DELETE:VM POST:NODE/lxc POST:CT/clone POST:CT/migrate POST:CT/template GET:CT/config PUT:CT/config
		PUT:CT/resize GET:CT/status/current POST:CT/status/start POST:CT/status/stop POST:CT/status/shutdown POST:CT/status/reboot GET:CT/interfaces GET:CT/rrddata DELETE:CT
		GET:STORAGE/status GET:STORAGE/content GET:STORAGE/rrddata GET:STORAGE/content/{volume} DELETE:STORAGE/content/{volume} POST:STORAGE/upload POST:STORAGE/download-url
		GET:/storage GET:/storage/{storage} GET:/pools POST:/pools PUT:/pools DELETE:/pools GET:/pools/{poolid} PUT:/pools/{poolid} DELETE:/pools/{poolid}
		GET:/cluster/ha/groups POST:/cluster/ha/groups GET:/cluster/ha/groups/{group} PUT:/cluster/ha/groups/{group} DELETE:/cluster/ha/groups/{group}
		GET:/cluster/ha/resources POST:/cluster/ha/resources GET:/cluster/ha/resources/{sid} PUT:/cluster/ha/resources/{sid} DELETE:/cluster/ha/resources/{sid}
		POST:/cluster/ha/resources/{sid}/migrate GET:/cluster/ha/rules POST:/cluster/ha/rules GET:/cluster/ha/rules/{rule} PUT:/cluster/ha/rules/{rule} DELETE:/cluster/ha/rules/{rule}
		GET:/cluster/ha/status/current GET:/cluster/ha/status/manager_status GET:/cluster/sdn/zones POST:/cluster/sdn/zones GET:/cluster/sdn/zones/{zone} PUT:/cluster/sdn/zones/{zone}
		DELETE:/cluster/sdn/zones/{zone} GET:/cluster/sdn/vnets POST:/cluster/sdn/vnets GET:/cluster/sdn/vnets/{vnet} PUT:/cluster/sdn/vnets/{vnet} DELETE:/cluster/sdn/vnets/{vnet}
		GET:/cluster/sdn/vnets/{vnet}/subnets POST:/cluster/sdn/vnets/{vnet}/subnets GET:/cluster/sdn/vnets/{vnet}/subnets/{subnet} PUT:/cluster/sdn GET:/cluster/metrics/export`))
	table := routes()
	for _, entry := range ring {
		if _, ok := table[strings.Replace(entry, ":", " ", 1)]; !ok {
			t.Errorf("the twin lacks %s", entry)
		}
	}
}
