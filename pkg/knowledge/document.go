package knowledge

import (
	"path"
	"strings"
)

// Kind says what a document is, which decides how it is cut and how it is ranked.
type Kind int

// The kinds of documents.
const (
	KindNote     Kind = iota // a section of Proviso's own notes
	KindOwn                  // a section of an operator's document
	KindResource             // a page of the provider on a resource
	KindData                 // a page of the provider on a data source
	KindGuide                // a guide of the provider, or its first page
	KindSchema               // names of the provider's schema, where its pages are not at hand
)

// A Passage is a part of a document that can be shown by itself.
type Passage struct {
	Source string // where it stands: "resources/backup_job.md", "high-availability.md#shared-storage"
	Title  string // titles of document and section: "High availability: shared storage"
	Text   string // Markdown, without its heading
}

// A Document is what a search returns as one result.
type Document struct {
	Kind     Kind
	Source   string    // "resources/backup_job.md"
	Title    string    // "Resource: proxmox_backup_job"
	Passages []Passage // at least one

	name   string           // what a page of the provider is about: "backup_job"; empty: nothing in particular
	twin   string           // source of the page that replaces this one; empty: none does
	fields [fields][]string // texts per field
}

// A field is a part of a document whose words weigh alike.
type field int

const (
	fieldName     field = iota // identifier of a resource or data source
	fieldTitle                 // title and summary
	fieldAlias                 // what people call it: concepts.txt
	fieldHeading               // headings
	fieldArgument              // names of arguments and attributes
	fieldText                  // prose, and what is said of arguments
	fieldCode                  // examples
	fields                     // how many there are
)

func (d *Document) add(f field, text string) { d.fields[f] = append(d.fields[f], text) }

// kindOf tells the pages of the provider apart by their path under docs/.
func kindOf(source string) Kind {
	switch dir, _ := path.Split(source); dir {
	case "resources/":
		return KindResource
	case "data-sources/":
		return KindData
	default:
		return KindGuide
	}
}

// longPrefix begins the file of a page whose resource has a long name.
const longPrefix = "virtual_environment_"

// nameOf is what a page is about.
func nameOf(source string) string {
	return strings.TrimPrefix(strings.TrimSuffix(path.Base(source), ".md"), longPrefix)
}
