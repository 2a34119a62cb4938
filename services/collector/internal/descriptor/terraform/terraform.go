// Package terraform reads what Terraform and OpenTofu code declares: providers, modules, resources, data, and the Proxmox
// guests of both dialects.
//
// It owns the reading of literals and of what plainly stands for one. It runs no Terraform, reads no state and keeps no value
// of a sensitive variable.
package terraform

import (
	"io/fs"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Read reads *.tf, *.tofu, *.tf.json and *.tofu.json files; each folder is a module.
func Read(files fs.FS, paths []string) reading.Result {
	return reading.Result{}
}
