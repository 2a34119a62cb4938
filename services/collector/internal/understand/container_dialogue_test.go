package understand

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Shows: T-4.6.3-02, T-3.3.5-114, T-4.7.4-01
func TestGuestDialogue(t *testing.T) {
	const mixed = "une VM base de données depuis 100 et deux conteneurs LXC pour nginx depuis debian 12"
	tests := map[string]struct {
		reason       string
		text         string
		turns        []Turn
		want         string
		confirmation string
	}{
		"MissingByValue":   {text: "an LXC container", turns: turns("ct1.name", "dns1", "ct1.source", "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"), want: "lxc name=dns1 tpl=debian-12"},
		"MissingByNumber":  {text: "un conteneur LXC", turns: turns("ct1.name", "dns1", "ct1.source", "1"), want: "lxc name=dns1 tpl=debian-12"},
		"MissingByOrdinal": {text: "un conteneur LXC c1 sous ubuntu", turns: turns("ct1.source", "la deuxième"), want: "lxc name=c1 tpl=ubuntu-24.04"},
		"MissingByWords":   {text: "un conteneur LXC", turns: turns("ct1.source", "debian 12", "ct1.name", "cache01 with 2 cores"), want: "lxc name=cache01 tpl=debian-12 cores=2"},
		"FileName":         {text: "an LXC c1", turns: turns("ct1.source", "debian-12-standard_12.7-1_amd64.tar.zst"), want: "lxc name=c1 tpl=debian-12"},
		"VMTemplateIsRefused": {reason: "A container cannot be made from a template of machines, not even as an answer.", text: "an LXC c1",
			turns: turns("ct1.source", "100"), want: "lxc name=c1 ?ct1.source"},
		"SourcesApart": {reason: "One answer serves the groups of one kind, not those of the other.", text: "a database VM and two LXC containers for nginx",
			turns: turns("ct1.source", "debian 12"), want: "database | lxc web-server n=2 tpl=debian-12 ?vm1.source"},
		"DockerInVM":        {text: "a docker container named app1", turns: turns("ct1.kind", "vm", "vm1.source", "100"), want: "name=app1 src=100"},
		"DockerInContainer": {text: "a docker container named app1", turns: turns("ct1.kind", "2", "ct1.source", "debian 12"), want: "lxc name=app1 tpl=debian-12 nesting=true"},
		"DockerByWordsVM":   {text: "un conteneur docker nommé app1", turns: turns("ct1.kind", "dans une VM", "vm1.source", "100"), want: "name=app1 src=100"},
		"DockerByWordsLXC": {text: "un conteneur docker nommé app1", turns: turns("ct1.kind", "un conteneur LXC avec nesting", "ct1.source", "1"),
			want: "lxc name=app1 tpl=debian-12 nesting=true"},
		"PoolNamed":    {text: "create a pool named production", turns: turns("pool1.name", "prod2"), want: "newpool=prod2"},
		"PoolByNumber": {text: "create a pool named production", turns: turns("pool1.name", "1"), want: "newpool=production-2"},
		"PoolExisting": {reason: "The pool that is there can be taken instead; nothing is created then.", text: "create a pool named production with a VM web01 from 100",
			turns: turns("pool1.name", "existing"), want: "name=web01 src=100 pool=production"},
		"SwapRange": {text: "an LXC c1 from debian 12 with 9999 TB swap", turns: turns("ct1.swap", "1 GB"), want: "lxc name=c1 tpl=debian-12 swap=1024"},

		"Yes":              {text: "an LXC c1 from debian 12", turns: turns("confirm", "yes"), want: "lxc name=c1 tpl=debian-12", confirmation: "yes"},
		"BareSize":         {text: "un LXC c1 sous debian 12", turns: turns("confirm", "non, 1 Go"), want: "lxc name=c1 tpl=debian-12 mem=1024", confirmation: "correction"},
		"SwapAndPrivilege": {text: "un LXC c1 sous debian 12", turns: turns("confirm", "non, 1 Go de swap et privilégié"), want: "lxc name=c1 tpl=debian-12 swap=1024 unprivileged=false", confirmation: "correction"},
		"NoSwapNesting":    {text: "an LXC c1 from debian 12", turns: turns("confirm", "no swap, with nesting"), want: "lxc name=c1 tpl=debian-12 swap=0 nesting=true", confirmation: "correction"},
		"OnlyContainers": {text: mixed, turns: turns("confirm", "non, les conteneurs avec 2 Go"), want: "database src=100 | lxc web-server n=2 tpl=debian-12 mem=2048",
			confirmation: "correction"},
		"OnlyMachines":   {text: mixed, turns: turns("confirm", "non, la VM avec 16 Go"), want: "database src=100 mem=16384 | lxc web-server n=2 tpl=debian-12", confirmation: "correction"},
		"CountOfOneKind": {text: mixed, turns: turns("confirm", "non, 3 conteneurs"), want: "database src=100 | lxc web-server n=3 tpl=debian-12", confirmation: "correction"},
		"RemoveMachine":  {text: mixed, turns: turns("confirm", "retire la base de données"), want: "lxc web-server n=2 tpl=debian-12", confirmation: "correction"},
		"ToContainer": {reason: "A machine's template makes no container, so the source is asked again.", text: "a web server from 100",
			turns: turns("confirm", "no, an LXC container"), want: "lxc web-server ?ct1.source", confirmation: "correction"},
		"ToMachine": {reason: "A system is meaningful for both kinds and stays.", text: "un LXC c1 sous debian 12", turns: turns("confirm", "plutôt une VM"),
			want: "name=c1 src=cephfs:import/debian-12-generic-amd64.qcow2", confirmation: "correction"},
		"RemoveContainers": {text: mixed, turns: turns("confirm", "retire les conteneurs"), want: "database src=100", confirmation: "correction"},
		"RemoveMachineOfMix": {text: "an LXC c1 from debian 12 and a VM v1 from 100", turns: turns("confirm", "remove the VM"), want: "lxc name=c1 tpl=debian-12",
			confirmation: "correction"},
		"NoPool": {text: "crée un pool dev et une VM web01 depuis 100", turns: turns("confirm", "non, sans pool"), want: "name=web01 src=100 pool=", confirmation: "correction"},
		"OtherPool": {text: "crée un pool dev et une VM web01 depuis 100", turns: turns("confirm", "la VM dans le pool production"), want: "name=web01 src=100 pool=production | newpool=dev",
			confirmation: "correction"},
		"BothKinds": {text: "an LXC c1 from debian 12 and a VM v1 from 100", turns: turns("confirm", "4 cores"), want: "name=v1 src=100 cores=4 | lxc name=c1 tpl=debian-12 cores=4",
			confirmation: "correction"},
		"NameOfContainer": {text: "an LXC c1 from debian 12", turns: turns("confirm", "rename it to c2"), want: "lxc name=c2 tpl=debian-12", confirmation: "correction"},
		"UserOfContainer": {text: "an LXC c1 from debian 12", turns: turns("confirm", "user amine"), want: `lxc name=c1 tpl=debian-12 ~"user amine"`, confirmation: "correction"},
		"WorkersOfCluster": {text: "deploy a k3s cluster from 100", turns: turns("confirm", "3 workers"),
			want: "k3s-control-plane name=control-node-4 src=100 hagroup=mainHA | k3s-worker names=worker-node-4,worker-node-5,worker-node-6 src=100", confirmation: "correction"},
		"RequestIsAContainer": {text: "do something", turns: turns("request", "an LXC c1 from debian 12"), want: "lxc name=c1 tpl=debian-12"},
		"RequestIsAWorkload":  {text: "do something", turns: turns("request", "deploy nginx on kubernetes"), want: "!workload_unsupported"},
		"AddContainer": {text: "a web server from 100", turns: turns("confirm", "add an LXC container named c9 from debian 12"),
			want: "web-server src=100 | lxc name=c9 tpl=debian-12", confirmation: "correction"},
		"AddPool":    {text: "a web server from 100", turns: turns("confirm", "add a pool dev"), want: "web-server src=100 | newpool=dev", confirmation: "correction"},
		"RenamePool": {text: "create a pool named dev", turns: turns("confirm", "no, call it dev2"), want: "newpool=dev2", confirmation: "correction"},
		"UnknownQuestion": {reason: "An id that was never asked changes nothing.", text: "an LXC c1 from debian 12", turns: turns("ct9.name", "x", "vm1.name", "y", "pool3.name", "z"),
			want: "lxc name=c1 tpl=debian-12"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := r.Understand(Request{ID: "run-1", Text: tc.text, Turns: tc.turns}, snap)
			if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if got := u.GetConfirmation(); got != tc.confirmation {
				t.Errorf("confirmation: got %q, want %q", got, tc.confirmation)
			}
			if err := wire.Validate(u); err != nil {
				t.Errorf("the result breaks the contract: %v", err)
			}
		})
	}
}

