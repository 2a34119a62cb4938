package profile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A token is a word or a number of a text.
type token struct {
	text       string // folded: lower case, without accents
	start, end int    // byte offsets in the text
	glued      bool   // joined to the one before by a hyphen
	broken     bool   // behind a comma or the like
	host       bool   // a host name
	foreign    bool   // part of an address or a reference: no word of the request
}

// mostText bounds what is read of a transcript, in bytes.
const mostText = 64 << 10

// hostPattern is a host name with a domain.
var hostPattern = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$`)

// notDomains end names of files and programs rather than of hosts.
var notDomains = set("js ts py rb php rs yaml yml json tf hcl toml md txt iso img qcow qcow2 zst gz conf sh env sql xml log lock css html pdf csv exe jar war")

// topDomains end host names of two labels.
var topDomains = set("com org net fr io dev eu de uk be ch ca us es it nl lu at pt info biz app cloud tech shop site online me co tv ai example test local lan internal intranet corp home localdomain")

// dottedPrograms look like host names and are none.
var dottedPrograms = set("asp.net rocket.chat temporal.io socket.io")

// tokens splits a text. What holds "://" or "@", and paths, are addresses and references: only the host of a web address is of use.
func tokens(text string) []token {
	var out []token
	broken := false
	for start := 0; start < len(text); {
		r, n := utf8.DecodeRuneInString(text[start:])
		if unicode.IsSpace(r) {
			start += n
			continue
		}
		end := start
		for end < len(text) {
			r, n := utf8.DecodeRuneInString(text[end:])
			if unicode.IsSpace(r) {
				break
			}
			end += n
		}
		out, broken = word(out, text, start, end, broken)
		start = end
	}
	return out
}

// word takes apart what stands between two spaces.
func word(out []token, text string, start, end int, broken bool) ([]token, bool) {
	whole := fold(text[start:end])
	if n := len(out); n > 0 && strings.Contains(whole, "/") && (out[n-1].text == "folder" || out[n-1].text == "dossier" || out[n-1].text == "directory" || out[n-1].text == "path") {
		return append(out, token{start: start, end: end, foreign: true}), broken
	}
	if t, ok := address(whole, start, end); ok {
		t.broken = broken
		return append(out, t), strings.ContainsAny(text[end-1:end], ",;.!?")
	}
	from, glued := -1, false
	flush := func(to int) {
		if from < 0 {
			return
		}
		for _, piece := range pieces(fold(text[from:to])) {
			out = append(out, token{text: piece, start: from, end: to, glued: glued, broken: broken})
			glued, broken = false, false
		}
		from = -1
	}
	for i := start; i < end; {
		r, n := utf8.DecodeRuneInString(text[i:])
		next, _ := utf8.DecodeRuneInString(text[min(i+n, len(text)):])
		joins := i+n < end && (unicode.IsLetter(next) || unicode.IsDigit(next))
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Mn, r), r == '#' && from >= 0, r == '_':
			if from < 0 {
				from = i
			}
		case r == '.' && joins && (from >= 0 || strings.HasPrefix(whole, ".net")):
			if from < 0 {
				from = i
			}
		case r == ':' && from >= 0 && joins && unicode.IsDigit(next) && digits(text[from:i]): // a time
		case r == '-' && from >= 0 && joins:
			flush(i)
			glued = true
			if unicode.IsDigit(next) && len(out) > 0 && digits(out[len(out)-1].text) { // "2-6"
				out = append(out, token{text: "-", start: i, end: i + n})
				glued = false
			}
		default:
			flush(i)
			glued = false
			switch {
			case r == '%':
				out = append(out, token{text: "%", start: i, end: i + n})
			case strings.ContainsRune(",;.!?()", r):
				broken = true
			}
		}
		i += n
	}
	flush(end)
	return out, broken
}

// address recognises what is no word: a host name, a web address, an image or a path.
func address(whole string, start, end int) (token, bool) {
	whole = strings.Trim(whole, ".,;:!?()\"'«»<>")
	rest, web := strings.CutPrefix(whole, "https://")
	if !web {
		rest, web = strings.CutPrefix(whole, "http://")
	}
	switch {
	case web:
		host, path, _ := strings.Cut(rest, "/")
		host, _, _ = strings.Cut(host, ":")
		if isHost(host) && !strings.HasSuffix(path, ".git") && !codeHost(host) {
			return token{text: host, start: start, end: end, host: true}, true
		}
		return token{start: start, end: end, foreign: true}, true
	case strings.Contains(whole, "://"), strings.Contains(whole, "@"), strings.HasPrefix(whole, "/"):
		return token{start: start, end: end, foreign: true}, true
	case strings.Contains(whole, "/") && (strings.Contains(whole, ":") || isHost(strings.Split(whole, "/")[0])): // an image, or a path somewhere
		t := token{start: start, end: end, foreign: true}
		if p := productOf(whole); p != nil && !strings.ContainsAny(p.name, "- ") {
			t.text, t.foreign = p.name, false
		}
		return t, true
	case isHost(whole):
		return token{text: whole, start: start, end: end, host: true}, true
	}
	return token{}, false
}

func isHost(s string) bool {
	if len(s) > 253 || !hostPattern.MatchString(s) || dottedPrograms[s] {
		return false
	}
	top := s[strings.LastIndexByte(s, '.')+1:]
	// Of two labels only one that ends as names of hosts do is one: "t3.medium" is the size of a machine.
	return !notDomains[top] && (strings.Count(s, ".") > 1 || topDomains[top])
}

func codeHost(host string) bool {
	return slices.Contains([]string{"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"}, host) || strings.HasPrefix(host, "git.")
}

// pieces splits a number from its unit: "4go", "70rps", "2h30"; and a program from its version: "redis:7" came apart before.
func pieces(s string) []string {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 || n == len(s) {
		return []string{s}
	}
	unit := n
	for unit < len(s) && s[unit] >= 'a' && s[unit] <= 'z' {
		unit++
	}
	switch {
	case unit == len(s):
		return []string{s[:n], s[n:]}
	case unit > n && digits(s[unit:]) && s[n:unit] == "h": // "2h30"
		return []string{s[:n], "h", s[unit:]}
	}
	return []string{s}
}

func digits(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// numerals are numbers written as words.
var numerals = map[string]int32{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
	"un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "douze": 12,
}

// number reads a token as a number.
func (t token) number() (int32, bool) {
	if digits(t.text) && len(t.text) <= 9 {
		n, err := strconv.ParseInt(t.text, 10, 32)
		return int32(n), err == nil
	}
	n, ok := numerals[t.text]
	return n, ok
}

// fold writes text in lower case without accents.
func fold(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < utf8.RuneSelf:
			b.WriteByte(byte(unicode.ToLower(r)))
		default:
			r = unicode.ToLower(r)
			if plain, ok := plains[r]; ok {
				b.WriteString(plain)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// plains are the letters of French without their accents, and the signs that stand for others.
var plains = func() map[rune]string {
	out := map[rune]string{'œ': "oe", 'æ': "ae", '’': "'", '‘': "'"}
	for plain, letters := range map[string]string{"a": "àâäáã", "c": "ç", "e": "éèêë", "i": "îïíì", "o": "ôöóò", "u": "ùûüú", "y": "ÿ", "n": "ñ"} {
		for _, r := range letters {
			out[r] = plain
		}
	}
	return out
}()

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}
