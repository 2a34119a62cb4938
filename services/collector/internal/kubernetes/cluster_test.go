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
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/kubernetes"
	"proviso.dev/services/collector/internal/kubernetes/apitest"
)

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
		cfg.Timeout = 5 * time.Second
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
