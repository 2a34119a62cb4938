// Package pve holds the vocabulary of a Proxmox VE cluster and the reader that fills it.
//
// It owns the types of a [Snapshot] (nodes and their hardware, guests, templates, storages, Ceph, networks, pools, HA, backup,
// replication, running tasks) and of a [History] (what was measured over a span), their JSON forms, and a [Reader] that can send
// nothing but GET. It does not decide anything: placement, validation and rendering read a snapshot
// and live elsewhere. It has no write path: the transport refuses every other method.
//
// A snapshot is read in sections, the rows of the table in sections.go. Those of the state are read every time; the others keep
// their reading until it is too old, or something hints at a change. [Reader.Overview] reads what every decision needs,
// [Reader.Snapshot] all of it, and a [Follower] what a snapshot needs since the last one. What cannot be read is named in
// Unknown: it never stands for "nothing there", and an older reading is never shown in its place.
package pve
