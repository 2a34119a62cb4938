package inquiry

import (
	"cmp"
	"slices"
	"strconv"

	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// Room is what a node has left for guests.
type Room struct {
	Node   string
	Online bool
	// TotalBytes is physical memory, PromisedBytes what running guests may take of it, UsedBytes what is in use, FreeBytes what
	// further guests may have; all 0 when the node is not online.
	TotalBytes, PromisedBytes, UsedBytes, FreeBytes int64
	// Threads of the node, vCPUs that running guests have, and how many they may have.
	Threads, VCPUs, VCPULimit int
	// Load is the fraction of the processor in use.
	Load float64
	// Guests that run there, the largest memory first.
	Guests []pve.Guest
}

// Rooms returns what every node has left, in the snapshot's order: figures are those that placement counts with.
func Rooms(s *pve.Snapshot, p placement.Policy) []Room { return rooms(s, placement.NewIndex(s, p)) }

func rooms(s *pve.Snapshot, x *placement.Index) []Room {
	at := make(map[string]int, len(s.Nodes))
	out := make([]Room, len(s.Nodes))
	for i, n := range s.Nodes {
		at[n.Name] = i
		out[i] = Room{Node: n.Name, Online: n.Online()}
		if r, ok := x.Room(n.Name); ok && r.Online {
			out[i].TotalBytes, out[i].UsedBytes, out[i].Threads, out[i].Load = r.TotalBytes, n.MemoryUsedBytes, r.CPUs, n.CPUUsage
			out[i].VCPUs, out[i].VCPULimit, out[i].FreeBytes = r.VCPUs, r.VCPULimit, max(0, r.FreeBytes)
		}
	}
	for _, g := range s.Guests {
		if i, ok := at[g.Node]; ok && out[i].Online && !g.Template && g.Status == pve.GuestRunning {
			out[i].PromisedBytes += g.MemoryBytes
			out[i].Guests = append(out[i].Guests, g)
		}
	}
	for i := range out {
		slices.SortStableFunc(out[i].Guests, func(a, b pve.Guest) int { return cmp.Compare(b.MemoryBytes, a.MemoryBytes) })
	}
	return out
}

// best returns the online room with most memory free; ok is false when no node is online.
func best(rooms []Room) (Room, bool) {
	var out Room
	ok := false
	for _, r := range rooms {
		if r.Online && (!ok || r.FreeBytes > out.FreeBytes) {
			out, ok = r, true
		}
	}
	return out, ok
}

// room answers which nodes can take a guest.
func (a *answer) room() {
	rooms := a.rooms()
	if a.q.Node != "" {
		if n, _ := a.s.Node(a.q.Node); !n.Online() {
			a.text("node_offline", "node", wording.Quote(a.q.Node))
			return
		}
		rooms = slices.DeleteFunc(rooms, func(r Room) bool { return r.Node != a.q.Node })
	}
	var fit, offline []string
	var fitting []Room
	places := 0
	var shares []string
	for _, r := range rooms {
		if !r.Online {
			offline = append(offline, r.Node)
			a.row(r.Node, a.say("unknown"), a.say("offline_reason"))
			continue
		}
		n, why := a.fits(r)
		places += n
		if n > 0 {
			fit, fitting = append(fit, r.Node), append(fitting, r)
			shares = append(shares, r.Node+" ("+strconv.Itoa(n)+")")
		}
		a.row(r.Node, a.figures(r), why)
	}
	top, any := best(rooms)
	if len(fitting) > 0 {
		top, _ = best(fitting)
	}
	what := a.wanted()
	free := func(r Room) string { return wording.Room(a.lang, r.FreeBytes) }
	switch {
	case !any:
		a.text("room_offline")
	case a.q.Limit && what != "" && places == 0:
		a.text("room_limit_none", "what", what)
	case a.q.Limit && what != "":
		a.text("room_limit", "what", what, "n", a.count("vm", places), "nodes", a.orNothing(shares))
	case what == "":
		a.text("room_most", "node", top.Node, "free", free(top), "total", wording.Room(a.lang, top.TotalBytes))
	case a.q.Node != "" && len(fit) == 0:
		a.text("room_node_no", "what", what, "node", top.Node, "free", free(top))
	case a.q.Node != "" && max(1, a.q.Count) == places:
		a.text("room_node_yes", "what", what, "node", top.Node, "free", free(top))
	case len(fit) == 0:
		a.text("room_none", "what", what, "node", top.Node, "free", free(top))
	case a.q.Count > 1 && places < a.q.Count:
		a.text("room_some", "what", what, "n", places, "count", a.q.Count)
	case a.q.Count > 1:
		a.text("room_all", "what", what, "nodes", a.names(shares))
	case len(fit) == 1:
		a.text("room_one", "what", what, "node", top.Node, "free", free(top))
	default:
		a.text("room_several", "what", what, "nodes", a.names(fit), "node", top.Node, "free", free(top))
	}
	if len(fit) == 0 && any && what != "" && !a.q.Limit && a.q.Topic == TopicRoom {
		a.afterMoves(what)
	}
	if a.q.Reference != "" && what != "" {
		a.text("room_reference", "guest", wording.Quote(a.q.Reference))
	}
	a.text("room_rule")
	a.unknownNodes(offline)
}

// fits returns how many of the wanted guests a node can take, and the reason.
func (a *answer) fits(r Room) (int, string) {
	n := max(1, a.q.Count)
	if a.q.Limit {
		n = roomMost
	}
	if a.q.Cores > r.Threads {
		return 0, a.say("fits_threads", "threads", r.Threads, "cores", wording.Count(a.lang, "core", a.q.Cores))
	}
	if a.q.Cores > 0 {
		if n = min(n, (r.VCPULimit-r.VCPUs)/a.q.Cores); n <= 0 {
			return 0, a.say("fits_vcpus", "vcpus", r.VCPUs, "limit", r.VCPULimit)
		}
	}
	need := int64(a.q.MemoryMiB) << 20
	if need > r.FreeBytes {
		return 0, a.say("fits_memory", "missing", a.missingRoom(need-r.FreeBytes))
	}
	if need > 0 {
		n = min(n, int(r.FreeBytes/need))
	}
	if space := int64(a.q.DiskGiB) << 30; space > 0 {
		name, free := a.space(r.Node)
		if free < space {
			return 0, a.say("fits_disk", "free", wording.Room(a.lang, free))
		}
		n = min(n, int(free/space))
		return n, a.say("fits_storage", "storage", wording.Quote(name), "free", wording.Room(a.lang, free))
	}
	if a.wanted() == "" {
		return n, ""
	}
	return n, a.say("fits")
}

// missingRoom writes what is missing, rounded up.
func (a *answer) missingRoom(bytes int64) string { return wording.Room(a.lang, bytes+1<<30/10-1) }

// space returns the storage for disks with most room on a node, and its room; with a storage in the query only that.
func (a *answer) space(node string) (name string, free int64) {
	for _, st := range a.s.Storages {
		if st.Node == node && st.Active && st.Holds("images") && (a.q.Storage == "" || a.q.Storage == st.Name) && (name == "" || st.TotalBytes-st.UsedBytes > free) {
			name, free = st.Name, st.TotalBytes-st.UsedBytes
		}
	}
	return name, max(0, free)
}

// wanted writes the size that room is wanted for, empty when none was named.
func (a *answer) wanted() string {
	var parts []string
	if a.q.Cores > 0 {
		parts = append(parts, wording.Count(a.lang, "core", a.q.Cores))
	}
	if a.q.MemoryMiB > 0 {
		parts = append(parts, a.say("memory", "size", wording.Size(a.lang, a.q.MemoryMiB)))
	}
	if a.q.DiskGiB > 0 {
		parts = append(parts, a.say("disk", "size", wording.Size(a.lang, a.q.DiskGiB*1024)))
	}
	what := wording.List(a.lang, parts)
	if a.q.Count > 1 {
		guests := a.count("vm", a.q.Count)
		if what == "" {
			return guests
		}
		return a.say("guests_of", "guests", guests, "size", what)
	}
	return what
}

// figures writes what a node has left.
func (a *answer) figures(r Room) string {
	return a.say("figures", "free", wording.Room(a.lang, r.FreeBytes), "total", wording.Room(a.lang, r.TotalBytes), "vcpus", r.VCPUs,
		"threads", r.Threads)
}

func (a *answer) unknownNodes(offline []string) {
	if len(offline) > 0 {
		a.sentence(wording.Plural(a.lang, "inquiry.offline_nodes", len(offline), "nodes", a.names(offline)))
	}
}

// node answers for one node, or for all.
func (a *answer) node() {
	rooms := a.rooms()
	if a.q.Node == "" {
		a.nodes(rooms)
		return
	}
	n, _ := a.s.Node(a.q.Node)
	i := slices.IndexFunc(rooms, func(r Room) bool { return r.Node == a.q.Node })
	if i < 0 || !n.Online() {
		a.text("node_offline", "node", wording.Quote(a.q.Node))
		return
	}
	r := rooms[i]
	switch a.q.Aspect {
	case AspectUptime:
		a.text("node_uptime", "node", r.Node, "uptime", a.uptime(n.UptimeSeconds))
		return
	case AspectProcessor:
		a.processor(n, r)
	case AspectHardware:
		a.hardware(r.Node)
		a.hardwareRows(r.Node)
		return
	}
	a.text("node_online", "node", r.Node, "free", wording.Room(a.lang, r.FreeBytes), "total", wording.Room(a.lang, r.TotalBytes),
		"guests", wording.Count(a.lang, "guest", len(r.Guests)))
	a.row(a.say("label.memory"), a.say("node_memory", "used", wording.Room(a.lang, r.UsedBytes), "promised", wording.Room(a.lang, r.PromisedBytes),
		"total", wording.Room(a.lang, r.TotalBytes)), "")
	cpu := a.say("node_cpu", "threads", r.Threads, "vcpus", r.VCPUs, "load", a.percent(r.Load))
	a.row(a.say("label.cpu"), cpu, wording.Quote(n.CPUModel))
	for _, st := range a.s.Storages {
		if st.Node == r.Node {
			a.row(st.Name, a.storageSpace(st), "")
		}
	}
	a.hardwareRows(r.Node)
}

func (a *answer) nodes(rooms []Room) {
	var names, offline []string
	for _, r := range rooms {
		names = append(names, r.Node)
		if !r.Online {
			offline = append(offline, r.Node)
			a.row(r.Node, a.say("offline"), a.say("offline_reason"))
			continue
		}
		if a.q.Aspect != AspectAll {
			a.nodeRow(r)
			continue
		}
		a.row(r.Node, a.figures(r), a.say("node_row", "guests", wording.Count(a.lang, "guest", len(r.Guests)), "load", a.percent(r.Load)))
	}
	if a.q.Aspect != AspectAll {
		a.text("nodes_aspect")
		a.unknownNodes(offline)
		return
	}
	if a.q.Down {
		a.down(names, offline)
		return
	}
	a.text("nodes", "nodes", wording.Count(a.lang, "node", len(rooms)), "names", a.names(names), "online", strconv.Itoa(len(rooms)-len(offline)))
	if a.q.Most == "load" {
		a.busiest(rooms)
	} else if top, ok := best(rooms); ok {
		a.text("nodes_best", "node", top.Node, "free", wording.Room(a.lang, top.FreeBytes))
	}
	a.unknownNodes(offline)
	a.totals(rooms)
}

// down names the nodes that are offline, and those that are not.
func (a *answer) down(names, offline []string) {
	online := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(offline, n) })
	switch {
	case len(offline) == 0:
		a.text("nodes_down.none", "online", a.names(online))
	case len(online) == 0:
		a.text("nodes_down.all", "offline", a.names(offline))
	case len(offline) == 1:
		a.text("nodes_down.one", "offline", a.names(offline), "online", a.names(online))
	default:
		a.text("nodes_down.many", "offline", a.names(offline), "online", a.names(online))
	}
}

