package understand

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold returns the form in which words are compared: lower case, without accents, ligatures opened.
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch r {
		case 'œ', 'Œ':
			b.WriteString("oe")
		case 'æ', 'Æ':
			b.WriteString("ae")
		case '’', '‘', 'ʼ':
			b.WriteByte('\'')
		default:
			if !unicode.Is(unicode.Mn, r) {
				b.WriteRune(unicode.ToLower(r))
			}
		}
	}
	return b.String()
}

// distance is the number of insertions, deletions, replacements and swaps of neighbours between two short words; more
// than limit is reported as limit+1.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	const most = 64
	if len(a) >= most || len(b) >= most {
		if a == b {
			return 0
		}
		return limit + 1
	}
	var rows [3][most]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, above2 := &rows[i%3], &rows[(i-1)%3], &rows[(i+1)%3]
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], above2[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit {
			return limit + 1
		}
	}
	return min(rows[len(a)%3][len(b)], limit+1)
}

// concealed reports whether a rune changes how text is shown without being seen: control characters, marks that turn
// the direction of writing, zero-width characters.
func concealed(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar ||
		r == '\u2028' || r == '\u2029'
}

// visible returns text in which everything concealed is written as its code point, fit to be shown to a person.
func visible(s string) string {
	if !strings.ContainsFunc(s, concealed) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if concealed(r) {
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

// clip cuts text to at most n bytes at a rune boundary; what is cut is replaced by an ellipsis.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
