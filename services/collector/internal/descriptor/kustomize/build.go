package kustomize

import (
	"fmt"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/yaml"

	"proviso.dev/services/collector/internal/descriptor/kubernetes"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// build builds a tree.
func (f *forest) build(dir string, result *reading.Result) []kubernetes.Object {
	c := f.closure(dir)
	file := f.kustomizations[dir].file
	if c.builds >= maxBuilds {
		result.Problem(file, 0, "too_many", "The tree is a circle, or builds more kustomizations than are read.")
		return nil
	}
	built, err := f.krusty(dir, c)
	if err != nil {
		result.Problem(file, 0, "syntax", "The tree cannot be built: "+message(err)+".")
		return nil
	}
	o := &origin{forest: f, closure: c, decoded: map[string][]kubernetes.Object{}, trees: map[string]kubernetes.Field{}}
	var objects []kubernetes.Object
	for _, r := range built.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			continue
		}
		from := file
		var problems reading.Result // of a text that nobody wrote
		if where, err := r.GetOrigin(); err == nil && where != nil {
			switch {
			case where.Path != "":
				from = path.Join(dir, where.Path)
			case where.ConfiguredIn != "":
				from = path.Join(dir, where.ConfiguredIn)
			}
		}
		for _, object := range kubernetes.Decode(text, from, &problems) {
			object.Place = o.place(object, from)
			objects = append(objects, object)
		}
	}
	return objects
}

// krusty lets Kustomize build a tree in a file system that holds the tree and nothing else.
func (f *forest) krusty(dir string, c *closure) (built resmap.ResMap, err error) {
	defer func() { // its transformers panic on shapes that no server would take
		if r := recover(); r != nil {
			err = fmt.Errorf("kustomize: %v", r)
		}
	}()
	held := newMemory()
	for _, k := range c.kustomizations {
		text, err := yaml.Marshal(k.clean)
		if err != nil {
			return nil, fmt.Errorf("write kustomization: %w", err)
		}
		held.put(path.Join(k.dir, "kustomization.yaml"), text)
		for _, list := range [][]string{k.resources, k.patches, k.others} {
			for _, file := range list {
				held.put(file, f.data[file])
			}
		}
	}
	options := krusty.MakeDefaultOptions() // no plugins, no functions
	options.LoadRestrictions = types.LoadRestrictionsNone
	return krusty.MakeKustomizer(options).Run(held, path.Join("/", dir))
}

// message is the last part of an error of Kustomize, which tells the whole way to it.
func message(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", " ")
	if i := strings.LastIndex(text, "accumulation err='"); i >= 0 {
		text = text[i:]
	}
	return strings.TrimSuffix(text, ".")
}
