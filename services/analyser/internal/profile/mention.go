package profile

import "strings"

// A mention is a part of an application as the words name it.
type mention struct {
	phrase
	at, end   int // tokens
	elsewhere bool
	version   string
	count     int32
	counted   int // token of the count
}

// A hearing is one text on its way: its tokens, and what they name.
type hearing struct {
	text     string
	toks     []token
	mentions []mention
	denials  []phrase        // what it says is not wanted
	names    map[string]bool // what the intent says are names
}

// hear finds what a text names; what are names of machines is nothing else.
func hear(text string, names map[string]bool) *hearing {
	h := &hearing{text: text, toks: tokens(text), names: names}
	for i := 0; i < len(h.toks); {
		n, p, ok := h.phraseAt(i)
		if !ok {
			i++
			continue
		}
		if m, use := h.mention(i, n, p); use {
			h.mentions = append(h.mentions, m)
		}
		i += n
	}
	return h
}

// phraseAt returns the longest phrase at a token. A phrase does not end within words that hyphens join: "web-1" is a name.
func (h *hearing) phraseAt(i int) (int, phrase, bool) {
	if h.toks[i].host || h.toks[i].foreign || h.toks[i].glued {
		return 0, phrase{}, false
	}
	for _, p := range phrases()[h.toks[i].text] {
		n := len(p.words)
		if i+n > len(h.toks) || i+n < len(h.toks) && h.toks[i+n].glued && !compound(h.toks[i+n].text) {
			continue
		}
		ok := true
		for k := 1; k < n; k++ {
			t := h.toks[i+k]
			if t.text != p.words[k] || t.broken || t.host {
				ok = false
				break
			}
		}
		if ok {
			return n, p, true
		}
	}
	return 0, phrase{}, false
}

// compound are the tails that leave a word what it is: "postgres-backed", "Node-based".
func compound(tail string) bool {
	switch tail {
	case "based", "backed", "powered", "style", "like", "compatible":
		return true
	}
	return false
}

// mention judges a phrase by what stands around it.
func (h *hearing) mention(i, n int, p phrase) (mention, bool) {
	m := mention{phrase: p, at: i, end: i + n}
	if h.denied(i) {
		h.denials = append(h.denials, p)
		return m, false
	}
	if h.named(i) || h.way(i, p) || h.at(i) == "front" && h.at(i-1) == "in" {
		return m, false
	}
	if h.identified(i, n, p) {
		return m, false
	}
	// "from Joomla to WordPress": the first of the two goes.
	if w, to := h.at(i-1), h.at(i+n); (w == "from" || w == "depuis" || w == "de") && (to == "to" || to == "vers" || to == "a") {
		return m, false
	}
	if (p.language != nil || p.framework != nil) && !p.bare && !h.beside(i, i+n) {
		return m, false
	}
	for k := max(0, i-2); k < i; k++ {
		m.elsewhere = m.elsewhere || outside[h.toks[k].text]
	}
	for k := i + n; k < min(len(h.toks), i+n+2) && !h.toks[k].broken; k++ {
		m.elsewhere = m.elsewhere || outside[h.toks[k].text] && !strings.HasPrefix(h.toks[k].text, "managed")
	}
	if p.product != nil && i+n < len(h.toks) {
		m.version = h.versionAt(i + n)
	}
	k := i - 1
	for k > 0 && !h.toks[k+1].broken && adding[h.toks[k].text] {
		k--
	}
	if k >= 0 && !h.toks[k+1].broken {
		if count, ok := h.toks[k].number(); ok && count > 0 && count <= 100 && (count > 1 || digits(h.toks[k].text)) && !h.quantity(k) {
			m.count, m.counted = count, k
		}
	}
	return m, true
}

// named reports whether the word at i is a name that somebody gave.
func (h *hearing) named(i int) bool {
	for k := i - 1; k >= 0 && k >= i-2; k-- {
		t := h.toks[k+1]
		if t.broken {
			return false
		}
		if naming[h.toks[k].text] {
			return true
		}
		if k == i-1 && h.toks[k].text != "is" && h.toks[k].text != "est" && h.toks[k].text != "the" && h.toks[k].text != "le" && h.toks[k].text != "la" {
			return false
		}
	}
	return false
}

