// Package environment reads files of variables: examples such as .env.example, and real ones such as .env, of which nothing
// but the names is taken.
//
// It owns their form. Which components have the variables is for package descriptor to say.
package environment

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// suffixes mark an example.
var suffixes = []string{".example", ".sample", ".dist", ".template"}

// Example reports whether a path is that of an example, and of which file.
func Example(name string) (of string, ok bool) {
	base := path.Base(name)
	if base == "example.env" {
		return path.Join(path.Dir(name), ".env"), true
	}
	for _, suffix := range suffixes {
		if file, found := strings.CutSuffix(base, suffix); found && ofVariables(file) {
			return path.Join(path.Dir(name), file), true
		}
	}
	return "", false
}

// Examples are the paths at which an example of a file of variables may stand.
func Examples(file string) []string {
	var out []string
	for _, suffix := range suffixes {
		out = append(out, file+suffix)
	}
	if path.Base(file) == ".env" {
		out = append(out, path.Join(path.Dir(file), "example.env"))
	}
	return out
}

// Real reports whether a path is that of a file with the values of some installation.
func Real(name string) bool {
	base := path.Base(name)
	_, example := Example(name)
	return !example && (base == ".env" || strings.HasPrefix(base, ".env."))
}

// ofVariables reports whether a file of that name holds variables: .env, .env.production, web.env.
func ofVariables(base string) bool {
	return base == ".env" || strings.HasPrefix(base, ".env.") || strings.HasSuffix(base, ".env")
}

// mostOfVariables bounds the variables of one file.
const mostOfVariables = 512

var assignment = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]{0,255})\s*=(.*)$`)

// Read reads one file. The result holds one component without a name, with the variables in order, or none when there are none. Of a
// real file every variable is secret.
func Read(files fs.FS, name string) reading.Result {
	var out reading.Result
	data, ok := out.Load(files, name)
	if !ok {
		return out
	}
	names := Real(name)
	component := &provisov1.Component{}
	lines := strings.Split(string(data), "\n")
	for i := 0; i < len(lines); i++ {
		m := assignment.FindStringSubmatch(strings.TrimSpace(lines[i]))
		if m == nil {
			continue
		}
		at := reading.At(name, i+1, reading.Environment)
		value := strings.TrimSpace(m[2])
		if value != "" && strings.ContainsRune(`"'`, rune(value[0])) && strings.IndexByte(value[1:], value[0]) < 0 {
			value, i = several(lines, i, value)
		} else {
			value = unquoted(value)
		}
		if slices.ContainsFunc(component.GetEnvironment(), func(f *provisov1.EnvironmentFact) bool { return f.GetName() == m[1] }) {
			continue
		}
		if len(component.GetEnvironment()) >= mostOfVariables {
			out.Problem(name, i+1, "too_many", "The file holds too many variables; the rest was not read.")
			break
		}
		fact, mentions := reading.Variable("", m[1], value, at)
		if names {
			fact.Secret, fact.Value, mentions = true, "", nil
		}
		component.Environment = append(component.Environment, fact)
		out.Mentions = append(out.Mentions, mentions...)
	}
	if len(component.GetEnvironment()) > 0 {
		out.Components = append(out.Components, component)
	}
	return out
}

// several is a quoted value that goes on over the next lines, and the last of them. A quote that nothing closes is the value of
// its own line.
func several(lines []string, first int, value string) (string, int) {
	quote := value[0]
	text := value[1:]
	for i := first + 1; i < len(lines) && i < first+200; i++ {
		if before, _, closed := strings.Cut(lines[i], string(quote)); closed {
			return text + "\n" + before, i
		}
		text += "\n" + lines[i]
	}
	return value, first
}

// unquoted is a value without its quotes or the comment behind it.
func unquoted(value string) string {
	if value != "" && (value[0] == '"' || value[0] == '\'') {
		inner, _, _ := strings.Cut(value[1:], value[:1])
		return inner
	}
	if strings.HasPrefix(value, "#") {
		return ""
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}
