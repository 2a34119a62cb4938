package capacity

import (
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// kubernetes are the features of the Kubernetes that runs on the cluster.
func (d *diagnosis) kubernetes() []*provisov1.Feature {
	k := d.Kubernetes
	if k == nil {
		var out []*provisov1.Feature
		for _, name := range []string{
			FeatureAutoscaling, FeatureCertificates, FeatureIngress, FeatureKubernetesGPU, FeatureLoadBalancer, FeatureNetworkPolicy, FeatureStorageClass,
		} {
			out = append(out, feature(name, Unknown, nil, "no Kubernetes cluster was read"))
		}
		return out
	}
	return []*provisov1.Feature{autoscaling(k), certificates(k), ingress(k), kubernetesGPU(k), loadBalancer(k), networkPolicy(k), storageClass(k)}
}

// unlisted returns the reason for which a kind was not listed, as the reading words it: "daemonsets: the credentials may not list them".
func unlisted(k *provisov1.KubernetesState, kinds ...string) (string, bool) {
	for _, u := range k.GetUnknown() {
		kind, _, _ := strings.Cut(u, ":")
		if slices.Contains(kinds, kind) {
			return u, true
		}
	}
	return "", false
}

// listed is found, or unknown where a kind that it goes by was not listed.
func listed(k *provisov1.KubernetesState, name string, of []string, kinds []string, evidence string) *provisov1.Feature {
	if reason, ok := unlisted(k, kinds...); ok && len(of) == 0 {
		return feature(name, Unknown, nil, "%s", reason)
	}
	return found(name, of, "%s", evidence)
}

// workloads returns the workloads with one of these words in their name that have a ready replica.
func workloads(k *provisov1.KubernetesState, words ...string) []string {
	var out []string
	for _, w := range k.GetWorkloads() {
		has := func(word string) bool { return strings.Contains(w.GetName(), word) }
		if w.GetReady() > 0 && slices.ContainsFunc(words, has) {
			out = append(out, w.GetNamespace()+"/"+w.GetName())
		}
	}
	return out
}

func autoscaling(k *provisov1.KubernetesState) *provisov1.Feature {
	of := workloads(k, "metrics-server", "prometheus-adapter")
	return listed(k, FeatureAutoscaling, of, []string{"deployments"},
		fmt.Sprintf("ready deployments named metrics-server or prometheus-adapter, which a HorizontalPodAutoscaler needs: %d", len(of)))
}

func certificates(k *provisov1.KubernetesState) *provisov1.Feature {
	var of []string
	for _, r := range k.GetCustomResources() {
		if strings.HasPrefix(r, "certificates.cert-manager.io/") {
			of = append(of, r)
		}
	}
	return listed(k, FeatureCertificates, of, []string{"customresourcedefinitions"}, fmt.Sprintf("custom resources of cert-manager for certificates: %d", len(of)))
}

func ingress(k *provisov1.KubernetesState) *provisov1.Feature {
	var of []string
	for _, c := range k.GetIngressClasses() {
		of = append(of, c.GetName())
	}
	return listed(k, FeatureIngress, of, []string{"ingressclasses"}, fmt.Sprintf("ingress classes: %d", len(of)))
}

func storageClass(k *provisov1.KubernetesState) *provisov1.Feature {
	var of []string
	standard := "none is the default"
	for _, c := range k.GetStorageClasses() {
		of = append(of, c.GetName())
		if c.GetDefault() {
			standard = "the default is " + c.GetName()
		}
	}
	return listed(k, FeatureStorageClass, of, []string{"storageclasses"}, fmt.Sprintf("storage classes: %d; %s", len(of), standard))
}

// kubernetesGPU goes by what nodes that are ready offer to pods.
func kubernetesGPU(k *provisov1.KubernetesState) *provisov1.Feature {
	var of []string
	units := int64(0)
	for _, n := range k.GetNodes() {
		for resource, amount := range n.GetAllocatableExtended() {
			vendor, device, _ := strings.Cut(resource, "/")
			gpu := device == "gpu" || vendor == "gpu.intel.com" || vendor == "nvidia.com" && strings.HasPrefix(device, "mig-")
			if gpu && amount > 0 && n.GetReady() && !n.GetUnschedulable() {
				of, units = append(of, n.GetName()), units+amount
			}
		}
	}
	return listed(k, FeatureKubernetesGPU, of, []string{"nodes"}, fmt.Sprintf("GPUs that ready nodes offer: %d", units))
}

func loadBalancer(k *provisov1.KubernetesState) *provisov1.Feature {
	support := k.GetLoadBalancer()
	switch support.GetKind() {
	case "", "unknown":
		return feature(FeatureLoadBalancer, Unknown, nil, "%s", support.GetEvidence())
	case "none":
		return feature(FeatureLoadBalancer, Absent, nil, "%s", support.GetEvidence())
	}
	var of []string
	free := int64(0)
	for _, p := range support.GetPools() {
		of, free = append(of, p.GetName()), free+max(0, p.GetAddresses()-p.GetUsed())
	}
	if len(of) == 0 {
		return feature(FeatureLoadBalancer, Available, []string{support.GetKind()}, "%s", support.GetEvidence())
	}
	state := Available
	if free == 0 {
		state = Absent
	}
	return feature(FeatureLoadBalancer, state, of, "%d addresses are free; %s", free, support.GetEvidence())
}

// networkPolicy goes by what enforces policies: an API server takes them in any case.
func networkPolicy(k *provisov1.KubernetesState) *provisov1.Feature {
	enforcers := workloads(k, "calico-node", "cilium", "antrea-agent", "kube-router", "weave-net", "canal")
	switch {
	case len(enforcers) > 0:
		return feature(FeatureNetworkPolicy, Available, enforcers, "what enforces them runs")
	case strings.Contains(k.GetVersion(), "+k3s"):
		return feature(FeatureNetworkPolicy, Available, []string{"k3s"}, "%s enforces them itself, unless it is told not to", k.GetVersion())
	}
	return listed(k, FeatureNetworkPolicy, nil, []string{"daemonsets"}, "nothing runs that is known to enforce them")
}
