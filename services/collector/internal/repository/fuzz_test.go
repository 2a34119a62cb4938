package repository

import (
	"bytes"
	"crypto/sha1"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/go-git/go-git/v5/plumbing"

	"proviso.dev/services/collector/internal/repository/repotest"
)

// Whatever bytes come as a pack: it is read or refused, and what is read is a file system.
func FuzzPack(f *testing.F) {
	var p repotest.Pack
	head := p.Files(map[string]string{"a": "a", "b/c.yaml": "kind: Pod\n", "b/d.yaml": "kind: Job\n"})
	base := p.Blob("0123456789")
	p.Delta(base, repotest.CopyDelta(10, 25))
	f.Add(p.Bytes(), head[:])
	f.Add([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x00"), head[:])
	limits := Limits{InflatedBytes: mib, ObjectBytes: 64 * kib, FileBytes: 16 * kib, Objects: 64, Files: 16, Entries: 64, Depth: 4}.withDefaults()
	f.Fuzz(func(t *testing.T, data, head []byte) {
		data = seal(data)
		pack, err := readPack(t.Context(), bytes.NewReader(data), int64(len(data)), limits)
		if err != nil {
			if Code(err) == "" {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		w := &walk{pack: pack, files: map[string]object{}}
		var tip plumbing.Hash
		copy(tip[:], head)
		_, top, err := w.root(tip)
		if err == nil {
			err = w.all(t.Context(), top)
		}
		if err != nil {
			if Code(err) == "" {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		tree := &Tree{pack: pack, nodes: plant(w.files)}
		var names []string
		for name := range w.files {
			if !fs.ValidPath(name) {
				t.Errorf("the path %q", name)
			}
			names = append(names, name)
		}
		if len(names) > 0 {
			if err := fstest.TestFS(tree, names...); err != nil {
				t.Error(err)
			}
		}
	})
}

// seal gives a pack its checksum, without which nothing else would be tried.
func seal(data []byte) []byte {
	if len(data) < 32 {
		return data
	}
	body := data[:len(data)-20]
	h := plumbing.Hash(sha1.Sum(body))
	return append(bytes.Clone(body), h[:]...)
}

func FuzzParseAddress(f *testing.F) {
	for _, text := range []string{"https://git.example.org/shop.git", "git@git.example.org:shop.git", "ssh://-x/a", "https://a:b@c/d", "ext::sh"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := ParseAddress(text)
		if err != nil {
			if Code(err) == "" {
				t.Errorf("an error without a code: %v", err)
			}
			return
		}
		if a.Host == "" || a.Host[0] == '-' || a.Path[0] == '-' || a.User != "" && a.User[0] == '-' {
			t.Errorf("%q became %+v", text, a)
		}
		if b, err := ParseAddress(a.String()); err != nil || b.HostPort() != a.HostPort() || b.Scheme != a.Scheme {
			t.Errorf("%q is shown as %q, which is %+v, %v", text, a, b, err)
		}
	})
}
