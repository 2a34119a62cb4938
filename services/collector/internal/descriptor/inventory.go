package descriptor

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"proviso.dev/services/collector/internal/descriptor/environment"
	"proviso.dev/services/collector/internal/descriptor/metadata"
)

// Bounds of the walk over a repository.
const (
	mostOfEntries   = 200_000
	mostOfDepth     = 32
	mostOfKind      = 2_000 // files of one kind that are read
	mostOfComplaint = 64    // files of one walk that are named in problems
)

// unread are folders that hold what others wrote, what tools made, or what only tests read.
var unread = map[string]bool{
	".git": true, "node_modules": true, "vendor": true, "third_party": true, "testdata": true, ".terraform": true, "dist": true, "target": true,
}

// asides are folders whose files test, show or develop an application and do not deploy it.
var asides = map[string]bool{
	"test": true, "tests": true, "e2e": true, "examples": true, ".devcontainer": true, ".github": true, ".gitlab": true, ".circleci": true,
}

// listing is the files of a repository by kind, each sorted by path.
type listing struct {
	charts, kustomizations                          []string // folders
	composes, dockerfiles, manifests, terraform     []string
	procfiles, packages, environments, readmes, all []string
}

var (
	composeName    = regexp.MustCompile(`^(?:docker-)?compose(?:[.-][A-Za-z0-9_.-]+)?\.ya?ml$`)
	dockerfileName = regexp.MustCompile(`^(?:dockerfile|(?:Docker|Container)file(?:\.[A-Za-z0-9_-]+)?|[A-Za-z0-9_-]+\.(?:Docker|docker|Container)file|[A-Za-z0-9_-]+\.[Dd]ocker)$`)
	templateName   = regexp.MustCompile(`(?i)^dockerfile\.(?:j2|jinja2?|tmpl|tpl|template|erb|in)$`)
	noDockerfile   = regexp.MustCompile(`(?i)\.(?:dockerignore|md|rst|txt|ya?ml|json|sh|go|py|js|ts|rb|rs|java|lock|orig|bak)$`)
	readmeName     = regexp.MustCompile(`(?i)^readme(?:\.(?:md|markdown|rst|txt|adoc))?$`)
)

