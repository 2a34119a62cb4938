// Package strategy turns a context payload into a strategic plan: it resolves every value that the intent left open, has
// nodes chosen, and words the reasons.
//
// It owns the defaults of a machine, the choice of storages, networks and devices, addresses, the policies of guests, the aims that a
// plan serves, the alternatives that it weighed with their cost, the order in which things come to be, and the risks that the
// requester is told. It does not say what is to run (package profile), decide workloads of Kubernetes (package workload), choose nodes
// (package placement), reserve ids and names (package reservation), or write manifests. It is pure: a draft is a function of its
// input, a plan one of the draft and the identities that it was given.
package strategy
