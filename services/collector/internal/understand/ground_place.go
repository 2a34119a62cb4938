package understand

import (
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
)

// pool checks the pool, or takes the one that is backed up.
func (gr *grounder) pool() {
	g := gr.g
	if gr.contradicted(fieldPool) {
		g.Pool = Value[string]{}
		return
	}
	if gr.joinNewPool() {
		return
	}
	backup := gr.backupPools()
	switch {
	case g.Pool.V != "" && gr.x.snap != nil:
		written, known := gr.x.find(g.Pool.V, aPool)
		if !known {
			gr.unknownName(fieldPool, "ask.pool_unknown", g.Pool.V, gr.x.pools, gr.none())
			g.Pool = Value[string]{}
			return
		}
		g.Pool.V = written
	case g.Pool.V != "":
		if !only(g.Pool.V, "._/-", 128) {
			g.Pool = Value[string]{}
		}
	case g.Pool.Has() || g.Backup.Has() && !g.Backup.V:
		// expressly none
	case g.Backup.V && len(backup) != 1 && gr.x.snap != nil:
		names := backup
		if len(names) == 0 {
			names = gr.x.pools
		}
		gr.ask(fieldPool, gr.say("ask.pool_backup"), append(plain(names), gr.none()))
	case g.Backup.V && len(backup) == 1:
		g.Pool.assume(backup[0], Derived, gr.say("reason.pool_wanted"))
		g.Pool.Text = g.Backup.Text
	case len(backup) == 1:
		g.Pool.assume(backup[0], Assumed, gr.say("reason.pool_backup"))
	}
}

// backupPools returns the pools whose name says that they are backed up.
func (gr *grounder) backupPools() []string {
	var found []string
	for _, p := range gr.x.pools {
		if low := strings.ToLower(p); strings.Contains(low, "backup") || strings.Contains(low, "sauvegarde") {
			found = append(found, p)
		}
	}
	return found
}

// ha checks the HA group, and decides where nothing was said: critical roles stay up, others are restarted by people.
func (gr *grounder) ha() {
	g := gr.g
	if gr.contradicted(fieldHA) {
		g.HA, g.HAGroup = Value[bool]{}, Value[string]{}
		return
	}
	if g.HAGroup.V != "" && gr.x.snap != nil {
		written, known := gr.x.find(g.HAGroup.V, anHAGroup)
		if !known {
			gr.unknownName(fieldHA, "ask.ha_group_unknown", g.HAGroup.V, gr.x.haGroups, gr.none())
			g.HAGroup = Value[string]{}
			return
		}
		g.HAGroup.V = written
		return
	}
	if p, _ := roleOf(g.Role.V); p.critical && len(gr.x.nodes) > 1 {
		g.HA.assume(true, Assumed, gr.say("reason.ha_critical", "role", roleText(gr.lang, g.Role.V)))
	}
	g.HA.assume(false, Assumed, gr.say("reason.ha_none"))
	if g.HA.V && !g.HAGroup.Has() && len(gr.x.haGroups) == 1 {
		g.HAGroup.assume(gr.x.haGroups[0], Derived, gr.say("reason.ha_group"))
	}
}

// nodes checks wishes about nodes.
func (gr *grounder) nodes() {
	g := gr.g
	gr.devices()
	if gr.x.snap == nil {
		return
	}
	if gr.contradicted(fieldNode) {
		g.Nodes = Value[[]string]{}
		return
	}
	gr.knownNodes(&g.Nodes, fieldNode)
	gr.knownNodes(&g.Avoid, "avoid")
	for _, n := range g.Nodes.V {
		if slices.Contains(g.Avoid.V, n) {
			gr.ask(fieldNode, gr.say("ask.node_both", "name", n), gr.nodeOptions(""))
			return
		}
	}
	online := func(name string) bool {
		n, ok := gr.x.snap.Node(name)
		return ok && n.Online()
	}
	if len(g.Nodes.V) > 0 && !slices.ContainsFunc(g.Nodes.V, online) {
		gr.ask(fieldNode, gr.say("ask.node_offline", "name", g.Nodes.V[0]), gr.nodeOptions(""))
		g.Nodes = Value[[]string]{}
	}
	if len(g.Avoid.V) > 0 && !slices.ContainsFunc(gr.x.snap.Nodes, func(n pve.Node) bool { return n.Online() && !slices.Contains(g.Avoid.V, n.Name) }) {
		gr.ask(fieldNode, gr.say("ask.node_none_left"), gr.nodeOptions(""))
		g.Avoid = Value[[]string]{}
	}
}

// knownNodes writes the nodes as the cluster does. Where it does not know one, the wish is dropped and asked about.
func (gr *grounder) knownNodes(wish *Value[[]string], field string) {
	var known []string
	for _, n := range wish.V {
		written, ok := gr.x.find(n, aNode)
		if !ok {
			text := gr.say("ask.node_unknown", "name", quoteText(n))
			if best := nearest(n, gr.x.nodes); best != "" {
				text += " " + gr.say("ask.did_you_mean", "name", best)
			}
			gr.ask(field, text, gr.nodeOptions(n))
			*wish = Value[[]string]{}
			return
		}
		if !slices.Contains(known, written) {
			known = append(known, written)
		}
	}
	wish.V = known
}

// nodeOptions are the nodes that are online, the one that a word most likely means first, and the choice to leave it open.
func (gr *grounder) nodeOptions(word string) []option {
	var names []string
	for _, n := range gr.x.snap.Nodes {
		if n.Online() {
			names = append(names, n.Name)
		}
	}
	return append(nearestFirst(word, names), option{"any", gr.say("option.any_node")})
}
