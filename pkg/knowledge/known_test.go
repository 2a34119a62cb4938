package knowledge

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

const (
	questionsFolder = "../../test/retrieval/questions/"
	// askedSet is the name of the set that askedText makes. It is left out a fold at a time, the others whole.
	askedSet = "asked"
	folds    = 4
	// together is how many phrases that follow each other are of one fold: they were written in one go and are alike.
	together = 8
)

// Questions that may be looked at. To those of the older sets lines of foreign.txt were written: they say less of new ones.
var (
	olderSets = []string{"author", "development", "further"}
	newerSets = []string{"second", "unseen", "third"}
)

// A knownQuestion is one whose best pages are known.
type knownQuestion struct {
	set    string
	fold   int // of askedSet; of no other set
	query  string
	grades map[string]int // 2: answers; 1: helps; none: no page answers
}

// reads reports whether data sources alone answer; not known: nothing answers, or pages of both kinds.
func (k knownQuestion) reads() (is, known bool) {
	data, others := 0, 0
	for page, grade := range k.grades {
		switch {
		case grade < 2:
		case strings.HasPrefix(page, "data-sources/"):
			data++
		default:
			others++
		}
	}
	return data > 0, (data > 0) != (others > 0)
}

func (k knownQuestion) answerable() (is, known bool) { return len(k.grades) > 0, true }

// knownQuestions reads all that may be looked at.
func knownQuestions(t *testing.T) []knownQuestion {
	t.Helper()
	pages := pagesAndNotes(t)
	index := &Index{bySource: make(map[string]int32)}
	for i, p := range pages {
		index.bySource[p.Source] = int32(i) //nolint:gosec // There are some hundred pages.
	}
	var all []knownQuestion
	for i, c := range conceptsOf(index, askedText) {
		k := knownQuestion{set: askedSet, fold: i / together % folds, query: c.text, grades: make(map[string]int)}
		for _, id := range c.documents {
			k.grades[pages[id].Source] = 2
		}
		all = append(all, k)
	}
	for _, set := range append(append([]string{}, olderSets...), newerSets...) {
		content, err := os.ReadFile(questionsFolder + set + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
			var q struct {
				Query  string         `json:"query"`
				Grades map[string]int `json:"grades"`
			}
			if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
				t.Fatal(err)
			}
			all = append(all, knownQuestion{set: set, query: q.Query, grades: q.Grades})
		}
	}
	return all
}

// pagesAndNotes are fresh documents: an index adds to the ones that it is made of.
func pagesAndNotes(t *testing.T) []Document {
	t.Helper()
	archive, err := Embedded()
	if err != nil {
		t.Skip(err)
	}
	pages, err := Pages(archive)
	if err != nil {
		t.Fatal(err)
	}
	return append(noteDocuments(), pages...)
}

// withoutFold is askedText without the phrases of one fold.
func withoutFold(all []knownQuestion, fold int) string {
	left := make(map[string]bool)
	for _, k := range all {
		if k.set == askedSet && k.fold == fold {
			left[k.query] = true
		}
	}
	var b strings.Builder
	for line := range strings.Lines(askedText) {
		var kept []string
		for text := range strings.SplitSeq(strings.TrimSpace(line), ";") {
			if !left[strings.TrimSpace(text)] {
				kept = append(kept, text)
			}
		}
		fmt.Fprintln(&b, strings.Join(kept, ";"))
	}
	return b.String()
}

// A page that is misspelt in asked.txt would be called nothing, and nobody would notice; a phrase in two places would be learnt
// from and measured on at once, and one that a page answers and none does is wrong in one of them.
func TestAskedIsWhole(t *testing.T) {
	there := make(map[string]bool)
	for _, d := range pagesAndNotes(t) {
		there[d.Source] = true
	}
	seen := make(map[string]string)
	heading := ""
	for line := range strings.Lines(askedText) {
		line = strings.TrimSpace(line)
		if pages, ok := strings.CutPrefix(line, "["); ok {
			if heading = strings.TrimSuffix(pages, "]"); heading == "-" {
				continue
			}
			for name := range strings.FieldsSeq(heading) {
				if !there[name+".md"] {
					t.Errorf("%s does not exist", name)
				}
			}
			continue
		}
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		for text := range strings.SplitSeq(line, ";") {
			key := spaced(text)
			if before, ok := seen[key]; ok {
				t.Errorf("%q stands under %s and under %s", text, before, heading)
			}
			seen[key] = heading
		}
	}
}
