package knowledge

import (
	_ "embed"
	"strings"
	"sync"
)

// vocabularyText is the field's vocabulary in two languages: one line per meaning, "name: phrase, phrase; wider phrase".
// What stands after the semicolon leads from a question to the meaning but does not make a document one about it.
//
//go:embed vocabulary.txt
var vocabularyText string

// meaningMark begins the term of a meaning, so that it is told from a word.
const meaningMark = "#"

// A vocabulary finds meanings in words.
type vocabulary struct {
	phrases map[string][]phrase // by their first stem
}

type phrase struct {
	stems   []string
	meaning string // with its mark
	wide    bool   // in questions only
}

// fieldVocabulary is the vocabulary that ships with Proviso.
var fieldVocabulary = sync.OnceValue(func() *vocabulary { return parseVocabulary(vocabularyText) })

func parseVocabulary(text string) *vocabulary {
	v := &vocabulary{phrases: make(map[string][]phrase)}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, list, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "//") {
			continue
		}
		narrow, wide, _ := strings.Cut(list, ";")
		v.add(meaningMark+name, narrow, false)
		v.add(meaningMark+name, wide, true)
	}
	return v
}

func (v *vocabulary) add(meaning, list string, wide bool) {
	for text := range strings.SplitSeq(list, ",") {
		if stems := phraseStems(words(text)); len(stems) > 0 {
			v.phrases[stems[0]] = append(v.phrases[stems[0]], phrase{stems: stems, meaning: meaning, wide: wide})
		}
	}
}

// articles may stand within a phrase or be left out: "passer la carte", "passer une carte".
var articles = set("a an the of my our your this that le la les l un une des de du d au aux mon ma mes notre nos votre vos ce cet cette ces")

// phraseStems are the stems of a phrase, without articles where enough is left to tell it.
func phraseStems(list []word) []string {
	var all, told []string
	for _, w := range list {
		all = append(all, w.stem)
		if !articles[w.text] {
			told = append(told, w.stem)
		}
	}
	if len(told) > 1 || len(told) == len(all) || len(told) == 1 && !functionWords[told[0]] && len(all) > len(told) && onlyLeading(list) {
		return told
	}
	return all
}

// onlyLeading reports whether a phrase is one word after articles, and not after a preposition that changes it ("a chaud").
func onlyLeading(list []word) bool {
	for _, w := range list[:len(list)-1] {
		if w.text == "a" || w.text == "au" || !articles[w.text] {
			return false
		}
	}
	return true
}

// meaning is a meaning found in words.
type meaning struct {
	name     string
	from, to int  // the words that it was found in
	wide     bool // by a phrase that only leads to it
}

// meanings finds what words mean, each phrase at each place.
func (v *vocabulary) meanings(list []word, question bool) []meaning {
	var found []meaning
	for i := range list {
		for _, p := range v.phrases[list[i].stem] {
			if p.wide && !question {
				continue
			}
			if n := begins(list[i:], p.stems, func(w word) word { return w }); n > 0 {
				found = append(found, meaning{name: p.meaning, from: i, to: i + n, wide: p.wide})
			}
		}
	}
	return found
}

// begins returns how many words a phrase takes at the beginning of a list, articles between its words included; 0: it does not
// stand there.
func begins[W any](list []W, stems []string, of func(W) word) int {
	i := 0
	for k, stem := range stems {
		for k > 0 && i < len(list) && of(list[i]).stem != stem && articles[of(list[i]).text] {
			i++
		}
		if i == len(list) || of(list[i]).stem != stem {
			return 0
		}
		i++
	}
	return i
}
