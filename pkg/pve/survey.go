package pve

import (
	"cmp"
	"context"
	"fmt"
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
	reasonLate    = "no answer in time"
	reasonStorage = "storage is not available"
	reasonNarrow  = "token holds less there than on /"
	reasonNotRead = "it was not asked for"
)

// Snapshot reads the whole cluster: overview and details. Without version, privileges or the list of resources there is none, nor
// when the token would be shown short lists (ErrIncompleteAccess). Anything else that cannot be read is named in Unknown.
//
// Beside the requests of [Reader.Overview] it sends about a dozen for the cluster, one per vnet and per template, and one per storage
// that holds ISOs, container templates or import images (up to three where it holds disks too); a shared storage is read through
// one node. A [Follower] does the same for less when it is asked again.
func (r *Reader) Snapshot(ctx context.Context) (*Snapshot, error) {
	m, err := (&survey{r: r, details: true}).read(ctx)
	if err != nil {
		return nil, err
	}
	return m.snap, nil
}

// Overview reads what every decision needs, in at most five requests and one per online node: version and privileges, quorum,
// nodes, guests, storages, pools, the states of guests under HA, and bridges. Unknown names the sections that it leaves out. It
// fails as Snapshot does.
func (r *Reader) Overview(ctx context.Context) (*Snapshot, error) {
	m, err := (&survey{r: r}).read(ctx)
	if err != nil {
		return nil, err
	}
	return m.snap, nil
}

// A memory is what one reading leaves to the next. It is immutable.
type memory struct {
	snap    *Snapshot
	base    *Snapshot // what the list of resources and the membership say, without what sections add
	rows    *rowSet
	members []statusRow
	parts   map[string]*part // by section
	tasks   taskList
}

// A survey is one reading under way. Requests run side by side; the reader bounds how many.
type survey struct {
	r       *Reader
	last    *memory       // of the reading before; nil: everything is read
	details bool          // read the details too
	follow  bool          // read the list of tasks, which tells the next reading what changed
	bound   time.Duration // age from which a section is read anew
	brief   time.Duration // the same for brief sections

	began   time.Time
	taken   time.Time // when the first answer arrived
	effects effects   // of the tasks since the last reading
	reread  []string  // the sections that were read and need not have been
}

func (s *survey) read(ctx context.Context) (*memory, error) {
	s.began = s.r.now()
	m := &memory{parts: make(map[string]*part, len(sections))}
	if err := s.state(ctx, m); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("read cluster: %w", err)
	}
	s.sections(ctx, m)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read cluster: %w", context.Cause(ctx))
	}
	for _, p := range m.parts {
		if p.fatal != nil {
			return nil, fmt.Errorf("read cluster: %w", p.fatal)
		}
	}
	m.snap = s.assemble(m)
	return m, nil
}

// state reads what changes all the time, and the privileges when they are not known yet or may have changed.
func (s *survey) state(ctx context.Context, m *memory) error {
	var (
		wg                        sync.WaitGroup
		first                     sync.Once
		access, ha                *part
		noMembers, noRow, noTasks error
		tasks                     []taskRow
	)
	ask := func(read func() error) {
		wg.Go(func() {
			if read() == nil {
				first.Do(func() { s.taken = s.r.now().UTC().Truncate(time.Millisecond) })
			}
		})
	}
	if s.last != nil && s.began.Sub(s.last.parts[sectionAccess].began) < s.bound {
		m.parts[sectionAccess] = s.last.parts[sectionAccess]
	} else {
		ask(func() error { access = s.part(ctx, sectionAccess, &Snapshot{}); return access.fatal })
	}
	ask(func() error { ha = s.part(ctx, sectionHA, &Snapshot{}); return ha.fatal })
	ask(func() error { m.members, noMembers = list[statusRow](ctx, s.r, "/cluster/status"); return noMembers })
	ask(func() error { m.rows, noRow = s.r.resources(ctx, s.lastRows()); return noRow })
	if s.follow || s.details {
		ask(func() error { tasks, noTasks = list[taskRow](ctx, s.r, "/cluster/tasks"); return noTasks })
	}
	wg.Wait()

	if access != nil {
		m.parts[sectionAccess] = access
	}
	if err := cmp.Or(m.parts[sectionAccess].fatal, noRow); err != nil {
		return err
	}
	m.parts[sectionHA] = ha
	if err := s.overview(m, noMembers); err != nil {
		return err
	}
	if delete(m.parts, sectionTasks); s.follow || s.details {
		m.parts[sectionTasks] = s.running(tasks, noTasks)
	}
	if access == nil && vanished(s.last.base, m.base) {
		// What is gone may be gone, or the token may not see it any more.
		m.parts[sectionAccess] = s.part(ctx, sectionAccess, &Snapshot{})
		if err := m.parts[sectionAccess].fatal; err != nil {
			return err
		}
		m.base.Version = m.parts[sectionAccess].snap.Version
	}
	if s.follow {
		m.tasks = newTaskList(tasks)
		s.effects = effects{all: true}
		if s.last != nil && noTasks == nil {
			s.effects = m.tasks.since(s.last.tasks)
		}
	}
	return nil
}

