package reader

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"proviso.dev/pkg/redact"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/repository"
)

// ReadFunc makes an application of the files of a repository. It may take the reading for the application's; problems of
// fetching are added afterwards. When the context ends it returns what it has: there is a moment left then. What it does not survive, a panic, all memory, all time, is a failure of that repository alone.
type ReadFunc func(ctx context.Context, files fs.FS, reading *provisov1.RepositoryReading) *provisov1.Application

// armed says that this process called Main, so that its executable, started anew, will be a child and not the whole program again.
var armed atomic.Bool

// Main runs the child when args, those of the process, are a child's, and says so; the code is what the process ends with.
// A main package calls it first of all and ends:
//
//	if code, ok := reader.Main(os.Args, read); ok {
//		os.Exit(code)
//	}
func Main(args []string, read ReadFunc) (code int, ok bool) {
	armed.Store(true)
	if len(args) != 3 || args[1] != argument {
		return 0, false
	}
	var b Bounds
	err := json.Unmarshal([]byte(args[2]), &b)
	if err == nil {
		err = restrict(b.withDefaults(repository.Config{}))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "restrict process:", err)
		return 1, true
	}
	debug.SetMaxStack(maxStack)
	return serve(os.Stdin, os.Stdout, read), true
}

// serve does one task.
func serve(in io.Reader, out io.Writer, read ReadFunc) int {
	var a answer
	application, err := perform(in, read)
	if err == nil {
		a.Application, err = encode(application)
	}
	if err != nil {
		a = answer{Code: repository.Code(err)}
		a.Detail, _ = redact.Text(err.Error())
		if a.Code == "" {
			a.Code = repository.ErrReader.Code()
		}
	}
	a.RSSBytes = peakRSS()
	if err := json.NewEncoder(out).Encode(a); err != nil {
		fmt.Fprintln(os.Stderr, "write answer:", err)
		return 1
	}
	return 0
}

func perform(in io.Reader, read ReadFunc) (*provisov1.Application, error) {
	var t task
	if err := json.NewDecoder(io.LimitReader(in, taskBytes)).Decode(&t); err != nil {
		return nil, errors.New("read task: it is none") // the decoder's words may quote a secret
	}
	request, err := t.request()
	if err != nil {
		return nil, fmt.Errorf("read task: %w", err)
	}
	started := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), t.Timeout)
	defer cancel()
	tree, err := repository.Fetch(ctx, request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tree.Close() }() // the process ends
	// What looks at its context ends before the time is up, and what it has read until then counts, with a word on the rest.
	soft, release := context.WithTimeout(ctx, time.Until(started.Add(t.Timeout-t.Timeout/8)))
	defer release()
	application, err := guarded(soft, read, tree)
	switch {
	case ctx.Err() != nil:
		return nil, repository.ErrTooSlow
	case err == nil && soft.Err() != nil:
		cut := &provisov1.ReadingProblem{Code: "too_slow", Message: "Reading took longer than allowed; files that come later were not read."}
		application.Problems = append([]*provisov1.ReadingProblem{cut}, application.GetProblems()[:min(len(application.GetProblems()), problemsMost-1)]...)
	}
	return application, err
}

// guarded calls the function that knows what files mean, and survives it.
func guarded(ctx context.Context, read ReadFunc, tree *repository.Tree) (a *provisov1.Application, err error) {
	defer func() {
		if p := recover(); p != nil {
			a, err = nil, fmt.Errorf("%w: read files: panic: %v", repository.ErrReader, p)
		}
	}()
	a = read(ctx, tree, tree.Reading)
	if a == nil {
		return nil, fmt.Errorf("%w: read files: nothing came back", repository.ErrReader)
	}
	a.Repository = tree.Reading
	left := tree.Problems
	if above := strings.Trim(path.Clean("/"+tree.Reading.GetSubdirectory()), "/"); above != "" {
		for _, p := range left { // paths are those in the repository, as everywhere in an application
			if p.GetFile() != "" {
				file := path.Join(above, p.GetFile())
				p.File = strings.ToValidUTF8(file[:min(len(file), 1024)], "") // as the contract bounds it
			}
		}
	}
	a.Problems = slices.Concat(left, a.GetProblems())
	a.Problems = a.GetProblems()[:min(len(a.GetProblems()), problemsMost)]
	return a, nil
}

func encode(a *provisov1.Application) ([]byte, error) {
	data, err := wire.Encode(a)
	if err != nil {
		return nil, err
	}
	if len(data) > answerBytes/2 {
		return nil, fmt.Errorf("%w: what it says has %d bytes", repository.ErrTooLarge, len(data))
	}
	return data, nil
}
