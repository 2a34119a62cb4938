package kubernetes

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Bounds of what is decoded. The API server takes objects of 1.5 MiB at most; a node of the decoded tree takes a hundred
// bytes and more for two bytes of text, so the bound on one document is the one that guards memory.
const (
	maxFile      = 8 << 20
	maxNodes     = 300_000  // that the text of one document can hold at most
	maxKept      = 600_000  // nodes of one reading
	maxValue     = 4 << 10  // bytes of a ConfigMap's value
	maxBytes     = 32 << 20 // of all files with objects in one reading
	maxDocument  = 1 << 20
	maxDocuments = 2000 // in one file
	maxObjects   = 5000 // in one reading
)

// looksLike finds what every object must have, whether or not the rest can be decoded: at the beginning of a line, or with a
// text behind it. Schemas have properties of that name.
var looksLike = regexp.MustCompile(`(?m)^(- )?["']?apiVersion["']?[ \t]*:|["']apiVersion["'][ \t]*:[ \t]*["']|[{,][ \t]*apiVersion[ \t]*:`)

// kindLine is the other half of it.
var kindLine = regexp.MustCompile(`(?m)["']?\bkind["']?[ \t]*:`)

// yamlLine finds the line in an error of the YAML decoder, which has no type for it.
var yamlLine = regexp.MustCompile(`line (\d+)`)

// parserErrors finds the errors whose line the decoder counts from 0; those of its scanner count from 1.
var parserErrors = regexp.MustCompile(`did not find expected (key|'-'|node content|',' or|<)|found undefined tag handle`)

// An Object is a Kubernetes object and where its fields stand.
type Object struct {
	// Root is the object.
	Root Field
	// Place says in which file and on which line a field stands; line 0: the file as a whole.
	Place func(Field) (file string, line int)
}

// Group is the API group; empty: the core.
func (o Object) Group() string {
	group, _, found := strings.Cut(o.Root.Get("apiVersion").Text(), "/")
	if !found {
		return ""
	}
	return group
}

// Kind is the kind.
func (o Object) Kind() string { return o.Root.Get("kind").Text() }

// Name is the name; of an object that is named by the server, what its name begins with.
func (o Object) Name() string {
	if name := o.Root.Get("metadata", "name").Text(); name != "" {
		return name
	}
	return strings.TrimRight(o.Root.Get("metadata", "generateName").Text(), "-")
}

// namespace is the namespace; empty: the one that it is applied to.
func (o Object) namespace() string { return o.Root.Get("metadata", "namespace").Text() }

