package kustomize

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/services/collector/internal/descriptor/kubernetes"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Bounds of the trees of one repository.
const (
	maxFile     = 1 << 20
	maxBytes    = 32 << 20 // of all trees together
	maxFiles    = 4000
	maxExpanded = 200_000 // nodes of a file whose aliases are written out, which building does
	maxNodes    = 600_000 // likewise, of all trees together
	maxBuilds   = 1000    // kustomizations that one tree builds, those that it builds twice counted twice
)

// fileNames are the names of a kustomization, in the order in which they are looked for.
var fileNames = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// A forest is the kustomizations of a repository and the files that they name, as far as they may be read.
type forest struct {
	files          fs.FS
	result         *reading.Result
	dirs           []string
	kustomizations map[string]*kustomization // by folder; nil: it cannot be read
	data           map[string][]byte         // of named files, by path
	bytes          int
	nodes          int
	closures       map[string]*closure
}

// A kustomization is one file, split into what building needs and where it stands.
type kustomization struct {
	dir       string
	file      string
	tree      kubernetes.Field
	component bool     // kind Component: built only by others
	children  []string // folders that it builds on
	resources []string // files of objects
	patches   []string // files of patches
	others    []string // files of generators and settings
	clean     map[string]any
}

// newForest reads all kustomizations.
func newForest(files fs.FS, dirs []string, result *reading.Result) *forest {
	f := &forest{files: files, result: result, kustomizations: map[string]*kustomization{}, data: map[string][]byte{}, closures: map[string]*closure{}}
	for _, dir := range dirs {
		f.dirs = append(f.dirs, path.Clean(dir))
	}
	slices.Sort(f.dirs)
	f.dirs = slices.Compact(f.dirs)
	for _, dir := range f.dirs {
		f.kustomization(dir)
	}
	return f
}

// kustomization reads the kustomization of a folder, and those that it builds on; nil: there is none.
func (f *forest) kustomization(dir string) *kustomization {
	if k, known := f.kustomizations[dir]; known {
		return k
	}
	f.kustomizations[dir] = nil
	if len(f.kustomizations) > maxFiles {
		return nil
	}
	for _, name := range fileNames {
		file := path.Join(dir, name)
		data, ok := f.load(file)
		if !ok {
			continue
		}
		tree, err := kubernetes.Tree(data)
		if err != nil {
			f.result.Problem(file, 0, "syntax", "The kustomization cannot be decoded: "+err.Error()+".")
			return nil
		}
		k := &kustomization{dir: dir, file: file, tree: tree, component: tree.Get("kind").Text() == "Component"}
		f.kustomizations[dir] = k
		f.clean(k)
		return k
	}
	return nil
}

// load reads a named file within the bounds; false: it is not there, or the result says why it is not read.
func (f *forest) load(file string) ([]byte, bool) {
	if data, ok := f.data[file]; ok {
		return data, data != nil
	}
	info, err := fs.Stat(f.files, file)
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	f.data[file] = nil
	if info.Size() > maxFile || f.bytes > maxBytes || len(f.data) > maxFiles {
		f.result.Problem(file, 0, "too_large", "The file is larger than "+strconv.Itoa(maxFile>>20)+" MiB, or the kustomizations are too large together.")
		return nil, false
	}
	data, err := fs.ReadFile(f.files, file)
	if err != nil {
		return nil, false
	}
	f.bytes += len(data)
	count := kubernetes.Expanded(data, maxExpanded)
	if count >= maxExpanded || f.nodes+count > maxNodes {
		f.result.Problem(file, 0, "too_large", "The file has more parts than are read, by itself, with its aliases written out, or with the files before it.")
		return nil, false
	}
	f.nodes += count
	if data == nil {
		data = []byte{}
	}
	f.data[file] = data
	return data, true
}

// remote reports whether a path that is not in the repository looks like one that Kustomize would fetch. It only names the
// problem: nothing that is not there is built.
func remote(name string) bool {
	return strings.Contains(name, "://") || strings.Contains(name, "git@") || strings.Contains(name, "git::") || strings.Contains(name, "?") ||
		strings.HasPrefix(name, "github.com") || strings.Contains(name, ".git/") || strings.HasSuffix(name, ".git") || strings.Contains(name, "_git/")
}

// A closure is everything that building a tree reads.
type closure struct {
	kustomizations []*kustomization // outermost first
	manifests      []string         // files of objects and patches, and the kustomizations themselves
	shared         []string         // what makes two trees variants of one another: folders and objects below
	builds         int
}

// closure follows a tree.
func (f *forest) closure(dir string) *closure {
	if c, ok := f.closures[dir]; ok {
		return c
	}
	c := &closure{}
	seen := map[string]bool{}
	var walk func(dir string, top bool)
	walk = func(dir string, top bool) {
		k := f.kustomizations[dir]
		if k == nil || seen[dir] {
			return
		}
		seen[dir] = true
		c.kustomizations = append(c.kustomizations, k)
		c.manifests = slices.Concat(c.manifests, []string{k.file}, k.resources, k.patches)
		if !k.component {
			if !top {
				c.shared = append(c.shared, dir)
			}
			c.shared = append(c.shared, k.resources...)
		}
		for _, child := range k.children {
			walk(child, false)
		}
	}
	walk(dir, true)
	c.builds = f.builds(dir, map[string]int{})
	f.closures[dir] = c
	return c
}

// builds counts the kustomizations that building a tree builds, up to the bound; a cycle reaches it.
func (f *forest) builds(dir string, counted map[string]int) int {
	if n, ok := counted[dir]; ok {
		return n
	}
	counted[dir] = maxBuilds // until it is known: what asks in between is below it
	n := 1
	if k := f.kustomizations[dir]; k != nil {
		for _, child := range k.children {
			n = min(n+f.builds(child, counted), maxBuilds)
		}
	}
	counted[dir] = n
	return n
}
