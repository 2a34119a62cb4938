package eval

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DefaultFixture is the cluster of a case that names none: the laboratory of the thesis with pmox04 switched off.
const DefaultFixture = "lab-s2"

// Load reads every case below a folder, sorted by class, language and place in the file. Unknown keys, unknown classes,
// states and fixtures, and ids given twice are errors: a misspelt expectation would silently expect nothing.
func Load(fsys fs.FS, root string) ([]Case, error) {
	var cases []Case
	seen := map[string]string{}
	err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		file, err := decode[File](fsys, name)
		if err != nil {
			return err
		}
		if class := path.Base(path.Dir(name)); class != file.Class {
			return fmt.Errorf("%w: %s: class %q in folder %q", ErrCase, name, file.Class, class)
		}
		for _, c := range file.Cases {
			c.Class, c.Lang = file.Class, file.Lang
			if c.Fixture == "" {
				c.Fixture = file.Fixture
			}
			if c.Fixture == "" {
				c.Fixture = DefaultFixture
			}
			if len(c.State) == 0 {
				c.State = OneOf{"delivered"}
			}
			if err := check(c); err != nil {
				return fmt.Errorf("%w: %s: case %q: %w", ErrCase, name, c.ID, err)
			}
			if other, ok := seen[c.Key()]; ok {
				return fmt.Errorf("%w: %s: case %q is in %s too", ErrCase, name, c.ID, other)
			}
			seen[c.Key()] = name
			cases = append(cases, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load cases: %w", err)
	}
	return cases, nil
}

// decode reads one YAML document strictly.
func decode[T any](fsys fs.FS, name string) (T, error) {
	var out T
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return out, fmt.Errorf("read file: %w", err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&out); err != nil {
		var zero T
		return zero, fmt.Errorf("%w: %s: %w", ErrCase, name, err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		var zero T
		return zero, fmt.Errorf("%w: %s: more than one document", ErrCase, name)
	}
	return out, nil
}

func check(c Case) error {
	switch {
	case c.ID == "" || strings.ContainsAny(c.ID, "/ "):
		return errors.New("an id is needed, without slash or space")
	case !slices.Contains(Classes, c.Class):
		return fmt.Errorf("unknown class %q", c.Class)
	case c.Lang != "en" && c.Lang != "fr":
		return fmt.Errorf("unknown language %q", c.Lang)
	case strings.TrimSpace(c.Prompt) == "":
		return errors.New("a prompt is needed")
	}
	for _, s := range c.State {
		if !slices.Contains(States, s) {
			return fmt.Errorf("unknown state %q", s)
		}
	}
	for _, r := range c.Refusal {
		if !slices.Contains(Refusals, r) {
			return fmt.Errorf("unknown refusal %q", r)
		}
	}
	if _, err := Seed(c.Fixture); err != nil {
		return err
	}
	return expectsSomething(c)
}

// expectsSomething refuses a case that any delivered run would pass.
func expectsSomething(c Case) error {
	said := len(c.VMs)+len(c.CTs)+len(c.Pools)+len(c.Changes)+len(c.Imports)+len(c.Workloads)+len(c.Absent) > 0
	if slices.Contains(c.State, "delivered") && !said && c.Reply == nil && c.End == nil && len(c.State) == 1 {
		return errors.New("nothing is expected of what is delivered")
	}
	if c.State.Has("needs_input") && len(c.State) == 1 && len(c.Questions) == 0 {
		return errors.New("a case that must be asked about names the question")
	}
	return nil
}
