// Package readme takes the title and the first paragraph of a README as hints for people.
//
// It owns what counts as either. Nothing that it returns is a fact.
package readme

import (
	"io/fs"
	"regexp"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// mostOfLines bounds how far into a file a paragraph is looked for.
const mostOfLines = 200

var (
	title     = regexp.MustCompile(`^(?:#{1,2}|=)\s+(.+?)\s*#*$`)
	underline = regexp.MustCompile(`^(?:={3,}|-{3,}|~{3,})\s*$`)
	// noText are lines that are no prose: headings, lists, quotes, tables, code, markup, images and badges, directives.
	noText = regexp.MustCompile("^(?:#|[-*+]\\s|[0-9]+\\.\\s|>|\\||```|~~~|<|!\\[|\\[!|\\[[^]]*\\]:|\\.\\.\\s|:[a-z])")
)

// Read reads one README.
func Read(files fs.FS, name string) reading.Result {
	var out reading.Result
	data, ok := out.Load(files, name)
	if !ok {
		return out
	}
	add := func(text string, line int) {
		if text = reading.Clean(text, 2048); text != "" {
			out.Hints = append(out.Hints, &provisov1.Hint{Text: text, Evidence: reading.At(name, line, reading.Readme)})
		}
	}
	lines := strings.Split(string(data), "\n")
	lines = lines[:min(len(lines), mostOfLines)]
	titled, fenced := false, false
	var paragraph []string
	first := 0
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "```") || strings.HasPrefix(line, "~~~") {
			fenced = !fenced
		}
		m := title.FindStringSubmatch(line)
		switch {
		case fenced:
		case len(paragraph) == 1 && underline.MatchString(line):
			// What was taken for a paragraph is a heading that is underlined.
			if !titled {
				add(paragraph[0], first)
				titled = true
			}
			paragraph = nil
		case len(paragraph) > 0 && (line == "" || noText.MatchString(line)):
			add(strings.Join(paragraph, " "), first)
			return out
		case m != nil && !titled:
			add(m[1], i+1)
			titled = true
		case line == "" || noText.MatchString(line) || underline.MatchString(line):
		default:
			if len(paragraph) == 0 {
				first = i + 1
			}
			paragraph = append(paragraph, line)
		}
	}
	add(strings.Join(paragraph, " "), first)
	return out
}
