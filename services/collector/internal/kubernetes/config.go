package kubernetes

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// The defaults and bounds of a [Config].
const (
	defaultTimeout        = 10 * time.Second
	defaultConcurrency    = 4
	maxConcurrency        = 16
	maxName               = 64
	defaultServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"
)

// A Config says which cluster is read, and with which credentials. It holds no secret: those stay in the files it names.
type Config struct {
	// Name is PROVISO_KUBE_NAME, by which the state calls the cluster, at most 64 characters. Empty: it is the only one.
	Name string
	// Kubeconfig is PROVISO_KUBECONFIG, the path of a kubeconfig file. Empty: none is read.
	Kubeconfig string
	// Context is PROVISO_KUBE_CONTEXT, the context of the file. Empty: its current one.
	Context string
	// InCluster is PROVISO_KUBE_IN_CLUSTER: read the cluster in which this process runs as a pod, as the pod's service account.
	InCluster bool
	// Host is the API server's address when InCluster is set, "https://10.43.0.1:443", from what Kubernetes puts into the
	// environment of every pod.
	Host string
	// ServiceAccount is the folder that holds the service account's token and authority when InCluster is set. Empty: where
	// Kubernetes mounts it.
	ServiceAccount string
	// Timeout bounds one request; a list in pages takes at most three times as long. 0: 10 seconds.
	Timeout time.Duration
	// Concurrency is the number of requests under way at once. 0: 4; values above 16 are taken as 16.
	Concurrency int
}

// LoadConfig reads and checks the configuration; lookup is os.LookupEnv or a test's. With an error the configuration is zero.
// Without any of the variables it is zero, too: no cluster is read.
func LoadConfig(lookup func(string) (string, bool)) (Config, error) {
	get := func(name string) string { v, _ := lookup(name); return strings.TrimSpace(v) }
	var errs []error
	wrong := func(name, problem string) { errs = append(errs, fmt.Errorf("%s: %s", name, problem)) }
	c := Config{Name: get("PROVISO_KUBE_NAME"), Kubeconfig: get("PROVISO_KUBECONFIG"), Context: get("PROVISO_KUBE_CONTEXT")}
	if v := get("PROVISO_KUBE_IN_CLUSTER"); v != "" {
		yes, err := strconv.ParseBool(v)
		if err != nil {
			wrong("PROVISO_KUBE_IN_CLUSTER", "it is neither true nor false")
		}
		c.InCluster = yes
	}
	if c.InCluster {
		host, port := get("KUBERNETES_SERVICE_HOST"), get("KUBERNETES_SERVICE_PORT")
		if host == "" || port == "" {
			wrong("PROVISO_KUBE_IN_CLUSTER", "this process does not run in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
		} else {
			c.Host = "https://" + net.JoinHostPort(host, port)
		}
	}
	if c.InCluster && c.Kubeconfig != "" {
		wrong("PROVISO_KUBE_IN_CLUSTER", "it excludes PROVISO_KUBECONFIG")
	}
	if c.Context != "" && c.Kubeconfig == "" {
		wrong("PROVISO_KUBE_CONTEXT", "it needs PROVISO_KUBECONFIG")
	}
	if c.Kubeconfig != "" {
		if _, err := os.Stat(c.Kubeconfig); err != nil {
			errs = append(errs, fmt.Errorf("PROVISO_KUBECONFIG: %w", err))
		}
	}
	if len(c.Name) > maxName {
		wrong("PROVISO_KUBE_NAME", "it has more than 64 characters")
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("configuration: %w", errors.Join(errs...))
	}
	return c, nil
}

// Enabled reports whether the configuration names a cluster.
func (c Config) Enabled() bool { return c.Kubeconfig != "" || c.InCluster }

// String describes the configuration.
func (c Config) String() string {
	from := "none"
	switch {
	case c.InCluster:
		from = "in-cluster " + c.Host
	case c.Kubeconfig != "":
		from = fmt.Sprintf("kubeconfig=%q context=%q", c.Kubeconfig, c.Context)
	}
	return fmt.Sprintf("kubernetes.Config{%s name=%q}", from, c.Name)
}

// LogValue is String for structured logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
