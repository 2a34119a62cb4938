package twin

import (
	"maps"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin/apifacts"
)

// routes are the methods that the twin has. A method that the API has and this table lacks is answered by 501.
func routes() map[string]handler {
	all := map[string]handler{}
	for _, part := range []map[string]handler{clusterRoutes(), nodeRoutes(), storageRoutes(), machineRoutes(), containerRoutes(), accessRoutes()} {
		maps.Copy(all, part)
	}
	return all
}

// routesOf binds the table to one release; what that release lacks is left out.
func routesOf(api *apifacts.API) map[*apifacts.Endpoint]handler {
	table := routes()
	bound := make(map[*apifacts.Endpoint]handler, len(table))
	for _, e := range api.Endpoints() {
		if h, ok := table[e.Method+" "+e.Path]; ok {
			bound[e] = h
		}
	}
	return bound
}

func clusterRoutes() map[string]handler {
	return map[string]handler{
		"GET /version":                                      (*Cluster).versionInfo,
		"GET /cluster/nextid":                               (*Cluster).nextID,
		"GET /cluster/resources":                            (*Cluster).resources,
		"GET /cluster/status":                               (*Cluster).clusterStatus,
		"GET /cluster/options":                              (*Cluster).clusterOptions,
		"GET /cluster/tasks":                                (*Cluster).clusterTasks,
		"GET /cluster/ceph/status":                          (*Cluster).cephStatus,
		"GET /cluster/config/nodes":                         (*Cluster).configNodes,
		"GET /cluster/metrics/export":                       (*Cluster).metricsExport,
		"GET /cluster/backup":                               (*Cluster).listBackups,
		"POST /cluster/backup":                              (*Cluster).createBackup,
		"GET /cluster/backup/{id}":                          (*Cluster).readBackup,
		"PUT /cluster/backup/{id}":                          (*Cluster).updateBackup,
		"DELETE /cluster/backup/{id}":                       (*Cluster).deleteBackup,
		"GET /cluster/backup-info/not-backed-up":            (*Cluster).notBackedUp,
		"GET /cluster/replication":                          (*Cluster).listReplicas,
		"POST /cluster/replication":                         (*Cluster).createReplica,
		"GET /cluster/replication/{id}":                     (*Cluster).readReplica,
		"PUT /cluster/replication/{id}":                     (*Cluster).updateReplica,
		"DELETE /cluster/replication/{id}":                  (*Cluster).deleteReplica,
		"GET /pools":                                        (*Cluster).listPools,
		"POST /pools":                                       (*Cluster).createPool,
		"PUT /pools":                                        (*Cluster).updatePool,
		"DELETE /pools":                                     (*Cluster).deletePool,
		"GET /pools/{poolid}":                               (*Cluster).readPool,
		"PUT /pools/{poolid}":                               (*Cluster).updatePool,
		"DELETE /pools/{poolid}":                            (*Cluster).deletePool,
		"GET /cluster/ha/groups":                            (*Cluster).listHAGroups,
		"POST /cluster/ha/groups":                           (*Cluster).createHAGroup,
		"GET /cluster/ha/groups/{group}":                    (*Cluster).readHAGroup,
		"PUT /cluster/ha/groups/{group}":                    (*Cluster).updateHAGroup,
		"DELETE /cluster/ha/groups/{group}":                 (*Cluster).deleteHAGroup,
		"GET /cluster/ha/resources":                         (*Cluster).listHAResources,
		"POST /cluster/ha/resources":                        (*Cluster).createHAResource,
		"GET /cluster/ha/resources/{sid}":                   (*Cluster).readHAResource,
		"PUT /cluster/ha/resources/{sid}":                   (*Cluster).updateHAResource,
		"DELETE /cluster/ha/resources/{sid}":                (*Cluster).deleteHAResource,
		"POST /cluster/ha/resources/{sid}/migrate":          (*Cluster).migrateHA,
		"GET /cluster/ha/rules":                             (*Cluster).listHARules,
		"POST /cluster/ha/rules":                            (*Cluster).createHARule,
		"GET /cluster/ha/rules/{rule}":                      (*Cluster).readHARule,
		"PUT /cluster/ha/rules/{rule}":                      (*Cluster).updateHARule,
		"DELETE /cluster/ha/rules/{rule}":                   (*Cluster).deleteHARule,
		"GET /cluster/ha/status/current":                    (*Cluster).haStatus,
		"GET /cluster/ha/status/manager_status":             (*Cluster).haManagerStatus,
		"PUT /cluster/sdn":                                  (*Cluster).applySDN,
		"GET /cluster/sdn/zones":                            (*Cluster).listZones,
		"POST /cluster/sdn/zones":                           (*Cluster).createZone,
		"GET /cluster/sdn/zones/{zone}":                     (*Cluster).readZone,
		"PUT /cluster/sdn/zones/{zone}":                     (*Cluster).updateZone,
		"DELETE /cluster/sdn/zones/{zone}":                  (*Cluster).deleteZone,
		"GET /cluster/sdn/vnets":                            (*Cluster).listVNets,
		"POST /cluster/sdn/vnets":                           (*Cluster).createVNet,
		"GET /cluster/sdn/vnets/{vnet}":                     (*Cluster).readVNet,
		"PUT /cluster/sdn/vnets/{vnet}":                     (*Cluster).updateVNet,
		"DELETE /cluster/sdn/vnets/{vnet}":                  (*Cluster).deleteVNet,
		"GET /cluster/sdn/vnets/{vnet}/subnets":             (*Cluster).listSubnets,
		"POST /cluster/sdn/vnets/{vnet}/subnets":            (*Cluster).createSubnet,
		"GET /cluster/sdn/vnets/{vnet}/subnets/{subnet}":    (*Cluster).readSubnet,
		"PUT /cluster/sdn/vnets/{vnet}/subnets/{subnet}":    (*Cluster).updateSubnet,
		"DELETE /cluster/sdn/vnets/{vnet}/subnets/{subnet}": (*Cluster).deleteSubnet,
	}
}

