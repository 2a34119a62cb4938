package understand

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenKind tells the kinds of token apart.
type tokenKind uint8

const (
	tokWord    tokenKind = iota // letters and digits with inner - _ . @: "serveur", "web-01", "lab.local"
	tokNumber                   // "4", "1,5", "2 048"
	tokQuoted                   // the text between quotes
	tokAddress                  // IPv4 address, with or without prefix length
	tokURL                      // http:// or https://
	tokVolume                   // storage:path
	tokKey                      // a public SSH key with its comment
	tokMark                     // one punctuation mark
	tokBreak                    // end of line
	tokOdd                      // one concealed character
)

// token is one token of a text.
type token struct {
	kind       tokenKind
	start, end int     // byte offsets, end exclusive, quotes included
	raw        string  // as written, for tokQuoted without the quotes
	fold       string  // folded form, for words and marks
	num        float64 // for numbers
	glued      bool    // nothing separates it from the token before
}

// scan cuts a text into tokens. It reads every byte once, whatever the text.
func scan(text string) []token {
	s := scanner{text: text, toks: make([]token, 0, len(text)/5+8)}
	for s.pos < len(text) {
		s.next()
	}
	return s.toks
}

type scanner struct {
	text string
	pos  int
	toks []token
}

func (s *scanner) add(kind tokenKind, start, end int, raw string, num float64) {
	t := token{kind: kind, start: start, end: end, raw: raw, num: num}
	if kind == tokWord || kind == tokMark {
		t.fold = fold(raw)
	}
	if n := len(s.toks); n > 0 {
		t.glued = s.toks[n-1].end == start && s.toks[n-1].kind != tokBreak
	}
	s.toks = append(s.toks, t)
	s.pos = end
}

func (s *scanner) next() {
	r, size := utf8.DecodeRuneInString(s.text[s.pos:])
	rest := s.text[s.pos:]
	switch {
	case r == '\n':
		s.add(tokBreak, s.pos, s.pos+1, "\n", 0)
	case r == '\r' && strings.HasPrefix(rest, "\r\n"):
		s.add(tokBreak, s.pos, s.pos+2, "\n", 0)
	case r == '\t' || unicode.Is(unicode.Zs, r):
		s.pos += size
	case concealed(r):
		s.add(tokOdd, s.pos, s.pos+size, rest[:size], 0)
	case s.quoted(r, size), s.key(rest), s.url(rest), s.volume(rest):
	case r >= '0' && r <= '9':
		if !s.address(rest) && !s.number(rest) {
			s.word(rest)
		}
	case wordRune(r):
		s.word(rest)
	default:
		s.add(tokMark, s.pos, s.pos+size, rest[:size], 0)
	}
}

// wordRune reports whether a rune may stand anywhere in a word.
func wordRune(r rune) bool {
	return r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_') ||
		r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r == '°')
}

// quotes maps an opening quote to its closing one.
var quotes = map[rune]string{'"': "\"", '«': "»", '“': "”", '„': "“", '‹': "›", '`': "`", '\'': "'", '‘': "’"}

// quotedMost bounds the search for a closing quote, so that a text of opening quotes is still read in linear time.
const quotedMost = 4400

func (s *scanner) quoted(r rune, size int) bool {
	closing, ok := quotes[r]
	if !ok {
		return false
	}
	single := r == '\'' || r == '‘'
	if single && s.pos > 0 {
		before, _ := utf8.DecodeLastRuneInString(s.text[:s.pos])
		if wordRune(before) { // an apostrophe
			return false
		}
	}
	body := s.text[s.pos+size:]
	if len(body) > quotedMost {
		body = body[:quotedMost]
	}
	from := 0
	for {
		i := strings.Index(body[from:], closing)
		if i < 0 {
			return false
		}
		end := from + i
		after, _ := utf8.DecodeRuneInString(body[end+len(closing):])
		if single && wordRune(after) { // an apostrophe inside the quotation
			from = end + len(closing)
			continue
		}
		raw := body[:end]
		if r == '«' || r == '‹' { // French quotes are set off by (no-break) spaces
			raw = strings.Trim(raw, " \u00a0\u202f")
		}
		s.add(tokQuoted, s.pos, s.pos+size+end+len(closing), raw, 0)
		return true
	}
}