// What a container gets without being asked for stands in the table with its reason.
//
// Shows: T-4.7.4-01
func TestContainerDefaults(t *testing.T) {
	u := New(proxmox()).Understand(Request{ID: "r", Text: "un conteneur nginx sous debian 12"}, lab())
	var got []string
	for _, row := range u.GetInterpretation() {
		if row.GetReason() == "" {
			t.Errorf("row %s has no reason", row.GetPath())
		}
		if !strings.HasPrefix(row.GetPath(), "omissions") {
			got = append(got, row.GetLabel()+" | "+row.GetValue()+" | "+row.GetOrigin())
		}
	}
	want := []string{
		"Genre | conteneur LXC | assumed",
		"Rôle | serveur web | stated",
		"Nom | webserver | stated",
		"Nombre | 1 | stated",
		"Modèle | debian-12-standard_12.7-1_amd64.tar.zst, sur cephfs, 120 Mio | derived",
		"Cœurs | 1 | assumed",
		"Mémoire | 1 Gio | assumed",
		"Swap | 512 Mio | assumed",
		"Disque | 8 Gio | assumed",
		"Non privilégié | oui | assumed",
		"Imbrication (nesting) | non | assumed",
		"Réseau | mainvnet | assumed",
		"Adresse IPv4 | DHCP | assumed",
		"Haute disponibilité | non | assumed",
		"Pool | Backup-vms-pool | assumed",
		"Démarrage avec le nœud | oui | assumed",
		"Démarré après création | oui | assumed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	ct := u.GetIntent().GetContainers()[0]
	if !ct.GetUnprivileged() || ct.GetNesting() || !ct.GetStarted() || !ct.GetStartAtBoot() || ct.GetSwapMib() != 512 || ct.GetDisk().GetSizeGib() != 8 {
		t.Errorf("got %v", ct)
	}
}

// What a kind of guest does not have stays as not understood, with the reason.
func TestWordsOfTheOtherKind(t *testing.T) {
	tests := map[string]struct{ text, words, reason string }{
		"CPUType":    {"an LXC c1 from debian 12, cpu type host", "cpu type host", "no CPU type"},
		"Sockets":    {"un LXC c1 sous debian 12 avec 2 sockets", "2 sockets", "pas de sockets"},
		"User":       {"an LXC c1 from debian 12, user amine", "user amine", "only has root"},
		"Agent":      {"un LXC c1 sous debian 12, agent invité", "agent invité", "pas d'agent invité"},
		"FullClone":  {"an LXC c1 from debian 12, full clone", "full clone", "not cloned"},
		"SecondDisk": {"un LXC c1 sous debian 12, un deuxième disque de 20 Go", "un deuxième disque de 20 Go", "points de montage"},
		"SwapOfVM":   {"a VM a1 from 100, 1 GB swap", "1 GB swap", "inside it"},
		"NestingVM":  {"une VM a1 depuis 100, nesting", "nesting", "option des conteneurs"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := r.Understand(Request{ID: "r", Text: tc.text}, snap)
			if diff := cmp.Diff([]string{tc.words}, u.GetIntent().GetNotUnderstood()); diff != "" {
				t.Fatal(diff)
			}
			rows := u.GetInterpretation()
			if row := rows[len(rows)-1]; row.GetValue() != tc.words || !strings.Contains(row.GetReason(), tc.reason) {
				t.Errorf("got %v, want the reason %q", row, tc.reason)
			}
		})
	}
	u := r.Understand(Request{ID: "r", Text: "an LXC c1 from debian 12, user root"}, snap)
	if got := summary(u); got != "lxc name=c1 tpl=debian-12" {
		t.Errorf("root is what a container has: got %s", got)
	}
}

