// Package helm reads a Helm chart as its default values render it.
//
// It owns rendering, its bounds, and where a rendered line comes from. It does not own the meaning of the objects (package
// kubernetes), fetches nothing and asks no cluster.
package helm

import (
	"context"
	"io/fs"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Read reads the chart in dir.
func Read(ctx context.Context, files fs.FS, dir string) reading.Result {
	return reading.Result{}
}
