package understand

import (
	"slices"
	"strconv"

	"proviso.dev/pkg/pve"
)

// option is one answer to choose.
type option struct{ value, label string }

// question is one thing to ask back.
type question struct {
	group    int    // index of the group; -1 for the request as a whole
	of       string // what the question is about, "vm1", "ct2", "pool1"; empty: the request as a whole
	field    string
	text     string
	options  []option
	required bool
}

// id returns the identity of a question: it depends on what is asked about, never on the words.
func (q question) id() string {
	if q.of == "" {
		return q.field
	}
	return q.of + "." + q.field
}

// grounded is an intent that has met the cluster: names resolved, defaults filled in, and what must be asked.
type grounded struct {
	*Intent
	questions []question
	sources   []resolved // one a group
}

// resolved is the source of a group as the cluster has it; both nil when it is not known yet, or lies elsewhere.
type resolved struct {
	template *pve.Guest
	image    *pve.Volume
	volume   *pve.Volume // of a container template
}

// grounder checks a copy of an intent against a cluster.
type grounder struct {
	x    *index
	lang string
	out  *grounded
	used map[string]bool // names that this request gives to machines, lower case
	ips  map[string]bool // addresses that this request gives
	i    int             // the group at hand
	g    *Group
	src  resolved
	// sourceAsked: the one question for all groups without a source has been asked.
	sourceAsked map[bool]bool // by whether they are containers
}

// groupsMost and the other bounds are those of the contract.
const (
	groupsMost      = 64
	countMost       = 100
	coresMost       = 512
	socketsMost     = 8
	memoryLeast     = 16
	memoryMost      = 8388608
	diskMostGiB     = 131072
	disksMost       = 30
	nicsMost        = 8
	tagsMost        = 32
	keysMost        = 16
	dnsMost         = 4
	descriptionMost = 4096
	optionsMost     = 50
)

// ground checks an intent against a cluster and fills in the defaults. The intent stays as it is.
func ground(in *Intent, x *index, lang string) *grounded {
	gr := &grounder{x: x, lang: lang, out: &grounded{Intent: in.clone()}, used: map[string]bool{}, ips: map[string]bool{}, sourceAsked: map[bool]bool{}}
	if len(in.Groups) > groupsMost {
		gr.out.Groups = gr.out.Groups[:groupsMost]
		gr.i = -1
		gr.ask("request", gr.say("ask.too_many_groups", "n", groupsMost), nil)
	}
	gr.out.sources = make([]resolved, len(gr.out.Groups))
	gr.newPools()
	for i, g := range gr.out.Groups {
		gr.i, gr.g, gr.src = i, g, resolved{}
		gr.reference()
		if !gr.guest() {
			continue
		}
		gr.source()
		gr.out.sources[i] = gr.src
	}
	for i, g := range gr.out.Groups {
		if gr.i, gr.g, gr.src = i, g, gr.out.sources[i]; g.Kind.V == GuestDocker {
			continue
		}
		for _, check := range []func(){gr.count, gr.name, gr.cpu, gr.memory, gr.disks, gr.nics, gr.addresses, gr.access, gr.tags, gr.pool,
			gr.ha, gr.nodes, gr.vmid, gr.startup, gr.containerRest, gr.rest} {
			check()
		}
	}
	gr.startOrders()
	gr.listedCount()
	gr.omissions()
	slices.SortStableFunc(gr.out.questions, func(a, b question) int { return a.group - b.group })
	return gr.out
}

func (gr *grounder) say(key string, args ...any) string { return sayOf(gr.lang, gr.g, key, args...) }

// ask adds a question about the group at hand. The first question about a field stands.
func (gr *grounder) ask(field, text string, options []option) {
	gr.askOf(gr.out.handle(gr.i), field, text, options)
}

// askOf is ask for anything that has a handle.
func (gr *grounder) askOf(of, field, text string, options []option) {
	for _, q := range gr.out.questions {
		if q.of == of && q.field == field {
			return
		}
	}
	if len(gr.out.Groups) > 1 && gr.i >= 0 {
		text = gr.say("ask.prefix", "n", gr.out.number(gr.i)+1, "what", gr.what(gr.g)) + " " + text
	}
	gr.out.questions = append(gr.out.questions, question{group: gr.i, of: of, field: field, text: clip(text, 2000),
		options: options[:min(len(options), optionsMost)], required: true})
}

// what names a group in a question.
func (gr *grounder) what(g *Group) string {
	switch {
	case g.Role.Has() && g.Role.V != "":
		return roleText(gr.lang, g.Role.V)
	case g.Name.Has() && validLabel(g.Name.V):
		return g.Name.V
	}
	return groupName(g)
}

