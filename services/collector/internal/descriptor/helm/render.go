package helm

import (
	"context"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2"
	dependencies "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// maxFailures bounds how many failing templates are set aside, one rendering each; maxWasteful those among them that ran into
// a bound, which takes most of a second.
const (
	maxFailures = 32
	maxWasteful = 8
)

// A rendering is what the templates of a chart made.
type rendering struct {
	templates map[string]*sheet // by the engine's names
	text      map[string]string // likewise; failed ones have none
	aligner
}

// A sheet is a template and where it stands.
type sheet struct {
	file   string // in the repository; an archive for what came out of one
	values []defaults
	source *common.File
	packed bool // it came out of an archive: its lines are nowhere
}

// defaults are the values.yaml that a template may have a value from: that of its own chart, and those of the charts above, in
// which its chart has a part.
type defaults struct {
	file  string
	chart string // the part; empty: all
}

// render renders the chart, setting aside the templates that fail.
func (c *chart) render(ctx context.Context, result *reading.Result) *rendering {
	r := &rendering{templates: map[string]*sheet{}, text: map[string]string{}}
	about := path.Join(c.dir, "Chart.yaml")
	if c.loaded.Metadata.Type == "library" {
		return r
	}
	if err := dependencies.ProcessDependencies(c.loaded, common.Values{}); err != nil {
		result.Problem(about, 0, "template", "The dependencies cannot be worked out: "+err.Error()+".")
		return r
	}
	c.settle(c.loaded, result, 0)
	release := common.ReleaseOptions{Name: c.loaded.Name(), Namespace: "default", Revision: 1, IsInstall: true}
	// The schema is not enforced: it may refer to other hosts, and values that it refuses still say something.
	values, err := util.ToRenderValuesWithSchemaValidation(c.loaded, map[string]any{}, release, common.DefaultCapabilities.Copy(), true)
	if err != nil {
		result.Problem(path.Join(c.dir, "values.yaml"), 0, "template", "The values cannot be merged: "+err.Error()+".")
		return r
	}
	c.list(c.loaded, r, nil, 0)
	r.learn(c)
	wasteful := 0
	for range maxFailures {
		e := engine.Engine{CustomTemplateFuncs: functions(ctx)} // counting from nothing: one template's waste is not another's
		text, err := e.RenderWithContext(ctx, c.loaded, values)
		if err == nil {
			maps.Copy(r.text, text)
			return r
		}
		name, line, message := blame(err, r.templates)
		if ctx.Err() != nil {
			result.Problem(about, 0, "too_slow", "The chart was not rendered in time.")
			return r
		}
		if strings.Contains(message, errTooMuch.Error()) {
			wasteful++
		}
		t := r.templates[name]
		if wasteful > maxWasteful || t == nil || len(t.source.Data) == 0 {
			result.Problem(about, 0, "template", "The chart cannot be rendered: "+message+".")
			return r
		}
		if t.packed {
			line = 0
		}
		result.Problem(t.file, line, "template", "The template fails: "+message+".")
		t.source.Data = nil
	}
	result.Problem(about, 0, "template", "More than "+strconv.Itoa(maxFailures)+" templates fail; the chart is not read.")
	return r
}

// location finds "shop/templates/deployment.yaml:12:20" in an error of the engine.
var location = regexp.MustCompile(`([^\s()"]+?):(\d+)(?::\d+)?`)

// blame finds the outermost template of an error, which is the one to do without, its line, and the message.
func blame(err error, templates map[string]*sheet) (name string, line int, message string) {
	message = err.Error()
	for _, m := range location.FindAllStringSubmatch(message, -1) {
		if templates[m[1]] != nil {
			name = m[1]
			line, _ = strconv.Atoi(m[2])
			break
		}
	}
	if i := strings.LastIndex(message, "): "); i >= 0 && strings.HasPrefix(message, "execution error at (") || i >= 0 && strings.HasPrefix(message, "parse error at (") {
		return name, line, strings.TrimSpace(message[i+3:])
	}
	lines := strings.Split(strings.TrimSpace(message), "\n")
	message = lines[len(lines)-1]
	if i := strings.LastIndex(message, ">: "); i >= 0 {
		message = message[i+3:]
	}
	return name, line, strings.TrimSuffix(strings.TrimSpace(message), ".")
}

// settle notes what a chart depends on, and what of it is not there. Disabled dependencies have been removed before.
func (c *chart) settle(loaded *v2.Chart, result *reading.Result, depth int) {
	if depth > maxDepth {
		return
	}
	file := c.origin(loaded, "Chart.yaml")
	lines := dependencyLines(loaded)
	for i, d := range loaded.Metadata.Dependencies {
		at := slices.IndexFunc(loaded.Dependencies(), func(sub *v2.Chart) bool { return sub.Name() == d.Name })
		found := dependency{name: d.Name, file: file, line: lines[d.Name]}
		if file == "" || i > 256 {
			continue
		}
		switch {
		case at < 0 && slices.Contains(d.Tags, "bitnami-common"): // a library, known by its tag
			result.Problem(file, found.line, "remote", "The library chart "+d.Name+" is not in the repository; nothing is fetched.")
			continue
		case at < 0:
			result.Problem(file, found.line, "remote", "The chart "+d.Name+" is not in the repository; nothing is fetched.")
		case loaded.Dependencies()[at].Metadata.Type == "library":
			continue
		default:
			found.dir = c.origin(loaded.Dependencies()[at], "Chart.yaml")
			found.dir = strings.TrimSuffix(found.dir, "/Chart.yaml")
		}
		if depth == 0 {
			c.dependencies = append(c.dependencies, found)
		}
	}
	for _, sub := range loaded.Dependencies() {
		c.settle(sub, result, depth+1)
	}
}

// origin is where a file of a loaded chart stands.
func (c *chart) origin(loaded *v2.Chart, name string) string {
	for _, f := range loaded.Raw {
		if f.Name == name && len(f.Data) > 0 {
			return c.origins[&f.Data[0]]
		}
	}
	return ""
}

// dependencyLines are the lines of Chart.yaml or requirements.yaml on which dependencies are named, by name and alias.
func dependencyLines(loaded *v2.Chart) map[string]int {
	lines := map[string]int{}
	for _, f := range loaded.Raw {
		if f.Name != "Chart.yaml" {
			continue
		}
		var about struct {
			Dependencies []struct {
				Name  yaml.Node `yaml:"name"`
				Alias string    `yaml:"alias"`
			} `yaml:"dependencies"`
		}
		if err := yaml.Unmarshal(f.Data, &about); err != nil {
			continue
		}
		for _, d := range about.Dependencies {
			lines[d.Name.Value] = d.Name.Line
			if d.Alias != "" {
				lines[d.Alias] = d.Name.Line
			}
		}
	}
	return lines
}

// list notes the templates of a chart and of those below it under the names that the engine gives them.
func (c *chart) list(loaded *v2.Chart, r *rendering, above []defaults, depth int) {
	if depth > 2*maxDepth {
		return
	}
	about := c.origin(loaded, "Chart.yaml")
	packed := strings.HasSuffix(about, ".tgz")
	own := c.origin(loaded, "values.yaml")
	values := append([]defaults{{file: own}}, above...)
	for _, f := range loaded.Templates {
		if len(f.Data) == 0 {
			continue
		}
		r.templates[path.Join(loaded.ChartFullPath(), f.Name)] = &sheet{file: c.origins[&f.Data[0]], values: values, source: f, packed: packed}
	}
	for _, sub := range loaded.Dependencies() {
		c.list(sub, r, []defaults{{file: own, chart: sub.Name()}}, depth+1)
	}
}

// names are the templates that made objects, in the order of their files.
func (r *rendering) names() []string {
	var names []string
	for name, text := range r.text {
		base := path.Base(name)
		if r.templates[name] != nil && strings.TrimSpace(text) != "" && !strings.HasSuffix(base, ".txt") {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return strings.Compare(r.templates[a].file+"\x00"+a, r.templates[b].file+"\x00"+b)
	})
	return names
}
