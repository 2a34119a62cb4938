package kustomize_test

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/factlist"
	"proviso.dev/services/collector/internal/descriptor/kustomize"
)

// tree is a repository of kustomizations by folder, beside a pod for each.
func tree(kustomizations map[string]string) fstest.MapFS {
	files := fstest.MapFS{}
	for dir, text := range kustomizations {
		files[path.Join(dir, "kustomization.yaml")] = &fstest.MapFile{Data: []byte(text)}
		files[path.Join(dir, "pod.yaml")] = &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: " + strings.ReplaceAll(dir, "/", "-") + "}\n")}
	}
	return files
}

// names are the components of a reading.
func names(t *testing.T, files fstest.MapFS) []string {
	t.Helper()
	out := []string{}
	for _, c := range kustomize.Read(t.Context(), files, dirs(files)).Components {
		out = append(out, c.GetName())
	}
	return out
}

// Of trees that share what they build on, one is built; of those that do not, each is.
func TestReadChoosesOneOverlay(t *testing.T) {
	base := "resources: [pod.yaml]"
	over := func(of string) string { return "resources: [" + of + "]\nnamePrefix: " }
	tests := map[string]struct {
		reason string
		files  map[string]string
		want   []string
	}{
		"Production": {
			"production comes before prod and the first by name",
			map[string]string{"base": base, "o/a": over("../../base") + "a-", "o/prod": over("../../base") + "p-", "o/production": over("../../base") + "live-"},
			[]string{"live-base"},
		},
		"First": {
			"no name says which",
			map[string]string{"base": base, "o/staging": over("../../base") + "s-", "o/dev": over("../../base") + "d-"},
			[]string{"d-base"},
		},
		"Apart": {
			"applications beside one another",
			map[string]string{"a/base": base, "a/prod": over("../base") + "p-", "b/base": base, "b/dev": over("../base") + "d-"},
			[]string{"p-a-base", "d-b-base"},
		},
		"Siblings": {
			"overlays that each bring their own",
			map[string]string{"overlays/dev": base, "overlays/prod": base},
			[]string{"overlays-prod"},
		},
		"Alone": {
			"a kustomization at the top",
			map[string]string{".": "resources: [pod.yaml, sub]\n", "sub": base},
			[]string{".", "sub"},
		},
		"Names": {
			"folders with names that are no identifiers",
			map[string]string{"my app (1)+é": "resources: [pod.yaml]\nnamePrefix: x-\nnameSuffix: -y"},
			[]string{"x-my app (1)+é-y"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, names(t, tree(tc.files))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// Folders and files whose names are addresses are read where they stand, and nothing is fetched: a fetch would fail here, and
// end the building.
func TestReadTakesNoNameForAnAddress(t *testing.T) {
	for _, name := range []string{"ann@host.invalid:x/y", "github.com/a/b", "GitHub.com:a/b.git", "git::x", "a/_git/b"} {
		files := tree(map[string]string{".": "resources: ['" + name + "']"})
		files[path.Join(name, "kustomization.yaml")] = &fstest.MapFile{Data: []byte("resources: [pod.yaml]")}
		files[path.Join(name, "pod.yaml")] = &fstest.MapFile{Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: found}")}
		if diff := cmp.Diff([]string{"found"}, names(t, files)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, text := range []string{
		"resources: ['https:pod.yaml']", "resources: [pod.yaml]\npatches: [{path: 'https:pod.yaml'}]",
		"resources: [pod.yaml]\npatchesStrategicMerge: ['https:pod.yaml']",
		"resources: [pod.yaml]\npatchesJson6902: [{path: 'https:patch.yaml', target: {version: v1, kind: Pod, name: found}}]",
	} {
		files := fstest.MapFS{
			"kustomization.yaml": {Data: []byte(text)},
			"https:pod.yaml":     {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: found}")},
			"pod.yaml":           {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: found}")},
			"https:patch.yaml":   {Data: []byte("- {op: add, path: /spec, value: {}}\n")},
		}
		got := kustomize.Read(t.Context(), files, []string{"."})
		if len(got.Components) != 1 || len(got.Problems) != 0 {
			t.Errorf("%s: want one component and no problem, got %v %v", text, got.Components, got.Problems)
		}
	}
	// An address with a brace in it is a patch written in place, and a broken one.
	files := tree(map[string]string{".": "resources: [pod.yaml]\npatchesStrategicMerge: ['https://host.invalid/{']"})
	if got := kustomize.Read(t.Context(), files, []string{"."}); len(got.Problems) != 1 || strings.Contains(got.Problems[0].GetMessage(), "lookup") {
		t.Errorf("want one problem that is no look-up, got %v", got.Problems)
	}
}

// A tree whose kustomizations each build two others that are the same would build a million.
func TestReadBoundsBuilds(t *testing.T) {
	all := map[string]string{"20": "resources: [pod.yaml]"}
	for i := range 20 {
		all[fmt.Sprint(i)] = fmt.Sprintf("resources: [../%d, ../%da]", i+1, i+1)
		all[fmt.Sprintf("%da", i+1)] = fmt.Sprintf("resources: [../%d]\nnamePrefix: a-", min(i+2, 20))
	}
	start := time.Now()
	files := tree(all)
	got := kustomize.Read(t.Context(), files, dirs(files))
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	if len(got.Problems) == 0 || got.Problems[0].GetCode() != "too_many" {
		t.Errorf("want a problem too_many, got %v", got.Problems)
	}
}

// Kustomize searches maps from the beginning for every key: a map of fifty thousand takes it a minute.
func TestReadBoundsWidth(t *testing.T) {
	files := tree(map[string]string{"base": "resources: [wide.yaml]"})
	wide := bytes.NewBufferString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wide}\ndata:\n")
	for i := range 49_000 {
		fmt.Fprintf(wide, "  k%d: v\n", i)
	}
	files["base/wide.yaml"] = &fstest.MapFile{Data: wide.Bytes()}
	start := time.Now()
	got := kustomize.Read(t.Context(), files, dirs(files))
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	if len(got.Problems) == 0 || got.Problems[0].GetCode() != "too_large" {
		t.Errorf("want a problem too_large, got %v", got.Problems)
	}
}

// Every file that a tree names is the tree's, also that of one which is not built; nothing else is.
func TestReadConsumes(t *testing.T) {
	files := tree(map[string]string{
		"base": "resources: [pod.yaml]", "o/dev": "resources: [../../base]\npatches: [{path: pod.yaml}]", "o/prod": "resources: [../../base]",
	})
	got := kustomize.Read(t.Context(), files, dirs(files))
	want := []string{"base/kustomization.yaml", "base/pod.yaml", "o/dev/kustomization.yaml", "o/dev/pod.yaml", "o/prod/kustomization.yaml"}
	if diff := cmp.Diff(want, got.Consumed); diff != "" {
		t.Error(diff)
	}
}

// Whatever a kustomization and its resource hold, building them does not panic and stays in the repository.
func FuzzRead(f *testing.F) {
	f.Add("resources: [a.yaml]\nimages: [{name: a, newTag: b}]", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: a}]}")
	f.Add("resources: [a.yaml]\npatches: [{patch: '[{op: add, path: /spec, value: 1}]', target: {kind: Pod}}]", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}")
	f.Add("configMapGenerator: [{name: a, literals: [A=b]}]\nreplacements: [{source: {kind: ConfigMap}, targets: [{select: {kind: Pod}, fieldPaths: [spec.a]}]}]", "kind: Pod")
	f.Fuzz(func(t *testing.T, kustomization, resource string) {
		if len(kustomization) > 4000 || len(resource) > 4000 {
			return
		}
		files := fstest.MapFS{"kustomization.yaml": {Data: []byte(kustomization)}, "a.yaml": {Data: []byte(resource)}}
		got := kustomize.Read(t.Context(), files, []string{"."})
		if err := factlist.Invalid(got); err != nil {
			t.Error(err)
		}
		for _, c := range got.Components {
			for _, e := range c.GetEvidence() {
				if _, known := files[e.GetFile()]; !known {
					t.Errorf("a fact stands in %q, which is not there", e.GetFile())
				}
			}
		}
	})
}
