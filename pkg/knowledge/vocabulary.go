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
		stems := stemsOf(words(text))
		if len(stems) > 0 {
			v.phrases[stems[0]] = append(v.phrases[stems[0]], phrase{stems: stems, meaning: meaning, wide: wide})
		}
	}
}

func stemsOf(list []word) []string {
	stems := make([]string, len(list))
	for i, w := range list {
		stems[i] = w.stem
	}
	return stems
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
			if p.wide && !question || !begins(list[i:], p.stems) {
				continue
			}
			found = append(found, meaning{name: p.meaning, from: i, to: i + len(p.stems), wide: p.wide})
		}
	}
	return found
}

func begins(list []word, stems []string) bool {
	if len(list) < len(stems) {
		return false
	}
	for i, s := range stems {
		if list[i].stem != s {
			return false
		}
	}
	return true
}
