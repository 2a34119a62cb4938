package helm

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/v2"
)

// Bounds of the search for a line: beyond them facts stand in the file as a whole.
const (
	maxLines      = 50_000
	maxCandidates = 64
	maxHelpers    = 128
)

// computed is the key of lines whose key a template computes.
const computed = "\x00"

// An entry is a line with a key, in a template or in what it made.
type entry struct {
	line    int
	indent  int
	key     string
	parents []string // keys above, innermost first, as far as the text shows them
	text    string   // without indentation and dashes
	pattern *regexp.Regexp
}

// action finds what a template replaces.
var action = regexp.MustCompile(`\{\{.*?\}\}`)

// keyed finds a key at the beginning of a line.
var keyed = regexp.MustCompile(`^("[^"]*"|'[^']*'|[^\s#:{}\[\],&*!|>'"%@-][^\s:]*|[^\s#:{}\[\],&*!|>'"%@-](?:[^:#]*[^\s:#])?):(?:\s|$)`)

// outline finds the lines with keys and what stands above them, by indentation.
func outline(text string) []entry {
	var entries, stack []entry
	for number, l := range strings.Split(text, "\n") {
		if number > maxLines {
			break
		}
		body := strings.TrimLeft(l, " ")
		for strings.HasPrefix(body, "- ") {
			body = strings.TrimLeft(body[2:], " ")
		}
		indent := len(l) - len(body)
		body = strings.TrimRight(body, " \t\r")
		visible := action.ReplaceAllString(body, computed)
		m := keyed.FindStringSubmatch(visible)
		if m == nil && strings.HasPrefix(visible, computed+":") {
			m = []string{"", computed}
		}
		if m == nil || strings.Contains(m[1], computed) && m[1] != computed {
			continue
		}
		for len(stack) > 0 && (stack[len(stack)-1].indent >= indent || len(stack) > 64) {
			stack = stack[:len(stack)-1]
		}
		e := entry{line: number + 1, indent: indent, key: strings.Trim(m[1], `"'`), text: body}
		if len(stack) > 0 {
			top := stack[len(stack)-1]
			e.parents = append([]string{top.key}, top.parents...)
		}
		if strings.Contains(visible, computed) {
			var b strings.Builder
			for i, literal := range strings.Split(visible, computed) {
				if i > 0 {
					b.WriteString(`.*`)
				}
				b.WriteString(regexp.QuoteMeta(literal))
			}
			e.pattern, _ = regexp.Compile(`^` + b.String() + `\s*$`)
		} else if strings.Contains(body, "{{") { // an action that goes on in the next line
			e.pattern = regexp.MustCompile(`^` + regexp.QuoteMeta(body[:strings.Index(body, "{{")]))
		}
		entries = append(entries, e)
		stack = append(stack, e)
	}
	return entries
}

// makes reports whether a line of a template can have become a rendered line, and how well what is above them agrees.
func (e entry) makes(rendered entry) (score int, ok bool) {
	if e.key != rendered.key && (e.key != computed || len(e.parents) == 0) {
		return 0, false
	}
	if e.pattern != nil && !e.pattern.MatchString(rendered.text) || e.pattern == nil && e.text != rendered.text {
		return 0, false
	}
	for i, parent := range e.parents {
		if i >= len(rendered.parents) || rendered.parents[i] != parent {
			if i == 0 {
				return 0, false
			}
			break
		}
		score += 4
	}
	if e.pattern == nil {
		score++ // word for word
	}
	return score, true
}

// An aligner knows the texts that lines can come from.
type aligner struct {
	helpers []file            // partial templates, of all charts
	values  map[string]string // text of values.yaml files
}

// A file is a text with its outline by key.
type file struct {
	name    string
	entries map[string][]entry
}

// newFile outlines a text.
func newFile(name, text string) file {
	f := file{name: name, entries: map[string][]entry{}}
	for _, e := range outline(text) {
		f.entries[e.key] = append(f.entries[e.key], e)
	}
	return f
}

// under keeps what stands under a key at the top: what the values of a chart say of one that it depends on; empty: all.
func (f file) under(key string) file {
	if key == "" {
		return f
	}
	for name, entries := range f.entries {
		f.entries[name] = slices.DeleteFunc(entries, func(e entry) bool {
			return len(e.parents) == 0 || e.parents[len(e.parents)-1] != key
		})
	}
	return f
}

