// Package lines reads the configuration of a guest that exists, by the keys and values of Proxmox VE, as the dialect sees it.
//
// It owns two things: which values a configuration has once defaults are filled in ([Fields]), and what of it the provider
// has no place for, reads otherwise or would drop ([LeftOut]). It writes no manifest, judges none and reads no cluster.
package lines
