package profile

import (
	"strconv"
	"strings"
)

// A load is how much an application is used, by rules of thumb: a user makes one request in ten seconds, and a core answers a
// hundred ordinary requests a second.
type load struct {
	sourced[int32] // requests a second
}

const (
	requestsPerCore    = 100
	usersPerRequest    = 10
	normalFrom         = 20 // requests a second above which sizes are those of ordinary operation
	mostReplicasByLoad = 20
)

// hearLoad reads "500 users", "200 requests per second", "2 000 utilisateurs"; and whether it is for production.
func (r *reading) hearLoad(h *hearing, _ []owner, i int) int {
	if w := h.at(i); w == "production" || w == "prod" {
		from := r.about(h, i, i+1, heuristic, sureThumb, "reason.size.production")
		if !r.load.known() {
			r.load.sourced = sourced[int32]{normalFrom, from}
		}
		return 1
	}
	n, ok := h.numberAt(i)
	if !ok || n < 1 {
		return 0
	}
	k := i + 1
	if len(h.at(k)) == 3 && digits(h.at(k)) && digits(h.at(i)) && len(h.at(i)) <= 3 { // "2 000", "2,000"
		more, _ := h.numberAt(k)
		n, k = n*1000+more, k+1
	}
	if h.is(k, "k", "000") {
		n, k = min(n, 1<<20)*1000, k+1
	}
	for h.is(k, "concurrent", "simultaneous", "daily", "active", "http") {
		k++
	}
	var perSecond int32
	switch h.at(k) {
	case "users", "utilisateurs", "visitors", "visiteurs", "people", "personnes", "employees", "employes", "customers", "clients":
		perSecond = max(1, n/usersPerRequest)
		k++
	case "rps":
		perSecond = n
		k++
	case "requests", "requetes", "req", "request":
		if s := h.at(k + 1); (s == "per" || s == "par" || s == "a" || s == "/" || s == "s") && (s == "s" || strings.HasPrefix(h.at(k+2), "s")) {
			perSecond = n
			k += 2
			if s != "s" {
				k++
			}
		} else {
			return 0
		}
	default:
		return 0
	}
	r.load.sourced = sourced[int32]{min(perSecond, 1<<20), r.about(h, i, k, heuristic, sureThumb, "reason.size.load", "requests", strconv.Itoa(int(min(perSecond, 1<<20))))}
	return k - i
}

// bear sizes parts by the load.
func (r *reading) bear() {
	if !r.load.known() {
		return
	}
	for _, p := range r.parts {
		if p.given != "" && p.guest || p.role.v == "compute" {
			continue
		}
		p.normal = r.load.v >= normalFrom
		hint, _ := r.hint(p.draft)
		p.cpu.assume(hint.cpu, r.load.provenance)
		p.memory.assume(hint.memory, r.load.provenance)
		if !ownRole(p.role.v) || p.role.v == "worker" || p.role.v == "job" || p.replicas.known() || p.lang != nil && p.lang.name == "static" {
			continue
		}
		perReplica := max(1, p.cpu.v*requestsPerCore/1000)
		if n := min((r.load.v+perReplica-1)/perReplica, mostReplicasByLoad); n > 1 {
			p.replicas = sourced[int32]{n, r.load.provenance}
			p.most = sourced[int32]{n, r.load.provenance}
		}
	}
}

// Units of memory and disks, as MiB.
var memoryUnits = map[string]int64{"mb": 1, "mo": 1, "mib": 1, "gb": 1024, "go": 1024, "gib": 1024, "g": 1024, "tb": 1 << 20, "to": 1 << 20, "tib": 1 << 20}

var (
	memoryWords = set("ram memory memoire")
	diskWords   = set("disk disque storage stockage data donnees volume volumes ssd espace space database base")
	cpuWords    = set("core cores coeur coeurs vcpu vcpus cpu cpus processeur processeurs")
	gpuWords    = set("gpu gpus cuda")
)

// hearAmount reads "2 cores", "4 GB of RAM", "50 Go de données", "2 GPUs". What the intent says of guests and workloads is taken from
// there.
func (r *reading) hearAmount(h *hearing, owners []owner, i int) int {
	n, ok := h.numberAt(i)
	if gpuWords[h.at(i)] && (h.named(i) || i+1 < len(h.toks) && h.toks[i+1].glued) {
		return 1
	}
	if gpuWords[h.at(i)] || h.spells(i, "graphics card") > 0 || h.spells(i, "carte graphique") > 0 {
		n, ok, i = 1, true, i-1
	}
	if !ok || n < 1 {
		return 0
	}
	word := h.at(i + 1)
	from := func(k int) provenance {
		return r.about(h, max(0, i), k, stated, sureSaid, "reason.said")
	}
	set := func(p *spoken, into func(*spoken) *sourced[int32], v int64, k int) {
		if p != nil && (p.given == "" || !into(p).known()) {
			*into(p) = sourced[int32]{int32(min(v, 1<<30)), from(k)}
		}
	}
	switch {
	case gpuWords[word] || h.spells(i+1, "graphics card") > 0 || h.spells(i+1, "carte graphique") > 0:
		p := r.nearest(owners, i, func(p *spoken) bool { return p.role.v == "compute" })
		if p == nil {
			p = r.nearest(owners, i, isProgram)
		}
		if p == nil { // "a machine with a GPU": nothing else is said of it
			p = r.add("gpu-node", "compute", from(i+2))
		}
		if p.gpus.v == 0 || n > 1 {
			set(p, func(p *spoken) *sourced[int32] { return &p.gpus }, int64(min(n, 64)), i+2)
		}
		return 2
	case cpuWords[word]:
		set(r.nearest(owners, i, anything), func(p *spoken) *sourced[int32] { return &p.cpu }, int64(min(n, 512))*1000, i+2)
		return 2
	}
	unit, ok := memoryUnits[word]
	if !ok {
		return 0
	}
	mib := int64(min(n, 1<<20)) * unit
	k := i + 2
	for h.is(k, "of", "de", "d", "sur", "on", "persistent") {
		k++
	}
	switch {
	case memoryWords[h.at(k)]:
		set(r.nearest(owners, i, anything), func(p *spoken) *sourced[int32] { return &p.memory }, mib, k+1)
		return k + 1 - i
	case diskWords[h.at(k)]:
		keeps := func(p *spoken) bool {
			return p.product != nil && p.product.stateful || dataRole(p.role.v)
		}
		p := before(owners, i, anything)
		if p == nil || !keeps(p) {
			if other := r.nearest(owners, i, keeps); other != nil {
				p = other
			}
		}
		if p == nil {
			p = r.nearest(owners, i, anything)
		}
		if p != nil && !p.guest {
			set(p, func(p *spoken) *sourced[int32] { return &p.disk }, max(1, (mib+1023)/1024), k+1)
		}
		return k + 1 - i
	}
	return 0
}
