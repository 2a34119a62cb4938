package kubernetes

import (
	"context"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const systemNamespace = metav1.NamespaceSystem

// A load is what the pods of one node request together.
type load struct {
	cpu    int64 // thousandths of a core
	memory int64 // bytes
	pods   int64
	etcd   bool // one of them is a member of etcd
}

func (s *survey) readPods(ctx context.Context, res resource) error {
	s.loads = map[string]*load{}
	return each(ctx, s.r, res, typed(func(l *corev1.PodList) []corev1.Pod { return l.Items }), func(p *corev1.Pod) {
		l := s.loads[p.Spec.NodeName]
		if l == nil {
			l = &load{}
			s.loads[p.Spec.NodeName] = l
		}
		l.pods++
		l.cpu += requested(&p.Spec, corev1.ResourceCPU)
		l.memory += requested(&p.Spec, corev1.ResourceMemory)
		l.etcd = l.etcd || p.Namespace == systemNamespace && p.Labels["component"] == "etcd"
		if s.vip == "" && servesByVIP(p.Spec.Containers) {
			s.vip = p.Namespace + "/" + p.Name
		}
	})
}

// requested is what the scheduler keeps free for a pod: thousandths for CPU, bytes for memory. Containers run together;
// init containers run one after another before them, except for those that restart always, which go on running beside
// all that follow. What a pod requests as a whole takes the place of that sum.
func requested(spec *corev1.PodSpec, name corev1.ResourceName) int64 {
	of := func(list corev1.ResourceList) int64 {
		quantity, ok := list[name]
		switch {
		case !ok:
			return 0
		case name == corev1.ResourceCPU:
			return quantity.MilliValue()
		}
		return quantity.Value()
	}
	overhead := of(spec.Overhead)
	if spec.Resources != nil {
		if _, ok := spec.Resources.Requests[name]; ok {
			return of(spec.Resources.Requests) + overhead
		}
	}
	var beside, peak int64
	for i := range spec.InitContainers {
		c := &spec.InitContainers[i]
		own := of(c.Resources.Requests)
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			beside += own
			own = 0
		}
		peak = max(peak, beside+own)
	}
	running := beside
	for i := range spec.Containers {
		running += of(spec.Containers[i].Resources.Requests)
	}
	return max(running, peak) + overhead
}

// servesByVIP reports whether kube-vip runs here for services. Mostly it only keeps the control plane's address.
func servesByVIP(containers []corev1.Container) bool {
	for i := range containers {
		if !strings.Contains(containers[i].Image, "kube-vip/kube-vip") {
			continue
		}
		for _, e := range containers[i].Env {
			if e.Name == "svc_enable" && e.Value == "true" {
				return true
			}
		}
	}
	return false
}
