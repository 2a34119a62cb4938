package understand

import (
	"proviso.dev/pkg/i18n"
	"proviso.dev/services/collector/internal/wording"
)

// say returns a text of the collector's catalogue.
func say(lang, key string, args ...any) string { return i18n.T(lang, "collector."+key, args...) }

// Count writes a number of things that the catalogue knows; see wording.Count.
func Count(lang, thing string, n int) string { return wording.Count(lang, thing, n) }

// sizeText writes a size in MiB.
func sizeText(lang string, mib int) string { return wording.Size(lang, mib) }

// yesNo writes a truth.
func yesNo(lang string, b bool) string { return wording.YesNo(lang, b) }

// listText joins names for reading.
func listText(lang string, names []string) string { return wording.List(lang, names) }

// quoteText shows words of the requester: nothing concealed, and no longer than a line.
func quoteText(s string) string { return wording.Quote(s) }

// roleText is the name of a role for people.
func roleText(lang, role string) string {
	if key := "collector.role." + role; i18n.Has(lang, key) {
		return i18n.T(lang, key)
	}
	return role
}