// Questions about containers say what is wrong and offer what exists.
func TestContainerQuestions(t *testing.T) {
	tests := map[string]struct {
		text, says string
		options    int
		first      string
	}{
		"All":        {"an LXC c1", "From which container template", 4, "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"},
		"Several":    {"un LXC c1 sous ubuntu", "plusieurs modèles de conteneur ubuntu", 2, "cephfs:vztmpl/ubuntu-22.04-standard_22.04-1_amd64.tar.zst"},
		"NoSystem":   {"an LXC c1 on fedora", "There are templates of debian 12, ubuntu 22.04, ubuntu 24.04 and alpine 3.20", 4, "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"},
		"VMTemplate": {"un LXC c1 depuis le modèle 100", "k3s-template (100) sert aux machines virtuelles", 4, "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"},
		"Image":      {"an LXC c1 from opnsense-24.7.iso", "is an image for virtual machines", 4, "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"},
		"Elsewhere":  {"un LXC c1 sous alpine sur pmox02", "ne se trouve que sur pmox01", 3, "cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst"},
		"OfVM":       {"a VM v1 from debian-12-standard_12.7-1_amd64.tar.zst", "is a template of containers", 4, "100"},
		"Storage":    {"un LXC c1 sous debian 12 sur le stockage local", "n'accepte pas les disques de conteneurs", 2, "local-lvm"},
		"Name":       {"an LXC from debian 12", "What should the container be called", 1, "ct-1"},
		"Docker":     {"un conteneur docker", "a besoin de l'un des deux", 2, "vm"},
		"Pool":       {"create a pool named production with a VM a1 from 100", "The pool production exists already", 2, "production-2"},
		"EvenMaster": {"un cluster k3s avec 2 plans de contrôle depuis 100", "nombre impair", 3, "1"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			qs := r.Understand(Request{ID: "r", Text: tc.text}, snap).GetQuestions()
			if len(qs) != 1 {
				t.Fatalf("got %d questions: %v", len(qs), qs)
			}
			if q := qs[0]; !strings.Contains(q.GetText(), tc.says) || len(q.GetOptions()) != tc.options || q.GetOptions()[0].GetValue() != tc.first {
				t.Errorf("got %v", q)
			}
		})
	}
	bare := lab()
	bare.Volumes = bare.Volumes[:2]
	if q := r.Understand(Request{ID: "r", Text: "an LXC c1"}, bare).GetQuestions()[0]; !strings.Contains(q.GetText(), "pveam download") || len(q.GetOptions()) != 0 {
		t.Errorf("no template in the cluster: got %v", q)
	}
}

