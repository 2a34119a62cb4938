package understand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// reference resolves the machine or series that a group is to be like, and fills in what the group has not got.
func (gr *grounder) reference() {
	g := gr.g
	if !g.Like.Has() || gr.x.snap == nil {
		return
	}
	if gr.contradicted(fieldLike) {
		g.Like = Value[reference]{}
		return
	}
	ref := g.Like.V
	var guest pve.Guest
	var s *series
	switch {
	case ref.guest != "":
		found, ok := gr.namedGuest(ref.guest)
		if !ok {
			return
		}
		guest, s = found, gr.x.seriesWith(found.Name)
	default:
		if s = gr.seriesOf(ref); s == nil {
			return
		}
		guest = s.newest()
	}
	if ref.grow {
		gr.missing(s, ref.total)
	}
	why := gr.say("reason.like", "name", quoteText(guest.Name))
	copyGroup(g, gr.asGroup(guest), ref.fields, why)
	if g.Role.Origin == Derived && g.Role.Reason == "" {
		g.Role.Reason = why
	}
	if len(ref.fields) > 0 {
		return
	}
	gr.sourceOf(guest)
	role := ""
	if s != nil {
		role = s.role
	}
	if s != nil && !g.Name.Has() && !g.Names.Has() && (ref.grow || g.Role.V == "" || g.Role.V == role) {
		g.continues = s.name(s.last)
		g.continueReason = gr.say("reason.names_next", "name", s.newest().Name)
	}
}

// namedGuest finds a guest by name or id. One that only an earlier request of the dialogue planned gives its values at once.
func (gr *grounder) namedGuest(word string) (pve.Guest, bool) {
	g := gr.g
	id, named := gr.x.guestID(word)
	found, ok := gr.x.snap.Guest(id)
	if ok && found.Kind == pve.KindVM {
		return found, true
	}
	if from, why := gr.out.memory.machine(word, gr.lang); from != nil {
		copyGroup(g, from, g.Like.V.fields, why)
		if names := plannedNames(from); len(g.Like.V.fields) == 0 && !g.Name.Has() && !g.Names.Has() && g.Role.V == from.Role.V {
			g.continues, g.continueReason = names[len(names)-1], why
		}
		return pve.Guest{}, false
	}
	if s := gr.x.seriesOf(word); s != nil && !named {
		return s.newest(), true
	}
	key := "ask.guest_unknown"
	if ok {
		key = "ask.guest_container"
	}
	var options []option
	for _, name := range gr.nearestGuests(word) {
		id, _ := gr.x.taken(name)
		guest, _ := gr.x.snap.Guest(id)
		options = append(options, option{name, gr.guestLabel(guest)})
	}
	gr.ask(fieldLike, gr.say(key, "name", quoteText(word)), append(options, option{"none", gr.say("option.like_none")}))
	g.Like = Value[reference]{}
	return pve.Guest{}, false
}

// guestID finds a guest by its name, or by its id in digits.
func (x *index) guestID(word string) (id int, ok bool) {
	if id, ok = x.taken(word); ok {
		return id, true
	}
	if n, err := strconv.Atoi(word); err == nil && x.snap != nil {
		_, ok = x.snap.Guest(n)
		return n, ok
	}
	return 0, false
}

// nearestGuests are the names that a word most likely means: first those that are written nearly so, then those that share its beginning.
func (gr *grounder) nearestGuests(word string) []string {
	const most = 5
	var near, alike []string
	folded := fold(word)
	stem := strings.TrimRight(strings.TrimRight(folded, "0123456789"), "-_")
	for _, guest := range gr.x.snap.Guests {
		if guest.Template || guest.Kind != pve.KindVM || guest.Name == "" {
			continue
		}
		name := fold(guest.Name)
		switch {
		case len(near) < most && distance(folded, name, 2) <= 2:
			near = append(near, guest.Name)
		case len(alike) < most && len(stem) >= 3 && (strings.Contains(name, stem) || strings.HasPrefix(stem, strings.TrimRight(name, "-0123456789")) && len(name) >= 3):
			alike = append(alike, guest.Name)
		}
	}
	near = append(near, alike...)
	return near[:min(len(near), most)]
}

