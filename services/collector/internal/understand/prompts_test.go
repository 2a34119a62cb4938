package understand

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// summary writes an understanding in one line: what was said of each group (not what was assumed), the open questions,
// what was not understood.
//
//	web-server n=3 src=100 cores=4 | database ?source ~"quickly"
func summary(u *provisov1.Understanding) string {
	if u.GetRefusal() != nil {
		return "!" + u.GetRefusal().GetCode()
	}
	said := map[string]string{}
	for _, f := range u.GetIntent().GetFacts() {
		said[f.GetPath()] = f.GetOrigin()
	}
	var out []string
	for i, vm := range u.GetIntent().GetVirtualMachines() {
		if i > 0 {
			out = append(out, "|")
		}
		add := func(path, key string, value any, show bool) {
			if o := said[fmt.Sprintf("virtual_machines[%d].%s", i, path)]; o != "" && o != "assumed" && show {
				s := fmt.Sprint(value)
				if strings.ContainsAny(s, " ") {
					s = strconv.Quote(s)
				}
				out = append(out, key+"="+s)
			}
		}
		if vm.GetRole() != "" {
			out = append(out, vm.GetRole())
		}
		profile, _ := roleOf(vm.GetRole())
		add("name", "name", vm.GetName(), vm.GetName() != profile.name)
		add("names", "names", strings.Join(vm.GetNames(), ","), true)
		add("count", "n", vm.GetCount(), vm.GetCount() != 1 && len(vm.GetNames()) == 0)
		image := vm.GetSource().GetImage()
		if t := vm.GetSource().GetTemplate(); t != nil {
			add("source", "src", t.GetVmId(), true)
		} else {
			add("source", "src", image.GetVolume()+image.GetUrl(), true)
		}
		add("cores", "cores", vm.GetCores(), true)
		add("sockets", "sockets", vm.GetSockets(), true)
		add("cpu_type", "cpu", vm.GetCpuType(), true)
		add("memory_mib", "mem", vm.GetMemoryMib(), true)
		for k, d := range vm.GetDisks() {
			add(fmt.Sprintf("disks[%d].size_gib", k), numbered("disk", k), d.GetSizeGib(), true)
			add(fmt.Sprintf("disks[%d].storage", k), numbered("storage", k), d.GetStorage(), true)
		}
		for k, n := range vm.GetNetworks() {
			path := fmt.Sprintf("networks[%d].", k)
			add(path+"bridge", numbered("net", k), n.GetBridge(), true)
			add(path+"vlan", numbered("vlan", k), n.GetVlan(), true)
			add(path+"ipv4", numbered("ip", k), n.GetIpv4(), true)
			add(path+"gateway", numbered("gw", k), n.GetGateway(), true)
		}
		p := vm.GetPlacement()
		add("placement.nodes", "on", strings.Join(p.GetNodes(), ","), true)
		add("placement.avoid_nodes", "not", strings.Join(p.GetAvoidNodes(), ","), true)
		add("placement.grouping", "place", p.GetGrouping(), true)
		add("placement.near", "near", strings.Join(p.GetNear(), ","), true)
		add("placement.objective", "place", p.GetObjective(), true)
		add("ha.enabled", "ha", vm.GetHa().GetEnabled(), true)
		add("ha.group", "hagroup", vm.GetHa().GetGroup(), true)
		add("pool", "pool", vm.GetPool(), true)
		add("start_at_boot", "boot", vm.GetStartAtBoot(), true)
		add("started", "started", vm.GetStarted(), true)
		add("startup.order", "order", vm.GetStartup().GetOrder(), true)
		add("startup.up_delay_seconds", "delay", vm.GetStartup().GetUpDelaySeconds(), true)
		add("initialization.user", "user", vm.GetInitialization().GetUser(), true)
		add("initialization.ssh_keys", "keys", len(vm.GetInitialization().GetSshKeys()), true)
		add("initialization.dns_servers", "dns", strings.Join(vm.GetInitialization().GetDnsServers(), ","), true)
		add("initialization.search_domain", "domain", vm.GetInitialization().GetSearchDomain(), true)
		add("tags", "tags", strings.Join(vm.GetTags(), ","), true)
		add("full_clone", "full", vm.GetFullClone(), true)
		add("protection", "protect", vm.GetProtection(), true)
		add("agent", "agent", vm.GetAgent(), true)
		add("vm_id", "id", vm.GetVmId(), true)
		add("description", "desc", vm.GetDescription(), true)
		add("devices", "devices", strings.Join(typedDevices(vm.GetDevices()), ","), true)
	}
	out = append(out, guestSummary(u)...)
	out = append(out, summaryExisting(u)...)
	for _, q := range u.GetQuestions() {
		out = append(out, "?"+q.GetId())
	}
	for _, w := range u.GetIntent().GetNotUnderstood() {
		out = append(out, "~"+strconv.Quote(w))
	}
	return strings.Join(out, " ")
}

