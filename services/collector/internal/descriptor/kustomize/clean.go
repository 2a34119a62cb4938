package kustomize

import (
	"io/fs"
	"path"
	"strings"

	"proviso.dev/services/collector/internal/descriptor/kubernetes"
)

// kept are the fields that name no file: they are built as they stand.
var kept = []string{
	"apiVersion", "kind", "metadata", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels", "commonAnnotations",
	"images", "imageTags", "replicas", "vars",
}

// refused are the fields that run or fetch something, or change how all else is read.
var refused = []string{"helmCharts", "helmChartInflationGenerator", "helmGlobals", "generators", "transformers", "validators", "openapi"}

// clean makes of a kustomization one that names only files of the repository, found and bounded. Kustomize then builds it in
// a file system that holds nothing else.
func (f *forest) clean(k *kustomization) {
	k.clean = map[string]any{
		"buildMetadata": []any{"originAnnotations"},
		// A hash in a name would be another fact with every value.
		"generatorOptions": map[string]any{"disableNameSuffixHash": true},
	}
	for _, key := range kept {
		if v := k.tree.Get(key); v.Present() {
			k.clean[key] = v.Plain()
		}
	}
	for _, key := range refused {
		if v := k.tree.Get(key); v.Present() {
			f.result.Problem(k.file, v.Line(), "unsupported", "The field "+key+" is not built: it runs or fetches something.")
		}
	}
	for _, key := range []string{"resources", "bases", "components"} {
		var names []any
		for _, item := range k.tree.Get(key).Items() {
			if name, ok := f.resource(k, item); ok {
				names = append(names, name)
			}
		}
		if names != nil {
			k.clean[key] = names
		}
	}
	for _, key := range []string{"crds", "configurations"} {
		var names []any
		for _, item := range k.tree.Get(key).Items() {
			if name, ok := f.named(k, item, item.Text(), &k.others); ok {
				names = append(names, name)
			}
		}
		if names != nil {
			k.clean[key] = names
		}
	}
	f.patches(k)
	f.replacements(k)
	f.generators(k, "configMapGenerator")
	f.generators(k, "secretGenerator")
}

// inside finds a named path in the repository; false: the result says why not.
func (f *forest) inside(k *kustomization, where kubernetes.Field, name string) (file string, ok bool) {
	file = path.Join(k.dir, name)
	switch {
	case remote(name):
		f.result.Problem(k.file, where.Line(), "remote", "The kustomization names what stands elsewhere; nothing is fetched: "+name+".")
		return "", false
	case name == "" || path.IsAbs(name) || !fs.ValidPath(file) || strings.ContainsAny(name, "\n\\"):
		f.result.Problem(k.file, where.Line(), "outside", "The kustomization names what stands outside of the repository.")
		return "", false
	}
	return file, true
}

// resource checks an entry of resources: a file of objects, or a folder with a kustomization.
func (f *forest) resource(k *kustomization, item kubernetes.Field) (name string, ok bool) {
	file, ok := f.inside(k, item, item.Text())
	if !ok {
		return "", false
	}
	info, err := fs.Stat(f.files, file)
	switch {
	case err != nil:
		f.result.Problem(k.file, item.Line(), "name", "The kustomization names a file that is not there: "+item.Text()+".")
		return "", false
	case info.IsDir():
		if f.kustomization(file) == nil {
			f.result.Problem(k.file, item.Line(), "name", "The kustomization names a folder without one that can be read: "+item.Text()+".")
			return "", false
		}
		k.children = append(k.children, file)
		return item.Text(), true
	}
	return f.named(k, item, item.Text(), &k.resources)
}

// named checks a file and notes it in a list.
func (f *forest) named(k *kustomization, where kubernetes.Field, name string, list *[]string) (string, bool) {
	file, ok := f.inside(k, where, name)
	if !ok {
		return "", false
	}
	if _, ok := f.load(file, k, where); !ok {
		f.result.Problem(k.file, where.Line(), "name", "The kustomization names a file that is not there or cannot be read: "+name+".")
		return "", false
	}
	*list = append(*list, file)
	return name, true
}

