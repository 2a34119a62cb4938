package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"

	"proviso.dev/services/collector/internal/kubernetes"
	"proviso.dev/services/collector/internal/repository"
)

// Snapshots reads the present state of one cluster.
type Snapshots interface {
	Snapshot(ctx context.Context) (*pve.Snapshot, error)
}

// SnapshotsFunc is a function as [Snapshots].
type SnapshotsFunc func(context.Context) (*pve.Snapshot, error)

// Snapshot calls the function.
func (f SnapshotsFunc) Snapshot(ctx context.Context) (*pve.Snapshot, error) { return f(ctx) }

// Config says which cluster is read, and how.
type Config struct {
	// Endpoint is PROVISO_PVE_ENDPOINT, the address of any node: "https://pmox01.example.org:8006". Several addresses of one cluster
	// stand with commas between them: requests are spread over those that answer.
	Endpoint string
	// Token is PROVISO_PVE_TOKEN, or the content of the file PROVISO_PVE_TOKEN_FILE: "user@realm!id=secret".
	Token string
	// Insecure is PROVISO_PVE_INSECURE: do not verify the certificate. Default false.
	Insecure bool
	// CAPEM is the content of the file PROVISO_PVE_CA_FILE: authorities that may have signed the certificate, in PEM. Empty:
	// the system's.
	CAPEM []byte
	// Cluster is PROVISO_PVE_CLUSTER, the name by which intents address the cluster. Empty: it is the only one.
	Cluster string
	// Clusters are those beside the first, from the file PROVISO_PVE_CLUSTERS_FILE: a JSON list of objects with name, endpoint, token_file,
	// ca_file and insecure. With any, the first needs a name too. Default: none.
	Clusters []Cluster
	// MaxAge is PROVISO_PVE_MAX_AGE: how old the state that a run relies on may be. 0: 5 seconds.
	MaxAge time.Duration
	// DetailAge is PROVISO_PVE_DETAIL_AGE: how old what changes rarely may be in that state, such as bridges, SDN and the content of
	// storages. 0: 5 minutes. At MaxAge or less all of it is read each time.
	DetailAge time.Duration
	// Timeout is PROVISO_PVE_TIMEOUT: how long one request to a cluster may take. A node that needs longer holds up its own part only, which
	// then is unknown. 0: 15 seconds.
	Timeout time.Duration
	// Policy says how full nodes may become; the zero value is the default. See [placement.LoadPolicy].
	Policy placement.Policy
	// Concurrency is PROVISO_COLLECTOR_CONCURRENCY: pieces of work at the same time. 0: 8, since most of a step is waiting.
	Concurrency int
	// DocsDir is PROVISO_DOCS_DIR, a folder of Markdown documents of the operator's own, read once and searched together with
	// the notes that ship with Proviso. Empty: the notes alone.
	DocsDir string
	// DocsIndex is PROVISO_DOCS_INDEX, a file with the provider's pages as `make docs-index` writes it; empty: the one that the
	// binary was built with.
	DocsIndex string
	// DocsVectors is PROVISO_DOCS_VECTORS, a file that keeps the vectors of passages where a model makes some
	// (PROVISO_LLM_EMBEDDING). Empty: they are made anew at each start.
	DocsVectors string
	// Repositories reads what the repositories of requests say; nil: a process of its own for each, as Repository says.
	Repositories Repositories
	// Repository says which repositories may be read, and how: PROVISO_REPOSITORY_ALLOW and its companions.
	Repository repository.Config
	// Kubernetes reads the Kubernetes cluster beside; nil: the one of Kube, if any.
	Kubernetes Kubernetes
	// Kube says which Kubernetes cluster is read: PROVISO_KUBECONFIG and its companions. Zero: none.
	Kube kubernetes.Config
	// Twin says that the cluster is a stand-in for demonstration; results carry it.
	Twin bool
	// LLM says which language models are asked where rules leave something open; PROVISO_LLM and its companions,
	// as package llm reads them. Zero: none, rules alone.
	LLM llm.Config
	// observe is told of every request to a cluster.
	observe func(pve.Request)
	// Snapshots is what reads the cluster; nil: a reader of Endpoint. Tests and the twin give their own.
	Snapshots Snapshots
}

