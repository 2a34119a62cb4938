package collector

import (
	"context"
	"io/fs"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/repository"
	"proviso.dev/services/collector/internal/repository/reader"
)

// RepositoryReader makes this process the one that reads a repository, when its arguments, os.Args, are those of one: the collector
// starts its own executable anew for each. A main package that carries the collector calls it before anything else and, when it
// is such a process, ends with the code:
//
//	if code, ok := collector.RepositoryReader(os.Args); ok {
//		os.Exit(code)
//	}
func RepositoryReader(args []string) (code int, isReader bool) { return reader.Main(args, readFiles) }

// readFiles makes an application of the files of a repository.
func readFiles(_ context.Context, _ fs.FS, reading *provisov1.RepositoryReading) *provisov1.Application {
	return &provisov1.Application{Repository: reading, Name: repository.NameOf(reading.GetUrl())}
}
