package inquiry

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// listed says how many there are of a thing and names them.
func (a *answer) listed(thing string, names []string) {
	if len(names) == 0 {
		a.text("none." + thing)
		return
	}
	a.text("list", "things", a.count(thing, len(names)), "names", a.names(names))
}

func (a *answer) templates() {
	var names []string
	for _, t := range a.s.Templates() {
		if !a.likeTemplate(t) {
			continue
		}
		names = append(names, title(t))
		a.row(title(t), a.size(t), a.say("on_node", "node", wording.Quote(t.Node)))
	}
	if len(names) == 0 && a.q.Like != "" {
		a.noSuchTemplate()
		return
	}
	a.listed("template", names)
}

// images lists what guests can be installed from: each volume once, however many nodes see it.
func (a *answer) images() {
	var names, seen []string
	for _, v := range a.s.Volumes {
		if v.Content != "import" && v.Content != "iso" && v.Content != "vztmpl" || slices.Contains(seen, v.ID) ||
			a.q.Content != "" && v.Content != a.q.Content || !strings.Contains(strings.ToLower(v.ID), a.q.Like) {
			continue
		}
		seen = append(seen, v.ID)
		names = append(names, path.Base(v.ID))
		a.row(path.Base(v.ID), a.say("volume", "kind", a.say("content."+v.Content), "storage", wording.Quote(v.Storage), "size", wording.Room(a.lang, v.SizeBytes)), "")
	}
	a.listed("image", names)
	a.unread("storage")
}

// unread tells of what could not be read, where it could hide an answer.
func (a *answer) unread(word string) {
	var what []string
	for _, u := range a.s.Unknown {
		if strings.Contains(u.What, word) {
			what = append(what, u.What)
		}
	}
	if len(what) > 0 {
		a.text("unread", "names", a.names(what))
	}
}

func (a *answer) storageSpace(st pve.Storage) string {
	if !st.Active {
		return a.say("storage_inactive", "type", wording.Quote(st.Type))
	}
	return a.say("storage", "free", wording.Room(a.lang, st.TotalBytes-st.UsedBytes), "total", wording.Room(a.lang, st.TotalBytes), "type", wording.Quote(st.Type))
}

// storages lists shared storages once and local ones per node.
func (a *answer) storages() {
	var names []string
	reported := map[string]bool{}
	for _, st := range a.s.Storages {
		if a.q.Storage != "" && st.Name != a.q.Storage || a.q.Node != "" && st.Node != a.q.Node {
			continue
		}
		if !slices.Contains(names, st.Name) {
			names = append(names, st.Name)
		}
		content := a.say("storage_content", "content", wording.Quote(strings.Join(st.Content, ", ")))
		switch {
		case !st.Shared:
			a.row(st.Name+" @ "+st.Node, a.storageSpace(st), content)
		case st.Active && !reported[st.Name]:
			reported[st.Name] = true
			a.row(st.Name, a.storageSpace(st), a.say("storage_shared")+" "+content)
		}
	}
	for _, name := range names {
		rows := slices.DeleteFunc(slices.Clone(a.s.Storages), func(s pve.Storage) bool { return s.Name != name })
		if rows[0].Shared && !reported[name] {
			a.row(name, a.storageSpace(rows[0]), a.say("storage_shared"))
		}
	}
	if a.q.Storage != "" && len(a.out.GetRows()) > 0 {
		a.text("storage_one", "name", wording.Quote(a.q.Storage), "figures", a.out.GetRows()[0].GetValue())
		return
	}
	a.listed("storage", names)
}

func (a *answer) networks() {
	var names []string
	for _, v := range a.s.VNets {
		if a.q.Network != "" && v.Name != a.q.Network {
			continue
		}
		names = append(names, v.Name)
		var subnets []string
		for _, n := range v.Subnets {
			subnet := n.CIDR
			if n.Gateway != "" {
				subnet = a.say("gateway", "subnet", n.CIDR, "gateway", n.Gateway)
			}
			subnets = append(subnets, subnet)
		}
		value := a.say("vnet", "zone", wording.Quote(v.Zone))
		if v.Tag > 0 {
			value += ", VLAN " + strconv.Itoa(v.Tag)
		}
		if len(subnets) > 0 {
			value += ", " + a.names(subnets)
		}
		a.row(v.Name, value, "")
	}
	nodes := map[string][]string{}
	var bridges []string
	for _, b := range a.s.Bridges {
		if a.q.Network != "" && b.Name != a.q.Network {
			continue
		}
		if len(nodes[b.Name]) == 0 {
			bridges = append(bridges, b.Name)
		}
		nodes[b.Name] = append(nodes[b.Name], b.Node)
	}
	for _, b := range bridges {
		a.row(b, a.say("bridge", "nodes", a.names(nodes[b])), "")
	}
	if a.q.Network != "" && len(a.out.GetRows()) > 0 {
		a.text("network_one", "name", wording.Quote(a.q.Network), "what", a.out.GetRows()[0].GetValue())
		return
	}
	a.listed("network", append(names, bridges...))
}

func (a *answer) pools() {
	var names []string
	for _, p := range a.s.Pools {
		names = append(names, p.Name)
		n := 0
		for _, g := range a.s.Guests {
			if g.Pool == p.Name {
				n++
			}
		}
		a.row(p.Name, wording.Count(a.lang, "guest", n), wording.Quote(p.Comment))
	}
	a.listed("pool", names)
}

