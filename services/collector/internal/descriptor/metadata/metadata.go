// Package metadata reads what the metadata of packages says of an application: the language and its version, the framework, the
// command that starts it, and, inferred, the port on which the framework listens and the services that client libraries speak to.
//
// It owns the files of eight ecosystems and the table of known libraries (tables.go). It does not know which component a package
// belongs to, nor whether an inferred port is wanted: package descriptor decides that.
package metadata

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// A Package is what one file of metadata says.
type Package struct {
	// File is its path, Folder that of its folder, "." for the top.
	File, Folder string
	// Name as the file says, without scope or path; empty: it says none.
	Name string
	// Runtime is what it is written in.
	Runtime *provisov1.RuntimeFact
	// Command starts it; nil: the file says none.
	Command *provisov1.CommandFact
	// Port on which its framework listens, inferred; nil: none is known.
	Port *provisov1.PortFact
	// Needs are the kinds of services that its client libraries speak to, inferred, each once.
	Needs []*provisov1.DependencyFact
	// Runs says that it is a program and not a library: it has a start command, a server framework, or a main.
	Runs bool
	// Result holds problems only.
	Result reading.Result
}

// Names are the files that Read understands, in the order in which they count within one folder.
var Names = []string{"go.mod", "package.json", "pyproject.toml", "requirements.txt", "pom.xml", "build.gradle", "build.gradle.kts", "composer.json", "Gemfile", "Cargo.toml"}

// Read reads one file of package metadata. A file that cannot be read yields a package without a runtime and a problem.
func Read(files fs.FS, name string) Package {
	p := Package{File: name, Folder: path.Dir(name)}
	data, ok := p.Result.Load(files, name)
	if !ok {
		return p
	}
	r := &reader{files: files, data: data, Package: &p}
	switch path.Base(name) {
	case "go.mod":
		r.golang()
	case "package.json":
		r.node()
	case "pyproject.toml":
		r.pyproject()
	case "requirements.txt":
		r.requirements()
	case "pom.xml":
		r.maven()
	case "build.gradle", "build.gradle.kts":
		r.gradle()
	case "composer.json":
		r.composer()
	case "Gemfile":
		r.ruby()
	case "Cargo.toml":
		r.cargo()
	}
	return p
}

// reader fills a Package from a file.
type reader struct {
	*Package
	files fs.FS
	data  []byte
}

// A library is one that a file requires, and where.
type library struct {
	name string
	line int
}

// runtime sets what the package is written in, and concludes from the libraries that it requires.
func (r *reader) runtime(name, version string, line int, required []library) {
	fact := &provisov1.RuntimeFact{Name: name, Version: reading.Clean(version, 64)}
	known := ecosystems[name]
	for _, f := range known.frameworks {
		i := slices.IndexFunc(required, func(l library) bool { return matches(l.name, f.library) })
		if i < 0 {
			continue
		}
		fact.Framework = f.name
		if line == 0 {
			line = required[i].line
		}
		if f.port > 0 {
			r.Port = &provisov1.PortFact{Number: f.port, Protocol: "tcp", Evidence: reading.From(r.File, required[i].line, reading.Package)}
		}
		r.Runs = r.Runs || f.serves
		break
	}
	for _, l := range required {
		for _, c := range known.clients {
			if matches(l.name, c.library) {
				r.need(c.kind, l.line)
			}
		}
	}
	fact.Evidence = reading.At(r.File, line, reading.Package)
	r.Runtime = fact
}

// need adds a kind of service once.
func (r *reader) need(kind string, line int) {
	if !slices.ContainsFunc(r.Needs, func(d *provisov1.DependencyFact) bool { return d.GetName() == kind }) {
		r.Needs = append(r.Needs, &provisov1.DependencyFact{Name: kind, Evidence: reading.From(r.File, line, reading.Package)})
	}
}

// matches compares a library with a name of the table, where "/*" stands for itself and all below: major versions of Go modules.
func matches(library, known string) bool {
	if prefix, open := strings.CutSuffix(known, "/*"); open {
		return library == prefix || strings.HasPrefix(library, prefix+"/")
	}
	return library == known
}

// command sets what starts the package.
func (r *reader) command(text string, line int) {
	if text = reading.Clean(text, 1024); text != "" {
		r.Command = &provisov1.CommandFact{Command: text, Evidence: reading.At(r.File, line, reading.Package)}
		r.Runs = true
	}
}

// syntax reports that the file is not what its name says.
func (r *reader) syntax(line int, what string, err error) {
	r.Result.Problem(r.File, line, "syntax", "The file is not valid "+what+": "+strings.TrimSuffix(err.Error(), ".")+".")
}

// has reports whether one of the files stands beside the metadata.
func (r *reader) has(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		info, err := fs.Stat(r.files, path.Join(r.Folder, name))
		return err == nil && info.Mode().IsRegular()
	})
}

// lastElement is a name without the scope or path before it.
func lastElement(name string) string {
	return reading.Cut(strings.TrimPrefix(path.Base(strings.TrimRight(name, "/")), "."), 253)
}