// overview makes the base of the snapshot from the list of resources and the membership.
func (s *survey) overview(m *memory, noMembers error) error {
	nodes := &part{r: s.r, began: s.began, snap: &Snapshot{}}
	if noMembers != nil {
		nodes.missed("quorum", noMembers)
	}
	for i := range sections {
		if sections[i].read == nil {
			m.parts[sections[i].name] = &part{r: s.r, began: s.began, snap: &Snapshot{}}
		}
	}
	m.parts[sectionNodes] = nodes
	version := m.parts[sectionAccess].snap.Version
	if s.last != nil && m.rows == s.last.rows && version == s.last.base.Version && slices.Equal(m.members, s.last.members) {
		m.base = s.last.base
		return nil
	}
	m.base = &Snapshot{Cluster: s.r.cluster, Version: version}
	m.base.fill(m.rows.rows, m.members)
	if len(m.base.Nodes) == 0 {
		return fmt.Errorf("%w: it names no node", ErrAnswer)
	}
	if noMembers == nil {
		m.base.Quorate = true
		m.base.Membership.Read = true
		for _, member := range m.members {
			if member.Type == "cluster" {
				m.base.Quorate = member.Quorate.truth()
				m.base.Membership.Name = string(member.Name)
			}
		}
	}
	m.base.arrange()
	return nil
}

// sections reads the sections that are not known, or not well enough any more, and takes over the others.
func (s *survey) sections(ctx context.Context, m *memory) {
	if s.last != nil && s.last.base.Version != m.base.Version {
		s.effects.all = true
	}
	var wg sync.WaitGroup
	read := make([]*part, len(sections))
	for i := range sections {
		sec := &sections[i]
		if sec.tier == tierState || sec.name == sectionAccess || sec.tier == tierDetail && !s.details {
			continue
		}
		if !s.stale(sec, m.base) {
			m.parts[sec.name] = s.last.parts[sec.name]
			continue
		}
		s.reread = append(s.reread, sec.name)
		wg.Go(func() { read[i] = s.r.readPart(ctx, sec, m.base) })
	}
	wg.Wait()
	for i, p := range read {
		if p != nil {
			m.parts[sections[i].name] = p
		}
	}
}

// retryAfter is the age from which a section is read anew when something of it could not be read.
const retryAfter = 30 * time.Second

func (s *survey) stale(sec *section, base *Snapshot) bool {
	if s.last == nil || s.last.parts[sec.name] == nil {
		return true
	}
	old := s.last.parts[sec.name]
	age := s.began.Sub(old.began)
	return age >= s.boundOf(sec) || old.failed && age >= retryAfter || old.basis != sec.basisOf(base) || s.effects.change(sec.tasks)
}

// boundOf is how old a section may become.
func (s *survey) boundOf(sec *section) time.Duration {
	if sec.brief {
		return s.brief
	}
	return s.bound
}

// part reads one section.
func (s *survey) part(ctx context.Context, name string, base *Snapshot) *part {
	i := slices.IndexFunc(sections, func(sec section) bool { return sec.name == name })
	return s.r.readPart(ctx, &sections[i], base)
}

func (s *survey) lastRows() *rowSet {
	if s.last == nil {
		return nil
	}
	return s.last.rows
}

// assemble puts the snapshot together. Where nothing at all changed it shares every list of the last one; otherwise nodes, guests,
// storages and pools are its own, and the lists of other sections are those of their reading.
func (s *survey) assemble(m *memory) *Snapshot {
	snap := &Snapshot{}
	if s.unchanged(m) {
		*snap = *s.last.snap
	} else {
		*snap = *m.base
		snap.Nodes, snap.Storages = slices.Clone(m.base.Nodes), slices.Clone(m.base.Storages)
		snap.Guests, snap.Pools = slices.Clone(m.base.Guests), slices.Clone(m.base.Pools)
		for i := range sections {
			p := m.parts[sections[i].name]
			switch {
			case p == nil:
				snap.Unknown = append(snap.Unknown, UnknownRef{What: sections[i].name, Reason: reasonNotRead})
				continue
			case sections[i].share != nil:
				sections[i].share(snap, p.snap)
			}
			snap.Unknown = append(snap.Unknown, p.snap.Unknown...)
		}
		snap.applyHA()
		snap.arrange()
	}
	snap.TakenAt = s.taken
	snap.Sections = describe(snap, m.parts)
	return snap
}

// unchanged reports whether every section is the one of the last reading.
func (s *survey) unchanged(m *memory) bool {
	if s.last == nil || m.base != s.last.base {
		return false
	}
	for name, p := range m.parts {
		last := s.last.parts[name]
		if last == nil || last.snap != p.snap && !p.sameAs(last) {
			return false
		}
	}
	return len(m.parts) == len(s.last.parts)
}

// describe says what was read and when.
func describe(snap *Snapshot, parts map[string]*part) []Section {
	var rows []Section
	for i := range sections {
		sec := &sections[i]
		p := parts[sec.name]
		if p == nil {
			continue
		}
		rows = append(rows, Section{
			Name: sec.name, ReadAt: p.began.UTC().Truncate(time.Millisecond), Count: sec.count(snap),
			Complete: len(p.snap.Unknown) == 0 && !slices.ContainsFunc(parts[sectionAccess].snap.Unknown, func(u UnknownRef) bool {
				return sec.below != "" && strings.HasPrefix(u.What, narrowed+sec.below)
			}),
		})
	}
	slices.SortFunc(rows, func(a, b Section) int { return strings.Compare(a.Name, b.Name) })
	return rows
}
