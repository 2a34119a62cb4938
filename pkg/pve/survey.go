package pve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The reasons that an [UnknownRef] gives.
const (
	reasonOffline = "node is offline"
	reasonUnclear = "state of node is unknown"
	reasonDenied  = "token may not read it"
	reasonNoNode  = "node does not answer"
	reasonStorage = "storage is not available"
	reasonNarrow  = "token holds less there than on /"
)

// readable are the kinds of content whose volumes a snapshot lists.
var readable = []string{"import", "iso", "snippets", "vztmpl"}

// Snapshot reads the cluster. Without version, privileges or the list of resources there is none, nor when the token would be
// shown short lists (ErrIncompleteAccess). Anything else that cannot be read is named in Unknown.
//
// It sends about ten requests for the cluster, one per online node for its networks, one per vnet and per template, and one
// per storage that holds ISOs, container templates or import images (up to three where it holds disks too); a shared storage is
// read through one node.
func (r *Reader) Snapshot(ctx context.Context) (*Snapshot, error) {
	s := &survey{r: r, snap: &Snapshot{Cluster: r.cluster}}
	if err := s.essentials(ctx); err != nil {
		return nil, fmt.Errorf("read cluster: %w", err)
	}
	s.highAvailability(ctx)
	s.networks(ctx)
	s.volumes(ctx)
	s.templates(ctx)
	s.pools(ctx)
	s.haManager(ctx)
	s.zones(ctx)
	s.backup(ctx)
	s.ceph(ctx)
	s.replication(ctx)
	s.runningTasks(ctx)
	s.hardware(ctx)
	s.tasks.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("read cluster: %w", context.Cause(ctx))
	case s.fatal != nil:
		return nil, fmt.Errorf("read cluster: %w", s.fatal)
	}
	s.snap.applyHA()
	s.snap.arrange()
	return s.snap, nil
}

// A survey is one reading under way. Requests run side by side; the reader bounds how many.
type survey struct {
	r     *Reader
	tasks sync.WaitGroup

	mu    sync.Mutex // guards what follows while tasks run
	snap  *Snapshot
	fatal error // the token stopped being accepted half way
}

// essentials reads what no snapshot can do without, and whether the cluster has quorum.
func (s *survey) essentials(ctx context.Context) error {
	var (
		wg                                   sync.WaitGroup
		first                                sync.Once
		version                              string
		perms                                map[string]map[string]number
		members                              []statusRow
		rows                                 []resourceRow
		noVersion, noPerms, noMembers, noRow error
	)
	ask := func(read func() error, failed *error) {
		wg.Go(func() {
			if *failed = read(); *failed == nil {
				first.Do(func() { s.snap.TakenAt = time.Now().UTC().Truncate(time.Millisecond) })
			}
		})
	}
	ask(func() (err error) { version, err = s.r.version(ctx); return }, &noVersion)
	ask(func() (err error) { perms, err = s.r.permissions(ctx); return }, &noPerms)
	ask(func() (err error) { members, err = list[statusRow](ctx, s.r, "/cluster/status"); return }, &noMembers)
	ask(func() (err error) { rows, err = s.r.resources(ctx); return }, &noRow)
	wg.Wait()

	if err := cmp.Or(noVersion, noPerms); err != nil {
		return err
	}
	access := judge(s.r.tokenID, version, perms)
	if err := cmp.Or(access.Err(), noRow); err != nil {
		return err
	}
	s.snap.Version = version
	s.snap.fill(rows, members)
	if len(s.snap.Nodes) == 0 {
		return fmt.Errorf("%w: it names no node", ErrAnswer)
	}
	for _, path := range access.Narrowed {
		s.unknown("objects under "+path, reasonNarrow)
	}
	if noMembers != nil {
		s.missed("quorum", noMembers)
		return nil
	}
	s.snap.Quorate = true
	for _, m := range members {
		if m.Type == "cluster" {
			s.snap.Quorate = m.Quorate.truth()
		}
	}
	s.membership(ctx, members)
	return nil
}

// run starts a task. What it could not read goes by the name of what.
func (s *survey) run(what string, task func() error) {
	s.tasks.Go(func() {
		if err := task(); err != nil {
			s.missed(what, err)
		}
	})
}

