package guard

import (
	"cmp"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// KindQuoted is the kind of a passage that somebody pasted, such as a Dockerfile or an alert: nobody asked for what it says. By itself
// it is not suspicious.
const KindQuoted = "quoted"

// A Passage is a part of a text that is data and no request.
type Passage struct {
	Start, End int    // byte offsets, end exclusive
	Kind       string // one of the kinds; of several that overlap, the first
}

// Passages returns the parts of a requester's text from which nothing is to be taken, in order and without overlap: what
// [Inspect] recognises, each from where it begins to the end of what it says, and what was pasted. A concealed character between
// words sets nothing aside: it is left over by copying more often than it is an attack.
func Passages(text string) []Passage {
	if len(text) > textMost {
		return nil // is refused as a whole
	}
	text = withoutMachines(text)
	out := quoted(text)
	if len(Inspect("request", text)) > 0 {
		out = append(out, suspicious(text)...)
	}
	return merged(text, out)
}

// suspicious finds every passage that one of the patterns recognises.
func suspicious(text string) []Passage {
	var out []Passage
	folded, raw, low := foldMapped(text), same(text), strings.ToLower(text)
	whole := source{text: text, low: asciiLower(text), asked: len(text)}
	if m := asks.FindStringIndex(text); m != nil {
		whole.asked = m[0]
	}
	for _, p := range allPatterns {
		subject, hints := folded, folded.text
		if p.raw {
			subject, hints = raw, low
		}
		if p.data || !p.hinted(hints) {
			continue
		}
		for _, re := range p.res {
			for _, m := range re.FindAllStringIndex(subject.text, 16) {
				if m[0] == m[1] {
					continue
				}
				start, end := subject.span(m[0], m[1])
				out = append(out, whole.extend(start, end, p.kind))
			}
		}
	}
	return append(out, overrides(text)...)
}

// overrides finds what is set in the other direction, in characters that are not shown, or in words with such characters inside.
func overrides(text string) []Passage {
	var out []Passage
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		end := i + size
		switch {
		case r >= 0xE0000 && r <= 0xE007F:
			out = append(out, Passage{i, end, KindConcealed})
		case r >= 0x202A && r <= 0x202E && r != 0x202C, r >= 0x2066 && r <= 0x2068:
			end = lineEnd(text, i)
			if k := strings.IndexAny(text[i:end], "\u202c\u2069"); k >= 0 {
				end = i + k + len("\u202c")
			}
			out = append(out, Passage{wordStart(text, i), end, KindConcealed})
		case concealedAt("."+text[i:end]) >= 0 && wordStart(text, i) < i && end < len(text) && wordEnd(text, end) > end: // inside of a word
			out = append(out, Passage{wordStart(text, i), wordEnd(text, end), KindConcealed})
		}
		i = end
	}
	return out
}

// separates reports whether a rune stands between words. Concealed ones do not.
func separates(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.In(r, unicode.Cf)
}

// wordStart returns where the word begins that goes on to a place.
func wordStart(text string, at int) int {
	i := strings.LastIndexFunc(text[:at], separates)
	if i < 0 {
		return 0
	}
	_, size := utf8.DecodeRuneInString(text[i:])
	return i + size
}

// wordEnd returns where the word ends that goes on at a place.
func wordEnd(text string, at int) int {
	if k := strings.IndexFunc(text[at:], separates); k >= 0 {
		return at + k
	}
	return len(text)
}

// closers end what their openers began, wherever that is.
var closers = []struct{ open, end string }{{"<|im_start|>", "<|im_end|>"}, {"<system>", "</system>"}, {"<prompt>", "</prompt>"}, {"<instructions>", "</instructions>"},
	{"[inst]", "[/inst]"}, {"<<sys>>", "<</sys>>"}, {"<script", "</script>"}, {"<!--", "-->"}}

// source is a text with what is looked up in it for every match.
type source struct {
	text, low string // low: ASCII letters are small
	asked     int    // where the first words stand that ask for something; the length of the text: nowhere
}

