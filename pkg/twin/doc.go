// Package twin is a digital twin of a Proxmox VE cluster: an API server over a cluster in memory.
//
// It answers as Proxmox VE does, closely enough that OpenTofu with the provider bpg/proxmox creates, refreshes, changes,
// moves, imports and destroys guests on it and finds nothing to change when it plans again. It owns the state of that
// cluster, the tasks that change it, the checks that refuse a request, and the faults that tests ask for.
//
// It does not run guests, move bytes, open SSH, or schedule anything by itself: what a real cluster does in the background
// (an HA manager's decision, a backup at nine) happens here only as far as a client can tell from an answer. What a path
// of the API does that package apifacts lists and this package lacks is answered by 501, never by an empty success.
//
// A Cluster comes from a Seed: the laboratory of the thesis (Lab), a generated one (Generated), a file (FromJSON) or a
// snapshot of a real cluster (FromSnapshot). Serve puts it behind TLS on a loopback address.
package twin
