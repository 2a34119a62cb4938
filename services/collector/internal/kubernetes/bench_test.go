package kubernetes_test

import (
	"fmt"
	"strings"
	"testing"

	"proviso.dev/services/collector/internal/kubernetes"
	"proviso.dev/services/collector/internal/kubernetes/apitest"
)

// A cluster of 100 nodes and 5,000 pods, over a real API server.
func BenchmarkReadLargeCluster(b *testing.B) {
	const machines, running = 100, 5000
	c := apitest.Start(b)
	var objects strings.Builder
	for i := range machines {
		fmt.Fprintf(&objects, `apiVersion: v1
kind: Node
metadata: {name: n-%03d}
status: {allocatable: {cpu: "16", memory: 64Gi, pods: "110"}, conditions: [{type: Ready, status: "True"}]}
---
`, i)
	}
	for i := range running {
		fmt.Fprintf(&objects, `apiVersion: v1
kind: Pod
metadata: {name: p-%04d, namespace: default, labels: {app: shop}}
spec:
  nodeName: n-%03d
  containers: [{name: web, image: "example.org/shop/web:1", resources: {requests: {cpu: 100m, memory: 128Mi}}, env: [{name: A, value: b}], ports: [{containerPort: 80}]}]
---
`, i, i%machines)
	}
	c.Apply(b, objects.String())
	r, err := kubernetes.New(kubernetes.Config{Kubeconfig: apitest.Kubeconfig(b, c.URL, c.CA, apitest.Admin)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		state, err := r.Read(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if n := state.GetNodes(); len(n) != machines || n[0].GetPods() != running/machines || n[0].GetRequestedCpuMilli() != 100*running/machines {
			b.Fatalf("%d nodes, the first %v", len(n), n[0])
		}
	}
}
