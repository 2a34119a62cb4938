package metadata

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"
)

// majorVersion ends the path of a Go module.
var majorVersion = regexp.MustCompile(`/v[0-9]+$`)

func (r *reader) golang() {
	file, err := modfile.ParseLax(r.File, r.data, nil)
	if err != nil {
		r.syntax(0, "go.mod", err)
		return
	}
	if file.Module != nil {
		r.Name = lastElement(majorVersion.ReplaceAllString(file.Module.Mod.Path, ""))
	}
	var required []library
	for _, one := range file.Require {
		if !one.Indirect {
			required = append(required, library{one.Mod.Path, one.Syntax.Start.Line})
		}
	}
	version, line := "", 0
	if file.Go != nil {
		version, line = file.Go.Version, file.Go.Syntax.Start.Line
	}
	r.Runs = r.program(r.Folder) || r.commands()
	r.runtime("go", version, line, required)
}

// mostOfSources bounds how many source files are opened to find a main.
const mostOfSources = 200

// packageMain begins a program.
var packageMain = regexp.MustCompile(`(?m)^package main\b`)

// program reports whether a folder holds a Go program.
func (r *reader) program(folder string) bool {
	entries, err := fs.ReadDir(r.files, folder)
	if err != nil {
		return false
	}
	opened := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") || !e.Type().IsRegular() {
			continue
		}
		if opened++; opened > mostOfSources {
			return false
		}
		if packageMain.Match(r.head(path.Join(folder, e.Name()))) {
			return true
		}
	}
	return false
}

// commands reports whether there is a program where Go modules usually keep theirs.
func (r *reader) commands() bool {
	entries, err := fs.ReadDir(r.files, path.Join(r.Folder, "cmd"))
	if err != nil {
		return false
	}
	for i, e := range entries {
		if i >= mostOfSources {
			return false
		}
		if e.IsDir() && r.program(path.Join(r.Folder, "cmd", e.Name())) {
			return true
		}
	}
	return r.program(path.Join(r.Folder, "cmd"))
}

// head is the beginning of a file, where its package clause stands.
func (r *reader) head(name string) []byte {
	f, err := r.files.Open(name)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	var head bytes.Buffer
	_, _ = io.CopyN(&head, f, 16<<10)
	return head.Bytes()
}