// contradicted asks which of several values counts, and reports whether it did.
func (gr *grounder) contradicted(field string) bool {
	values := gr.g.conflicts[field]
	if len(values) == 0 {
		return false
	}
	var options []option
	var seen []string
	for _, v := range values {
		v = quoteText(v)
		seen = append(seen, v)
		options = append(options, option{v, v})
	}
	gr.ask(field, gr.say("ask.contradiction", "what", gr.say("field."+field), "values", listText(gr.lang, seen)), options)
	return true
}

// plain makes options of names.
func plain(names []string) []option {
	var os []option
	for _, n := range names {
		os = append(os, option{n, n})
	}
	return os
}

// nearestFirst makes options of names, the one that a word most likely means first.
func nearestFirst(word string, names []string) []option {
	names = slices.Clone(names)
	if best := nearest(word, names); best != "" {
		i := slices.Index(names, best)
		names = append([]string{best}, slices.Delete(names, i, i+1)...)
	}
	return plain(names)
}

// unknownName is the question about a name that nothing has.
func (gr *grounder) unknownName(field, key, word string, names []string, more ...option) {
	text := gr.say(key, "name", quoteText(word))
	if best := nearest(word, names); best != "" {
		text += " " + gr.say("ask.did_you_mean", "name", best)
	}
	gr.ask(field, text, append(nearestFirst(word, names), more...))
}

// none is the option to do without.
func (gr *grounder) none() option { return option{"none", gr.say("option.none")} }

// count checks how many machines the group has.
func (gr *grounder) count() {
	if gr.contradicted(fieldCount) || gr.askSeveral() {
		return
	}
	if n := gr.g.Count.V; gr.g.Count.Has() && (n < 1 || n > countMost) {
		gr.ask(fieldCount, gr.say("ask.count_range", "machines", Count(gr.lang, "guest", n), "most", countMost), nil)
		gr.g.Count = Value[int]{}
		return
	}
	gr.g.Count.assume(1, Assumed, gr.say("reason.count"))
}

// cpu checks cores, sockets and CPU type.
func (gr *grounder) cpu() {
	g := gr.g
	if gr.contradicted(fieldSockets) || g.Sockets.Has() && (g.Sockets.V < 1 || g.Sockets.V > socketsMost) {
		gr.ask(fieldSockets, gr.say("ask.sockets_range", "sockets", Count(gr.lang, "socket", g.Sockets.V), "most", socketsMost), nil)
		g.Sockets = Value[int]{}
	}
	if gr.contradicted(fieldCores) || g.Cores.Has() && (g.Cores.V < 1 || g.Cores.V > coresMost) {
		gr.ask(fieldCores, gr.say("ask.cores_range", "cores", Count(gr.lang, "core", g.Cores.V), "most", coresMost), nil)
		g.Cores = Value[int]{}
	}
	if gr.contradicted(fieldCPUType) || g.CPUType.Has() && !only(g.CPUType.V, "._-", 64) {
		gr.ask(fieldCPUType, gr.say("ask.cpu_type", "name", quoteText(g.CPUType.V)), plain([]string{"x86-64-v2-AES", "host"}))
		g.CPUType = Value[string]{}
	}
	gr.assumeCores()
}

// memory checks the memory.
func (gr *grounder) memory() {
	g := gr.g
	if gr.contradicted(fieldMemory) || g.MemoryMiB.Has() && (g.MemoryMiB.V < memoryLeast || g.MemoryMiB.V > memoryMost) {
		gr.ask(fieldMemory, gr.say("ask.memory_range", "size", sizeText(gr.lang, g.MemoryMiB.V), "least", sizeText(gr.lang, memoryLeast),
			"most", sizeText(gr.lang, memoryMost)), nil)
		g.MemoryMiB = Value[int]{}
	}
	gr.assumeMemory()
}

// numbered returns the field of the n-th of several things, from 0: "disk", "disk2".
func numbered(field string, n int) string {
	if n == 0 {
		return field
	}
	return field + strconv.Itoa(n+1)
}

// disks checks sizes and storages.
func (gr *grounder) disks() {
	g := gr.g
	if len(g.Disks) > disksMost {
		gr.ask(fieldDisk, gr.say("ask.too_many_disks", "most", disksMost), nil)
		g.Disks = g.Disks[:disksMost]
	}
	if len(g.Disks) == 0 || g.Disks[0].extra {
		g.Disks = slices.Insert(g.Disks, 0, Disk{})
	}
	gr.contradicted(fieldStorage)
	for k := range g.Disks {
		gr.disk(k, &g.Disks[k])
	}
}

