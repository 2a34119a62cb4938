package gateway

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

// DefaultAddress is where the gateway listens unless told otherwise.
const DefaultAddress = "127.0.0.1:8470"

// Config is what a gateway needs to know. The zero value listens on DefaultAddress and lets everybody in who can reach
// the loopback interface.
type Config struct {
	// Address to listen on, host:port. Empty: DefaultAddress. A host that is not loopback needs TokenFile.
	Address string
	// TokenFile names a file of bearer tokens, one a line: "<subject> <token>", or "<token>" alone. Lines that begin with
	// "#" are comments. Empty: no login, loopback only.
	TokenFile string
	// Listen opens the listener. Nil: TCP. The all-in-one command line passes one in memory, which is loopback by nature.
	Listen ListenFn
	// StreamPing is the time between two comments on a silent event stream. Zero: 15 s.
	StreamPing time.Duration
	// MaxWait bounds the time that `?wait=` may ask for. Zero: 60 s.
	MaxWait time.Duration
	// MaxStreams bounds the event streams that are open at once. Zero: 1000.
	MaxStreams int
}

// ListenFn opens a listener for an address.
type ListenFn func(ctx context.Context, address string) (net.Listener, error)

// LoadConfig reads the configuration; lookup is os.LookupEnv or a test's. PROVISO_GATEWAY_ADDR is Address and
// PROVISO_GATEWAY_TOKENS is TokenFile. New checks it, once flags have had their say.
func LoadConfig(lookup func(string) (string, bool)) Config {
	var c Config
	c.Address, _ = lookup("PROVISO_GATEWAY_ADDR")
	c.TokenFile, _ = lookup("PROVISO_GATEWAY_TOKENS")
	return c
}

func (c Config) withDefaults() Config {
	if c.Address == "" {
		c.Address = DefaultAddress
	}
	if c.StreamPing == 0 {
		c.StreamPing = 15 * time.Second
	}
	if c.MaxWait == 0 {
		c.MaxWait = time.Minute
	}
	if c.MaxStreams == 0 {
		c.MaxStreams = 1000
	}
	return c
}

// validate refuses what would open the gateway to strangers.
func (c Config) validate() error {
	host, _, err := net.SplitHostPort(c.Address)
	if err != nil {
		return fmt.Errorf("read address %q: %w", c.Address, err)
	}
	if c.Listen == nil && c.TokenFile == "" && !isLoopback(host) {
		return fmt.Errorf("listen on %q: %w", c.Address, ErrOpenToNetwork)
	}
	return nil
}

// isLoopback says whether a host can only be reached from this machine. Names other than localhost count as reachable:
// what they resolve to may change after the check.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

func listenTCP(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	return lc.Listen(ctx, "tcp", address)
}

func readTokenFile(path string) (keyring, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read token file: %w", err)
	}
	return parseKeyring(string(data))
}
