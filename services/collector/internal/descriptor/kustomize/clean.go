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
	if replacements := f.filed(k, "replacements", &k.others, nil); replacements != nil {
		k.clean["replacements"] = replacements
	}
	f.generators(k, "configMapGenerator")
	f.generators(k, "secretGenerator")
}

// inside finds a named path in the repository, and how Kustomize is told of it; false: the result says why not. What begins
// with "./" is never taken for an address, whatever follows: an address would be fetched, by git if need be.
func (f *forest) inside(k *kustomization, where kubernetes.Field, name string) (file, told string, ok bool) {
	file = path.Join(k.dir, name)
	if name != "" && !path.IsAbs(name) && fs.ValidPath(file) && !strings.ContainsAny(name, "\n\\") {
		if _, err := fs.Stat(f.files, file); err == nil {
			return file, "./" + name, true
		}
	}
	switch {
	case remote(name):
		f.result.Problem(k.file, where.Line(), "remote", "The kustomization names what stands elsewhere; nothing is fetched: "+name+".")
	case path.IsAbs(name) || !fs.ValidPath(file):
		f.result.Problem(k.file, where.Line(), "outside", "The kustomization names what stands outside of the repository.")
	default:
		f.result.Problem(k.file, where.Line(), "name", "The kustomization names a file that is not there: "+name+".")
	}
	return "", "", false
}

// resource checks an entry of resources: a file of objects, or a folder with a kustomization.
func (f *forest) resource(k *kustomization, item kubernetes.Field) (told string, ok bool) {
	file, told, ok := f.inside(k, item, item.Text())
	if !ok {
		return "", false
	}
	if info, err := fs.Stat(f.files, file); err == nil && info.IsDir() {
		if f.kustomization(file) == nil {
			f.result.Problem(k.file, item.Line(), "name", "The kustomization names a folder without one that can be read: "+item.Text()+".")
			return "", false
		}
		k.children = append(k.children, file)
		return told, true
	}
	return f.named(k, item, item.Text(), &k.resources)
}

// named checks a file and notes it in a list.
func (f *forest) named(k *kustomization, where kubernetes.Field, name string, list *[]string) (told string, ok bool) {
	file, told, ok := f.inside(k, where, name)
	if !ok {
		return "", false
	}
	if _, ok := f.load(file); !ok {
		f.result.Problem(k.file, where.Line(), "name", "The kustomization names a file that cannot be read: "+name+".")
		return "", false
	}
	*list = append(*list, file)
	return told, true
}

// patches checks the files of patches; those written in place stay. Those of the old kind, of which an entry may be either,
// are written as the new kind, which says which it is.
func (f *forest) patches(k *kustomization) {
	var patches []any
	for _, item := range k.tree.Get("patchesStrategicMerge").Items() {
		if strings.ContainsAny(item.Text(), "\n{") {
			patches = append(patches, map[string]any{"patch": item.Text()})
		} else if told, ok := f.named(k, item, item.Text(), &k.patches); ok {
			patches = append(patches, map[string]any{"path": told})
		}
	}
	patches = f.filed(k, "patches", &k.patches, patches)
	if patches != nil {
		k.clean["patches"] = patches
	}
	if patches := f.filed(k, "patchesJson6902", &k.patches, nil); patches != nil {
		k.clean["patchesJson6902"] = patches
	}
}

// filed checks the entries of a list that name their file as "path", and appends those that can be used.
func (f *forest) filed(k *kustomization, key string, list *[]string, entries []any) []any {
	for _, item := range k.tree.Get(key).Items() {
		entry, ok := item.Plain().(map[string]any)
		if !ok {
			continue
		}
		if p := item.Get("path"); p.Present() {
			told, ok := f.named(k, p, p.Text(), list)
			if !ok {
				continue
			}
			entry["path"] = told
		}
		entries = append(entries, entry)
	}
	return entries
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
			if _, ok := f.named(k, e, e.Text(), &k.others); !ok {
				continue
			}
			file := path.Join(k.dir, e.Text())
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
			if _, _, ok := f.inside(k, l, file); ok {
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
