// Package kustomize reads the objects that Kustomize trees build.
//
// It owns which tree is built, the building, and where a built field comes from. It does not own the meaning of the objects
// (package kubernetes), fetches nothing and runs no plugin.
package kustomize

import (
	"context"
	"io/fs"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Read reads the trees whose kustomizations stand in dirs: all folders of the repository that hold one.
func Read(ctx context.Context, files fs.FS, dirs []string) reading.Result {
	return reading.Result{}
}
