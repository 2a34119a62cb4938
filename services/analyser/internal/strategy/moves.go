package strategy

import (
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// mostMoves is what the contract takes.
const mostMoves = 16

// proposedMoves are the moves of an advice, each with the command for a person. Proviso moves nothing.
func (d *Draft) proposedMoves(a *placement.Advice) []*provisov1.ProposedMove {
	if a == nil {
		return nil
	}
	before := d.in.Index.Imbalance()
	var moves []*provisov1.ProposedMove
	for _, m := range a.Moves {
		for _, g := range m.Guests {
			moves = append(moves, &provisov1.ProposedMove{
				VmId: int32(g.VMID), Name: g.Name, From: m.From, To: m.To, MemoryMib: g.MemoryBytes >> 20, Live: g.Live,
				ImbalanceBefore: before, ImbalanceAfter: d.imbalanceMoved(m), Command: migrate(g, m.To), Reason: d.moveReason(m, g),
			})
		}
	}
	return cut(moves, mostMoves)
}

// imbalanceMoved is the measured imbalance once the guests of a move are where they go, with what they use.
func (d *Draft) imbalanceMoved(m placement.Move) float64 {
	moved := *d.in.Snapshot
	moved.Guests = append([]pve.Guest(nil), moved.Guests...)
	moved.Nodes = append([]pve.Node(nil), moved.Nodes...)
	for _, g := range m.Guests {
		for i := range moved.Guests {
			if moved.Guests[i].VMID == g.VMID {
				d.shift(moved.Nodes, &moved.Guests[i], m.To)
			}
		}
	}
	return d.in.Index.With(&moved).Imbalance()
}

// shift takes what a guest uses from its node to another.
func (d *Draft) shift(nodes []pve.Node, g *pve.Guest, to string) {
	for i := range nodes {
		n := &nodes[i]
		busy := 0.0
		if n.CPUs > 0 {
			busy = g.CPUUsage * g.CPUs / float64(n.CPUs)
		}
		switch n.Name {
		case g.Node:
			n.MemoryUsedBytes, n.CPUUsage = max(0, n.MemoryUsedBytes-g.MemoryUsedBytes), max(0, n.CPUUsage-busy)
		case to:
			n.MemoryUsedBytes, n.CPUUsage = n.MemoryUsedBytes+g.MemoryUsedBytes, n.CPUUsage+busy
		}
	}
	g.Node = to
}

// migrate is the command that moves a guest: of the HA manager for what it manages.
func migrate(g placement.Moved, to string) string {
	switch {
	case g.HA && g.Kind == pve.KindContainer:
		return fmt.Sprintf("ha-manager migrate ct:%d %s", g.VMID, to)
	case g.HA:
		return fmt.Sprintf("ha-manager migrate vm:%d %s", g.VMID, to)
	case g.Kind == pve.KindContainer:
		return fmt.Sprintf("pct migrate %d %s --restart", g.VMID, to)
	case g.CopyBytes > 0:
		return fmt.Sprintf("qm migrate %d %s --online --with-local-disks", g.VMID, to)
	default:
		return fmt.Sprintf("qm migrate %d %s --online", g.VMID, to)
	}
}

func (d *Draft) moveReason(m placement.Move, g placement.Moved) string {
	from, _ := d.in.Index.Room(m.From)
	to, _ := d.in.Index.Room(m.To)
	key := "move.live"
	switch {
	case !g.Live && g.Kind == pve.KindContainer:
		key = "move.restart"
	case g.CopyBytes > 0:
		key = "move.copies"
	case !g.Live:
		key = "move.stopped"
	}
	return d.say("move.reason", "name", g.Name, "from", m.From, "to", m.To, "memory", d.gib(g.MemoryBytes), "free", d.gib(from.FreeBytes), "free_to", d.gib(to.FreeBytes)) +
		" " + d.say(key, "copy", d.gibUp(g.CopyBytes))
}

// afterMoves says after which moves a refused request would fit, with their commands.
func (d *Draft) afterMoves(a *placement.Advice, moves []*provisov1.ProposedMove) string {
	var steps []string
	for _, m := range moves {
		steps = append(steps, d.say("move.step", "name", m.GetName(), "id", m.GetVmId(), "from", m.GetFrom(), "to", m.GetTo(), "command", m.GetCommand()))
	}
	var nodes []string
	for _, n := range a.Nodes {
		nodes = appendNew(nodes, n)
	}
	return d.say("refusal.after_moves", "moves", strings.Join(steps, "; "), "nodes", d.list(nodes))
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