// pairs are requests in both languages that mean the same; want is written from their meaning.
var pairs = []struct{ want, en, fr string }{
	// The sentences of the thesis.
	{"web-server src=100", "create a web server based on template vm id 100", "créer un serveur web basé sur le template vm id 100"},
	{"web-server ?vm1.source", "create a vm webserver", "crée une vm webserver"},
	{"web-server n=3 place=apart ?vm1.source", "deploy a new web server with three redundant instances", "déployer un nouveau serveur web avec trois instances redondantes"},
	{"?vm1.source ?vm1.name", "a VM", "une VM"},
	{"n=3 src=100 ?vm1.name", "create 3 VMs from 100", "crée 3 VM depuis 100"},
	{"?request", "do something", "fais quelque chose"},

	// Sources.
	{"name=app src=100", "a VM named app, clone of 100", "une VM nommée app, clone de 100"},
	{"name=app src=100", "clone template 100 as app", "clone le modèle 100 en tant que app"},
	{"name=app src=100", "a VM called app starting from template 100", "une VM appelée app à partir du modèle 100"},
	{"name=app01 src=100", "clone k3s-template as app01", "app01 : clone de k3s-template"},
	{"database src=100", "a database from the k3s-template template", "une base de données depuis le modèle k3s-template"},
	{"database src=100", "a database based on k3s-template", "une base de données basée sur k3s-template"},
	{"cache src=100", "a cache server using template #100", "un serveur de cache en utilisant le modèle n° 100"},
	{"cache src=100", "a cache server, template: 100", "un serveur de cache, modèle : 100"},
	{"name=img01 src=cephfs:import/noble-server-cloudimg-amd64.qcow2", "create a VM named img01 from image cephfs:import/noble-server-cloudimg-amd64.qcow2", "crée une VM nommée img01 depuis l'image cephfs:import/noble-server-cloudimg-amd64.qcow2"},
	{"name=img02 src=cephfs:import/noble-server-cloudimg-amd64.qcow2", "a VM called img02 from the image noble-server-cloudimg-amd64.qcow2", "une VM du nom de img02 à partir de l'image noble-server-cloudimg-amd64.qcow2"},
	{"web-server src=https://cloud.example.org/noble.img", "a web server from the image https://cloud.example.org/noble.img", "un serveur web depuis l'image https://cloud.example.org/noble.img"},
	{"web-server src=cephfs:import/debian-12-generic-amd64.qcow2", "a web server on debian 12", "un serveur web sous debian 12"},
	{"name=u1 src=cephfs:import/noble-server-cloudimg-amd64.qcow2", "an ubuntu 24.04 VM named u1", "une VM ubuntu 24.04 nommée u1"},
	{"web-server ?vm1.source", "a web server from template ubuntu-template", "un serveur web depuis le modèle ubuntu-template"},
	{"web-server ?vm1.source", "a web server from template 999", "un serveur web depuis le modèle 999"},
	{"web-server ?vm1.source", "a web server based on vm 101", "un serveur web basé sur la vm 101"},

	// Names.
	{"name=web01 src=100", `create a VM named "web01" from 100`, "crée une VM nommée « web01 » depuis 100"},
	{"name=web01 src=100", "create a VM called web01 from 100", "crée une VM qui s'appelle web01 depuis 100"},
	{"name=web01 src=100", "vm web01 from 100", "vm web01 depuis 100"},
	{"name=web01 src=100", "a VM whose name is web01, from template 100", "une VM dont le nom est web01, depuis le template 100"},
	{"names=web-01,web-02,web-03 src=100", "create web-01 to web-03 from template 100", "crée web-01 à web-03 depuis le modèle 100"},
	{"names=web1,web2,db1 src=100", "three VMs web1, web2 and db1 from 100", "trois VM web1, web2 et db1 depuis 100"},
	{"names=web1,web2,db1 src=100", "VMs named web1, web2 and db1, cloned from 100", "des VM nommées web1, web2 et db1, clonées depuis 100"},
	{"names=a,b src=100", "two VMs named a and b from 100", "deux VM nommées a et b depuis 100"},
	{"src=100 ?vm1.name", "a VM named web_01 from 100", "une VM nommée web_01 depuis 100"},
	{"src=100 ?vm1.name", "a VM named opnsense from 100", "une VM nommée opnsense depuis 100"},

	// Counts.
	{"web-server n=12 src=100", "twelve web servers from 100", "douze serveurs web depuis 100"},
	{"web-server n=2 src=100", "a couple of web servers from 100", "une paire de serveurs web depuis 100"},
	{"web-server n=3 src=100", "3x web server from 100", "3 x serveur web depuis 100"},
	{"name=node n=20 src=100", "twenty VMs named node from 100", "vingt VM nommées node depuis 100"},
	{"web-server src=100 ?vm1.count", "500 web servers from 100", "500 serveurs web depuis 100"},

	// Sizes.
	{"name=a1 src=100 cores=4 mem=8192 disk=50", "VM a1 from 100 with 4 cores, 8 GB of RAM and a 50 GB disk", "VM a1 depuis 100 avec 4 cœurs, 8 Go de RAM et un disque de 50 Go"},
	{"name=a1 src=100 cores=4 mem=8192", "VM a1 4c/8g from 100", "VM a1 4c/8g depuis 100"},
	{"name=a1 src=100 cores=2 mem=4096 disk=40", "VM a1 from 100, 2 vCPU, 4 GB, 40 GB", "VM a1 depuis 100, 2 vCPU, 4 Go, 40 Go"},
	{"name=a1 src=100 cores=2 mem=1536", "VM a1 from 100 with 2 processors and 1.5 GB memory", "VM a1 depuis 100 avec 2 processeurs et 1,5 Go de mémoire"},
	{"name=a1 src=100 mem=2048", "VM a1 from 100 with 2048 MB", "VM a1 depuis 100 avec 2048 Mo"},
	{"name=a1 src=100 cores=8 mem=16384", "VM a1 from 100, cores: 8, memory: 16 GiB", "VM a1 depuis 100, cœurs : 8, mémoire : 16 Gio"},
	{"name=a1 src=100 cores=4 sockets=2", "VM a1 from 100 with 2 sockets and 4 cores", "VM a1 depuis 100 avec 2 sockets et 4 cœurs"},
	{"name=a1 src=100 disk=1024", "VM a1 from 100 with a 1 TB disk", "VM a1 depuis 100 avec un disque de 1 To"},
	{"name=a1 src=100 disk=60 storage=pmoxpool01", "VM a1 from 100 with 60G ssd on pmoxpool01", "VM a1 depuis 100 avec 60G ssd sur pmoxpool01"},
	{"name=a1 src=100 disk=40 disk2=100 storage2=local-lvm", "VM a1 from 100 with a 40 GB disk and a second disk of 100G on local-lvm", "VM a1 depuis 100 avec un disque de 40 Go et un deuxième disque de 100 Go sur local-lvm"},
	{"name=a1 src=100 disk2=200", "VM a1 from 100 with an additional disk of 200 GB", "VM a1 depuis 100 avec un disque supplémentaire de 200 Go"},
	{"name=a1 src=100 storage=local-lvm", "VM a1 from 100 on storage local-lvm", "VM a1 depuis 100 sur le stockage local-lvm"},
	{"name=a1 src=100 cores=4 cpu=host", "VM a1 from 100 with 4 cores, cpu type host", "VM a1 depuis 100 avec 4 cœurs, type de cpu host"},
	{"name=a1 src=100 ?vm1.disk", "VM a1 from 100 with a 10 GB disk", "VM a1 depuis 100 avec un disque de 10 Go"},
	{"name=a1 src=100 mem=2048 ?vm1.cores", "VM a1 from 100 with 4 cores, 2 GB and 8 cores", "VM a1 depuis 100 avec 4 cœurs, 2 Go et 8 cœurs"},
	{"name=a1 src=100 ?vm1.storage", "VM a1 from 100 on storage nas-lvm", "VM a1 depuis 100 sur le stockage nas-lvm"},
	{"name=a1 src=100 cores=6 mem=8192", "VM a1 from 100 with at least 6 cores and 8 GB", "VM a1 depuis 100 avec au moins 6 cœurs et 8 Go"},

	// Nodes.
	{"name=a1 src=100 on=pmox02", "VM a1 from 100 on pmox02", "VM a1 depuis 100 sur pmox02"},
	{"name=a1 src=100 on=pmox02", "VM a1 from 100 on node pmox02", "VM a1 depuis 100 sur le nœud pmox02"},
	{"name=a1 src=100 not=pmox01", "VM a1 from 100, not on pmox01", "VM a1 depuis 100, pas sur pmox01"},
	{"name=a1 src=100 on=pmox01,pmox03", "VM a1 from 100 on pmox01 or pmox03", "VM a1 depuis 100 sur pmox01 ou pmox03"},
	{"name=a1 src=100 place=balance", "VM a1 from 100 on the least loaded node", "VM a1 depuis 100 sur le nœud le moins chargé"},
	{"name=a1 src=100 near=ceph", "VM a1 from 100 near ceph", "VM a1 depuis 100 près de Ceph"},
	{"database n=3 src=100 place=apart near=ceph", "3 database servers from 100 on separate nodes, as close as possible to the ceph disks", "3 serveurs de base de données depuis 100 sur des nœuds séparés, au plus près des disques ceph"},
	{"web-server src=100 storage=pmoxpool01", "a web server from 100 on pmoxpool01", "un serveur web depuis 100 sur pmoxpool01"},
	{"web-server n=3 src=100 place=apart", "3 web servers from 100, spread across different nodes", "3 serveurs web depuis 100, répartis sur des nœuds différents"},
	{"web-server n=2 src=100 place=together", "2 web servers from 100 on the same node", "2 serveurs web depuis 100 sur le même nœud"},
	{"name=a1 src=100 ?vm1.node", "VM a1 from 100 on pmax02", "VM a1 depuis 100 sur pmax02"},
	{"name=a1 src=100 ?vm1.node", "VM a1 from 100 on pmox04", "VM a1 depuis 100 sur pmox04"},

	// Networks.
	{"name=a1 src=100 net=mainvnet", "VM a1 from 100 on mainvnet", "VM a1 depuis 100 sur mainvnet"},
	{"name=a1 src=100 net=vmbr0 vlan=20", "VM a1 from 100 on bridge vmbr0 with VLAN 20", "VM a1 depuis 100 sur le réseau vmbr0 avec le VLAN 20"},
	{"name=a1 src=100 ip=192.168.0.20/16 gw=192.168.0.1", "VM a1 from 100 with IP 192.168.0.20/16 and gateway 192.168.0.1", "VM a1 depuis 100 avec l'IP 192.168.0.20/16 et la passerelle 192.168.0.1"},
	{"name=a1 src=100 ip=192.168.0.21/16 gw=192.168.0.1", "VM a1 from 100 with static address 192.168.0.21", "VM a1 depuis 100 avec l'adresse statique 192.168.0.21"},
	{"name=a1 src=100 ip=dhcp", "VM a1 from 100 with DHCP", "VM a1 depuis 100 en DHCP"},
	{"name=a1 src=100 net=mainvnet net2=vmbr0", "VM a1 from 100 with two network cards, one on mainvnet and one on vmbr0", "VM a1 depuis 100 avec deux cartes réseau, une sur mainvnet et une sur vmbr0"},
	{"name=a1 src=100 ?vm1.ipv4", "VM a1 from 100 with IP 192.168.0.1/16", "VM a1 depuis 100 avec l'IP 192.168.0.1/16"},
	{"name=a1 src=100 ?vm1.ipv4", "VM a1 from 100 with IP 192.168.0.300/16", "VM a1 depuis 100 avec l'IP 192.168.0.300/16"},
	{"name=a1 src=100 ?vm1.ipv4", "VM a1 from 100 with a static IP", "VM a1 depuis 100 avec une IP statique"},
	{"name=a1 src=100 ?vm1.network", "VM a1 from 100 on network vmbr9", "VM a1 depuis 100 sur le réseau vmbr9"},

	// First boot.
	{"name=a1 src=100 user=admin-ubt", "VM a1 from 100 with user admin-ubt", "VM a1 depuis 100 avec l'utilisateur admin-ubt"},
	{"name=a1 src=100 keys=1", "VM a1 from 100 with ssh key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2v9 amine@lab", "VM a1 depuis 100 avec la clé ssh ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2v9 amine@lab"},
	{"name=a1 src=100 dns=8.8.8.8,1.1.1.1 domain=lab.local", "VM a1 from 100, DNS 8.8.8.8 and 1.1.1.1, search domain lab.local", "VM a1 depuis 100, DNS 8.8.8.8 et 1.1.1.1, domaine de recherche lab.local"},
	{"name=a1 src=100 ?vm1.ssh_keys", "VM a1 from 100 with my ssh key", "VM a1 depuis 100 avec ma clé ssh"},

	// Membership and properties.
	{"name=a1 src=100 tags=web,prod", "VM a1 from 100, tags web, prod", "VM a1 depuis 100, étiquettes web, prod"},
	{"name=a1 src=100 tags=web,prod", "VM a1 from 100 tagged web and prod", "VM a1 depuis 100 étiquetée web et prod"},
	{"name=a1 src=100 pool=production", "VM a1 from 100 in pool production", "VM a1 depuis 100 dans le pool production"},
	{"name=a1 src=100 pool=Backup-vms-pool", "VM a1 from 100 in Backup-vms-pool", "VM a1 depuis 100 dans Backup-vms-pool"},
	{"name=a1 src=100 pool=Backup-vms-pool", "VM a1 from 100, backed up", "VM a1 depuis 100, sauvegardée"},
	{"name=a1 src=100 ha=true hagroup=mainHA", "VM a1 from 100 with HA", "VM a1 depuis 100 en haute disponibilité"},
	{"name=a1 src=100 ha=true hagroup=mainHA", "VM a1 from 100 in HA group mainHA", "VM a1 depuis 100 dans le groupe HA mainHA"},
	{"name=a1 src=100 ha=false", "VM a1 from 100 without HA", "VM a1 depuis 100 sans HA"},
	{"name=a1 src=100 boot=true", "VM a1 from 100, start at boot", "VM a1 depuis 100, démarrage automatique"},
	{"name=a1 src=100 boot=false", "VM a1 from 100, do not start at boot", "VM a1 depuis 100, ne pas démarrer au boot"},
	{"name=a1 src=100 started=false", "VM a1 from 100, stopped", "VM a1 depuis 100, arrêtée"},
	{"name=a1 src=100 full=false", "VM a1, linked clone of 100", "VM a1, clone lié, depuis 100"},
	{"name=a1 src=100 full=true protect=true", "VM a1 from 100, full clone, protected", "VM a1 depuis 100, clone complet, protégée"},
	{"name=a1 src=100 id=130", "VM a1 from 100 with id 130", "VM a1 depuis 100 avec l'id 130"},
	{"name=a1 src=100 ?vm1.vm_id", "VM a1 from 100 with id 118", "VM a1 depuis 100 avec l'id 118"},
	{`name=a1 src=100 desc="front door of the shop"`, `VM a1 from 100, description "front door of the shop"`, "VM a1 depuis 100, description « front door of the shop »"},
	{"name=a1 src=100 ?vm1.pool", "VM a1 from 100 in pool produktion", "VM a1 depuis 100 dans le pool produktion"},
	{"name=a1 src=100 ?vm1.tags", "VM a1 from 100 tagged été", "VM a1 depuis 100 étiquetée été"},
	{"name=a1 src=100 agent=true", "VM a1 from 100 with the guest agent", "VM a1 depuis 100 avec l'agent invité"},

	// Several groups.
	{"web-server n=3 src=100 | database src=100", "three web servers and one database from template 100", "trois serveurs web et une base de données depuis le modèle 100"},
	{"web-server n=3 src=100 cores=2 mem=4096 | database src=100 cores=4 mem=16384", "three web servers with 2 cores and 4 GB, and a database with 4 cores and 16 GB, from 100", "trois serveurs web avec 2 cœurs et 4 Go, et une base de données avec 4 cœurs et 16 Go, depuis 100"},
	{"web-server n=2 src=100 on=pmox01 | database src=100 on=pmox02", "two web servers on pmox01 and a database on pmox02, all from template 100", "deux serveurs web sur pmox01 et une base de données sur pmox02, tous depuis le modèle 100"},
	{"web-server n=2 | database ?vm1.source", "two web servers and a database", "deux serveurs web et une base de données"},
	{"load-balancer src=100 | web-server n=2 src=100", "a load balancer and two web servers from 100", "un répartiteur de charge et deux serveurs web depuis 100"},

	// Roles.
	{"ci-runner src=100", "a CI runner from 100", "un runner CI depuis 100"},
	{"k3s-worker names=worker-node-4,worker-node-5 src=100", "two k3s worker nodes from 100", "deux nœuds worker k3s depuis 100"},
	{"jump-host src=100", "a VM for a jump host from 100", "une VM pour un bastion depuis 100"},
	{"monitoring src=100", "a monitoring server from 100", "un serveur de supervision depuis 100"},
	{"gpu-node src=100 devices=gpu", "a GPU node from 100", "un nœud GPU depuis 100"},
	{"file-server src=100", "a file server from 100", "un serveur de fichiers depuis 100"},
	{"dns-server src=100", "a DNS server from 100", "un serveur DNS depuis 100"},
	{"database src=100", "a postgres server from 100", "un serveur postgres depuis 100"},
	{"web-server src=100", "a VM with nginx from 100", "une VM avec nginx depuis 100"},

	// Everything at once.
	{"web-server name=shop src=100 cores=4 mem=8192 disk=80 storage=pmoxpool01 net=mainvnet ip=192.168.0.30/16 gw=192.168.0.1 on=pmox03 ha=true hagroup=mainHA pool=production boot=true user=amine dns=8.8.8.8 tags=web,shop",
		"Create a web server named shop from template 100 with 4 vCPUs, 8 GB RAM and an 80 GB disk on pmoxpool01, on node pmox03, network mainvnet, IP 192.168.0.30/16, gateway 192.168.0.1, DNS 8.8.8.8, user amine, tags web and shop, pool production, HA, start at boot.",
		"Crée un serveur web nommé shop depuis le modèle 100 avec 4 vCPU, 8 Go de RAM et un disque de 80 Go sur pmoxpool01, sur le nœud pmox03, réseau mainvnet, IP 192.168.0.30/16, passerelle 192.168.0.1, DNS 8.8.8.8, utilisateur amine, étiquettes web et shop, pool production, HA, démarrage automatique."},

	// Words that are not understood stay.
	{`name=a1 src=100 ~"with jam"`, "VM a1 from 100 with jam", ""},
	{`name=a1 src=100 ~"avec de la confiture"`, "", "VM a1 depuis 100 avec de la confiture"},

	// Routing.
	{"?change1.guest", "give webserver 8 GB", "donne 8 Go à webserver"},
	{"118: mem=16384", "increase the memory of AI-server to 16 GB", "augmente la mémoire de AI-server à 16 Go"},
	{"answer: qm config 123; qm migrate 123 pmox01 --online", "migrate worker-node-2 to pmox01", "migre worker-node-2 vers pmox01"},
	{"answer: qm shutdown 123; qm destroy 123 --purge", "delete worker-node-2", "supprime worker-node-2"},
	{"answer: qm snapshot 118 before-change", "take a snapshot of AI-server", "prendre un instantané de AI-server"},
	{"answer", "which node has room for 32 GB?", "quel nœud a de la place pour 32 Go ?"},
	{"answer", "how many VMs are running?", "combien de VM tournent ?"},
	{"answer", "list the templates", "liste les modèles"},
	{"!off_topic", "what's the weather like today?", "quel temps fait-il aujourd'hui ?"},
	{"!off_topic", "write a poem about the sea", "écris un poème sur la mer"},
	{"!platform_unsupported", "create a VM on AWS", "crée une VM sur AWS"},
	{"!platform_unsupported", "a web server on Azure from 100", "un serveur web sur Azure depuis 100"},
	{"!platform_unsupported", "deploy three VMs in VMware vSphere", "déploie trois VM dans VMware vSphere"},
	{"!platform_unsupported", "spin up an EC2 instance", "lance une instance EC2"},
	{"!platform_unsupported", "a VM on OpenStack", "une VM sur OpenStack"},
	{"!platform_unsupported", "a VM on Hyper-V", "une VM sur Hyper-V"},
	{"!platform_unsupported", "a VM on Google Cloud", "une VM sur Google Cloud"},
	{"!physical_work", "rack a fifth server", "ajoute un serveur physique"},
	{"!workload_unsupported", "deploy nginx on kubernetes with 3 replicas", "déploie nginx sur kubernetes avec 3 réplicas"},
	{"lxc name=c1 ?ct1.source", "create an LXC container named c1", "crée un conteneur LXC nommé c1"},
	{"?import1.guest", "write the Terraform for VM 104", "écris le Terraform de la VM 104"},
	{"import 118", "write the Terraform for VM 118", "écris le Terraform de la VM 118"},
	{"?request", "I need some infrastructure", "j'ai besoin d'une infrastructure"},
	{"web-server src=100", "Could you create a web server from 100, please?", "Peux-tu créer un serveur web depuis 100, s'il te plaît ?"},
}

