// Package strategy turns a context payload into a strategic plan: it resolves every value that the intent left open, has
// nodes chosen, and words the reasons.
//
// It owns the defaults of a machine, the choice of storages and networks, addresses, and the risks that the requester is
// told. It does not choose nodes (package placement), reserve ids and names (package reservation), or write manifests. It
// is pure: a draft is a function of its input, a plan one of the draft and the identities that it was given.
package strategy
