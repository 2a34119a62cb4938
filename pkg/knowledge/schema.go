package knowledge

import (
	_ "embed"
	"strings"
)

// schemaText is written from the pinned provider's schema by services/builder/internal/schema: per line a resource or data
// source ("resources/backup_job", "data-sources/backup_jobs") and the names of its arguments, blocks and attributes.
//
//go:embed schema.txt
var schemaText string

// schemaNames are documents made from the provider's schema, for a binary that has no pages: their sources are those of the
// pages, so that an answer names the same place with less to read there.
func schemaNames() []Document {
	var list []Document
	for line := range strings.Lines(schemaText) {
		page, names, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		source := page + ".md"
		d := Document{Kind: kindOf(source), Source: source, name: nameOf(source)}
		if d.Kind == KindData {
			d.Title = "Data Source: " + d.name
		} else {
			d.Title = "Resource: " + d.name
		}
		d.Passages = []Passage{{Source: source, Title: d.Title, Text: "Arguments and attributes: " + names}}
		d.add(fieldName, d.name)
		d.add(fieldTitle, d.Title)
		d.add(fieldArgument, names)
		list = append(list, d)
	}
	return list
}
