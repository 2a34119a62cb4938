package repository

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
)

// resolution is one walk over the deltas of a pack, from what they are based on to what is based on them, so that each is applied once.
type resolution struct {
	*pack
	waiting deltas
	stack   []frame
	live    int64 // bytes of contents on the stack
}

// frame is an object whose deltas are being applied.
type frame struct {
	index    int32
	content  []byte
	children []int32
}

// resolve names every object that is stored as a delta, and what it needs exists.
func (p *pack) resolve(ctx context.Context, waiting deltas) error {
	r := resolution{pack: p, waiting: waiting}
	for i := range p.objects {
		index, o := int32(i), p.objects[i]
		if o.base >= 0 || o.kind == plumbing.OFSDeltaObject || o.kind == plumbing.REFDeltaObject || o.kind == plumbing.InvalidObject {
			continue
		}
		if err := r.from(ctx, index); err != nil {
			return err
		}
	}
	for _, o := range p.objects {
		if o.kind == plumbing.OFSDeltaObject || o.kind == plumbing.REFDeltaObject {
			p.oversized++ // based on what is too large, or on what is missing; both show when something points at it
		}
	}
	return nil
}

// from applies all deltas that lead back to one whole object.
func (r *resolution) from(ctx context.Context, index int32) error {
	children := r.children(index)
	if len(children) == 0 {
		return nil
	}
	if err := r.spend(r.objects[index].size); err != nil {
		return err
	}
	content, err := r.inflate(r.objects[index].offset)
	if err != nil {
		return err
	}
	r.push(frame{index, content, children})
	for len(r.stack) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.step(); err != nil {
			return err
		}
	}
	return nil
}

// children takes the deltas that wait for an object.
func (r *resolution) children(index int32) []int32 {
	name := r.objects[index].name
	children := r.waiting.at[index]
	delete(r.waiting.at, index)
	if more, ok := r.waiting.by[name]; ok {
		children = append(children, more...)
		delete(r.waiting.by, name)
	}
	return children
}

// push puts an object on top, if it has deltas; those for which there is no memory stay without a name.
func (r *resolution) push(f frame) {
	if len(f.children) == 0 || r.live+int64(len(f.content)) > liveBytes {
		return
	}
	r.live += int64(len(f.content))
	r.stack = append(r.stack, f)
}

// step applies the next delta of the object on top of the stack, or takes it down when there is none.
func (r *resolution) step() error {
	top := &r.stack[len(r.stack)-1]
	if len(top.children) == 0 {
		r.live -= int64(len(top.content))
		r.stack = r.stack[:len(r.stack)-1]
		return nil
	}
	index := top.children[0]
	top.children = top.children[1:]
	base := r.objects[top.index]
	if base.deltas >= deltaDepth {
		return nil // stays without a name
	}
	delta, err := r.inflate(r.objects[index].offset)
	if err != nil {
		return err
	}
	size, err := targetSize(delta, len(top.content))
	if err != nil {
		return err
	}
	if size > r.limits.ObjectBytes {
		r.objects[index].kind = plumbing.InvalidObject
		r.oversized++
		return nil
	}
	if err := r.spend(size); err != nil {
		return err
	}
	content, err := packfile.PatchDelta(top.content, delta)
	if err != nil {
		return err
	}
	o := &r.objects[index]
	o.size, o.base, o.kind, o.deltas = size, top.index, base.kind, base.deltas+1
	r.name(plumbing.ComputeHash(o.kind, content), index)
	if len(top.children) == 0 { // a chain, however long, needs the last of its contents only
		r.live -= int64(len(top.content))
		top.content = nil
	}
	r.push(frame{index, content, r.children(index)})
	return nil
}

// targetSize reads from a delta how large its result is, before it is applied.
func targetSize(delta []byte, base int) (int64, error) {
	source, n := binary.Uvarint(delta)
	if n <= 0 || source != uint64(base) {
		return 0, errors.New("a delta to something else")
	}
	target, n := binary.Uvarint(delta[n:])
	if n <= 0 || target > 1<<40 {
		return 0, errors.New("a delta to nothing")
	}
	return int64(target), nil
}
