package descriptor

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/compose"
	"proviso.dev/services/collector/internal/descriptor/dockerfile"
	"proviso.dev/services/collector/internal/descriptor/environment"
	"proviso.dev/services/collector/internal/descriptor/metadata"
	"proviso.dev/services/collector/internal/descriptor/procfile"
	"proviso.dev/services/collector/internal/descriptor/reading"
	"proviso.dev/services/collector/internal/descriptor/readme"
)

// readAll reads the files of a listing. What makes components by itself comes before what joins them.
func (s *session) readAll(l listing) {
	s.manifests(l)
	builds := s.composes(l.composes)
	s.dockerfiles(l.dockerfiles, builds)
	for _, name := range l.procfiles {
		s.procfile(name)
	}
	s.packages(l.packages)
	s.environments(l.environments, builds)
	if len(l.readmes) > 0 && path.Dir(l.readmes[0]) == "." {
		s.call(l.readmes[0], func() reading.Result { return readme.Read(s.files, l.readmes[0]) })
	}
	if len(l.terraform) > 0 {
		s.call("", func() reading.Result { return s.parsers.terraform(s.files, l.terraform) })
	}
}

// manifests reads charts, kustomizations, and the manifests that neither stands for. Which files those are is known only after both,
// but plain manifests count first.
func (s *session) manifests(l listing) {
	var charts, kustomized reading.Result
	for _, dir := range l.charts {
		charts.Add(s.call(path.Join(dir, "Chart.yaml"), func() reading.Result { return s.parsers.helm(s.ctx, s.files, dir) }))
	}
	if len(l.charts) == 1 && s.names.chart == "" {
		s.names.chart = s.chartName(l.charts[0])
	}
	if len(l.kustomizations) > 0 {
		kustomized = s.call("", func() reading.Result { return s.parsers.kustomize(s.ctx, s.files, l.kustomizations) })
	}
	var rest []string
	for _, name := range l.manifests {
		if !s.consumed[name] {
			rest = append(rest, name)
		}
	}
	if len(rest) > 0 {
		s.take(s.call("", func() reading.Result { return s.parsers.kubernetes(s.files, rest) }))
	}
	s.take(charts)
	s.take(kustomized)
}

// chartName is the name that a chart gives itself.
func (s *session) chartName(dir string) string {
	var ignored reading.Result // the chart's own parser reports what is wrong with the file
	data, ok := ignored.Load(s.files, path.Join(dir, "Chart.yaml"))
	if !ok {
		return ""
	}
	var chart struct {
		Name string `yaml:"name"`
	}
	if err := yaml.Unmarshal(data, &chart); err != nil {
		return ""
	}
	return reading.Cut(chart.Name, 253)
}

// built is a Compose service whose image this repository builds, or whose variables stand in its files.
type built struct {
	part     *part
	build    *compose.Build
	envFiles []string
}

