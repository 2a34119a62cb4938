// Package bpg writes a strategic plan as Terraform for the provider bpg/proxmox.
//
// It owns the shape of the files: which resource holds what, how equal guests become one resource over a typed map,
// where a value is a literal and where a reference. It decides nothing that a plan leaves open, reads no cluster and
// judges nothing: a draft that lacks good practices is rendered without them, and internal/review says so.
//
// All HCL is written through hclwrite. Text that people or models wrote only ever becomes a literal.
package bpg
