// Package prover proves a manifest on a digital twin of the cluster: real OpenTofu with the real provider validates,
// plans, applies, plans again and destroys it.
//
// It owns the sandbox (own directories, own configuration, no credentials but the twin's, no network but the loopback
// address of the twin, bounded time, a process group that ends with the proof), the stages and what they compare. It
// does not judge style and does not touch a real cluster: the only endpoint that it hands to OpenTofu is the twin's.
package prover
