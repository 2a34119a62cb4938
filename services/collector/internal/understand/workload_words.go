package understand

import (
	"slices"
	"strings"
)

// workloadReader reads what a request says of workloads, from left to right.
type workloadReader struct {
	*parser
	out     []Workload
	unknown []string
	origin  Origin
	back    int // how far before the last the workload is that attributes belong to
}

// readWorkloads reads the workloads of a request, and the words that it could not use. Attributes belong to the workload named
// last; those before the first to the first.
func readWorkloads(text string, x *index, lang string, origin Origin) (list []Workload, notUnderstood []string) {
	w := &workloadReader{parser: newParser(text, x), origin: origin}
	for w.i < len(w.toks) {
		if !w.attribute() {
			w.pass()
		}
	}
	if len(w.out) == 0 {
		w.out = []Workload{{}}
	}
	for i := range w.out {
		w.out[i].complete(lang)
	}
	return w.out[:min(len(w.out), groupsMost)], w.unknown[:min(len(w.unknown), groupsMost)]
}

// complete fills in what follows from the rest.
func (k *Workload) complete(lang string) {
	program := fold(k.Image.V)
	if public, ok := publicImages[program]; ok {
		k.versionAssumed = true
		k.Image.V, k.Image.Origin, k.Image.Reason = public.image, Derived, guestText(lang, "reason.image", "program", k.Image.Text)
		if k.Exposure.Has() || k.Host.Has() {
			k.Port.assume(public.port, Assumed, guestText(lang, "reason.port", "program", k.Image.Text))
		}
	} else if k.Image.Has() && !strings.ContainsAny(k.Image.V, ":@/") {
		k.Image.V += ":latest"
		k.versionAssumed = true
		k.Image.Origin, k.Image.Reason = Derived, guestText(lang, "reason.image_tag")
	}
	if k.Host.Has() && k.public { // a name is reached through an ingress
		k.Exposure.V, k.Exposure.Origin, k.Exposure.Reason = "ingress", Derived, guestText(lang, "reason.ingress")
	}
	if k.Host.Has() && !k.Exposure.Has() {
		k.Exposure.assume("ingress", Derived, guestText(lang, "reason.ingress"))
	}
	k.Replicas.assume(1, Assumed, guestText(lang, "reason.replicas"))
	k.Namespace.assume("default", Assumed, guestText(lang, "reason.namespace"))
	if k.Name.Has() || !k.Image.Has() {
		return
	}
	base := k.Image.V[strings.LastIndexByte(k.Image.V, '/')+1:]
	base, _, _ = strings.Cut(base, "@")
	base, _, _ = strings.Cut(base, ":")
	if base = labelFrom(base); base != "" {
		k.Name.assume(base, Derived, guestText(lang, "reason.workload_name"))
	}
}

// current returns the workload that attributes belong to.
func (w *workloadReader) current() *Workload {
	if len(w.out) == 0 {
		w.out = append(w.out, Workload{})
	}
	return &w.out[len(w.out)-1-w.back]
}

// again reports whether a program is the image of a workload that was named before, and makes that one current.
func (w *workloadReader) again(program string) bool {
	for i, k := range w.out {
		base := k.Image.V[strings.LastIndexByte(k.Image.V, '/')+1:]
		if name, _, _ := strings.Cut(base, ":"); k.Image.Has() && strings.EqualFold(name, program) {
			w.back = len(w.out) - 1 - i
			return true
		}
	}
	return false
}

// statedAt makes a value of the tokens from the current one to next, and moves there.
func statedAt[T any](w *workloadReader, v T, next int) Value[T] {
	start, end := w.toks[w.i].start, w.toks[next-1].end
	w.i = next
	out := Value[T]{V: v, Origin: w.origin, Text: clip(w.text[start:end], 500)}
	if w.origin == Stated && len(out.Text) == end-start {
		out.Start, out.End = start, end
	}
	return out
}

// attribute reads one attribute at the current token.
func (w *workloadReader) attribute() bool {
	return w.namespaceBefore() || w.nameBehindAs() || w.exposurePhrase() || w.image() || w.replicas() || w.port() || w.exposure() || w.host() || w.namespace() || w.name()
}

