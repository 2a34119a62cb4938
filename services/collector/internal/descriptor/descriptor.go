// Package descriptor reads what a repository says of an application, by the rules of ADR 0010.
//
// It owns which files are read and in which order, what makes a component and what joins one, which of equal facts stays, and the bounds
// of the result. It does not fetch repositories, and it parses nothing itself: each kind of file has a package of its own below. It
// judges no contradiction: every value stays, in the order in which a deployment would use it.
package descriptor

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Read reads a repository. It never fails as a whole: what could not be read is among the problems of the application, which
// always satisfies the contract when the reading that it is given does. When ctx ends, what was read so far comes back with a
// problem.
//
// The files are those of the subdirectory that the reading names, of the whole repository when it names none. The paths that come
// back are those in the repository.
func Read(ctx context.Context, files fs.FS, r *provisov1.RepositoryReading) *provisov1.Application {
	return read(ctx, files, r, known)
}

// parsers read the manifests of orchestrators and infrastructure code.
type parsers struct {
	kubernetes func(files fs.FS, paths []string) reading.Result
	helm       func(ctx context.Context, files fs.FS, dir string) reading.Result
	kustomize  func(ctx context.Context, files fs.FS, dirs []string) reading.Result
	terraform  func(files fs.FS, paths []string) reading.Result
}

func read(ctx context.Context, files fs.FS, r *provisov1.RepositoryReading, with parsers) *provisov1.Application {
	s := &session{
		ctx: ctx, files: files, parsers: with, name: repositoryName(r.GetUrl()),
		parts: map[string]*part{}, consumed: map[string]bool{},
	}
	s.top = s.name
	if s.above = strings.Trim(path.Clean("/"+r.GetSubdirectory()), "/"); s.above != "" {
		s.top = path.Base(s.above)
	}
	found, aside := s.inventory()
	s.readAll(found)
	if len(s.parts) == 0 {
		s.readAll(aside)
	} else {
		s.leaveAside(aside)
	}
	s.conclude()
	return s.application(r)
}

// session is one reading.
type session struct {
	ctx     context.Context
	files   fs.FS
	parsers parsers
	name    string // of the repository
	above   string // path of the folder that is read; empty: the repository's top
	top     string // the name of that folder
	late    bool   // ctx has ended, which is reported once

	parts    map[string]*part
	consumed map[string]bool // files that no other parser reads again
	out      reading.Result  // resources, hints and problems
	names    names
}

// names that may be the application's, in order.
type names struct{ chart, project, pack string }

// call runs a parser. A parser that panics has read nothing; once ctx has ended none is run.
func (s *session) call(file string, parse func() reading.Result) (result reading.Result) {
	if s.ctx.Err() != nil {
		if !s.late {
			s.late = true
			s.out.Problem("", 0, "too_slow", "Reading the repository took too long; the rest of it was not read.")
		}
		return reading.Result{}
	}
	defer func() {
		if caught := recover(); caught != nil {
			result = reading.Result{}
			result.Problem(file, 0, "unsupported", fmt.Sprintf("The parser failed on it and nothing of it was read: %v.", caught))
			s.out.Problems = append(s.out.Problems, result.Problems...)
			result.Problems = nil
		}
	}()
	result = parse()
	for _, name := range result.Consumed {
		s.consumed[name] = true
	}
	s.out.Resources = append(s.out.Resources, result.Resources...)
	s.out.Hints = append(s.out.Hints, result.Hints...)
	s.out.Problems = append(s.out.Problems, result.Problems...)
	return result
}

// folder is the name of a folder; that of the top is the repository's.
func (s *session) folder(dir string) string {
	if dir == "." {
		return s.top
	}
	return path.Base(dir)
}

// repositoryName is the last element of a repository's address.
func repositoryName(url string) string {
	url = strings.TrimRight(url, "/")
	if i := strings.LastIndexAny(url, "/:"); i >= 0 {
		url = url[i+1:]
	}
	if name := reading.Cut(strings.TrimSuffix(url, ".git"), 253); name != "" {
		return name
	}
	return "application"
}
