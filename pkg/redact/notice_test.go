package redact_test

import (
	"testing"

	"proviso.dev/pkg/redact"
)

// A requester is told what kind of thing was taken out, once for each kind, and never what it was.
func TestNotice(t *testing.T) {
	password, token := redact.Found{Kind: redact.KindPassword}, redact.Found{Kind: redact.KindToken}
	tests := map[string]struct {
		reason, language string
		found            []redact.Found
		want             string
	}{
		"Nothing": {"Who wrote no secret is told nothing.", "fr", nil, ""},
		"One": {
			"One secret, one sentence.", "fr", []redact.Found{password},
			"Un secret a été retiré de votre texte (mot de passe). Proviso n'en a pas besoin et ne l'a pas conservé.",
		},
		"Several": {
			"Two passwords are one kind.", "en", []redact.Found{password, token, password},
			"Secrets were removed from what you wrote (password, token). Proviso needs none and has not kept them.",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := redact.Notice(tc.language, tc.found); got != tc.want {
				t.Errorf("%s Got %q, want %q", tc.reason, got, tc.want)
			}
		})
	}
	for _, kind := range []string{
		redact.KindPassword, redact.KindToken, redact.KindPrivateKey, redact.KindAuthorization, redact.KindHash, redact.KindRandom,
	} {
		for _, language := range []string{"en", "fr"} {
			if got := redact.Notice(language, []redact.Found{{Kind: kind}}); len(got) < 40 || got == redact.Notice(language, nil) {
				t.Errorf("%s in %s: %q", kind, language, got)
			}
		}
	}
}
