package kubernetes

import (
	"maps"
	"slices"
)

// A resource is one list of the API: where it is and how much of it is read.
type resource struct {
	name     string // as Kubernetes writes it, with its group when that is an extension's
	path     string // below the server's address
	page     int64  // entries in one answer; 0: 500
	most     int    // entries that are read; a list with more is reported as cut
	selector string // on fields; empty: all
}

const (
	pageSize    = 500
	versionPath = "/version"
)

// The lists that are read, cluster-wide each. Bounds are those of proto/proviso/v1/kubernetes.proto where it has one.
var (
	nodes          = resource{name: "nodes", path: "/api/v1/nodes", most: 5000}
	namespaces     = resource{name: "namespaces", path: "/api/v1/namespaces", most: 2000}
	resourceQuotas = resource{name: "resourcequotas", path: "/api/v1/resourcequotas", most: 10_000}
	services       = resource{name: "services", path: "/api/v1/services", most: 5000}
	// Pods are read for what they request of their nodes; those that ended or have no node request nothing.
	pods = resource{name: "pods", path: "/api/v1/pods", most: 150_000,
		selector: "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed"}

	deployments  = resource{name: "deployments", path: "/apis/apps/v1/deployments", most: 5000}
	statefulSets = resource{name: "statefulsets", path: "/apis/apps/v1/statefulsets", most: 5000}
	daemonSets   = resource{name: "daemonsets", path: "/apis/apps/v1/daemonsets", most: 5000}
	cronJobs     = resource{name: "cronjobs", path: "/apis/batch/v1/cronjobs", most: 5000}

	storageClasses = resource{name: "storageclasses", path: "/apis/storage.k8s.io/v1/storageclasses", most: 256}
	ingressClasses = resource{name: "ingressclasses", path: "/apis/networking.k8s.io/v1/ingressclasses", most: 64}
	// Definitions carry whole schemas, up to a megabyte each: smaller pages.
	definitions = resource{name: "customresourcedefinitions", path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", page: 100, most: 2000}

	metalPools = extension("ipaddresspools", "metallb.io", "v1beta1")
	metalLayer = extension("l2advertisements", "metallb.io", "v1beta1")
	metalBGP   = extension("bgpadvertisements", "metallb.io", "v1beta1")

	ciliumPools    = extension("ciliumloadbalancerippools", "cilium.io", "v2")
	ciliumPoolsOld = extension("ciliumloadbalancerippools", "cilium.io", "v2alpha1")
	ciliumLayer    = extension("ciliuml2announcementpolicies", "cilium.io", "v2alpha1")
	ciliumBGP      = extension("ciliumbgpadvertisements", "cilium.io", "v2")
	ciliumBGPOld   = extension("ciliumbgpadvertisements", "cilium.io", "v2alpha1")
	ciliumPeering  = extension("ciliumbgppeeringpolicies", "cilium.io", "v2alpha1") // before Cilium 1.16
)

// extension is a resource of an extension that gives out addresses.
func extension(plural, group, version string) resource {
	return resource{name: plural + "." + group, path: "/apis/" + group + "/" + version + "/" + plural, most: 256}
}

// readable holds every path that may be asked for.
var readable = func() map[string]bool {
	paths := map[string]bool{versionPath: true}
	for _, r := range []resource{nodes, namespaces, resourceQuotas, services, pods, deployments, statefulSets, daemonSets, cronJobs,
		storageClasses, ingressClasses, definitions, metalPools, metalLayer, metalBGP, ciliumPools, ciliumPoolsOld, ciliumLayer,
		ciliumBGP, ciliumBGPOld, ciliumPeering} {
		paths[r.path] = true
	}
	return paths
}()

// Paths returns every path that is ever read, sorted. Nothing else can leave this package.
func Paths() []string { return slices.Sorted(maps.Keys(readable)) }
