package kubernetes_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/pve"
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

// Shows: T-3.3.3-01
func TestReadCluster(t *testing.T) {
	c := seeded(t)
	token := func(server string) kubernetes.Config {
		return kubernetes.Config{Name: "lab", Kubeconfig: apitest.Kubeconfig(t, server, c.CA, apitest.Auditor)}
	}
	same := func(t *testing.T, want, got *provisov1.KubernetesState) {
		t.Helper()
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
	}

	t.Run("Token", func(t *testing.T) { same(t, want(), read(t, token(c.URL))) })

	t.Run("Certificate", func(t *testing.T) {
		same(t, want(), read(t, kubernetes.Config{Name: "lab", Context: "test", Kubeconfig: c.Certified(t, "auditor")}))
	})

	t.Run("InCluster", func(t *testing.T) {
		host, port, _ := strings.Cut(strings.TrimPrefix(c.URL, "https://"), ":")
		environment := map[string]string{"PROVISO_KUBE_IN_CLUSTER": "true", "PROVISO_KUBE_NAME": "lab",
			"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
		cfg, err := kubernetes.LoadConfig(func(name string) (string, bool) { v, ok := environment[name]; return v, ok })
		if err != nil {
			t.Fatal(err)
		}
		cfg.ServiceAccount = t.TempDir()
		for name, data := range map[string]string{"token": c.Token(t, "proviso", "proviso-reader") + "\n", "ca.crt": string(c.CA)} {
			if err := os.WriteFile(filepath.Join(cfg.ServiceAccount, name), []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		same(t, want(), read(t, cfg))
	})

	t.Run("OnlyWhatIsListed", func(t *testing.T) {
		var l log
		same(t, want(), read(t, token(c.Front(t, l.wrap))))
		// Those of Cilium are left out: the definitions say that it is not there.
		want := map[string]int{}
		for _, path := range kubernetes.Paths() {
			if !strings.Contains(path, "cilium.io") {
				want["GET "+path] = 1
			}
		}
		if diff := cmp.Diff(want, l.lines); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		for line := range l.lines {
			if strings.Contains(line, "secrets") || strings.Contains(line, "configmaps") {
				t.Errorf("%s was sent", line)
			}
		}
	})

	t.Run("BelowAPath", func(t *testing.T) {
		front := c.Front(t, func(next http.Handler) http.Handler { return http.StripPrefix("/k8s/clusters/c-1", next) })
		same(t, want(), read(t, token(front+"/k8s/clusters/c-1")))
	})

	t.Run("Denied", func(t *testing.T) {
		c.Apply(t, `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: weak}
rules:
  - {apiGroups: [""], resources: [nodes, namespaces, services], verbs: [list]}
  - {apiGroups: [apps], resources: [deployments, statefulsets], verbs: [list]}
  - {apiGroups: [storage.k8s.io], resources: [storageclasses], verbs: [list]}
  - {apiGroups: [networking.k8s.io], resources: [ingressclasses], verbs: [list]}
`)
		c.Apply(t, bind("weak", "weak"))
		c.Await(t, apitest.Weak, "/apis/networking.k8s.io/v1/ingressclasses")
		want := want()
		for _, n := range want.GetNodes() {
			n.RequestedCpuMilli, n.RequestedMemoryBytes, n.Pods = 0, 0, 0
			n.Etcd = n.GetName() == "srv-1" // that of srv-2 is seen by its pod only
		}
		for _, n := range want.GetNamespaces() {
			n.Quotas = nil
		}
		want.CustomResources = nil
		want.LoadBalancer = &provisov1.LoadBalancerSupport{Kind: "unknown",
			Evidence: "Nothing was found, but customresourcedefinitions, daemonsets, pods cannot be read."}
		want.Workloads = slices.DeleteFunc(want.GetWorkloads(), func(w *provisov1.RunningWorkload) bool {
			return w.GetKind() == "CronJob" || w.GetKind() == "DaemonSet"
		})
		want.Unknown = nil
		for _, name := range []string{"bgpadvertisements.metallb.io", "ciliumbgpadvertisements.cilium.io", "ciliumbgppeeringpolicies.cilium.io", "ciliuml2announcementpolicies.cilium.io",
			"ciliumloadbalancerippools.cilium.io", "cronjobs", "customresourcedefinitions", "daemonsets", "ipaddresspools.metallb.io",
			"l2advertisements.metallb.io", "pods", "resourcequotas"} {
			want.Unknown = append(want.Unknown, name+": the credentials may not list them")
		}
		same(t, want, read(t, kubernetes.Config{Name: "lab", Kubeconfig: apitest.Kubeconfig(t, c.URL, c.CA, apitest.Weak)}))
	})

	t.Run("Pages", func(t *testing.T) {
		const more = 1203
		var b strings.Builder
		for i := range more {
			fmt.Fprintf(&b, "apiVersion: v1\nkind: Namespace\nmetadata: {name: n-%04d}\n---\n", i)
		}
		c.Apply(t, b.String())
		var l log
		state := read(t, token(c.Front(t, l.wrap)))
		if got := len(state.GetNamespaces()); got != more+len(want().GetNamespaces()) {
			t.Errorf("got %d namespaces, want %d", got, more+len(want().GetNamespaces()))
		}
		if !slices.IsSortedFunc(state.GetNamespaces(), func(a, b *provisov1.Namespace) int { return strings.Compare(a.GetName(), b.GetName()) }) {
			t.Error("namespaces are not sorted")
		}
		if got := l.lines["GET /api/v1/namespaces"]; got != 3 {
			t.Errorf("got %d pages, want 3 of 500", got)
		}
	})

	t.Run("TooMany", func(t *testing.T) {
		var b strings.Builder
		for i := range 70 {
			fmt.Fprintf(&b, "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: c-%03d}\nspec: {controller: example.org/c}\n---\n", i)
		}
		c.Apply(t, b.String())
		state := read(t, token(c.URL))
		if got := len(state.GetIngressClasses()); got != 64 {
			t.Errorf("got %d ingress classes, want 64", got)
		}
		if want := "ingressclasses: there are more than are read: 64"; !slices.Contains(state.GetUnknown(), want) {
			t.Errorf("unknown is %q, want %q in it", state.GetUnknown(), want)
		}
	})

	t.Run("BreaksOffInTheMiddle", func(t *testing.T) {
		front := c.Front(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path != "/version" && req.URL.Path != "/api/v1/nodes" {
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, req)
			})
		})
		state := read(t, token(front))
		if len(state.GetNodes()) != 5 || len(state.GetNamespaces())+len(state.GetServices())+len(state.GetWorkloads()) != 0 {
			t.Errorf("got %d nodes and other things, want the 5 nodes alone: %v", len(state.GetNodes()), state)
		}
		if got := state.GetLoadBalancer().GetKind(); got != "unknown" {
			t.Errorf("load balancer is %s, want unknown", got)
		}
		for _, name := range []string{"pods", "namespaces", "services", "customresourcedefinitions", "ipaddresspools.metallb.io"} {
			if want := name + ": connection broke off"; !slices.Contains(state.GetUnknown(), want) {
				t.Errorf("unknown is %q, want %q in it", state.GetUnknown(), want)
			}
		}
	})

	t.Run("SilentList", func(t *testing.T) {
		front := c.Front(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path == "/api/v1/pods" {
					<-req.Context().Done()
					return
				}
				next.ServeHTTP(w, req)
			})
		})
		cfg := token(front)
		cfg.Timeout = 3 * time.Second
		state := read(t, cfg)
		if want := "pods: no answer in time"; !slices.Contains(state.GetUnknown(), want) {
			t.Errorf("unknown is %q, want %q in it", state.GetUnknown(), want)
		}
		if len(state.GetNodes()) != 5 || state.GetNodes()[2].GetPods() != 0 {
			t.Errorf("nodes: %v", state.GetNodes())
		}
	})

	t.Run("NothingButTheVersion", func(t *testing.T) {
		front := c.Front(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path != "/version" {
					panic(http.ErrAbortHandler)
				}
				next.ServeHTTP(w, req)
			})
		})
		_, err := reader(t, token(front)).Read(t.Context())
		if !errors.Is(err, kubernetes.ErrUnreachable) {
			t.Errorf("got %v, want ErrUnreachable", err)
		}
	})

	t.Run("Redirected", func(t *testing.T) {
		var elsewhere log
		other := c.Front(t, elsewhere.wrap)
		front := c.Front(t, func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				http.Redirect(w, req, other+req.URL.Path, http.StatusTemporaryRedirect)
			})
		})
		if _, err := reader(t, token(front)).Read(t.Context()); err == nil {
			t.Error("a redirection was followed")
		}
		if len(elsewhere.lines) > 0 {
			t.Errorf("credentials went to another server: %v", slices.Sorted(maps.Keys(elsewhere.lines)))
		}
	})

	failures := map[string]struct {
		reason string
		cfg    kubernetes.Config
		want   error
		check  func(error) bool
	}{
		"WrongToken": {
			reason: "The server does not know it.",
			cfg:    kubernetes.Config{Kubeconfig: apitest.Kubeconfig(t, c.URL, c.CA, "nobody-knows-me")},
			want:   kubernetes.ErrCredentials,
		},
		"WrongCA": {
			reason: "The server may be another one.",
			cfg:    kubernetes.Config{Kubeconfig: apitest.Kubeconfig(t, c.URL, apitest.OtherCA(t), apitest.Auditor)},
			want:   kubernetes.ErrCertificate,
			check: func(err error) bool {
				var distrust *kubernetes.CertificateError
				return errors.As(err, &distrust) && distrust.Distrust == pve.DistrustAuthority
			},
		},
		"WrongName": {
			reason: "The certificate is for 127.0.0.1 and localhost.",
			cfg:    kubernetes.Config{Kubeconfig: apitest.Kubeconfig(t, strings.Replace(c.URL, "127.0.0.1", "127.0.0.2", 1), c.CA, apitest.Auditor)},
			want:   kubernetes.ErrUnreachable, // nothing listens there: the server is bound to one address
		},
	}
	for name, test := range failures {
		t.Run(name, func(t *testing.T) {
			state, err := reader(t, test.cfg).Read(t.Context())
			if state != nil || !errors.Is(err, test.want) || test.check != nil && !test.check(err) {
				t.Errorf("%s got %v, %v; want %v", test.reason, state, err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "nobody-knows-me") {
				t.Errorf("the error repeats the token: %v", err)
			}
		})
	}

	t.Run("Cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("the run was cancelled")
		front := c.Front(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path == "/api/v1/pods" {
					cancel(gone)
				}
				next.ServeHTTP(w, req)
			})
		})
		if _, err := reader(t, token(front)).Read(ctx); !errors.Is(err, gone) {
			t.Errorf("got %v, want the cause of the cancellation", err)
		}
	})
}

