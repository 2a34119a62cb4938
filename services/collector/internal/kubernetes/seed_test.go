package kubernetes_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/kubernetes"
	"proviso.dev/services/collector/internal/kubernetes/apitest"
)

const (
	gib = 1 << 30
	mib = 1 << 20
)

// want is the state of testdata/cluster.yaml, written from it by hand.
func want() *provisov1.KubernetesState {
	node := func(n *provisov1.KubernetesNode) *provisov1.KubernetesNode {
		if n.GetKubeletVersion() == "" {
			n.KubeletVersion = "v1.34.1"
		}
		if n.GetArchitecture() == "" {
			n.Architecture = "amd64"
		}
		if n.GetAllocatablePods() == 0 {
			n.AllocatablePods = 110
		}
		return n
	}
	return &provisov1.KubernetesState{
		Name:    "lab",
		Version: "v1.34.1",
		Nodes: []*provisov1.KubernetesNode{
			node(&provisov1.KubernetesNode{Name: "srv-1", ControlPlane: true, Etcd: true, Ready: true,
				Taints:              []string{"node-role.kubernetes.io/control-plane:NoSchedule"},
				AllocatableCpuMilli: 4000, AllocatableMemoryBytes: 8 * gib, Addresses: []string{"192.168.0.11"}}),
			node(&provisov1.KubernetesNode{Name: "srv-2", ControlPlane: true, Etcd: true, Ready: true,
				AllocatableCpuMilli: 3800, AllocatableMemoryBytes: 8 * gib, KubeletVersion: "v1.33.5",
				RequestedCpuMilli: 100, RequestedMemoryBytes: 100 * mib, Pods: 1,
				Addresses: []string{"192.168.0.12", "fd00:1::12"}}),
			node(&provisov1.KubernetesNode{Name: "wrk-1", Ready: true,
				AllocatableCpuMilli: 16000, AllocatableMemoryBytes: 64 * gib, AllocatablePods: 250,
				AllocatableExtended: map[string]int64{"nvidia.com/gpu": 2},
				// 500 of web-1, where its init container asks for most, and 250 of api-1 with its sidecar.
				RequestedCpuMilli: 750, RequestedMemoryBytes: (320 + 132) * mib, Pods: 2, Addresses: []string{"192.168.0.21"}}),
			node(&provisov1.KubernetesNode{Name: "wrk-2", Ready: false, Architecture: "arm64",
				Taints:              []string{"node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule"},
				AllocatableCpuMilli: 8000, AllocatableMemoryBytes: 16 * gib, Addresses: []string{"192.168.0.22"}}),
			node(&provisov1.KubernetesNode{Name: "wrk-3", Ready: true, Unschedulable: true,
				// A controller adds this to what is cordoned; none runs here, so there is no taint.
				AllocatableCpuMilli: 8000, AllocatableMemoryBytes: 16 * gib, Addresses: []string{"192.168.0.23"}}),
		},
		StorageClasses: []*provisov1.StorageClass{
			{Name: "archive", Provisioner: "nfs.csi.k8s.io", Binding: "Immediate", Reclaim: "Retain"},
			{Name: "ceph-rbd", Provisioner: "rbd.csi.ceph.com", Default: true, Expandable: true, Binding: "WaitForFirstConsumer", Reclaim: "Delete"},
		},
		IngressClasses: []*provisov1.IngressClass{
			{Name: "internal", Controller: "haproxy.org/ingress-controller"},
			{Name: "traefik", Controller: "traefik.io/ingress-controller", Default: true},
		},
		LoadBalancer: &provisov1.LoadBalancerSupport{
			Kind:     "metallb",
			Evidence: "MetalLB has the pools edge, forgotten, lab.",
			Pools: []*provisov1.AddressPool{
				// 256 without those that end in .0 and .255.
				{Name: "edge", Ranges: []string{"10.0.9.0/24"}, Addresses: 254, Announced: true},
				{Name: "forgotten", Ranges: []string{"fd00:2::/120"}, Addresses: 256, Automatic: true},
				// 11 and 4; two services share one of the two that are taken.
				{Name: "lab", Ranges: []string{"192.168.0.240-192.168.0.250", "10.0.5.0/30"}, Addresses: 15, Used: 2, Automatic: true, Announced: true},
			},
		},
		Namespaces: []*provisov1.Namespace{
			{Name: "default"},
			{Name: "kube-node-lease"},
			{Name: "kube-public"},
			{Name: "kube-system"},
			{Name: "leaving", Terminating: true},
			{Name: "metallb-system", PodSecurity: "privileged"},
			{Name: "proviso"},
			{Name: "shop", PodSecurity: "baseline"},
			{Name: "team", PodSecurity: "restricted", Quotas: []*provisov1.Quota{
				{Name: "compute", Resource: "limits.memory", Hard: "8Gi", Used: "2Gi"},
				{Name: "compute", Resource: "requests.cpu", Hard: "4", Used: "1500m"},
				{Name: "disks", Resource: "persistentvolumeclaims", Hard: "10"},
			}},
		},
		CustomResources: []string{"bgpadvertisements.metallb.io/v1beta1", "certificates.cert-manager.io/v1",
			"ipaddresspools.metallb.io/v1beta1", "l2advertisements.metallb.io/v1beta1"},
		Workloads: []*provisov1.RunningWorkload{
			{Namespace: "metallb-system", Kind: "DaemonSet", Name: "speaker", Wanted: 5, Ready: 4, Images: []string{"quay.io/metallb/speaker:v0.15.2"}},
			{Namespace: "shop", Kind: "CronJob", Name: "backup", Images: []string{"postgres:17"}},
			{Namespace: "shop", Kind: "StatefulSet", Name: "db", Wanted: 1, Ready: 1, Images: []string{"postgres:17"}},
			{Namespace: "shop", Kind: "Deployment", Name: "web", Wanted: 3, Ready: 2, Images: []string{"shop/web:1", "shop/proxy:1"}},
		},
		Services: []*provisov1.ClusterService{
			{Namespace: "default", Name: "kubernetes", Type: "ClusterIP", Ports: []string{"443/TCP"}},
			{Namespace: "shop", Name: "db", Type: "ClusterIP", Ports: []string{"5432/TCP"}},
			{Namespace: "shop", Name: "dns", Type: "LoadBalancer", Ports: []string{"53/UDP"}, Addresses: []string{"192.168.0.241", "10.0.5.2"}},
			{Namespace: "shop", Name: "waiting", Type: "LoadBalancer", Ports: []string{"8080/TCP"}},
			{Namespace: "shop", Name: "web", Type: "LoadBalancer", Ports: []string{"80/TCP", "443/TCP"}, Addresses: []string{"192.168.0.241"}},
		},
		Unknown: []string{"resourcequotas/team/besteffort: it bounds a scope and is left out"},
	}
}