// keyTypes are the beginnings of a public SSH key.
var keyTypes = []string{"ssh-ed25519 ", "ssh-rsa ", "ssh-dss ", "ecdsa-sha2-", "sk-ssh-ed25519@openssh.com ", "sk-ecdsa-sha2-"}

// key reads an SSH key: type, base64 and, where it cannot be meant otherwise, the comment: the rest of the line when
// the key began the line, else one word with an @.
func (s *scanner) key(rest string) bool {
	if rest[0] != 's' && rest[0] != 'e' {
		return false
	}
	if !hasAnyPrefix(rest, keyTypes) || s.gluedToWord() {
		return false
	}
	typ, after, ok := strings.Cut(rest, " ")
	if !ok || strings.ContainsAny(typ, "\r\n\t") {
		return false
	}
	n := 0
	for n < len(after) && base64Byte(after[n]) {
		n++
	}
	if n < 16 || !strings.HasPrefix(after, "AAAA") {
		return false
	}
	end := len(typ) + 1 + n
	tail := rest[end:]
	if strings.HasPrefix(tail, " ") {
		line, _, _ := strings.Cut(tail[1:], "\n")
		line = strings.TrimRight(line, "\r \t")
		word, _, _ := strings.Cut(line, " ")
		word = strings.TrimRight(word, ",;.)\"'»")
		switch {
		case s.startsLine() && line != "":
			end += 1 + len(line)
		case strings.Contains(word, "@"):
			end += 1 + len(word)
		}
	}
	s.add(tokKey, s.pos, s.pos+end, rest[:end], 0)
	return true
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func base64Byte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '='
}

func (s *scanner) gluedToWord() bool {
	r, _ := utf8.DecodeLastRuneInString(s.text[:s.pos])
	return s.pos > 0 && wordRune(r)
}

func (s *scanner) startsLine() bool {
	return s.pos == 0 || s.text[s.pos-1] == '\n'
}

func (s *scanner) url(rest string) bool {
	if len(rest) < 8 || (rest[0] != 'h' && rest[0] != 'H') || s.gluedToWord() {
		return false
	}
	if low := strings.ToLower(rest[:8]); !strings.HasPrefix(low, "http://") && low != "https://" {
		return false
	}
	end := strings.IndexFunc(rest, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("\"'`<>«»“”", r) || concealed(r)
	})
	if end < 0 {
		end = len(rest)
	}
	for end > 8 && strings.ContainsRune(".,;:!?)", rune(rest[end-1])) {
		end--
	}
	s.add(tokURL, s.pos, s.pos+end, rest[:end], 0)
	return true
}

// volume reads "storage:path" where the path looks like one: with a directory or the suffix of a disk image.
func (s *scanner) volume(rest string) bool {
	if s.gluedToWord() {
		return false
	}
	colon := 0
	for colon < len(rest) && nameByte(rest[colon]) {
		colon++
	}
	if colon == 0 || colon > 100 || colon+1 >= len(rest) || rest[colon] != ':' || !nameByte(rest[colon+1]) {
		return false
	}
	end := colon + 1
	for end < len(rest) && (nameByte(rest[end]) || rest[end] == '/' || rest[end] == '+') {
		end++
	}
	for end > colon+1 && rest[end-1] == '.' {
		end--
	}
	path := rest[colon+1 : end]
	if !strings.Contains(path, "/") && !imageFile(path) {
		return false
	}
	s.add(tokVolume, s.pos, s.pos+end, rest[:end], 0)
	return true
}

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
}

