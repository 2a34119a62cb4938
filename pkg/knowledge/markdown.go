package knowledge

import (
	"path"
	"regexp"
	"strings"
)

// passageLength is what a passage should not exceed where it can be cut, in bytes: long enough for an argument with what
// belongs to it, short enough to be read.
const passageLength = 900

var (
	// The provider marks a page whose resource got a shorter name with a link to the page of that name.
	replaced = regexp.MustCompile("(?m)^~> \\*\\*Deprecated:\\*\\* Use \\[`[a-z0-9_]+`\\]\\(([a-z0-9_]+\\.md)\\) instead")
	// An argument: "- `name` (String) text" or "    - `name` - (Optional) text".
	argument = regexp.MustCompile("^\\s*[-*] `([a-zA-Z0-9_.]+)`\\s*(?:-\\s*)?(?:\\([A-Z][^)]*\\))?\\s*(.*)$")
	link     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	markup   = regexp.MustCompile(`<!--.*?-->|</?[a-zA-Z][^<>]*>`)
)

// page reads a page of the provider.
func page(source, content string) Document {
	d := Document{Kind: kindOf(source), Source: source}
	matter, body := frontMatter(content)
	if m := replaced.FindStringSubmatch(body); m != nil {
		d.twin = path.Join(path.Dir(source), m[1])
	}
	if d.Kind != KindGuide {
		d.name = nameOf(source)
		d.add(fieldName, d.name)
	}
	d.add(fieldTitle, matter["description"])

	w := pageReader{document: &d}
	for line := range strings.Lines(body) {
		w.line(strings.TrimRight(line, "\r\n"))
	}
	w.end()
	if d.Title == "" {
		d.Title = source
	}
	if len(d.Passages) == 0 {
		d.Passages = []Passage{{Source: source, Title: d.Title, Text: matter["description"]}}
	}
	return d
}

// frontMatter takes off the block of "key: value" lines between two lines of "---".
func frontMatter(content string) (map[string]string, string) {
	values := make(map[string]string)
	rest, ok := strings.CutPrefix(content, "---\n")
	if !ok {
		return values, content
	}
	block, body, ok := strings.Cut(rest, "\n---")
	if !ok {
		return values, content
	}
	var key string
	for line := range strings.Lines(block) {
		// Values of several lines are indented below "key: |-".
		if strings.HasPrefix(line, " ") {
			values[key] += " " + strings.TrimSpace(line)
			continue
		}
		k, v, _ := strings.Cut(line, ":")
		key = strings.TrimSpace(k)
		values[key] = strings.Trim(strings.TrimSpace(v), `|->"`)
	}
	return values, body
}

// pageReader cuts a page into passages and sorts its words into fields.
type pageReader struct {
	document *Document
	fenced   bool
	section  string          // heading of the passage
	text     strings.Builder // of the passage
}

func (w *pageReader) line(line string) {
	d := w.document
	trimmed := strings.TrimSpace(line)
	if strings.HasPrefix(trimmed, "```") {
		w.fenced = !w.fenced
		w.keep(line)
		return
	}
	if w.fenced {
		d.add(fieldCode, line)
		w.keep(line)
		return
	}
	// The expressions are costly and most lines have nothing for them.
	if strings.ContainsRune(line, '<') {
		line = markup.ReplaceAllString(line, "")
	}
	if trimmed = strings.TrimSpace(line); trimmed == "" {
		w.keep("")
		return
	}
	plain := unlinked(trimmed)
	if heading := strings.TrimLeft(plain, "#"); heading != plain && strings.HasPrefix(heading, " ") {
		heading = strings.TrimSpace(heading)
		w.end()
		if strings.HasPrefix(plain, "# ") && d.Title == "" {
			d.Title = heading
			d.add(fieldTitle, heading)
			return
		}
		w.section = strings.ReplaceAll(heading, "`", "")
		if !boilerplate[w.section] {
			d.add(fieldHeading, heading)
		}
		return
	}
	if m := argumentOf(line); m != nil {
		// An argument of the first level begins a passage when the present one is long.
		if line[0] != ' ' && w.text.Len() > passageLength {
			w.end()
		}
		d.add(fieldArgument, m[1])
		d.add(fieldText, unlinked(m[2]))
	} else if !strings.HasPrefix(plain, "~> **Deprecated") {
		d.add(fieldText, plain)
	}
	w.keep(unlinked(line))
}

// unlinked is a text with the text of its links alone.
func unlinked(text string) string {
	if !strings.Contains(text, "](") {
		return text
	}
	return link.ReplaceAllString(text, "$1")
}

func argumentOf(line string) []string {
	if !strings.Contains(line, "- `") && !strings.Contains(line, "* `") {
		return nil
	}
	return argument.FindStringSubmatch(line)
}

// boilerplate are headings that every page has.
var boilerplate = map[string]bool{
	"Example Usage": true, "Schema": true, "Required": true, "Optional": true, "Read-Only": true, "Import": true,
	"Argument Reference": true, "Attribute Reference": true,
}

func (w *pageReader) keep(line string) {
	w.text.WriteString(line)
	w.text.WriteByte('\n')
}

// end closes the passage.
func (w *pageReader) end() {
	text := strings.TrimSpace(w.text.String())
	w.text.Reset()
	if text == "" {
		return
	}
	d := w.document
	title := d.Title
	if w.section != "" {
		title += ": " + w.section
	}
	d.Passages = append(d.Passages, Passage{Source: d.Source, Title: title, Text: text})
}

// sections reads a document whose sections are results of their own: a note, or an operator's document. It is cut at its
// headings of first and second level.
func sections(kind Kind, name, content string) []Document {
	var documents []Document
	var title string
	var text strings.Builder
	open := Passage{Source: name, Title: name}
	end := func() {
		if open.Text = strings.TrimSpace(text.String()); open.Text != "" {
			d := Document{Kind: kind, Source: open.Source, Title: open.Title, Passages: []Passage{open}}
			d.add(fieldTitle, open.Title)
			d.add(fieldText, unlinked(open.Text))
			documents = append(documents, d)
		}
		text.Reset()
	}
	_, body := frontMatter(content)
	fenced := false
	for line := range strings.Lines(body) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
		}
		heading, section := strings.CutPrefix(line, "## ")
		first, whole := strings.CutPrefix(line, "# ")
		switch {
		case fenced:
			text.WriteString(line)
		case whole:
			end()
			title = strings.TrimSpace(first)
			open = Passage{Source: name, Title: title}
		case section:
			end()
			heading = strings.TrimSpace(heading)
			open = Passage{Source: name + "#" + anchor(heading), Title: heading}
			if title != "" {
				open.Title = title + ": " + heading
			}
		default:
			text.WriteString(line)
		}
	}
	end()
	return documents
}

func anchor(heading string) string {
	return strings.Join(strings.FieldsFunc(plain(heading), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}
