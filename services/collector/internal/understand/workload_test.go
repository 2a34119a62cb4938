package understand

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// workloadSummary writes the workloads of an understanding in one line; values that were assumed are in brackets.
func workloadSummary(u *provisov1.Understanding) string {
	origin := map[string]string{}
	for _, f := range u.GetIntent().GetFacts() {
		origin[f.GetPath()] = f.GetOrigin()
	}
	var out []string
	for i, k := range u.GetIntent().GetWorkloads() {
		if i > 0 {
			out = append(out, "|")
		}
		add := func(field, value string) {
			switch o := origin[fmt.Sprintf("workloads[%d].%s", i, field)]; {
			case o == "" || value == "" || value == "0":
			case o == "assumed":
				out = append(out, field+"=("+value+")")
			default:
				out = append(out, field+"="+value)
			}
		}
		add("name", k.GetName())
		add("image", k.GetImage())
		add("replicas", fmt.Sprint(k.GetReplicas()))
		add("port", fmt.Sprint(k.GetPort()))
		add("exposure", k.GetExposure())
		add("host", k.GetHost())
		add("namespace", k.GetNamespace())
	}
	for _, w := range u.GetIntent().GetNotUnderstood() {
		out = append(out, "~"+w)
	}
	return strings.Join(out, " ")
}

// Workloads are refused; what was understood of them is shown beside the refusal, and named in it.
func TestWorkloads(t *testing.T) {
	tests := map[string]struct{ en, fr, want, says string }{
		"Program": {"deploy nginx with 3 replicas on the k3s cluster, port 80, exposed by load balancer", "déploie nginx avec 3 réplicas sur le cluster k3s, port 80, exposé par un répartiteur de charge",
			"name=nginx image=nginx:stable replicas=3 port=80 exposure=load-balancer namespace=(default)", "nginx:stable, 3 r"},
		"Image": {"deploy the image ghcr.io/acme/shop:1.4 with 3 replicas, exposed on shop.lab.local", "déploie l'image ghcr.io/acme/shop:1.4 avec 3 réplicas, exposée sur shop.lab.local",
			"name=shop image=ghcr.io/acme/shop:1.4 replicas=3 exposure=ingress host=shop.lab.local namespace=(default)", "ghcr.io/acme/shop:1.4, 3 r"},
		"Registry": {"run registry.lab.local:5000/acme/api:2.0 on kubernetes with five pods in namespace api", "lance registry.lab.local:5000/acme/api:2.0 sur kubernetes avec cinq pods dans le namespace api",
			"name=api image=registry.lab.local:5000/acme/api:2.0 replicas=5 namespace=api", "5 r"},
		"Tag": {"deploy nginx:1.27 on k8s as a deployment named front", "déploie nginx:1.27 sur k8s nommé front", "name=front image=nginx:1.27 replicas=(1) namespace=(default)", "nginx:1.27"},
		"Port": {"deploy redis on kubernetes behind a load balancer", "déploie redis sur kubernetes derrière un répartiteur",
			"name=redis image=redis:7 replicas=(1) port=(6379) exposure=load-balancer namespace=(default)", "6379"},
		"Several": {"nginx and redis on kubernetes", "nginx et redis sur kubernetes",
			"name=nginx image=nginx:stable replicas=(1) namespace=(default) | name=redis image=redis:7 replicas=(1) namespace=(default)", "redis:7"},
		"Containers": {"three nginx containers on k8s", "trois conteneurs nginx sur k8s", "name=nginx image=nginx:stable replicas=3 namespace=(default)", "3 r"},
		"NoImage":    {"deploy an app on kubernetes", "déploie une app sur kubernetes", "replicas=(1) namespace=(default)", "image"},
	}
	r, snap := New(proxmox()), lab()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{tc.en, tc.fr} {
				u := r.Understand(Request{ID: "r", Text: text}, snap)
				if u.GetRefusal().GetCode() != "workload_unsupported" || len(u.GetQuestions()) > 0 || len(u.GetInterpretation()) == 0 {
					t.Fatalf("%s: got %s", text, summary(u))
				}
				if diff := cmp.Diff(tc.want, workloadSummary(u)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", text, diff)
				}
				if m := u.GetRefusal().GetMessage(); !strings.Contains(m, tc.says) || !strings.Contains(m, "k3s") {
					t.Errorf("%s: the refusal does not say what was understood, or what works: %s", text, m)
				}
				if err := wire.Validate(u); err != nil {
					t.Errorf("%s: %v", text, err)
				}
			}
		})
	}
}

func TestTypedWorkload(t *testing.T) {
	in := &provisov1.ProvisionIntent{IntentId: "o", Language: "fr", Target: &provisov1.Target{Platform: "proxmox"},
		Workloads: []*provisov1.Workload{{Image: new("ghcr.io/acme/shop:1.4"), Replicas: new(int32(3))}}}
	u := New(proxmox()).Understand(Request{ID: "o", Intent: in}, lab())
	if u.GetRefusal().GetCode() != "workload_unsupported" || !strings.Contains(u.GetRefusal().GetMessage(), "ghcr.io/acme/shop:1.4") ||
		u.GetIntent().GetWorkloads()[0].GetReplicas() != 3 {
		t.Errorf("got %v", u)
	}
}