func (gr *grounder) disk(k int, d *Disk) {
	if d.Storage.Has() {
		gr.storage(k, d)
	}
	if k == 0 {
		gr.bootDisk(d)
	} else if !d.MiB.Has() {
		gr.ask(numbered(fieldDisk, k), gr.say("ask.disk_size", "n", k+1), nil)
	}
	if d.MiB.Has() && gibibytes(d.MiB.V) > diskMostGiB {
		gr.ask(numbered(fieldDisk, k), gr.say("ask.disk_range", "size", sizeText(gr.lang, d.MiB.V), "most", sizeText(gr.lang, diskMostGiB*1024)), nil)
		d.MiB = Value[int]{}
	}
}

// bootDisk checks that the first disk holds what the source brings, and takes the source's size when none is given.
func (gr *grounder) bootDisk(d *Disk) {
	least, from := 0, ""
	switch {
	case gr.src.template != nil:
		least, from = templateDisk(gr.src.template), gr.src.template.Name
	case gr.src.image != nil:
		least, from = int((gr.src.image.SizeBytes+(1<<20)-1)>>20), gr.src.image.ID
	}
	if d.MiB.Has() && d.MiB.V < least {
		size := sizeText(gr.lang, gibibytes(least)*1024)
		gr.ask(fieldDisk, gr.say("ask.disk_small", "size", sizeText(gr.lang, d.MiB.V), "source", quoteText(from), "least", size),
			[]option{{strconv.Itoa(gibibytes(least)) + " GB", size}})
		d.MiB = Value[int]{}
		return
	}
	gr.assumeDisk(d)
}

// storage checks that a storage is there and takes disks.
func (gr *grounder) storage(k int, d *Disk) {
	storages := gr.storagesFor()
	written, known := gr.x.find(d.Storage.V, aStorage)
	switch {
	case gr.x.snap == nil:
		if !only(d.Storage.V, "._-", 100) {
			d.Storage = Value[string]{}
		}
		return
	case !known:
		text := gr.say("ask.storage_unknown", "name", quoteText(d.Storage.V))
		if best := nearest(d.Storage.V, storages); best != "" {
			text += " " + gr.say("ask.did_you_mean", "name", best)
		}
		gr.ask(numbered(fieldStorage, k), text, gr.storageOptions(d.Storage.V))
	case !slices.Contains(storages, written):
		gr.ask(numbered(fieldStorage, k), gr.say("ask.storage_content", "name", written), gr.storageOptions(""))
	default:
		d.Storage.V = written
		return
	}
	d.Storage = Value[string]{}
}

// rest checks the description and fills in what has no check.
func (gr *grounder) rest() {
	if gr.contradicted(fieldDescription) || len([]rune(gr.g.Description.V)) > descriptionMost {
		gr.ask(fieldDescription, gr.say("ask.description_long", "most", descriptionMost), []option{gr.none()})
		gr.g.Description = Value[string]{}
	}
	gr.g.StartAtBoot.assume(true, Assumed, gr.say("reason.start_at_boot"))
}

// omissions notes what the request implies and this intent leaves out.
func (gr *grounder) omissions() {
	gr.g = nil
	var roles, programs []string
	for _, g := range gr.out.Groups {
		if g.container() {
			gr.containerRole(g)
		} else if role := roleText(gr.lang, g.Role.V); g.Role.V != "" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
		programs = append(programs, g.programs...)
		if g.redundant && g.count() > 1 {
			gr.out.omit("load-balancer", "")
			gr.out.omit("security-policy", "")
		}
	}
	if len(roles) > 0 {
		gr.out.Omissions = slices.Insert(gr.out.Omissions, 0, Omission{"software", gr.say("omission.software", "role", listText(gr.lang, roles))})
	}
	if len(programs) > 0 {
		gr.out.omit("software", gr.say("omission.programs", "programs", quoteText(listText(gr.lang, programs))))
	}
	for k, o := range gr.out.Omissions {
		if o.Detail == "" {
			gr.out.Omissions[k].Detail = gr.say("omission." + o.Topic)
		}
	}
	gr.out.Omissions = gr.out.Omissions[:min(len(gr.out.Omissions), groupsMost)]
}

// storageOptions are the storages that take disks, with the space that is left, the one most likely meant first.
func (gr *grounder) storageOptions(word string) []option {
	options := nearestFirst(word, gr.storagesFor())
	for i := range options {
		var free int64 = -1
		for _, s := range gr.x.snap.Storages {
			if s.Name == options[i].value && s.Active {
				free = max(free, s.TotalBytes-s.UsedBytes)
			}
		}
		if free >= 0 {
			options[i].label += ", " + gr.say("option.free", "size", sizeText(gr.lang, int(free>>30)*1024))
		}
	}
	return options
}
