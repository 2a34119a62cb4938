package inquiry

import (
	"strconv"

	"proviso.dev/services/collector/internal/wording"
)

// idLeast is the first id of a guest: Proxmox VE keeps those below for itself.
const idLeast = 100

// lowestID returns the lowest id that no guest of the snapshot has, as Proxmox VE's own /cluster/nextid does.
func (a *answer) lowestID() int {
	id := idLeast
	for {
		if _, taken := a.s.Guest(id); !taken {
			return id
		}
		id++
	}
}

// nextID answers which id the next guest gets, in both senses of "next": the lowest that is free, and the one after the highest.
func (a *answer) nextID() {
	lowest, highest := a.lowestID(), idLeast-1
	for _, g := range a.s.Guests {
		highest = max(highest, g.VMID)
	}
	a.text("next_id", "id", lowest)
	if highest+1 != lowest {
		a.text("next_id_after", "highest", highest, "id", highest+1)
	}
	a.text("next_id_note")
	a.command("pvesh get /cluster/nextid")
}

// id answers whether an id is free.
func (a *answer) id() {
	g, taken := a.s.Guest(a.q.ID)
	switch {
	case taken:
		a.text("id_taken", "id", a.q.ID, "guest", title(g))
		a.guestRows(g)
	case a.q.ID < idLeast:
		a.text("id_reserved", "id", a.q.ID, "least", idLeast)
	default:
		a.text("id_free", "id", a.q.ID)
	}
}

// ids lists the ids that are taken.
func (a *answer) ids() {
	lowest, highest := 0, 0
	for _, g := range a.s.Guests {
		if lowest == 0 || g.VMID < lowest {
			lowest = g.VMID
		}
		highest = max(highest, g.VMID)
		a.row(strconv.Itoa(g.VMID), wording.Quote(g.Name), a.say("on_node", "node", wording.Quote(g.Node)))
	}
	if highest == 0 {
		a.text("ids_none", "id", a.lowestID())
		return
	}
	a.text("ids", "n", len(a.s.Guests), "lowest", lowest, "highest", highest, "id", a.lowestID())
}