// missed records that something could not be read. A token that is not accepted any more ends the reading instead.
func (s *survey) missed(what string, err error) {
	var status *StatusError
	reason := err.Error()
	switch {
	case errors.Is(err, ErrCredentials):
		s.mu.Lock()
		defer s.mu.Unlock()
		s.fatal = err
		return
	case errors.Is(err, ErrDenied):
		reason = reasonDenied
	case errors.As(err, &status) && status.nodeDown():
		reason = reasonNoNode
	}
	s.unknown(what, reason)
}

func (s *survey) unknown(what, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snap.Unknown = append(s.snap.Unknown, UnknownRef{What: what, Reason: reason})
}

// with changes the snapshot while other tasks run.
func (s *survey) with(change func(*Snapshot)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s.snap)
}

// volumes reads the content of the storages that hold something to install from.
func (s *survey) volumes(ctx context.Context) {
	// Rows sorted by storage, then node: the first usable row of a shared storage speaks for it.
	rows := slices.Clone(s.snap.Storages)
	slices.SortFunc(rows, func(a, b Storage) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Node, b.Node))
	})
	read := map[string]bool{}
	seen := map[string]string{} // shared storages that hold content, to why they were not read
	for _, st := range rows {
		if !slices.ContainsFunc(readable, st.Holds) {
			continue
		}
		node := s.node(st.Node)
		what := "content of " + st.Name
		if !st.Shared {
			what += " on " + st.Node
		}
		reason := reasonStorage
		if !node.Online() {
			reason = whyAway(node)
		}
		switch {
		case st.Shared && read[st.Name]:
		case st.Active:
			read[st.Name] = true
			s.content(ctx, what, st)
		case st.Shared:
			seen[what] = reason
		default:
			s.unknown(what, reason)
		}
	}
	for what, reason := range seen {
		if !read[strings.TrimPrefix(what, "content of ")] {
			s.unknown(what, reason)
		}
	}
}

// content reads the volumes of one storage. A storage that also holds disks is asked for each kind apart: the whole list would
// name every disk, and a directory has to open each of its images to tell their sizes.
func (s *survey) content(ctx context.Context, what string, st Storage) {
	path := fmt.Sprintf("/nodes/%s/storage/%s/content", url.PathEscape(st.Node), url.PathEscape(st.Name))
	queries := []string{""}
	if st.Holds("images") || st.Holds("rootdir") {
		queries = queries[:0]
		for _, kind := range readable {
			if st.Holds(kind) {
				queries = append(queries, "?content="+kind)
			}
		}
	}
	s.run(what, func() error {
		var failed error
		for _, query := range queries {
			rows, err := list[struct {
				VolID   text   `json:"volid"`
				Content text   `json:"content"`
				Format  text   `json:"format"`
				Size    number `json:"size"`
			}](ctx, s.r, path+query)
			failed = cmp.Or(failed, err)
			s.with(func(snap *Snapshot) {
				for _, row := range rows {
					if slices.Contains(readable, string(row.Content)) {
						snap.Volumes = append(snap.Volumes, Volume{
							ID: string(row.VolID), Storage: st.Name, Node: st.Node, Content: string(row.Content),
							Format: string(row.Format), SizeBytes: row.Size.bytes(),
						})
					}
				}
			})
		}
		return failed
	})
}

// templates reads the configuration of templates, which plans copy from.
func (s *survey) templates(ctx context.Context) {
	for i, g := range s.snap.Guests {
		if !g.Template {
			continue
		}
		what := fmt.Sprintf("configuration of template %d", g.VMID)
		if node := s.node(g.Node); !node.Online() {
			s.unknown(what, whyAway(node))
			continue
		}
		s.run(what, func() error {
			config, err := s.r.GuestConfig(ctx, g.Node, g.Kind, g.VMID)
			s.with(func(snap *Snapshot) { snap.Guests[i].Config = config })
			return err
		})
	}
}

// pools reads the comments of pools; their names are known.
func (s *survey) pools(ctx context.Context) {
	if len(s.snap.Pools) == 0 {
		return
	}
	s.run("comments of pools", func() error {
		rows, err := list[struct {
			Pool    text `json:"poolid"`
			Comment text `json:"comment"`
		}](ctx, s.r, "/pools")
		s.with(func(snap *Snapshot) {
			for _, row := range rows {
				for i := range snap.Pools {
					if snap.Pools[i].Name == string(row.Pool) {
						snap.Pools[i].Comment = string(row.Comment)
					}
				}
			}
		})
		return err
	})
}

// node finds a node before the snapshot is sorted; one that nobody listed is in an unknown state.
func (s *survey) node(name string) Node {
	for _, n := range s.snap.Nodes {
		if n.Name == name {
			return n
		}
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
