package kubernetes

import (
	"encoding/json"
	"math"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	corev1 "k8s.io/api/core/v1"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// defined is a definition of an extension's resource.
func defined(name string) definition {
	var d definition
	d.Metadata.Name = name
	return d
}

func daemonSet(w workload, namespace, name string) [4][]workload {
	w.RunningWorkload = &provisov1.RunningWorkload{Namespace: namespace, Kind: "DaemonSet", Name: name}
	return [4][]workload{kindDaemonSet: {w}}
}

func machine(name, provider string, k3sArgs ...string) node {
	return node{KubernetesNode: &provisov1.KubernetesNode{Name: name}, provider: provider, k3sArgs: k3sArgs}
}

func TestBalancer(t *testing.T) {
	unread := func(lists ...resource) map[string]error {
		failed := map[string]error{}
		for _, res := range lists {
			failed[res.name] = ErrDenied
		}
		return failed
	}
	onePool := metal{pools: []metalPool{{Metadata: object{Name: "lab"}}}}
	tests := map[string]struct {
		reason   string
		survey   *survey // nil: nothing was found
		kind     string
		evidence string
	}{
		"Nothing": {
			reason: "everything was looked at", kind: "none",
			evidence: "Neither MetalLB, Cilium pools, k3s servicelb, kube-vip for services nor a cloud provider was found.",
		},
		"MetalLB": {
			reason: "a pool gives addresses, whatever else is there", kind: "metallb", evidence: "MetalLB has the pool lab.",
			survey: &survey{metal: onePool, nodes: []node{machine("a", "aws")}},
		},
		"MetalLBEmpty": {
			reason: "installed is not serving", kind: "metallb", evidence: "MetalLB is installed, but has no pool: it gives no service an address.",
			survey: &survey{definitions: []definition{defined("ipaddresspools.metallb.io")}},
		},
		"MetalLBHidden": {
			reason: "its pools may be there", kind: "metallb", evidence: "MetalLB is installed, but its pools cannot be read.",
			survey: &survey{definitions: []definition{defined("ipaddresspools.metallb.io")}, failed: unread(metalPools)},
		},
		"MetalLBEmptyBesideK3s": {
			reason: "what serves goes before what is only installed", kind: "servicelb", evidence: "k3s runs the daemon set kube-system/svclb-traefik for a service.",
			survey: &survey{definitions: []definition{defined("ipaddresspools.metallb.io")},
				workloads: daemonSet(workload{forService: true}, "kube-system", "svclb-traefik")},
		},
		"K3sBeforeTheFirstService": {
			reason: "it is on by default", kind: "servicelb", evidence: "k3s runs on server srv without its servicelb being disabled.",
			survey: &survey{version: "v1.34.1+k3s1", nodes: []node{machine("wrk", "k3s", "agent"), machine("srv", "k3s", "server", "--disable", "traefik")}},
		},
		"K3sDisabled": {
			reason: "somebody switched it off", kind: "none",
			evidence: "Neither MetalLB, Cilium pools, k3s servicelb, kube-vip for services nor a cloud provider was found.",
			survey:   &survey{version: "v1.34.1+k3s1", nodes: []node{machine("srv", "k3s", "server", "--disable=traefik,servicelb")}},
		},
		"K3sDisabledBesideKubeVIP": {
			reason: "the usual replacement", kind: "kube-vip", evidence: "The daemon set kube-system/kube-vip-ds runs kube-vip for services.",
			survey: &survey{version: "v1.34.1+k3s1", nodes: []node{machine("srv", "k3s", "server", "--disable", "servicelb")},
				workloads: daemonSet(workload{vip: true}, "kube-system", "kube-vip-ds")},
		},
		"K3sWithoutCloudController": {
			reason: "servicelb lives in it", kind: "none",
			evidence: "Neither MetalLB, Cilium pools, k3s servicelb, kube-vip for services nor a cloud provider was found.",
			survey:   &survey{version: "v1.34.1+k3s1", nodes: []node{machine("srv", "", "server", "--disable-cloud-controller")}},
		},
		"K3sSilent": {
			reason: "no server says how it was started", kind: "unknown", evidence: "k3s brings servicelb, and whether it is disabled cannot be seen.",
			survey: &survey{version: "v1.34.1+k3s1", nodes: []node{machine("srv", "k3s")}},
		},
		"KubeVIPAsPod": {
			reason: "a static pod has no daemon set", kind: "kube-vip", evidence: "The pod kube-system/kube-vip-a runs kube-vip for services.",
			survey: &survey{vip: "kube-system/kube-vip-a"},
		},
		"Cloud": {
			reason: "its controller makes load balancers", kind: "cloud", evidence: "Node a is one of the cloud provider hcloud.",
			survey: &survey{nodes: []node{machine("a", "hcloud")}},
		},
		"Proxmox": {
			reason: "a provider id that brings no load balancer", kind: "none",
			evidence: "Neither MetalLB, Cilium pools, k3s servicelb, kube-vip for services nor a cloud provider was found.",
			survey:   &survey{nodes: []node{machine("a", "proxmox")}},
		},
		"CiliumHidden": {
			reason: "it may have pools", kind: "unknown", evidence: "Cilium is installed, but its pools cannot be read.",
			survey: &survey{definitions: []definition{defined("ciliumloadbalancerippools.cilium.io")}, failed: unread(ciliumPools)},
		},
		"DefinitionsHidden": {
			reason: "not seen is not absent", kind: "unknown", evidence: "Nothing was found, but customresourcedefinitions cannot be read.",
			survey: &survey{failed: unread(definitions, metalPools, ciliumPools)},
		},
		"SomethingServes": {
			reason: "a service has an address, so something gave it", kind: "unknown",
			evidence: "Service a/b has address 10.0.0.9, but nothing that is known to give one was found.",
			survey: &survey{services: []service{{ClusterService: &provisov1.ClusterService{Namespace: "a", Name: "b", Type: "LoadBalancer",
				Addresses: []string{"10.0.0.9"}}}}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.survey == nil {
				test.survey = &survey{}
			}
			got := test.survey.balancer()
			if got.GetKind() != test.kind || got.GetEvidence() != test.evidence {
				t.Errorf("got %s, %q; want %s, %q: %s", got.GetKind(), got.GetEvidence(), test.kind, test.evidence, test.reason)
			}
		})
	}
}

// decoded reads objects as the API server would send them.
func decoded[T any](t *testing.T, texts ...string) []T {
	t.Helper()
	out := make([]T, len(texts))
	for i, text := range texts {
		if err := json.Unmarshal([]byte(text), &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestPoolsOfCilium(t *testing.T) {
	s := &survey{
		cilium: cilium{announced: [3]bool{2: true}, pools: decoded[ciliumPool](t,
			`{"metadata":{"name":"old"},"spec":{"cidrs":[{"cidr":"10.0.0.0/29"}],"allowFirstLastIPs":"No"}}`,
			`{"metadata":{"name":"new"},"spec":{"blocks":[{"start":"10.1.0.10","stop":"10.1.0.19"},{"cidr":"10.1.1.0/30"},{"start":"10.1.2.7"}]}}`,
			`{"metadata":{"name":"chosen"},"spec":{"blocks":[{"cidr":"fd00::/64"}],"serviceSelector":{"matchLabels":{"a":"b"}}}}`,
			`{"metadata":{"name":"closed"},"spec":{"blocks":[{"cidr":"10.2.0.1/32"}],"disabled":true,"allowFirstLastIPs":"No"}}`,
		)},
		services: []service{{ClusterService: &provisov1.ClusterService{}, balanced: []netip.Addr{netip.MustParseAddr("10.1.0.12"), netip.MustParseAddr("fd00::9")}}},
	}
	want := []*provisov1.AddressPool{
		{Name: "chosen", Ranges: []string{"fd00::/64"}, Addresses: math.MaxInt64, Used: 1, Announced: true},
		{Name: "closed", Ranges: []string{"10.2.0.1/32"}, Addresses: 1, Announced: true},
		{Name: "new", Ranges: []string{"10.1.0.10-10.1.0.19", "10.1.1.0/30", "10.1.2.7"}, Addresses: 15, Used: 1, Automatic: true, Announced: true},
		{Name: "old", Ranges: []string{"10.0.0.0/29"}, Addresses: 6, Automatic: true, Announced: true},
	}
	if diff := cmp.Diff(want, s.balancer().GetPools(), protocmp.Transform()); diff != "" {
		t.Errorf("pools (-want +got):\n%s", diff)
	}
}

func TestPoolsOfMetalLB(t *testing.T) {
	pools := []string{
		`{"metadata":{"namespace":"m","name":"a","labels":{"tier":"edge"}},"spec":{"addresses":["10.0.0.1-10.0.0.2"]}}`,
		`{"metadata":{"namespace":"m","name":"b"},"spec":{"addresses":["10.0.1.0/24"],"serviceAllocation":{"namespaces":["shop"]}}}`,
		`{"metadata":{"namespace":"m","name":"c"},"spec":{"addresses":["10.0.2.0/24"],"serviceAllocation":{"priority":50}}}`,
	}
	tests := map[string]struct {
		reason    string
		layer     []string
		bgp       []string
		announced []string
	}{
		"None":      {reason: "addresses are given and nobody reaches them"},
		"All":       {reason: "an advertisement that selects nothing announces everything", layer: []string{`{"metadata":{"namespace":"m"},"spec":{}}`}, announced: []string{"a", "b", "c"}},
		"NoSpec":    {reason: "the same, written shorter", layer: []string{`{"metadata":{"namespace":"m"}}`}, announced: []string{"a", "b", "c"}},
		"Elsewhere": {reason: "MetalLB reads one namespace", layer: []string{`{"metadata":{"namespace":"n"},"spec":{}}`}},
		"ByName":    {reason: "one of them", bgp: []string{`{"metadata":{"namespace":"m"},"spec":{"ipAddressPools":["b","z"]}}`}, announced: []string{"b"}},
		"ByLabel": {
			reason: "labels and names add up", announced: []string{"a", "c"},
			layer: []string{`{"metadata":{"namespace":"m"},"spec":{"ipAddressPools":["c"],"ipAddressPoolSelectors":[{"matchExpressions":[{"key":"tier","operator":"In","values":["edge"]}]}]}}`},
		},
		"BadSelector": {
			reason: "MetalLB refuses it, too",
			layer:  []string{`{"metadata":{"namespace":"m"},"spec":{"ipAddressPoolSelectors":[{"matchExpressions":[{"key":"tier","operator":"Like"}]}]}}`},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &survey{metal: metal{pools: decoded[metalPool](t, pools...),
				advertisements: [2][]advertisement{decoded[advertisement](t, test.layer...), decoded[advertisement](t, test.bgp...)}}}
			want := []*provisov1.AddressPool{
				{Name: "a", Ranges: []string{"10.0.0.1-10.0.0.2"}, Addresses: 2, Automatic: true},
				{Name: "b", Ranges: []string{"10.0.1.0/24"}, Addresses: 256}, // for one namespace
				{Name: "c", Ranges: []string{"10.0.2.0/24"}, Addresses: 256, Automatic: true},
			}
			for _, p := range want {
				p.Announced = slices.Contains(test.announced, p.GetName())
			}
			if diff := cmp.Diff(want, s.balancer().GetPools(), protocmp.Transform()); diff != "" {
				t.Errorf("pools (-want +got): %s\n%s", test.reason, diff)
			}
		})
	}
}

func TestKubeVIPServes(t *testing.T) {
	enabled := []corev1.EnvVar{{Name: "cp_enable", Value: "true"}, {Name: "svc_enable", Value: "true"}}
	tests := map[string]struct {
		reason string
		c      corev1.Container
		want   bool
	}{
		"Services":     {reason: "it gives services addresses", c: corev1.Container{Image: "ghcr.io/kube-vip/kube-vip:v1.0.1", Env: enabled}, want: true},
		"ControlPlane": {reason: "it only keeps the address of the API", c: corev1.Container{Image: "ghcr.io/kube-vip/kube-vip:v1.0.1", Env: enabled[:1]}},
		"Other":        {reason: "the variable of something else", c: corev1.Container{Image: "example.org/vip:1", Env: enabled}},
	}
	for name, test := range tests {
		if got := servesByVIP([]corev1.Container{{Image: "pause"}, test.c}); got != test.want {
			t.Errorf("%s: got %t, want %t: %s", name, got, test.want, test.reason)
		}
	}
}
