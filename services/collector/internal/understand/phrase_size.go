package understand

// diskPhrase reads disks and where they lie: "50 GB disk", "disque de 50 Go", "a second disk of 100G on local-lvm",
// "50G ssd on pmoxpool01", "storage local-lvm".
func (p *parser) diskPhrase() bool {
	i := p.i
	if p.is(i, clStorage) {
		if s, next, ok := p.storageName(p.link(p.take(p.takeAll(i, clStorage), clNamed)), true); ok {
			return p.emit(next, item{kind: itStorage, s: s})
		}
	}
	if s, next, ok := p.storageTail(i); ok {
		return p.emit(next, item{kind: itStorage, s: s})
	}
	it := item{kind: itDisk, n: 0}
	count := 1
	if p.is(i, clOne) {
		it.extra = anotherWords[p.toks[i].fold] || p.read[i].lex.val == "another"
	}
	var j int
	if n, next, ok := p.integer(i); ok && n > 30 && p.is(next, clDisk) && p.toksAt(i, tokNumber) { // "100 disk"
		return p.emit(p.take(next, clDisk), item{kind: itDisk, n: n * 1024})
	}
	if n, next, ok := p.integer(i); ok && n >= 1 && n <= 30 && !p.sizeAt(i) {
		count, j = n, next
		if x := p.take(j, clTimes); x > j && p.sizeAt(x) { // "2 x 100 GB disks"
			j = x
		}
	} else {
		j = p.takeAll(i, clThe)
	}
	j, it.extra = p.extraWords(j, it.extra)
	if mib, next, ok := p.size(j); ok {
		// the size before the noun
		k := p.link(next)
		k, it.extra = p.extraWords(k, it.extra)
		if !p.is(k, clDisk, clStorage) || p.is(p.link(p.take(k, clDisk)), clMemory) || p.nounOfNext(j, k) {
			return p.sizeOnStorage(j, next, mib, i)
		}
		it.n, it.extra = mib, it.extra || p.read[k].lex.val == "extra"
		j = p.take(k, clDisk, clStorage)
	} else if p.is(j, clDisk) {
		it.extra = it.extra || p.read[j].lex.val == "extra"
		j = p.take(j, clDisk)
		j, it.extra = p.extraWords(j, it.extra)
		k := p.take(p.link(j), clWith)
		k = p.link(p.take(k, clOne))
		if mib, next, ok := p.size(k); ok && !p.is(p.link(next), clMemory) {
			it.n, j = mib, next
			j, it.extra = p.extraWords(j, it.extra)
		} else if n, next, ok := p.integer(k); ok && p.toks[k].kind == tokNumber && n >= 1 && !p.measured(k) && k > j {
			it.n, j = n*1024, next
		} else if p.toksAt(k, tokNumber) && !p.measured(k) && k == j {
			n, _ := whole(p.toks[k].num)
			it.n, j = n*1024, k+1
		}
	} else if p.is(j, clStorage) {
		k := p.link(p.take(j, clStorage))
		mib, next, ok := p.size(k)
		if !ok {
			return false
		}
		it.n, j = mib, next
	} else {
		return false
	}
	if s, next, ok := p.storageTail(j); ok {
		it.s, j = s, next
	}
	if it.n == 0 && it.s == "" && !it.extra && count == 1 {
		if p.is(p.i, clOne) || p.toksAt(p.i, tokNumber) {
			return p.emit(j, item{kind: itDisk, clear: true}) // "only one disk"
		}
		// "the disk" by itself says nothing.
		return p.emit(j, item{kind: itSignal, signal: clDisk})
	}
	start := p.i
	for k := range count {
		one := it
		one.extra = it.extra || k > 0
		p.i = start
		p.emit(j, one)
	}
	return true
}

// nounOfNext reports whether the noun at k belongs to the size after it rather than to the one at i: "512m disque 4g", where nothing else
// says what that one would be.
func (p *parser) nounOfNext(i, k int) bool {
	j := p.take(k, clDisk)
	if j == k || p.memoryGiven() > 0 {
		return false
	}
	size, next, ok := p.size(j)
	if !ok || p.is(p.link(next), clMemory, clDisk, clSwap) {
		return false
	}
	before, _, _ := p.size(i)
	return before < size
}

// anotherWords are the articles that speak of one more.
var anotherWords = map[string]bool{"another": true, "autre": true, "further": true}

// sizeOnStorage reads "100G on local-lvm", a size whose storage says that it is a disk.
func (p *parser) sizeOnStorage(from, next, mib, i int) bool {
	if from != i {
		return false
	}
	s, end, ok := p.storageTail(next)
	if !ok {
		return false
	}
	return p.emit(end, item{kind: itDisk, n: mib, s: s})
}

func (p *parser) toksAt(i int, kind tokenKind) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].kind == kind
}

func (p *parser) sizeAt(i int) bool {
	_, _, ok := p.size(i)
	return ok
}

