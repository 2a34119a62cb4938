package repository

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// object is one object of a pack.
type object struct {
	offset int64 // of its header
	size   int64 // inflated, deltas applied; unknown before they are
	base   int32 // index of the object that it is a delta to; -1: none
	kind   plumbing.ObjectType
	deltas int16 // on top of one another, this one included
	name   plumbing.Hash
}

// pack is a received pack and where its objects are. Objects are inflated when they are read, one at a time, so that its size in
// memory does not depend on theirs.
type pack struct {
	file    io.ReaderAt
	bytes   int64
	limits  Limits
	objects []object
	hashes  map[plumbing.Hash]int32
	// oversized counts objects that were not looked at because they, or what they are a delta to, are too large. They have no
	// name: what cannot be found may be one of them.
	oversized int
	inflated  int64 // bytes so far
}

// readPack indexes a pack of that many bytes: it inflates every object once, by the size that its header declares, and names it by what
// it holds. Declared sizes are added up before anything is inflated.
func readPack(ctx context.Context, file io.ReaderAt, size int64, limits Limits) (*pack, error) {
	p := &pack{file: file, bytes: size, limits: limits, hashes: map[plumbing.Hash]int32{}}
	sequential := struct{ io.Reader }{io.NewSectionReader(file, 0, size)} // not seekable: only then the scanner sums up what it reads
	scanner := packfile.NewScanner(sequential)
	_, count, err := scanner.Header()
	if err != nil {
		return nil, judged(ctx, brief(err), ErrCorrupt)
	}
	if int64(count) > int64(limits.Objects) {
		return nil, fmt.Errorf("%w: it has %d objects, at most %d are read", ErrTooLarge, count, limits.Objects)
	}
	waiting := deltas{at: map[int32][]int32{}, by: map[plumbing.Hash][]int32{}}
	for range count {
		if err := p.scan(ctx, scanner, &waiting); err != nil {
			return nil, judged(ctx, brief(err), ErrCorrupt)
		}
	}
	if _, err := scanner.Checksum(); err != nil {
		return nil, judged(ctx, brief(err), ErrCorrupt)
	}
	if err := p.resolve(ctx, waiting); err != nil {
		return nil, judged(ctx, brief(err), ErrCorrupt)
	}
	return p, nil
}

// deltas are objects that wait for what they are a delta to.
type deltas struct {
	at map[int32][]int32         // by index
	by map[plumbing.Hash][]int32 // by name
}

// scan reads the next object.
func (p *pack) scan(ctx context.Context, scanner *packfile.Scanner, waiting *deltas) error {
	header, err := scanner.NextObjectHeader()
	if err != nil {
		return err
	}
	if err := p.spend(header.Length); err != nil {
		return err
	}
	index := int32(len(p.objects))
	o := object{offset: header.Offset, size: header.Length, base: -1, kind: header.Type}
	sink := io.Discard
	var hasher *plumbing.Hasher
	switch {
	case header.Type == plumbing.OFSDeltaObject || header.Type == plumbing.REFDeltaObject:
		if header.Length > p.limits.ObjectBytes {
			p.oversized++
			break
		}
		if header.Type == plumbing.REFDeltaObject {
			waiting.by[header.Reference] = append(waiting.by[header.Reference], index)
			break
		}
		base, ok := slices.BinarySearchFunc(p.objects, header.OffsetReference, func(o object, at int64) int { return int(o.offset - at) })
		if !ok {
			return errors.New("a delta to what is no object")
		}
		waiting.at[int32(base)] = append(waiting.at[int32(base)], index)
	case header.Type != plumbing.CommitObject && header.Type != plumbing.TreeObject && header.Type != plumbing.BlobObject && header.Type != plumbing.TagObject:
		return errors.New("an object of no kind")
	case header.Length > p.limits.ObjectBytes:
		p.oversized++
		o.kind = plumbing.InvalidObject
	default:
		h := plumbing.NewHasher(header.Type, header.Length)
		hasher, sink = &h, h
	}
	p.objects = append(p.objects, o)
	written, _, err := scanner.NextObject(interruptible{ctx, sink})
	if err != nil {
		return err
	}
	if written != header.Length {
		return errors.New("an object that is shorter than it says")
	}
	if hasher != nil {
		p.name(hasher.Sum(), index)
	}
	return nil
}

func (p *pack) name(hash plumbing.Hash, index int32) {
	p.objects[index].name = hash
	if _, ok := p.hashes[hash]; !ok {
		p.hashes[hash] = index
	}
}

// spend adds to what was inflated.
func (p *pack) spend(n int64) error {
	if n < 0 || n > p.limits.InflatedBytes-p.inflated {
		return fmt.Errorf("%w: it holds more than %d MiB when inflated", ErrTooLarge, p.limits.InflatedBytes/mib)
	}
	p.inflated += n
	return nil
}

// object returns an object by its name.
func (p *pack) object(hash plumbing.Hash) (object, bool) {
	i, ok := p.hashes[hash]
	if !ok {
		return object{}, false
	}
	return p.objects[i], true
}

// read inflates an object that has a name. It is safe for concurrent use.
func (p *pack) read(o object) ([]byte, error) {
	chain := []object{o}
	for o.base >= 0 {
		o = p.objects[o.base]
		chain = append(chain, o)
	}
	content, err := p.inflate(o.offset)
	if err != nil {
		return nil, err
	}
	for _, o := range slices.Backward(chain[:len(chain)-1]) {
		delta, err := p.inflate(o.offset)
		if err != nil {
			return nil, err
		}
		if content, err = packfile.PatchDelta(content, delta); err != nil {
			return nil, fmt.Errorf("apply delta: %w", err)
		}
	}
	return content, nil
}

// inflate returns what is stored at an offset: an object or a delta.
func (p *pack) inflate(offset int64) ([]byte, error) {
	scanner := packfile.NewScanner(io.NewSectionReader(p.file, 0, p.bytes))
	header, err := scanner.SeekObjectHeader(offset)
	if err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	if header.Length > p.limits.ObjectBytes {
		return nil, ErrTooLarge
	}
	var b bytes.Buffer
	b.Grow(int(header.Length))
	if _, _, err := scanner.NextObject(&b); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	return b.Bytes(), nil
}
