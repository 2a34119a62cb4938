// Package knowledge finds the passages of documentation that bear on a request.
//
// It owns a small index of Markdown documents, cut at their headings and searched by BM25 over words that are folded across
// English and French, and the notes that ship with Proviso. It does not fetch documents, does not decide what to do with
// a passage, and knows no language model. A passage always carries its source, so that a fact taken from it can be checked.
package knowledge

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"
	"sync"
)

// BM25's usual parameters: how fast repeated words saturate, and how much long passages are discounted.
const (
	saturation = 1.2
	lengthBias = 0.75
	// A word of the title says more about the passage than one in the text.
	titleWeight = 3
	// A passage must hold at least this share of the query's weight, else the honest answer is "nothing found".
	enough = 0.34
)

// A Passage is one section of a document.
type Passage struct {
	Source string // file and heading: "high-availability.md#shared-storage"
	Title  string // titles of document and section: "High availability: shared storage"
	Text   string // without its heading
}

// A Hit is a passage that answers a query.
type Hit struct {
	Passage
	Score float64
	Words []string // words of the query that it holds, folded, sorted: why it was found
}

// An Index answers queries. It is safe for concurrent use. The zero value holds nothing and finds nothing.
type Index struct {
	passages  []Passage
	counts    []map[string]float64 // word to weighted count, per passage
	lengths   []float64
	mean      float64
	documents map[string]int // word to number of passages that hold it
}

// New indexes passages.
func New(passages []Passage) *Index {
	ix := &Index{passages: passages, documents: make(map[string]int)}
	for _, p := range passages {
		counts := make(map[string]float64)
		length := 0.0
		add := func(text string, weight float64) {
			for _, w := range fold(text) {
				counts[w] += weight
				length++
			}
		}
		add(p.Title, titleWeight)
		add(p.Text, 1)
		for w := range counts {
			ix.documents[w]++
		}
		ix.counts = append(ix.counts, counts)
		ix.lengths = append(ix.lengths, length)
		ix.mean += length
	}
	if len(passages) > 0 {
		ix.mean /= float64(len(passages))
	}
	return ix
}

// Read cuts the Markdown files of a file system into passages, sorted by source. A document is cut at its headings of
// first and second level.
func Read(fsys fs.FS) ([]Passage, error) {
	var passages []Passage
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read document %s: %w", name, err)
		}
		passages = append(passages, cut(name, string(content))...)
		return nil
	})
	return passages, err
}

//go:embed notes/*.md
var notes embed.FS

// Notes is the index of the notes that ship with Proviso.
var Notes = sync.OnceValue(func() *Index { return NotesWith(nil) })

// NotesWith is the index of the notes that ship with Proviso together with further passages, such as an operator's own.
func NotesWith(own []Passage) *Index {
	sub, err := fs.Sub(notes, "notes")
	if err != nil {
		panic(err) // the embedded folder is part of the binary
	}
	passages, err := Read(sub)
	if err != nil {
		panic(err)
	}
	return New(append(passages, own...))
}

func cut(name, content string) []Passage {
	var passages []Passage
	var document string
	var current *Passage
	for line := range strings.Lines(content) {
		heading, section := strings.CutPrefix(line, "## ")
		title, first := strings.CutPrefix(line, "# ")
		switch {
		case first:
			document = strings.TrimSpace(title)
			passages = append(passages, Passage{Source: name, Title: document})
			current = &passages[len(passages)-1]
		case section:
			heading = strings.TrimSpace(heading)
			passages = append(passages, Passage{Source: name + "#" + anchor(heading), Title: document + ": " + heading})
			current = &passages[len(passages)-1]
		case current != nil:
			current.Text += line
		}
	}
	for i := range passages {
		passages[i].Text = strings.TrimSpace(passages[i].Text)
	}
	return slices.DeleteFunc(passages, func(p Passage) bool { return p.Text == "" })
}

func anchor(heading string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(heading), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}

// Search returns at most k passages, best first. It returns none when no passage holds enough of what the query asks
// for: a weak match is worse than none.
func (ix *Index) Search(query string, k int) []Hit {
	words := slices.Compact(slices.Sorted(slices.Values(fold(query))))
	total := 0.0
	for _, w := range words {
		total += ix.rarity(w)
	}
	var hits []Hit
	for i, counts := range ix.counts {
		score, held := 0.0, 0.0
		var found []string
		for _, w := range words {
			n := counts[w]
			if n == 0 {
				continue
			}
			norm := saturation * (1 - lengthBias + lengthBias*ix.lengths[i]/ix.mean)
			score += ix.rarity(w) * n * (saturation + 1) / (n + norm)
			held += ix.rarity(w)
			found = append(found, w)
		}
		if held > 0 && held >= enough*total {
			hits = append(hits, Hit{Passage: ix.passages[i], Score: score, Words: found})
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Source, b.Source))
	})
	return hits[:min(k, len(hits))]
}

// rarity is the inverse document frequency of a word; a word that no passage holds counts as the rarest, so that a query
// of unknown words finds nothing.
func (ix *Index) rarity(word string) float64 {
	n, df := float64(len(ix.passages)), float64(ix.documents[word])
	return math.Log(1 + (n-df+0.5)/(df+0.5))
}
