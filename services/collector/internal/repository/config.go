package repository

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Config says which repositories may be read, and how. The zero value reads public ones over https.
type Config struct {
	// Allowed is PROVISO_REPOSITORY_ALLOW: hosts, host:port, addresses and networks, separated by commas, that may be asked although
	// they are not public. Empty: none.
	Allowed Allowed
	// HTTP is PROVISO_REPOSITORY_HTTP: http without encryption is allowed. Default false.
	HTTP bool
	// CAPEM is the content of the file PROVISO_REPOSITORY_CA_FILE: authorities beside the system's. Empty: none.
	CAPEM []byte
	// KnownHosts is the content of the file PROVISO_REPOSITORY_KNOWN_HOSTS: keys of ssh servers. Empty: no ssh.
	KnownHosts []byte
	// Credentials are those of the file PROVISO_REPOSITORY_CREDENTIALS_FILE, in its order. Empty: none.
	Credentials []Credential
	// Timeout is PROVISO_REPOSITORY_TIMEOUT: the longest that fetching and reading one repository may take. 0: 60 seconds.
	Timeout time.Duration
	// PackBytes is PROVISO_REPOSITORY_MAX_MIB in bytes: the most that is received of one repository. 0: 128 MiB.
	PackBytes int64
	// Concurrency is PROVISO_REPOSITORY_CONCURRENCY: repositories that are read at the same time. 0: 2.
	Concurrency int
}

const (
	defaultTimeout     = time.Minute
	defaultConcurrency = 2
	configFileBytes    = mib
)

// LoadConfig reads and checks the configuration; lookup is os.LookupEnv or a test's. With an error the configuration is zero. Secrets
// are not read before they are needed: a token that is renewed in its file is used from then on.
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
		data, err := readSmall(path)
		check(name, err)
		return data
	}
	number := func(name string, least, most int) int {
		text := get(name)
		if text == "" {
			return 0
		}
		n, err := strconv.Atoi(text)
		if err == nil && (n < least || n > most) {
			err = fmt.Errorf("it must be from %d to %d", least, most)
		}
		check(name, err)
		return n
	}
	c := Config{CAPEM: file("PROVISO_REPOSITORY_CA_FILE"), KnownHosts: file("PROVISO_REPOSITORY_KNOWN_HOSTS"),
		PackBytes: int64(number("PROVISO_REPOSITORY_MAX_MIB", 1, 4096)) * mib, Concurrency: number("PROVISO_REPOSITORY_CONCURRENCY", 1, 64)}
	var err error
	c.Allowed, err = ParseAllowed(get("PROVISO_REPOSITORY_ALLOW"))
	check("PROVISO_REPOSITORY_ALLOW", err)
	if v := get("PROVISO_REPOSITORY_HTTP"); v != "" {
		c.HTTP, err = strconv.ParseBool(v)
		check("PROVISO_REPOSITORY_HTTP", err)
	}
	if v := get("PROVISO_REPOSITORY_TIMEOUT"); v != "" {
		c.Timeout, err = time.ParseDuration(v)
		if err == nil && (c.Timeout < time.Second || c.Timeout > 10*time.Minute) {
			err = errors.New("it must be from 1s to 10m")
		}
		check("PROVISO_REPOSITORY_TIMEOUT", err)
	}
	if data := file("PROVISO_REPOSITORY_CREDENTIALS_FILE"); data != nil {
		c.Credentials, err = parseCredentials(data)
		check("PROVISO_REPOSITORY_CREDENTIALS_FILE", err)
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("configuration: %w", errors.Join(errs...))
	}
	return c, nil
}

// readSmall reads a file of configuration. Errors name it and what is wrong, never what it holds.
func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > configFileBytes {
		return nil, fmt.Errorf("%s is no file of at most 1 MiB", path)
	}
	return os.ReadFile(path)
}

// WithDefaults is the configuration with its zero bounds filled in.
func (c Config) WithDefaults() Config {
	fill(&c.PackBytes, 128*mib)
	fill(&c.Concurrency, defaultConcurrency)
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	return c
}