// The names of Compose files, in the order in which Compose looks for them.
var (
	composeNames  = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	overrideNames = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// composes reads the Compose projects, one for each folder.
func (s *session) composes(files []string) []built {
	var out []built
	var folders []string
	named := map[string][]string{}
	for _, name := range files {
		dir := path.Dir(name)
		if named[dir] == nil {
			folders = append(folders, dir)
		}
		named[dir] = append(named[dir], path.Base(name))
	}
	for _, dir := range folders {
		project, variants := projectOf(named[dir])
		if len(project) == 0 && len(variants) == 1 && len(s.parts) == 0 {
			project, variants = variants, nil // there is nothing that it would be a variant of
		}
		for i := range project {
			project[i] = path.Join(dir, project[i])
		}
		if len(project) > 0 && !s.consumed[project[0]] {
			out = append(out, s.compose(project)...)
		}
		for _, variant := range variants {
			if name := path.Join(dir, variant); !s.consumed[name] {
				s.out.Problem(name, 0, "variant", "The file is another variant of the Compose project and was not read.")
			}
		}
	}
	return out
}

// projectOf splits the Compose files of a folder into those that Compose reads by itself, and variants.
func projectOf(names []string) (project, variants []string) {
	for _, choice := range [][]string{composeNames, overrideNames} {
		for _, name := range choice {
			if slices.Contains(names, name) {
				project = append(project, name)
				break
			}
		}
		if len(project) == 0 {
			break
		}
	}
	for _, name := range names {
		if !slices.Contains(project, name) {
			variants = append(variants, name)
		}
	}
	return project, variants
}

func (s *session) compose(files []string) []built {
	var project compose.Project
	result := s.call(files[0], func() reading.Result {
		project = compose.Read(s.files, files...)
		return project.Result
	})
	s.take(result)
	if s.names.project == "" {
		s.names.project = project.Name
	}
	var out []built
	for _, service := range project.Services {
		p := s.part(service.Component.GetName())
		if service.Build != nil {
			p.homes[service.Build.Context] = true
			if service.Build.Dockerfile != "" {
				p.homes[path.Dir(service.Build.Dockerfile)] = true
			}
		}
		out = append(out, built{p, service.Build, service.EnvFiles})
	}
	return out
}

// environmentVariant are the names of Dockerfiles for something other than the deployment.
var environmentVariant = regexp.MustCompile(`(?i)^(?:dev|devel|development|local|debug|test|tests|testing|ci|prod|production|release|staging|windows|alpine|debian|ubuntu|arm64?|arm32v7|armhf|slim)$`)

// dockerfiles gives each Dockerfile to the component whose image it builds.
func (s *session) dockerfiles(files []string, builds []built) {
	wanted := slices.Clone(files)
	for _, b := range builds {
		if b.build != nil && b.build.Dockerfile != "" && !slices.Contains(wanted, b.build.Dockerfile) {
			wanted = append(wanted, b.build.Dockerfile)
		}
	}
	slices.Sort(wanted)
	for _, name := range wanted {
		if s.consumed[name] {
			continue
		}
		used := false
		for _, b := range builds {
			if b.build != nil && b.build.Dockerfile == name {
				used = true
				how := dockerfile.Build{Target: b.build.Target, Args: b.build.Args}
				give(s.call(name, func() reading.Result { return dockerfile.Read(s.files, name, how) }), []*part{b.part})
			}
		}
		if used {
			continue
		}
		dir := path.Dir(name)
		component, variant := s.dockerfileName(name, files)
		if variant {
			s.out.Problem(name, 0, "variant", "The file is another variant of the Dockerfile beside it and was not read.")
			continue
		}
		result := s.call(name, func() reading.Result { return dockerfile.Read(s.files, name, dockerfile.Build{}) })
		if len(result.Components) == 0 {
			continue
		}
		parts := s.where(func(p *part) bool { return p.runs(component) })
		if len(parts) == 0 {
			parts = []*part{s.part(component)}
		}
		give(result, parts)
		for _, p := range parts {
			p.homes[dir] = true
		}
	}
}

// dockerfileName is the name of what a Dockerfile builds: its folder's, or, when there are others beside it, what tells it from
// them, unless that only tells another environment.
func (s *session) dockerfileName(name string, files []string) (component string, variant bool) {
	dir, base := path.Dir(name), path.Base(name)
	own := suffixOf(base)
	others := slices.ContainsFunc(files, func(other string) bool { return other != name && path.Dir(other) == dir })
	if own == "" || !others {
		return s.folder(dir), false
	}
	return own, environmentVariant.MatchString(own)
}

// suffixOf is x of Dockerfile.x and x.Dockerfile, empty for a plain one.
func suffixOf(base string) string {
	first, second, found := strings.Cut(base, ".")
	switch {
	case !found:
		return ""
	case strings.EqualFold(first, "dockerfile") || strings.EqualFold(first, "containerfile"):
		return second
	default:
		return first
	}
}

// procfile reads the processes of a folder.
func (s *session) procfile(name string) {
	dir := path.Dir(name)
	home := s.at(dir)
	result := s.call(name, func() reading.Result { return procfile.Read(s.files, name) })
	for _, c := range result.Components {
		p := s.parts[c.GetName()]
		switch {
		case c.GetName() == "web" && len(home) == 1:
			p = home[0]
		case p == nil:
			p = s.part(c.GetName())
			p.process = true
		}
		p.join(c, nil)
		p.homes[dir] = true
	}
}

// packages gives the metadata of packages to the components of their folder. Packages make components themselves when nothing else does.
func (s *session) packages(files []string) {
	alone := len(s.parts) == 0
	var folders []string
	read := map[string][]metadata.Package{}
	for _, name := range files {
		var p metadata.Package
		s.call(name, func() reading.Result {
			p = metadata.Read(s.files, name)
			return p.Result
		})
		if p.Runtime == nil {
			continue
		}
		if read[p.Folder] == nil {
			folders = append(folders, p.Folder)
		}
		read[p.Folder] = append(read[p.Folder], p)
	}
	for _, dir := range folders {
		packages := read[dir]
		slices.SortStableFunc(packages, func(a, b metadata.Package) int {
			return slices.Index(metadata.Names, path.Base(a.File)) - slices.Index(metadata.Names, path.Base(b.File))
		})
		s.packagesOf(dir, packages, alone)
	}
}

func (s *session) packagesOf(dir string, packages []metadata.Package, alone bool) {
	name, program := "", false
	for _, p := range packages {
		if name == "" {
			name = p.Name
		}
		program = program || p.Runs
	}
	if dir == "." && s.names.pack == "" {
		s.names.pack = name
	}
	parts := s.at(dir)
	if p := s.parts[s.folder(dir)]; len(parts) == 0 && p != nil {
		parts = []*part{p}
	}
	if len(parts) == 0 && alone && program {
		if name == "" {
			name = s.folder(dir)
		}
		p := s.part(name)
		p.component.Evidence = append(p.component.Evidence, reading.At(packages[0].File, 0, reading.Package))
		parts = []*part{p}
	}
	for _, p := range parts {
		p.homes[dir] = true
		for _, one := range packages {
			p.understand(one)
		}
	}
}

// understand adds what a package says. Of the processes of a Procfile only the web listens.
func (p *part) understand(one metadata.Package) {
	facts := &provisov1.Component{Runtimes: []*provisov1.RuntimeFact{one.Runtime}}
	if one.Command != nil {
		facts.Commands = append(facts.Commands, one.Command)
	}
	p.join(facts, nil)
	if one.Port != nil && (!p.process || p.component.GetName() == "web") {
		p.ports = append(p.ports, one.Port)
	}
	p.needs = append(p.needs, one.Needs...)
}

// environments gives files of variables to the components of their folder, and to the Compose services that name them.
func (s *session) environments(files []string, builds []built) {
	given := map[string][]*part{}
	var order []string
	add := func(name string, p *part) {
		if given[name] == nil {
			order = append(order, name)
		}
		if !slices.Contains(given[name], p) {
			given[name] = append(given[name], p)
		}
	}
	for _, name := range files {
		for _, p := range s.at(path.Dir(name)) {
			add(name, p)
		}
	}
	for _, b := range builds {
		for _, file := range b.envFiles {
			for _, name := range s.existing(file) {
				add(name, b.part)
			}
		}
	}
	for _, name := range order {
		give(s.call(name, func() reading.Result { return environment.Read(s.files, name) }), given[name])
	}
}

// existing are the files that stand for a file of variables: itself and its examples.
func (s *session) existing(file string) []string {
	var out []string
	for _, name := range append([]string{file}, environment.Examples(file)...) {
		if info, err := fs.Stat(s.files, name); err == nil && info.Mode().IsRegular() {
			out = append(out, name)
		}
	}
	return out
}
