// Package delivery writes a bundle into a folder.
//
// It owns the decision which files it may touch: those that it wrote itself and nobody changed since. It knows nothing of
// runs or gateways.
package delivery

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// sumsFile lists what a bundle holds; its presence tells our folders from others.
const sumsFile = "SHA256SUMS"

// ForeignError is returned when the folder holds something that we did not write, or that was changed since.
type ForeignError struct {
	Folder string
	File   string // what is in the way, relative to Folder; empty: the folder itself is no bundle
}

// Error names what is in the way.
func (e *ForeignError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("folder %s holds foreign files", e.Folder)
	}
	return fmt.Sprintf("file %s is not ours or was changed", filepath.Join(e.Folder, e.File))
}

// errArchive is returned when a bundle is not one of a gateway's.
var errArchive = errors.New("not a bundle")

// Check says whether a bundle may be written into a folder: it does not exist, is empty, or holds an earlier bundle.
func Check(folder string) error {
	entries, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return fmt.Errorf("look into folder: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(folder, sumsFile)); err != nil {
		return &ForeignError{Folder: folder}
	}
	return nil
}

// Write unpacks a bundle into a folder and returns the paths written, sorted. Files of an earlier bundle are replaced or, if
// the new one lacks them, removed; every other file stays. Nothing is touched when anything is in the way.
func Write(folder string, bundle []byte) ([]string, error) {
	if err := Check(folder); err != nil {
		return nil, err
	}
	files, err := unpack(bundle)
	if err != nil {
		return nil, err
	}
	written, err := readSums(filepath.Join(folder, sumsFile))
	if err != nil {
		return nil, err
	}
	for path := range files {
		if err := mayReplace(folder, path, written); err != nil {
			return nil, err
		}
	}
	for path, sum := range written {
		if _, stays := files[path]; stays {
			continue
		}
		if got, err := sumOf(filepath.Join(folder, path)); err == nil && got == sum {
			if err := os.Remove(filepath.Join(folder, path)); err != nil {
				return nil, fmt.Errorf("remove file of earlier bundle: %w", err)
			}
		}
	}
	paths := make([]string, 0, len(files))
	for path := range files {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		if err := replace(filepath.Join(folder, path), files[path]); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// unpack reads a bundle into memory. Paths that lead out of the folder make it none.
func unpack(bundle []byte) (map[string][]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		return nil, fmt.Errorf("read archive: %w", errArchive)
	}
	files := map[string][]byte{}
	for _, f := range archive.File {
		path := filepath.FromSlash(f.Name)
		if !filepath.IsLocal(path) || !f.Mode().IsRegular() {
			return nil, fmt.Errorf("read archive: %q: %w", f.Name, errArchive)
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("read archive: %w", err)
		}
		data, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil {
			return nil, fmt.Errorf("read archive: %w", err)
		}
		files[path] = data
	}
	if _, ok := files[sumsFile]; !ok {
		return nil, fmt.Errorf("read archive: %w", errArchive)
	}
	return files, nil
}

// readSums reads which files an earlier bundle wrote, by path. None: no error.
func readSums(name string) (map[string]string, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read sums of earlier bundle: %w", err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(data)) {
		sum, path, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "  ")
		if path = filepath.FromSlash(path); ok && filepath.IsLocal(path) {
			sums[path] = sum
		}
	}
	return sums, nil
}

// mayReplace refuses a file that exists and is not, byte for byte, what an earlier bundle wrote. The list of sums itself has
// no sum; what it lists is checked instead.
func mayReplace(folder, path string, written map[string]string) error {
	info, err := os.Lstat(filepath.Join(folder, path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at file: %w", err)
	}
	if path == sumsFile && info.Mode().IsRegular() {
		return nil
	}
	sum, err := sumOf(filepath.Join(folder, path))
	if err != nil || !info.Mode().IsRegular() || sum != written[path] {
		return &ForeignError{Folder: folder, File: path}
	}
	return nil
}

func sumOf(name string) (string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// replace writes a file so that a reader sees the old or the new content, never a part.
func replace(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(name), ".proviso-*")
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // fails once it is renamed
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	return nil
}