// guestLabel describes a guest that new machines may be like.
func (gr *grounder) guestLabel(g pve.Guest) string {
	return fmt.Sprintf("%s (%d), %s, %s", g.Name, g.VMID, Count(gr.lang, "core", int(g.CPUs)), sizeText(gr.lang, int(g.MemoryBytes>>20)))
}

// seriesOf finds the series that is to grow, asks when several fit, and says so when none does.
func (gr *grounder) seriesOf(ref reference) *series {
	g := gr.g
	var found []*series
	if ref.base != "" {
		if s := gr.x.seriesOf(ref.base); s != nil {
			found = []*series{s}
		}
	}
	if names := plannedNames(g); ref.base == "" && ref.role == "" && len(names) > 0 { // "worker-node-4 like the others"
		if s := gr.x.seriesWith(names[0]); s != nil {
			found = []*series{s}
		}
	}
	if len(found) == 0 && ref.role != "" {
		found = gr.x.seriesFor(ref.role)
	}
	if !ref.certain { // "add a web server": only a series is continued without being asked to
		found = slices.DeleteFunc(slices.Clone(found), func(s *series) bool { return len(s.guests) < 2 })
	}
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) > 1:
		var options []option
		for _, s := range found {
			options = append(options, option{s.newest().Name, gr.seriesLabel(s)})
		}
		gr.ask(fieldLike, gr.say("ask.series", "role", roleText(gr.lang, ref.role)), append(options, option{"none", gr.say("option.like_none")}))
		return nil
	}
	if ref.role == "" {
		if ref.certain {
			gr.anySeries()
		}
		return nil
	}
	if ref.certain || g.Role.Reason == "" {
		g.Role.Reason = gr.say("reason.no_series", "role", roleText(gr.lang, g.Role.V))
	}
	if ref.total > 0 && !g.Count.Has() {
		g.Count = Value[int]{V: ref.total, Origin: g.Like.Origin, Text: g.Like.Text, Start: g.Like.Start, End: g.Like.End}
	}
	return nil
}

// anySeries asks which machines are meant by "the others".
func (gr *grounder) anySeries() {
	var names []string
	for _, s := range gr.x.allSeries() {
		if len(s.guests) > 1 {
			names = append(names, s.newest().Name)
		}
	}
	slices.Sort(names)
	var options []option
	for _, name := range names[:min(len(names), 10)] {
		options = append(options, option{name, gr.seriesLabel(gr.x.seriesWith(name))})
	}
	gr.ask(fieldLike, gr.say("ask.series_any"), append(options, option{"none", gr.say("option.like_none")}))
}

// seriesLabel describes a series: "worker-node-1 – worker-node-3, 3 machines, 6 cores, 8 GiB".
func (gr *grounder) seriesLabel(s *series) string {
	name := s.newest().Name
	if len(s.guests) > 1 {
		name = gr.say("names.range", "first", s.guests[0].Name, "last", name)
	}
	return fmt.Sprintf("%s, %s, %s, %s", name, Count(gr.lang, "guest", len(s.guests)), Count(gr.lang, "core", int(s.newest().CPUs)), sizeText(gr.lang, int(s.newest().MemoryBytes>>20)))
}

// missing works out how many machines are missing from the total that was asked for.
func (gr *grounder) missing(s *series, total int) {
	g := gr.g
	if total == 0 || g.Count.said() || s == nil {
		return
	}
	missing := total - len(s.guests)
	if missing < 1 {
		gr.ask(fieldCount, gr.say("ask.series_total", "name", s.base, "machines", Count(gr.lang, "guest", len(s.guests)), "total", total), []option{{"1", "1"}, {"2", "2"}})
		return
	}
	g.Count = Value[int]{V: missing, Origin: Derived, Text: g.Like.Text, Start: g.Like.Start, End: g.Like.End,
		Reason: gr.say("reason.series_total", "machines", Count(gr.lang, "guest", len(s.guests)), "total", total)}
}

