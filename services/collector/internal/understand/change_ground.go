package understand

import (
	"slices"
	"strconv"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/inquiry"
	"proviso.dev/services/collector/internal/wording"
)

// changesMost is the contract's bound.
const changesMost = 64

// tell returns a text about changes and operations.
func tell(lang, key string, args ...any) string { return i18n.T(lang, "change."+key, args...) }

// groundedChange is a change of one guest that is known, with values as they will be.
type groundedChange struct {
	Change
	guest  *pve.Guest // nil while it is asked for
	before figures
	noop   []string // what is already so
}

// figures are what a guest has now; 0 when it is not known.
type figures struct{ cores, sockets, memoryMiB, diskMiB int }

// groundedChanges is what the changes of a request come to.
type groundedChanges struct {
	list      []*groundedChange
	questions []question
	notices   []string
	restart   []string // guests that must be stopped and started for the change to count
	refused   string   // code
	message   string
}

type changeGrounder struct {
	x    *index
	lang string
	out  *groundedChanges
	n    int // number of the change at hand, from 0
	c    *groundedChange
}

// groundChanges checks changes against the cluster. Families become one change a guest.
func groundChanges(in []*Change, x *index, lang string) *groundedChanges {
	gr := &changeGrounder{x: x, lang: lang, out: &groundedChanges{}}
	for k, c := range in {
		found, ok := x.resolveRef(c.ref)
		if x.snap == nil || !ok {
			gc := &groundedChange{Change: *c.clone()}
			gr.n, gr.c = k, gc
			gr.out.list = append(gr.out.list, gc)
			gr.askGuest(found)
			continue
		}
		for i := range found {
			gr.n = k
			gr.c = &groundedChange{Change: *c.clone(), guest: &found[i], before: figuresOf(&found[i])}
			gr.out.list = append(gr.out.list, gr.c)
			gr.guest()
		}
	}
	if len(gr.out.list) > changesMost {
		gr.out.list = gr.out.list[:changesMost]
		gr.refuse("too_many_changes", tell(lang, "too_many", "n", changesMost))
	}
	return gr.out
}

// figuresOf returns what a guest has now. Its configuration is exact; without it the list of resources says what it has in
// all, and one socket is taken.
func figuresOf(g *pve.Guest) figures {
	f := figures{cores: int(g.CPUs), sockets: 1, memoryMiB: int(g.MemoryBytes >> 20), diskMiB: int(g.DiskBytes >> 20)}
	if c := g.Config; c != nil {
		f.cores, f.sockets, f.memoryMiB = c.Cores, max(1, c.Sockets), c.MemoryMiB
		if d := c.BootDisk(); d != nil && d.SizeBytes > 0 {
			f.diskMiB = int(d.SizeBytes >> 20)
		}
	}
	return f
}

func (gr *changeGrounder) refuse(code, message string) {
	if gr.out.refused == "" {
		gr.out.refused, gr.out.message = code, message
	}
}

func (gr *changeGrounder) ask(field, text string, options []option) {
	id := "change" + strconv.Itoa(gr.n+1)
	for _, q := range gr.out.questions {
		if q.of == id && q.field == field {
			return
		}
	}
	gr.out.questions = append(gr.out.questions, question{of: id, field: field, text: clip(text, 2000), options: options[:min(len(options), optionsMost)], required: true})
}

// title names the guest at hand.
func (gr *changeGrounder) title() string { return guestTitle(gr.c.guest) }

func guestTitle(g *pve.Guest) string { return quoteText(g.Name) + " (" + strconv.Itoa(g.VMID) + ")" }

// askGuest asks which guest is meant.
func (gr *changeGrounder) askGuest(found []pve.Guest) {
	text, options := askWhich(gr.x, gr.lang, gr.c.ref, found)
	gr.ask(fieldGuest, text, options)
}

