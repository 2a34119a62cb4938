package understand

// The parts of a Kubernetes cluster when the request does not say how many machines it has: the smallest that does work, and the
// smallest whose control plane survives the loss of one machine.
const (
	clusterControlPlanes          = 1
	clusterControlPlanesAvailable = 3
	clusterWorkers                = 2
)

// cluster is a Kubernetes cluster that the request asks for as a whole.
type cluster struct {
	total     int           // machines in all; 0: not said
	available bool          // the control plane shall survive the loss of a machine
	name      Value[string] // of the cluster
}

// cluster opens the groups that a Kubernetes cluster is made of.
func (a *assembler) cluster(it item) {
	part := &cluster{total: it.n, available: it.on}
	ahead := a.ahead
	a.ahead = nil
	for _, role := range []string{"k3s-control-plane", "k3s-worker"} {
		if it.n == 1 && role == "k3s-worker" {
			break // the one machine is both
		}
		head := it
		head.kind, head.role, head.counted, head.det = itHead, role, false, detNew
		a.open(head)
		a.cur.part = part
	}
	a.all = true
	for _, g := range a.in.Groups {
		for _, before := range ahead {
			if g.part == part {
				a.apply(g, before)
			}
		}
	}
}

// clusterPart returns the group of a cluster that a noun speaks of: "… with 3 workers".
func (a *assembler) clusterPart(it item) *Group {
	if it.role == "" {
		return nil
	}
	for _, g := range a.in.Groups {
		if g.part != nil && g.Role.V == it.role && !g.Count.Has() {
			return g
		}
	}
	return nil
}

// clusterItem takes what is said of a cluster as a whole, and reports whether it did.
func (a *assembler) clusterItem(it item) bool {
	if it.kind == itCluster {
		a.cluster(it)
		return true
	}
	if a.cur == nil || a.cur.part == nil || !a.all || it.kind != itNames || len(it.list) != 1 {
		return false
	}
	a.cur.part.name = value(a, it.list[0], it)
	return true
}

// clusterDefaults fills in how many machines of its role a cluster has, and their names.
func (gr *grounder) clusterDefaults() {
	g := gr.g
	if g.part == nil {
		return
	}
	control := g.Role.V == "k3s-control-plane"
	if !g.Count.Has() {
		n, reason := gr.clusterCount(control)
		g.Count.assume(n, Assumed, guestText(gr.lang, reason))
	}
	if control && g.Count.V%2 == 0 && g.Count.said() {
		gr.ask(fieldCount, guestText(gr.lang, "ask.control_planes", "machines", Count(gr.lang, "guest", g.Count.V)), plain([]string{"1", "3", "5"}))
	}
	if name := g.part.name; name.Has() && !g.Name.Has() && !g.Names.Has() && validLabel(name.V) && len(name.V) <= 40 {
		p, _ := roleOf(g.Role.V)
		name.V += "-" + p.name
		name.Origin, name.Reason = Derived, guestText(gr.lang, "reason.cluster_name")
		g.Name = name
	}
	gr.out.omit("software", guestText(gr.lang, "omission.k3s"))
}

// clusterCount decides how many control planes or workers a cluster has when that is not said.
func (gr *grounder) clusterCount(control bool) (n int, reason string) {
	part, other := gr.g.part, 0
	available := part.available
	for _, g := range gr.out.Groups {
		if g.part != part {
			continue
		}
		if g != gr.g && g.Count.Has() {
			other = g.Count.V
		}
		available = available || g.redundant || g.HA.V && g.HA.said()
	}
	switch {
	case control && part.total > 0 && other > 0:
		return max(1, part.total-other), "reason.cluster_rest"
	case control && part.total > 0 && available && part.total >= clusterControlPlanesAvailable:
		return clusterControlPlanesAvailable, "reason.control_planes_available"
	case control && available:
		return clusterControlPlanesAvailable, "reason.control_planes_available"
	case control:
		return clusterControlPlanes, "reason.control_planes"
	case part.total > 0:
		return max(1, part.total-max(other, 1)), "reason.cluster_rest"
	}
	return clusterWorkers, "reason.workers"
}
