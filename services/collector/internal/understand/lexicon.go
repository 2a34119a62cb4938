package understand

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// class is what a word or fixed phrase can do in a request.
type class uint8

const (
	clNone class = iota
	// clFiller carries nothing: politeness, pronouns, articles of mass nouns. It is skipped.
	clFiller
	// clLink may stand between an attribute and its value: "of", "de", "is", "at least". Skipped elsewhere.
	clLink
	clAnd
	clOr
	clTo
	clWith
	clFor
	clAs
	clOn
	clIn
	clFrom // "based on", "depuis", "clone of"
	clNot
	clBut

	clOne     // "a", "un": one, and something not yet spoken of
	clSome    // "some", "des"
	clThe     // something already spoken of
	clAll     // "all", "each", "chacune"
	clThey    // "they", "elles"
	clNumber  // number words; lexeme.n
	clOrdinal // "second", "deuxième"; lexeme.n
	clExtra   // "additional", "supplémentaire"
	clPair    // "a pair of": lexeme.n
	clTimes   // "times", "fois", "exemplaires"
	clAdjective
	clQuality // words of size that no figure can be taken from

	clCreate
	clClone // "clone" as a verb
	clChange
	clLifecycle
	clAsk
	clTell // verbs of requests that are not for us: "write", "raconte"
	clSomething
	clRemove

	clMachine  // lexeme.val "instance" for nouns that count copies
	clRole     // lexeme.val is the role
	clSoftware // lexeme.val is the role it suggests, maybe empty
	clOS       // lexeme.val is "name" or "name version"
	clKubernetes
	clWorkload // pods, deployments: things inside Kubernetes
	clPhysical
	clPlatform // lexeme.val is the platform

	clCores
	clSockets
	clCPUType
	clCPUModel
	clMemory
	clDisk // lexeme.val "extra" for data disks
	clStorage
	clNamed
	clName
	clID
	clTemplate
	clImage
	clScratch
	clNode
	clLeastLoaded
	clMostLoaded
	clApart
	clNear // near Ceph
	clTogether
	clAnywhere
	clNetwork
	clVLAN
	clIP
	clGateway
	clDHCP
	clDNS
	clDomain
	clUser
	clKey
	clTags
	clPool
	clHA
	clHAGroup
	clBackup
	clBoot
	clStarted
	clStopped
	clDescription
	clLinkedClone
	clFullClone
	clProtected
	clAgent
	clBalancing
	clSecurity
	clRedundant
	clAuto // "automatic", "any", "peu importe"
	clAlso
	clNo
	clYes
	clUnsure // "maybe", "je ne sais pas": neither yes nor no
	clImport
	clSwap
	clPrivilege // lexeme.val "unprivileged" or "privileged"
	clNesting
	clInPool

	clLike       // "like", "identique à": what follows is a machine that exists
	clSame       // "the same", "pareil": lexeme.val "again" for what can only mean an earlier request
	clSiblings   // "like the others"
	clStartOrder // "start order"
	clStartDelay // "start delay"
	clAfter
	clBefore
	clFirst
	clThen
	clLast

	clDisable // "disable", "désactiver"
	clDevice  // a GPU, a PCI device
	clMask    // "netmask", "masque"
	clBalloon // "ballooning down to"
)

// lexeme is one reading of a word or fixed phrase.
type lexeme struct {
	class class
	val   string
	n     int
}

// entry is one phrase of the lexicon, cut into parts.
type entry struct {
	parts []string
	lex   lexeme
}

// lexicon finds phrases by their first part.
type lexicon struct {
	byFirst map[string][]entry // longest phrase first
	words   map[string]bool    // every part of every phrase
	// long are the parts that typos are corrected to, by first letter; single are they and shorter ones by their form with single
	// letters instead of doubled ones.
	long   map[byte][]string
	single map[string]string
}

// words returns the one lexicon. It is built once and never written again.
var words = sync.OnceValue(func() *lexicon {
	return newLexicon(slices.Concat(speechVocabulary, referenceVocabulary, numberRows(), vocabulary, roleRows(), guestRows(), platformRows(), misspelt, usageVocabulary))
})

// newLexicon builds a lexicon of its rows; of two rows with the same phrase the first counts.
func newLexicon(rows []vocable) *lexicon {
	l := &lexicon{byFirst: map[string][]entry{}, words: map[string]bool{}, long: map[byte][]string{}, single: map[string]string{}}
	tolerant := map[string]bool{}
	for _, row := range rows {
		for phrase := range strings.SplitSeq(row.phrases, "|") {
			parts := partsOf(phrase)
			l.byFirst[parts[0]] = append(l.byFirst[parts[0]], entry{parts: parts, lex: lexeme{row.class, row.val, row.n}})
			for _, p := range parts {
				if row.class != clFiller && row.class != clUnsure && row.class != clLink && row.class != clNumber && !exact[row.class] {
					tolerant[p] = true
				}
				l.words[p] = true
			}
		}
	}
	for _, p := range slices.Sorted(maps.Keys(tolerant)) {
		if m := l.meaning(p).class; exact[m] || strings.ContainsAny(p, "0123456789_.@") {
			continue
		}
		if len(p) >= typoLeast {
			l.long[p[0]] = append(l.long[p[0]], p)
		}
		if c := undoubled(p); len(c) >= 4 && len(c) < len(p) && l.rank(p) == 2 {
			l.single[c] = p
		}
	}
	for _, es := range l.byFirst {
		slices.SortStableFunc(es, func(a, b entry) int { return len(b.parts) - len(a.parts) })
	}
	return l
}

