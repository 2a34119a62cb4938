package understand

import (
	"slices"
	"strings"
)

// sourcePhrase reads what machines are made from: a template by id or name, an image, an operating system.
func (p *parser) sourcePhrase() bool {
	i := p.i
	verb := p.is(i, clClone)
	if verb && p.out.first == clNone {
		p.out.first = clClone
	}
	from := p.takeAll(i, clFrom)
	sawFrom := from > i
	if verb {
		from = p.take(i, clClone)
		from = p.takeAll(from, clFrom)
	}
	j := p.link(from)
	j = p.take(j, clOne)
	j = p.link(j)
	if j >= len(p.toks) {
		return false
	}
	switch t := p.toks[j]; {
	case t.kind == tokURL && (sawFrom || imageFile(t.raw)) && !forge(t.raw):
		return p.emit(j+1, item{kind: itSource, source: Source{Kind: SourceURL, URL: t.raw}})
	case t.kind == tokVolume:
		return p.emit(j+1, item{kind: itSource, source: Source{Kind: SourceImage, Name: t.raw}})
	case p.is(j, clTemplate):
		return p.templateNoun(j)
	case p.is(j, clImage):
		return p.imageNoun(j, sawFrom)
	case p.is(j, clOS):
		if !sawFrom && j > i && p.toks[p.take(j, clOS)-1].fold == "server" {
			return false // "an ubuntu server"
		}
		return p.system(j, sawFrom)
	}
	if p.nounAfter(j) {
		return true
	}
	if sawFrom || verb {
		return p.sourceReference(j, verb && !sawFrom)
	}
	if j == i && p.things(j)&aTemplate != 0 && p.free(j) {
		return p.emit(j+1, item{kind: itSource, source: Source{Kind: SourceTemplate, Name: p.toks[j].raw}})
	}
	if j == i && p.things(j)&anImage != 0 || j == i && p.toks[j].kind == tokWord && sourceFile(p.toks[j].raw) {
		return p.emit(j+1, item{kind: itSource, source: Source{Kind: SourceImage, Name: p.toks[j].raw}})
	}
	return false
}

// templateNoun reads "template [vm] [id] 100", "modèle k3s-template"; without a reference, that a template is wanted.
func (p *parser) templateNoun(j int) bool {
	after := p.take(j, clTemplate)
	k := p.reference(after)
	if k < len(p.toks) {
		if n, next, ok := p.integer(k); ok && p.toks[k].kind == tokNumber && p.isID(k, n) {
			return p.emit(next, item{kind: itSource, source: Source{Kind: SourceTemplate, VMID: n}})
		}
		if p.free(k) || p.things(k)&aTemplate != 0 || k > after && p.is(k-1, clNamed) && p.toks[k].kind == tokWord {
			raw, next := p.run(k)
			// The id often follows the name: "template k3s-template (100)".
			id, end := 0, next
			m := p.takeAll(next, clID, clLink)
			if p.mark(m, "(") {
				m = p.takeAll(m+1, clID)
			}
			if n, e, ok := p.integer(m); ok && m > next && p.toks[m].kind == tokNumber && n >= 100 && !p.measured(m) {
				id, end = n, e
				if p.mark(e, ")") {
					end = e + 1
				}
			}
			return p.emit(end, item{kind: itSource, source: Source{Kind: SourceTemplate, Name: raw, VMID: id}})
		}
		if p.is(k, clOS) {
			return p.system(k, true)
		}
		if p.templateHint(k) {
			return p.emit(k+p.read[k].n, item{kind: itSource, source: Source{Kind: SourceTemplate, Name: p.names.templateLike(p.toks[k].fold)}})
		}
	}
	return p.emit(after, item{kind: itSource})
}

// reference passes the words between a noun and its reference: "vm", "id", "n°", "named", marks.
func (p *parser) reference(k int) int {
	for {
		if p.newName(k) {
			return k
		}
		next := p.takeAll(k, clID, clNamed, clName, clLink, clThe)
		if p.is(next, clMachine) && next+1 < len(p.toks) && (p.is(next+p.read[next].n, clID, clNamed, clName) || p.toks[next+1].kind == tokNumber || p.things(next+1)&aTemplate != 0) {
			next += p.read[next].n
		}
		if p.mark(next, ":#=(") && next+1 < len(p.toks) {
			next++
		}
		if next == k {
			return k
		}
		k = next
	}
}

// imageNoun reads "image noble-server-cloudimg-amd64.qcow2", "cloud image of Ubuntu 24.04", "l'image https://…".
func (p *parser) imageNoun(j int, sawFrom bool) bool {
	after := p.take(j, clImage)
	k := p.takeAll(after, clNamed, clName, clLink, clThe, clImage, clID, clFrom)
	if p.mark(k, ":=") {
		k = p.link(k + 1)
	}
	if k < len(p.toks) {
		switch t := p.toks[k]; {
		case t.kind == tokURL:
			return p.emit(k+1, item{kind: itSource, source: Source{Kind: SourceURL, URL: t.raw}})
		case t.kind == tokVolume, t.kind == tokQuoted, t.kind == tokWord && sourceFile(t.raw):
			return p.emit(k+1, item{kind: itSource, source: Source{Kind: SourceImage, Name: t.raw}})
		case p.is(k, clOS):
			return p.system(k, true)
		case p.free(k) && (sawFrom || identifier(t.raw) || k > after):
			raw, next := p.run(k)
			return p.emit(next, item{kind: itSource, source: Source{Kind: SourceImage, Name: raw}})
		}
	}
	return p.emit(after, item{kind: itSource})
}

