package kubernetes

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// newClient returns a client of the server and its host with the port. Everything that it sends goes through [readOnly].
func newClient(cfg Config) (*rest.RESTClient, string, error) {
	c, err := restConfig(cfg)
	if err != nil {
		return nil, "", err
	}
	wrong := func(problem string, err error) error {
		return &ConfigError{Path: cfg.Kubeconfig, Problem: problem, Err: err}
	}
	server, _, err := rest.DefaultServerUrlFor(c)
	if err != nil {
		return nil, "", wrong("the server's address is malformed", nil)
	}
	if server.Scheme != "https" && !loopback(server.Hostname()) {
		return nil, "", wrong("the server's address must begin with https:// unless it is on this machine", nil)
	}
	trust, err := rest.TLSConfigFor(c)
	if err != nil {
		return nil, "", wrong("its certificates cannot be used", err)
	}
	if trust == nil {
		trust = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	proxy := c.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	// A TLS configuration of our own keeps HTTP/2 off: few connections are enough, and each failure has one plain meaning.
	guard := &readOnly{
		base:   &http.Transport{Proxy: proxy, TLSClientConfig: trust, MaxIdleConnsPerHost: maxConcurrency, IdleConnTimeout: idle},
		host:   server.Host,
		prefix: strings.TrimSuffix(server.Path, "/"),
	}
	signed, err := rest.HTTPWrappersForConfig(c, guard)
	if err != nil {
		return nil, "", wrong("its credentials cannot be used", err)
	}
	client, err := restClient(c, &http.Client{
		Transport: signed,
		// An API server redirects no list; whoever does may not have the credentials.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	if err != nil {
		return nil, "", wrong("no client can be made of it", err)
	}
	return client, server.Host, nil
}

// restClient reads the five groups of types that the lists are made of, in protobuf where the server has it. The generated
// clients of client-go would bring every group of Kubernetes into the binary.
func restClient(c *rest.Config, httpClient *http.Client) (*rest.RESTClient, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, batchv1.AddToScheme, storagev1.AddToScheme, networkingv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("register types: %w", err)
		}
	}
	c = rest.CopyConfig(c)
	c.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	c.ContentType = runtime.ContentTypeProtobuf
	c.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	c.UserAgent = "proviso"
	c.QPS = -1 // the slots of the Reader bound it
	c.WarningHandler = rest.NoWarnings{}
	return rest.UnversionedRESTClientForConfigAndClient(c, httpClient)
}

// restConfig turns the configuration into client-go's, with every certificate and key read.
func restConfig(cfg Config) (*rest.Config, error) {
	var (
		c   *rest.Config
		err error
	)
	switch {
	case cfg.InCluster && cfg.Kubeconfig != "":
		return nil, &ConfigError{Problem: "a kubeconfig and the pod's own account exclude one another"}
	case cfg.InCluster:
		c, err = ofPod(cfg)
	case cfg.Kubeconfig != "":
		c, err = ofFile(cfg)
	default:
		return nil, &ConfigError{Problem: "neither a kubeconfig nor the pod's own account is configured"}
	}
	if err != nil {
		return nil, err
	}
	// With the data at hand client-go starts no goroutines that watch the files.
	if err := rest.LoadTLSFiles(c); err != nil {
		return nil, &ConfigError{Path: cfg.Kubeconfig, Problem: "a certificate or key cannot be read", Err: err}
	}
	return c, nil
}

// ofFile reads a kubeconfig. Programs and plugins that it wants run for credentials are refused.
func ofFile(cfg Config) (*rest.Config, error) {
	wrong := func(problem string, err error) error {
		return &ConfigError{Path: cfg.Kubeconfig, Problem: problem, Err: err}
	}
	if _, err := os.ReadFile(cfg.Kubeconfig); err != nil {
		return nil, wrong("it cannot be read", err)
	}
	file, err := clientcmd.LoadFromFile(cfg.Kubeconfig)
	if err != nil {
		// The parser's message may repeat what it stumbled over, and that may be a token.
		return nil, wrong("it is not a kubeconfig", nil)
	}
	name := cfg.Context
	if name == "" {
		name = file.CurrentContext
	}
	chosen := file.Contexts[name]
	switch {
	case name == "":
		return nil, wrong("it has no current context, and none is configured", nil)
	case chosen == nil:
		return nil, wrong(fmt.Sprintf("it has no context %q", name), nil)
	case file.Clusters[chosen.Cluster] == nil:
		return nil, wrong(fmt.Sprintf("context %q names no cluster of the file", name), nil)
	}
	if user := file.AuthInfos[chosen.AuthInfo]; user != nil && (user.Exec != nil || user.AuthProvider != nil) {
		return nil, wrong(fmt.Sprintf("context %q", name), ErrPlugin)
	}
	c, err := clientcmd.NewNonInteractiveClientConfig(*file, name, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, wrong(fmt.Sprintf("context %q cannot be used", name), err)
	}
	return c, nil
}

// ofPod uses what Kubernetes mounts into every pod. The token is read anew as it is renewed there.
func ofPod(cfg Config) (*rest.Config, error) {
	folder := cfg.ServiceAccount
	if folder == "" {
		folder = defaultServiceAccount
	}
	wrong := func(problem string, err error) error { return &ConfigError{Path: folder, Problem: problem, Err: err} }
	if cfg.Host == "" {
		return nil, wrong("this process does not run in a pod: the API server's address is not known", nil)
	}
	token := filepath.Join(folder, "token")
	if data, err := os.ReadFile(token); err != nil {
		return nil, wrong("the service account's token cannot be read", err)
	} else if strings.TrimSpace(string(data)) == "" {
		return nil, wrong("the service account's token is empty", nil)
	}
	return &rest.Config{
		Host:            cfg.Host,
		BearerTokenFile: token,
		TLSClientConfig: rest.TLSClientConfig{CAFile: filepath.Join(folder, "ca.crt")},
	}, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
