package redact

import (
	"fmt"
	"log/slog"
)

// Secret is a string that does not print itself: formatted, logged or encoded it is "[redacted]". The zero value is no
// secret and prints the same.
type Secret string

const hidden = "[redacted]"

// Reveal returns the secret. Its callers are where a secret leaves the process on purpose.
func (s Secret) Reveal() string { return string(s) }

// String returns "[redacted]".
func (Secret) String() string { return hidden }

// GoString returns "[redacted]".
func (Secret) GoString() string { return hidden }

// Format writes "[redacted]", whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue returns "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText writes "[redacted]"; JSON and YAML encoders use it.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }
