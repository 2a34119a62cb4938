// Package requirements ties the requirements of the thesis to the tests that show them.
//
// It owns the reading of docs/requirements.tsv (id, level, section, one line) and of the comments `// Shows: T-…` above
// test functions, and the page docs/requirements.md made from both. It does not judge whether a test shows what it says:
// that is a reviewer's work.
package requirements

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Source and Page are the files read and written, relative to the repository's root.
const (
	Source = "docs/requirements.tsv"
	Page   = "docs/requirements.md"
)

// A Requirement is one row of the thesis's requirements.
type Requirement struct {
	ID      string
	Must    bool   // false: SHOULD
	Section string // section of the thesis's requirements, "3.1"
	Text    string
	Tests   []Test // sorted by package, then name; empty: open
}

// A Test is a test function that shows a requirement.
type Test struct {
	Dir  string // folder relative to the root, with slashes
	Name string // "TestScenario4"
}

// ErrUnknownID is returned when a test says that it shows a requirement that does not exist.
var ErrUnknownID = errors.New("unknown requirement")

// Load reads the requirements and finds their tests under root.
func Load(root string) ([]Requirement, error) {
	reqs, err := read(filepath.Join(root, Source))
	if err != nil {
		return nil, err
	}
	index := make(map[string]*Requirement, len(reqs))
	for i := range reqs {
		index[reqs[i].ID] = &reqs[i]
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "bin") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		return scan(root, path, index)
	})
	if err != nil {
		return nil, err
	}
	for i := range reqs {
		slices.SortFunc(reqs[i].Tests, func(a, b Test) int {
			return cmp.Or(cmp.Compare(a.Dir, b.Dir), cmp.Compare(a.Name, b.Name))
		})
	}
	return reqs, nil
}

func read(path string) ([]Requirement, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open requirements: %w", err)
	}
	defer f.Close()
	var reqs []Requirement
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		cells := strings.Split(sc.Text(), "\t")
		if n == 1 {
			continue
		}
		if len(cells) != 4 {
			return nil, fmt.Errorf("read requirements: line %d has %d columns, not 4", n, len(cells))
		}
		reqs = append(reqs, Requirement{ID: cells[0], Must: cells[1] == "MUST", Section: cells[2], Text: cells[3]})
	}
	return reqs, sc.Err()
}

var shows = regexp.MustCompile(`^// Shows: (.+)$`)

// scan adds the tests of one file.
func scan(root, path string, index map[string]*Requirement) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse %s: %w", path, err)
	}
	dir, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Doc == nil || !strings.HasPrefix(fn.Name.Name, "Test") && !strings.HasPrefix(fn.Name.Name, "Fuzz") {
			continue
		}
		for _, c := range fn.Doc.List {
			m := shows.FindStringSubmatch(c.Text)
			if m == nil {
				continue
			}
			for id := range strings.SplitSeq(m[1], ",") {
				id = strings.TrimSpace(id)
				r, ok := index[id]
				if !ok {
					return fmt.Errorf("%s, %s: %w %q", path, fn.Name.Name, ErrUnknownID, id)
				}
				r.Tests = append(r.Tests, Test{Dir: filepath.ToSlash(dir), Name: fn.Name.Name})
			}
		}
	}
	return nil
}

// Markdown renders the page.
func Markdown(reqs []Requirement) []byte {
	var b bytes.Buffer
	b.WriteString("# Requirements and the tests that show them\n\n" +
		"Made by `make generate` from docs/requirements.tsv and the comments `// Shows: …` above tests; do not edit.\n" +
		"A requirement without a test is open, whatever the code may do.\n")
	covered, open := Count(reqs)
	fmt.Fprintf(&b, "\nMUST: %d shown, %d open.\n", covered, open)
	section := ""
	for _, r := range reqs {
		if r.Section != section {
			section = r.Section
			fmt.Fprintf(&b, "\n## Section %s\n\n| id | level | requirement | shown by |\n|---|---|---|---|\n", section)
		}
		var tests []string
		for _, t := range r.Tests {
			tests = append(tests, fmt.Sprintf("`%s` %s", t.Dir, t.Name))
		}
		by := "open"
		if len(tests) > 0 {
			by = strings.Join(tests, "<br>")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.ID, level(r), strings.ReplaceAll(r.Text, "|", `\|`), by)
	}
	return b.Bytes()
}

// Count returns how many MUSTs are shown and how many are open.
func Count(reqs []Requirement) (covered, open int) {
	for _, r := range reqs {
		switch {
		case !r.Must:
		case len(r.Tests) > 0:
			covered++
		default:
			open++
		}
	}
	return covered, open
}

func level(r Requirement) string {
	if r.Must {
		return "MUST"
	}
	return "SHOULD"
}
