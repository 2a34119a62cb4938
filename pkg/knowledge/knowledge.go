// Package knowledge finds the documents that bear on a question, and in each the passage that says most.
//
// It owns the reading of Markdown, the index of documents and its search: BM25 over weighted fields with words that are
// folded across English and French (vocabulary.txt), what people call the things that the provider's pages describe
// (concepts.txt, asked.txt), and the rule by which a question is answered with "nothing": weak signals, weighed together, of what no
// page describes (foreign.txt, elsewhere.txt) and of how questions are put (leanings.txt).
// It holds the notes that ship with Proviso and, where the binary was built with them, the pages of the pinned provider. It does
// not fetch documents, does not decide what to do with a passage, and knows no language model. A passage always carries its
// source, so that a fact taken from it can be checked.
package knowledge

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"sync"
)

// Read reads the Markdown files of a file system as an operator's documents, sorted by name. A document is cut at its
// headings of first and second level; each section is a document of its own.
func Read(fsys fs.FS) ([]Document, error) { return read(KindOwn, fsys) }

func read(kind Kind, fsys fs.FS) ([]Document, error) {
	var documents []Document
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return fmt.Errorf("read document %s: %w", name, err)
		}
		documents = append(documents, sections(kind, name, string(content))...)
		return nil
	})
	return documents, err
}

//go:embed notes/*.md
var notes embed.FS

// Notes is the index of the notes that ship with Proviso.
var Notes = sync.OnceValue(func() *Index { return NotesWith(nil) })

// NotesWith is the index of the notes that ship with Proviso together with further documents, such as an operator's own or
// the provider's pages.
func NotesWith(more []Document) *Index { return New(append(noteDocuments(), more...)) }

func noteDocuments() []Document {
	sub, err := fs.Sub(notes, "notes")
	if err != nil {
		panic(err) // the embedded folder is part of the binary
	}
	documents, err := read(KindNote, sub)
	if err != nil {
		panic(err)
	}
	return documents
}