// A typed intent with containers and pools goes the same way as a text, and does not change when it is completed again.
func TestTypedGuests(t *testing.T) {
	in := &provisov1.ProvisionIntent{IntentId: "order-1", Language: "en", Target: &provisov1.Target{Platform: "proxmox"},
		Pools: []*provisov1.Pool{{Name: "shop"}},
		Containers: []*provisov1.Container{{Name: new("c1"), Cores: new(int32(2)), SwapMib: new(int32(0)),
			Disk: &provisov1.Disk{SizeGib: new(int32(20)), Storage: new("pmoxpool01")}, Pool: new("shop")}}}
	r := New(proxmox())
	u := r.Understand(Request{ID: "order-1", Intent: in, Turns: turns("ct1.source", "debian 12")}, lab())
	const want = "lxc name=c1 tpl=debian-12 cores=2 swap=0 disk=20 storage=pmoxpool01 pool=shop | newpool=shop"
	if diff := cmp.Diff(want, summary(u)); diff != "" {
		t.Fatal(diff)
	}
	again := r.Understand(Request{ID: "order-1", Intent: u.GetIntent()}, lab())
	if diff := cmp.Diff(bare(u), bare(again)); diff != "" {
		t.Errorf("a completed intent changes when it is completed again:\n%s", diff)
	}
}

