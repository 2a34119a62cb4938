// Package guard recognises passages that try to be more than data: instructions to a model, requests for secrets, commands,
// markup, concealed characters, paths out of where they belong, and texts of absurd size.
//
// It owns the recognition and how a passage is shown. It changes nothing: understanding takes nothing from such a passage
// anyway, since it takes only what its grammar and the cluster know. What is recognised is for the audit, and keeps a
// request from a model. It is a pure function of the text, in English and French, linear in its length.
package guard

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Kinds of passages; the words are those of the contract.
const (
	KindInstruction   = "instruction"
	KindSecretRequest = "secret_request"
	KindCommand       = "command"
	KindMarkup        = "markup"
	KindConcealed     = "concealed"
	KindPath          = "path"
	KindOversize      = "oversize"
)

// The sizes from which on a text, or a word in it, is absurd; in bytes.
const (
	textMost = 16 << 10
	wordMost = 600
)

// Inspect returns what is suspicious about a text, one suspicion a kind. Source says where it stood: "request", "answer",
// "guest 104 tags".
func Inspect(source, text string) []*provisov1.Suspicion {
	var out []*provisov1.Suspicion
	add := func(kind, passage string) {
		out = append(out, &provisov1.Suspicion{Kind: kind, Source: clip(show(source), 256), Excerpt: excerpt(passage)})
	}
	if len(text) > textMost {
		add(KindOversize, text)
		text = text[:textMost]
	}
	if i := concealedAt(text); i >= 0 {
		add(KindConcealed, text[around(text, i):])
	}
	text = withoutMachines(text)
	plain, low := fold(text+decoded(text)), strings.ToLower(text)
	material := plain // what somebody else wrote
	if source == "request" || source == "answer" {
		material = ""
		for _, q := range quoted(text) {
			material += fold(text[q.Start:q.End]) + "\n"
		}
	}
	found := map[string]bool{}
	for _, p := range allPatterns {
		if found[p.kind] || p.data && material == "" {
			continue
		}
		subject, hints := plain, plain
		if p.data {
			subject, hints = material, material
		}
		if p.raw {
			subject, hints = text, low
		}
		if !p.hinted(hints) {
			continue
		}
		for _, re := range p.res {
			if m := re.FindStringIndex(subject); m != nil {
				add(p.kind, subject[m[0]:min(len(subject), m[1]+80)])
				found[p.kind] = true
				break
			}
		}
	}
	if len(text) < textMost {
		for w := range strings.FieldsSeq(text) {
			if len(w) > wordMost && !strings.HasPrefix(w, "AAAA") && !strings.Contains(w, "[secret-") {
				add(KindOversize, w)
				break
			}
		}
	}
	return out
}

// clusterMost bounds how many passages of a cluster are reported with one request.
const clusterMost = 32

// Cluster inspects the free text of a cluster: names, tags and comments that somebody else wrote.
func Cluster(s *pve.Snapshot) []*provisov1.Suspicion {
	if s == nil {
		return nil
	}
	var out []*provisov1.Suspicion
	inspect := func(source func() string, text string) {
		if plainWord(text) || len(out) >= clusterMost {
			return
		}
		out = append(out, Inspect(source(), text)...)
	}
	for _, g := range s.Guests {
		inspect(func() string { return "guest " + itoa(g.VMID) + " name" }, g.Name)
		for _, t := range g.Tags {
			inspect(func() string { return "guest " + itoa(g.VMID) + " tag" }, t)
		}
	}
	for _, p := range s.Pools {
		inspect(func() string { return "pool " + p.Name + " name" }, p.Name)
		inspect(func() string { return "pool " + p.Name + " comment" }, p.Comment)
	}
	for _, v := range s.Volumes {
		inspect(func() string { return "volume " + v.ID }, v.ID)
	}
	return out[:min(len(out), clusterMost)]
}

// Configs inspects the free text of the configurations that a snapshot has: descriptions, which only those of guests that a
// request speaks of are read with.
func Configs(s *pve.Snapshot) []*provisov1.Suspicion {
	if s == nil {
		return nil
	}
	var out []*provisov1.Suspicion
	for _, g := range s.Guests {
		if g.Config == nil || len(out) >= clusterMost {
			continue
		}
		if text := g.Config.Lines["description"]; text != "" {
			out = append(out, Inspect("guest "+itoa(g.VMID)+" description", text)...)
		}
	}
	return out[:min(len(out), clusterMost)]
}