// busiest names the node with most of its memory taken, and says how busy its processor is.
func (a *answer) busiest(rooms []Room) {
	share := func(r Room) float64 {
		return float64(max(r.UsedBytes, r.PromisedBytes)) / float64(max(1, r.TotalBytes))
	}
	top := -1
	for i, r := range rooms {
		if r.Online && (top < 0 || share(r) > share(rooms[top])) {
			top = i
		}
	}
	if top >= 0 {
		a.text("nodes_busiest", "node", rooms[top].Node, "memory", a.percent(share(rooms[top])), "load", a.percent(rooms[top].Load))
	}
}

// cluster answers for the cluster as a whole.
func (a *answer) cluster() {
	online, running, stopped, unknown, templates := 0, 0, 0, 0, 0
	for _, n := range a.s.Nodes {
		if n.Online() {
			online++
		}
	}
	for _, g := range a.s.Guests {
		switch {
		case g.Template:
			templates++
		case g.Status == pve.GuestRunning:
			running++
		case g.Status == pve.GuestStopped:
			stopped++
		default:
			unknown++
		}
	}
	a.text("cluster", "version", wording.Quote(a.s.Version), "nodes", wording.Count(a.lang, "node", len(a.s.Nodes)), "online", online)
	a.quorum()
	a.haManager()
	a.ceph()
	a.row(a.say("label.guests"), a.say("cluster_guests", "running", running, "stopped", stopped, "unknown", unknown, "templates", templates), "")
	a.row(a.say("label.ha"), wording.Count(a.lang, "guest", len(a.s.HAServices)), a.say("cluster_ha"))
	a.zones()
	a.atWork()
	for _, u := range a.s.Unknown {
		a.row(u.What, a.say("unknown"), wording.Quote(u.Reason))
	}
	for _, r := range a.rooms() {
		if r.Online {
			a.row(r.Node, a.figures(r), "")
		} else {
			a.row(r.Node, a.say("offline"), a.say("offline_reason"))
		}
	}
}
