package pve

import (
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The defaults and bounds of a [Config].
const (
	defaultTimeout     = 15 * time.Second
	defaultConcurrency = 6
	maxConcurrency     = 8
)

// A Config says how to reach one cluster. Printing or logging it never shows the token's secret.
type Config struct {
	// Endpoint is the address of any node of the cluster, "https://pmox01.example.org:8006": https, a host, no path.
	Endpoint string
	// Endpoints are further addresses of the same cluster; nil: there is only Endpoint. Requests are spread over all of them, one
	// that cannot be reached is left alone for a while, and the reading succeeds while one of them answers. The token is sent to
	// these addresses and no other. Endpoint may be empty when there are some.
	Endpoints []string
	// Token is an API token, "user@realm!id=secret". A reader needs a token because a ticket would cost a POST. It should
	// hold the role PVEAuditor on / and nothing more.
	Token string
	// Insecure switches off the verification of the server's certificate. Zero verifies it.
	Insecure bool
	// CAPEM holds the certificates that may sign the server's, in PEM: a cluster signs with its own authority,
	// /etc/pve/pve-root-ca.pem. Empty means the authorities of the system.
	CAPEM []byte
	// Cluster is the name that snapshots carry; empty when there is only one cluster.
	Cluster string
	// Timeout bounds one request. Zero means 15 seconds; Proxmox VE itself gives up on another node after 30.
	Timeout time.Duration
	// Concurrency is the number of requests under way at once. Zero means 6; values above 8 are taken as 8, because a node
	// has three workers to answer with.
	Concurrency int
	// Observe is told of every request that was sent; nil: nobody is. It is called from several goroutines.
	Observe func(Request)
}

// tokenForm is Proxmox VE's form of an API token with its secret.
var tokenForm = regexp.MustCompile(`^[^\s@!=]+@[^\s@!=]+![^\s@!=]+=[A-Za-z0-9-]+$`)

// splitToken returns the token's name and its secret.
func splitToken(token string) (id, secret string, err error) {
	if !tokenForm.MatchString(token) {
		return "", "", ErrToken
	}
	id, secret, _ = strings.Cut(token, "=")
	return id, secret, nil
}

// parseEndpoint returns the endpoint's URL without a trailing slash. Its errors never repeat what was written when that
// might hold a password.
func parseEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil {
		return nil, &EndpointError{Problem: "it is not a URL"}
	}
	problem := func(text string) error { return &EndpointError{Endpoint: u.Scheme + "://" + u.Host, Problem: text} }
	switch {
	case endpoint == "":
		return nil, &EndpointError{Problem: "it is empty"}
	case u.Scheme != "https":
		return nil, &EndpointError{Problem: "it must begin with https://"}
	case u.Hostname() == "":
		return nil, &EndpointError{Problem: "it names no host"}
	case u.User != nil:
		return nil, problem("credentials do not belong in it")
	case u.Path != "" && u.Path != "/":
		return nil, problem("it must have no path")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, problem("it must have no query or fragment")
	}
	u.Path = ""
	return u, nil
}

// urls returns the endpoints, each once, in order.
func (c Config) urls() ([]*url.URL, error) {
	all := c.Endpoints
	if c.Endpoint != "" || len(all) == 0 {
		all = append([]string{c.Endpoint}, all...)
	}
	var urls []*url.URL
	for _, endpoint := range all {
		u, err := parseEndpoint(endpoint)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(urls, func(known *url.URL) bool { return known.Host == u.Host }) {
			urls = append(urls, u)
		}
	}
	return urls, nil
}

// String describes the configuration without the token's secret.
func (c Config) String() string {
	endpoint := "malformed"
	if urls, err := c.urls(); err == nil {
		endpoint = strings.Trim(fmt.Sprint(urls), "[]")
	}
	return fmt.Sprintf("pve.Config{%s token=%s insecure=%t cluster=%q}", endpoint, redactToken(c.Token), c.Insecure, c.Cluster)
}

// GoString is String: %#v must not show the secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for structured logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText keeps the secret out of every text and JSON form.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// redactToken keeps the token's name, which helps to find it in Proxmox VE, and hides its secret.
func redactToken(token string) string {
	id, _, err := splitToken(token)
	if err != nil {
		return redacted
	}
	return id + "=" + redacted
}
