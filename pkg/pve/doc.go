// Package pve holds the vocabulary of a Proxmox VE cluster and the reader that fills it.
//
// It owns the types of a [Snapshot] (nodes, guests, templates, storages, networks, pools, HA), their JSON form, and a
// [Reader] that can send nothing but GET. It does not decide anything: placement, validation and rendering read a snapshot
// and live elsewhere. It has no write path: the transport refuses every other method.
package pve