// image reads an image reference, or a program.
func (w *workloadReader) image() bool {
	i := w.i
	if ref, next := w.imageReference(i, false); ref != "" {
		w.setImage(ref, next)
		return true
	}
	if ref, next := w.taggedName(i); ref != "" {
		w.setImage(ref, next)
		return true
	}
	if w.is(i, clSoftware) && w.foldAt(i) != "docker" {
		next := w.take(i, clSoftware)
		if programme := w.text[w.toks[i].start:w.toks[next-1].end]; w.again(programme) {
			w.i = next
			return true
		} else if !w.is(next, clRole) {
			w.setImage(programme, next)
			return true
		}
	}
	if !w.is(i, clImage) {
		return false
	}
	k := w.link(w.take(i, clImage))
	k = w.link(w.take(k, clNamed))
	if ref, next := w.imageReference(k, true); ref != "" {
		w.setImage(ref, next)
		return true
	}
	w.i = w.take(i, clImage)
	return true
}

func (w *workloadReader) setImage(ref string, next int) {
	v := statedAt(w, ref, next)
	if publicImages[fold(ref)].image == "" && (!only(ref, "._/:@-", 512) || !alphanumeric(ref[0]) || strings.Contains(ref, "..")) {
		w.unknown = append(w.unknown, v.Text)
		return
	}
	k := w.current()
	if k.Image.Has() {
		if k.Image.V == ref {
			return
		}
		w.out, w.back = append(w.out, Workload{Namespace: k.Namespace}), 0
		k = w.current()
	}
	k.Image = v
}

// replicas reads "3 replicas", "réplicas : 3", "three pods".
func (w *workloadReader) replicas() bool {
	counted := func(i int) bool {
		return w.is(i, clMachine) && w.read[i].lex.val == "instance" || w.is(i, clTimes) || w.foldAt(i) == "pods" || w.foldAt(i) == "pod"
	}
	if n, next, ok := w.integer(w.i); ok {
		if j := w.takeAll(next, clAdjective, clSoftware); n <= 1000 && w.is(j, clMachine) && w.read[j].lex.val != "" && !counted(j) { // "three nginx containers"
			w.current().Replicas = statedAt(w, n, next)
			return true
		}
		if next = w.takeAll(next, clAdjective); counted(next) && n <= 1000 {
			w.current().Replicas = statedAt(w, n, next+1)
			return true
		}
		return false
	}
	if !counted(w.i) {
		return false
	}
	if n, next, ok := w.integer(w.link(w.i + 1)); ok && n <= 1000 && w.toks[next-1].kind == tokNumber {
		w.current().Replicas = statedAt(w, n, next)
		return true
	}
	return false
}

// port reads "port 80", "sur le port 8080".
func (w *workloadReader) port() bool {
	if f := w.foldAt(w.i); f != "port" && f != "ports" && f != "containerport" && f != "targetport" {
		return w.listens()
	}
	if n, next, ok := w.integer(w.link(w.i + 1)); ok && n >= 1 && n <= 65535 {
		w.current().Port = statedAt(w, n, next)
		return true
	}
	return false
}

// exposure reads how a workload is reached.
func (w *workloadReader) exposure() bool {
	next := w.i + max(1, w.read[w.i].n)
	var how string
	switch f := w.foldAt(w.i); {
	case w.is(w.i, clBalancing), w.is(w.i, clRole) && w.read[w.i].lex.val == "load-balancer", f == "loadbalancer", f == "metallb":
		how = "load-balancer"
	case f == "ingress":
		how = "ingress"
	case f == "clusterip", f == "cluster-ip", f == "internal", f == "internally", f == "interne", f == "internes":
		how = "cluster"
	default:
		return false
	}
	w.current().Exposure = statedAt(w, how, next)
	return true
}

// host reads the host name under which a workload is reached.
func (w *workloadReader) host() bool {
	t := w.toks[w.i]
	if t.kind != tokWord && t.kind != tokQuoted || !strings.Contains(t.raw, ".") || !validDomain(t.raw) {
		return false
	}
	w.current().Host = statedAt(w, strings.ToLower(t.raw), w.i+1)
	return true
}

// namespace reads "in namespace shop", "espace de noms « shop »".
func (w *workloadReader) namespace() bool {
	k := w.i + 1
	switch f := w.foldAt(w.i); {
	case f == "namespace" || f == "ns":
	case f == "espace" && w.foldAt(w.i+2) == "noms":
		k = w.i + 3
	default:
		return false
	}
	k = w.link(w.take(w.link(k), clNamed, clName))
	name, ok := w.parser.word(k)
	if name = strings.ToLower(name); !ok || !validLabel(name) {
		w.i = k
		return true
	}
	v := statedAt(w, name, k+1)
	w.current().Namespace = v
	return true
}

