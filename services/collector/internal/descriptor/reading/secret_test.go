package reading_test

import (
	"testing"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

func TestSecret(t *testing.T) {
	tests := map[string]struct {
		reason      string
		name, value string
		want        bool
	}{
		"Password":     {"the name says it", "DB_PASSWORD", "", true},
		"Joined":       {"names are written together too", "MYSQLPASSWORD", "", true},
		"Lower":        {"case does not matter", "api-token", "", true},
		"Key":          {"a key opens something", "STRIPE_KEY", "", true},
		"PublicKey":    {"a public key does not", "SSH_PUBLIC_KEY", "", false},
		"Keyboard":     {"a word that begins alike", "KEYBOARD_LAYOUT", "us", false},
		"File":         {"the path of a secret is none", "DB_PASSWORD_FILE", "/run/secrets/db", false},
		"Author":       {"a word that begins alike", "AUTHOR", "Ann", false},
		"AuthHost":     {"where one logs in", "AUTH_HOST", "login", false},
		"Address":      {"a password stands in the address", "DATABASE_URL", "postgres://shop:hunter2@db/shop", true},
		"PlainAddress": {"none stands in this one", "DATABASE_URL", "postgres://db:5432/shop", false},
		"Port":         {"plain", "PORT", "8080", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := reading.Secret(tc.name, tc.value); got != tc.want {
				t.Errorf("%s: want %t, got %t", tc.reason, tc.want, got)
			}
		})
	}
}
