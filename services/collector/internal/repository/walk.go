package repository

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// entry is one line of a tree.
type entry struct {
	mode filemode.FileMode
	name string
	hash plumbing.Hash
}

// walk looks through the tree of a commit, nearest folders first, so that of a repository that is too large the top is kept. It reads
// objects and never a file system: a link is an entry of that kind and leads nowhere.
type walk struct {
	*pack
	filtered bool
	found    reading.Result
	more     int   // problems that were not listed
	entries  int   // seen
	paths    int64 // bytes of their paths
	full     bool  // nothing more is looked at
	inflated int64 // bytes of objects that were read on the way
	files    map[string]object
	kept     int64
	overfull bool // a file was left out because of those that were kept
}

// folder is a tree that waits to be looked through; path is "." for the top.
type folder struct {
	path  string
	hash  plumbing.Hash
	depth int
}

// root finds the tree of a commit, through tags when there are some in between.
func (w *walk) root(hash plumbing.Hash) (commit, tree plumbing.Hash, err error) {
	for range 5 {
		o, content, err := w.fetch(hash)
		if err != nil {
			return commit, tree, err
		}
		switch o.kind {
		case plumbing.CommitObject:
			tree, ok := headerHash(content, "tree ")
			if !ok {
				return commit, tree, fmt.Errorf("%w: a commit without a tree", ErrCorrupt)
			}
			return hash, tree, nil
		case plumbing.TagObject:
			next, ok := headerHash(content, "object ")
			if !ok {
				return commit, tree, fmt.Errorf("%w: a tag of nothing", ErrCorrupt)
			}
			hash = next
		default:
			return commit, tree, fmt.Errorf("%w: the branch or tag names no commit", ErrReferenceNotFound)
		}
	}
	return commit, tree, fmt.Errorf("%w: tags of tags", ErrCorrupt)
}

// headerHash reads the first line of a commit or tag.
func headerHash(content []byte, key string) (hash plumbing.Hash, ok bool) {
	line, _, _ := bytes.Cut(content[:min(len(content), 128)], []byte("\n"))
	text, ok := strings.CutPrefix(string(line), key)
	if !ok || len(text) != 40 {
		return hash, false
	}
	_, err := hex.Decode(hash[:], []byte(text))
	return hash, err == nil
}