func nodeRoutes() map[string]handler {
	return map[string]handler{
		"GET /nodes":                            (*Cluster).listNodes,
		"GET /nodes/{node}/status":              (*Cluster).nodeStatus,
		"GET /nodes/{node}/version":             (*Cluster).versionInfo,
		"GET /nodes/{node}/dns":                 (*Cluster).nodeDNS,
		"GET /nodes/{node}/time":                (*Cluster).nodeTime,
		"GET /nodes/{node}/hosts":               (*Cluster).nodeHosts,
		"GET /nodes/{node}/rrddata":             (*Cluster).nodeHistory,
		"GET /nodes/{node}/network":             (*Cluster).listNetwork,
		"POST /nodes/{node}/network":            (*Cluster).createNetwork,
		"PUT /nodes/{node}/network":             (*Cluster).reloadNetwork,
		"GET /nodes/{node}/network/{iface}":     (*Cluster).readNetwork,
		"PUT /nodes/{node}/network/{iface}":     (*Cluster).updateNetwork,
		"DELETE /nodes/{node}/network/{iface}":  (*Cluster).deleteNetwork,
		"GET /nodes/{node}/tasks":               (*Cluster).nodeTasks,
		"GET /nodes/{node}/tasks/{upid}/status": (*Cluster).taskStatus,
		"GET /nodes/{node}/tasks/{upid}/log":    (*Cluster).taskText,
		"DELETE /nodes/{node}/tasks/{upid}":     (*Cluster).stopTask,
		"GET /nodes/{node}/ceph/pool":           (*Cluster).cephPools,
		"GET /nodes/{node}/ceph/status":         (*Cluster).cephStatus,
		"GET /nodes/{node}/disks/list":          (*Cluster).nodeDisks,
		"GET /nodes/{node}/hardware/pci":        (*Cluster).nodePCI,
	}
}

func storageRoutes() map[string]handler {
	return map[string]handler{
		"GET /storage":                                            (*Cluster).listStorages,
		"POST /storage":                                           (*Cluster).createStorage,
		"GET /storage/{storage}":                                  (*Cluster).readStorage,
		"PUT /storage/{storage}":                                  (*Cluster).updateStorage,
		"DELETE /storage/{storage}":                               (*Cluster).deleteStorage,
		"GET /nodes/{node}/storage":                               (*Cluster).nodeStorages,
		"GET /nodes/{node}/storage/{storage}/status":              (*Cluster).storageStatus,
		"GET /nodes/{node}/storage/{storage}/rrddata":             (*Cluster).storageHistory,
		"GET /nodes/{node}/storage/{storage}/content":             (*Cluster).listContent,
		"GET /nodes/{node}/storage/{storage}/content/{volume}":    (*Cluster).readVolume,
		"PUT /nodes/{node}/storage/{storage}/content/{volume}":    (*Cluster).updateVolume,
		"DELETE /nodes/{node}/storage/{storage}/content/{volume}": (*Cluster).deleteVolume,
		"POST /nodes/{node}/storage/{storage}/upload":             (*Cluster).uploadVolume,
		"POST /nodes/{node}/storage/{storage}/download-url":       (*Cluster).downloadVolume,
		"GET /nodes/{node}/query-url-metadata":                    (*Cluster).urlMetadata,
	}
}