func TestHostileGuests(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, h := range hostile {
		for _, form := range []string{"an LXC container named %s from debian 12", "un conteneur LXC nommé « %s » depuis debian 12", "CT %s debian 12", "an LXC c1 from template %s",
			"an LXC c1 from debian 12 tagged %s", "an LXC c1 from debian 12, ssh key %s", "an LXC c1 from debian 12 in pool %s", "create a resource pool named %s", "crée un pool « %s »",
			"deploy %s on kubernetes named %s in namespace %s", "déploie l'image « %s » sur kubernetes", "a k3s cluster named %s from 100", "a docker container named %s"} {
			text := strings.ReplaceAll(form, "%s", h)
			u := r.Understand(Request{ID: "r", Text: text, Turns: turns("pool1.name", h, "ct1.name", h, "ct1.kind", h)}, snap)
			if problem := settled(u); problem != "" {
				t.Errorf("%q: %s", text, problem)
			}
			var names []string
			for _, ct := range u.GetIntent().GetContainers() {
				names = append(names, append([]string{ct.GetName(), ct.GetPool(), ct.GetTemplateVolume()}, append(ct.GetNames(), ct.GetTags()...)...)...)
			}
			for _, p := range u.GetIntent().GetPools() {
				names = append(names, p.GetName())
			}
			for _, k := range u.GetIntent().GetWorkloads() {
				names = append(names, k.GetName(), k.GetImage(), k.GetNamespace(), k.GetHost())
			}
			for _, name := range names {
				if strings.ContainsAny(strings.ReplaceAll(name, "/", ""), "${}`\"'\\<>\n ;%") || strings.Contains(name, "..") || strings.ContainsFunc(name, concealed) {
					t.Errorf("%q: %q got into the intent", text, name)
				}
			}
		}
	}
}

// Requests composed at random of the words of containers, pools, clusters and workloads always end as intent, questions or refusal.
func TestRandomGuests(t *testing.T) {
	r, snap := New(proxmox()), lab()
	pieces := append([]string{"an LXC container", "un conteneur", "deux conteneurs LXC", "docker container", "a VM", "the containers", "la VM", "CT", "named", "nommé", "c1", "from", "sous", "debian 12",
		"ubuntu", "debian12", "template", "100", "with", "2 cores", "1 Go", "swap", "512 MB", "no", "sans", "unprivileged", "privilégié", "nesting", "on", "off", "rootfs", "20 GB", "in", "dans", "a new pool",
		"un pool", "dev", "mets-y", "in it", "k3s cluster", "un cluster Kubernetes", "3 masters", "2 workers", "HA", "5 nodes", "on kubernetes", "sur le cluster k3s", "ghcr.io/acme/shop:1.4", "nginx", "3 replicas",
		"port 80", "namespace", "ingress", "shop.lab.local", ",", "and", "et", ".", ";", "\n", "each", "chacun", "for", "pour", "docker compose", "add", "not", "pmox02", "mainvnet", "tags", "AWS", "?", "«", "»",
		"cephfs:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst", "description", ":", "="}, hostile...)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 24).Draw(t, "pieces"), " ")
		ids := []string{"confirm", "ct1.name", "ct1.source", "ct1.kind", "ct2.kind", "ct1.swap", "vm1.name", "vm1.source", "pool1.name", "pool2.name", "request", "", "pool0.name", "ct0.name", "vm1.count"}
		var ts []Turn
		for range rapid.IntRange(0, 4).Draw(t, "turns") {
			ts = append(ts, Turn{QuestionID: rapid.SampledFrom(ids).Draw(t, "id"), Text: strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 6).Draw(t, "answer"), " ")})
		}
		u := r.Understand(Request{ID: "r", Text: text, Turns: ts}, snap)
		if problem := settled(u); problem != "" {
			t.Fatalf("%q %v: %s", text, ts, problem)
		}
		if again := r.Understand(Request{ID: "r", Text: text, Turns: ts}, snap); !proto.Equal(u, again) {
			t.Fatalf("%q %v: equal input gives different output", text, ts)
		}
		if u.GetIntent() == nil || u.GetRefusal() != nil {
			return
		}
		if problem := settled(r.Understand(Request{ID: "r", Intent: u.GetIntent()}, snap)); problem != "" {
			t.Fatalf("%q %v, completed again: %s", text, ts, problem)
		}
	})
}

// Reading stays linear with the longest requests of what is worst for the grammar of containers.
func TestWorstGuests(t *testing.T) {
	r, snap := New(proxmox()), large(5000)
	for _, unit := range []string{"un conteneur ", "LXC, ", "a pool x ", "un pool ", "k3s cluster ", "3 masters ", "a/b:1 ", "nginx:", "swap ", "512 MB ", "unprivileged ", "nesting on ", "debian12 ", "in it ", "docker ", "on kubernetes nginx "} {
		text := strings.Repeat(unit, textMost/len(unit))
		began := time.Now()
		u := r.Understand(Request{ID: "r", Text: text}, snap)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%q: %s", unit, took)
		}
		if problem := settled(u); problem != "" {
			t.Errorf("%q: %s", unit, problem)
		}
	}
}
