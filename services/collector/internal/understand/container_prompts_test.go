package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// guestPairs are requests for containers, pools and Kubernetes clusters in both languages that mean the same; want is written from
// their meaning.
var guestPairs = []struct{ want, en, fr string }{
	// What a container is.
	{"lxc name=dns1 tpl=debian-12 cores=1 mem=512 disk=8", "create an LXC container named dns1 from the debian 12 template with 1 core, 512 MB, 8 GB disk",
		"crée un conteneur LXC nommé dns1 depuis le modèle debian 12 avec 1 cœur, 512 Mo, disque de 8 Go"},
	{"lxc web-server n=2 tpl=debian-12 mem=1024", "two LXC containers for nginx from debian 12, 1 GB each", "deux conteneurs LXC pour nginx sous debian 12, 1 Go chacun"},
	{"lxc name=a1 tpl=debian-12 unprivileged=true nesting=true", "CT a1, debian 12, unprivileged, nesting on", "CT a1, debian 12, non privilégié, imbrication activée"},
	{"lxc name=a1 tpl=debian-12 swap=0 unprivileged=false nesting=false", "a privileged LXC container a1 from debian 12 without swap, nesting off",
		"un conteneur LXC privilégié a1 depuis debian 12 sans swap, sans nesting"},
	{"lxc name=c1 tpl=ubuntu-24.04 cores=2 mem=1024 swap=1024 disk=16 storage=pmoxpool01", "an LXC c1 on ubuntu 24.04 with 2 cores, 1 GB RAM, 1 GB swap and a 16 GB disk on pmoxpool01",
		"un LXC c1 sous ubuntu 24.04 avec 2 cœurs, 1 Go de RAM, 1 Go de swap et un disque de 16 Go sur pmoxpool01"},
	{"lxc name=dns1 tpl=debian-12 net=vmbr0 vlan=20 ip=192.168.5.20/24 gw=192.168.5.1 dns=1.1.1.1 domain=lab.local",
		"LXC dns1 from debian 12 on bridge vmbr0 VLAN 20, IP 192.168.5.20/24, gateway 192.168.5.1, DNS 1.1.1.1, search domain lab.local",
		"LXC dns1 sous debian 12 sur le pont vmbr0 VLAN 20, IP 192.168.5.20/24, passerelle 192.168.5.1, DNS 1.1.1.1, domaine de recherche lab.local"},
	{"lxc name=dns1 tpl=debian-12 keys=1", "LXC dns1 from debian 12 with ssh key for root ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2v9 amine@lab",
		"LXC dns1 sous debian 12 avec la clé SSH de root ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2v9 amine@lab"},
	{"lxc name=dns1 tpl=debian-12 ha=true pool=production tags=dns,infra protect=true id=140", "LXC dns1 from debian 12, tags dns and infra, pool production, HA, protected, id 140",
		"LXC dns1 sous debian 12, étiquettes dns et infra, pool production, HA, protégé, id 140"},
	{"lxc name=c1 tpl=debian-12 boot=false started=false", "an LXC container c1 from debian 12, stopped, do not start at boot", "un conteneur LXC c1 debian 12 éteint, ne pas démarrer au boot"},
	{"lxc names=dns1,dns2,dns3 tpl=debian-12 place=apart", "three LXC containers dns1, dns2 and dns3 from debian 12, on different nodes",
		"trois conteneurs LXC dns1, dns2 et dns3 depuis debian 12, sur des nœuds différents"},
	{"lxc name=app n=3 tpl=ubuntu-24.04 cores=1 mem=512 unprivileged=true", "create 3 unprivileged LXC containers from ubuntu 24.04, 1 core and 512 MB each, named app",
		"crée 3 conteneurs LXC non privilégiés depuis ubuntu 24.04, 1 cœur et 512 Mo chacun, nommés app"},
	{"lxc name=c1 tpl=debian-12 on=pmox02", "an LXC container c1 from cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst on pmox02",
		"un conteneur LXC c1 depuis cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst sur pmox02"},
	{"lxc name=c1 tpl=debian-12 not=pmox01", "an LXC c1 from debian-12-standard_12.7-1_amd64.tar.zst, not on pmox01", "un LXC c1 depuis debian-12-standard_12.7-1_amd64.tar.zst, pas sur pmox01"},
	{"lxc web-server tpl=debian-12", "a web server in an LXC container from debian 12", "un serveur web dans un conteneur LXC depuis debian 12"},
	{"lxc database tpl=debian-12", "an LXC database container from debian 12", "un conteneur LXC de base de données depuis debian 12"},
	{`lxc name=c1 tpl=debian-12 desc="name server"`, `an LXC c1 from debian 12, description "name server"`, "un LXC c1 depuis debian 12, description « name server »"},

	// The word alone.
	{"lxc? web-server tpl=debian-12", "an nginx container from debian 12", "un conteneur nginx depuis debian 12"},
	{"lxc? name=c1 tpl=debian-12", "a container named c1 from debian 12", "un conteneur nommé c1 depuis debian 12"},
	{"lxc ?ct1.kind", "a docker container named app1", "un conteneur docker nommé app1"},
	{"lxc cache ?ct1.kind", "a container for redis with docker", "un conteneur pour redis avec docker"},
	{"lxc name=d1 tpl=debian-12 nesting=true", "an LXC container d1 from debian 12 with docker", "un conteneur LXC d1 depuis debian 12 avec docker"},
	{"name=d1 src=100", "a VM d1 from 100 for docker containers", "une VM d1 depuis 100 pour des conteneurs docker"},

	// What cannot be.
	{"lxc name=c1 ?ct1.source", "an LXC container c1", "un conteneur LXC c1"},
	{"lxc name=c1 ?ct1.source", "an LXC container c1 from template 100", "un conteneur LXC c1 depuis le modèle 100"},
	{"lxc name=c1 ?ct1.source", "an LXC container c1 from the k3s-template template", "un conteneur LXC c1 depuis le modèle k3s-template"},
	{"lxc name=c1 ?ct1.source", "an LXC container c1 from ubuntu", "un conteneur LXC c1 depuis ubuntu"},
	{"lxc name=c1 ?ct1.source", "an LXC container c1 on fedora", "un conteneur LXC c1 sous fedora"},
	{"lxc name=c1 ?ct1.source", "an LXC container c1 from the image noble-server-cloudimg-amd64.qcow2", "un conteneur LXC c1 depuis l'image noble-server-cloudimg-amd64.qcow2"},
	{"lxc name=c1 on=pmox02 ?ct1.source", "an LXC container c1 from alpine on pmox02", "un conteneur LXC c1 sous alpine sur pmox02"},
	{"lxc name=c1 tpl=debian-12 ?ct1.storage", "an LXC container c1 from debian 12 on storage local", "un conteneur LXC c1 depuis debian 12 sur le stockage local"},
	{"lxc name=c1 tpl=debian-12 ?ct1.network", "an LXC container c1 from debian 12 on network vmbr9", "un conteneur LXC c1 depuis debian 12 sur le réseau vmbr9"},
	{"lxc name=c1 tpl=debian-12 ?ct1.node", "an LXC container c1 from debian 12 on pmax02", "un conteneur LXC c1 depuis debian 12 sur pmax02"},
	{"lxc name=c1 tpl=debian-12 ?ct1.vm_id", "an LXC container c1 from debian 12 with id 118", "un conteneur LXC c1 depuis debian 12 avec l'id 118"},
	{"lxc name=c1 tpl=debian-12 ?ct1.pool", "an LXC container c1 from debian 12 in pool produktion", "un conteneur LXC c1 depuis debian 12 dans le pool produktion"},
	{"lxc tpl=debian-12 ?ct1.name", "an LXC container named opnsense from debian 12", "un conteneur LXC nommé opnsense depuis debian 12"},
	{"name=v1 ?vm1.source", "a VM v1 from debian-12-standard_12.7-1_amd64.tar.zst", "une VM v1 depuis debian-12-standard_12.7-1_amd64.tar.zst"},

	// Both kinds.
	{"database src=100 | lxc web-server n=2 tpl=debian-12", "a database VM from 100 and two LXC containers for nginx from debian 12",
		"une VM base de données depuis 100 et deux conteneurs LXC pour nginx depuis debian 12"},
	{"database | lxc web-server n=2 ?vm1.source ?ct1.source", "a database VM and two LXC containers for nginx", "une VM base de données et deux conteneurs LXC pour nginx"},
	{"name=db01 src=100 mem=8192 | lxc name=web01 tpl=debian-12", "LXC web01 from debian 12; VM db01 from 100 with 8 GB", "LXC web01 depuis debian 12 ; VM db01 depuis 100 avec 8 Go"},
	{"name=db01 src=100 cores=4 | lxc name=web01 tpl=debian-12 cores=1", "create a VM db01 from 100 with 4 cores and an LXC container web01 from debian 12 with 1 core",
		"crée une VM db01 depuis 100 avec 4 cœurs et un conteneur LXC web01 depuis debian 12 avec 1 cœur"},

	// Pools.
	{"newpool=prod", "create a resource pool named prod", "crée un pool de ressources nommé prod"},
	{`newpool=prod comment="team shop"`, `create a resource pool called prod, comment "team shop"`, "crée un pool de ressources appelé prod, commentaire « team shop »"},
	{"newpool=dev | newpool=test", "create a pool dev and a pool test", "crée un pool dev et un pool test"},
	{"name=app n=2 src=100 pool=dev | newpool=dev", "create a pool dev and put two VMs named app from 100 in it", "crée un pool dev et mets-y deux VM nommées app depuis 100"},
	{"name=web01 src=100 pool=dev | newpool=dev", "a VM web01 from 100 in a new pool dev", "une VM web01 depuis 100 dans un nouveau pool dev"},
	{"?pool1.name", "create a resource pool", "crée un pool de ressources"},
	{"?pool1.name", "create a pool named production", "crée un pool nommé production"},

	// Kubernetes clusters.
	{"k3s-control-plane name=control-node-4 src=100 hagroup=mainHA | k3s-worker names=worker-node-4,worker-node-5 src=100",
		"deploy a Kubernetes cluster from template 100", "déploie un cluster Kubernetes depuis le modèle 100"},
	{"k3s-control-plane name=control-node-4 src=100 hagroup=mainHA | k3s-worker names=worker-node-4,worker-node-5,worker-node-6 src=100",
		"a k3s cluster with 1 master and 3 workers from 100", "un cluster k3s avec 1 maître et 3 workers depuis 100"},
	{"k3s-control-plane names=control-node-4,control-node-5,control-node-6 src=100 hagroup=mainHA | k3s-worker names=worker-node-4,worker-node-5 src=100",
		"a highly available k3s cluster with 5 nodes from 100", "un cluster k3s hautement disponible de 5 nœuds depuis 100"},
	{"k3s-control-plane names=control-node-4,control-node-5 src=100 hagroup=mainHA | k3s-worker names=worker-node-4,worker-node-5 src=100 ?vm1.count",
		"a Kubernetes cluster with 2 control planes from 100", "un cluster Kubernetes avec 2 plans de contrôle depuis 100"},
}

// Both languages say the same of containers, pools and clusters, and what is missing is asked.
func TestGuestPairs(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, tc := range guestPairs {
		var both []*provisov1.Understanding
		for lang, text := range map[string]string{"en": tc.en, "fr": tc.fr} {
			u := r.Understand(Request{ID: "run-1", Text: text, Language: lang}, snap)
			both = append(both, u)
			if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", text, diff)
			}
			if err := wire.Validate(u); err != nil {
				t.Errorf("%s: the result breaks the contract: %v", text, err)
			}
		}
		if diff := cmp.Diff(bare(both[0]), bare(both[1])); diff != "" {
			t.Errorf("%s and %s differ:\n%s", tc.en, tc.fr, diff)
		}
	}
}
