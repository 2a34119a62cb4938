// Package workload decides what runs on Kubernetes: kind, size, exposure, volumes and order of each workload, and the nodes that
// have room for its pods.
//
// It owns the rules for workloads and the reasons that it gives for them. It does not say what an application is (package
// profile), read clusters, choose nodes for machines (package placement), or write manifests. It is pure: equal inputs give equal
// workloads.
package workload