// asGroup writes what the snapshot knows of a guest in the terms of a request. Without its configuration the figures of the cluster's
// overview serve.
func (gr *grounder) asGroup(guest pve.Guest) *Group {
	g := &Group{}
	c := guest.Config
	if c == nil {
		c = &pve.GuestConfig{Cores: int(guest.CPUs), MemoryMiB: int(guest.MemoryBytes >> 20)}
	}
	if c.Cores > 0 {
		g.Cores = Value[int]{V: c.Cores, Origin: Derived}
	}
	if c.Sockets > 1 {
		g.Sockets = Value[int]{V: c.Sockets, Origin: Derived}
	}
	if c.CPUType != "" && only(c.CPUType, "._-", 64) {
		g.CPUType = Value[string]{V: c.CPUType, Origin: Derived}
	}
	if c.MemoryMiB >= memoryLeast {
		g.MemoryMiB = Value[int]{V: c.MemoryMiB, Origin: Derived}
	}
	if c.Lines != nil {
		g.StartAtBoot = Value[bool]{V: c.Lines["onboot"] == "1", Origin: Derived}
	}
	gr.guestDisks(g, guest)
	for _, n := range c.NICs {
		if written, ok := gr.x.find(n.Bridge, aNetwork); ok {
			nic := NIC{Bridge: Value[string]{V: written, Origin: Derived}}
			if n.VLAN > 0 {
				nic.VLAN = Value[int]{V: n.VLAN, Origin: Derived}
			}
			g.NICs = append(g.NICs, nic)
		}
	}
	if guest.Pool != "" {
		g.Pool = Value[string]{V: guest.Pool, Origin: Derived}
	}
	var tags []string
	for _, t := range guest.Tags {
		if validTag(t) && !slices.Contains(gr.x.asideTags, t) {
			tags = append(tags, t)
		}
	}
	if len(tags) > 0 {
		g.Tags = Value[[]string]{V: tags, Origin: Derived}
	}
	g.HA = Value[bool]{V: guest.HA, Origin: Derived}
	for _, service := range gr.x.snap.HAServices {
		if service.SID == "vm:"+strconv.Itoa(guest.VMID) {
			g.HA.V = true
			if written, ok := gr.x.find(service.Group, anHAGroup); ok {
				g.HAGroup = Value[string]{V: written, Origin: Derived}
			}
		}
	}
	return g
}

// guestDisks writes a guest's disks, the boot disk first.
func (gr *grounder) guestDisks(g *Group, guest pve.Guest) {
	disk := func(d pve.Disk, extra bool) Disk {
		out := Disk{extra: extra}
		if d.SizeBytes > 0 {
			out.MiB = Value[int]{V: int(d.SizeBytes >> 20), Origin: Derived}
		}
		if written, ok := gr.x.find(d.Storage, aStorage); ok && slices.Contains(gr.x.storages, written) {
			out.Storage = Value[string]{V: written, Origin: Derived}
		}
		return out
	}
	if guest.Config == nil || guest.Config.BootDisk() == nil {
		if guest.DiskBytes > 0 {
			g.Disks = []Disk{disk(pve.Disk{SizeBytes: guest.DiskBytes}, false)}
		}
		return
	}
	boot := guest.Config.BootDisk()
	g.Disks = []Disk{disk(*boot, false)}
	for _, d := range guest.Config.Disks {
		if d.Slot != boot.Slot {
			g.Disks = append(g.Disks, disk(d, true))
		}
	}
}

// sourceOf finds what a guest was made from. The cluster only keeps it for linked clones, in the name of their disk; else the only
// template that fits is taken, and of several the likeliest is offered first.
func (gr *grounder) sourceOf(guest pve.Guest) {
	g := gr.g
	if g.Source.Has() {
		return
	}
	if guest.Template {
		g.Source = Value[Source]{V: Source{Kind: SourceTemplate, VMID: guest.VMID}, Origin: Derived, Text: g.Like.Text, Start: g.Like.Start, End: g.Like.End,
			Reason: gr.say("reason.like", "name", quoteText(guest.Name))}
		return
	}
	if id := parentOf(guest); id > 0 {
		if t, ok := gr.x.snap.Guest(id); ok && t.Template {
			g.Source = Value[Source]{V: Source{Kind: SourceTemplate, VMID: id}, Origin: Derived, Reason: gr.say("reason.like_parent", "name", quoteText(guest.Name), "template", quoteText(t.Name))}
			return
		}
	}
	fitting := gr.fitting(guest)
	if len(fitting) == 1 {
		g.Source = Value[Source]{V: Source{Kind: SourceTemplate, VMID: fitting[0].VMID}, Origin: Derived,
			Reason: gr.say("reason.like_template", "name", quoteText(guest.Name), "template", quoteText(fitting[0].Name))}
		return
	}
	for _, t := range fitting {
		g.likely = append(g.likely, t.VMID)
	}
}