// learn takes the helpers and values of a chart and of those below it.
func (r *rendering) learn(c *chart) {
	r.aligner.values = map[string]string{}
	var names []string
	for name, t := range r.templates {
		if strings.HasPrefix(path.Base(name), "_") && !t.packed {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), maxHelpers)] {
		r.helpers = append(r.helpers, newFile(r.templates[name].file, string(r.templates[name].source.Data)))
	}
	var walk func(loaded *v2.Chart, depth int)
	walk = func(loaded *v2.Chart, depth int) {
		for _, f := range loaded.Raw {
			if f.Name == "values.yaml" && len(f.Data) > 0 {
				r.aligner.values[c.origins[&f.Data[0]]] = string(f.Data)
			}
		}
		for _, sub := range loaded.Dependencies() {
			if depth < 2*maxDepth {
				walk(sub, depth+1)
			}
		}
	}
	walk(c.loaded, 0)
}

// origins are the places that rendered lines come from.
type origins struct {
	file  string
	lines map[int]place
}

// A place is a line of a file.
type place struct {
	file string
	line int
}

// origin is the place of a rendered line; of one that nothing is known of, the template as a whole.
func (o origins) origin(line int) (string, int) {
	if p, ok := o.lines[line]; ok {
		return p.file, p.line
	}
	return o.file, 0
}

// align finds, for every line that a template made, the line that it comes from: of the template, else of a helper, else the
// only one of the values that says the same, else one of the template whose key is computed.
func (a *aligner) align(t *sheet, rendered string) origins {
	out := origins{file: t.file, lines: map[int]place{}}
	if t.packed {
		return out
	}
	own := newFile(t.file, string(t.source.Data))
	var values []file
	for _, v := range t.values {
		if text := a.values[v.file]; text != "" {
			values = append(values, newFile(v.file, text).under(v.chart))
		}
	}
	last := map[string]int{} // line that the one before came from, by file: templates mostly run from top to bottom
	for _, e := range outline(rendered) {
		if len(e.parents) == 0 && e.key == "apiVersion" {
			clear(last)
		}
		found, ok := own.closest(e, e.key, last[own.name])
		name := own.name
		for i := 0; !ok && i < len(a.helpers); i++ {
			name = a.helpers[i].name
			found, ok = a.helpers[i].closest(e, e.key, last[name])
		}
		for i := 0; !ok && i < len(values); i++ {
			name = values[i].name
			found, ok = values[i].only(e)
		}
		if !ok {
			name = own.name
			found, ok = own.closest(e, computed, last[name])
		}
		if ok {
			last[name] = found
			out.lines[e.line] = place{name, found}
		}
	}
	return out
}

// closest is the line under a key that agrees best with a rendered one; of several, the next below the last found, else the
// first again, as in a loop.
func (f file) closest(rendered entry, key string, last int) (line int, ok bool) {
	best, below := -1, false
	for i, e := range f.entries[key] {
		if i >= maxCandidates {
			break
		}
		score, fits := e.makes(rendered)
		if !fits {
			continue
		}
		if score > best || score == best && !below && e.line > last {
			best, line, below = score, e.line, e.line > last
		}
	}
	return line, best >= 0
}

// only is the one line with the same text, below the same key if there is one such; blocks of values are mostly written under
// other names than those that they end up with.
func (f file) only(rendered entry) (line int, ok bool) {
	var same, below []int
	for i, e := range f.entries[rendered.key] {
		if i >= maxCandidates {
			return 0, false
		}
		if unquoted(e.text) != unquoted(rendered.text) {
			continue
		}
		same = append(same, e.line)
		if len(rendered.parents) > 0 && len(e.parents) > 0 && e.parents[0] == rendered.parents[0] {
			below = append(below, e.line)
		}
	}
	switch {
	case len(below) == 1:
		return below[0], true
	case len(below) == 0 && len(same) == 1:
		return same[0], true
	default:
		return 0, false
	}
}

// unquoted is a line without quotes and without a comment behind it.
func unquoted(text string) string {
	if i := strings.Index(text, " #"); i >= 0 {
		text = strings.TrimRight(text[:i], " ")
	}
	return strings.NewReplacer(`"`, "", `'`, "").Replace(text)
}