func machineRoutes() map[string]handler {
	const vm = "/nodes/{node}/qemu/{vmid}"
	table := map[string]handler{
		"GET /nodes/{node}/qemu":                      listGuests(pve.KindVM),
		"POST /nodes/{node}/qemu":                     (*Cluster).createMachine,
		"DELETE " + vm:                                destroy(pve.KindVM),
		"GET " + vm + "/config":                       readConfig(pve.KindVM),
		"PUT " + vm + "/config":                       (*Cluster).updateMachine,
		"POST " + vm + "/config":                      (*Cluster).updateMachineTask,
		"GET " + vm + "/pending":                      (*Cluster).readPending,
		"GET " + vm + "/status/current":               (*Cluster).statusCurrent,
		"GET " + vm + "/rrddata":                      (*Cluster).guestHistory,
		"GET " + vm + "/snapshot":                     (*Cluster).snapshotList,
		"PUT " + vm + "/resize":                       resize(pve.KindVM),
		"PUT " + vm + "/cloudinit":                    (*Cluster).regenerateCloudInit,
		"POST " + vm + "/clone":                       clone(pve.KindVM),
		"POST " + vm + "/template":                    template(pve.KindVM),
		"POST " + vm + "/migrate":                     migrate(pve.KindVM),
		"POST " + vm + "/move_disk":                   moveDisk(pve.KindVM),
		"POST " + vm + "/agent/ping":                  (*Cluster).agentPing,
		"GET " + vm + "/agent/network-get-interfaces": (*Cluster).agentInterfaces,
	}
	for _, action := range []string{"start", "stop", "shutdown", "reboot", "reset", "suspend", "resume"} {
		table["POST "+vm+"/status/"+action] = power(pve.KindVM, action)
	}
	maps.Copy(table, firewallRoutes(vm))
	return table
}

func containerRoutes() map[string]handler {
	const ct = "/nodes/{node}/lxc/{vmid}"
	table := map[string]handler{
		"GET /nodes/{node}/lxc":         listGuests(pve.KindContainer),
		"POST /nodes/{node}/lxc":        (*Cluster).createContainer,
		"DELETE " + ct:                  destroy(pve.KindContainer),
		"GET " + ct + "/config":         readConfig(pve.KindContainer),
		"PUT " + ct + "/config":         (*Cluster).updateContainer,
		"GET " + ct + "/pending":        (*Cluster).readPending,
		"GET " + ct + "/status/current": (*Cluster).statusCurrent,
		"GET " + ct + "/rrddata":        (*Cluster).guestHistory,
		"GET " + ct + "/snapshot":       (*Cluster).snapshotList,
		"GET " + ct + "/interfaces":     (*Cluster).containerInterfaces,
		"PUT " + ct + "/resize":         resize(pve.KindContainer),
		"POST " + ct + "/clone":         clone(pve.KindContainer),
		"POST " + ct + "/template":      template(pve.KindContainer),
		"POST " + ct + "/migrate":       migrate(pve.KindContainer),
		"POST " + ct + "/move_volume":   moveDisk(pve.KindContainer),
	}
	for _, action := range []string{"start", "stop", "shutdown", "reboot", "suspend", "resume"} {
		table["POST "+ct+"/status/"+action] = power(pve.KindContainer, action)
	}
	maps.Copy(table, firewallRoutes(ct))
	return table
}

func accessRoutes() map[string]handler {
	table := map[string]handler{
		"POST /access/ticket":                           (*Cluster).login,
		"GET /access/permissions":                       (*Cluster).permissions,
		"GET /access/domains":                           (*Cluster).listDomains,
		"GET /access/users":                             (*Cluster).listUsers,
		"POST /access/users":                            (*Cluster).createUser,
		"GET /access/users/{userid}":                    (*Cluster).readUser,
		"PUT /access/users/{userid}":                    (*Cluster).updateUser,
		"DELETE /access/users/{userid}":                 (*Cluster).deleteUser,
		"GET /access/users/{userid}/token":              (*Cluster).listTokens,
		"GET /access/users/{userid}/token/{tokenid}":    (*Cluster).readToken,
		"POST /access/users/{userid}/token/{tokenid}":   (*Cluster).createToken,
		"PUT /access/users/{userid}/token/{tokenid}":    (*Cluster).updateToken,
		"DELETE /access/users/{userid}/token/{tokenid}": (*Cluster).deleteToken,
		"GET /access/groups":                            (*Cluster).listGroups,
		"POST /access/groups":                           (*Cluster).createGroup,
		"GET /access/groups/{groupid}":                  (*Cluster).readGroup,
		"PUT /access/groups/{groupid}":                  (*Cluster).updateGroup,
		"DELETE /access/groups/{groupid}":               (*Cluster).deleteGroup,
		"GET /access/roles":                             (*Cluster).listRoles,
		"POST /access/roles":                            (*Cluster).createRole,
		"GET /access/roles/{roleid}":                    (*Cluster).readRole,
		"PUT /access/roles/{roleid}":                    (*Cluster).updateRole,
		"DELETE /access/roles/{roleid}":                 (*Cluster).deleteRole,
		"GET /access/acl":                               (*Cluster).readACL,
		"PUT /access/acl":                               (*Cluster).updateACL,
	}
	for _, kind := range []string{"pci", "usb", "dir"} {
		maps.Copy(table, mappingRoutes(kind))
	}
	return table
}