// name reads "named shop".
func (w *workloadReader) name() bool {
	if !w.is(w.i, clNamed, clName) {
		return false
	}
	k := w.link(w.take(w.i, clNamed, clName))
	name, ok := w.parser.word(k)
	if !ok {
		return false
	}
	v := statedAt(w, strings.ToLower(name), k+1)
	if !validLabel(v.V) {
		w.unknown = append(w.unknown, v.Text)
		return true
	}
	w.current().Name = v
	return true
}

// exposing are words that are understood by what follows them.
var exposing = map[string]bool{"exposed": true, "expose": true, "exposee": true, "exposer": true, "exposes": true, "exposees": true, "published": true, "reachable": true,
	"accessible": true, "publie": true, "publiee": true, "service": true, "behind": true, "derriere": true, "deployment": true, "deploiement": true, "workload": true,
	"repliques": true, "replicas": true, "pod": true, "pods": true, "port": true, "ports": true, "joignable": true, "uniquement": true, "seulement": true, "visible": true, "available": true, "disponible": true, "reseau": true, "local": true, "network": true, "lan": true, "depuis": true, "host": true, "url": true, "l'url": true, "et": true, "by": true, "par": true, "via": true, "scaled": true, "kubectl": true, "run": true, "runs": true}

// pass skips a word; what neither belongs to the vocabulary nor to workloads is kept as not understood.
func (w *workloadReader) pass() {
	t := w.toks[w.i]
	if (t.kind == tokWord || t.kind == tokQuoted) && w.class(w.i) == clNone && !exposing[t.fold] && w.things(w.i) == 0 {
		w.unknown = append(w.unknown, clip(w.text[t.start:t.end], 500))
	}
	w.i += max(1, w.read[w.i].n)
}

// registries are hosts from which images come; a path there is an image even without a tag.
var registries = []string{"docker.io", "ghcr.io", "quay.io", "gcr.io", "registry.k8s.io", "public.ecr.aws", "mcr.microsoft.com", "registry.gitlab.com"}

// imageReference reads the reference of a container image at i: "ghcr.io/acme/shop:1.4", "nginx:1.27". Announced by a noun, a bare
// name is one too.
func (p *parser) imageReference(i int, announced bool) (ref string, next int) {
	if i >= len(p.toks) || p.toks[i].kind != tokWord && p.toks[i].kind != tokVolume && p.toks[i].kind != tokQuoted {
		return "", i
	}
	if p.toks[i].kind == tokQuoted {
		if !announced || !only(p.toks[i].raw, "._/:@-", 512) {
			return "", i
		}
		return p.toks[i].raw, i + 1
	}
	start := p.toks[i].start
	end := start
	for end < len(p.text) && (nameByte(p.text[end]) || strings.IndexByte("/:@", p.text[end]) >= 0) {
		end++
	}
	ref = strings.TrimRight(p.text[start:end], ".:/@-")
	next = i
	for next < len(p.toks) && p.toks[next].start < start+len(ref) {
		next++
	}
	if !imageForm(ref) && (!announced || !p.free(i) && !p.is(i, clSoftware)) {
		return "", i
	}
	if ref != p.text[start:p.toks[next-1].end] || p.is(i, clPlatform) {
		return "", i
	}
	if !strings.Contains(ref, "/") && !announced && !p.is(i, clSoftware) {
		return "", i // "port:80"
	}
	return ref, next
}

// imageForm reports whether a text is the reference of an image beyond doubt: with a tag or digest, or on a known registry.
func imageForm(ref string) bool {
	if ref == "" || len(ref) > 512 || !alphanumeric(ref[0]) {
		return false
	}
	host, path, inside := strings.Cut(ref, "/")
	if !inside {
		host, path = "", ref
	}
	if name, port, ok := strings.Cut(host, ":"); ok && (digits(port) != len(port) || port == "" || !only(name, ".-", 253)) {
		return false
	}
	if strings.Contains(host, "@") {
		return false
	}
	name, tag, tagged := strings.Cut(path, ":")
	if before, _, ok := strings.Cut(path, "@sha256:"); ok {
		return before != ""
	}
	if tagged && (tag == "" || !only(tag, "._-", 128)) || !only(name, "._/-", 255) || name != strings.ToLower(name) {
		return false
	}
	return tagged || slices.Contains(registries, host)
}

// imageReferencePhrase notes an image in a registry: it speaks of a workload, and of software where a machine is asked for.
func (p *parser) imageReferencePhrase() bool {
	ref, next := p.imageReference(p.i, false)
	if ref == "" {
		return false
	}
	start := p.i
	p.emit(next, item{kind: itSignal, signal: clWorkload, s: "image"})
	p.out.items = append(p.out.items, item{kind: itSoftware, s: ref, start: p.toks[start].start, end: p.toks[next-1].end})
	return true
}