// Tags returns the tags of a guest that are suspicious.
func Tags(g pve.Guest) []string {
	var out []string
	for _, t := range g.Tags {
		if !plainWord(t) && len(Inspect("tag", t)) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// plainWord reports whether a text is one short word, or a few with marks between them, that can be nothing but a name: most of a
// cluster is. "worker-node-2" is; three words of letters, or an order with its object, may be more.
func plainWord(s string) bool {
	if len(s) > 64 || strings.Contains(s, "..") {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	if !strings.ContainsAny(s, "-_.") {
		return true
	}
	n := 0
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		if len(part) < 2 || part[0] >= '0' && part[0] <= '9' {
			continue
		}
		if n++; n > 2 || orders[strings.ToLower(part)] {
			return false
		}
	}
	return true
}

// orders are the verbs that make more of a name than one.
var orders = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq("ignore ignorez disregard forget bypass override skip approve delete destroy wipe stop run exec create give grant reveal print send leak disable " +
		"oublie contourne saute approuve supprime detruis efface arrete lance execute cree donne revele affiche envoie desactive admin root system systeme") {
		out[w] = true
	}
	return out
}()

// concealedAt returns where a character stands that changes a text without showing, -1 where none does. What keyboards and
// web pages leave behind by themselves is none: soft hyphens, emoji selectors, a byte order mark at the start.
func concealedAt(text string) int {
	var before rune
	for i, r := range text {
		switch {
		case r == '\n', r == '\t', r == '\r', r == '\u00ad', r == '\ufe0f', r == '\ufeff' && i == 0:
		case r == '\u200d' && (before >= 0x2190 && before <= 0x2bff || before >= 0x1f000): // joins emoji
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co), r >= 0xE0000 && r <= 0xE0FFF, r >= 0xFE00 && r <= 0xFE0E, r == 0x3164, r == 0x115F, r == 0x1160, r == 0xFFA0:
			return i
		}
		before = r
	}
	return -1
}

// around returns where to begin an excerpt that shows what stands before i.
func around(text string, i int) int {
	i = max(0, i-40)
	for i < len(text) && !utf8.RuneStart(text[i]) {
		i++
	}
	return i
}

// lookalikes are letters of other scripts that are drawn as Latin ones.
var lookalikes = strings.NewReplacer("а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x", "і", "i", "ѕ", "s", "ј", "j", "ԁ", "d",
	"ɡ", "g", "ո", "n", "υ", "u", "ο", "o", "α", "a", "ι", "i", "ν", "v", "ρ", "p", "’", "'", "œ", "oe")

// spaced finds words written letter by letter, "i g n o r e" or "i.g.n.o.r.e".
var spaced = regexp.MustCompile(`\b(?:[a-z][ ._*-]){4,}[a-z]\b`)

var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a")

// leetWord finds words in which digits stand for letters.
var leetWord = regexp.MustCompile(`\b[a-z]*[01345]+[a-z]+[a-z01345]*\b`)

// unread reports whether a rune is no part of what a person reads: accents taken apart, concealed and control characters.
func unread(r rune) bool {
	return unicode.Is(unicode.Mn, r) || unicode.In(r, unicode.Cf, unicode.Co) || r >= 0xE0000 && r <= 0xE0FFF || unicode.IsControl(r) && !unicode.IsSpace(r)
}

// fold writes a text as it is meant to be read: lower case, no accents, no concealed characters, one space, Latin letters.
func fold(text string) string {
	text = norm.NFKD.String(strings.ToValidUTF8(text, " "))
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range text {
		switch {
		case unread(r):
			continue
		case unicode.IsSpace(r):
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(unicode.ToLower(r))
	}
	out := lookalikes.Replace(b.String())
	out = spaced.ReplaceAllStringFunc(out, func(s string) string {
		return separators.Replace(s)
	})
	return leetWord.ReplaceAllStringFunc(out, func(s string) string {
		if plain := leet.Replace(s); wanted[plain] {
			return plain
		}
		return s
	})
}

// decoded returns what stands behind words that hide a text: base64, and names whose parts are the words of a sentence.
func decoded(text string) string {
	var b strings.Builder
	for _, h := range hiddenIn(text) {
		b.WriteString("\n" + h.plain)
	}
	return b.String()
}

func unprintable(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) }

// excerpt shows a passage: without secrets, with concealed characters made visible, on one line, at most 200 characters.
func excerpt(passage string) string {
	if len(passage) > 1024 {
		passage = passage[:1024]
	}
	clean, _ := redact.Text(strings.ToValidUTF8(passage, "\uFFFD"))
	return clip(show(strings.Join(strings.FieldsFunc(clean, unicode.IsSpace), " ")), 200)
}

// show writes concealed characters as their code points.
func show(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co) || r >= 0xE0000 && r <= 0xE0FFF {
			b.WriteString("⟨U+" + strings.ToUpper(hex(r)) + "⟩")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// clip cuts a text to n characters.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
