package llm

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"proviso.dev/pkg/redact"
)

// The providers.
const (
	Gemini = "gemini"
	OpenAI = "openai"
)

// Entry is one configured model.
type Entry struct {
	// Provider is [Gemini] or [OpenAI].
	Provider string
	// Model as the provider names it.
	Model string
	// BaseURL of the endpoint. Empty: Google's, for Gemini alone.
	BaseURL string
	// Key of the API; empty: none.
	Key redact.Secret
	// Thinking is "off", "minimal", "low", "medium" or "high", for Gemini alone; empty: as the model does by itself.
	Thinking string
}

// Config says which models are asked. The zero value asks none.
type Config struct {
	// Entries are the models in the order in which they are asked. None: no model is asked.
	Entries []Entry
	// Limits of a run; zero fields have their defaults.
	Limits Limits
	// Embedding is the model that turns texts into vectors for the documentation search; without a provider: none.
	Embedding Entry
	// Always asks a model for every request in words, not only where rules leave something open.
	Always bool
}

// Configured reports whether there is a model to ask.
func (c Config) Configured() bool { return len(c.Entries) > 0 }

// String describes the configuration without keys.
func (c Config) String() string {
	var names []string
	for _, e := range c.Entries {
		names = append(names, e.Provider+":"+e.Model)
	}
	return "llm.Config{" + strings.Join(names, " ") + "}"
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// LogValue is String for structured logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// LoadConfig reads and checks the configuration; lookup is os.LookupEnv or a test's. With an error the configuration is
// zero. Errors never repeat a key.
func LoadConfig(lookup func(string) (string, bool)) (Config, error) {
	l := loader{lookup: lookup}
	provider := strings.ToLower(l.get("PROVISO_LLM"))
	if provider == "" || provider == "off" {
		return Config{}, nil
	}
	first := Entry{Provider: provider, Model: l.get("PROVISO_LLM_MODEL"), BaseURL: l.get("PROVISO_LLM_BASE_URL"), Thinking: strings.ToLower(l.get("PROVISO_LLM_THINKING")),
		Key: l.key("PROVISO_LLM_KEY", "PROVISO_LLM_KEY_FILE")}
	var c Config
	c.Entries = append(c.Entries, first)
	l.check("PROVISO_LLM", first.valid())
	other := l.key("PROVISO_LLM_FALLBACK_KEY", "PROVISO_LLM_FALLBACK_KEY_FILE")
	for spec := range strings.FieldsFuncSeq(l.get("PROVISO_LLM_FALLBACK"), func(r rune) bool { return r == ',' || r == ' ' }) {
		e := parseEntry(spec)
		if e.Key = other; e.Provider == first.Provider && e.BaseURL == "" {
			e.Key, e.BaseURL = first.Key, first.BaseURL
		}
		l.check("PROVISO_LLM_FALLBACK", e.valid())
		c.Entries = append(c.Entries, e)
	}
	if spec := l.get("PROVISO_LLM_EMBEDDING"); spec != "" {
		e := parseEntry(spec)
		if e.Key = other; e.Provider == first.Provider && (e.BaseURL == "" || e.BaseURL == first.BaseURL) {
			e.Key, e.BaseURL = first.Key, first.BaseURL
		}
		l.check("PROVISO_LLM_EMBEDDING", e.valid())
		c.Embedding = e
	}
	l.number("PROVISO_LLM_CALLS", &c.Limits.Calls, 1, 20)
	l.number("PROVISO_LLM_INPUT_TOKENS", &c.Limits.InputTokens, 1000, 1_000_000)
	l.number("PROVISO_LLM_OUTPUT_TOKENS", &c.Limits.OutputTokens, 200, 100_000)
	l.number("PROVISO_LLM_CONCURRENCY", &c.Limits.Concurrency, 1, 256)
	l.number("PROVISO_LLM_CALLS_PER_MINUTE", &c.Limits.CallsPerMin, 1, 100_000)
	l.duration("PROVISO_LLM_CALL_TIMEOUT", &c.Limits.CallTimeout)
	l.duration("PROVISO_LLM_RUN_TIMEOUT", &c.Limits.RunTimeout)
	switch v := strings.ToLower(l.get("PROVISO_LLM_PREFER")); v {
	case "", "rules":
	case "always":
		c.Always = true
	default:
		l.check("PROVISO_LLM_PREFER", errors.New(`it must be "rules" or "always"`))
	}
	if len(l.errs) > 0 {
		return Config{}, fmt.Errorf("configuration: %w", errors.Join(l.errs...))
	}
	return c, nil
}

// parseEntry reads "provider:model@https://host/v1"; the model may hold colons.
func parseEntry(spec string) Entry {
	provider, rest, _ := strings.Cut(spec, ":")
	model, base, _ := strings.Cut(rest, "@")
	return Entry{Provider: strings.ToLower(provider), Model: model, BaseURL: base}
}

// valid reports what is wrong with an entry.
func (e Entry) valid() error {
	switch {
	case e.Provider != Gemini && e.Provider != OpenAI:
		return fmt.Errorf("it must be off, %q or %q", Gemini, OpenAI)
	case e.Model == "" || len(e.Model) > 128:
		return errors.New("it needs the name of a model")
	case e.Provider == OpenAI && e.BaseURL == "":
		return errors.New("openai needs a base URL")
	case e.Provider == Gemini && e.Key == "":
		return errors.New("gemini needs a key")
	case !slices.Contains([]string{"", "off", "minimal", "low", "medium", "high"}, e.Thinking):
		return errors.New("thinking must be off, minimal, low, medium or high")
	}
	if e.BaseURL == "" {
		return nil
	}
	u, err := url.Parse(e.BaseURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("the base URL must be http:// or https:// with a host, and without user and query")
	case u.Scheme == "http" && e.Key != "" && !loopback(u.Hostname()):
		return errors.New("a key is sent over https only, or to this machine")
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// loader collects what is wrong with the variables.
type loader struct {
	lookup func(string) (string, bool)
	errs   []error
}

func (l *loader) get(name string) string {
	v, _ := l.lookup(name)
	return strings.TrimSpace(v)
}

func (l *loader) check(name string, err error) {
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("%s: %w", name, err))
	}
}

// key reads a key from one variable, else from the file that the other names.
func (l *loader) key(name, file string) redact.Secret {
	if v := l.get(name); v != "" {
		return redact.Secret(v)
	}
	path := l.get(file)
	if path == "" {
		return ""
	}
	data, err := os.ReadFile(path)
	l.check(file, err)
	return redact.Secret(strings.TrimSpace(string(data)))
}

func (l *loader) number(name string, to *int, least, most int) {
	v := l.get(name)
	if v == "" {
		return
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		l.check(name, fmt.Errorf("it must be from %d to %d", least, most))
		return
	}
	*to = n
}

func (l *loader) duration(name string, to *time.Duration) {
	v := l.get(name)
	if v == "" {
		return
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 || d > 10*time.Minute {
		l.check(name, errors.New("it must be above 0 and at most 10m"))
		return
	}
	*to = d
}