// parentOf returns the id of the template that a guest's boot disk is a linked clone of, 0 when it is none:
// "pmoxpool01:base-100-disk-0/vm-122-disk-0".
func parentOf(guest pve.Guest) int {
	if guest.Config == nil {
		return 0
	}
	d := guest.Config.BootDisk()
	if d == nil {
		return 0
	}
	_, volume, _ := strings.Cut(d.Volume, ":")
	rest, isBase := strings.CutPrefix(volume, "base-")
	if !isBase || !strings.Contains(rest, "/") {
		return 0
	}
	number, _, _ := strings.Cut(rest, "-")
	id, _ := strconv.Atoi(number)
	return id
}

// fitting are the templates that a guest may have been cloned from, the likeliest first: the disk was not larger, and if a
// template speaks of the guest in its name or tags, only such ones.
func (gr *grounder) fitting(guest pve.Guest) []pve.Guest {
	size := templateDisk(&guest)
	score := map[int]int{}
	var fit []pve.Guest
	best := 0
	for _, t := range gr.x.templates {
		if size > 0 && templateDisk(&t) > size {
			continue
		}
		score[t.VMID] = likeness(t, guest)
		best = max(best, score[t.VMID])
		fit = append(fit, t)
	}
	slices.SortStableFunc(fit, func(a, b pve.Guest) int { return score[b.VMID] - score[a.VMID] })
	return fit
}

// likeness counts what a template and a guest have in common.
func likeness(t, guest pve.Guest) int {
	n := 0
	for _, tag := range t.Tags {
		if slices.Contains(guest.Tags, tag) {
			n += 2
		}
	}
	role := roleOfName(strings.TrimRight(guest.Name, "-0123456789"))
	for part := range strings.FieldsFuncSeq(strings.ToLower(t.Name), func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		if len(part) > 1 && (strings.Contains(role, part) || strings.Contains(strings.ToLower(guest.Name), part)) {
			n += 3
		}
	}
	if t.Config != nil && guest.Config != nil {
		if t.Config.OSType == guest.Config.OSType {
			n++
		}
		if len(t.Config.NICs) > 0 && len(guest.Config.NICs) > 0 && t.Config.NICs[0].Bridge == guest.Config.NICs[0].Bridge {
			n++
		}
	}
	return n
}

// likelySources are the sources to choose from, first those that the referred machine is most likely made from.
func (gr *grounder) likelySources() []option {
	all := gr.allSources()
	rank := func(o option) int {
		if k := slices.IndexFunc(gr.g.likely, func(id int) bool { return strconv.Itoa(id) == o.value }); k >= 0 {
			return k
		}
		return len(gr.g.likely)
	}
	slices.SortStableFunc(all, func(a, b option) int { return rank(a) - rank(b) })
	return all
}

// continued names the machines of a group that goes on counting where others stop. Names that the cluster or an earlier request of the
// dialogue has given are skipped.
func (gr *grounder) continued() bool {
	g := gr.g
	if g.continues == "" || g.Name.Has() || g.Names.Has() {
		return false
	}
	stem := strings.TrimRight(g.continues, "0123456789")
	digits := g.continues[len(stem):]
	s := series{prefix: stem}
	last, _ := strconv.Atoi(digits)
	switch {
	case digits == "" || len(digits) > 6:
		s.prefix, last = g.continues+"-", 1
	case digits[0] == '0':
		s.width = len(digits)
	}
	var names []string
	for n := last + 1; len(names) < g.count() && n < last+10000; n++ {
		if name := s.name(n); !gr.inUse(name) && !gr.out.memory.taken(name) {
			names = append(names, name)
		}
	}
	if len(names) < g.count() || !validLabel(names[len(names)-1]) {
		return false
	}
	if len(names) == 1 {
		g.Name = Value[string]{V: names[0], Origin: Derived, Reason: g.continueReason}
	} else {
		g.Names = Value[[]string]{V: names, Origin: Derived, Reason: g.continueReason}
	}
	gr.use(names...)
	return true
}