const (
	defaultMaxAge      = 5 * time.Second
	defaultDetailAge   = 5 * time.Minute
	defaultConcurrency = 8
)

// LoadConfig reads and checks the configuration; lookup is os.LookupEnv or a test's. With an error the configuration is zero.
// Errors never repeat the token.
func LoadConfig(lookup func(string) (string, bool)) (Config, error) {
	get := func(name string) string { v, _ := lookup(name); return strings.TrimSpace(v) }
	var errs []error
	check := func(name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	file := func(name string) []byte {
		path := get(name)
		if path == "" {
			return nil
		}
		data, err := os.ReadFile(path)
		check(name, err)
		return data
	}
	c := Config{Endpoint: get("PROVISO_PVE_ENDPOINT"), Token: get("PROVISO_PVE_TOKEN"), Cluster: get("PROVISO_PVE_CLUSTER"),
		DocsDir:   get("PROVISO_DOCS_DIR"),
		DocsIndex: get("PROVISO_DOCS_INDEX"), DocsVectors: get("PROVISO_DOCS_VECTORS"),
		CAPEM: file("PROVISO_PVE_CA_FILE")}
	if path := get("PROVISO_PVE_CLUSTERS_FILE"); path != "" {
		list, err := loadClusters(path)
		if err == nil {
			err = checkClusters(c.Cluster, list)
		}
		c.Clusters = list
		check("PROVISO_PVE_CLUSTERS_FILE", err)
	}
	if secret := file("PROVISO_PVE_TOKEN_FILE"); c.Token == "" && secret != nil {
		c.Token = strings.TrimSpace(string(secret))
	}
	var err error
	if v := get("PROVISO_PVE_INSECURE"); v != "" {
		c.Insecure, err = strconv.ParseBool(v)
		check("PROVISO_PVE_INSECURE", err)
	}
	for name, age := range map[string]*time.Duration{"PROVISO_PVE_MAX_AGE": &c.MaxAge, "PROVISO_PVE_DETAIL_AGE": &c.DetailAge, "PROVISO_PVE_TIMEOUT": &c.Timeout} {
		if v := get(name); v != "" {
			*age, err = time.ParseDuration(v)
			if err == nil && *age <= 0 {
				err = errors.New("it must be above 0")
			}
			check(name, err)
		}
	}
	if v := get("PROVISO_COLLECTOR_CONCURRENCY"); v != "" {
		c.Concurrency, err = strconv.Atoi(v)
		if err == nil && (c.Concurrency < 1 || c.Concurrency > 1024) {
			err = errors.New("it must be from 1 to 1024")
		}
		check("PROVISO_COLLECTOR_CONCURRENCY", err)
	}
	if c.Policy, err = placement.LoadPolicy(lookup); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, loadSources(&c, lookup)...)
	c.LLM, err = llm.LoadConfig(lookup)
	if err != nil {
		errs = append(errs, err)
	}
	if len(c.Cluster) > 64 {
		check("PROVISO_PVE_CLUSTER", errors.New("it has more than 64 characters"))
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("configuration: %w", errors.Join(errs...))
	}
	return c, nil
}

// reader is the part of the configuration that says how to reach the cluster.
func (c Config) reader() pve.Config {
	first, rest, _ := strings.Cut(c.Endpoint, ",")
	cfg := pve.Config{Endpoint: strings.TrimSpace(first), Token: c.Token, Insecure: c.Insecure, CAPEM: c.CAPEM, Cluster: c.Cluster, Timeout: c.Timeout, Observe: c.observe}
	for endpoint := range strings.SplitSeq(rest, ",") {
		if endpoint = strings.TrimSpace(endpoint); endpoint != "" {
			cfg.Endpoints = append(cfg.Endpoints, endpoint)
		}
	}
	return cfg
}

// String describes the configuration without the token's secret.
func (c Config) String() string {
	return fmt.Sprintf("collector.Config{%s max_age=%s detail_age=%s twin=%t %s}", c.reader(), c.MaxAge, c.DetailAge, c.Twin, c.LLM)
}

// GoString is String: %#v must not show the secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for structured logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
