// Package page is the web page of the gateway: the conversation in which a person asks, answers, confirms and takes the
// manifest away.
//
// It owns what the browser is given: one HTML document, a style sheet, a few ES modules and the texts of the catalogue, all
// embedded and served from here alone, and the policy that lets the browser load nothing else. It holds no data of any run:
// the page reads those over the gateway's HTTP interface like every other client, with the requester's own token.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"

	"proviso.dev/pkg/i18n"
)

// policy lets the document load what this gateway serves and nothing else. No script or style stands in the document itself,
// and no text becomes HTML: trusted types make the browser refuse it even where a module would forget.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; " +
	"report-uri " + ReportPath

// permissions turns off every device and sensor; the page copies to the clipboard and needs nothing else.
const permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)"

// ReportPath is where browsers report violations of the policy.
const ReportPath = "/csp"

// prefix of the catalogue's keys that the page shows.
const prefix = "page."

//go:embed index.html assets
var files embed.FS

// Page serves the document and its assets.
type Page struct {
	version   string // changes with any asset, so that browsers may keep them for ever
	document  *template.Template
	documents map[i18n.Lang]map[string]string
}

// New reads the embedded files.
func New() (*Page, error) {
	p := &Page{documents: map[i18n.Lang]map[string]string{}}
	sum := sha256.New()
	err := fs.WalkDir(files, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s\x00%d\x00", name, len(data))
		sum.Write(data)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	p.version = hex.EncodeToString(sum.Sum(nil)[:8])
	for _, lang := range i18n.Langs() {
		p.documents[lang] = i18n.Texts(lang, prefix)
	}
	p.document, err = template.ParseFS(files, "index.html")
	if err != nil {
		return nil, fmt.Errorf("parse document: %w", err)
	}
	return p, nil
}

// Theme is how the page is coloured: by the system's setting, or as the person chose.
type Theme string

// The themes. Everything else is ThemeSystem.
const (
	ThemeSystem Theme = ""
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Settings are what the document depends on.
type Settings struct {
	Lang  i18n.Lang
	Theme Theme
	Path  string // of the request; the switch of languages leads back to it
}

// ServeDocument writes the document. It is the same for everybody with these settings.
func (p *Page) ServeDocument(w http.ResponseWriter, s Settings) error {
	texts := p.documents[s.Lang]
	other := i18n.French
	if s.Lang == i18n.French {
		other = i18n.English
	}
	encoded, err := json.Marshal(texts)
	if err != nil {
		return fmt.Errorf("encode texts: %w", err)
	}
	var body bytes.Buffer
	err = p.document.Execute(&body, map[string]any{
		"Lang": s.Lang, "Other": other, "Theme": string(s.Theme), "Path": s.Path,
		"Assets": "/assets/" + p.version,
		"T":      func(key string) string { return texts[prefix+key] },
		// The encoder escapes <, > and &, so that no text ends the element that holds it.
		"Texts": template.JS(encoded), //nolint:gosec // our own catalogue, encoded above
	})
	if err != nil {
		return fmt.Errorf("write document: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", s.Lang)
	h.Set("Content-Security-Policy", policy)
	h.Set("Permissions-Policy", permissions)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(body.Bytes())
	return nil
}

// ServeAsset writes one embedded file, and reports false when there is no such file or another version is asked for.
func (p *Page) ServeAsset(w http.ResponseWriter, version, name string) bool {
	var kind string
	switch path.Ext(name) {
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	}
	data, err := files.ReadFile("assets/" + name)
	if err != nil || version != p.version || kind == "" {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(data)
	return true
}