// fetch reads an object that must be there.
func (w *walk) fetch(hash plumbing.Hash) (object, []byte, error) {
	o, ok := w.object(hash)
	if !ok {
		if w.oversized > 0 {
			return o, nil, fmt.Errorf("%w: an object that everything hangs on is", ErrTooLarge)
		}
		return o, nil, fmt.Errorf("%w: an object is missing", ErrCorrupt)
	}
	if o.size > w.limits.InflatedBytes-w.inflated {
		return o, nil, errTooMuch
	}
	w.inflated += o.size
	content, err := w.read(o)
	if err != nil && Code(err) == "" {
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return o, content, err
}

// descend goes down to a folder that was asked for by name.
func (w *walk) descend(tree plumbing.Hash, subdirectory string) (plumbing.Hash, error) {
	if subdirectory == "" {
		return tree, nil
	}
	for name := range strings.SplitSeq(subdirectory, "/") {
		_, content, err := w.fetch(tree)
		if err != nil {
			return tree, err
		}
		found := false
		err = parseTree(content, w.limits.TreeEntries, func(e entry) {
			if e.name == name && e.mode == filemode.Dir && !found {
				tree, found = e.hash, true
			}
		})
		if !found {
			if err != nil && !errors.Is(err, errMoreEntries) {
				return tree, fmt.Errorf("%w: %w", ErrCorrupt, err)
			}
			return tree, ErrSubdirectoryNotFound
		}
	}
	return tree, nil
}

// all looks through everything below a tree. Only an end of the context and a top that cannot be read are errors: what is too much is left
// out and said.
func (w *walk) all(ctx context.Context, tree plumbing.Hash) error {
	queue := []folder{{".", tree, 1}}
	for len(queue) > 0 && !w.full {
		next := queue[0]
		queue = queue[1:]
		if err := ctx.Err(); err != nil {
			return judged(ctx, err, ErrTooSlow)
		}
		content, err := w.list(next)
		switch {
		case err != nil && next.path == ".":
			return err
		case err != nil:
			continue
		}
		seen := map[string]bool{}
		err = parseTree(content, w.limits.TreeEntries, func(e entry) {
			if w.full = w.full || w.enough(next, e); w.full {
				return
			}
			if below, ok := w.entry(next, e, seen); ok {
				queue = append(queue, below)
			}
		})
		switch {
		case w.full:
			w.problem("", "too_many", fmt.Sprintf("The repository has more than %d files or %d entries; the rest was left out.", w.limits.Files, w.limits.Entries))
		case errors.Is(err, errMoreEntries):
			w.problem(next.path, "too_many", fmt.Sprintf("The folder has more than %d entries; the rest was left out.", w.limits.TreeEntries))
		case err != nil:
			w.problem(next.path, "syntax", "The folder's list is damaged.")
		}
	}
	return nil
}

// list reads the list of a folder; one that cannot be read is empty, an error only for who cannot do without, and a problem already.
func (w *walk) list(f folder) ([]byte, error) {
	o, content, err := w.fetch(f.hash)
	switch {
	case err == nil && o.kind == plumbing.TreeObject:
		return content, nil
	case err == nil:
		w.problem(f.path, "syntax", "The folder is no folder.")
		return nil, fmt.Errorf("%w: the top is no folder", ErrCorrupt)
	case errors.Is(err, errTooMuch) && f.path != ".":
		w.full = true
		w.problem("", "too_large", "Looking through the repository takes too much; what is deeper was left out.")
	case errors.Is(err, ErrTooLarge):
		w.problem(f.path, "too_large", "The folder's list is too large.")
	default:
		w.problem(f.path, "syntax", "The folder is missing or damaged.")
	}
	return nil, err
}

// enough reports whether one more entry is one too many; paths count by their length, too, since they wait in memory.
func (w *walk) enough(in folder, e entry) bool {
	w.entries++
	w.paths += int64(len(in.path) + min(len(e.name), nameBytes)) // longer names are not kept
	return w.entries > w.limits.Entries || len(w.files) >= w.limits.Files || w.paths > pathsBytes
}

// entry judges one entry and keeps it if it is a file; a folder to be looked through is returned.
func (w *walk) entry(in folder, e entry, seen map[string]bool) (folder, bool) {
	full := path.Join(in.path, e.name)
	if problem := nameProblem(e.name); problem != "" {
		w.problem(shown(in.path, e.name), "name", problem)
		return folder{}, false
	}
	switch {
	case seen[e.name]:
		w.problem(full, "name", "The folder has two entries of this name; the first was taken.")
		return folder{}, false
	case len(full) > pathBytes:
		w.problem(full, "name", "The path is longer than 1,024 bytes.")
		return folder{}, false
	}
	seen[e.name] = true
	switch e.mode {
	case filemode.Dir:
		if unread[e.name] {
			return folder{}, false
		}
		if in.depth >= w.limits.Depth {
			w.problem(full, "too_many", fmt.Sprintf("The folder lies deeper than %d folders.", w.limits.Depth))
			return folder{}, false
		}
		return folder{full, e.hash, in.depth + 1}, true
	case filemode.Submodule:
		w.problem(full, "remote", "This is a submodule; another repository is not fetched.")
	case filemode.Symlink:
		w.link(in, e, full)
	case filemode.Regular, filemode.Executable, filemode.Deprecated:
		w.file(e, full)
	default:
		w.problem(full, "unsupported", "The entry is of no known kind.")
	}
	return folder{}, false
}

func (w *walk) link(in folder, e entry, full string) {
	target := ""
	if o, ok := w.object(e.hash); ok && o.size <= 4*kib {
		if _, content, err := w.fetch(e.hash); err == nil {
			target = string(content)
		}
	}
	if outside(in.path, target) {
		w.problem(full, "outside", "This is a link that leads out of the repository; it was not followed.")
		return
	}
	w.problem(full, "link", "This is a link; links are not followed.")
}

// largePointer begins a file that stands for one in Git LFS.
const largePointer = "version https://git-lfs.github.com/spec/"

func (w *walk) file(e entry, full string) {
	o, ok := w.object(e.hash)
	switch {
	case !ok && (w.filtered || w.oversized > 0):
		w.problem(full, "too_large", fmt.Sprintf("The file has more than %d KiB.", w.limits.FileBytes/kib))
	case !ok:
		w.problem(full, "syntax", "The content of the file is missing.")
	case o.kind != plumbing.BlobObject:
		w.problem(full, "syntax", "The file is no file.")
	case o.size > w.limits.FileBytes:
		w.problem(full, "too_large", fmt.Sprintf("The file has %d KiB, more than %d.", o.size/kib, w.limits.FileBytes/kib))
	case o.size > w.limits.KeptBytes-w.kept:
		if !w.overfull {
			w.problem("", "too_large", fmt.Sprintf("All files together have more than %d MiB; some were left out.", w.limits.KeptBytes/mib))
		}
		w.overfull = true
	case w.large(o, e.hash):
		w.problem(full, "remote", "The content of the file lies in Git LFS, which is not fetched.")
	default:
		w.files[full] = o
		w.kept += o.size
	}
}

// large reports whether a file is a pointer of Git LFS, which has fewer than 1,024 bytes.
func (w *walk) large(o object, hash plumbing.Hash) bool {
	if o.size < int64(len(largePointer)) || o.size >= kib {
		return false
	}
	_, content, err := w.fetch(hash)
	return err == nil && strings.HasPrefix(string(content), largePointer)
}

// problem lists a problem, as long as there are not too many of them; one of the repository as a whole, of which there is one, always.
func (w *walk) problem(file, code, message string) {
	if len(w.found.Problems) >= w.limits.Problems && file != "" {
		w.more++
		return
	}
	if file == "." {
		file = ""
	}
	w.found.Problem(file, 0, code, message)
}

// shown is a path whose last part cannot be shown as it is.
func shown(folder, name string) string {
	if folder != "." {
		folder += "/"
	} else {
		folder = ""
	}
	return folder + strings.NewReplacer("/", `\x2f`, ".", `\x2e`).Replace(strings.Trim(strconv.QuoteToASCII(cut(name, 64)), `"`))
}

var (
	errMoreEntries = errors.New("more entries than allowed")
	errTooMuch     = fmt.Errorf("%w: looking through it takes too much", ErrTooLarge)
)

// parseTree calls back for each entry of a tree: mode, space, name, NUL, twenty bytes.
func parseTree(content []byte, most int, each func(entry)) error {
	for n := 0; len(content) > 0; n++ {
		if n >= most {
			return errMoreEntries
		}
		space := bytes.IndexByte(content[:min(len(content), 8)], ' ')
		end := bytes.IndexByte(content, 0)
		if space < 1 || end < space || len(content) < end+21 {
			return fs.ErrInvalid
		}
		mode, err := filemode.New(string(content[:space]))
		if err != nil {
			return fs.ErrInvalid
		}
		e := entry{mode: mode, name: string(content[space+1 : end])}
		copy(e.hash[:], content[end+1:])
		each(e)
		content = content[end+21:]
	}
	return nil
}