// system reads "ubuntu 24.04", "debian 12 cloud image". The version is only taken when it measures nothing.
func (p *parser) system(j int, wanted bool) bool {
	name, version, _ := strings.Cut(p.read[j].lex.val, " ")
	next := p.take(j, clOS)
	if next < len(p.toks) && p.toks[next].kind == tokNumber && !p.counting(name, next) {
		version = p.toks[next].raw
		next++
	}
	next = p.takeAll(next, clOS) // "ubuntu 24.04 noble"
	if !wanted && p.is(next, clMachine, clRole) {
		return false // "an ubuntu VM": the noun reads both
	}
	next = p.takeAll(next, clImage, clTemplate)
	return p.emit(next, item{kind: itSource, source: Source{Kind: SourceSystem, Name: name, Version: version}})
}

// nounAfter reads "the k3s-template template", "the noble image".
func (p *parser) nounAfter(j int) bool {
	if next := j + max(1, p.read[j].n); p.is(next, clTemplate) && p.templateHint(j) {
		return p.emit(p.take(next, clTemplate), item{kind: itSource, source: Source{Kind: SourceTemplate, Name: p.names.templateLike(p.toks[j].fold)}})
	}
	if !p.free(j) || p.things(j)&(aNode|aNetwork|aStorage|aPool) != 0 {
		return false
	}
	raw, next := p.run(j)
	kind := SourceTemplate
	switch {
	case p.is(next, clTemplate):
	case p.is(next, clImage):
		kind = SourceImage
	default:
		return false
	}
	return p.emit(p.take(next, clTemplate, clImage), item{kind: itSource, source: Source{Kind: kind, Name: raw}})
}

// sourceReference reads the reference after "from", "based on", or the verb "clone": "from 100", "clone of vm k3s-template".
func (p *parser) sourceReference(j int, verb bool) bool {
	k := p.reference(p.take(j, clMachine))
	if k == j {
		k = p.reference(j)
	}
	if k >= len(p.toks) {
		return false
	}
	if n, next, ok := p.integer(k); ok && p.toks[k].kind == tokNumber && p.isID(k, n) {
		return p.emit(next, item{kind: itSource, source: Source{Kind: SourceTemplate, VMID: n}})
	}
	t := p.things(k)
	switch {
	case t&aTemplate != 0, t&aGuest != 0 && !verb:
	case t&anImage != 0, p.toks[k].kind == tokWord && sourceFile(p.toks[k].raw):
		return p.emit(k+1, item{kind: itSource, source: Source{Kind: SourceImage, Name: p.toks[k].raw}})
	case t != 0 && t&aGuest == 0:
		return false
	case verb && p.fromAhead(k+1):
		return false // "clone web01 from 100": a name
	case !p.free(k):
		return false
	case !identifier(p.toks[k].raw) && p.toks[k].kind != tokQuoted && nearest(p.toks[k].raw, p.names.templateNames()) == "":
		return false // "from home": no name of a template
	}
	raw, next := p.run(k)
	return p.emit(next, item{kind: itSource, source: Source{Kind: SourceTemplate, Name: raw}})
}

// isID reports whether the number at i is the id of a template rather than a measure: "template 100 cores 4".
func (p *parser) isID(i, n int) bool {
	if n >= 100 && !p.sizeAt(i) && !p.is(i+1, clMachine, clRole) {
		return true
	}
	return n >= 1 && !p.measured(i)
}

// forge reports whether an address is that of a source repository, from which no disk is made.
func forge(url string) bool {
	_, rest, _ := strings.Cut(strings.ToLower(url), "://")
	host, path, _ := strings.Cut(rest, "/")
	return !imageFile(path) && (strings.HasSuffix(path, ".git") || strings.Contains(host, "github") || strings.Contains(host, "gitlab") || strings.Contains(host, "gitea") || strings.Contains(host, "codeberg") || strings.Contains(host, "bitbucket"))
}

func (p *parser) fromAhead(i int) bool {
	for end := min(len(p.toks), i+lookAhead); i < end && p.toks[i].kind != tokBreak; i++ {
		if p.is(i, clFrom, clTemplate) {
			return true
		}
	}
	return false
}

// templateHint reports whether a word of the lexicon at i tells one template of the cluster from the others: "the k3s template".
func (p *parser) templateHint(i int) bool {
	return p.is(i, clKubernetes, clSoftware, clRole) && p.read[i].n == 1 && p.toks[i].kind == tokWord && p.names.templateLike(p.toks[i].fold) != ""
}

// templateLike returns the name of the only template that contains a word, "" when none or several do.
func (x *index) templateLike(word string) string {
	found := ""
	for _, t := range x.templates {
		if strings.Contains(fold(t.Name), word) {
			if found != "" && found != t.Name {
				return ""
			}
			found = t.Name
		}
	}
	return found
}

func (x *index) templateNames() []string {
	names := make([]string, 0, len(x.templates))
	for _, t := range x.templates {
		names = append(names, t.Name)
	}
	return slices.Compact(names)
}
