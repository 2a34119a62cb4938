package inquiry

import (
	"slices"
	"strconv"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// votes returns how many nodes are online, and how many votes quorum needs.
func votes(rooms []Room) (online, needed int) {
	for _, r := range rooms {
		if r.Online {
			online++
		}
	}
	return online, len(rooms)/2 + 1
}

// losses answers for several nodes that are lost at once, whichever they are.
func (a *answer) losses(rooms []Room) {
	online, needed := votes(rooms)
	left := max(0, online-a.q.Losses)
	figures := []any{"left", left, "nodes", len(rooms), "needed", needed}
	if left >= needed {
		a.text("losses_yes", "n", a.q.Losses)
		a.text("loss_quorum", figures...)
	} else {
		a.text("losses_no", "n", a.q.Losses)
		a.text("loss_no_quorum", figures...)
	}
	a.text("losses_memory")
	a.text("loss_disks")
}

// loss tells what becomes of every guest that runs on a node when that node is lost.
func (a *answer) loss(rooms []Room) {
	lost := slices.IndexFunc(rooms, func(r Room) bool { return r.Node == a.q.Node })
	if lost < 0 || !rooms[lost].Online {
		a.text("loss_already", "node", wording.Quote(a.q.Node))
		return
	}
	online, needed := votes(rooms)
	quorum := online-1 >= needed
	var back, stuck, down []string
	free := make([]int64, len(rooms))
	for i, r := range rooms {
		free[i] = r.FreeBytes
	}
	for _, g := range rooms[lost].Guests {
		value := wording.Room(a.lang, g.MemoryBytes)
		to := a.shelter(g, rooms, free, lost)
		switch {
		case !g.HA:
			down = append(down, title(g))
			a.row(title(g), value, a.say("fate_down", "node", wording.Quote(a.q.Node)))
		case !quorum:
			stuck = append(stuck, title(g))
			a.row(title(g), value, a.say("fate_no_quorum"))
		case to < 0:
			stuck = append(stuck, title(g))
			a.row(title(g), value, a.say("fate_no_room"))
		default:
			free[to] -= g.MemoryBytes
			back = append(back, title(g))
			a.row(title(g), value, a.say("fate_restart", "node", wording.Quote(rooms[to].Node)))
		}
	}
	verdict := "loss_yes"
	if !quorum || len(stuck) > 0 || len(down) > 0 {
		verdict = "loss_no"
	}
	a.text(verdict, "which", a.say("loss_of", "node", wording.Quote(a.q.Node)))
	key := "loss_no_quorum"
	if quorum {
		key = "loss_quorum"
	}
	a.text(key, "left", online-1, "nodes", len(rooms), "needed", needed)
	if len(rooms[lost].Guests) == 0 {
		a.text("loss_empty")
	}
	for _, part := range []struct {
		key   string
		names []string
	}{{"loss_back", back}, {"loss_stuck", stuck}, {"loss_down", down}} {
		if len(part.names) > 0 {
			a.text(part.key, "names", a.names(part.names), "node", wording.Quote(a.q.Node))
		}
	}
	if left := moved(rooms, lost); len(left) > 0 {
		a.text("loss_no_memory_for", "names", a.names(left))
	}
	a.text("loss_disks")
}

// shelter returns the room where a guest would be restarted: of those that its HA group or rule allows the one with most memory
// free; -1 when none has enough.
func (a *answer) shelter(g pve.Guest, rooms []Room, free []int64, lost int) int {
	to := -1
	for i, r := range rooms {
		if i != lost && r.Online && free[i] >= g.MemoryBytes && a.allowed(g, r.Node) && (to < 0 || free[i] > free[to]) {
			to = i
		}
	}
	return to
}

// allowed reports whether HA may start a guest on a node.
func (a *answer) allowed(g pve.Guest, node string) bool {
	if name := a.groupOf(g); name != "" {
		for _, group := range a.s.HAGroups {
			if _, member := group.Nodes[node]; group.Name == name && group.Restricted && !member {
				return false
			}
		}
	}
	for _, r := range a.s.HARules {
		if _, member := r.Nodes[node]; r.Type == "node-affinity" && r.Strict && slices.Contains(r.Resources, sid(g)) && !member {
			return false
		}
	}
	return true
}

// groupOf returns the HA group of a guest, empty when it has none.
func (a *answer) groupOf(g pve.Guest) string {
	for _, s := range a.s.HAServices {
		if s.SID == sid(g) {
			return s.Group
		}
	}
	return ""
}

// whyOffline says what Proviso sees of a node that does not answer, and where a person looks.
func (a *answer) whyOffline() {
	if n, ok := a.s.Node(a.q.Node); !ok || n.Online() {
		a.text("why_online", "node", wording.Quote(a.q.Node))
		return
	}
	a.text("why_offline", "node", wording.Quote(a.q.Node))
	for _, g := range a.s.Guests {
		if g.Node == a.q.Node {
			a.row(title(g), a.say("status."+string(pve.GuestUnknown)), a.say("guest_ha_row."+strconv.FormatBool(g.HA)))
		}
	}
	a.command("pvecm status")
	a.command("journalctl -u corosync -u pve-cluster --since -2h")
}
