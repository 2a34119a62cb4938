package kustomize

import (
	"path"
	"strings"

	"proviso.dev/services/collector/internal/descriptor/kubernetes"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// An origin finds where built fields come from: from the file of the object when it says the same, else from what changed
// it, outermost first, else from the key in the file of the object.
type origin struct {
	forest  *forest
	closure *closure
	decoded map[string][]kubernetes.Object // by file, or by the text of a patch that a kustomization writes out
	trees   map[string]kubernetes.Field    // likewise, of JSON patches
}

// A spot is a place in a file.
type spot struct {
	file string
	line int
}

// objects are the objects of a file.
func (o *origin) objects(file string) []kubernetes.Object {
	found, ok := o.decoded[file]
	if !ok {
		found = kubernetes.Decode(o.forest.data[file], file, &reading.Result{})
		o.decoded[file] = found
	}
	return found
}

// place says where the fields of a built object stand.
func (o *origin) place(object kubernetes.Object, file string) func(kubernetes.Field) (string, int) {
	source := like(object, o.objects(file))
	return func(f kubernetes.Field) (string, int) {
		var written kubernetes.Field
		if source.Place != nil {
			written = f.Counterpart(source.Root)
			if written.Present() && written.Text() == f.Text() {
				return source.Place(written)
			}
		}
		for _, k := range o.closure.kustomizations {
			if s, ok := o.changed(k, object, f, written); ok {
				return s.file, s.line
			}
		}
		if written.Present() {
			return source.Place(written)
		}
		return file, 0
	}
}

// like is the object of that kind whose name is in the built name, which may have got a prefix and a suffix; the longest.
func like(built kubernetes.Object, objects []kubernetes.Object) kubernetes.Object {
	var best kubernetes.Object
	for _, o := range objects {
		if o.Kind() == built.Kind() && strings.Contains(built.Name(), o.Name()) && (best.Place == nil || len(o.Name()) > len(best.Name())) {
			best = o
		}
	}
	return best
}

// changed finds what in a kustomization gave a field its value.
func (o *origin) changed(k *kustomization, object kubernetes.Object, f, written kubernetes.Field) (spot, bool) {
	at := func(where kubernetes.Field) (spot, bool) { return spot{k.file, where.Line()}, true }
	if f.Key == "image" {
		if where := image(k, f.Text(), written.Text()); where.Present() {
			return at(where)
		}
	}
	if f.Key == "replicas" {
		for _, r := range k.tree.Get("replicas").Items() {
			if r.Get("count").Text() == f.Text() && strings.Contains(object.Name(), r.Get("name").Text()) {
				return at(r.Get("count"))
			}
		}
	}
	for _, file := range k.patches {
		if where, ok := patched(o.objects(file), object, f); ok {
			return where, true
		}
		if line := o.operation(file, o.forest.data[file], f); line > 0 {
			return spot{file, line}, true
		}
	}
	if where, ok := o.inPlace(k, object, f); ok {
		return where, true
	}
	return o.generated(k, object, f)
}

// image finds the entry that changed an image, at the part of it that made the difference.
func image(k *kustomization, built, written string) kubernetes.Field {
	for _, key := range []string{"images", "imageTags"} {
		for _, item := range k.tree.Get(key).Items() {
			name := item.Get("name").Text()
			rest, found := strings.CutPrefix(written, name)
			if name == "" || !found || rest != "" && rest[0] != ':' && rest[0] != '@' {
				continue
			}
			for _, part := range []string{"newTag", "digest", "newName"} {
				if v := item.Get(part); v.Text() != "" && strings.Contains(built, v.Text()) {
					return v
				}
			}
		}
	}
	return kubernetes.Field{}
}

// patched finds a field in a patch that looks like the object.
func patched(patches []kubernetes.Object, object kubernetes.Object, f kubernetes.Field) (spot, bool) {
	for _, p := range patches {
		if p.Kind() != object.Kind() || !strings.Contains(object.Name(), p.Name()) {
			continue
		}
		if c := f.Counterpart(p.Root); c.Present() && c.Text() == f.Text() && c.Scalar() == f.Scalar() {
			file, line := p.Place(c)
			return spot{file, line}, true
		}
	}
	return spot{}, false
}

// operation finds in a JSON patch the value that it put where the field stands; 0: nowhere.
func (o *origin) operation(name string, data []byte, f kubernetes.Field) int {
	if !f.Scalar() {
		return 0
	}
	tree, known := o.trees[name]
	if !known {
		tree, _ = kubernetes.Tree(data) // what cannot be decoded holds nothing
		o.trees[name] = tree
	}
	for _, op := range tree.Items() {
		value := op.Get("value")
		target := strings.Split(op.Get("path").Text(), "/")
		if last := target[len(target)-1]; last == f.Key && value.Scalar() && value.Text() == f.Text() {
			return value.Line()
		}
		if c := value.Get(f.Key); c.Scalar() && c.Text() == f.Text() { // the operation put what holds it
			return c.Line()
		}
	}
	return 0
}

// inPlace finds a field in the patches that a kustomization writes out itself.
func (o *origin) inPlace(k *kustomization, object kubernetes.Object, f kubernetes.Field) (spot, bool) {
	var texts []kubernetes.Field
	for _, key := range []string{"patches", "patchesJson6902"} {
		for _, item := range k.tree.Get(key).Items() {
			texts = append(texts, item.Get("patch"))
		}
	}
	texts = append(texts, k.tree.Get("patchesStrategicMerge").Items()...)
	for _, t := range texts {
		if t.Text() == "" {
			continue
		}
		above := t.Line() - 1
		if t.Block() {
			above++
		}
		name := k.file + "\x00" + t.Text()
		patches, known := o.decoded[name]
		if !known {
			patches = kubernetes.Decode([]byte(t.Text()), k.file, &reading.Result{})
			o.decoded[name] = patches
		}
		if where, ok := patched(patches, object, f); ok {
			return spot{k.file, where.line + above}, true
		}
		if line := o.operation(name, []byte(t.Text()), f); line > 0 {
			return spot{k.file, line + above}, true
		}
	}
	return spot{}, false
}

// generated finds the key of a made ConfigMap or Secret.
func (o *origin) generated(k *kustomization, object kubernetes.Object, f kubernetes.Field) (spot, bool) {
	generator := map[string]string{"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}[object.Kind()]
	if generator == "" || f.Parent == nil || f.Parent.Key != "data" {
		return spot{}, false
	}
	for _, item := range k.tree.Get(generator).Items() {
		if !strings.Contains(object.Name(), item.Get("name").Text()) {
			continue
		}
		for _, l := range item.Get("literals").Items() {
			if strings.HasPrefix(l.Text(), f.Key+"=") {
				return spot{k.file, l.Line()}, true
			}
		}
		for _, e := range append(item.Get("envs").Items(), item.Get("env")) {
			file := path.Join(k.dir, e.Text())
			for _, v := range variables(o.forest.data[file]) {
				if v.name == f.Key {
					return spot{file, v.line}, true
				}
			}
		}
		for _, l := range item.Get("files").Items() {
			if name, _, _ := strings.Cut(l.Text(), "="); path.Base(name) == f.Key {
				return spot{k.file, l.Line()}, true
			}
		}
	}
	return spot{}, false
}