// inventory lists the files: those that count, and those that only test.
func (s *session) inventory() (found, aside listing) {
	entries, complaints := 0, 0
	complain := func(file, code, message string) {
		if complaints++; complaints <= mostOfComplaint {
			s.out.Problem(file, 0, code, message)
		}
	}
	var folders []string // of charts; those below come later
	err := fs.WalkDir(s.files, ".", func(name string, entry fs.DirEntry, err error) error {
		entries++
		base := path.Base(name)
		switch {
		case s.ctx.Err() != nil:
			return fs.SkipAll
		case err != nil:
			complain(name, "unsupported", "The folder could not be read.")
			return fs.SkipDir
		case entries > mostOfEntries:
			s.out.Problem("", 0, "too_many", fmt.Sprintf("The repository holds more than %d files; the rest was not looked at.", mostOfEntries))
			return fs.SkipAll
		case name == ".":
			return nil
		case !readable(base):
			complain(path.Dir(name), "name", "The folder holds a name with control characters, which was left out.")
			return skip(entry)
		case entry.IsDir() && unread[base]:
			return fs.SkipDir
		case entry.IsDir() && strings.Count(name, "/") >= mostOfDepth:
			complain(name, "too_many", "The folder lies too deep and was not read.")
			return fs.SkipDir
		case entry.IsDir():
			return nil
		case entry.Type()&fs.ModeSymlink != 0:
			if interesting(base) {
				complain(name, "link", "The file is a link and was not followed.")
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		if base == "Chart.yaml" {
			folders = append(folders, path.Dir(name))
		}
		to := &found
		if isAside(path.Dir(name)) {
			to = &aside
		}
		if templateName.MatchString(base) {
			complain(name, "template", "The Dockerfile is a template and was not read.")
		}
		to.add(name)
		return nil
	})
	if err != nil && !errors.Is(err, fs.SkipAll) {
		complain("", "unsupported", "The repository could not be listed.")
	}
	for _, l := range []*listing{&found, &aside} {
		l.settle(folders)
		s.bound(l)
	}
	return found, aside
}

// skip leaves an entry out, with all that is below it.
func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// readable reports whether a name may stand in evidence as it is.
func readable(base string) bool {
	return utf8.ValidString(base) && !strings.ContainsFunc(base, func(r rune) bool { return unicode.IsControl(r) || r == '\\' })
}

// isAside reports whether a folder only tests.
func isAside(dir string) bool {
	for element := range strings.SplitSeq(dir, "/") {
		if asides[element] {
			return true
		}
	}
	return false
}

// interesting reports whether some parser would read a file of that name.
func interesting(base string) bool {
	var l listing
	l.add(base)
	return len(l.all) > 0
}

// add puts a file under its kind.
func (l *listing) add(name string) {
	base := path.Base(name)
	_, example := environment.Example(name)
	extension := path.Ext(base)
	switch {
	case base == "Chart.yaml":
		l.charts = append(l.charts, path.Dir(name))
	case base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization":
		if dir := path.Dir(name); !slices.Contains(l.kustomizations, dir) {
			l.kustomizations = append(l.kustomizations, dir)
		}
	case composeName.MatchString(base):
		l.composes = append(l.composes, name)
	case dockerfileName.MatchString(base) && !noDockerfile.MatchString(base) && !templateName.MatchString(base):
		l.dockerfiles = append(l.dockerfiles, name)
	case slices.Contains(metadata.Names, base):
		l.packages = append(l.packages, name)
	case base == "Procfile":
		l.procfiles = append(l.procfiles, name)
	case example || environment.Real(name):
		l.environments = append(l.environments, name)
	case readmeName.MatchString(base):
		l.readmes = append(l.readmes, name)
	case extension == ".tf" || extension == ".tofu" || strings.HasSuffix(base, ".tf.json"):
		l.terraform = append(l.terraform, name)
	case extension == ".yaml" || extension == ".yml" || (extension == ".json" && !toolFile[base]):
		l.manifests = append(l.manifests, name)
	default:
		return
	}
	l.all = append(l.all, name)
}

// toolFile are large JSON files that hold no manifest.
var toolFile = map[string]bool{"package-lock.json": true, "composer.lock": true, "tsconfig.json": true, "angular.json": true, "npm-shrinkwrap.json": true}

// settle leaves out what belongs to a chart: other charts below its charts folder, and its templates as manifests.
func (l *listing) settle(charts []string) {
	belongs := func(name string, folders ...string) bool {
		return slices.ContainsFunc(charts, func(chart string) bool {
			return slices.ContainsFunc(folders, func(folder string) bool { return below(name, path.Join(chart, folder)) })
		})
	}
	l.charts = slices.DeleteFunc(l.charts, func(dir string) bool { return belongs(dir, "charts") })
	l.kustomizations = slices.DeleteFunc(l.kustomizations, func(dir string) bool { return belongs(dir, "charts", "templates") })
	l.manifests = slices.DeleteFunc(l.manifests, func(name string) bool { return belongs(name, "charts", "templates", "crds") })
	slices.SortStableFunc(l.charts, shallowFirst)
	slices.SortStableFunc(l.composes, shallowFirst)
	slices.SortStableFunc(l.packages, shallowFirst)
	slices.SortStableFunc(l.readmes, shallowFirst)
}

// below reports whether a path is a folder or lies in it.
func below(name, folder string) bool { return name == folder || strings.HasPrefix(name, folder+"/") }

// shallowFirst orders paths by depth, then by name.
func shallowFirst(a, b string) int {
	if d := strings.Count(a, "/") - strings.Count(b, "/"); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// bound leaves out the last files of a kind that has too many.
func (s *session) bound(l *listing) {
	for _, kind := range []*[]string{&l.charts, &l.kustomizations, &l.composes, &l.dockerfiles, &l.manifests, &l.terraform, &l.procfiles, &l.packages, &l.environments} {
		if len(*kind) > mostOfKind {
			s.out.Problem((*kind)[mostOfKind], 0, "too_many", fmt.Sprintf("The repository holds more than %d files of this kind; this one and the rest were not read.", mostOfKind))
			*kind = (*kind)[:mostOfKind]
		}
	}
}

// leaveAside reports the files that only test and so were not read.
func (s *session) leaveAside(l listing) {
	var left []string
	for _, chart := range l.charts {
		left = append(left, path.Join(chart, "Chart.yaml"))
	}
	left = append(left, l.composes...)
	left = append(left, l.dockerfiles...)
	left = append(left, l.procfiles...)
	for _, dir := range l.kustomizations {
		left = append(left, path.Join(dir, "kustomization.yaml"))
	}
	slices.Sort(left)
	for _, name := range left[:min(len(left), mostOfComplaint)] {
		s.out.Problem(name, 0, "variant", "The file only tests or shows the application and was not read.")
	}
}
