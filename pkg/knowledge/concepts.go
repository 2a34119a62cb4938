package knowledge

import (
	_ "embed"
	"slices"
	"strings"
)

// conceptsText says what people call what the provider's pages describe, in English and French: "[pages]", then phrases
// separated by semicolons. A phrase is how a person would ask, not how the page puts it. Below "[-]" stands what people ask and
// no page describes.
//
//go:embed concepts.txt
var conceptsText string

// askedText says how people ask, page by page, in the same form.
//
//go:embed asked.txt
var askedText string

// A concept is one way to call what some pages describe.
type concept struct {
	text      string
	foreign   bool // no page describes it, and none is going to
	documents []int32
	terms     []int32
	mass      float64 // rarities of the terms, together
}

// conceptsOf reads the concepts and finds their pages in an index. One without pages there is kept: it is known all the same.
func conceptsOf(ix *Index, text string) []concept {
	var list []concept
	var pages []int32
	foreign := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		if heading, ok := strings.CutPrefix(line, "["); ok {
			pages, foreign = nil, heading == "-]"
			for name := range strings.FieldsSeq(strings.TrimSuffix(heading, "]")) {
				if id, ok := ix.bySource[name+".md"]; ok {
					pages = append(pages, id)
				}
			}
			continue
		}
		for text := range strings.SplitSeq(line, ";") {
			if text = strings.TrimSpace(text); text != "" {
				list = append(list, concept{text: text, foreign: foreign, documents: slices.Clone(pages)})
			}
		}
	}
	return list
}

// indexConcepts makes concepts searchable by their terms.
func (b *builder) indexConcepts() {
	b.called = make([][]int32, len(b.terms))
	for i := range b.concepts {
		c := &b.concepts[i]
		for _, t := range termsOf(b.vocabulary, words(c.text), false) {
			id, ok := b.terms[t.name]
			if !ok || slices.Contains(c.terms, id) {
				continue
			}
			c.terms = append(c.terms, id)
			c.mass += t.weight * b.rarity[id]
			b.called[id] = append(b.called[id], int32(i)) //nolint:gosec // There are some thousands of concepts.
		}
	}
}