// extend returns the passage that a match stands in: from the clause it begins, or the quotation it is in, to the end of what
// is said with it. An instruction speaks to the end of its line, since what it commands may be a sentence of its own.
func (s source) extend(start, end int, kind string) Passage {
	text, low := s.text, s.low
	from, to := s.clauseStart(start, kind), sentenceEnd(text, end)
	if kind == KindInstruction || kind == KindSecretRequest || kind == KindMarkup {
		to = lineEnd(text, end)
	}
	if open := openQuote(text, start); open >= 0 && open < from {
		from = open
	}
	for _, c := range closers {
		if i := strings.Index(low[from:to], c.open); i >= 0 {
			if k := strings.Index(low[from+i:], c.end); k >= 0 {
				to = max(to, from+i+k+len(c.end))
			}
		}
	}
	return Passage{from, max(to, end), kind}
}

// asciiLower writes ASCII letters small and leaves every offset as it is.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// asks are words that say that something before them in the sentence is the request itself.
var asks = regexp.MustCompile(`(?i)\d|\b(?:create|build|make|deploy|vms?|machines?|servers?|serveurs?|containers?|conteneurs?|templates?|mod[eè]les?|give|need|want|add|cr[eé]e[rz]?|construi\w+|donne[rz]?|ajoute[rz]?|veux|voudrais|faut|besoin)\b`)

// clauseStart returns where the words begin that lead to a match: the start of its sentence when those words ask for nothing
// themselves, or when another sentence before has asked; else the match.
func (s source) clauseStart(at int, kind string) int {
	text, from := s.text, at
	for from > 0 {
		c := text[from-1]
		if c == '\n' || strings.IndexByte(".!?;", c) >= 0 && (from == at || text[from] == ' ') {
			break
		}
		from--
	}
	if kind == KindInstruction && s.asked < from {
		return from
	}
	if lead := text[from:at]; len(lead) > 120 || len(strings.Fields(lead)) > 8 || asks.MatchString(lead) {
		return at
	}
	return from
}

// openQuote returns where the quotation opens that a place of a line is in; -1: it is in none.
func openQuote(text string, at int) int {
	from := strings.LastIndexByte(text[:at], '\n') + 1
	if line := text[from:at]; strings.Count(line, `"`)%2 == 1 {
		return from + strings.LastIndexByte(line, '"')
	}
	open, closed := strings.LastIndex(text[from:at], "«"), strings.LastIndex(text[from:at], "»")
	if open > closed {
		return from + open
	}
	return -1
}

// sentenceEnd returns where the sentence ends in which a place stands; at the latest, its line does.
func sentenceEnd(text string, at int) int {
	end := lineEnd(text, at)
	for i := max(at-1, 0); i < end; i++ {
		if strings.IndexByte(".!?", text[i]) >= 0 && i+1 >= at && (i+1 == end || text[i+1] == ' ') {
			return i + 1
		}
	}
	return end
}

