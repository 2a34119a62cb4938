package redact

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// announcement is a word after which a secret may stand. The first group is the password family, of which people write
// the value straight after the word; the second is the rest, which often occurs in ordinary sentences.
var announcement = regexp.MustCompile(`(?i)(passwords?|passwd|passphrases?|passcode|pwd|mots?[ -]de[ -]passe|motdepasse|mdp|phrases? (?:de passe|secr(?:è|e\x{300}|e)te))` +
	`|((?:api|access|secret|private|account|encryption)[ _-]?keys?|apikey|secrets?|token|credentials?|jetons?` +
	`|cl(?:é|e\x{301}|e)s?[ _-](?:d['’] ?)?(?:api|priv(?:é|e\x{301}|e)e|secr(?:è|e\x{300}|e)te|acc(?:è|e\x{300}|e)s)|identifiants?)`)

// separator stands between the word and the value. Signs may follow directly, verbs after a space.
var separator = regexp.MustCompile(`^(?:["'` + "`" + `]?[ \t\x{a0}\x{202f}]*(:=|=>|->|[:=]+)|[ \t]+(is set to|set to|should be|must be|will be|is|was|est|sera|soit|doit être|vaut|to|à|(?:ce sera|c['’]est)))[ \t\x{a0}\x{202f}]*`)

// addressee is whose secret it is, between the word and the separator: "password for the user bob is …".
var addressee = regexp.MustCompile(`^[ \t]+(?:(?:for|of|on|de la|de l['’]|de|du|des|d['’]|pour|sur) ?(?:(?:the|my|our|le|la|les|l['’]|mon|ma|notre) ?)?|(?:root|admin|administrator|administrateur|user|utilisateur)\b)[\p{L}\p{N}_.@'’-]*(?:[ \t]+[\p{L}_@-][\p{L}\p{N}_.@'’-]*){0,2}?`)