// seeded starts a cluster with what testdata holds and with the account of the guide, whose role user "auditor" has, too.
func seeded(t *testing.T) *apitest.Cluster {
	t.Helper()
	c := apitest.Start(t)
	for _, file := range []string{"testdata/extensions.yaml", "testdata/cluster.yaml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c.Apply(t, string(data))
	}
	c.Delete(t, "/api/v1/namespaces/leaving")
	c.Apply(t, guide(t))
	c.Apply(t, bind("auditor", "proviso-reader"))
	// The last of the role's rules, and both of the accounts that have it.
	for _, token := range []string{apitest.Auditor, c.Token(t, "proviso", "proviso-reader")} {
		c.Await(t, token, "/apis/metallb.io/v1beta1/bgpadvertisements")
	}
	return c
}

// guide is the YAML of the guide that operators follow.
func guide(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(apitest.Root(t), "docs", "guides", "kubernetes.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	block, _, ok := strings.Cut(rest, "\n```\n")
	if !ok {
		t.Fatal("the guide has no YAML")
	}
	return block
}

func bind(user, role string) string {
	return fmt.Sprintf(`apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: %s-%s}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
`, user, role, role, user)
}

func reader(t *testing.T, cfg kubernetes.Config) *kubernetes.Reader {
	t.Helper()
	r, err := kubernetes.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// read returns the state, having checked what differs from reading to reading and what every state must satisfy.
func read(t *testing.T, cfg kubernetes.Config) *provisov1.KubernetesState {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	before := time.Now()
	state, err := reader(t, cfg).Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if taken := state.GetTakenAt().AsTime(); taken.Before(before) || taken.After(time.Now()) {
		t.Errorf("taken at %s, which is not while it was read", taken)
	}
	if err := wire.Validate(state); err != nil {
		t.Errorf("the state breaks its contract: %v", err)
	}
	state.TakenAt = nil
	return state
}

// A log records what reaches a server.
type log struct {
	mu    sync.Mutex
	lines map[string]int // "GET /path" to how often
}

func (l *log) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		l.mu.Lock()
		if l.lines == nil {
			l.lines = map[string]int{}
		}
		l.lines[req.Method+" "+req.URL.Path]++
		l.mu.Unlock()
		next.ServeHTTP(w, req)
	})
}