func TestImageForm(t *testing.T) {
	for ref, want := range map[string]bool{
		"ghcr.io/acme/shop:1.4": true, "nginx:1.27": true, "registry.lab:5000/a/b:2": true, "docker.io/library/nginx": true, "a/b@sha256:00": true,
		"acme/shop": false, "ci/cd": false, "192.168.0.1/16": false, "cephfs:import/noble.qcow2": false, "": false, "shop:": false, "Acme/Shop:1": false, "a:b:c/d:1": false,
	} {
		if got := imageForm(ref); got != want {
			t.Errorf("imageForm(%q) = %t, want %t", ref, got, want)
		}
	}
}

// A platform is refused by its name wherever a request wants to be created there, and is a plain word where it names something.
//
// Shows: T-3.3.5-113
func TestPlatformWords(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for title, texts := range map[string][]string{
		"Amazon": {"create an EC2 instance", "crée une instance EC2", "an S3 bucket named backups", "une fonction lambda en python", "un cluster EKS", "une VM sur AWS"},
		"Azure":  {"an Azure VM named web", "une VM Azure nommée web", "an AKS cluster", "un conteneur sur Azure"},
		"Google": {"deploy the image nginx:1.27 on GKE", "une VM sur Google Cloud"},
		"VMware": {"deploy a VM on ESXi", "une VM sur vCenter", "three VMs in vSphere", "une VM VMware"},
		"XCP-ng": {"3 VMs on XCP-ng"}, "Scaleway": {"2 serveurs chez Scaleway"}, "Hetzner": {"un serveur chez Hetzner", "a server at Hetzner"},
		"Swarm": {"deploy nginx on Docker Swarm", "déploie nginx sur Docker Swarm"}, "Nomad": {"a job on nomad", "déploie nginx sur Nomad"},
		"DigitalOcean": {"a VM on DigitalOcean", "crée un droplet"}, "Nutanix": {"une VM sur Nutanix"}, "OVH": {"une VM dans OVHcloud", "a VM at OVH"},
		"VirtualBox": {"a VirtualBox machine", "une machine VirtualBox"}, "OpenStack": {"a VM on OpenStack"}, "Hyper-V": {"une VM Hyper-V"}, "OpenShift": {"deploy nginx on OpenShift"},
		"LXD": {"an LXD container named c1"},
	} {
		for _, text := range texts {
			u := r.Understand(Request{ID: "r", Text: text}, snap)
			if m := u.GetRefusal().GetMessage(); u.GetRefusal().GetCode() != "platform_unsupported" || !strings.Contains(m, title) || !strings.Contains(m, "Proxmox VE") {
				t.Errorf("%s: got %s, %s; want %s by name", text, summary(u), m, title)
			}
		}
	}
	for text, want := range map[string]string{
		"a VM named azure-sync from 100":                        "name=azure-sync src=100",
		"une VM nommée azure depuis 100":                        "name=azure src=100",
		"a VM web01 from 100 tagged azure and aws":              "name=web01 src=100 tags=azure,aws",
		"une VM web01 depuis 100 étiquetée azure, aws":          "name=web01 src=100 tags=azure,aws",
		"a VM web01 from 100 for nomad":                         "name=web01 src=100",
		"une VM web01 depuis 100 pour docker swarm":             "name=web01 src=100",
		"pas sur AWS, un serveur web depuis 100":                "web-server src=100",
		`a VM web01 from 100, description "sync to AWS"`:        `name=web01 src=100 desc="sync to AWS"`,
		"create 3 VMs in parallel named a from 100":             "name=a n=3 src=100",
		"an LXC container named esxi-exporter from debian 12":   "lxc name=esxi-exporter tpl=debian-12",
		"a VM web01 from 100 with user aws and domain azure.io": "name=web01 src=100 user=aws domain=azure.io",
	} {
		if got := summary(r.Understand(Request{ID: "r", Text: text}, snap)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// "Deploy a Kubernetes cluster" asks for machines; that k3s is installed afterwards is said.
func TestClusterIsMachines(t *testing.T) {
	for text, said := range map[string]string{
		"deploy a highly available Kubernetes cluster from template 100":          "installed on them afterwards",
		"déploie un cluster Kubernetes hautement disponible depuis le modèle 100": "y est installé ensuite",
	} {
		u := New(proxmox()).Understand(Request{ID: "r", Text: text}, lab())
		vms := u.GetIntent().GetVirtualMachines()
		if len(vms) != 2 || vms[0].GetCount() != 3 || vms[1].GetCount() != 2 || len(u.GetQuestions()) > 0 {
			t.Fatalf("%s: got %s", text, summary(u))
		}
		var reasons []string
		for _, o := range u.GetIntent().GetOmissions() {
			reasons = append(reasons, o.GetReason())
		}
		if !strings.Contains(strings.Join(reasons, "\n"), said) {
			t.Errorf("%s: omissions say %q", text, reasons)
		}
	}
}
