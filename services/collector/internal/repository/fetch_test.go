package repository_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/redact"
	"proviso.dev/services/collector/internal/repository"
	"proviso.dev/services/collector/internal/repository/repotest"
)

// local allows this machine's addresses and http, as the tests' servers need.
func local(t testing.TB) repository.Access {
	t.Helper()
	allowed, err := repository.ParseAllowed("127.0.0.0/8,::1")
	if err != nil {
		t.Fatal(err)
	}
	return repository.Access{Allowed: allowed, HTTP: true}
}

func fetch(t testing.TB, r repository.Request) (*repository.Tree, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	r.Dir = t.TempDir()
	tree, err := repository.Fetch(ctx, r)
	if err == nil {
		t.Cleanup(func() {
			if err := tree.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
			if left, _ := os.ReadDir(r.Dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	return tree, err
}

// contents are the files of a tree.
func contents(t testing.TB, tree *repository.Tree) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, path)
		found[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// problems are those of a tree, as "code file".
func problems(tree *repository.Tree) []string {
	var list []string
	for _, p := range tree.Problems {
		list = append(list, strings.TrimSpace(p.GetCode()+" "+p.GetFile()))
	}
	slices.Sort(list)
	return list
}

// Shows: T-3.3.5-125
func TestFetchRefs(t *testing.T) {
	dir := repotest.Repository(t, map[string]string{"Dockerfile": "FROM scratch\n", "deploy/k8s/app.yaml": "kind: Pod\n"})
	first := repotest.Git(t, dir, "rev-parse", "HEAD")
	repotest.Git(t, dir, "tag", "light")
	repotest.Git(t, dir, "tag", "-a", "-m", "a tag", "v1.0")
	repotest.Git(t, dir, "checkout", "-q", "-b", "next/thing")
	repotest.Write(t, dir, map[string]string{"Dockerfile": "FROM alpine\n"})
	repotest.Git(t, dir, "commit", "-q", "-am", "second")
	second := repotest.Git(t, dir, "rev-parse", "HEAD")
	repotest.Git(t, dir, "tag", "next/thing-not")
	repotest.Git(t, dir, "checkout", "-q", "main")
	url := repotest.Host(t, dir)

	old := map[string]string{"Dockerfile": "FROM scratch\n", "deploy/k8s/app.yaml": "kind: Pod\n"}
	tests := map[string]struct {
		reason       string
		ref, folder  string
		commit       string
		files        map[string]string
		err          error
		subdirectory string
	}{
		"Default":   {reason: "no branch: the server's own", commit: first, files: old},
		"Branch":    {reason: "a branch by name", ref: "next/thing", commit: second, files: map[string]string{"Dockerfile": "FROM alpine\n", "deploy/k8s/app.yaml": "kind: Pod\n"}},
		"Light":     {reason: "a tag that is a name only", ref: "light", commit: first, files: old},
		"Annotated": {reason: "a tag that is an object: its commit is read", ref: "v1.0", commit: first, files: old},
		"Folder":    {reason: "a folder becomes the top", folder: "deploy/k8s/", commit: first, files: map[string]string{"app.yaml": "kind: Pod\n"}, subdirectory: "deploy/k8s"},
		"NoRef":     {reason: "another branch in its place would be a lie", ref: "gone", err: repository.ErrReferenceNotFound},
		"NoFolder":  {reason: "there is none", folder: "deploy/helm", err: repository.ErrSubdirectoryNotFound},
		"FileAsDir": {reason: "a file is no folder", folder: "Dockerfile", err: repository.ErrSubdirectoryNotFound},
		"Option":    {reason: "it could be an option", ref: "--upload-pack=x", err: repository.ErrInvalid},
		"Up":        {reason: "it leads out", folder: "deploy/../..", err: repository.ErrInvalid},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tree, err := fetch(t, repository.Request{URL: url, Ref: tc.ref, Subdirectory: tc.folder, Access: local(t)})
			if !errors.Is(err, tc.err) {
				t.Fatalf("%s: want %v, got %v", tc.reason, tc.err, err)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(tc.files, contents(t, tree)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			r := tree.Reading
			if r.GetCommit() != tc.commit || r.GetRef() != tc.ref || r.GetSubdirectory() != tc.subdirectory || r.GetUrl() != url || r.GetReadAt() == nil {
				t.Errorf("%s: reading is %v", tc.reason, r)
			}
			if int(r.GetFiles()) != len(tc.files) {
				t.Errorf("%s: %d files counted", tc.reason, r.GetFiles())
			}
		})
	}
}

// A pack of Git's own with long chains of deltas holds, byte for byte, what was committed.
func TestFetchDeltas(t *testing.T) {
	files := map[string]string{}
	text := ""
	for i := range 60 {
		text += fmt.Sprintf("line %d of a file that grows: %x\n", i, i*i*7919)
		files[fmt.Sprintf("charts/part-%02d/values.yaml", i)] = text + strings.Repeat("same: text\n", 50)
	}
	dir := repotest.Repository(t, files)
	repotest.Git(t, dir, "repack", "-q", "-adf", "--depth=50", "--window=50")
	tree, err := fetch(t, repository.Request{URL: repotest.Host(t, dir), Access: local(t)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files, contents(t, tree)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := fstest.TestFS(tree, "charts/part-00/values.yaml", "charts/part-59/values.yaml"); err != nil {
		t.Error(err)
	}
	if len(tree.Problems) > 0 {
		t.Errorf("problems: %v", tree.Problems)
	}
}

// Nothing of a repository is executed, followed or fetched from elsewhere, and each thing left out is said.
//
// Shows: T-3.3.5-125
func TestFetchLeavesOut(t *testing.T) {
	big := strings.Repeat("x", 1<<20+1)
	dir := repotest.Repository(t, map[string]string{
		"app.yaml":               "kind: Pod\n",
		"big.bin":                big,
		"just.bin":               big[1:],
		"model.onnx":             "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n",
		".gitattributes":         "*.yaml filter=evil diff=evil\n*.onnx filter=lfs\n",
		".gitmodules":            "[submodule \"x\"]\n\tpath = sub\n\turl = file:///etc\n",
		"hooks/post-checkout":    "#!/bin/sh\ntouch /tmp/pwned\n",
		"node_modules/a/a.js":    "not ours",
		"sub/vendor/b/b.go":      "not ours",
		"examples/docker/x.yaml": "a: b\n",
	})
	for link, target := range map[string]string{"out": "../../etc/passwd", "abs": "/etc/shadow", "in": "app.yaml", "loop": "loop", "examples/up": "../app.yaml"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	commit := repotest.Git(t, dir, "rev-parse", "HEAD")
	repotest.Git(t, dir, "update-index", "--add", "--cacheinfo", "160000,"+commit+",module")
	repotest.Git(t, dir, "add", "out", "abs", "in", "loop", "examples/up")
	repotest.Git(t, dir, "commit", "-q", "-m", "links")
	want := map[string]string{"app.yaml": "kind: Pod\n", "just.bin": big[1:], ".gitattributes": "*.yaml filter=evil diff=evil\n*.onnx filter=lfs\n",
		".gitmodules": "[submodule \"x\"]\n\tpath = sub\n\turl = file:///etc\n", "hooks/post-checkout": "#!/bin/sh\ntouch /tmp/pwned\n", "examples/docker/x.yaml": "a: b\n"}
	wantProblems := []string{"link examples/up", "link in", "link loop", "outside abs", "outside out", "remote model.onnx", "remote module", "too_large big.bin"}
	for _, filter := range []string{"true", "false"} { // the server leaves large files out, or sends them
		t.Run("Filter="+filter, func(t *testing.T) {
			repotest.Git(t, dir, "config", "uploadpack.allowFilter", filter)
			tree, err := fetch(t, repository.Request{URL: repotest.Host(t, dir), Access: local(t)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, contents(t, tree)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(wantProblems, problems(tree)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if err := fstest.TestFS(tree, "app.yaml", "examples/docker/x.yaml"); err != nil {
				t.Error(err)
			}
		})
	}
}

// A file may be stored as what it differs in from one that is too large to be kept, over many steps.
func TestFetchDeltaToLargeFile(t *testing.T) {
	var p repotest.Pack
	content := strings.Repeat("0123456789abcdef", 1<<17) // 2 MiB
	name := p.Blob(content)
	entries := []repotest.Entry{repotest.File("large.yaml", name)}
	for _, size := range append(slices.Repeat([]int{2 << 20, 2<<20 - 1}, 40), 1000) {
		p.Delta(name, repotest.CopyDelta(len(content), size))
		content = patched(content, size)
		name = plumbing.ComputeHash(plumbing.BlobObject, []byte(content))
	}
	p.Commit(p.Tree(append(entries, repotest.File("small.yaml", name))...), "x")
	tree, err := fetch(t, repository.Request{URL: repotest.Serve(t, p.Bytes(), p.Head), Access: local(t)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"small.yaml": content}, contents(t, tree)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"too_large large.yaml"}, problems(tree)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// patched is what repotest.CopyDelta makes.
func patched(base string, size int) string {
	var b strings.Builder
	for b.Len() < size {
		b.WriteString(base[:min(size-b.Len(), len(base), 0xffff)])
	}
	return b.String()
}

func TestFetchBounds(t *testing.T) {
	files := map[string]string{"a.yaml": "a", "b/b.yaml": "b", "b/c/c.yaml": "c", "b/c/d/d.yaml": "d"}
	url := repotest.Host(t, repotest.Repository(t, files))
	tests := map[string]struct {
		reason   string
		limits   repository.Limits
		files    []string
		problems []string
		err      error
	}{
		"Files":     {reason: "the top is kept", limits: repository.Limits{Files: 2}, files: []string{"a.yaml", "b/b.yaml"}, problems: []string{"too_many"}},
		"Entries":   {reason: "looking ends", limits: repository.Limits{Entries: 3}, files: []string{"a.yaml", "b/b.yaml"}, problems: []string{"too_many"}},
		"Tree":      {reason: "the rest of the folder is left out", limits: repository.Limits{TreeEntries: 1}, files: []string{"a.yaml"}, problems: []string{"too_many"}},
		"Depth":     {reason: "what lies deeper is left out", limits: repository.Limits{Depth: 2}, files: []string{"a.yaml", "b/b.yaml"}, problems: []string{"too_many b/c"}},
		"Kept":      {reason: "bytes of all files", limits: repository.Limits{KeptBytes: 3}, files: []string{"a.yaml", "b/b.yaml", "b/c/c.yaml"}, problems: []string{"too_large"}},
		"Objects":   {reason: "the pack's own count", limits: repository.Limits{Objects: 5}, err: repository.ErrTooLarge},
		"Pack":      {reason: "bytes received", limits: repository.Limits{PackBytes: 100}, err: repository.ErrTooLarge},
		"Inflated":  {reason: "bytes inflated", limits: repository.Limits{InflatedBytes: 200}, err: repository.ErrTooLarge},
		"Advertise": {reason: "the list of branches", limits: repository.Limits{AdvertisedBytes: 50}, err: repository.ErrTooLarge},
		"Enough":    {reason: "as much as there is", limits: repository.Limits{Files: 5, Entries: 7, Depth: 4, KeptBytes: 4}, files: []string{"a.yaml", "b/b.yaml", "b/c/c.yaml", "b/c/d/d.yaml"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tree, err := fetch(t, repository.Request{URL: url, Access: local(t), Limits: tc.limits})
			if !errors.Is(err, tc.err) {
				t.Fatalf("%s: want %v, got %v", tc.reason, tc.err, err)
			}
			if err != nil {
				return
			}
			var got []string
			for name := range contents(t, tree) {
				got = append(got, name)
			}
			slices.Sort(got)
			if diff := cmp.Diff(tc.files, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.problems, problems(tree)); diff != "" {
				t.Errorf("%s: problems (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func redacted(data []byte) redact.Secret { return redact.Secret(data) }