// imageFile reports whether a name ends like a disk image.
func imageFile(name string) bool {
	name = strings.ToLower(name)
	for _, suffix := range []string{".qcow2", ".img", ".iso", ".raw", ".vmdk"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// address reads an IPv4 address and its prefix length as far as the form goes; whether it is one is checked later, so
// that "192.168.0.300" can be asked about.
func (s *scanner) address(rest string) bool {
	i := 0
	for part := range 4 {
		n := digits(rest[i:])
		if n == 0 || n > 3 {
			return false
		}
		i += n
		if part < 3 {
			if i >= len(rest) || rest[i] != '.' {
				return false
			}
			i++
		}
	}
	if i < len(rest) && rest[i] == '/' {
		if n := digits(rest[i+1:]); n > 0 && n <= 3 {
			i += 1 + n
		}
	}
	if i < len(rest) {
		if r, _ := utf8.DecodeRuneInString(rest[i:]); wordRune(r) {
			return false
		}
	}
	s.add(tokAddress, s.pos, s.pos+i, rest[:i], 0)
	return true
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// number reads a number and splits a unit that is written on to it: "8Go", "4c", "4-core", "2x". A word that merely
// begins with a digit is no number.
func (s *scanner) number(rest string) bool {
	n := digits(rest)
	if n > 15 {
		return false
	}
	literal := rest[:n]
	for { // "2 048" and "2'048": a narrow space or apostrophe, then exactly three digits
		gap := groupGap(rest[n:])
		if gap == 0 && n <= 3 && megabytes(rest[n:]) {
			gap = 1
		}
		if gap == 0 || digits(rest[n+gap:]) != 3 || len(literal) > 9 {
			break
		}
		literal += rest[n+gap : n+gap+3]
		n += gap + 3
	}
	if n+1 < len(rest) && (rest[n] == '.' || rest[n] == ',') && digits(rest[n+1:]) > 0 {
		frac := digits(rest[n+1:])
		if rest[n] == ',' && frac == 3 && literal != "0" && n <= 3 {
			literal += rest[n+1 : n+1+frac] // thousands, English style
		} else {
			literal += "." + rest[n+1:n+1+frac]
		}
		n += 1 + frac
	}
	end := n
	for end < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[end:])
		if !wordRune(r) && (r != '-' || end+1 >= len(rest) || !nameByte(rest[end+1])) {
			break
		}
		end += size
	}
	value, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return false
	}
	if suffix := rest[n:end]; suffix != "" {
		unit := strings.TrimPrefix(fold(suffix), "-")
		if unit[:min(1, len(unit))] == "x" && digits(unit[1:]) > 0 && times(unit[1:]) { // "2x4 cores", "2x100GB"
			s.add(tokNumber, s.pos, s.pos+n, rest[:n], value)
			s.add(tokWord, s.pos, s.pos+1, rest[n:n+1], 0)
			return true
		}
		if !gluedUnits[unit] {
			return false
		}
	}
	s.add(tokNumber, s.pos, s.pos+n, rest[:n], value)
	if strings.HasPrefix(s.text[s.pos:], "-") {
		s.pos++
	}
	return true
}

// times reports whether what follows the x of "2x4" is a number, alone or with its unit.
func times(s string) bool {
	unit := s[digits(s):]
	return unit == "" || gluedUnits[unit]
}

// groupGap returns the length of a thousands separator at the beginning of s: a no-break space, a narrow one, or an
// apostrophe; 0 when there is none. A plain space separates words.
func groupGap(s string) int {
	for _, gap := range []string{"\u00a0", "\u202f", "'"} {
		if strings.HasPrefix(s, gap) {
			return len(gap)
		}
	}
	return 0
}

// megabytes reports whether s goes on as a number of four digits or more of megabytes written with a plain space: the
// " 048 Mo" of "2 048 Mo".
func megabytes(s string) bool {
	if !strings.HasPrefix(s, " ") || digits(s[1:]) != 3 {
		return false
	}
	unit := strings.TrimPrefix(s[4:], " ")
	end := 0
	for end < len(unit) && end < 10 && (unit[end] >= 'a' && unit[end] <= 'z' || unit[end] >= 'A' && unit[end] <= 'Z') {
		end++
	}
	return sizeUnits[strings.ToLower(unit[:end])] == 1
}

// elisions are the French words that lose their vowel before another.
var elisions = map[string]bool{"l'": true, "d'": true, "s'": true, "qu'": true, "n'": true, "j'": true, "m'": true,
	"t'": true, "c'": true, "jusqu'": true, "lorsqu'": true, "puisqu'": true, "quelqu'": true}

func (s *scanner) word(rest string) {
	i := 0
	for i < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[i:])
		if wordRune(r) {
			i += size
			continue
		}
		apostrophe := r == '\'' || r == '’'
		if apostrophe && i <= len("jusqu") && elisions[fold(rest[:i+size])] {
			s.add(tokWord, s.pos, s.pos+i+size, rest[:i+size], 0)
			return
		}
		if i+size >= len(rest) {
			break
		}
		after, _ := utf8.DecodeRuneInString(rest[i+size:])
		if apostrophe {
			if !unicode.IsLetter(after) {
				break
			}
		} else if !strings.ContainsRune("-.@", r) || !wordRune(after) {
			break
		}
		i += size
	}
	s.add(tokWord, s.pos, s.pos+i, rest[:i], 0)
}
