package gateway

import (
	"io"
	"net/http"
	"time"

	"proviso.dev/services/gateway/internal/page"
)

// The cookies hold how a person wants the page; they say nothing about who it is.
const (
	cookieLanguage = "proviso_language"
	cookieTheme    = "proviso_theme"
	cookieAge      = 365 * 24 * time.Hour
)

// maxReport bounds what is read of a report on the page's policy.
const maxReport = 8 << 10

// showPage answers with the web page, which is the same for every run: the run is in the address, and its data come over the
// interface. ?lang=fr keeps that choice and leads back to the address without it.
func (d *door) showPage(w http.ResponseWriter, r *http.Request) error {
	if lang := r.URL.Query().Get("lang"); lang == "en" || lang == "fr" {
		http.SetCookie(w, &http.Cookie{
			Name: cookieLanguage, Value: lang, Path: "/", MaxAge: int(cookieAge.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
		w.Header().Set("Location", r.URL.EscapedPath())
		w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	lang := cookieValue(r, cookieLanguage)
	if lang != "en" && lang != "fr" {
		lang = negotiate(r.Header.Get("Accept-Language"), "")
	}
	theme := page.Theme(cookieValue(r, cookieTheme))
	if theme != page.ThemeLight && theme != page.ThemeDark {
		theme = page.ThemeSystem
	}
	return d.page.ServeDocument(w, page.Settings{Lang: lang, Theme: theme, Path: r.URL.EscapedPath()})
}

func (d *door) showAsset(w http.ResponseWriter, r *http.Request) error {
	if !d.page.ServeAsset(w, r.PathValue("version"), r.PathValue("name")) {
		return &problem{code: codeNotFound}
	}
	return nil
}

// takeReport takes a browser's report that the page broke its policy. Anybody can send one, so it is only worth a line where
// somebody looks for it.
func (d *door) takeReport(w http.ResponseWriter, r *http.Request) error {
	report, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
	if err != nil {
		return &problem{code: codeMalformed, args: []any{"reason", "report"}}
	}
	d.log.Debug("page policy violated", "bytes", len(report))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func cookieValue(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
