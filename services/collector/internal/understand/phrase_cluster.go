package understand

import "slices"

// clusterPhrase reads a Kubernetes cluster that is to be created, which is a number of machines: "deploy a Kubernetes cluster
// with 3 nodes", "un cluster k3s hautement disponible".
func (p *parser) clusterPhrase() bool {
	if p.out.cluster && p.masters() || p.kubernetesTarget() {
		return true
	}
	if p.after(p.i, clOn, clIn, clTo, clFor) {
		return false
	}
	j, before := p.beforeCluster()
	if !p.is(j, clKubernetes) || !before.article && p.last != clCreate && before.total == 0 && len(p.out.items) > 0 {
		return false
	}
	next := p.take(j, clKubernetes)
	noun := slices.Contains(partsOf(p.text[p.toks[j].start:p.toks[next-1].end]), "cluster")
	if !noun && before.total == 0 && (before.article || p.last != clCreate || !p.kubernetesAlone(next)) {
		return false // "a Kubernetes service": something in a cluster
	}
	for p.is(next, clHA, clRedundant, clAdjective) {
		before.available = before.available || p.is(next, clHA, clRedundant)
		next = p.take(next, clHA, clRedundant, clAdjective)
	}
	if n, after, ok := p.machinesOf(next); ok && before.total == 0 {
		before.total, next = n, after
	}
	p.out.cluster = true
	return p.emit(next, item{kind: itCluster, n: before.total, on: before.available})
}

// kubernetesTarget reads a cluster that things are to run on, "on my k3s cluster": it makes a request one for workloads.
func (p *parser) kubernetesTarget() bool {
	j := p.takeAll(p.i, clOn, clIn, clTo)
	if j == p.i {
		return false
	}
	j = p.takeAll(j, clOne, clThe, clFiller, clAdjective)
	next := p.take(j, clKubernetes)
	if next == j || p.is(next, clRole, clMachine, clNode) {
		return false
	}
	return p.emit(next, item{kind: itSignal, signal: clWorkload})
}

// aheadOfCluster is what stands before the noun of a cluster.
type aheadOfCluster struct {
	article, available bool
	total              int // machines; 0: not said
}

// beforeCluster passes what may stand before the noun: "a highly available 3-node", "un nouveau".
func (p *parser) beforeCluster() (int, aheadOfCluster) {
	var a aheadOfCluster
	j := p.i
	for range lookAhead {
		if n, next, ok := p.integer(j); ok && n >= 1 && !p.is(j, clOne) && p.is(p.takeAll(next, clAdjective), clNode) {
			a.total, j = n, p.take(p.takeAll(next, clAdjective), clNode)
			continue
		}
		switch {
		case p.is(j, clOne):
			a.article = true
		case p.is(j, clHA, clRedundant):
			a.available = true
		case p.is(j, clAdjective, clQuality):
		case p.is(j, clNode) && a.article && p.is(p.take(j, clNode), clKubernetes): // "a single node k3s"
			a.total = 1
		default:
			return j, a
		}
		j += p.read[j].n
	}
	return j, a
}

// kubernetesAlone reports whether "k3s" without "cluster" is what is wanted: nothing in it is spoken of from i on.
func (p *parser) kubernetesAlone(i int) bool {
	return p.listEnd(i) || p.is(i, clFor, clHA, clRedundant) || p.toksAt(i, tokNumber)
}

// machinesOf reads how many machines a cluster has in all: "with 3 nodes", "de 5 nœuds", "on 3 VMs".
func (p *parser) machinesOf(i int) (n, next int, ok bool) {
	k := p.link(p.takeAll(i, clWith, clTo, clOn))
	if p.isTo(k) {
		k++
	}
	n, after, ok := p.integer(k)
	after = p.takeAll(after, clAdjective)
	if !ok || n < 1 || !p.is(after, clNode, clMachine) {
		return 0, i, false
	}
	return n, p.take(after, clNode, clMachine), true
}

// masters reads "3 masters", which are control planes where a Kubernetes cluster is spoken of.
func (p *parser) masters() bool {
	n, next, ok := p.integer(p.i)
	if !ok {
		return false
	}
	switch p.foldAt(next) {
	case "master", "masters", "maitre", "maitres", "controller", "controllers":
		return p.emit(next+1, item{kind: itHead, n: n, counted: true, det: detNew, role: "k3s-control-plane"})
	case "agent", "agents":
		return p.emit(next+1, item{kind: itHead, n: n, counted: true, det: detNew, role: "k3s-worker"})
	}
	return false
}
