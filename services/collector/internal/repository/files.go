package repository

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Tree is the files of one commit, or of a folder in it, read only: a file system of regular files and folders. Contents are inflated
// when they are opened. It is safe for concurrent use until it is closed.
type Tree struct {
	// Reading says what was fetched.
	Reading *provisov1.RepositoryReading
	// Problems say what was left out.
	Problems []*provisov1.ReadingProblem

	pack    *pack
	file    *os.File
	nodes   map[string]*node
	release func()
}

var (
	_ fs.FS         = (*Tree)(nil)
	_ fs.ReadFileFS = (*Tree)(nil)
	_ fs.ReadDirFS  = (*Tree)(nil)
	_ fs.StatFS     = (*Tree)(nil)
)

// Close gives back the space that the repository takes.
func (t *Tree) Close() error {
	err := t.file.Close()
	t.release()
	return err
}

// node is a file or a folder; it is its own fs.FileInfo and fs.DirEntry.
type node struct {
	name     string
	object   object
	folder   bool
	children []fs.DirEntry // sorted by name
}

func (n *node) Name() string               { return n.name }
func (n *node) Size() int64                { return n.object.size }
func (n *node) IsDir() bool                { return n.folder }
func (n *node) ModTime() time.Time         { return time.Time{} }
func (n *node) Sys() any                   { return nil }
func (n *node) Type() fs.FileMode          { return n.Mode().Type() }
func (n *node) Info() (fs.FileInfo, error) { return n, nil }
func (n *node) String() string             { return fs.FormatDirEntry(n) }

// Mode is that of a file nobody may write or run.
func (n *node) Mode() fs.FileMode {
	if n.folder {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

// plant makes the folders that files need.
func plant(files map[string]object) map[string]*node {
	nodes := map[string]*node{".": {name: ".", folder: true}}
	for full, o := range files {
		child := &node{name: path.Base(full), object: o}
		nodes[full] = child
		for full != "." {
			folder := path.Dir(full)
			parent, ok := nodes[folder]
			if !ok {
				parent = &node{name: path.Base(folder), folder: true}
				nodes[folder] = parent
			}
			parent.children = append(parent.children, child)
			if ok {
				break
			}
			child, full = parent, folder
		}
	}
	for _, n := range nodes {
		slices.SortFunc(n.children, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	}
	return nodes
}

func (t *Tree) find(op, name string) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n, ok := t.nodes[name]
	if !ok {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
	}
	return n, nil
}

// Stat describes a file.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.find("stat", name)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// ReadDir lists a folder.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.find("readdir", name)
	if err != nil {
		return nil, err
	}
	if !n.folder {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not a directory")}
	}
	return slices.Clone(n.children), nil
}

// ReadFile inflates a file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	n, err := t.find("readfile", name)
	if err != nil {
		return nil, err
	}
	if n.folder {
		return nil, &fs.PathError{Op: "readfile", Path: name, Err: errors.New("is a directory")}
	}
	content, err := t.pack.read(n.object)
	if err != nil {
		return nil, &fs.PathError{Op: "readfile", Path: name, Err: fmt.Errorf("inflate: %w", err)}
	}
	return content, nil
}

// Open opens a file or a folder.
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.find("open", name)
	if err != nil {
		return nil, err
	}
	if n.folder {
		return &openFolder{node: n, rest: n.children}, nil
	}
	content, err := t.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &openFile{Reader: bytes.NewReader(content), node: n}, nil
}

type openFile struct {
	*bytes.Reader

	node *node
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.node, nil }
func (f *openFile) Close() error               { return nil }

type openFolder struct {
	node *node
	rest []fs.DirEntry
}

var _ fs.ReadDirFile = (*openFolder)(nil)

func (f *openFolder) Stat() (fs.FileInfo, error) { return f.node, nil }
func (f *openFolder) Close() error               { return nil }

func (f *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.node.name, Err: errors.New("is a directory")}
}

// ReadDir lists the next n entries, all of the rest when n is not positive.
func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 {
		n = len(f.rest)
	} else if len(f.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.rest))
	listed := slices.Clone(f.rest[:n])
	f.rest = f.rest[n:]
	return listed, nil
}
