package kustomize

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// memory is a file system of the files that building needs, below "/". Kustomize has one of its own, which refuses names that
// repositories use. It is read only and holds no links.
type memory struct {
	files map[string][]byte // by path from "/"
	dirs  map[string][]string
}

var _ filesys.FileSystem = (*memory)(nil)

// newMemory makes an empty one.
func newMemory() *memory {
	return &memory{files: map[string][]byte{}, dirs: map[string][]string{"/": nil}}
}

// put adds a file by its path in the repository.
func (m *memory) put(file string, data []byte) {
	p := "/" + file
	_, known := m.files[p]
	m.files[p] = data
	for !known && p != "/" {
		dir := path.Dir(p)
		_, known = m.dirs[dir]
		m.dirs[dir] = append(m.dirs[dir], path.Base(p))
		p = dir
	}
}

// absolute is a path from "/".
func absolute(p string) string { return path.Join("/", p) }

// Create implements [filesys.FileSystem].
func (m *memory) Create(string) (filesys.File, error) { return nil, fs.ErrPermission }

// Mkdir implements [filesys.FileSystem].
func (m *memory) Mkdir(string) error { return fs.ErrPermission }

// MkdirAll implements [filesys.FileSystem].
func (m *memory) MkdirAll(string) error { return fs.ErrPermission }

// RemoveAll implements [filesys.FileSystem].
func (m *memory) RemoveAll(string) error { return fs.ErrPermission }

// WriteFile implements [filesys.FileSystem].
func (m *memory) WriteFile(string, []byte) error { return fs.ErrPermission }

// Open implements [filesys.FileSystem]. Kustomize reads whole files only.
func (m *memory) Open(string) (filesys.File, error) { return nil, errors.ErrUnsupported }

// IsDir implements [filesys.FileSystem].
func (m *memory) IsDir(p string) bool {
	_, ok := m.dirs[absolute(p)]
	return ok
}

// ReadDir implements [filesys.FileSystem].
func (m *memory) ReadDir(p string) ([]string, error) {
	names, ok := m.dirs[absolute(p)]
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: p, Err: fs.ErrNotExist}
	}
	return slices.Sorted(slices.Values(names)), nil
}

// CleanedAbs implements [filesys.FileSystem].
func (m *memory) CleanedAbs(p string) (filesys.ConfirmedDir, string, error) {
	p = absolute(p)
	if _, ok := m.dirs[p]; ok {
		return filesys.ConfirmedDir(p), "", nil
	}
	if _, ok := m.files[p]; ok {
		return filesys.ConfirmedDir(path.Dir(p)), path.Base(p), nil
	}
	return "", "", &fs.PathError{Op: "stat", Path: p, Err: fs.ErrNotExist}
}

// Exists implements [filesys.FileSystem].
func (m *memory) Exists(p string) bool {
	_, ok := m.files[absolute(p)]
	return ok || m.IsDir(p)
}

// Glob implements [filesys.FileSystem].
func (m *memory) Glob(pattern string) ([]string, error) {
	var found []string
	for p := range m.files {
		ok, err := path.Match(absolute(pattern), p)
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, p)
		}
	}
	slices.Sort(found)
	return found, nil
}

// ReadFile implements [filesys.FileSystem].
func (m *memory) ReadFile(p string) ([]byte, error) {
	data, ok := m.files[absolute(p)]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: p, Err: fs.ErrNotExist}
	}
	return slices.Clone(data), nil
}

// Walk implements [filesys.FileSystem]: it visits files only, in the order of their names.
func (m *memory) Walk(p string, visit filepath.WalkFunc) error {
	p = strings.TrimSuffix(absolute(p), "/") + "/"
	names := make([]string, 0, len(m.files))
	for name := range m.files {
		if strings.HasPrefix(name, p) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if err := visit(name, nil, nil); err != nil {
			return err
		}
	}
	return nil
}
