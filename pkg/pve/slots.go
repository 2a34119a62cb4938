package pve

import (
	"context"
	"strings"
	"sync"
)

// perNode is the number of requests under way at once for one node: a node has three workers to answer with, and one that is slow
// must leave slots for the others.
const perNode = 2

// slots bound the requests under way, over all and for each node.
type slots struct {
	all     chan struct{}
	perNode int

	mu    sync.Mutex // guards nodes
	nodes map[string]chan struct{}
}

func newSlots(concurrency int) *slots {
	return &slots{all: make(chan struct{}, concurrency), perNode: max(min(perNode, concurrency-1), 1), nodes: map[string]chan struct{}{}}
}

// take waits for a slot of the node that the path names, then for one of all: who waits for a slow node holds up nobody else.
func (s *slots) take(ctx context.Context, path string) (release func(), err error) {
	release = func() {}
	if own := s.node(path); own != nil {
		select {
		case own <- struct{}{}:
			release = func() { <-own }
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	select {
	case s.all <- struct{}{}:
		node := release
		return func() { <-s.all; node() }, nil
	case <-ctx.Done():
		release()
		return nil, context.Cause(ctx)
	}
}

// node returns the slots of the node that "/nodes/N/…" names, nil for another path.
func (s *slots) node(path string) chan struct{} {
	name := nodeOf(path)
	if name == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	own, ok := s.nodes[name]
	if !ok {
		own = make(chan struct{}, s.perNode)
		s.nodes[name] = own
	}
	return own
}

// nodeOf returns the node to which Proxmox VE passes a request on, as it is written in the path; empty: any node answers.
func nodeOf(path string) string {
	rest, ok := strings.CutPrefix(path, "/nodes/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}
