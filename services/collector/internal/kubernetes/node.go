package kubernetes

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Labels of roles. A node is of the control plane by either of the first two; k3s and RKE2 mark members of etcd with the third,
// kubeadm runs etcd as a pod.
const (
	labelControlPlane = "node-role.kubernetes.io/control-plane"
	labelMaster       = "node-role.kubernetes.io/master"
	labelEtcd         = "node-role.kubernetes.io/etcd"
	annotationK3sArgs = "k3s.io/node-args"
)

// A node is one node with what helps to tell what serves load balancers.
type node struct {
	*provisov1.KubernetesNode
	provider string   // what stands before "://" in its provider's id
	k3sArgs  []string // arguments that k3s was started with, on its servers
}

// isK3sServer reports whether the node says with which arguments it was started as a server of k3s.
func (n node) isK3sServer() bool { return len(n.k3sArgs) > 0 && n.k3sArgs[0] == "server" }

func (s *survey) readNodes(ctx context.Context, res resource) error {
	return each(ctx, s.r, res, typed(func(l *corev1.NodeList) []corev1.Node { return l.Items }), func(n *corev1.Node) {
		s.nodes = append(s.nodes, nodeOf(n))
	})
}

func nodeOf(n *corev1.Node) node {
	label := func(key string) bool {
		value, ok := n.Labels[key]
		return ok && value != "false"
	}
	out := &provisov1.KubernetesNode{
		Name:                   n.Name,
		ControlPlane:           label(labelControlPlane) || label(labelMaster),
		Etcd:                   label(labelEtcd),
		Unschedulable:          n.Spec.Unschedulable,
		AllocatableCpuMilli:    n.Status.Allocatable.Cpu().MilliValue(),
		AllocatableMemoryBytes: n.Status.Allocatable.Memory().Value(),
		AllocatablePods:        n.Status.Allocatable.Pods().Value(),
		KubeletVersion:         n.Status.NodeInfo.KubeletVersion,
		Architecture:           n.Status.NodeInfo.Architecture,
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady {
			// Unknown is what the control plane says of a kubelet that it lost: not ready.
			out.Ready = c.Status == corev1.ConditionTrue
		}
	}
	for _, t := range n.Spec.Taints {
		out.Taints = append(out.Taints, t.Key+":"+string(t.Effect))
	}
	slices.Sort(out.GetTaints())
	for name, quantity := range n.Status.Allocatable {
		if extended(string(name)) {
			if out.AllocatableExtended == nil {
				out.AllocatableExtended = map[string]int64{}
			}
			out.AllocatableExtended[string(name)] = quantity.Value()
		}
	}
	for _, a := range n.Status.Addresses {
		if a.Type == corev1.NodeInternalIP {
			out.Addresses = append(out.Addresses, a.Address)
		}
	}
	provider, _, _ := strings.Cut(n.Spec.ProviderID, "://")
	var args []string
	if err := json.Unmarshal([]byte(n.Annotations[annotationK3sArgs]), &args); err != nil {
		args = nil // another distribution, or a form that is not known: nothing follows from it
	}
	return node{KubernetesNode: out, provider: provider, k3sArgs: args}
}

// extended reports whether the resource is one that a device plugin or an operator brought: its name has a domain, and not
// one of Kubernetes' own.
func extended(name string) bool {
	domain, _, ok := strings.Cut(name, "/")
	return ok && domain != "kubernetes.io" && !strings.HasSuffix(domain, ".kubernetes.io")
}

// stateNodes joins the nodes with what their pods request.
func (s *survey) stateNodes() []*provisov1.KubernetesNode {
	if !s.known(nodes) {
		return nil
	}
	var out []*provisov1.KubernetesNode
	for _, n := range s.nodes {
		if l := s.loads[n.GetName()]; l != nil && s.known(pods) {
			n.RequestedCpuMilli, n.RequestedMemoryBytes, n.Pods = l.cpu, l.memory, l.pods
			n.Etcd = n.Etcd || l.etcd
		}
		out = append(out, n.KubernetesNode)
	}
	slices.SortFunc(out, byName)
	return out
}
