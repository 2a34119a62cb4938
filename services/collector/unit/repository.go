package collector

import (
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

var _ Repositories = (*reader.Reader)(nil)

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