// patches checks the files of patches; those written in place stay.
func (f *forest) patches(k *kustomization) {
	for _, key := range []string{"patches", "patchesJson6902"} {
		var patches []any
		for _, item := range k.tree.Get(key).Items() {
			if p := item.Get("path"); p.Present() {
				if _, ok := f.named(k, p, p.Text(), &k.patches); !ok {
					continue
				}
			}
			patches = append(patches, item.Plain())
		}
		if patches != nil {
			k.clean[key] = patches
		}
	}
	var patches []any
	for _, item := range k.tree.Get("patchesStrategicMerge").Items() {
		if !strings.Contains(item.Text(), "\n") && !strings.Contains(item.Text(), "{") {
			if _, ok := f.named(k, item, item.Text(), &k.patches); !ok {
				continue
			}
		}
		patches = append(patches, item.Text())
	}
	if patches != nil {
		k.clean["patchesStrategicMerge"] = patches
	}
}

// replacements checks the files of replacements.
func (f *forest) replacements(k *kustomization) {
	var all []any
	for _, item := range k.tree.Get("replacements").Items() {
		if p := item.Get("path"); p.Present() {
			if _, ok := f.named(k, p, p.Text(), &k.others); !ok {
				continue
			}
		}
		all = append(all, item.Plain())
	}
	if all != nil {
		k.clean["replacements"] = all
	}
}

// generators checks the files that ConfigMaps and Secrets are made of. Values of Secrets are left out here: a made Secret
// has its keys only.
func (f *forest) generators(k *kustomization, key string) {
	secret := key == "secretGenerator"
	var all []any
	for _, item := range k.tree.Get(key).Items() {
		made := map[string]any{}
		for _, field := range []string{"name", "namespace", "behavior", "type"} {
			if v := item.Get(field).Text(); v != "" {
				made[field] = v
			}
		}
		var literals []any
		for _, l := range item.Get("literals").Items() {
			name, value, found := strings.Cut(l.Text(), "=")
			if !found {
				continue
			}
			if secret {
				value = "x"
			}
			literals = append(literals, name+"="+value)
		}
		envs := item.Get("envs").Items()
		if e := item.Get("env"); e.Present() {
			envs = append(envs, e)
		}
		for _, e := range envs {
			file, ok := f.inside(k, e, e.Text())
			if !ok {
				continue
			}
			if _, ok := f.named(k, e, e.Text(), &k.others); !ok {
				continue
			}
			for _, v := range variables(f.data[file]) {
				if secret {
					v.value = "x"
				}
				literals = append(literals, v.name+"="+v.value)
			}
		}
		for _, l := range item.Get("files").Items() {
			// The content of a file is no variable: its key is all that is taken.
			name, file, found := strings.Cut(l.Text(), "=")
			if !found {
				file = name
				name = path.Base(file)
			}
			if _, ok := f.inside(k, l, file); ok {
				literals = append(literals, name+"=")
			}
		}
		if literals != nil {
			made["literals"] = literals
		}
		all = append(all, made)
	}
	if all != nil {
		k.clean[key] = all
	}
}

// A variable is a line of an environment file.
type variable struct {
	name, value string
	line        int
}

// variables reads an environment file as Kustomize does: NAME=value, comments, nothing quoted.
func variables(data []byte) []variable {
	var out []variable
	for i, l := range strings.Split(string(data), "\n") {
		l = strings.TrimLeft(strings.TrimRight(l, "\r"), " \t")
		name, value, found := strings.Cut(l, "=")
		if strings.HasPrefix(l, "#") || !found || name == "" {
			continue
		}
		out = append(out, variable{name, value, i + 1})
	}
	return out
}
