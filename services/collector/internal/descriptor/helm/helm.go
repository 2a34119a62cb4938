// Package helm reads a Helm chart as its default values render it.
//
// It owns rendering, its bounds, and where a rendered line comes from. It does not own the meaning of the objects (package
// kubernetes), fetches nothing and asks no cluster. A template that never ends cannot be stopped from inside: whoever calls
// this bounds the process.
package helm

import (
	"context"
	"io/fs"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/kubernetes"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Read reads the chart in dir, as an installation with its default values in the namespace "default" under the chart's name
// would have it.
func Read(ctx context.Context, files fs.FS, dir string) reading.Result {
	var result reading.Result
	c := gather(files, dir, &result)
	if c == nil {
		return result
	}
	r := c.render(ctx, &result)
	var objects []kubernetes.Object
	for _, name := range r.names() {
		objects = append(objects, r.objects(name, &result)...)
	}
	facts := kubernetes.Join(objects, reading.Helm)
	c.depend(facts.Components)
	result.Add(facts)
	return result
}

// objects are what one template makes.
func (r *rendering) objects(name string, into *reading.Result) []kubernetes.Object {
	t := r.templates[name]
	var problems reading.Result
	objects := kubernetes.Decode([]byte(r.text[name]), t.file, &problems)
	for _, p := range problems.Problems { // lines of the output mean nothing to anybody
		into.Problem(t.file, 0, p.GetCode(), p.GetMessage())
	}
	lines := r.align(t, r.text[name])
	kept := objects[:0]
	for _, o := range objects {
		if strings.HasPrefix(o.Root.Get("metadata", "annotations", "helm.sh/hook").Text(), "test") {
			continue // it runs when somebody tests the release
		}
		place := o.Place
		o.Place = func(f kubernetes.Field) (string, int) {
			_, line := place(f)
			return lines.origin(line)
		}
		kept = append(kept, o)
	}
	return kept
}

// depend makes what a chart depends on a dependency of every component that its own templates make: of the components
// behind it when it was rendered too, else of its name.
func (c *chart) depend(components []*provisov1.Component) {
	for _, d := range c.dependencies {
		var behind []string
		for _, other := range components {
			if d.dir != "" && c.owner(other) == d.dir {
				behind = append(behind, other.GetName())
			}
		}
		for _, own := range components {
			if c.owner(own) != c.dir {
				continue
			}
			for _, name := range behind {
				own.Dependencies = append(own.Dependencies, &provisov1.DependencyFact{Name: name, Component: true, Evidence: reading.At(d.file, d.line, reading.Helm)})
			}
			if len(behind) == 0 {
				own.Dependencies = append(own.Dependencies, &provisov1.DependencyFact{Name: reading.Cut(d.name, 253), Evidence: reading.At(d.file, d.line, reading.Helm)})
			}
		}
	}
}

// owner is the folder of the chart whose template makes a component: the dependency that it stands in, else the chart.
func (c *chart) owner(component *provisov1.Component) string {
	file := ""
	if e := component.GetEvidence(); len(e) > 0 {
		file = e[0].GetFile()
	}
	i := slices.IndexFunc(c.dependencies, func(d dependency) bool {
		return d.dir != "" && (file == d.dir || strings.HasPrefix(file, d.dir+"/"))
	})
	if i < 0 {
		return c.dir
	}
	return c.dependencies[i].dir
}
