package descriptor

import (
	"maps"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// part is a component that is growing.
type part struct {
	component *provisov1.Component
	homes     map[string]bool // folders of its Dockerfile, build context, Procfile and package
	process   bool            // nothing but a Procfile made it
	ports     []*provisov1.PortFact
	needs     []*provisov1.DependencyFact
	mentions  []reading.Mention
}

// part finds the component of a name, or makes it.
func (s *session) part(name string) *part {
	if p := s.parts[name]; p != nil {
		return p
	}
	p := &part{component: &provisov1.Component{Name: name}, homes: map[string]bool{}}
	s.parts[name] = p
	return p
}

// join adds the facts of a result's component to a part. The result may join several: they share no fact.
func (p *part) join(c *provisov1.Component, mentions []reading.Mention) {
	name, kind := p.component.GetName(), p.component.GetKind()
	proto.Merge(p.component, c)
	p.component.Name = name
	if kind != "" {
		p.component.Kind = kind
	}
	p.mentions = append(p.mentions, mentions...)
}

// take adds the components of a result that have names.
func (s *session) take(result reading.Result) {
	for _, c := range result.Components {
		if c.GetName() == "" {
			continue
		}
		var own []reading.Mention
		for _, m := range result.Mentions {
			if m.Component == c.GetName() {
				own = append(own, m)
			}
		}
		p := s.part(c.GetName())
		p.process = false
		p.join(c, own)
	}
}

// give adds what a result without a name says to parts.
func give(result reading.Result, parts []*part) {
	for _, c := range result.Components {
		for _, p := range parts {
			p.join(c, result.Mentions)
		}
	}
}

// sorted are the parts by name.
func (s *session) sorted() []*part {
	var out []*part
	for _, name := range slices.Sorted(maps.Keys(s.parts)) {
		out = append(out, s.parts[name])
	}
	return out
}

// where are the parts that satisfy a condition, by name.
func (s *session) where(holds func(*part) bool) []*part {
	var out []*part
	for _, p := range s.sorted() {
		if holds(p) {
			out = append(out, p)
		}
	}
	return out
}

// at are the parts at home in a folder.
func (s *session) at(folder string) []*part {
	return s.where(func(p *part) bool { return p.homes[folder] })
}

// runs reports whether an image of that name is what the part runs.
func (p *part) runs(name string) bool {
	return slices.ContainsFunc(p.component.GetImages(), func(f *provisov1.ImageFact) bool {
		return f.GetRole() == "run" && imageName(f.GetReference()) == name
	})
}

// imageName is the last path element of an image's reference, without tag and digest.
func imageName(reference string) string {
	reference, _, _ = strings.Cut(reference, "@")
	name, _, _ := strings.Cut(path.Base(reference), ":")
	return name
}
