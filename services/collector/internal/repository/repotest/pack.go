package repotest

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
)

// Entry is one line of a tree.
type Entry struct {
	Mode string // "100644", "40000", "120000", "160000"
	Name string
	Hash plumbing.Hash
}

// File is an entry of a regular file.
func File(name string, h plumbing.Hash) Entry { return Entry{"100644", name, h} }

// Dir is an entry of a folder.
func Dir(name string, h plumbing.Hash) Entry { return Entry{"40000", name, h} }

// Pack makes a pack, object by object, and checks nothing.
type Pack struct {
	// Head is the commit that is served.
	Head plumbing.Hash

	body  bytes.Buffer
	count uint32
	seen  map[plumbing.Hash]bool

	last, deflated []byte // the last delta, and how it is stored
}

// Object adds an object and returns its name.
func (p *Pack) Object(kind plumbing.ObjectType, content []byte) plumbing.Hash {
	name := plumbing.ComputeHash(kind, content)
	if p.seen == nil {
		p.seen = map[plumbing.Hash]bool{}
	}
	if !p.seen[name] {
		p.seen[name] = true
		p.Raw(kind, int64(len(content)), Deflate(content))
	}
	return name
}

// Raw adds what is said to be an object of a kind and size.
func (p *Pack) Raw(kind plumbing.ObjectType, size int64, stored []byte) {
	p.header(kind, size)
	p.body.Write(stored)
}

// Zeros adds a file of that many MiB of zeros, without ever holding it.
func (p *Pack) Zeros(mib int) plumbing.Hash {
	size := int64(mib) << 20
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	h := plumbing.NewHasher(plumbing.BlobObject, size)
	block := make([]byte, 1<<20)
	for range mib {
		_, _ = w.Write(block)
		_, _ = h.Write(block)
	}
	_ = w.Close()
	p.Raw(plumbing.BlobObject, size, b.Bytes())
	return h.Sum()
}

// Delta adds a delta to an object that is named, by which it is found wherever it stands.
func (p *Pack) Delta(base plumbing.Hash, delta []byte) {
	p.header(plumbing.REFDeltaObject, int64(len(delta)))
	p.body.Write(base[:])
	if !bytes.Equal(delta, p.last) { // thousands of one delta are made by some tests
		p.last, p.deflated = delta, Deflate(delta)
	}
	p.body.Write(p.deflated)
}

func (p *Pack) header(kind plumbing.ObjectType, size int64) {
	p.count++
	c := byte(kind)<<4 | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		p.body.WriteByte(c | 0x80)
		c = byte(size & 127)
	}
	p.body.WriteByte(c)
}

// Blob adds a file.
func (p *Pack) Blob(content string) plumbing.Hash {
	return p.Object(plumbing.BlobObject, []byte(content))
}

// Tree adds a folder; entries are taken in the order given.
func (p *Pack) Tree(entries ...Entry) plumbing.Hash {
	var b bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&b, "%s %s\x00", e.Mode, e.Name)
		b.Write(e.Hash[:])
	}
	return p.Object(plumbing.TreeObject, b.Bytes())
}

// Commit adds a commit of a tree and makes it the head.
func (p *Pack) Commit(tree plumbing.Hash, message string) plumbing.Hash {
	p.Head = p.Object(plumbing.CommitObject, fmt.Appendf(nil, "tree %s\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n\n%s", tree, message))
	return p.Head
}

// Files adds a commit of files by their paths.
func (p *Pack) Files(files map[string]string) plumbing.Hash {
	return p.Commit(p.folder(files), "first")
}

func (p *Pack) folder(files map[string]string) plumbing.Hash {
	below := map[string]map[string]string{}
	var entries []Entry
	for path, content := range files {
		name, rest, deeper := strings.Cut(path, "/")
		if !deeper {
			entries = append(entries, File(name, p.Blob(content)))
			continue
		}
		if below[name] == nil {
			below[name] = map[string]string{}
		}
		below[name][rest] = content
	}
	for name, files := range below {
		entries = append(entries, Dir(name, p.folder(files)))
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return p.Tree(entries...)
}

// Bytes is the pack with its checksum.
func (p *Pack) Bytes() []byte {
	b := append([]byte("PACK"), 0, 0, 0, 2)
	b = binary.BigEndian.AppendUint32(b, p.count)
	b = append(b, p.body.Bytes()...)
	sum := sha1.Sum(b)
	return append(b, sum[:]...)
}

// Deflate compresses.
func Deflate(content []byte) []byte {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	_, _ = w.Write(content)
	_ = w.Close()
	return b.Bytes()
}

// Bomb is a stream that inflates to that many MiB of zeros, and never to its end: its checksum is missing.
func Bomb(t testing.TB, mib int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	write := func() {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	write()
	first := b.Len()
	write()
	again := slices.Clone(b.Bytes()[first:]) // a block after zeros decodes to zeros wherever it stands
	return append(b.Bytes(), bytes.Repeat(again, max(0, mib-2))...)
}

// CopyDelta is a delta that makes target bytes out of copies of the first bytes of a base of that size.
func CopyDelta(base, target int) []byte {
	d := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(base)), uint64(target))
	for target > 0 {
		n := min(target, base, 0xffff)
		d = append(d, 0x80|0x10|0x20, byte(n), byte(n>>8))
		target -= n
	}
	return d
}