// Shows: T-0-02, T-4.6.2-02, T-3.3.5-112, T-3.3.5-113, T-4.6.3-01
func TestPairs(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, tc := range pairs {
		var both []*provisov1.Understanding
		for lang, text := range map[string]string{"en": tc.en, "fr": tc.fr} {
			if text == "" {
				continue
			}
			u := r.Understand(Request{ID: "run-1", Text: text, Language: lang}, snap)
			both = append(both, u)
			if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", text, diff)
			}
			if err := wire.Validate(u); err != nil {
				t.Errorf("%s: the result breaks the contract: %v", text, err)
			}
		}
		if len(both) == 2 {
			if diff := cmp.Diff(bare(both[0]), bare(both[1])); diff != "" {
				t.Errorf("%s and %s differ:\n%s", tc.en, tc.fr, diff)
			}
		}
	}
}

// bare is the JSON of an understanding's intent without what is said in words: language, evidence, reasons.
func bare(u *provisov1.Understanding) string {
	in := u.GetIntent()
	if in == nil {
		return ""
	}
	var b strings.Builder
	for _, vm := range in.GetVirtualMachines() {
		j, err := wire.Encode(vm)
		if err != nil {
			return err.Error()
		}
		b.Write(j)
		b.WriteByte('\n')
	}
	for _, ct := range in.GetContainers() {
		j, err := wire.Encode(ct)
		if err != nil {
			return err.Error()
		}
		b.Write(append(j, '\n'))
	}
	for _, p := range in.GetPools() {
		b.WriteString(p.GetName() + "\n")
	}
	for _, f := range in.GetFacts() {
		b.WriteString(f.GetPath() + " " + f.GetOrigin() + "\n")
	}
	for _, o := range in.GetOmissions() {
		b.WriteString(o.GetTopic() + "\n")
	}
	return b.String()
}