func (a *answer) haGroups() {
	var names []string
	for _, g := range a.s.HAGroups {
		names = append(names, g.Name)
		var nodes []string
		for n := range g.Nodes {
			nodes = append(nodes, n)
		}
		slices.Sort(nodes)
		a.row(g.Name, a.names(nodes), "")
	}
	for _, r := range a.s.HARules {
		names = append(names, r.Name)
		a.row(r.Name, wording.Quote(r.Type), a.names(r.Resources))
	}
	a.listed("ha_group", names)
}

// matches reports whether a guest is asked for.
func (a *answer) matches(g pve.Guest) bool {
	q := a.q
	if q.MemoryOverMiB > 0 && g.MemoryBytes>>20 <= int64(q.MemoryOverMiB) {
		return false
	}
	if q.NoTags && len(g.Tags) > 0 || q.NoPool && g.Pool != "" || q.HAGroup != "" && a.groupOf(g) != q.HAGroup {
		return false
	}
	return !g.Template && (q.Node == "" || g.Node == q.Node) && (q.Kind == "" || g.Kind == q.Kind) && (q.Pool == "" || g.Pool == q.Pool) &&
		(q.Tag == "" || slices.Contains(g.Tags, q.Tag)) && (q.HA == nil || g.HA == *q.HA)
}

// guests lists or counts guests.
func (a *answer) guests() {
	var found []pve.Guest
	unknown := 0
	for _, g := range a.s.Guests {
		switch {
		case !a.matches(g):
		case a.q.Status != "" && g.Status == pve.GuestUnknown && a.q.Status != pve.GuestUnknown:
			unknown++
		case a.q.Status == "" || g.Status == a.q.Status:
			found = append(found, g)
		}
	}
	if a.q.Most != "" {
		a.most(found)
		return
	}
	var names []string
	for _, g := range found {
		names = append(names, title(g))
		a.row(title(g), a.size(g), a.say("guest_row", "status", a.say("status."+string(g.Status)), "node", wording.Quote(g.Node)))
	}
	things := a.count(a.thing(), len(found))
	where := a.restrictions()
	switch {
	case len(found) == 0:
		a.text("guests_none", "where", where)
	case a.q.Number || len(found) > namesMost:
		a.text("guests_number", "things", things, "where", where)
	default:
		a.text("guests", "things", things, "where", where, "names", a.names(names))
	}
	if unknown > 0 {
		a.sentence(wording.Plural(a.lang, "inquiry.guests_unknown", unknown))
	}
	if n, ok := a.s.Node(a.q.Node); ok && !n.Online() {
		a.text("node_offline", "node", wording.Quote(a.q.Node))
	}
}

// thing is the word for what is listed.
func (a *answer) thing() string {
	switch a.q.Kind {
	case pve.KindVM:
		return "vm"
	case pve.KindContainer:
		return "container"
	}
	return "guest"
}

// restrictions writes what narrows a list, with a space before it: " running on pmox01".
func (a *answer) restrictions() string {
	var out []string
	if a.q.Status != "" {
		out = append(out, a.say("where."+string(a.q.Status)))
	}
	if a.q.HA != nil {
		out = append(out, a.say("where.ha_"+strconv.FormatBool(*a.q.HA)))
	}
	if a.q.MemoryOverMiB > 0 {
		out = append(out, a.say("where.memory_over", "size", wording.Size(a.lang, a.q.MemoryOverMiB)))
	}
	if a.q.NoTags {
		out = append(out, a.say("where.no_tags"))
	}
	if a.q.NoPool {
		out = append(out, a.say("where.no_pool"))
	}
	for _, r := range [][2]string{{"ha_group", a.q.HAGroup}, {"node", a.q.Node}, {"pool", a.q.Pool}, {"tag", a.q.Tag}} {
		if r[1] != "" {
			out = append(out, a.say("where."+r[0], "name", wording.Quote(r[1])))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " " + strings.Join(out, " ")
}

// mostShown is how many of the largest are listed.
const mostShown = 10

// most lists the guests that take most of something.
func (a *answer) most(found []pve.Guest) {
	found = slices.DeleteFunc(found, func(g pve.Guest) bool { return g.Status == pve.GuestUnknown })
	figure := func(g pve.Guest) float64 { return float64(g.MemoryBytes) }
	show := func(g pve.Guest) string { return wording.Room(a.lang, g.MemoryBytes) }
	switch a.q.Most {
	case "cpu":
		figure = func(g pve.Guest) float64 { return g.CPUUsage * g.CPUs }
		show = func(g pve.Guest) string {
			return a.say("cpu_use", "load", a.percent(g.CPUUsage), "vcpus", wording.Amount(a.lang, g.CPUs))
		}
	case "cores":
		figure = func(g pve.Guest) float64 { return g.CPUs }
		show = func(g pve.Guest) string { return a.count("vcpu", int(g.CPUs+0.999)) }
	case "disk":
		figure = func(g pve.Guest) float64 { return float64(g.DiskBytes) }
		show = func(g pve.Guest) string { return wording.Room(a.lang, g.DiskBytes) }
	}
	slices.SortStableFunc(found, func(x, y pve.Guest) int { return cmp.Compare(figure(y), figure(x)) })
	for _, g := range found[:min(len(found), mostShown)] {
		a.row(title(g), show(g), a.say("on_node", "node", wording.Quote(g.Node)))
	}
	if len(found) == 0 {
		a.text("guests_none", "where", a.restrictions())
		return
	}
	a.text("most."+a.q.Most, "guest", title(found[0]), "figure", show(found[0]))
	var tied []string
	for _, g := range found[1:] {
		if figure(g) == figure(found[0]) && figure(g) > 0 && a.q.Most != "cpu" {
			tied = append(tied, title(g))
		}
	}
	if len(tied) > 0 {
		a.text("most_tied", "others", wording.List(a.lang, tied[:min(len(tied), mostShown)]))
	}
}
