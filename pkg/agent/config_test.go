package agent

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoadConfig(t *testing.T) {
	byDefault := Config{
		NATSURL: "nats://127.0.0.1:4222", ConnectTimeout: time.Minute, MetricsAddr: "127.0.0.1:0",
		Replicas: 1, Instance: "me", DrainTimeout: 10 * time.Second,
	}
	with := func(change func(*Config)) Config { c := byDefault; change(&c); return c }
	tests := map[string]struct {
		reason string
		env    map[string]string
		want   Config
		errs   []string
	}{
		"Defaults": {"", nil, byDefault, nil},
		"NoHealth": {"Set but empty is a decision: no health server.", map[string]string{"PROVISO_METRICS_ADDR": ""},
			with(func(c *Config) { c.MetricsAddr = "" }), nil},
		"Everything": {"", map[string]string{
			"PROVISO_NATS_URL": "tls://n:4222", "PROVISO_NATS_NKEY_FILE": "/k", "PROVISO_NATS_CA": "/ca", "PROVISO_NATS_CERT": "/c",
			"PROVISO_NATS_CERT_KEY": "/ck", "PROVISO_NATS_CONNECT_TIMEOUT": "5s", "PROVISO_METRICS_ADDR": ":9090",
			"PROVISO_LOG_LEVEL": "debug", "PROVISO_PROVISION": "1", "PROVISO_NATS_REPLICAS": "3", "PROVISO_DRAIN_TIMEOUT": "20s",
		}, Config{
			NATSURL: "tls://n:4222", NKeyFile: "/k", CAFile: "/ca", CertFile: "/c", CertKeyFile: "/ck", ConnectTimeout: 5 * time.Second,
			MetricsAddr: ":9090", LogLevel: slog.LevelDebug, Provision: true, Replicas: 3, Instance: "me", DrainTimeout: 20 * time.Second,
		}, nil},
		"EveryMistake": {"Whoever corrects a configuration wants all mistakes at once.", map[string]string{
			"PROVISO_NATS_CONNECT_TIMEOUT": "soon", "PROVISO_DRAIN_TIMEOUT": "-1s", "PROVISO_LOG_LEVEL": "loud", "PROVISO_PROVISION": "maybe",
			"PROVISO_NATS_REPLICAS": "2", "PROVISO_NATS_CERT": "/c",
		}, Config{}, []string{
			"PROVISO_NATS_CONNECT_TIMEOUT", "PROVISO_DRAIN_TIMEOUT", "PROVISO_LOG_LEVEL", "PROVISO_PROVISION", "PROVISO_NATS_REPLICAS", "PROVISO_NATS_CERT",
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := LoadConfig(func(key string) (string, bool) {
				if key == "PROVISO_INSTANCE" {
					return "me", true
				}
				v, ok := tc.env[key]
				return v, ok
			})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if (err != nil) != (len(tc.errs) > 0) {
				t.Fatalf("got error %v", err)
			}
			for _, e := range tc.errs {
				if !strings.Contains(err.Error(), e) {
					t.Errorf("%q does not name %s", err, e)
				}
			}
		})
	}
}

func TestBackOffStaysWithinItsBounds(t *testing.T) {
	for attempt := 1; attempt < 40; attempt++ {
		for range 50 {
			d := backOff(attempt)
			if d < 125*time.Millisecond || d > maxDelay {
				t.Fatalf("attempt %d: %s", attempt, d)
			}
		}
	}
	if backOff(1) >= 400*time.Millisecond {
		t.Error("the first attempt waits too long")
	}
}
