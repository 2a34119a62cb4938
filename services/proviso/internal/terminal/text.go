// Package terminal draws text for people: safe, aligned by what is seen rather than by bytes, coloured where that helps.
//
// It owns width, wrapping, tables and colours. It knows nothing of runs and has no words of its own.
package terminal

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Clean makes text from elsewhere safe to print: escape sequences, other control characters and characters that turn the
// direction of writing are shown as \u{…}; tabs become spaces. Line ends stay.
func Clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '\t' || unsafe(r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t':
			b.WriteString("    ")
		case r == '\r':
		case unsafe(r):
			fmt.Fprintf(&b, "\\u{%x}", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafe(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.IsControl(r):
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // bidirectional marks
		return true
	}
	return false
}

// Width is the number of columns that a line of text takes.
func Width(s string) int {
	columns := 0
	for _, r := range s {
		columns += runeWidth(r)
	}
	return columns
}

func runeWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r < 0x1100:
		return 1
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Pad fills a line with spaces to a width.
func Pad(s string, columns int) string {
	if missing := columns - Width(s); missing > 0 {
		return s + strings.Repeat(" ", missing)
	}
	return s
}

// French sets a space before some marks and inside quotation marks; no line breaks there.
var (
	bind   = strings.NewReplacer(" ;", "\u00a0;", " :", "\u00a0:", " ?", "\u00a0?", " !", "\u00a0!", " »", "\u00a0»", "« ", "«\u00a0")
	unbind = strings.NewReplacer("\u00a0", " ")
)

// Wrap breaks text into lines of at most so many columns, between words where it can. No-break spaces become plain ones.
func Wrap(s string, columns int) []string {
	lines := wrap(bind.Replace(s), max(columns, 1))
	for i, l := range lines {
		lines[i] = unbind.Replace(l)
	}
	return lines
}

func wrap(s string, columns int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(s, "\n") {
		line, used := "", 0
		for word := range strings.FieldsFuncSeq(paragraph, func(r rune) bool { return r == ' ' }) {
			if used > 0 && used+1+Width(word) <= columns {
				line, used = line+" "+word, used+1+Width(word)
				continue
			}
			if used > 0 {
				lines = append(lines, line)
			}
			for Width(word) > columns {
				var head string
				head, word = split(word, columns)
				lines = append(lines, head)
			}
			line, used = word, Width(word)
		}
		lines = append(lines, line)
	}
	return lines
}

// split cuts a word after at most so many columns, and after at least one character.
func split(word string, columns int) (head, rest string) {
	used := 0
	for i, r := range word {
		if w := runeWidth(r); i > 0 && used+w > columns {
			return word[:i], word[i:]
		} else {
			used += w
		}
	}
	return word, ""
}
