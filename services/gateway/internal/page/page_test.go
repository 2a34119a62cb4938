package page

import (
	"io/fs"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/i18n"
)

// sources returns the text of every file that the browser gets, by name.
func sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := files.ReadFile(name)
		out[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTextsAreUsed holds the catalogue and the page together: no key is shown that has no text, no text is kept unused.
func TestTextsAreUsed(t *testing.T) {
	texts := i18n.Texts(i18n.English, prefix)
	used := map[string]bool{}
	exact := regexp.MustCompile(`\b(?:t|has)\('([a-z0-9_.]+)'|call \.T "([a-z0-9_.]+)"`)
	// A key that is put together from a closed set: t('step.' + m.step), t(run ? 'a.b' : 'a.c').
	family := regexp.MustCompile(`'([a-z0-9_]+(?:\.[a-z0-9_]+)*\.)' \+`)
	either := regexp.MustCompile(`\? '([a-z0-9_.]+)' : '([a-z0-9_.]+)'`)
	var families []string
	for name, source := range sources(t) {
		if !strings.HasSuffix(name, ".js") && !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, m := range family.FindAllStringSubmatch(source, -1) {
			families = append(families, prefix+m[1])
		}
		for _, m := range slices.Concat(exact.FindAllStringSubmatch(source, -1), either.FindAllStringSubmatch(source, -1)) {
			for _, key := range m[1:] {
				if key != "" && !strings.HasSuffix(key, ".") && (strings.Contains(m[0], "(") || strings.Contains(m[0], "call") || texts[prefix+key] != "") {
					used[prefix+key] = true
				}
			}
		}
	}
	for key := range used {
		if texts[key] == "" {
			t.Errorf("the page shows %s, which has no text", key)
		}
	}
	for key := range texts {
		inFamily := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) })
		if !used[key] && !inFamily {
			t.Errorf("nothing shows %s", key)
		}
	}
	if len(used) < 40 {
		t.Errorf("only %d keys were found: the patterns above no longer fit the modules", len(used))
	}
}

// Shows: T-4.6.3-04
func TestNothingComesFromElsewhere(t *testing.T) {
	foreign := regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}|@import|\burl\(`)
	unsafe := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|\sstyle=|\son[a-z]+=`)
	for name, source := range sources(t) {
		source = strings.ReplaceAll(source, "http://www.w3.org/2000/svg", "") // a name, not an address
		if found := foreign.FindString(source); found != "" {
			t.Errorf("%s names something outside the gateway: %s", name, found)
		}
		for line := range strings.Lines(source) {
			if found := unsafe.FindString(line); found != "" && !strings.HasPrefix(strings.TrimSpace(line), "//") {
				t.Errorf("%s: %s is against the page's policy", name, found)
			}
		}
	}
}

func TestServeDocument(t *testing.T) {
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		reason   string
		settings Settings
		want     []string
	}{
		"French":  {"The document speaks the person's language and leads to the other.", Settings{Lang: i18n.French, Path: "/"}, []string{`<html lang="fr">`, `href="/?lang=en"`, "Que faut-il créer"}},
		"English": {"As above.", Settings{Lang: i18n.English, Path: "/runs/r-1"}, []string{`<html lang="en">`, `href="/runs/r-1?lang=fr"`, "What shall be built"}},
		"Dark":    {"A chosen theme is there before any script runs.", Settings{Lang: i18n.English, Theme: ThemeDark, Path: "/"}, []string{`data-theme="dark"`}},
		"Markup":  {"A path is text.", Settings{Lang: i18n.English, Path: `/runs/"><script>`}, []string{`%22%3e%3cscript%3e?lang=fr`}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			if err := p.ServeDocument(w, tc.settings); err != nil {
				t.Fatal(err)
			}
			for _, want := range tc.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("%s The document has no %s:\n%s", tc.reason, want, w.Body.String()[:600])
				}
			}
			for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "require-trusted-types-for 'script'", "frame-ancestors 'none'", "report-uri /csp"} {
				if !strings.Contains(w.Header().Get("Content-Security-Policy"), part) {
					t.Errorf("the policy has no %q", part)
				}
			}
			if strings.Contains(w.Header().Get("Content-Security-Policy"), "unsafe") {
				t.Error("the policy allows something unsafe")
			}
		})
	}
}

func TestServeAsset(t *testing.T) {
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	served, weight := map[string]string{}, 0
	for name := range sources(t) {
		if short, ok := strings.CutPrefix(name, "assets/"); ok {
			w := httptest.NewRecorder()
			if !p.ServeAsset(w, p.version, short) {
				t.Errorf("%s is not served", name)
			}
			weight += w.Body.Len()
			served[short] = w.Header().Get("Content-Type")
		}
	}
	if limit := 80 << 10; weight == 0 || weight > limit {
		t.Errorf("the page's files weigh %d bytes, more than the %d that leave room for the document in a first load of 100 kB", weight, limit)
	}
	want := map[string]string{"icon.svg": "image/svg+xml", "proviso.css": "text/css; charset=utf-8"}
	for name := range maps.Keys(served) {
		if strings.HasSuffix(name, ".js") {
			want[name] = "text/javascript; charset=utf-8"
		}
	}
	if diff := cmp.Diff(want, served); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	for _, bad := range [][2]string{{"0000", "app.js"}, {p.version, "none.js"}, {p.version, "../index.html"}, {p.version, ""}} {
		if p.ServeAsset(httptest.NewRecorder(), bad[0], bad[1]) {
			t.Errorf("%q is served", bad)
		}
	}
}
