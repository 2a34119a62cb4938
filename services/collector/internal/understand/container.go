package understand

import (
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// GuestKind tells what kind of guest a group is made of.
type GuestKind uint8

// The kinds of guest. The zero value is a virtual machine.
const (
	GuestVM        GuestKind = iota
	GuestContainer           // an LXC container of Proxmox VE
	// GuestDocker is a Docker container, which Proxmox VE does not run by itself: it is asked whether a virtual machine or a
	// container shall run it.
	GuestDocker
)

// handles are the beginnings of the ids of questions about guests of a kind.
var handles = map[GuestKind]string{GuestVM: "vm", GuestContainer: "ct", GuestDocker: "ct"}

// nature is what a group has beside the properties of a virtual machine.
type nature struct {
	// Kind is what the guests are. Absent: virtual machines, of which the request does not speak as such ("a web server").
	Kind         Value[GuestKind]
	SwapMiB      Value[int]  // containers only
	Unprivileged Value[bool] // containers only
	Nesting      Value[bool] // containers only
	// part is the Kubernetes cluster that the group is a part of; nil when it stands for itself.
	part *cluster
}

// container reports whether the group is made of containers.
func (g *Group) container() bool { return g.Kind.V == GuestContainer }

// among reports whether the group stands among the containers of the contract: also while it is not known what shall run them.
func (g *Group) among() bool { return handles[g.Kind.V] == handles[GuestContainer] }

// counts reports whether groups of the kind of a are numbered together with those of the kind of b.
func counts(a, b *Group) bool { return handles[a.Kind.V] == handles[b.Kind.V] }

// number returns the place of a group among those of its kind, from 0.
func (in *Intent) number(i int) int {
	n := 0
	for _, g := range in.Groups[:i] {
		if counts(g, in.Groups[i]) {
			n++
		}
	}
	return n
}

// handle names a group in the ids of questions: "vm1", "ct2".
func (in *Intent) handle(i int) string {
	if i < 0 {
		return ""
	}
	return handles[in.Groups[i].Kind.V] + strconv.Itoa(in.number(i)+1)
}

// at returns the group that a handle names.
func (in *Intent) at(handle string) (int, bool) {
	seen := map[string]int{}
	for i, g := range in.Groups {
		kind := handles[g.Kind.V]
		seen[kind]++
		if number, ok := strings.CutPrefix(handle, kind); ok && number == strconv.Itoa(seen[kind]) {
			return i, true
		}
	}
	return 0, false
}

// path is where a group stands in the contract: "containers[0]".
func (in *Intent) path(i int) string {
	list := "virtual_machines["
	if in.Groups[i].among() {
		list = "containers["
	}
	return list + strconv.Itoa(in.number(i)) + "]"
}

// nothing reports whether the intent asks for nothing that can be created.
func (in *Intent) nothing() bool { return in == nil || len(in.Groups)+len(in.Pools) == 0 }

// sayOf returns a text of the catalogue: of the one for containers where it has the key and the group is of containers, else the
// collector's own.
func sayOf(lang string, g *Group, key string, args ...any) string {
	if g != nil && g.container() {
		if own := "guest." + key; i18n.Has(lang, own) {
			return i18n.T(lang, own, args...)
		}
	}
	return say(lang, key, args...)
}

// guestText returns a text of the catalogue for containers, pools and workloads.
func guestText(lang, key string, args ...any) string { return i18n.T(lang, "guest."+key, args...) }

// openAs gives a new group the kind that its noun says.
func (a *assembler) openAs(g *Group, it item) {
	if it.guest == GuestVM && !it.vm {
		if it.byFor && a.cur != nil && a.cur.among() { // "two containers, one for nginx and one for redis"
			g.Kind = a.cur.Kind
		}
		return
	}
	g.Kind = value(a, it.guest, it)
	if it.loose && g.part == nil { // "a container": which kind is not said
		g.Kind.Origin = Assumed
	}
}

// guestHead reads a noun whose kind of guest decides what it speaks of, and reports whether it did.
func (a *assembler) guestHead(it item) bool {
	if g := a.clusterPart(it); g != nil {
		a.cur, a.all = g, false
		if it.counted {
			g.Count = value(a, it.n, it)
		}
		return true
	}
	g := a.cur
	if g == nil {
		return false
	}
	if it.oneFor && it.byFor && !g.Role.Has() && g.Count.V > 1 { // the group only announced these, see dropUmbrella
		it.n, it.counted = 1, true
		a.open(it)
		return true
	}
	if it.named && it.joined && it.det == detNone && (it.vm || it.guest != GuestVM) && (g.Name.Has() || g.Names.Has()) { // "CT a … and CT b …"
		a.open(it)
		return true
	}
	if it.guest == GuestVM {
		if it.vm && it.det == detKnown && !it.counted && it.role == "" && a.kinds() > 1 {
			return a.only(GuestVM)
		}
		if it.vm && it.within && it.n <= 1 && g.Role.Has() && !g.Kind.said() && it.role == "" { // "a database in a VM"
			a.openAs(g, it)
			return true
		}
		if it.vm && it.det == detNone && it.joined && g.among() { // "LXC web01, VM db01"
			a.open(it)
			return true
		}
		return false
	}
	switch {
	case (it.det == detKnown || it.det == detAll) && !it.counted && a.kinds() > 1:
		return a.only(it.guest)
	case it.det == detKnown && !it.counted && g.container():
		return false
	case it.byPurpose && g.Kind.V == GuestVM && g.Kind.said(): // "a VM for Docker containers"
		if it.guest == GuestDocker && !slices.Contains(g.programs, "docker") {
			g.programs = append(g.programs, "docker")
		}
		return true
	case it.byPurpose && it.det == detNone, it.within && (it.n <= 1 || it.n == g.count()), it.det == detNone && !it.counted && !it.joined && !g.container() && !g.Kind.said():
		// "a web server in a container", "de type LXC", "un serveur web LXC"
		for _, same := range a.in.Groups {
			if same == g || a.all && g.part != nil && same.part == g.part {
				a.openAs(same, it)
			}
		}
		if it.role != "" && !g.Role.Has() {
			g.Role = value(a, it.role, it)
		}
		return true
	case it.det == detNone && !it.counted && it.joined && handles[g.Kind.V] != handles[it.guest]:
		a.open(it)
		return true
	}
	return false
}

// kinds counts the kinds of guest that are spoken of.
func (a *assembler) kinds() int {
	seen := map[string]bool{}
	for _, g := range a.in.Groups {
		seen[handles[g.Kind.V]] = true
	}
	return len(seen)
}

// only goes on with the one group of a kind; with several, what follows holds for the last of them.
func (a *assembler) only(kind GuestKind) bool {
	for _, g := range slices.Backward(a.in.Groups) {
		if handles[g.Kind.V] == handles[kind] {
			a.cur, a.all = g, false
			return true
		}
	}
	return false
}

// applyGuest stores what only containers have, and reports whether the item is of that sort.
func (a *assembler) applyGuest(g *Group, it item) bool {
	switch it.kind {
	case itSwap:
		set(a, g, &g.SwapMiB, it.n, it, fieldSwap, showMiB)
	case itPrivilege:
		g.Unprivileged = value(a, it.on, it)
	case itNesting:
		g.Nesting = value(a, it.on, it)
	default:
		return false
	}
	return true
}

// mergeNature lets a later text replace the kind of guest and what belongs to it.
func mergeNature(g, from *Group) {
	if from.Kind.Has() && !(from.Kind.Origin == Assumed && g.container()) {
		if from.Kind.V != g.Kind.V && !from.Source.Has() && g.Source.V.Kind != SourceSystem {
			g.Source = Value[Source]{} // what the other kind is made from
		}
		g.Kind = from.Kind
	}
	take(g, &g.SwapMiB, from.SwapMiB, fieldSwap)
	take(g, &g.Unprivileged, from.Unprivileged, "unprivileged")
	take(g, &g.Nesting, from.Nesting, "nesting")
}

// ofKind returns the groups before a position that a correction speaks of by their kind: "the containers with 1 GB". It is
// empty when the correction names no kind, or one that there is none of: then it changes the kind.
func (d *dialogue) ofKind(dg *Group, before int) []*Group {
	if !dg.Kind.Has() {
		return nil
	}
	var found []*Group
	others := false
	for _, g := range d.in.Groups[:before] {
		if counts(g, dg) {
			found = append(found, g)
		} else {
			others = true
		}
	}
	if !others {
		return nil
	}
	return found
}

// answerKind takes the answer to the question what shall run a Docker container.
func answerKind(g *Group, answer, text string) bool {
	kind := Value[GuestKind]{Origin: Answered, Text: clip(text, 500)}
	words := strings.FieldsFunc(fold(answer), func(r rune) bool { return r == ' ' || r == ',' || r == '.' || r == '\'' })
	has := func(list ...string) bool {
		return slices.ContainsFunc(list, func(w string) bool { return slices.Contains(words, w) })
	}
	switch {
	case has("vm", "machine", "virtuelle", "virtual"):
	case has("lxc", "container", "conteneur", "ct", "nesting", "imbrication"):
		kind.V = GuestContainer
		g.Nesting = Value[bool]{V: true, Origin: Answered, Text: kind.Text}
	default:
		return false
	}
	g.Kind = kind
	if !slices.Contains(g.programs, "docker") {
		g.programs = append(g.programs, "docker")
	}
	return true
}

// container writes a group as the wire's container. What containers share with machines is written as for those.
func (c *converter) container(g *Group) *provisov1.Container {
	same := g.clone()
	same.Source, same.Disks = Value[Source]{}, nil
	m := c.machine(same)
	ct := &provisov1.Container{
		Name: m.Name, Count: m.Count, Cores: m.Cores, MemoryMib: m.MemoryMib, Networks: m.GetNetworks(), Pool: m.Pool, Tags: m.GetTags(),
		StartAtBoot: m.StartAtBoot, Placement: m.GetPlacement(), Role: m.Role, Names: m.GetNames(), Initialization: m.GetInitialization(),
		Started: m.Started, Description: m.Description, Protection: m.Protection, VmId: m.VmId, Startup: m.GetStartup(), Ha: m.GetHa(),
		Unprivileged: truth(c, "unprivileged", g.Unprivileged), Nesting: truth(c, "nesting", g.Nesting),
	}
	if g.Source.V.Kind == SourceImage && g.Source.V.Name != "" {
		fact(c, "template_volume", g.Source)
		ct.TemplateVolume = &g.Source.V.Name
	}
	if g.SwapMiB.Has() {
		fact(c, "swap_mib", g.SwapMiB)
		n := int32(g.SwapMiB.V)
		ct.SwapMib = &n
	}
	if len(g.Disks) > 0 && (g.Disks[0].MiB.Has() || g.Disks[0].Storage.Has()) {
		d := g.Disks[0]
		ct.Disk = &provisov1.Disk{Storage: str(c, "disk.storage", d.Storage)}
		if d.MiB.Has() {
			fact(c, "disk.size_gib", d.MiB)
			n := int32(gibibytes(d.MiB.V))
			ct.Disk.SizeGib = &n
		}
	}
	return ct
}

// typedContainer reads a container that another service published.
func (t reader) typedContainer(ct *provisov1.Container) *Group {
	g := t.group(&provisov1.VirtualMachine{
		Name: ct.Name, Count: ct.Count, Cores: ct.Cores, MemoryMib: ct.MemoryMib, Networks: ct.GetNetworks(), Pool: ct.Pool, Tags: ct.GetTags(),
		StartAtBoot: ct.StartAtBoot, Placement: ct.GetPlacement(), Role: ct.Role, Names: ct.GetNames(), Initialization: ct.GetInitialization(),
		Started: ct.Started, Description: ct.Description, Protection: ct.Protection, VmId: ct.VmId, Startup: ct.GetStartup(), Ha: ct.GetHa(),
	})
	g.Kind = Value[GuestKind]{V: GuestContainer, Origin: Stated}
	if ct.TemplateVolume != nil {
		g.Source = given(t, "template_volume", true, Source{Kind: SourceImage, Name: ct.GetTemplateVolume()})
	}
	if d := ct.GetDisk(); d != nil {
		g.Disks = []Disk{{MiB: given(t, "disk.size_gib", d.SizeGib != nil, int(d.GetSizeGib())*1024), Storage: given(t, "disk.storage", d.Storage != nil, d.GetStorage())}}
	}
	g.SwapMiB = given(t, "swap_mib", ct.SwapMib != nil, int(ct.GetSwapMib()))
	g.Unprivileged = given(t, "unprivileged", ct.Unprivileged != nil, ct.GetUnprivileged())
	g.Nesting = given(t, "nesting", ct.Nesting != nil, ct.GetNesting())
	return g
}

// container writes the rows of a group of containers.
func (t *table) container(g *Group, src resolved) {
	t.of = "ct_"
	defer func() { t.of = "" }()
	kind := "kind.container"
	if g.Kind.V == GuestDocker {
		kind = "kind.docker"
	}
	row(t, "kind", "kind", g.Kind, guestText(t.lang, kind))
	if g.Kind.V == GuestDocker {
		return
	}
	if g.Role.Has() {
		role := g.Role
		role.Reason = t.sayOf(g, "reason.role")
		row(t, "role", "role", role, roleText(t.lang, g.Role.V))
	}
	t.called(g)
	row(t, "template_volume", "template", g.Source, t.templateText(g, src))
	row(t, "cores", "cores", g.Cores, strconv.Itoa(g.Cores.V))
	row(t, "memory_mib", "memory", g.MemoryMiB, sizeText(t.lang, g.MemoryMiB.V))
	row(t, "swap_mib", "swap", g.SwapMiB, sizeText(t.lang, g.SwapMiB.V))
	if len(g.Disks) > 0 {
		d := g.Disks[0]
		size := sizeText(t.lang, gibibytes(d.MiB.V)*1024)
		if d.Storage.V != "" {
			size = say(t.lang, "size_on", "size", size, "storage", d.Storage.V)
		}
		row(t, "disk.size_gib", "disk", d.MiB, size)
	}
	row(t, "unprivileged", "unprivileged", g.Unprivileged, yesNo(t.lang, g.Unprivileged.V))
	row(t, "nesting", "nesting", g.Nesting, yesNo(t.lang, g.Nesting.V))
	t.common(g)
}

// sayOf returns a text for a group, see the function of that name.
func (t *table) sayOf(g *Group, key string) string { return sayOf(t.lang, g, key) }

func (t *table) templateText(g *Group, src resolved) string {
	if src.volume != nil {
		return volumeLabel(t.lang, *src.volume)
	}
	return quoteText(showSource(g.Source.V))
}

// groupName is the short word for the guests of a group, in every language.
func groupName(g *Group) string {
	if g.Kind.V == GuestVM {
		return "VM"
	}
	return "CT"
}

// labelText is the label of a row: of the collector's own, or of those for containers, pools and workloads.
func (t *table) labelText(label string) string {
	for _, own := range []string{"guest.label." + t.of + label, "guest.label." + label} {
		if i18n.Has(t.lang, own) {
			return i18n.T(t.lang, own)
		}
	}
	return say(t.lang, "label."+label)
}

// reasonFor says why words were not used.
func (in *Intent) reasonFor(lang, words string) string {
	if r := in.Reasons[words]; r != "" {
		return r
	}
	return say(lang, "reason.not_understood")
}

// mixed reports whether the request is about several kinds of guest.
func (gr *grounder) mixed() bool {
	return slices.ContainsFunc(gr.out.Groups, func(g *Group) bool { return g.container() != gr.g.container() })
}

// removeGuests drops what a correction takes back by its kind, "remove the containers", and the pools to create when none is wanted.
func (d *dialogue) removeGuests(it, before item) bool {
	if it.kind == itPool && it.clear && len(d.in.Groups) > 0 {
		d.in.Pools = nil
		return false
	}
	if it.kind != itHead || it.role != "" || it.guest == GuestVM && !it.vm || before.kind != itSignal || before.signal != clRemove {
		return false
	}
	left := slices.DeleteFunc(slices.Clone(d.in.Groups), func(g *Group) bool { return handles[g.Kind.V] == handles[it.guest] })
	if len(left) == 0 {
		return false
	}
	d.in.Groups = left
	return true
}
