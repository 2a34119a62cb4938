package understand

import (
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
)

// say returns a text of the collector's catalogue.
func say(lang, key string, args ...any) string { return i18n.T(lang, "collector."+key, args...) }

// Count writes a number of things that the catalogue knows, "node", "guest", "core", in the number that the language asks for:
// French has none and one in the singular.
func Count(lang, thing string, n int) string {
	if n == 1 || n == 0 && lang == i18n.French {
		return say(lang, "count."+thing+".one", "n", n)
	}
	return say(lang, "count."+thing+".many", "n", n)
}

// sizeText writes a size in MiB as a person of that language reads it: "2 GiB", "1,5 Gio", "512 Mio".
func sizeText(lang string, mib int) string {
	unit, n := "MiB", float64(mib)
	switch {
	case mib >= 1<<20 && mib%(1<<18) == 0:
		unit, n = "TiB", n/(1<<20)
	case mib >= 1024 && mib%256 == 0:
		unit, n = "GiB", n/1024
	}
	s := strconv.FormatFloat(n, 'f', -1, 64)
	if lang == i18n.French {
		s = strings.ReplaceAll(s, ".", ",")
		unit = strings.Replace(unit, "iB", "io", 1)
	}
	return s + " " + unit
}

// yesNo writes a truth.
func yesNo(lang string, b bool) string {
	if b {
		return say(lang, "yes")
	}
	return say(lang, "no")
}

// listText joins names for reading.
func listText(lang string, names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + say(lang, "and") + " " + names[len(names)-1]
}

// quoteText shows words of the requester: nothing concealed, and no longer than a line.
func quoteText(s string) string { return clip(visible(strings.Join(strings.Fields(s), " ")), 120) }

// roleText is the name of a role for people.
func roleText(lang, role string) string {
	if key := "collector.role." + role; i18n.Has(lang, key) {
		return i18n.T(lang, key)
	}
	return role
}