func lineEnd(text string, at int) int {
	if at > 0 && at <= len(text) && text[at-1] == '\n' {
		return at
	}
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

// merged sorts passages and joins those between which nothing is said.
func merged(text string, list []Passage) []Passage {
	slices.SortStableFunc(list, func(a, b Passage) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	var out []Passage
	for _, p := range list {
		k := len(out) - 1
		if k < 0 || p.Start > out[k].End && strings.ContainsFunc(text[out[k].End:p.Start], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			out = append(out, p)
			continue
		}
		if out[k].Kind == KindQuoted {
			out[k].Kind = p.Kind // what is suspicious says more
		}
		out[k].End = max(out[k].End, p.End)
	}
	return out
}

// mapped is a text with the place in the original that each of its bytes stands for.
type mapped struct {
	text     string
	from, to []int // nil: it is the original itself
}

func same(text string) mapped { return mapped{text: text} }

// span returns the place in the original of a part of the text.
func (m mapped) span(start, end int) (from, to int) {
	if m.from == nil {
		return start, end
	}
	from, to = m.from[start], m.to[start]
	for i := start; i < end; i++ {
		from, to = min(from, m.from[i]), max(to, m.to[i])
	}
	return from, to
}

func (m *mapped) add(s string, from, to int) {
	m.text += s
	for range len(s) {
		m.from, m.to = append(m.from, from), append(m.to, to)
	}
}

// foldMapped is [fold] of a text and of what [decoded] finds in it, with the places.
func foldMapped(text string) mapped {
	var b strings.Builder
	m := mapped{from: []int{}, to: []int{}}
	space := false
	write := func(s string, from, to int) {
		b.WriteString(s)
		for range len(s) {
			m.from, m.to = append(m.from, from), append(m.to, to)
		}
	}
	fold := func(s string, at func(i, size int) (int, int)) {
		for i := 0; i < len(s); {
			r, size := utf8.DecodeRuneInString(s[i:])
			from, to := at(i, size)
			i += size
			if r == utf8.RuneError && size == 1 {
				r = ' '
			}
			for _, r := range norm.NFKD.String(string(r)) {
				switch {
				case unread(r):
					continue
				case unicode.IsSpace(r):
					space = true
					continue
				}
				if space && b.Len() > 0 {
					write(" ", from, from)
				}
				space = false
				write(lookalikes.Replace(string(unicode.ToLower(r))), from, to)
			}
		}
	}
	fold(text, func(i, size int) (int, int) { return i, i + size })
	for _, d := range hiddenIn(text) {
		space = true
		fold(d.plain, func(int, int) (int, int) { return d.start, d.end })
	}
	m.text = b.String()
	m = m.replace(spaced, func(s string) string { return separators.Replace(s) })
	return m.replace(leetWord, func(s string) string {
		if plain := leet.Replace(s); wanted[plain] {
			return plain
		}
		return s
	})
}

// replace writes every match of an expression anew.
func (m mapped) replace(re *regexp.Regexp, f func(string) string) mapped {
	out, last := mapped{from: []int{}, to: []int{}}, 0
	keep := func(start, end int) {
		out.text += m.text[start:end]
		out.from, out.to = append(out.from, m.from[start:end]...), append(out.to, m.to[start:end]...)
	}
	for _, at := range re.FindAllStringIndex(m.text, -1) {
		was := m.text[at[0]:at[1]]
		if now := f(was); now != was {
			keep(last, at[0])
			from, to := m.span(at[0], at[1])
			out.add(now, from, to)
			last = at[1]
		}
	}
	if last == 0 {
		return m
	}
	keep(last, len(m.text))
	return out
}

// hidden is a text that stands behind a word.
type hidden struct {
	plain      string
	start, end int
}

// hiddenIn returns what stands behind words that hide a text: base64, and names whose parts are the words of a sentence.
func hiddenIn(text string) []hidden {
	var out []hidden
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		end := len(text)
		if k := strings.IndexFunc(text[i:], unicode.IsSpace); k >= 0 {
			end = i + k
		}
		w := text[i:end]
		if len(w) <= wordMost {
			if strings.Count(w, "-")+strings.Count(w, "_")+strings.Count(w, ".") >= 2 {
				out = append(out, hidden{parts.Replace(w), i, end})
			}
			if w = strings.Trim(w, ".,;:()\"'"); len(w) >= 16 && !strings.HasPrefix(w, "AAAA") {
				if plain, err := base64.StdEncoding.DecodeString(w); err == nil && !strings.ContainsFunc(string(plain), unprintable) {
					out = append(out, hidden{string(plain), i, end})
				}
			}
		}
		i = end
	}
	return out
}

var (
	separators = strings.NewReplacer(" ", "", ".", "", "_", "", "*", "", "-", "")
	parts      = strings.NewReplacer("-", " ", "_", " ", ".", " ", ";", " ")
)
