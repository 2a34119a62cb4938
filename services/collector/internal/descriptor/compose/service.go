package compose

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/go-units"
	"go.yaml.in/yaml/v3"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// service is one service being read.
type service struct {
	*project
	layers    []layer
	component *provisov1.Component
}

// service reads the facts of a service from its layers.
func (p *project) service(name string) Service {
	s := &service{project: p, layers: p.services[name], component: &provisov1.Component{
		Name: name, Kind: "service", Evidence: []*provisov1.Evidence{p.declared[name]},
	}}
	if restart := s.last("restart"); restart != nil && (restart.node.Value == "no" || restart.node.Value == "false") {
		s.component.Kind = "job"
	}
	if image := s.last("image"); image != nil && image.node.Value != "" {
		s.component.Images = append(s.component.Images, &provisov1.ImageFact{Reference: reading.Cut(interpolate(image.node.Value), 512), Role: "run", Evidence: image.at()})
	}
	s.ports()
	s.environment()
	s.volumes()
	s.dependencies()
	s.resources()
	s.replicas()
	s.commands()
	s.health()
	return Service{Component: s.component, Build: s.build(), EnvFiles: s.envFiles()}
}

// at is the evidence of a layer's node.
func (l layer) at() *provisov1.Evidence { return reading.At(l.file, l.node.Line, reading.Compose) }

// under is the evidence of a node in a layer.
func (l layer) under(n *yaml.Node) *provisov1.Evidence {
	return reading.At(l.file, n.Line, reading.Compose)
}

// all are the values of a key, each layer's in turn. "!reset" forgets those before and itself, "!override" those before.
func (s *service) all(keys ...string) []layer {
	var out []layer
	for _, l := range s.layers {
		node := s.tree.resolve(l.node)
		for _, key := range keys {
			node = s.tree.get(node, key)
		}
		if node == nil {
			continue
		}
		if node.Tag == "!reset" || node.Tag == "!override" {
			out = nil
		}
		if node.Tag != "!reset" {
			out = append(out, layer{l.file, node})
		}
	}
	return out
}

// last is the value of a key that counts; nil when there is none.
func (s *service) last(keys ...string) *layer {
	all := s.all(keys...)
	if len(all) == 0 || all[len(all)-1].node.Tag == "!!null" {
		return nil
	}
	return &all[len(all)-1]
}

func (s *service) environment() {
	latest := map[string]int{}
	add := func(name, value string, at *provisov1.Evidence) {
		if name == "" {
			return
		}
		fact, mentions := reading.Variable(s.component.GetName(), name, interpolate(value), at)
		s.out.Result.Mentions = append(s.out.Result.Mentions, mentions...)
		if i, known := latest[name]; known {
			s.component.Environment[i] = fact
			return
		}
		latest[name] = len(s.component.GetEnvironment())
		s.component.Environment = append(s.component.Environment, fact)
	}
	for _, l := range s.all("environment") {
		if l.node.Kind == yaml.MappingNode {
			for _, pair := range s.tree.pairs(l.node) {
				value := pair.value.Value
				if pair.value.Tag == "!!null" {
					value = ""
				}
				add(interpolate(pair.key.Value), value, l.under(pair.key))
			}
			continue
		}
		for _, item := range s.tree.items(l.node) {
			name, value, _ := strings.Cut(item.Value, "=")
			add(interpolate(strings.TrimSpace(name)), value, l.under(item))
		}
	}
}

func (s *service) dependencies() {
	add := func(name string, at *provisov1.Evidence) {
		known := slices.ContainsFunc(s.component.GetDependencies(), func(d *provisov1.DependencyFact) bool { return d.GetName() == name })
		if name == "" || known || name == s.component.GetName() {
			return
		}
		_, component := s.project.services[name]
		s.component.Dependencies = append(s.component.Dependencies, &provisov1.DependencyFact{Name: reading.Cut(name, 253), Component: component, Evidence: at})
	}
	for _, l := range s.all("depends_on") {
		if l.node.Kind == yaml.MappingNode {
			for _, pair := range s.tree.pairs(l.node) {
				add(pair.key.Value, l.under(pair.key))
			}
			continue
		}
		for _, item := range s.tree.items(l.node) {
			add(item.Value, l.under(item))
		}
	}
	for _, l := range s.all("links") {
		for _, item := range s.tree.items(l.node) {
			name, _, _ := strings.Cut(item.Value, ":")
			add(name, l.under(item))
		}
	}
}

func (s *service) replicas() {
	for _, keys := range [][]string{{"deploy", "replicas"}, {"scale"}} {
		if l := s.last(keys...); l != nil {
			if n, err := strconv.ParseInt(interpolate(l.node.Value), 10, 32); err == nil && n >= 0 {
				s.component.Replicas = append(s.component.Replicas, &provisov1.ReplicaFact{Count: int32(n), Evidence: l.at()})
			}
		}
	}
}