// Decode returns the objects of a text of YAML or JSON documents, whose first line is called `first` (usually 1), with
// line numbers as places in that file. What is no object is passed over; what looks like one and cannot be decoded becomes a
// problem of the result. Values of Secrets are dropped here.
func Decode(data []byte, file string, into *reading.Result) []Object {
	if len(data) > maxFile {
		into.Problem(file, 0, "too_large", "The file is larger than "+strconv.Itoa(maxFile>>20)+" MiB.")
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var objects []Object
	kept := 0
	for number, d := range split(data) {
		if number >= maxDocuments {
			into.Problem(file, d.line, "too_many", "The file has more than "+strconv.Itoa(maxDocuments)+" documents; the rest is not read.")
			break
		}
		if !bytes.Contains(d.text, []byte("apiVersion")) || !looksLike.Match(d.text) || !kindLine.Match(d.text) {
			continue
		}
		if len(d.text) > maxDocument || nodes(d.text) > maxNodes {
			into.Problem(file, d.line, "too_large", "The document is larger than "+strconv.Itoa(maxDocument>>20)+" MiB, or has more than "+strconv.Itoa(maxNodes)+" parts.")
			continue
		}
		for _, o := range decode(d, file, into) {
			kept += size(o.Root.value)
			objects = append(objects, o)
		}
		if len(objects) > maxObjects || kept > maxKept {
			into.Problem(file, d.line, "too_many", "The file has more than "+strconv.Itoa(maxObjects)+" objects, or objects that are too large together; the rest is not read.")
			break
		}
	}
	return objects[:min(len(objects), maxObjects)]
}

// A document is one of a stream.
type document struct {
	text []byte
	line int // of its first line in the stream, from 1
}

// split cuts a stream at its separators. Each document is decoded by itself, so that a broken one spoils no other.
func split(data []byte) []document {
	var out []document
	start, startLine, line := 0, 1, 1
	for at := 0; at < len(data); line++ {
		end := bytes.IndexByte(data[at:], '\n')
		if end < 0 {
			end = len(data)
		} else {
			end += at + 1
		}
		if l := data[at:end]; bytes.HasPrefix(l, []byte("---")) && (len(l) == 3 || strings.ContainsRune(" \t\r\n", rune(l[3]))) {
			out = append(out, document{data[start:at], startLine})
			start, startLine = at, line
			if rest := bytes.TrimSpace(l[3:]); len(rest) == 0 || rest[0] == '#' {
				start, startLine = end, line+1
			}
			if len(out) > maxDocuments {
				return out
			}
		}
		at = end
	}
	return append(out, document{data[start:], startLine})
}

// nodes counts what begins a node, so that no text decodes to more than that. Texts within texts count too, as in the JSON of
// a dashboard; the largest of those have a third of the bound.
func nodes(text []byte) int {
	n := 0
	for _, c := range text {
		switch c {
		case ',', ':', '[', '{', '\n', '-', '?':
			n++
		}
	}
	return n
}

// decode decodes one document.
func decode(d document, file string, into *reading.Result) (objects []Object) {
	// The decoder panics on a few broken texts that its own recovery does not know.
	defer func() {
		if r := recover(); r != nil {
			into.Problem(file, d.line, "syntax", "The YAML cannot be decoded.")
		}
	}()
	var tree yaml.Node
	if err := yaml.Unmarshal(d.text, &tree); err != nil {
		line := d.line
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			n, _ := strconv.Atoi(m[1])
			line += n - 1
			if parserErrors.MatchString(err.Error()) {
				line++
			}
		}
		if bytes.Contains(d.text, []byte("{{")) {
			into.Problem(file, line, "template", "The manifest is a template that nothing here renders.")
			return nil
		}
		into.Problem(file, line, "syntax", "The YAML cannot be decoded: "+strings.TrimPrefix(yamlLine.ReplaceAllString(err.Error(), ""), "yaml: : ")+".")
		return nil
	}
	place := func(f Field) (string, int) {
		if f.Line() == 0 {
			return file, 0
		}
		return file, f.Line() + d.line - 1
	}
	top := Object{Root: root(&tree), Place: place}
	if top.Root.Get("apiVersion").Text() == "" || top.Kind() == "" {
		return nil
	}
	if name := top.Root.Get("metadata", "name"); name.Present() && name.value.Kind == yaml.MappingNode { // {{ .Name }} is YAML: a map whose key is a map
		_, line := place(name)
		into.Problem(file, line, "template", "The manifest is a template that nothing here renders.")
		return nil
	}
	if sops := top.Root.Get("sops"); sops.Get("mac").Present() || sops.Get("lastmodified").Present() {
		_, line := place(sops)
		into.Problem(file, line, "encrypted", "The manifest is encrypted with SOPS; only names are read.")
		if top.Kind() != "Secret" {
			return nil
		}
	}
	objects = []Object{top}
	if items := top.Root.Get("items"); strings.HasSuffix(top.Kind(), "List") && items.Present() {
		objects = nil
		for _, item := range items.Items() {
			item.Parent = nil // the object begins here
			objects = append(objects, Object{Root: item, Place: place})
		}
	}
	for _, o := range objects {
		if o.Kind() == "Secret" {
			o.Root.Get("data").drop()
			o.Root.Get("stringData").drop()
		}
		if o.Kind() == "ConfigMap" {
			o.Root.Get("data").shorten()
		}
		if !slices.Contains(kinds, o.Kind()) {
			o.Root.prune()
		}
	}
	return objects
}

// kinds are those whose fields say something; of others only the name is kept, for they may be large and many.
var kinds = []string{
	"Deployment", "ReplicaSet", "ReplicationController", "Pod", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "Ingress",
	"HTTPRoute", "HorizontalPodAutoscaler", "PersistentVolumeClaim", "ConfigMap", "Secret", "SealedSecret",
}

// errTooLarge is returned when a file is longer than a manifest may be.
var errTooLarge = errors.New("file is too large")

// load reads a regular file of bounded size.
func load(files fs.FS, path string) ([]byte, error) {
	info, err := fs.Stat(files, path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, errTooLarge
	}
	return fs.ReadFile(files, path)
}

// Tree decodes the first document of a text, whatever it is, for those who read files about objects.
func Tree(data []byte) (tree Field, err error) {
	defer func() { // as in decode
		if r := recover(); r != nil {
			err = fmt.Errorf("decode YAML: %v", r)
		}
	}()
	if len(data) > maxDocument {
		return Field{Index: -1}, errTooLarge
	}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		return Field{Index: -1}, fmt.Errorf("decode YAML: %w", err)
	}
	return root(&node), nil
}
