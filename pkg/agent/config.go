package agent

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"
)

// Config is what a stand-alone service reads from its environment.
type Config struct {
	// NATSURL is PROVISO_NATS_URL: servers, comma separated. Default nats://127.0.0.1:4222; tls:// for TLS.
	NATSURL string
	// NKeyFile is PROVISO_NATS_NKEY_FILE: file with the seed of the role's nkey. Empty: no credentials.
	NKeyFile string
	// CAFile is PROVISO_NATS_CA: PEM file of the authority that signed the server's certificate. Empty: the system's.
	CAFile string
	// CertFile and CertKeyFile are PROVISO_NATS_CERT and PROVISO_NATS_CERT_KEY: the client's own certificate. Empty: none.
	CertFile, CertKeyFile string
	// ConnectTimeout is PROVISO_NATS_CONNECT_TIMEOUT: how long to wait for the server before giving up. Default 60s.
	ConnectTimeout time.Duration
	// MetricsAddr is PROVISO_METRICS_ADDR: where /healthz, /readyz and /metrics are served. Default 127.0.0.1:0, a free port;
	// set but empty: nowhere.
	MetricsAddr string
	// LogLevel is PROVISO_LOG_LEVEL: debug, info, warn or error. Default info.
	LogLevel slog.Level
	// Provision is PROVISO_PROVISION=1: create streams, consumers and buckets before starting. It needs rights that the role
	// itself does not have; in a cluster a job does it instead.
	Provision bool
	// Replicas is PROVISO_NATS_REPLICAS: copies of each stream and bucket when provisioning. Default 1.
	Replicas int
	// Instance is PROVISO_INSTANCE: tells replicas apart in connection names. Default: the host's name.
	Instance string
	// DrainTimeout is PROVISO_DRAIN_TIMEOUT: how long stopping may take; less than the orchestrator's patience. Default 10s.
	DrainTimeout time.Duration
}

// LoadConfig reads and checks the configuration; lookup is os.LookupEnv or a test's. With an error the configuration is zero.
func LoadConfig(lookup func(string) (string, bool)) (Config, error) {
	get := func(name, byDefault string) string {
		if v, ok := lookup(name); ok {
			return v
		}
		return byDefault
	}
	c := Config{
		NATSURL:     get("PROVISO_NATS_URL", "nats://127.0.0.1:4222"),
		NKeyFile:    get("PROVISO_NATS_NKEY_FILE", ""),
		CAFile:      get("PROVISO_NATS_CA", ""),
		CertFile:    get("PROVISO_NATS_CERT", ""),
		CertKeyFile: get("PROVISO_NATS_CERT_KEY", ""),
		MetricsAddr: get("PROVISO_METRICS_ADDR", "127.0.0.1:0"),
		Instance:    get("PROVISO_INSTANCE", ""),
	}
	var errs []error
	check := func(name string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	var err error
	c.ConnectTimeout, err = positiveDuration(get("PROVISO_NATS_CONNECT_TIMEOUT", "60s"))
	check("PROVISO_NATS_CONNECT_TIMEOUT", err)
	c.DrainTimeout, err = positiveDuration(get("PROVISO_DRAIN_TIMEOUT", "10s"))
	check("PROVISO_DRAIN_TIMEOUT", err)
	check("PROVISO_LOG_LEVEL", c.LogLevel.UnmarshalText([]byte(get("PROVISO_LOG_LEVEL", "info"))))
	c.Provision, err = strconv.ParseBool(get("PROVISO_PROVISION", "0"))
	check("PROVISO_PROVISION", err)
	c.Replicas, err = strconv.Atoi(get("PROVISO_NATS_REPLICAS", "1"))
	if err == nil && c.Replicas != 1 && c.Replicas != 3 && c.Replicas != 5 {
		err = fmt.Errorf("%d is not 1, 3 or 5", c.Replicas)
	}
	check("PROVISO_NATS_REPLICAS", err)
	if (c.CertFile == "") != (c.CertKeyFile == "") {
		check("PROVISO_NATS_CERT", errors.New("certificate and key are needed together"))
	}
	if c.Instance == "" {
		c.Instance, err = os.Hostname()
		check("PROVISO_INSTANCE", err)
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("configuration: %w", errors.Join(errs...))
	}
	return c, nil
}

func positiveDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err == nil && d <= 0 {
		err = fmt.Errorf("%s is not positive", text)
	}
	return d, err
}
