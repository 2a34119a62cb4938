// Package prompt prepares text for a prompt: hygiene and fences.
//
// It owns what untrusted text must go through before a model sees it: concealed characters out, compatibility forms
// folded, a cap, and a fence that the text cannot close. It holds no prompt: those are files beside whoever asks, since a
// prompt and what is made of its answer change together.
package prompt

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean returns a text as a model may see it, of at most limit bytes: valid UTF-8 in normal form KC, without control
// characters but line break and tab, and without characters that nobody sees: zero-width, bidirectional, tags, private use.
func Clean(s string, limit int) string {
	if len(s) > 4*limit { // nothing behind it can come into the result
		s = s[:4*limit]
	}
	s = norm.NFKC.String(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u2028' || r == '\u2029' || r == '\r':
			return '\n'
		case Concealed(r):
			return -1
		}
		return r
	}, s)
	if len(s) <= limit {
		return s
	}
	const cut = "…"
	end := max(0, limit-len(cut))
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	if limit < len(cut) {
		return ""
	}
	return s[:end] + cut
}

// Concealed reports whether a character changes a text without showing: controls, format characters such as zero-width and
// bidirectional ones, tags, variation selectors, fillers, and what no font agrees upon.
func Concealed(r rune) bool {
	switch {
	case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs), r >= 0xE0000 && r <= 0xE0FFF:
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, r == 0x034F, r == 0x2800, r == utf8.RuneError:
		return true
	}
	return false
}

// Data fences an untrusted text: what stands between the tags is data, whatever it says. The text is cleaned and capped,
// and nothing in it can look like a tag.
func Data(id, source, text string, limit int) string {
	text = strings.NewReplacer("<", "‹", ">", "›").Replace(Clean(text, limit))
	return "<data id=" + attribute(id) + " source=" + attribute(source) + ">\n" + text + "\n</data>"
}

func attribute(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '"' || r == '<' || r == '>' || r == '\n' {
			return '_'
		}
		return r
	}, Clean(s, 80))
	return `"` + s + `"`
}
