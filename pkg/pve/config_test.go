package pve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestNewReader(t *testing.T) {
	valid := Config{Endpoint: "https://pmox01.example.org:8006", Token: testToken}
	tests := map[string]struct {
		reason string
		change func(*Config)
		want   error
	}{
		"Valid":         {"The usual form.", func(*Config) {}, nil},
		"TrailingSlash": {"Browsers show one.", func(c *Config) { c.Endpoint += "/" }, nil},
		"IPv6":          {"Nodes have addresses of both kinds.", func(c *Config) { c.Endpoint = "https://[2001:db8::1]:8006" }, nil},
		"Empty":         {"Nothing to read.", func(c *Config) { c.Endpoint = "" }, ErrEndpoint},
		"HTTP":          {"The token must not travel in the clear.", func(c *Config) { c.Endpoint = "http://pmox01:8006" }, ErrEndpoint},
		"NoScheme":      {"A bare host parses as a path.", func(c *Config) { c.Endpoint = "pmox01" }, ErrEndpoint},
		"NoSchemePort":  {"A bare host and port parses as a scheme.", func(c *Config) { c.Endpoint = "pmox01:8006" }, ErrEndpoint},
		"NoHost":        {"A host is needed.", func(c *Config) { c.Endpoint = "https://:8006" }, ErrEndpoint},
		"Path":          {"Telmate's form has a path, ours has none.", func(c *Config) { c.Endpoint += "/api2/json" }, ErrEndpoint},
		"Query":         {"A URL copied from the browser.", func(c *Config) { c.Endpoint += "?console=shell" }, ErrEndpoint},
		"Fragment":      {"A URL copied from the browser.", func(c *Config) { c.Endpoint += "/#v1:0:18" }, ErrEndpoint},
		"Credentials":   {"They belong in the token.", func(c *Config) { c.Endpoint = "https://root:hunter2@pmox01:8006" }, ErrEndpoint},
		"NoURL":         {"Nothing of it may be repeated.", func(c *Config) { c.Endpoint = "https://root:hunter2@pm ox:8006" }, ErrEndpoint},
		"Several":       {"Any node answers for the cluster.", func(c *Config) { c.Endpoints = []string{"https://pmox02:8006", "https://pmox03:8006/"} }, nil},
		"OnlyFurther":   {"The first may stand in the list.", func(c *Config) { c.Endpoint, c.Endpoints = "", []string{"https://pmox02:8006"} }, nil},
		"FurtherHTTP":   {"The token must not travel in the clear to any of them.", func(c *Config) { c.Endpoints = []string{"http://pmox02:8006"} }, ErrEndpoint},
		"FurtherEmpty":  {"An entry that is none is a mistake.", func(c *Config) { c.Endpoints = []string{""} }, ErrEndpoint},
		"NoToken":       {"A reader has no other way in.", func(c *Config) { c.Token = "" }, ErrToken},
		"NoRealm":       {"Proxmox VE needs the realm.", func(c *Config) { c.Token = "root!reader=" + testSecret }, ErrToken},
		"NoTokenID":     {"A user is no token.", func(c *Config) { c.Token = "root@pam=" + testSecret }, ErrToken},
		"NoSecret":      {"The name alone opens nothing.", func(c *Config) { c.Token = "root@pam!reader" }, ErrToken},
		"Header":        {"The header is not the token.", func(c *Config) { c.Token = "PVEAPIToken=" + testToken }, ErrToken},
		"Newline":       {"A secret read from a file ends in one.", func(c *Config) { c.Token += "\n" }, ErrToken},
		"CA":            {"A CA that is none would leave the pool empty.", func(c *Config) { c.CAPEM = []byte("x") }, ErrCA},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := valid
			tc.change(&cfg)
			_, err := NewReader(cfg)
			if !errors.Is(err, tc.want) {
				t.Errorf("%s\ngot error %v, want %v", tc.reason, err, tc.want)
			}
			if text := fmt.Sprint(err); strings.Contains(text, testSecret) || strings.Contains(text, "hunter2") {
				t.Errorf("the error shows a secret: %s", text)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	tests := map[string]struct {
		reason      string
		timeout     time.Duration
		concurrency int
		want        [2]int // seconds, requests at once
	}{
		"Zero":     {"Zero means the documented default.", 0, 0, [2]int{15, 6}},
		"Negative": {"A bound that is none must not block for ever.", -1, -1, [2]int{15, 6}},
		"Given":    {"What is given counts.", 20 * time.Second, 2, [2]int{20, 2}},
		"Greedy":   {"A node has few workers.", time.Second, 500, [2]int{1, 8}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(Config{Endpoint: "https://a", Token: testToken, Timeout: tc.timeout, Concurrency: tc.concurrency})
			if err != nil {
				t.Fatal(err)
			}
			if got := [2]int{int(r.timeout.Seconds()), cap(r.slots.all)}; got != tc.want {
				t.Errorf("%s\ngot %v, want %v", tc.reason, got, tc.want)
			}
		})
	}
}

// An endpoint that stands twice is one: it gets no second share of the requests.
func TestEndpointsAreListedOnce(t *testing.T) {
	r, err := NewReader(Config{Endpoint: "https://a:8006", Endpoints: []string{"https://b:8006", "https://a:8006/"}, Token: testToken})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.String(), "pve.Reader{a:8006,b:8006 token=proviso@pve!reader}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The token's name may be seen, which helps to find it in Proxmox VE; its secret never.
func TestSecretIsNotPrinted(t *testing.T) {
	cfg := Config{Endpoint: "https://pmox01:8006", Token: testToken}
	r, err := NewReader(cfg)
	if err != nil {
		t.Fatal(err)
	}
	type settings struct{ PVE Config }
	var logs bytes.Buffer
	slog.New(slog.NewJSONHandler(&logs, nil)).Info("read", "config", cfg, "settings", settings{cfg}, "reader", r)
	slog.New(slog.NewTextHandler(&logs, nil)).Info("read", "config", cfg, "settings", settings{cfg}, "reader", r)
	encoded, err := json.Marshal(settings{cfg})
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]string{"logs": logs.String(), "json": string(encoded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		printed["config "+verb] = fmt.Sprintf(verb, cfg)
		printed["pointer "+verb] = fmt.Sprintf(verb, &cfg)
		printed["nested "+verb] = fmt.Sprintf(verb, settings{cfg})
		printed["reader "+verb] = fmt.Sprintf(verb, r)
	}
	for where, text := range printed {
		if strings.Contains(text, testSecret) {
			t.Errorf("%s shows the secret: %s", where, text)
		}
		if !strings.Contains(text, "proviso@pve!reader") {
			t.Errorf("%s does not show the token's name: %s", where, text)
		}
	}
}
