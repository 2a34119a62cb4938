package descriptor

import (
	"context"
	"io/fs"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// known are the parsers of every reading.
var known = parsers{
	kubernetes: func(fs.FS, []string) reading.Result { return reading.Result{} },
	helm:       func(context.Context, fs.FS, string) reading.Result { return reading.Result{} },
	kustomize:  func(context.Context, fs.FS, []string) reading.Result { return reading.Result{} },
	terraform:  func(fs.FS, []string) reading.Result { return reading.Result{} },
}