// askWhich is the question which guest a reference means.
func askWhich(x *index, lang string, ref guestRef, found []pve.Guest) (string, []option) {
	options := x.guestOptions(lang, ref, found)
	switch {
	case ref.none():
		return tell(lang, "ask.guest"), options
	case len(found) > 1:
		return tell(lang, "ask.guest_several", "name", refText(ref)), options
	case ref.id > 0:
		if len(options) == 0 {
			options = x.guestOptions(lang, guestRef{}, nil)
		}
		return tell(lang, "ask.guest_no_id", "id", ref.id), options
	}
	text := tell(lang, "ask.guest_unknown", "name", refText(ref))
	if len(options) > 0 {
		text += " " + say(lang, "ask.did_you_mean", "name", options[0].label)
	} else {
		options = x.guestOptions(lang, guestRef{}, nil)
	}
	return text, options
}

// guest checks everything that is wanted of the guest at hand.
func (gr *changeGrounder) guest() {
	g, c := gr.c.guest, gr.c
	node, _ := gr.x.snap.Node(g.Node)
	switch {
	case g.Template:
		gr.refuse("guest_template", tell(gr.lang, "template", "guest", gr.title()))
		return
	case !node.Online() || g.Status == pve.GuestUnknown:
		gr.refuse("guest_unknown", tell(gr.lang, "offline", "guest", gr.title(), "node", quoteText(g.Node)))
		return
	}
	if c.open {
		gr.ask(fieldValue, tell(gr.lang, "ask.value", "guest", gr.title()), []option{
			{tell(gr.lang, "option.memory", "size", showSizeIn(gr.lang, 2*c.before.memoryMiB)), tell(gr.lang, "option.memory", "size", sizeText(gr.lang, 2*c.before.memoryMiB))},
			{tell(gr.lang, "option.cores", "n", 2*c.before.cores), tell(gr.lang, "option.cores", "n", 2*c.before.cores)}})
	}
	gr.name()
	gr.cores(node)
	gr.memory(node)
	gr.disk()
	gr.addDisks()
	gr.tags()
	if len([]rune(c.Description.V)) > descriptionMost {
		gr.ask(fieldDescription, say(gr.lang, "ask.description_long", "most", descriptionMost), nil)
		c.Description = Value[string]{}
	}
	if g.Status == pve.GuestRunning && g.Kind == pve.KindVM && (c.Cores.Has() || c.MemoryMiB.Has()) {
		gr.out.restart = append(gr.out.restart, gr.title())
	}
}

// showSizeIn writes a size so that the parser reads it again, in a unit of the language.
func showSizeIn(lang string, mib int) string {
	s := showSize(mib)
	if lang == i18n.French {
		return s[:len(s)-1] + "o"
	}
	return s
}

// name checks a new name.
func (gr *changeGrounder) name() {
	c := gr.c
	if !c.NewName.Has() {
		return
	}
	switch id, taken := gr.x.taken(c.NewName.V); {
	case c.NewName.V == c.guest.Name:
		c.noop = append(c.noop, tell(gr.lang, "is.name", "name", quoteText(c.NewName.V)))
		c.NewName = Value[string]{}
	case !validLabel(c.NewName.V):
		gr.ask(fieldName, say(gr.lang, "ask.name_invalid", "name", quoteText(c.NewName.V)), nil)
		c.NewName = Value[string]{}
	case taken && id != c.guest.VMID:
		gr.ask(fieldName, say(gr.lang, "ask.name_taken", "name", quoteText(c.NewName.V)), nil)
		c.NewName = Value[string]{}
	}
}

// becomes returns what a figure comes to when the guest has before.
func (q quantity) becomes(before int) int {
	switch q.mode {
	case amountAdd:
		return before + q.V
	case amountTake:
		return before - q.V
	case amountTimes:
		return before * q.V
	case amountShare:
		return before / max(1, q.V)
	case amountGrow:
		if q.V <= before { // "increase it 4 GB" when it has 8
			return before + q.V
		}
	case amountDrop:
		if q.V >= before {
			return before - q.V
		}
	}
	return q.V
}

// settle turns a figure into what it comes to, and says how it came about. It reports whether there is a figure.
func (gr *changeGrounder) settle(q *quantity, before int, show func(int) string) bool {
	if !q.Has() || q.mode == amountMore || q.mode == amountLess {
		return false
	}
	after := q.becomes(before)
	q.Reason = tell(gr.lang, "reason.from_to", "before", show(before), "after", show(after))
	q.V, q.mode = after, amountSet
	return true
}

