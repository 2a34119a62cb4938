// Package analyser is the second agent: it turns a context payload into a strategic plan, or refuses because the plan is
// not feasible.
//
// It owns the verb `analyse` and the ledger of promised ids and names. What a plan contains is decided in
// internal/strategy, where a guest runs in internal/placement, both pure. It does not read clusters, understand
// requests, or write manifests, and it decides nothing about runs.
package analyser
