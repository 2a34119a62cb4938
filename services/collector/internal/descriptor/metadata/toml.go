package metadata

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// deepest is how deep brackets may be nested in TOML: its parser recurses, and a stack that is used up ends the process.
const deepest = 1000

// toml reads a document; false: it is not valid, which is reported. Brackets in texts are counted too: a thousand that are never
// closed are no document that people wrote.
func (r *reader) toml(into any) bool {
	depth := 0
	for _, c := range r.data {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(depth-1, 0)
		}
		if depth > deepest {
			r.Result.Problem(r.File, 0, "too_many", "The file nests too deeply and was not read.")
			return false
		}
	}
	if _, err := toml.Decode(string(r.data), into); err != nil {
		line := 0
		if at, ok := errors.AsType[toml.ParseError](err); ok {
			line = at.Position.Line
		}
		r.syntax(line, "TOML", errors.New(strings.TrimPrefix(err.Error(), "toml: ")))
		return false
	}
	return true
}

// find is the first line from a header on that matches, 0 when there is none. TOML's parser keeps no lines.
func (r *reader) find(header, pattern string) int {
	expression, err := regexp.Compile(pattern)
	if err != nil {
		return 0
	}
	within, number := header == "", 0
	for line := range strings.Lines(string(r.data)) {
		number++
		line = strings.TrimSpace(line)
		switch {
		case !within:
			within = strings.HasPrefix(line, header)
			if within && header != "" && expression.MatchString(strings.TrimPrefix(line, header)) {
				return number
			}
		case expression.MatchString(line):
			return number
		}
	}
	return 0
}

// pythonName begins a requirement: "Flask-SQLAlchemy[async] >= 3 ; python_version > '3.8'".
var pythonName = regexp.MustCompile(`^\s*([A-Za-z0-9][A-Za-z0-9._-]*)`)

// normalPython is the normal form of a Python package's name.
func normalPython(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
}

// pythonPrograms are files that make a folder a program.
var pythonPrograms = []string{"manage.py", "__main__.py", "main.py", "app.py", "wsgi.py", "asgi.py"}

func (r *reader) pyproject() {
	var file struct {
		Project struct {
			Name         string   `toml:"name"`
			Requires     string   `toml:"requires-python"`
			Dependencies []string `toml:"dependencies"`
		} `toml:"project"`
		Tool struct {
			Poetry struct {
				Name         string         `toml:"name"`
				Dependencies map[string]any `toml:"dependencies"`
			} `toml:"poetry"`
		} `toml:"tool"`
	}
	if !r.toml(&file) {
		return
	}
	r.Name = lastElement(file.Project.Name)
	version, line := file.Project.Requires, r.find("[project]", `^requires-python\s*=`)
	var required []library
	for _, one := range file.Project.Dependencies {
		if m := pythonName.FindStringSubmatch(one); m != nil && news("python", normalPython(m[1]), required) {
			required = append(required, library{normalPython(m[1]), r.find("[project]", `["']`+regexp.QuoteMeta(m[1])+`[^A-Za-z0-9._-]`)})
		}
	}
	poetry := file.Tool.Poetry
	if r.Name == "" {
		r.Name = lastElement(poetry.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(poetry.Dependencies)) {
		if name != "python" && !news("python", normalPython(name), required) {
			continue
		}
		at := r.find("[tool.poetry.dependencies]", `^["']?`+regexp.QuoteMeta(name)+`["']?\s*=`)
		if name == "python" {
			if version == "" {
				version, line = text(poetry.Dependencies[name]), at
			}
			continue
		}
		required = append(required, library{normalPython(name), at})
	}
	if version == "" {
		line = 0
	}
	r.Runs = r.has(pythonPrograms...)
	r.runtime("python", version, line, required)
}

func (r *reader) requirements() {
	var required []library
	number := 0
	for line := range strings.Lines(string(r.data)) {
		number++
		if m := pythonName.FindStringSubmatch(line); m != nil {
			required = append(required, library{normalPython(m[1]), number})
		}
	}
	r.Runs = r.has(pythonPrograms...)
	r.runtime("python", "", 0, required)
}

// withFeatures are the crates whose features say what they speak to.
var withFeatures = map[string]bool{"sqlx": true, "diesel": true, "sea-orm": true}

// news reports whether something is known of a library that is not required yet. The line of nothing else is looked for.
func news(runtime, name string, required []library) bool {
	if slices.ContainsFunc(required, func(l library) bool { return l.name == name }) {
		return false
	}
	known := ecosystems[runtime]
	return slices.ContainsFunc(known.frameworks, func(f framework) bool { return matches(name, f.library) }) ||
		slices.ContainsFunc(known.clients, func(c client) bool { return matches(name, c.library) })
}

func (r *reader) cargo() {
	var file struct {
		Package struct {
			Name        string `toml:"name"`
			RustVersion any    `toml:"rust-version"`
		} `toml:"package"`
		Bin          []map[string]any `toml:"bin"`
		Dependencies map[string]any   `toml:"dependencies"`
	}
	if !r.toml(&file) || file.Package.Name == "" {
		return // a workspace is no package
	}
	r.Name = lastElement(file.Package.Name)
	var required []library
	for _, name := range slices.Sorted(maps.Keys(file.Dependencies)) {
		if !news("rust", name, required) && !withFeatures[name] {
			continue
		}
		at := r.find("[dependencies", `^(\[dependencies)?\.?["']?`+regexp.QuoteMeta(name)+`["']?\s*[=.\]]`)
		required = append(required, library{name, at})
		if table, ok := file.Dependencies[name].(map[string]any); ok {
			features, _ := table["features"].([]any)
			for _, feature := range features {
				required = append(required, library{name + "+" + text(feature), at})
			}
		}
	}
	slices.SortStableFunc(required, func(a, b library) int { return a.line - b.line })
	version, line := text(file.Package.RustVersion), 0
	if version != "" {
		line = r.find("[package]", `^rust-version\s*=`)
	}
	r.Runs = len(file.Bin) > 0 || r.has("src/main.rs")
	r.runtime("rust", version, line, required)
}
