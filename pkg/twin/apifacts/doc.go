// Package apifacts knows the Proxmox VE API as data: every path, method and parameter, the property strings inside
// parameters, and the privileges that a method asks for, in two releases.
//
// It owns routing and the check of parameters, in the words that Proxmox VE uses. It does not know what a method does,
// who calls it, or HTTP; the schema is not the behaviour, and what the two disagree about belongs to package twin.
//
// The facts are derived from the schema in proxmox/pve-docs without its prose: paths, types, limits and patterns only.
package apifacts
