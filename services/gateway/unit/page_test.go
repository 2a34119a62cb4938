package gateway_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	gateway "proviso.dev/services/gateway/unit"
)

// TestPageRoutes asks for the page as a browser does, at a gateway that asks for a token.
func TestPageRoutes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte(strings.Repeat("0123456789abcdef", 2)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, gateway.Config{TokenFile: file})
	tests := map[string]struct {
		reason string
		path   string
		header string
		want   int
		body   string
	}{
		"French":      {"A browser says which language its person reads.", "/", "Accept-Language: fr-FR,fr;q=0.9", 200, `<html lang="fr">`},
		"English":     {"Everything else is English.", "/", "Accept-Language: de", 200, `<html lang="en">`},
		"Chosen":      {"A choice wins over the browser's setting.", "/", "Cookie: proviso_language=fr", 200, `<html lang="fr">`},
		"ForgedTheme": {"A cookie that we did not write changes nothing.", "/", `Cookie: proviso_theme=x"><b>`, 200, `<html lang="en">`},
		"Run":         {"The page is the same for every run, also for one that is not there: its data are asked for with a token.", "/runs/nobody", "X: y", 200, "<main"},
		"OldAsset":    {"A version that is gone is not answered with another's bytes.", "/assets/0000000000000000/app.js", "X: y", 404, "not_found"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := h.call("GET", tc.path, "", tc.header)
			if got.status != tc.want || !strings.Contains(string(got.body), tc.body) {
				t.Errorf("%s\ngot %d, want %d with %q", tc.reason, got.status, tc.want, tc.body)
			}
		})
	}

	document := h.call("GET", "/", "", "X: y")
	script := regexp.MustCompile(`/assets/[0-9a-f]+/app\.js`).FindString(string(document.body))
	if got := h.call("GET", script, "", "X: y"); got.status != 200 {
		t.Errorf("the document's script %s: got %d", script, got.status)
	}
	if got := h.call("POST", "/csp", `{"csp-report":{}}`, "Content-Type: application/csp-report"); got.status != 204 {
		t.Errorf("a report: got %d, want 204", got.status)
	}

	// The switch of languages keeps the choice and leads back to the address.
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(h.url + "/runs/r-1?lang=fr")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || got != "/runs/r-1" {
		t.Errorf("switch of languages: got %d to %q", resp.StatusCode, got)
	}
	if got := resp.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "proviso_language=fr;") {
		t.Errorf("cookie: got %q", got)
	}
	client.CloseIdleConnections()
}