func TestReadBareCluster(t *testing.T) {
	c := apitest.Start(t)
	cfg := kubernetes.Config{Kubeconfig: apitest.Kubeconfig(t, c.URL, c.CA, apitest.Admin)}
	want := &provisov1.KubernetesState{
		Version: "v1.34.1",
		LoadBalancer: &provisov1.LoadBalancerSupport{Kind: "none",
			Evidence: "Neither MetalLB, Cilium pools, k3s servicelb, kube-vip for services nor a cloud provider was found."},
		Namespaces: []*provisov1.Namespace{{Name: "default"}, {Name: "kube-node-lease"}, {Name: "kube-public"}, {Name: "kube-system"}},
		Services:   []*provisov1.ClusterService{{Namespace: "default", Name: "kubernetes", Type: "ClusterIP", Ports: []string{"443/TCP"}}},
	}
	if diff := cmp.Diff(want, read(t, cfg), protocmp.Transform()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}

	t.Run("MetalLBWithoutPool", func(t *testing.T) {
		data, err := os.ReadFile("testdata/extensions.yaml")
		if err != nil {
			t.Fatal(err)
		}
		c.Apply(t, string(data))
		want := &provisov1.LoadBalancerSupport{Kind: "metallb", Evidence: "MetalLB is installed, but has no pool: it gives no service an address."}
		if diff := cmp.Diff(want, read(t, cfg).GetLoadBalancer(), protocmp.Transform()); diff != "" {
			t.Errorf("load balancer (-want +got):\n%s", diff)
		}
	})

	t.Run("HugePool", func(t *testing.T) {
		c.Apply(t, `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: six, namespace: default}
spec: {addresses: ["fd00::/16", "not a range"]}
`)
		state := read(t, cfg)
		want := []*provisov1.AddressPool{{Name: "six", Ranges: []string{"fd00::/16", "not a range"}, Addresses: math.MaxInt64, Automatic: true}}
		if diff := cmp.Diff(want, state.GetLoadBalancer().GetPools(), protocmp.Transform()); diff != "" {
			t.Errorf("pools (-want +got):\n%s", diff)
		}
		if want := []string{`ipaddresspools.metallb.io/six: range "not a range" is not understood`}; !slices.Equal(state.GetUnknown(), want) {
			t.Errorf("unknown is %q, want %q", state.GetUnknown(), want)
		}
	})

	// Everything but the nodes waits until these are read and the server is gone.
	t.Run("StopsInTheMiddle", func(t *testing.T) {
		c.Apply(t, `apiVersion: v1
kind: Node
metadata: {name: last}
status: {conditions: [{type: Ready, status: "True"}]}
`)
		gone := make(chan struct{})
		front := c.Front(t, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				switch req.URL.Path {
				case "/version":
					next.ServeHTTP(w, req)
				case "/api/v1/nodes":
					next.ServeHTTP(w, req)
					c.Stop()
					close(gone)
				default:
					<-gone
					next.ServeHTTP(w, req)
				}
			})
		})
		state := read(t, kubernetes.Config{Kubeconfig: apitest.Kubeconfig(t, front, c.CA, apitest.Admin), Concurrency: 16})
		want := &provisov1.KubernetesState{
			Version:      "v1.34.1",
			Nodes:        []*provisov1.KubernetesNode{{Name: "last", Ready: true}},
			LoadBalancer: &provisov1.LoadBalancerSupport{Kind: "unknown", Evidence: "Nothing was found, but customresourcedefinitions, daemonsets, pods cannot be read."},
		}
		for _, name := range []string{"bgpadvertisements.metallb.io", "ciliumbgpadvertisements.cilium.io", "ciliumbgppeeringpolicies.cilium.io",
			"ciliuml2announcementpolicies.cilium.io", "ciliumloadbalancerippools.cilium.io", "cronjobs", "customresourcedefinitions", "daemonsets",
			"deployments", "ingressclasses", "ipaddresspools.metallb.io", "l2advertisements.metallb.io", "namespaces", "pods", "resourcequotas",
			"services", "statefulsets", "storageclasses"} {
			want.Unknown = append(want.Unknown, name+": connection broke off")
		}
		if diff := cmp.Diff(want, state, protocmp.Transform()); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
	})

	t.Run("Stopped", func(t *testing.T) {
		c.Stop()
		_, err := reader(t, cfg).Read(t.Context())
		var silent *kubernetes.UnreachableError
		if !errors.As(err, &silent) || silent.Reach != pve.ReachRefused {
			t.Errorf("got %v, want a refused connection", err)
		}
	})
}
