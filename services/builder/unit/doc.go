// Package builder is the agent that turns a strategic plan into a manifest with its proof.
//
// It owns the verb build: render a draft, refine it until the reviewer is satisfied, prove it on a twin, store it. It
// decides nothing that the plan leaves open, reads no cluster and applies nothing to one. What does the work lies under
// internal/: bpg renders, review judges, refine repairs, prover proves; here are the unit's life and the messages.
package builder
