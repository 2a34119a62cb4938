// Package compose reads Compose projects: a file, its override, and what they include or extend within the repository.
//
// It owns the layers of a project, which of two values counts, and the facts of each service with the line where it stands.
// The short forms of variables, ports and volumes are read by compose-go; its loader is not used, because it refuses a project for one
// wrong value and knows no lines: the tests hold it against this package as the oracle. It does not know Dockerfiles and
// files of variables, which are named to package descriptor.
package compose

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// A Project is what a Compose file with its override says.
type Project struct {
	// Name as the file says; empty: it says none.
	Name string
	// Services sorted by name.
	Services []Service
	// Result holds the components of the services, in their order, and what was not read.
	Result reading.Result
}

// A Service is one service with what joins other files to it.
type Service struct {
	// Component with the service's facts.
	Component *provisov1.Component
	// Build says how its image is built; nil: it is not built from this repository.
	Build *Build
	// EnvFiles are the paths in the repository of the files that its variables come from, whether they exist or not.
	EnvFiles []string
}

// A Build is how the image of a service is built.
type Build struct {
	// Context is the folder in the repository, "." for its top.
	Context string
	// Dockerfile is its path in the repository; empty: its text stands in the Compose file.
	Dockerfile string
	// Target is the stage that is wanted; empty: the last.
	Target string
	// Args go before the defaults of ARG.
	Args map[string]string
}

// Limits of one project: a hundred times what people write.
const (
	mostOfVisits   = 100_000
	mostOfFiles    = 50
	mostOfServices = 256
	mostOfDepth    = 10
)

// layer is a piece of YAML with the file that it stands in. Later layers go before earlier ones.
type layer struct {
	file string
	node *yaml.Node
}

// project gathers layers.
type project struct {
	files  fs.FS
	out    *Project
	tree   *tree
	loaded map[string][]*yaml.Node

	names    []string           // of services, as found
	services map[string][]layer // by name
	declared map[string]*provisov1.Evidence
}

// Read reads a project: a file and the files that override it, in that order.
func Read(files fs.FS, names ...string) Project {
	out := Project{}
	p := &project{
		files: files, out: &out, tree: &tree{left: mostOfVisits},
		loaded: map[string][]*yaml.Node{}, services: map[string][]layer{}, declared: map[string]*provisov1.Evidence{},
	}
	for _, name := range names {
		p.file(name, 0)
	}
	if len(p.names) == 0 && len(out.Result.Problems) == 0 {
		out.Result.Problem(names[0], 0, "unsupported", "The Compose file names no services.")
	}
	slices.Sort(p.names)
	if len(p.names) > mostOfServices {
		out.Result.Problem(names[0], 0, "too_many", "The Compose project holds too many services; the first ones by name were read.")
		p.names = p.names[:mostOfServices]
	}
	for _, name := range p.names {
		service := p.service(name)
		out.Services = append(out.Services, service)
		out.Result.Components = append(out.Result.Components, service.Component)
	}
	if p.tree.left <= 0 {
		out.Result.Problem(names[0], 0, "too_many", "The aliases of the Compose project multiply its parts beyond bounds; not all of it was read.")
	}
	return out
}

// file adds the documents of one file, those that it includes first.
func (p *project) file(name string, depth int) {
	for _, document := range p.load(name) {
		if depth < mostOfDepth {
			p.include(name, document, depth)
		}
		if value := p.tree.get(document, "name"); value != nil {
			p.out.Name = reading.Cut(interpolate(value.Value), 253)
		}
		services := p.tree.get(document, "services")
		if services == nil {
			continue
		}
		if services.Kind != yaml.MappingNode && services.Tag != "!!null" {
			p.out.Result.Problem(name, services.Line, "syntax", "The services of the Compose file are not a mapping.")
			continue
		}
		for _, pair := range p.tree.pairs(services) {
			service := pair.key.Value
			if service == "" || len(service) > 253 {
				continue
			}
			if p.services[service] == nil {
				p.names = append(p.names, service)
				p.declared[service] = reading.At(name, pair.key.Line, reading.Compose)
			}
			p.services[service] = append(p.services[service], p.extended(layer{name, pair.value}, 0)...)
		}
	}
}

// load parses a file once. It returns the top mappings of its documents.
func (p *project) load(name string) []*yaml.Node {
	if documents, known := p.loaded[name]; known {
		return documents
	}
	p.loaded[name] = nil
	if len(p.loaded) > mostOfFiles {
		p.out.Result.Problem(name, 0, "too_many", "The Compose project holds too many files; this one was not read.")
		return nil
	}
	p.out.Result.Consumed = append(p.out.Result.Consumed, name)
	data, ok := p.out.Result.Load(p.files, name)
	if !ok {
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var documents []*yaml.Node
	for range mostOfFiles {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			p.out.Result.Problem(name, 0, "syntax", "The Compose file is not valid YAML: "+strings.TrimPrefix(err.Error(), "yaml: ")+".")
			break
		}
		if len(document.Content) == 0 {
			continue
		}
		if document.Content[0].Kind != yaml.MappingNode {
			p.out.Result.Problem(name, document.Content[0].Line, "syntax", "The Compose file is not a mapping.")
			continue
		}
		documents = append(documents, document.Content[0])
	}
	p.loaded[name] = documents
	return documents
}

// include adds the files that a document includes.
func (p *project) include(name string, document *yaml.Node, depth int) {
	for _, entry := range p.tree.items(p.tree.get(document, "include")) {
		paths := p.tree.items(entry)
		if entry.Kind == yaml.MappingNode {
			paths = p.tree.items(p.tree.get(entry, "path"))
		}
		for _, one := range paths {
			if file, ok := p.inside(name, one); ok && !p.known(file) {
				p.file(file, depth+1)
			}
		}
	}
}

func (p *project) known(file string) bool {
	_, known := p.loaded[file]
	return known
}

// extended is a service with the layers that it extends before it.
func (p *project) extended(l layer, depth int) []layer {
	own := []layer{l}
	extends := p.tree.get(p.tree.resolve(l.node), "extends")
	if extends == nil {
		return own
	}
	if depth >= mostOfDepth {
		p.out.Result.Problem(l.file, extends.Line, "too_many", "The services extend one another too deeply.")
		return own
	}
	service, file := extends, l.file
	if extends.Kind == yaml.MappingNode {
		service = p.tree.get(extends, "service")
		if other := p.tree.get(extends, "file"); other != nil {
			inside, ok := p.inside(l.file, other)
			if !ok {
				return own
			}
			file = inside
		}
	}
	if service == nil {
		return own
	}
	for _, document := range p.load(file) {
		if base := p.tree.get(p.tree.get(document, "services"), service.Value); base != nil {
			return append(p.extended(layer{file, base}, depth+1), own...)
		}
	}
	return own
}

// inside is the path in the repository of a file that another names. One outside of it is a problem.
func (p *project) inside(from string, named *yaml.Node) (string, bool) {
	value := interpolate(named.Value)
	if strings.Contains(value, "://") || strings.HasPrefix(value, "git@") {
		p.out.Result.Problem(from, named.Line, "remote", "A file that is not in the repository was not read.")
		return "", false
	}
	file := path.Join(path.Dir(from), value)
	if path.IsAbs(value) || !fs.ValidPath(file) {
		p.out.Result.Problem(from, named.Line, "outside", "A file outside of the repository was not read.")
		return "", false
	}
	return file, true
}