func (gr *changeGrounder) cores(node pve.Node) {
	q, before := &gr.c.Cores, gr.c.before.cores
	if !q.Has() {
		return
	}
	show := func(n int) string { return Count(gr.lang, "core", n) }
	var options []option
	for _, n := range []int{before + 2, before * 2, before * 4} {
		if q.mode == amountLess {
			n = before / 2
		}
		if n >= 1 && n*gr.c.before.sockets <= node.CPUs && n != before && !slices.ContainsFunc(options, func(o option) bool { return o.value == strconv.Itoa(n) }) {
			options = append(options, option{strconv.Itoa(n), show(n)})
		}
	}
	switch {
	case !gr.settle(q, before, show):
		gr.ask(fieldCores, tell(gr.lang, "ask.cores", "guest", gr.title(), "before", show(before)), options)
	case q.V < 1 || q.V > coresMost:
		gr.ask(fieldCores, say(gr.lang, "ask.cores_range", "cores", show(q.V), "most", coresMost), options)
	case q.V*gr.c.before.sockets > node.CPUs:
		gr.ask(fieldCores, tell(gr.lang, "ask.cores_node", "cores", show(q.V*gr.c.before.sockets), "node", quoteText(node.Name), "threads", node.CPUs), options)
	case q.V == before:
		gr.c.noop = append(gr.c.noop, tell(gr.lang, "is.cores", "n", show(before)))
	default:
		return
	}
	*q = quantity{}
}

// headroom is the memory in MiB that a guest may have at most on its node: what it has, and what is free.
func (gr *changeGrounder) headroom() int {
	for _, r := range inquiry.Rooms(gr.x.snap, gr.x.policy) {
		if r.Node == gr.c.guest.Node {
			free := int(r.FreeBytes >> 20)
			if gr.c.guest.Status == pve.GuestRunning {
				free += gr.c.before.memoryMiB
			}
			return free
		}
	}
	return 0
}

func (gr *changeGrounder) memory(node pve.Node) {
	q, before := &gr.c.MemoryMiB, gr.c.before.memoryMiB
	if !q.Has() {
		return
	}
	show := func(n int) string { return sizeText(gr.lang, n) }
	most := gr.headroom()
	var options []option
	for _, n := range []int{before * 3 / 2, before * 2, before * 4} {
		if q.mode == amountLess {
			n = before / 2
		}
		n = n / 512 * 512
		if n >= 512 && n <= most && n != before && !slices.ContainsFunc(options, func(o option) bool { return o.value == showSizeIn(gr.lang, n) }) {
			options = append(options, option{showSizeIn(gr.lang, n), show(n)})
		}
	}
	switch {
	case !gr.settle(q, before, show):
		gr.ask(fieldMemory, tell(gr.lang, "ask.memory", "guest", gr.title(), "before", show(before), "most", wording.Room(gr.lang, int64(most)<<20), "node", quoteText(node.Name)), options)
	case q.V < memoryLeast || q.V > memoryMost:
		gr.ask(fieldMemory, say(gr.lang, "ask.memory_range", "size", show(q.V), "least", show(memoryLeast), "most", show(memoryMost)), options)
	case int64(q.V)<<20 > node.MemoryBytes:
		gr.ask(fieldMemory, tell(gr.lang, "ask.memory_node", "size", show(q.V), "node", quoteText(node.Name), "total", wording.Room(gr.lang, node.MemoryBytes)), options)
	case q.V == before:
		gr.c.noop = append(gr.c.noop, tell(gr.lang, "is.memory", "size", show(before)))
	default:
		if q.V > most {
			gr.out.notices = append(gr.out.notices, tell(gr.lang, "notice.memory", "size", show(q.V), "node", quoteText(node.Name), "most", wording.Room(gr.lang, int64(most)<<20)))
		}
		return
	}
	*q = quantity{}
}

