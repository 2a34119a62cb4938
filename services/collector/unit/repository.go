package collector

import (
	"context"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor"
	"proviso.dev/services/collector/internal/kubernetes"
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
func RepositoryReader(args []string) (code int, isReader bool) {
	return reader.Main(args, descriptor.Read)
}

// repositories reads each repository in a process of its own.
type repositories struct{ *reader.Reader }

var _ Repositories = repositories{}

// Application reads one repository; its errors carry the codes of package repository.
func (r repositories) Application(ctx context.Context, which *provisov1.Repository) (*provisov1.Application, error) {
	app, err := r.Read(ctx, which)
	if code := repository.Code(err); err != nil && code != "" {
		return nil, &readingError{code: code, err: err}
	}
	return app, err
}

// A readingError is a failure to read a repository by its code.
type readingError struct {
	code string
	err  error
}

func (e *readingError) Error() string { return e.err.Error() }
func (e *readingError) Unwrap() error { return e.err }
func (e *readingError) Code() string  { return e.code }

// loadSources reads what says which sources there are beside the cluster.
func loadSources(c *Config, lookup func(string) (string, bool)) []error {
	var errs []error
	var err error
	if c.Repository, err = repository.LoadConfig(lookup); err != nil {
		errs = append(errs, err)
	}
	if c.Kube, err = kubernetes.LoadConfig(lookup); err != nil {
		errs = append(errs, err)
	}
	return errs
}