// identified reports whether a phrase is part of something else: a name behind "as" or before "namespace", the token of an API, a
// server that is known by its address, a storage that something lies on.
func (h *hearing) identified(i, n int, p phrase) bool {
	before, next := h.at(i-1), h.at(i+n)
	switch {
	case (before == "as" || before == "comme") && p.product == nil:
		return true
	case next == "namespace" || next == "ns", h.names[strings.Join(p.words, "-")]:
		return true
	case h.toks[i].text == "api" && n == 1 && (next == "token" || next == "tokens" || next == "key" || next == "keys"):
		return true
	case h.toks[i].text == "api" && before == "d" && h.is(i-2, "jeton", "jetons", "cle", "cles"):
		return true
	case h.toks[i].text == "nas" && (before == "on" || before == "sur"):
		return true
	}
	return strings.Count(next, ".") == 3 && digits(strings.ReplaceAll(next, ".", ""))
}

// denied reports whether the words before i say that it is not wanted.
func (h *hearing) denied(i int) bool {
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		if h.toks[k+1].broken {
			return false
		}
		if negating[h.toks[k].text] || replacing[h.toks[k].text] {
			return true
		}
		if _, _, other := h.phraseAt(k); other && k < i-1 {
			return false
		}
	}
	return false
}

// way reports whether a proxy is meant as a way to reach something: "behind a load balancer".
func (h *hearing) way(i int, p phrase) bool {
	if p.noun == nil || p.noun.role != "proxy" {
		return false
	}
	for k := i - 1; k >= 0 && k >= i-2; k-- {
		switch h.toks[k].text {
		case "behind", "by", "via", "through", "par", "derriere":
			return true
		}
	}
	return false
}

// beside reports whether a word for a program stands beside the words from i to j, which then say what it is written in.
func (h *hearing) beside(i, j int) bool {
	for k := j; k < len(h.toks) && k < j+4; k++ {
		if h.toks[k].broken {
			break
		}
		if _, p, ok := h.phraseAt(k); ok && program(p) {
			return true
		}
		if !between[h.toks[k].text] {
			break
		}
	}
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		if h.toks[k+1].broken {
			return false
		}
		if k == i-1 && !joining[h.toks[k].text] && !written(h, k) {
			return false
		}
		for start := max(0, k-2); start <= k; start++ {
			if n, p, ok := h.phraseAt(start); ok && start+n == k+1 && program(p) {
				return true
			}
		}
	}
	return false
}

// written reports whether the token is itself the word for a program: "une API Go".
func written(h *hearing, k int) bool {
	for start := max(0, k-2); start <= k; start++ {
		if n, p, ok := h.phraseAt(start); ok && start+n == k+1 && program(p) {
			return true
		}
	}
	return false
}

// program reports whether a phrase names something that people write.
func program(p phrase) bool {
	return p.framework != nil && p.framework.bare || p.noun != nil && (ownRole(p.noun.role) || p.noun.role == "")
}

// versionAt reads a version behind a product: numbers, at most three of them, and nothing else.
func (h *hearing) versionAt(i int) string {
	t := h.toks[i]
	if t.broken || t.glued || !versionPattern(t.text) {
		return ""
	}
	if i+1 < len(h.toks) && !h.toks[i+1].broken && (units[h.toks[i+1].text] || h.toks[i+1].text == "-") {
		return ""
	}
	return t.text
}

func versionPattern(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) > 3 {
		return false
	}
	for i, p := range parts {
		if !digits(p) || len(p) > 4 || i == 0 && len(p) > 2 && !strings.HasPrefix(p, "20") {
			return false
		}
	}
	return true
}

// quantity reports whether the number at k is one of something else: of a port, of a template, of a version.
func (h *hearing) quantity(k int) bool {
	if k == 0 {
		return false
	}
	switch h.toks[k-1].text {
	case "port", "ports", "id", "template", "vm", "vlan", "version", "v", "to", "a", "-", "sur", "on", "gabarit", "modele":
		return true
	case "and", "et", "or", "ou":
		return k > 1 && digits(h.toks[k-2].text)
	}
	_, p, ok := h.phraseAt(k - 1)
	return ok && p.product != nil
}

// words are the words of tokens as they stand in the text.
func (h *hearing) words(i, j int) string {
	if i >= len(h.toks) || j <= i {
		return ""
	}
	return h.text[h.toks[i].start:h.toks[min(j, len(h.toks))-1].end]
}
