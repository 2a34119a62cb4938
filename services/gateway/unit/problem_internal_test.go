package gateway

import (
	"testing"

	"proviso.dev/pkg/i18n"
)

// A problem without words would reach a person as a key.
func TestEveryProblemHasWords(t *testing.T) {
	for c := range statuses {
		for _, lang := range i18n.Langs() {
			for _, part := range []string{".title", ".detail"} {
				if key := "gateway.problem." + string(c) + part; !i18n.Has(lang, key) {
					t.Errorf("%s is missing in %s", key, lang)
				}
			}
		}
	}
}

func TestNegotiate(t *testing.T) {
	tests := map[string]struct{ accept, fallback, want string }{
		"Nothing":   {"", "", "en"},
		"Fallback":  {"", "fr", "fr"},
		"Accepted":  {"fr-CA,en;q=0.8", "en", "fr"},
		"Quality":   {"fr;q=0.2, en;q=0.9", "fr", "en"},
		"Neither":   {"de,es;q=0.5", "fr", "fr"},
		"Forbidden": {"fr;q=0", "en", "en"},
		"Broken":    {"fr;q=x", "", "en"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := negotiate(tc.accept, tc.fallback); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
