package pve

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// perNode is the number of requests under way at once for one node: a node has three workers to answer with, and one that is
	// slow must leave slots for the others.
	perNode = 2
	// silences in a row make a node rest: one may be the fault of a storage that hangs, more are the node's own.
	silences = 2
	// nodeRest is how long nothing is asked of a node that kept silent.
	nodeRest = 30 * time.Second
)

// slots bound the requests under way, over all and for each node. A node that kept silent rests: what is asked of it meanwhile
// fails at once, so that a reading waits for it once or twice and not for each of its sections.
type slots struct {
	now     func() time.Time
	all     chan struct{}
	perNode int

	mu    sync.Mutex // guards nodes and what they count
	nodes map[string]*nodeSlots
}

type nodeSlots struct {
	own    chan struct{}
	silent int // requests in a row that were not answered in time
	until  time.Time
}

func newSlots(concurrency int, now func() time.Time) *slots {
	return &slots{now: now, all: make(chan struct{}, concurrency), perNode: max(min(perNode, concurrency-1), 1), nodes: map[string]*nodeSlots{}}
}

// take waits for a slot of the node that the path names, then for one of all: who waits for a slow node holds up nobody else. The
// error is that of ctx, or an [UnreachableError] when the node rests.
func (s *slots) take(ctx context.Context, path string) (release func(), err error) {
	node := s.node(path)
	if node == nil {
		select {
		case s.all <- struct{}{}:
			return func() { <-s.all }, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	select {
	case node.own <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if s.rests(node) {
		<-node.own
		return nil, silent(path)
	}
	select {
	case s.all <- struct{}{}:
		return func() { <-s.all; <-node.own }, nil
	case <-ctx.Done():
		<-node.own
		return nil, context.Cause(ctx)
	}
}

// node returns the slots of the node that "/nodes/N/…" names, nil for another path.
func (s *slots) node(path string) *nodeSlots {
	name := nodeOf(path)
	if name == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.nodes[name]
	if !ok {
		n = &nodeSlots{own: make(chan struct{}, s.perNode)}
		s.nodes[name] = n
	}
	return n
}

func (s *slots) rests(n *nodeSlots) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now().Before(n.until)
}

// heard notes whether the node that the path names answered in time.
func (s *slots) heard(path string, answered bool) {
	n := s.node(path)
	if n == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if answered {
		n.silent, n.until = 0, time.Time{}
		return
	}
	if n.silent++; n.silent >= silences {
		n.until = s.now().Add(nodeRest)
	}
}

// silent is the error of a node that does not answer although the endpoint does.
func silent(path string) error {
	name := nodeOf(path)
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	return &UnreachableError{Host: "node " + name, Reach: ReachTimeout}
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