// announced replaces what follows an announcement.
func (r *Redactor) announced(s string) string {
	var b strings.Builder
	last := 0
	for _, m := range announcement.FindAllStringSubmatchIndex(s, -1) {
		if m[0] < last {
			continue
		}
		from, to := value(s, m[0], m[1], m[2] >= 0)
		if from == to || harmless(s[from:to]) {
			continue
		}
		kind := KindToken
		if m[2] >= 0 {
			kind = KindPassword
		}
		b.WriteString(s[last:from])
		b.WriteString(r.take(s[from:to], kind))
		last = to
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}

// value returns the span of the secret that the word s[start:end] announces, or an empty one.
func value(s string, start, end int, password bool) (from, to int) {
	before, _ := utf8.DecodeLastRuneInString(s[:start])
	first, _ := utf8.DecodeRuneInString(s[start:])
	inside := unicode.IsLetter(before) && !(unicode.IsUpper(first) && unicode.IsLower(before)) // "dbpassword" as against "dbPassword"
	rest := s[end:min(len(s), end+windowMost)]
	if next, _ := utf8.DecodeRuneInString(rest); unicode.IsLetter(next) || unicode.IsDigit(next) || next == '_' || (next == '-' && !strings.HasPrefix(rest, "->")) {
		return 0, 0 // the word goes on: token-service, passwordless
	}
	if m := separator.FindStringSubmatchIndex(rest); m != nil {
		sign := m[2] >= 0
		if inside && !sign {
			return 0, 0
		}
		from, to = word(s, end+m[1], isPhrase(s[start:end]))
		if from == to && sign && password { // the value stands alone on the next line
			from, to = nextLine(s, end+m[1])
			if !mixed(s[from:to]) {
				return 0, 0
			}
		}
		return judge(s, from, to, sign, password, false)
	}
	if inside {
		return 0, 0
	}
	if m := addressee.FindStringIndex(rest); m != nil && !placeholders.MatchString(rest[:m[1]]) {
		for _, n := range ends(rest, m[1]) {
			if sep := separator.FindStringSubmatchIndex(rest[n:]); sep != nil {
				from, to = word(s, end+n+sep[1], false)
				return judge(s, from, to, sep[2] >= 0, password, true)
			}
		}
	}
	gap := len(rest) - len(strings.TrimLeft(rest, " \t"))
	if gap == 0 {
		return 0, 0
	}
	from, to = word(s, end+gap, false)
	v := s[from:to]
	flag := strings.HasSuffix(strings.TrimRight(s[:start], "abcdefghijklmnopqrstuvwxyz-"), " ") && strings.Contains(s[max(0, start-24):start], "--")
	switch {
	case flag && utf8.RuneCountInString(v) >= 3:
		return from, to
	case password && mixed(v) && utf8.RuneCountInString(v) >= 5 && !ordinary(v):
		return from, to
	case !password && mixed(v) && len(v) >= 16 && !ordinary(v):
		return from, to
	case quoted(s, from) && password:
		return from, to
	}
	return 0, 0
}

// ends returns where the addressee may end: at each of the next few word boundaries from its shortest form on.
func ends(rest string, n int) []int {
	out := []int{n}
	for i := n; i < len(rest) && len(out) < 5; i++ {
		switch c := rest[i]; {
		case c == ' ' || c == '\t' || c == ':' || c == '=':
			if i > n {
				out = append(out, i)
			}
			if c == ':' || c == '=' {
				return out
			}
		case strings.IndexByte(".,;!?\n[", c) >= 0 && (i+1 >= len(rest) || rest[i+1] == ' ' || c == '\n' || c == '['):
			return out
		}
	}
	return out
}

// judge says whether a value after a separator is a secret. After a sign nearly everything is; after a verb, or behind an
// addressee, ordinary words are more likely.
func judge(s string, from, to int, sign, password, far bool) (int, int) {
	v := s[from:to]
	n := utf8.RuneCountInString(v)
	switch {
	case n < 3, stops[strings.ToLower(v)]:
		return 0, 0
	case quoted(s, from), mixed(v) && !ordinary(v) && n >= 4:
		return from, to
	case password && n >= 4 && strings.Trim(v, "0123456789") == "":
		return from, to
	case far && !password, ordinary(v) && (far || !sign || !password):
		return 0, 0
	case sign, password:
		return from, to
	}
	return 0, 0
}

func isPhrase(w string) bool { return strings.Contains(strings.ToLower(w), "phrase") }

// word returns the span of the value that begins at i: what stands in quotes, or one word without what punctuates it.
func word(s string, i int, phrase bool) (from, to int) {
	if i >= len(s) {
		return 0, 0
	}
	open, size := utf8.DecodeRuneInString(s[i:])
	if shut, ok := quotes[open]; ok {
		from = i + size
		line := s[from:min(len(s), from+windowMost)]
		if open == '«' {
			from += len(line) - len(strings.TrimLeft(line, " \u00a0\u202f"))
			line = s[from:min(len(s), from+windowMost)]
		}
		if n := strings.IndexAny(line, shut+"\n"); n > 0 && line[n] != '\n' {
			return from, from + len(strings.TrimRight(line[:n], " \u00a0\u202f"))
		}
		i += size
	}
	rest := s[i:min(len(s), i+windowMost)]
	if phrase {
		if n := strings.IndexAny(rest, ",;\n"); n >= 0 {
			rest = rest[:n]
		}
		return i, i + len(strings.TrimRight(rest, " \t.\r"))
	}
	if n := strings.IndexFunc(rest, unicode.IsSpace); n >= 0 {
		rest = rest[:n]
	}
	if m := nextField.FindStringIndex(rest); m != nil {
		rest = rest[:m[0]]
	}
	closing := ".,;:)]}>\"'`»”\u2019"
	if strings.HasPrefix(rest, "$") || strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "<") {
		closing = ".,;:\"'`»”\u2019" // ${NAME} points to a secret; its bracket belongs to it
	}
	return i, i + len(strings.TrimRight(rest, closing))
}

// nextLine returns the word that stands alone on the line after i.
func nextLine(s string, i int) (from, to int) {
	rest := s[i:]
	trimmed := strings.TrimLeft(rest, " \t\r\n")
	if len(rest)-len(trimmed) > 64 {
		return 0, 0
	}
	return word(s, i+len(rest)-len(trimmed), false)
}

func quoted(s string, from int) bool {
	if from == 0 {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s[:from], " \u00a0\u202f"))
	_, ok := quotes[before]
	return ok
}

var (
	quotes    = map[rune]string{'"': `"`, '\'': `'`, '`': "`", '«': "»", '“': "”", '‘': "’"}
	nextField = regexp.MustCompile(`[,;&][A-Za-z_][\w.-]*["']?[=:]`)
)

// windowMost is how far behind a word its value is searched, in bytes; it keeps the search linear.
const windowMost = 1024

// random replaces long random strings that stand close behind a word which announces a secret.
func (r *Redactor) random(s string) string {
	var b strings.Builder
	last, near := 0, -1
	for _, m := range randomOrWord.FindAllStringSubmatchIndex(s, -1) {
		if m[2] < 0 {
			near = m[1]
			continue
		}
		v := s[m[2]:m[3]]
		if near < 0 || m[2]-near > 64 || !isRandom(v) || public(s[:m[2]], v) || harmless(v) {
			continue
		}
		b.WriteString(s[last:m[2]])
		b.WriteString(r.take(v, KindRandom))
		last = m[3]
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}
