// Package wording writes sizes, counts, lists and other people's words as a person of a language reads them.
//
// It owns the form of a value in a sentence. It does not own the sentences, which are the catalogue's, nor what they say.
package wording

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"proviso.dev/pkg/i18n"
)

// Count writes a number of things that the catalogue knows, "node", "guest", "core", in the number that the language asks for:
// French has none and one in the singular.
func Count(lang, thing string, n int) string { return Plural(lang, "collector.count."+thing, n) }

// Plural returns the text of a key in the number that the language asks for: key.one or key.many, with {n} and what else is
// given.
func Plural(lang, key string, n int, args ...any) string {
	form := ".many"
	if n == 1 || n == 0 && lang == i18n.French {
		form = ".one"
	}
	return i18n.T(lang, key+form, append([]any{"n", n}, args...)...)
}

// Size writes a size in MiB: "2 GiB", "1,5 Gio", "512 Mio".
func Size(lang string, mib int) string {
	unit, n := "MiB", float64(mib)
	switch {
	case mib >= 1<<20 && mib%(1<<18) == 0:
		unit, n = "TiB", n/(1<<20)
	case mib >= 1024 && mib%256 == 0:
		unit, n = "GiB", n/1024
	}
	return number(lang, strconv.FormatFloat(n, 'f', -1, 64)) + " " + unitOf(lang, unit)
}

// Room writes a size in bytes rounded down to a tenth of a GiB, so that nobody is promised more than there is.
func Room(lang string, bytes int64) string {
	tenths := max(0, bytes) * 10 >> 30
	return number(lang, strconv.FormatFloat(float64(tenths)/10, 'f', -1, 64)) + " " + unitOf(lang, "GiB")
}

// Amount writes a plain number with the decimal mark of the language.
func Amount(lang string, n float64) string {
	return number(lang, strconv.FormatFloat(n, 'f', -1, 64))
}

func number(lang, s string) string {
	if lang == i18n.French {
		return strings.ReplaceAll(s, ".", ",")
	}
	return s
}

func unitOf(lang, unit string) string {
	if lang == i18n.French {
		return strings.Replace(unit, "iB", "io", 1)
	}
	return unit
}

// YesNo writes a truth.
func YesNo(lang string, b bool) string {
	if b {
		return i18n.T(lang, "collector.yes")
	}
	return i18n.T(lang, "collector.no")
}

// List joins names for reading.
func List(lang string, names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + i18n.T(lang, "collector.and") + " " + names[len(names)-1]
}

// Quote shows words of somebody else: nothing concealed, and no longer than a line.
func Quote(s string) string { return Clip(Visible(strings.Join(strings.Fields(s), " ")), 120) }

// Concealed reports whether a rune changes how text is shown without being seen: control characters, marks that turn
// the direction of writing, zero-width characters.
func Concealed(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar ||
		r == '\u2028' || r == '\u2029'
}

// Visible returns text in which everything concealed is written as its code point, fit to be shown to a person.
func Visible(s string) string {
	if !strings.ContainsFunc(s, Concealed) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if Concealed(r) {
			b.WriteString("⟨U+" + strings.ToUpper(hex4(r)) + "⟩")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func hex4(r rune) string {
	const digits = "0123456789abcdef"
	var b [6]byte
	n := len(b)
	for i := n - 1; i >= 0; i-- {
		b[i] = digits[r&0xf]
		r >>= 4
	}
	return strings.TrimPrefix(strings.TrimPrefix(string(b[:]), "0"), "0")
}

// Clip cuts text to at most n bytes at a rune boundary; what is cut is replaced by an ellipsis.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