func (gr *changeGrounder) disk() {
	q, before := &gr.c.DiskMiB, gr.c.before.diskMiB
	if !q.Has() {
		return
	}
	show := func(n int) string { return sizeText(gr.lang, n) }
	var options []option
	for _, n := range []int{before + 10*1024, before * 3 / 2, before * 2} {
		n = gibibytes(n) * 1024
		if n > before && before > 0 {
			options = append(options, option{showSizeIn(gr.lang, n), show(n)})
		}
	}
	switch {
	case q.mode == amountLess:
		gr.refuse("disk_shrink", tell(gr.lang, "disk_shrink", "guest", gr.title(), "before", show(before)))
	case before == 0:
		gr.refuse("guest_unknown", tell(gr.lang, "disk_unknown", "guest", gr.title()))
	case !gr.settle(q, before, show):
		gr.ask(fieldDisk, tell(gr.lang, "ask.disk", "guest", gr.title(), "before", show(before)), options)
	case q.V < before:
		gr.refuse("disk_shrink", tell(gr.lang, "disk_shrink", "guest", gr.title(), "before", show(before)))
	case gibibytes(q.V) > diskMostGiB:
		gr.ask(fieldDisk, say(gr.lang, "ask.disk_range", "size", show(q.V), "most", show(diskMostGiB*1024)), options)
	case gibibytes(q.V)*1024 == before || q.V == before:
		gr.c.noop = append(gr.c.noop, tell(gr.lang, "is.disk", "size", show(before)))
	default:
		return
	}
	*q = quantity{}
}

// addDisks checks the disks to add.
func (gr *changeGrounder) addDisks() {
	c := gr.c
	for k := range c.AddDisks {
		d := &c.AddDisks[k]
		switch {
		case !d.MiB.Has():
			gr.ask(numbered(fieldAddDisk, k), tell(gr.lang, "ask.add_disk", "guest", gr.title()), []option{{showSizeIn(gr.lang, 32*1024), sizeText(gr.lang, 32*1024)}, {showSizeIn(gr.lang, 100*1024), sizeText(gr.lang, 100*1024)}})
		case gibibytes(d.MiB.V) > diskMostGiB:
			gr.ask(numbered(fieldAddDisk, k), say(gr.lang, "ask.disk_range", "size", sizeText(gr.lang, d.MiB.V), "most", sizeText(gr.lang, diskMostGiB*1024)), nil)
			d.MiB = Value[int]{}
		}
		if !d.Storage.Has() {
			continue
		}
		written, _ := gr.x.find(d.Storage.V, aStorage)
		if st, ok := gr.x.snap.StorageOn(written, c.guest.Node); !ok || !slices.Contains(gr.x.storages, written) || !st.Active {
			gr.ask(numbered(fieldStorage, k), say(gr.lang, "ask.storage_unknown", "name", quoteText(d.Storage.V)), nearestFirst(d.Storage.V, gr.x.storages))
			d.Storage = Value[string]{}
			continue
		}
		d.Storage.V = written
	}
	c.AddDisks = slices.DeleteFunc(c.AddDisks, func(d Disk) bool { return !d.MiB.Has() && !d.Storage.Has() })
}

// tags checks tags to add and to take away against those that the guest has.
func (gr *changeGrounder) tags() {
	c := gr.c
	for _, t := range c.AddTags.V {
		if !validTag(t) {
			gr.ask(fieldTags, say(gr.lang, "ask.tags", "name", quoteText(t)), nil)
			c.AddTags = Value[[]string]{}
			return
		}
	}
	has := func(t string) bool { return slices.Contains(lowerAll(c.guest.Tags), t) }
	if c.AddTags.Has() {
		left := slices.DeleteFunc(slices.Clone(c.AddTags.V), has)
		if len(left) == 0 {
			c.noop = append(c.noop, tell(gr.lang, "is.tags", "tags", listText(gr.lang, quoteAll(c.AddTags.V))))
			c.AddTags = Value[[]string]{}
		} else {
			c.AddTags.V = left
		}
	}
	if c.RemoveTags.Has() {
		left := slices.DeleteFunc(slices.Clone(c.RemoveTags.V), func(t string) bool { return !has(t) })
		if len(left) == 0 {
			c.noop = append(c.noop, tell(gr.lang, "is.no_tags", "tags", listText(gr.lang, quoteAll(c.RemoveTags.V))))
			c.RemoveTags = Value[[]string]{}
		} else {
			c.RemoveTags.V = left
		}
	}
}

func quoteAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quoteText(s)
	}
	return out
}
