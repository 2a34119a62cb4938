package inquiry

import (
	"strconv"

	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"
)

// resilience answers whether the cluster lives on when nodes are lost.
func (a *answer) resilience() {
	switch {
	case a.q.Losses > 1:
		a.losses()
	case a.q.Node != "":
		a.loss()
	default:
		a.anyLoss()
	}
}

// anyLoss answers for the loss of any one node.
func (a *answer) anyLoss() {
	var worst *placement.Loss
	memory, plain := true, 0
	for _, r := range a.rooms() {
		if !r.Online {
			continue
		}
		l := a.index().Lose(r.Node)
		if worst == nil || l.VotesLeft < worst.VotesLeft {
			worst = l
		}
		without := 0
		for _, g := range l.Guests {
			if !g.HA {
				without++
			}
		}
		plain += without
		memory = memory && len(l.Homeless) == 0
		reason := a.say("loss_fits")
		if len(l.Homeless) > 0 {
			reason = a.say("loss_left", "names", a.names(a.titles(l.Homeless)))
		}
		a.row(r.Node, a.say("loss_row", "guests", wording.Count(a.lang, "guest", len(l.Guests)), "memory", wording.Room(a.lang, r.PromisedBytes),
			"ha", len(l.Guests)-without), reason)
	}
	if worst == nil {
		worst = a.index().Lose()
	}
	verdict := "loss_yes"
	if !worst.Quorum || !memory {
		verdict = "loss_no"
	}
	a.text(verdict, "which", a.say("loss_any"))
	a.votes(worst)
	if memory {
		a.text("loss_memory")
	} else {
		a.text("loss_no_memory")
	}
	if plain > 0 {
		a.sentence(wording.Plural(a.lang, "inquiry.loss_without_ha", plain))
	}
	a.text("loss_disks")
}

// votes tells whether quorum is kept, and by how many votes.
func (a *answer) votes(l *placement.Loss) {
	key := "loss_no_quorum"
	if l.Quorum {
		key = "loss_quorum"
	}
	a.text(key, "left", l.VotesLeft, "nodes", l.Votes, "needed", l.VotesNeeded)
}

// titles names guests by their ids.
func (a *answer) titles(ids []int) []string {
	var out []string
	for _, id := range ids {
		if g, ok := a.s.Guest(id); ok {
			out = append(out, title(g))
		}
	}
	return out
}

// losses answers for several nodes that are lost at once: those that are named, else whichever they are.
func (a *answer) losses() {
	if len(a.q.Lost) == a.q.Losses {
		l := a.index().Lose(a.q.Lost...)
		well := a.fates(l, a.names(a.q.Lost))
		text := a.out.GetText()
		a.out.Text = ""
		switch {
		case !l.Quorum:
			a.text("losses_no", "n", a.q.Losses)
		case !well:
			a.text("losses_harm", "nodes", a.names(a.q.Lost))
		default:
			a.text("losses_yes", "n", a.q.Losses)
		}
		a.votes(l)
		a.sentence(text)
		a.text("loss_disks")
		return
	}
	// Whichever they are: those with most votes.
	var names []string
	for _, r := range a.rooms() {
		if r.Online && len(names) < a.q.Losses {
			names = append(names, r.Node)
		}
	}
	l := a.index().Lose(names...)
	if l.Quorum {
		a.text("losses_yes", "n", a.q.Losses)
	} else {
		a.text("losses_no", "n", a.q.Losses)
	}
	a.votes(l)
	a.text("losses_memory")
	a.text("loss_disks")
}

// loss tells what becomes of every guest that runs on a node when that node is lost.
func (a *answer) loss() {
	if n, ok := a.s.Node(a.q.Node); !ok || !n.Online() {
		a.text("loss_already", "node", wording.Quote(a.q.Node))
		return
	}
	l := a.index().Lose(a.q.Node)
	well := a.fates(l, wording.Quote(a.q.Node))
	text := a.out.GetText()
	a.out.Text = ""
	verdict := "loss_yes"
	if !l.Quorum || !well {
		verdict = "loss_no"
	}
	a.text(verdict, "which", a.say("loss_of", "node", wording.Quote(a.q.Node)))
	a.votes(l)
	a.sentence(text)
	a.text("loss_disks")
}

// fates tells what becomes of each guest of lost nodes; it reports whether every one of them runs again.
func (a *answer) fates(l *placement.Loss, node string) bool {
	var back, stuck, down []string
	for _, f := range l.Guests {
		name, value := a.titles([]int{f.VMID})[0], wording.Room(a.lang, f.MemoryBytes)
		switch f.Fate {
		case placement.Down:
			down = append(down, name)
			a.row(name, value, a.say("fate_down", "node", node))
		case placement.Restarts:
			back = append(back, name)
			a.row(name, value, a.say("fate_restart", "node", wording.Quote(f.Node)))
		default:
			stuck = append(stuck, name)
			a.row(name, value, a.stuck(f))
		}
	}
	if len(l.Guests) == 0 {
		a.text("loss_empty")
	}
	for _, part := range []struct {
		key   string
		names []string
	}{{"loss_back", back}, {"loss_stuck", stuck}, {"loss_down", down}} {
		if len(part.names) > 0 {
			a.text(part.key, "names", a.names(part.names), "node", node)
		}
	}
	if len(l.Homeless) > 0 {
		a.text("loss_no_memory_for", "names", a.names(a.titles(l.Homeless)))
	}
	return len(stuck)+len(down) == 0
}

// stuck says why HA restarts a guest nowhere.
func (a *answer) stuck(f placement.GuestFate) string {
	switch f.Cause {
	case placement.NoQuorum:
		return a.say("fate_no_quorum")
	case placement.Memory:
		return a.say("fate_no_room")
	case placement.NoStorage, placement.LocalDisk:
		return a.say("fate_local_disk", "storage", wording.Quote(f.Detail))
	}
	return a.say("fate_nowhere")
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
