// Package kustomize reads the objects that Kustomize trees build.
//
// It owns which tree is built, the building, and where a built field comes from. It does not own the meaning of the objects
// (package kubernetes), fetches nothing and runs no plugin.
package kustomize

import (
	"cmp"
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"proviso.dev/services/collector/internal/descriptor/kubernetes"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Read reads the trees whose kustomizations stand in dirs: all folders of the repository that hold one. Trees that share what
// they build on are variants of one another; of each such group one is built.
func Read(ctx context.Context, files fs.FS, dirs []string) reading.Result {
	var result reading.Result
	f := newForest(files, dirs, &result)
	consumed := map[string]bool{}
	for _, group := range f.groups() {
		for _, root := range group {
			for _, file := range f.closure(root).manifests {
				consumed[file] = true
			}
		}
		chosen := group[0]
		for _, other := range group[1:] {
			result.Problem(f.kustomizations[other].file, 0, "variant", "The tree builds on what "+chosen+" builds on, which was read in its place.")
		}
		if ctx.Err() != nil {
			result.Problem(f.kustomizations[chosen].file, 0, "too_slow", "The kustomization was not built in time.")
			continue
		}
		result.Add(kubernetes.Join(f.build(chosen, &result), reading.Kustomize)) // what is not built together does not join
	}
	for _, dir := range f.dirs { // every other one is built on by a tree, unless they build on one another
		if k := f.kustomizations[dir]; k != nil && !k.component && !consumed[k.file] {
			consumed[k.file] = true
			result.Problem(k.file, 0, "too_many", "The tree is a circle.")
		}
	}
	for file := range consumed {
		result.Consumed = append(result.Consumed, file)
	}
	slices.Sort(result.Consumed)
	return result
}

// groups are the roots, those that share what they build on together, the one to build first: named production, else prod,
// else the first by name.
func (f *forest) groups() [][]string {
	referenced := map[string]bool{}
	for _, k := range f.kustomizations {
		if k == nil {
			continue
		}
		for _, child := range k.children {
			referenced[child] = true
		}
	}
	group := map[string]int{} // by root
	owner := map[string]int{} // by what is built on
	var groups [][]string
	for _, root := range f.dirs {
		k := f.kustomizations[root]
		if k == nil || referenced[root] || k.component {
			continue
		}
		shared := f.closure(root).shared
		if parent := path.Dir(root); slices.Contains([]string{"overlays", "environments", "envs", "variants"}, path.Base(parent)) {
			shared = append(shared, parent+"/")
		}
		number := -1
		for _, s := range shared {
			if n, ok := owner[s]; ok {
				if number >= 0 && n != number { // this root joins two groups
					for r, g := range group {
						if g == n {
							group[r] = number
						}
					}
					for o, g := range owner {
						if g == n {
							owner[o] = number
						}
					}
					groups[number] = append(groups[number], groups[n]...)
					groups[n] = nil
				} else {
					number = n
				}
			}
		}
		if number < 0 {
			number = len(groups)
			groups = append(groups, nil)
		}
		for _, s := range shared {
			owner[s] = number
		}
		group[root] = number
		groups[number] = append(groups[number], root)
	}
	groups = slices.DeleteFunc(groups, func(g []string) bool { return len(g) == 0 })
	for _, g := range groups {
		slices.SortFunc(g, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	}
	return groups
}

// rank is how soon a tree is built, by its name.
func rank(dir string) int {
	elements := strings.Split(dir, "/")
	switch {
	case path.Base(dir) == "production":
		return 0
	case path.Base(dir) == "prod":
		return 1
	case slices.Contains(elements, "production"):
		return 2
	case slices.Contains(elements, "prod"):
		return 3
	default:
		return 4
	}
}
