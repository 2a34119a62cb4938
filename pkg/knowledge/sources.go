package knowledge

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// OperatorsPrefix stands before the sources of an operator's documents, so that they are told from notes and pages.
const OperatorsPrefix = "operators/"

// Sources says where documents come from, beside the notes that ship with Proviso.
type Sources struct {
	// Index is a file with the provider's pages, as `make docs-index` writes it; empty: the one that the binary was built with.
	Index string
	// Fallbacks are files that are tried in order when the binary was built without; those that do not exist are passed over.
	Fallbacks []string
	// Folder holds an operator's Markdown documents; empty: there are none.
	Folder string
}

// Open indexes documents. Pages is false when the provider's pages are not among them; the names of its schema are then. What the
// binary was built with is indexed once.
func Open(s Sources) (ix *Index, pages bool, err error) {
	if s.Index == "" && len(s.Fallbacks) == 0 && s.Folder == "" {
		o := builtIn()
		return o.index, o.pages, o.err
	}
	return open(s)
}

type opened struct {
	index *Index
	pages bool
	err   error
}

var builtIn = sync.OnceValue(func() (o opened) {
	o.index, o.pages, o.err = open(Sources{})
	return o
})

func open(s Sources) (ix *Index, pages bool, err error) {
	provided, err := s.pages()
	if pages = !errors.Is(err, ErrNotIndexed); !pages {
		provided, err = schemaNames(), nil
	}
	if err != nil {
		return nil, false, err
	}
	if s.Folder != "" {
		own, err := readFolder(s.Folder)
		if err != nil {
			return nil, false, fmt.Errorf("read the operator's documents: %w", err)
		}
		for i := range own {
			own[i].Source = OperatorsPrefix + own[i].Source
			own[i].Passages[0].Source = own[i].Source
		}
		provided = append(provided, own...)
	}
	return NotesWith(provided), pages, nil
}

// pages returns the provider's pages; [ErrNotIndexed] when there are none and none were asked for.
func (s Sources) pages() ([]Document, error) {
	if s.Index != "" {
		archive, err := os.ReadFile(s.Index)
		if err != nil {
			return nil, fmt.Errorf("read provider's documents: %w", err)
		}
		return Pages(archive)
	}
	archive, err := Embedded()
	for _, file := range s.Fallbacks {
		if !errors.Is(err, ErrNotIndexed) {
			break
		}
		if archive, err = os.ReadFile(filepath.Clean(file)); errors.Is(err, fs.ErrNotExist) {
			err = ErrNotIndexed
		}
	}
	if err != nil {
		return nil, err
	}
	return Pages(archive)
}

// readFolder reads an operator's folder. Asking for it first makes the error name it.
func readFolder(folder string) ([]Document, error) {
	if _, err := os.Stat(folder); err != nil {
		return nil, err
	}
	return Read(os.DirFS(folder))
}
