package pve

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"
)

// A part is one section as it was read, or while it is being read. Once done returned it is immutable.
type part struct {
	r    *Reader
	base *Snapshot // the overview that its reading goes by: nodes, guests, storages, pools, version. It must not be changed.

	began time.Time
	basis string

	tasks sync.WaitGroup

	mu     sync.Mutex // guards what follows while tasks run
	snap   *Snapshot  // what was read: the section's own fields, and Unknown
	failed bool       // something went wrong that may go right soon
	fatal  error      // the token is not accepted any more
}

// readPart reads one section.
func (r *Reader) readPart(ctx context.Context, sec *section, base *Snapshot) *part {
	p := &part{r: r, base: base, began: r.now(), basis: sec.basisOf(base), snap: &Snapshot{}}
	sec.read(p, ctx)
	p.tasks.Wait()
	p.snap.arrange()
	return p
}

// run starts a task. What it could not read goes by the name of what.
func (p *part) run(what string, task func() error) {
	p.tasks.Go(func() {
		if err := task(); err != nil {
			p.missed(what, err)
		}
	})
}

// eachNode starts a task for every online node, by the name of what followed by the node's; what an offline node has is unknown.
func (p *part) eachNode(what string, task func(node string) error) {
	for _, node := range p.base.Nodes {
		name := what + " of " + node.Name
		if !node.Online() {
			p.unknown(name, whyAway(node))
			continue
		}
		p.run(name, func() error { return task(node.Name) })
	}
}

// missed records that something could not be read. A token that is not accepted any more ends the whole reading instead.
func (p *part) missed(what string, err error) {
	if errors.Is(err, ErrCredentials) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.fatal = err
		return
	}
	p.unknown(what, reasonOf(err))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = true
}

// unknown records what was not asked for, and why.
func (p *part) unknown(what, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.snap.Unknown = append(p.snap.Unknown, UnknownRef{What: what, Reason: reason})
}

// with adds to what was read while other tasks run.
func (p *part) with(change func(*Snapshot)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p.snap)
}

// sameAs reports whether a reading found what the one before it had found.
func (p *part) sameAs(last *part) bool { return reflect.DeepEqual(p.snap, last.snap) }

// node finds a node; one that nobody listed is in an unknown state.
func (p *part) node(name string) Node {
	if n, ok := p.base.Node(name); ok {
		return n
	}
	return Node{Name: name, Status: NodeUnknown}
}

// whyAway is the reason for which nothing is asked of a node.
func whyAway(n Node) string {
	if n.Status == NodeOffline {
		return reasonOffline
	}
	return reasonUnclear
}