// partsOf cuts a phrase of the vocabulary as the scanner cuts a text.
func partsOf(phrase string) []string {
	var parts []string
	for _, t := range scan(phrase) {
		if t.kind == tokNumber {
			parts = append(parts, t.raw)
			continue
		}
		parts = append(parts, strings.FieldsFunc(t.fold, func(r rune) bool { return r == '-' })...)
	}
	return parts
}

// typoLeast is the length from which a word's typos are corrected: shorter words are too near to one another.
const typoLeast = 5

// undoubled returns a word with single letters in place of doubled ones.
func undoubled(word string) string {
	b := make([]byte, 0, len(word))
	for i := range len(word) {
		if i == 0 || word[i] != word[i-1] {
			b = append(b, word[i])
		}
	}
	return string(b)
}

// correct returns the word of the lexicon that a mistyped one means, or "".
func (l *lexicon) correct(word string) string {
	if ordinary(word) {
		return ""
	}
	if w := l.single[undoubled(word)]; w != "" { // "nomé", "adresss"
		return w
	}
	if len(word) < typoLeast || strings.ContainsAny(word, "0123456789_.@") {
		return ""
	}
	limit := 1
	if len(word) >= 8 {
		limit = 2
	}
	best, bestAt, tie := "", limit+1, false
	for _, w := range l.long[word[0]] {
		d := distance(word, w, limit)
		switch {
		case d > limit || d > bestAt:
		case d < bestAt:
			best, bestAt, tie = w, d, false
		case l.rank(w) > l.rank(best):
			best, tie = w, false
		case l.rank(w) == l.rank(best) && l.meaning(w) != l.meaning(best):
			tie = true
		}
	}
	if tie {
		return ""
	}
	return best
}

// rank orders words of the same distance: a word of our own domain before the name of a product, and that before a word
// that only occurs inside phrases.
func (l *lexicon) rank(word string) int {
	switch l.meaning(word).class {
	case clNone:
		return 0
	case clSoftware, clPlatform, clOS:
		return 1
	}
	return 2
}

// meaning returns the lexeme of a single word, zero for words that only occur inside phrases.
func (l *lexicon) meaning(word string) lexeme {
	for _, e := range l.byFirst[word] {
		if len(e.parts) == 1 {
			return e.lex
		}
	}
	return lexeme{}
}

// clitics are the French pronouns that are hung on to a verb with a hyphen.
var clitics = map[string]bool{"moi": true, "nous": true, "tu": true, "vous": true, "toi": true, "la": true, "le": true, "les": true, "y": true,
	"en": true, "il": true, "elle": true, "on": true, "je": true, "lui": true, "leur": true, "ils": true, "elles": true}

// reading is the longest phrase of the lexicon that begins at a token, and how many tokens it spans.
type reading struct {
	lex lexeme
	n   int
}

// read finds the reading of every token. Words that the cluster uses as names are not corrected.
func (l *lexicon) read(toks []token, isName func(string) bool) []reading {
	type part struct {
		tok  int
		text string
		last bool
	}
	parts := make([]part, 0, len(toks)+8)
	first := make([]int, len(toks)) // token -> index of its first part, -1 for tokens that are no words
	for i, t := range toks {
		first[i] = -1
		if t.kind != tokWord && t.kind != tokNumber && t.kind != tokMark {
			parts = append(parts, part{tok: i, last: true})
			continue
		}
		first[i] = len(parts)
		if t.kind != tokWord {
			parts = append(parts, part{tok: i, text: t.raw, last: true})
			continue
		}
		for p := range strings.FieldsFuncSeq(t.fold, func(r rune) bool { return r == '-' }) {
			if !l.words[p] && !isName(t.fold) {
				if c := l.correct(p); c != "" {
					p = c
				}
			}
			parts = append(parts, part{tok: i, text: p})
		}
		if first[i] == len(parts) {
			first[i] = -1
			parts = append(parts, part{tok: i})
		}
		parts[len(parts)-1].last = true
	}
	out := make([]reading, len(toks))
	for i := range toks {
		if first[i] < 0 {
			continue
		}
		at := first[i]
		for _, e := range l.byFirst[parts[at].text] {
			end := at + len(e.parts)
			if end > len(parts) || !parts[end-1].last {
				continue
			}
			match := true
			for k, p := range e.parts {
				if parts[at+k].text != p {
					match = false
					break
				}
			}
			if match {
				out[i] = reading{lex: e.lex, n: parts[end-1].tok - i + 1}
				break
			}
		}
		// "peux-tu", "crée-moi": a verb with its pronoun.
		if last := strings.LastIndexByte(toks[i].fold, '-'); out[i].n == 0 && last > 0 && clitics[toks[i].fold[last+1:]] && at+1 < len(parts) && parts[at+1].last {
			if lex := l.meaning(parts[at].text); lex.class != clNone {
				out[i] = reading{lex: lex, n: 1}
			}
		}
	}
	return out
}
