// Package kubernetes reads the present state of one Kubernetes cluster through its API: version, nodes, storage and ingress
// classes, load balancers, namespaces with quotas, extensions, workloads and services.
//
// It owns which lists are read, how they are bounded, and what is concluded from them. It only reads: its transport lets
// nothing leave but GET, to the configured server, of a path in the table of lists ([Paths]); Secrets and ConfigMaps are not
// in that table. It runs no program that a kubeconfig names. It keeps nothing between two readings, and it does not decide
// what a cluster is good for.
//
// Each list fails by itself: what could not be read is named in the state's unknown, "pods: the credentials may not list
// them". Before the colon stands the list as Kubernetes writes it, or "list/object" when only that object is not understood. Only
// without the server's version there is no state.
package kubernetes
