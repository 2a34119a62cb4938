package understand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/wire"
)

// guestSpeech are requests for containers, pools and clusters as people write them. What they say is compared, not how.
var guestSpeech = []struct{ text, want string }{
	{"I'd like an LXC for my Pi-hole please, debian 12, static IP 192.168.0.53", "lxc dns-server tpl=debian-12 ip=192.168.0.53/16 gw=192.168.0.1"},
	{"Bonjour, j'aurais besoin d'un conteneur LXC pour un DNS, debian 12, 1 cœur, 512 Mo, IP 192.168.0.53/16, merci", "lxc dns-server tpl=debian-12 cores=1 mem=512 ip=192.168.0.53/16 gw=192.168.0.1"},
	{"Monte-moi deux CT debian 12 nommés proxy1 et proxy2 avec HAProxy, en haute dispo, sur des nœuds différents", "lxc load-balancer names=proxy1,proxy2 tpl=debian-12 place=apart ha=true"},
	{"give me a ct with 4 cores 4gb ram 32gb disk debian 12 named build01", "lxc name=build01 tpl=debian-12 cores=4 mem=4096 disk=32"},
	{`nouveau conteneur lxc "mail01" debian-12 2 vCPU / 2 Go / 20 Go / vlan 30 sur vmbr0`, "lxc name=mail01 tpl=debian-12 cores=2 mem=2048 disk=20 net=vmbr0 vlan=30"},
	{"LXC: name dns2, template debian 12, 1 core, 256MB RAM, 256MB swap, 4GB disk, bridge vmbr0, ip dhcp, start on boot", "lxc name=dns2 tpl=debian-12 cores=1 mem=256 swap=256 disk=4 net=vmbr0 ip=dhcp boot=true"},
	{"lxc name=web01 cores=2 memory=1024 swap=256 template=debian-12-standard node=pmox02 bridge=vmbr0", "lxc name=web01 tpl=debian-12 cores=2 mem=1024 swap=256 net=vmbr0 on=pmox02"},
	{"Make a container. Name: web01. Template: debian 12. Cores: 2. RAM: 1 GB. Swap: 512 MB. Disk: 10 GB. Node: pmox01.", "lxc name=web01 tpl=debian-12 cores=2 mem=1024 swap=512 disk=10 on=pmox01"},
	{"Créer un conteneur. Nom : web01. Modèle : debian 12. Cœurs : 2. RAM : 1 Go. Swap : 512 Mo. Disque : 10 Go. Nœud : pmox01.", "lxc name=web01 tpl=debian-12 cores=2 mem=1024 swap=512 disk=10 on=pmox01"},
	{"please create five containers app1 to app5 from ubuntu 24.04 each with 2 cores and 1GB", "lxc? names=app1,app2,app3,app4,app5 tpl=ubuntu-24.04 cores=2 mem=1024"},
	{"crée cinq conteneurs app1 à app5 depuis ubuntu 24.04, chacun avec 2 cœurs et 1 Go", "lxc? names=app1,app2,app3,app4,app5 tpl=ubuntu-24.04 cores=2 mem=1024"},
	{"an unprivileged container with nesting for docker, debian 12, named dock01", "lxc name=dock01 tpl=debian-12 unprivileged=true nesting=true"},
	{"conteneur LXC avec nesting pour faire tourner docker, debian 12, nommé dock01", "lxc name=dock01 tpl=debian-12 nesting=true"},
	{"un serveur web nginx en conteneur LXC debian 12 et une base postgres en VM depuis 100", "database src=100 | lxc web-server tpl=debian-12"},
	{"a container with swap disabled from debian 12 named z1", "lxc name=z1 tpl=debian-12 swap=0"},
	{"un conteneur debian 12 avec 0 swap nommé z1", "lxc name=z1 tpl=debian-12 swap=0"},
	{"a privileged debian 12 container z1", "lxc name=z1 tpl=debian-12 unprivileged=false"},
	{"unprivileged=no LXC z1 debian 12", "lxc name=z1 tpl=debian-12 unprivileged=false"},
	{"lxc c1 debian-12 1c 512m 8g", "lxc name=c1 tpl=debian-12 cores=1 mem=512 disk=8"},
	{"un conteneur debian 12 nommé pihole avec pihole, non privilégié, démarrage automatique, sur le nœud le moins chargé", "lxc dns-server name=pihole tpl=debian-12 unprivileged=true place=balance boot=true"},
	{"trois conteneurs LXC sous alpine pour redis, 256 Mo de RAM chacun, répartis sur les nœuds", "lxc cache n=3 tpl=alpine-3.20-default_20240908_amd64.tar.xz mem=256 place=apart"},
	{"an LXC container web01 from the ubuntu-24.04 template with rootfs of 20G on local-lvm", "lxc name=web01 tpl=ubuntu-24.04 disk=20 storage=local-lvm"},
	{"an LXC z1 from debian 12 with 2 network cards, one on vmbr0 and one on mainvnet", "lxc name=z1 tpl=debian-12 net=vmbr0 net2=mainvnet"},
	{"un LXC z1 debian 12 dans le pool production, protégé contre la suppression, description : « résolveur interne »", `lxc name=z1 tpl=debian-12 pool=production protect=true desc="résolveur interne"`},
	{"CT 105 debian 12 named z1 2 cores", "lxc name=z1 tpl=debian-12 cores=2 id=105"},
	{"un groupe de trois conteneurs debian 12 nommés w", "lxc? name=w n=3 tpl=debian-12"},
	{"container for postgres from debian 12 with 50GB on pmoxpool01 and 4GB", "lxc? database tpl=debian-12 mem=4096 disk=50 storage=pmoxpool01"},
	{"deux VM web depuis 100 et un conteneur de cache sous debian 12 avec 2 Go", "web-server n=2 src=100 | lxc? cache tpl=debian-12 mem=2048"},
	{"deploy nginx as an LXC container from debian-12-standard", "lxc web-server tpl=debian-12"},
	{"a Docker host VM from 100 named dh1", "name=dh1 src=100"},
	{"a VM web01 from 100 to run docker containers", "name=web01 src=100"},
	{"docker compose with nginx and postgres", "lxc web-server ?ct1.kind"},
	{"a podman container", "lxc ?ct1.kind"},
	{"crée-moi des conteneurs", "lxc? ?ct1.source ?ct1.name"},
	{"un LXC al1 sous alpine avec 8 Mo de RAM", "lxc name=al1 tpl=alpine-3.20-default_20240908_amd64.tar.xz ?ct1.memory"},
	{"lxc z1 debian 12 with 600 cores", "lxc name=z1 tpl=debian-12 ?ct1.cores"},
	{"a resource pool named dev containing a VM web01 from 100 and a container c1 from debian 12", "name=web01 src=100 | lxc? name=c1 tpl=debian-12 | newpool=dev"},
	{"create a resource pool lab and three LXC containers named n from debian 12 in it, and a VM web01 from 100", "name=web01 src=100 pool=lab | lxc name=n n=3 tpl=debian-12 pool=lab | newpool=lab"},
	{"crée un pool dev sans VM", "newpool=dev"},
	{"create two pools dev and prod", "newpool=dev | newpool=prod"},
	{"a pool of three VMs named a from 100", "name=a n=3 src=100"},
	{"crée un pool nommé équipe", "?pool1.name"},
	{"install k3s on 3 VMs from 100", "k3s-control-plane name=control-node-4 src=100 hagroup=mainHA | k3s-worker names=worker-node-4,worker-node-5 src=100"},
	{"deploy a single node k3s from 100", "k3s-control-plane name=control-node-4 src=100 hagroup=mainHA"},
	{"monte un cluster k3s (1 maître, 2 agents) depuis le template 100", "k3s-control-plane name=control-node-4 src=100 hagroup=mainHA | k3s-worker names=worker-node-4,worker-node-5 src=100"},
	{"déploie un cluster Kubernetes nommé prod avec 4 cœurs et 16 Go par nœud depuis le template 100", "k3s-control-plane name=prod-control-node src=100 cores=4 mem=16384 hagroup=mainHA | k3s-worker name=prod-worker-node src=100 cores=4 mem=16384"},
	{"un cluster k8s : 3 control planes et 4 workers, 8 Go chacun, template 100", "k3s-control-plane names=control-node-4,control-node-5,control-node-6 src=100 mem=8192 hagroup=mainHA | k3s-worker names=worker-node-4,worker-node-5,worker-node-6,worker-node-7 src=100 mem=8192"},
	{"add two workers to the k3s cluster from template 100", "k3s-worker names=worker-node-4,worker-node-5 src=100"},
	{"un cluster k3s en LXC sous debian 12", "lxc k3s-control-plane name=control-node-4 tpl=debian-12 nesting=true | lxc k3s-worker names=worker-node-4,worker-node-5 tpl=debian-12 nesting=true"},
	{"two LXCs, one for nginx and one for redis, debian 12", "lxc web-server tpl=debian-12 | lxc cache tpl=debian-12"},
	{"deux VM, une pour nginx et une pour postgres, depuis 100", "web-server src=100 | database src=100"},
	{"conteneur web01 (debian 12, 1 cœur, 512 Mo) et conteneur db01 (debian 12, 2 cœurs, 2 Go)", "lxc? name=web01 tpl=debian-12 cores=1 mem=512 | lxc? name=db01 tpl=debian-12 cores=2 mem=2048"},
	{"LXC a1 debian 12, LXC a2 debian 12, VM v1 from 100", "name=v1 src=100 | lxc name=a1 tpl=debian-12 | lxc name=a2 tpl=debian-12"},
	{"a debian 12 VM named z1", "name=z1 src=cephfs:import/debian-12-generic-amd64.qcow2"},
	{"two web servers and a database from 100, 8 GB each", "web-server n=2 src=100 mem=8192 | database src=100 mem=8192"},
	{"Could you please spin up a lightweight container for grafana on debian 12, 2 GB of memory, starting automatically?", `lxc? monitoring tpl=debian-12 mem=2048 boot=true ~"lightweight"`},
	{"supprime le conteneur dns1", "!change_unsupported"},
	{"combien de conteneurs tournent ?", "!question_unsupported"},
}

func TestGuestSpeech(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, tc := range guestSpeech {
		u := r.Understand(Request{ID: "run-1", Text: tc.text}, snap)
		if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.text, diff)
		}
		if err := wire.Validate(u); err != nil {
			t.Errorf("%s: the result breaks the contract: %v", tc.text, err)
		}
	}
}