// extraWords passes words that tell the boot disk from others.
func (p *parser) extraWords(i int, extra bool) (int, bool) {
	for {
		switch {
		case p.is(i, clExtra):
			extra = true
		case p.is(i, clOrdinal):
			extra = extra || p.read[i].lex.n > 1
		case p.is(i, clAdjective, clQuality):
		default:
			return i, extra
		}
		i += p.read[i].n
	}
}

// storageTail reads "on local-lvm", "sur le stockage pmoxpool01", "in storage x".
func (p *parser) storageTail(i int) (string, int, bool) {
	j := p.takeAll(i, clOn, clIn)
	if j == i {
		return "", i, false
	}
	j = p.link(j)
	k := p.takeAll(j, clStorage)
	if k == j {
		k = p.take(j, clPool) // "on pool pmoxpool01": only if that is a storage
		if k > j && p.things(p.link(k))&aStorage == 0 {
			return "", i, false
		}
	}
	return p.storageName(p.link(p.take(k, clNamed)), k > j)
}

// storageName reads the name of a storage: a known one, or after the noun any.
func (p *parser) storageName(i int, noun bool) (string, int, bool) {
	if i >= len(p.toks) || p.toks[i].kind != tokWord && p.toks[i].kind != tokQuoted {
		return "", i, false
	}
	t := p.things(i)
	known := t&aStorage != 0 && (noun || t&(aNode|aNetwork) == 0) && (noun || p.class(i) == clNone || p.named(i))
	if !known && !(noun && p.free(i)) && !(t == 0 && p.free(i) && p.toks[i].kind == tokWord && p.names.near(p.toks[i].fold) == aStorage) {
		return "", i, false
	}
	raw, next := p.run(i)
	return raw, p.take(next, clStorage), true
}

// named reports whether the word at i, which the cluster uses as a name and the lexicon for something else, is the name: it stands after
// a preposition and nothing that it could belong to follows.
func (p *parser) named(i int) bool {
	if p.read[i].n > 1 || !p.is(i-1, clOn, clIn, clThe, clLink) {
		return false
	}
	return !p.is(i+1, clMachine, clRole, clDisk, clMemory, clCores, clNetwork, clAdjective, clQuality, clSoftware, clOS, clTemplate, clImage, clNode, clPool)
}

// eitherPhrase reads a size or number that is left open, "4 to 8 GB", "entre 4 et 8 cœurs": both ends are kept, so that it is asked which.
func (p *parser) eitherPhrase() bool {
	from := p.i
	i, between := from, p.toks[from].kind == tokWord && (p.toks[from].fold == "between" || p.toks[from].fold == "entre")
	if between {
		i++
	}
	if !p.toksAt(i, tokNumber) {
		return false
	}
	low, next := p.toks[i].num, i+1
	j := p.afterTo(next)
	switch {
	case j > next:
	case p.is(next, clOr), between && p.is(next, clAnd):
		j = next + p.read[next].n
	case p.mark(next, "-"):
		j = next + 1
	default:
		return false
	}
	if !p.toksAt(j, tokNumber) || p.toks[j].num <= 0 {
		return false
	}
	high, before := p.toks[j].num, len(p.out.items)
	p.i = j
	if !(p.diskPhrase() || p.memoryPhrase() || p.coresPhrase() || p.sizePhrase()) || len(p.out.items) != before+1 {
		return false
	}
	it := &p.out.items[before]
	switch it.kind {
	case itSize:
		it.kind = itMemory
	case itMemory, itCores:
	default:
		return false
	}
	it.start = p.toks[from].start
	least := *it
	least.n = int(float64(it.n) * low / high)
	p.out.items = append(p.out.items, least)
	return true
}

// memoryPhrase reads "8 GB of RAM", "mémoire de 8 Go", "RAM: 8".
func (p *parser) memoryPhrase() bool {
	if mib, next, ok := p.size(p.i); ok {
		j := p.link(next)
		if p.is(j, clMemory) {
			return p.emit(p.take(j, clMemory), item{kind: itMemory, n: mib})
		}
		return false
	}
	if p.is(p.i, clMemory) {
		j := p.take(p.link(p.take(p.i, clMemory)), clWith)
		j = p.link(j)
		if mib, next, ok := p.size(j); ok {
			return p.emit(next, item{kind: itMemory, n: mib})
		}
		if n, next, ok := p.integer(j); ok && p.toks[j].kind == tokNumber && !p.measured(j) {
			return p.emit(next, item{kind: itMemory, n: bareMemory(n)})
		}
		return false
	}
	if n, next, ok := p.integer(p.i); ok && p.toks[p.i].kind == tokNumber && p.is(p.link(next), clMemory) {
		j := p.take(p.link(next), clMemory)
		if p.sizeAt(p.link(j)) {
			return false // "4 … RAM 8 GB"
		}
		return p.emit(j, item{kind: itMemory, n: bareMemory(n)})
	}
	return false
}

