package knowledge

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Archive is the file that holds the provider's pages: a compressed tar file, each page under its path below docs/.
const Archive = "documents.tar.gz"

// archiveMost bounds what is unpacked, in bytes; the provider's pages have less than a megabyte.
const archiveMost = 32 << 20

// The folder is part of the repository; the archive is not: `make docs-index` writes it, and it is taken along when it is
// there.
//
//go:embed provider
var embedded embed.FS

// Embedded is the archive of the provider's pages that this binary was built with; [ErrNotIndexed] when it was built without.
func Embedded() ([]byte, error) {
	content, err := embedded.ReadFile("provider/" + Archive)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotIndexed
	}
	return content, err
}

// Pages reads an archive of the provider's pages, sorted by source. A page whose resource has a shorter name is left out in
// favour of the page of that name.
func Pages(archive []byte) ([]Document, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("unpack provider's documents: %w", err)
	}
	var pages []Document
	reader := tar.NewReader(io.LimitReader(unpacked, archiveMost))
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read provider's documents: %w", err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			return nil, fmt.Errorf("read page %s: %w", header.Name, err)
		}
		pages = append(pages, page(header.Name, string(content)))
	}
	return onePerTwin(pages), nil
}

// onePerTwin leaves out pages that another one replaces, and sorts.
func onePerTwin(pages []Document) []Document {
	there := make(map[string]bool)
	for _, p := range pages {
		there[p.Source] = true
	}
	pages = slices.DeleteFunc(pages, func(p Document) bool { return there[p.twin] })
	slices.SortFunc(pages, func(a, b Document) int { return strings.Compare(a.Source, b.Source) })
	return pages
}

// WriteArchive packs the provider's pages below docs, without its design notes. Equal pages give equal bytes.
func WriteArchive(w io.Writer, docs fs.FS) (pages int, err error) {
	packed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	archive := tar.NewWriter(packed)
	// WalkDir goes in order of names, and headers hold neither time nor owner.
	err = fs.WalkDir(docs, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name == "adr" {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(name) != ".md" {
			return nil
		}
		content, err := fs.ReadFile(docs, name)
		if err != nil {
			return err
		}
		pages++
		if err := archive.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644, Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		_, err = archive.Write(content)
		return err
	})
	if err = cmp.Or(err, archive.Close(), packed.Close()); err != nil {
		return 0, fmt.Errorf("pack provider's documents: %w", err)
	}
	return pages, nil
}