// resources reads deploy.resources and the older keys that mean the same.
func (s *service) resources() {
	for _, one := range []struct {
		resource, bound string
		keys            []string
	}{
		{"cpu", "request", []string{"deploy", "resources", "reservations", "cpus"}},
		{"memory", "request", []string{"deploy", "resources", "reservations", "memory"}},
		{"cpu", "limit", []string{"deploy", "resources", "limits", "cpus"}},
		{"memory", "limit", []string{"deploy", "resources", "limits", "memory"}},
		{"cpu", "limit", []string{"cpus"}},
		{"memory", "request", []string{"mem_reservation"}},
		{"memory", "limit", []string{"mem_limit"}},
	} {
		l := s.last(one.keys...)
		if l == nil {
			continue
		}
		text := interpolate(l.node.Value)
		amount, ok := amountOf(one.resource, text)
		if !ok {
			s.out.Result.Problem(l.file, l.node.Line, "unsupported", "The amount "+strconv.Quote(reading.Cut(text, 80))+" was not understood.")
			continue
		}
		s.component.Resources = append(s.component.Resources, &provisov1.ResourceFact{Resource: one.resource, Bound: one.bound, Amount: amount, Evidence: l.at()})
	}
	for _, l := range s.all("deploy", "resources", "reservations", "devices") {
		for _, device := range s.tree.items(l.node) {
			gpu := slices.ContainsFunc(s.tree.items(s.tree.get(device, "capabilities")), func(n *yaml.Node) bool { return n.Value == "gpu" })
			count := s.tree.get(device, "count")
			if !gpu || count == nil {
				continue
			}
			if n, err := strconv.ParseInt(interpolate(count.Value), 10, 32); err == nil && n > 0 {
				s.component.Resources = append(s.component.Resources, &provisov1.ResourceFact{Resource: "gpu", Bound: "request", Amount: n, Evidence: l.under(count)})
			}
		}
	}
}

// amountOf reads an amount: thousandths of a core, or bytes.
func amountOf(resource, text string) (int64, bool) {
	if resource == "cpu" {
		cores, err := strconv.ParseFloat(text, 64)
		if err != nil || !(cores >= 0 && cores < 1e6) {
			return 0, false
		}
		return int64(cores*1000 + 0.5), true
	}
	n, err := units.RAMInBytes(text)
	return n, err == nil && n >= 0
}

// commands joins entry point and command, as far as the project says them.
func (s *service) commands() {
	var words []string
	var at *provisov1.Evidence
	for _, key := range []string{"entrypoint", "command"} {
		l := s.last(key)
		if l == nil {
			continue
		}
		text := interpolate(l.node.Value)
		if l.node.Kind == yaml.SequenceNode {
			text = reading.Words(s.strings(l.node))
		}
		if text == "" {
			continue
		}
		words = append(words, text)
		if at == nil {
			at = l.at()
		}
	}
	if text := reading.Clean(strings.Join(words, " "), 1024); text != "" {
		s.component.Commands = append(s.component.Commands, &provisov1.CommandFact{Command: text, Evidence: at})
	}
}

func (s *service) strings(n *yaml.Node) []string {
	var out []string
	for _, item := range s.tree.items(n) {
		out = append(out, interpolate(item.Value))
	}
	return out
}

func (s *service) health() {
	test := s.last("healthcheck", "test")
	if disable := s.last("healthcheck", "disable"); test == nil || (disable != nil && disable.node.Value == "true") {
		return
	}
	text := interpolate(test.node.Value)
	if test.node.Kind == yaml.SequenceNode {
		words := s.strings(test.node)
		switch {
		case len(words) > 1 && words[0] == "CMD":
			text = reading.Words(words[1:])
		case len(words) > 1 && words[0] == "CMD-SHELL":
			text = strings.Join(words[1:], " ")
		default:
			return
		}
	}
	if text != "" && text != "NONE" {
		s.component.Health = append(s.component.Health, &provisov1.HealthFact{Kind: "container", Check: reading.Clean("exec "+text, 512), Evidence: test.at()})
	}
}

func (s *service) envFiles() []string {
	var out []string
	for _, l := range s.all("env_file") {
		for _, item := range s.tree.items(l.node) {
			if item.Kind == yaml.MappingNode {
				item = s.tree.get(item, "path")
			}
			if item == nil || item.Value == "" || unset(interpolate(item.Value)) {
				continue
			}
			if file, ok := s.inside(l.file, item); ok && !slices.Contains(out, file) {
				out = append(out, file)
			}
		}
	}
	return out
}

func (s *service) build() *Build {
	all := s.all("build")
	if len(all) == 0 {
		return nil
	}
	out := &Build{Context: path.Dir(all[0].file), Args: map[string]string{}}
	inline := false
	dockerfile := "Dockerfile"
	for _, l := range all {
		context := l.node
		if l.node.Kind == yaml.MappingNode {
			context = s.tree.get(l.node, "context")
			if n := s.tree.get(l.node, "dockerfile"); n != nil {
				dockerfile, inline = interpolate(n.Value), false
			}
			if n := s.tree.get(l.node, "dockerfile_inline"); n != nil {
				inline = true
			}
			if n := s.tree.get(l.node, "target"); n != nil {
				out.Target = interpolate(n.Value)
			}
			s.args(out, s.tree.get(l.node, "args"))
		}
		if context != nil && context.Kind == yaml.ScalarNode {
			folder, ok := s.inside(l.file, context)
			if !ok {
				return nil
			}
			out.Context = folder
		}
	}
	if !inline {
		out.Dockerfile = path.Join(out.Context, dockerfile)
		if path.IsAbs(dockerfile) || !fs.ValidPath(out.Dockerfile) {
			s.out.Result.Problem(all[0].file, all[0].node.Line, "outside", "A Dockerfile outside of the repository was not read.")
			out.Dockerfile = ""
		}
	}
	return out
}

// args reads the arguments of a build, a list or a mapping. Those whose values are not known here say nothing.
func (s *service) args(out *Build, n *yaml.Node) {
	add := func(name, value string) {
		if value = interpolate(value); !unset(value) {
			out.Args[name] = value
		}
	}
	if n != nil && n.Kind == yaml.MappingNode {
		for _, pair := range s.tree.pairs(n) {
			if pair.value.Tag != "!!null" {
				add(pair.key.Value, pair.value.Value)
			}
		}
		return
	}
	for _, item := range s.tree.items(n) {
		if name, value, found := strings.Cut(item.Value, "="); found {
			add(name, value)
		}
	}
}
