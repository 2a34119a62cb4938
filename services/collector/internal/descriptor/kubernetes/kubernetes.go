// Package kubernetes reads Kubernetes objects: what runs, how it is reached, what it stores, with the line of every fact.
//
// It owns the meaning of the objects and how they join (ADR 0010, rule 1). It does not find files, does not render charts and
// does not build kustomizations: packages helm and kustomize do, and hand their objects to this one.
package kubernetes

import (
	"io/fs"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Read reads plain manifests. Files that hold no Kubernetes object are passed over in silence.
func Read(files fs.FS, paths []string) reading.Result {
	return reading.Result{}
}
