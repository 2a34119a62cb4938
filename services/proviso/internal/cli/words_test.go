package cli

import (
	"testing"

	"proviso.dev/pkg/i18n"
)

// Words for values of the contract are looked up by the value; one without words would be shown as a key.
func TestEveryValueHasWords(t *testing.T) {
	values := map[string][]string{
		"origin":  {"stated", "answered", "corrected", "assumed", "derived"},
		"outcome": {"chosen", "possible", "rejected"},
		"status":  {"passed", "failed", "skipped"},
		"proof":   {"validated", "proven", "failed"},
		"step":    {"understand", "collect", "analyse", "build"},
		"stage":   {"parse", "schema", "references", "state", "policy", "intent", "validate", "plan", "apply", "replan", "destroy"},
		"ended":   {"refused", "failed", "cancelled", "expired"},
		"state": {
			"received", "understanding", "clarifying", "confirming", "collecting", "analysing", "building",
			"delivered", "refused", "failed", "cancelled", "expired",
		},
		"config": {"server", "token_file", "log_level", "open_to_network", "pve_token", "pve_token_form", "pve_endpoint", "pve_insecure", "pve_ca", "unit"},
	}
	for kind, names := range values {
		for _, name := range names {
			for _, lang := range i18n.Langs() {
				if key := "cli." + kind + "." + name; !i18n.Has(lang, key) {
					t.Errorf("%s is missing in %s", key, lang)
				}
			}
		}
	}
}