// bareMemory is a number of memory without unit in MiB: nobody gives a machine 128 MiB and writes no unit, or 128 GiB
// and writes 131072.
func bareMemory(n int) int {
	if n < 128 {
		return n * 1024
	}
	return n
}

// coresPhrase reads "4 cores", "4 vCPU", "cores: 4", "2 sockets".
func (p *parser) coresPhrase() bool {
	if n, next, ok := p.integer(p.i); ok {
		if x := p.take(next, clTimes); x > next && n >= 1 && n <= socketsMost && p.toks[next].fold == "x" { // "2x4 cores"
			if m, after, ok := p.integer(x); ok && p.is(after, clCores) && !p.is(p.take(after, clCores), clMachine, clRole) {
				p.emit(x, item{kind: itSockets, n: n})
				return p.emit(p.take(after, clCores), item{kind: itCores, n: m})
			}
		}
		next = p.takeAll(next, clAdjective)
		switch {
		case p.is(next, clCores):
			j := p.take(next, clCores)
			if p.read[next].lex.class == clCores && p.toks[next].fold == "c" && !p.toks[next].glued && p.toks[next].raw != "c" {
				return false
			}
			if k := p.link(p.take(p.link(j), clWith)); processors[p.toks[next].fold] && k > j { // "2 processors of 4 cores"
				if m, after, ok := p.integer(k); ok && p.is(after, clCores) && !processors[p.toks[after].fold] {
					if n > 1 {
						p.emit(j, item{kind: itSockets, n: n})
					}
					return p.emit(p.take(after, clCores), item{kind: itCores, n: m})
				}
			}
			if k := p.takeAll(p.link(j), clFor, clCPUType); k > j && k < len(p.toks) && p.toks[k].kind == tokWord && (cpuModels[p.toks[k].fold] || p.is(k, clCPUModel)) { // "4 cœurs de type host"
				p.emit(j, item{kind: itCores, n: n})
				raw, after := p.run(k)
				return p.emit(after, item{kind: itCPUType, s: raw})
			}
			return p.emit(j, item{kind: itCores, n: n})
		case p.is(next, clSockets):
			return p.emit(p.take(next, clSockets), item{kind: itSockets, n: n})
		}
		return false
	}
	kind := itCores
	switch {
	case p.is(p.i, clCores) && p.toks[p.i].fold != "c":
	case p.is(p.i, clSockets):
		kind = itSockets
	default:
		return false
	}
	j := p.link(p.take(p.i, clCores, clSockets))
	if n, next, ok := p.integer(j); ok && p.toks[j].kind == tokNumber && !p.measured(j) {
		return p.emit(next, item{kind: kind, n: n})
	}
	return false
}

// processors are the words that can mean a whole processor when cores are counted beside them.
var processors = map[string]bool{"processor": true, "processors": true, "processeur": true, "processeurs": true, "cpu": true, "cpus": true, "proc": true, "procs": true}

// sizePhrase reads a size of which it is not said whether memory or disk is meant: "4 cores, 8 GB, 50 GB".
func (p *parser) sizePhrase() bool {
	mib, next, ok := p.size(p.i)
	if !ok {
		return false
	}
	return p.emit(next, item{kind: itSize, n: mib})
}

// cpuModels are CPU types that are written like plain words.
var cpuModels = map[string]bool{"host": true, "kvm64": true, "qemu64": true, "epyc": true, "max": true, "haswell": true, "broadwell": true,
	"skylake-server": true, "icelake-server": true, "cascadelake-server": true, "sapphirerapids": true, "opteron_g5": true, "westmere": true, "nehalem": true, "sandybridge": true, "ivybridge": true}

// cpuTypePhrase reads "cpu type host", "type de cpu x86-64-v2-AES", "cpu host".
func (p *parser) cpuTypePhrase() bool {
	switch {
	case p.toks[p.i].kind == tokWord && cpuModels[p.toks[p.i].fold] && p.is(p.i+1, clCPUType): // "host cpu type"
		return p.emit(p.take(p.i+1, clCPUType), item{kind: itCPUType, s: p.toks[p.i].raw})
	case p.is(p.i, clCPUType):
		j := p.link(p.take(p.i, clCPUType))
		if _, ok := p.word(j); !ok {
			return false
		}
		raw, next := p.run(j)
		return p.emit(next, item{kind: itCPUType, s: raw})
	case p.is(p.i, clCores) && p.read[p.i].n == 1:
		j := p.link(p.take(p.i, clCores))
		if j < len(p.toks) && p.toks[j].kind == tokWord && (cpuModels[p.toks[j].fold] || p.is(j, clCPUModel)) {
			raw, next := p.run(j)
			return p.emit(next, item{kind: itCPUType, s: raw})
		}
	case p.is(p.i, clCPUModel):
		return p.emit(p.take(p.i, clCPUModel), item{kind: itCPUType, s: p.text[p.toks[p.i].start:p.toks[p.take(p.i, clCPUModel)-1].end]})
	}
	return false
}
