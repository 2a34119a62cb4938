package understand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Workload is something that shall run on Kubernetes.
type Workload struct {
	Name      Value[string]
	Image     Value[string]
	Replicas  Value[int]
	Port      Value[int]
	Exposure  Value[string] // as in the contract
	Host      Value[string]
	Namespace Value[string]
}

// publicImages are the images that are taken for programs, with the port that they listen on; tags are those under which the
// projects publish a maintained version.
var publicImages = map[string]struct {
	image string
	port  int
}{
	"nginx": {"nginx:stable", 80}, "apache": {"httpd:2.4", 80}, "apache2": {"httpd:2.4", 80}, "httpd": {"httpd:2.4", 80}, "caddy": {"caddy:2", 80},
	"haproxy": {"haproxy:lts", 80}, "traefik": {"traefik:v3", 80}, "wordpress": {"wordpress:6", 80}, "drupal": {"drupal:10", 80}, "joomla": {"joomla:5", 80},
	"postgres": {"postgres:16", 5432}, "postgresql": {"postgres:16", 5432}, "pgsql": {"postgres:16", 5432}, "mysql": {"mysql:8.4", 3306}, "mariadb": {"mariadb:lts", 3306},
	"mongodb": {"mongo:7", 27017}, "mongo": {"mongo:7", 27017}, "influxdb": {"influxdb:2", 8086}, "redis": {"redis:7", 6379}, "memcached": {"memcached:1", 11211},
	"valkey": {"valkey/valkey:8", 6379}, "rabbitmq": {"rabbitmq:3", 5672}, "nats": {"nats:2", 4222}, "mosquitto": {"eclipse-mosquitto:2", 1883},
	"jenkins": {"jenkins/jenkins:lts", 8080}, "gitea": {"gitea/gitea:1", 3000}, "tomcat": {"tomcat:10", 8080}, "prometheus": {"prom/prometheus:latest", 9090},
	"grafana": {"grafana/grafana:latest", 3000}, "nextcloud": {"nextcloud:stable", 80}, "minio": {"minio/minio:latest", 9000}, "odoo": {"odoo:17", 8069},
}

// workloadReader reads what a request says of workloads, from left to right.
type workloadReader struct {
	*parser
	out     []Workload
	unknown []string
}

// readWorkloads reads the workloads of a request, and the words that it could not use. Attributes belong to the workload named
// last; those before the first to the first.
func readWorkloads(text string, x *index, lang string) (list []Workload, notUnderstood []string) {
	w := &workloadReader{parser: newParser(text, x)}
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
		k.Image.V, k.Image.Origin, k.Image.Reason = public.image, Assumed, guestText(lang, "reason.image", "program", k.Image.Text)
		if k.Exposure.Has() || k.Host.Has() {
			k.Port.assume(public.port, Assumed, guestText(lang, "reason.port", "program", k.Image.Text))
		}
	} else if k.Image.Has() && !strings.ContainsAny(k.Image.V, ":@/") {
		k.Image.V += ":latest"
		k.Image.Origin, k.Image.Reason = Assumed, guestText(lang, "reason.image_tag")
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
	return &w.out[len(w.out)-1]
}

// statedAt makes a value of the tokens from the current one to next, and moves there.
func statedAt[T any](w *workloadReader, v T, next int) Value[T] {
	start, end := w.toks[w.i].start, w.toks[next-1].end
	w.i = next
	return Value[T]{V: v, Origin: Stated, Text: clip(w.text[start:end], 500), Start: start, End: end}
}

// attribute reads one attribute at the current token.
func (w *workloadReader) attribute() bool {
	return w.image() || w.replicas() || w.port() || w.exposure() || w.host() || w.namespace() || w.name()
}

// image reads an image reference, or a program.
func (w *workloadReader) image() bool {
	i := w.i
	if ref, next := w.imageReference(i, false); ref != "" {
		w.setImage(ref, next)
		return true
	}
	if w.is(i, clSoftware) && w.foldAt(i) != "docker" {
		next := w.take(i, clSoftware)
		if programme := w.text[w.toks[i].start:w.toks[next-1].end]; !w.is(next, clRole) {
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
		w.out = append(w.out, Workload{Namespace: k.Namespace})
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
	if f := w.foldAt(w.i); f != "port" && f != "ports" {
		return false
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
	"repliques": true, "replicas": true, "pod": true, "pods": true, "port": true, "ports": true, "host": true, "url": true, "l'url": true, "et": true, "by": true, "par": true, "via": true, "scaled": true, "kubectl": true, "run": true, "runs": true}

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

// workloads writes workloads in the wire's terms.
func (c *converter) workloads(ks []Workload) {
	for i, k := range ks {
		c.path = fmt.Sprintf("workloads[%d]", i)
		c.out.Workloads = append(c.out.Workloads, &provisov1.Workload{
			Name: str(c, "name", k.Name), Image: str(c, "image", k.Image), Replicas: num(c, "replicas", k.Replicas), Port: num(c, "port", k.Port),
			Exposure: str(c, "exposure", k.Exposure), Host: str(c, "host", k.Host), Namespace: str(c, "namespace", k.Namespace),
		})
	}
}

// workloads writes the rows of workloads.
func (t *table) workloads(ks []Workload) {
	for i, k := range ks {
		t.path = fmt.Sprintf("workloads[%d].", i)
		if len(ks) > 1 {
			t.prefix = guestText(t.lang, "label.workload", "n", i+1) + " · "
		}
		add := func(path string, v Value[string], shown string) {
			if v.Has() {
				t.guestRow(path, "workload_"+path, shown, v.Origin, evidence(t.lang, v))
			}
		}
		number := func(path string, v Value[int]) {
			add(path, Value[string]{Origin: v.Origin, Text: v.Text, Reason: v.Reason}, strconv.Itoa(v.V))
		}
		add("name", k.Name, k.Name.V)
		add("image", k.Image, quoteText(k.Image.V))
		number("replicas", k.Replicas)
		number("port", k.Port)
		if k.Exposure.Has() {
			add("exposure", k.Exposure, guestText(t.lang, "exposure."+k.Exposure.V))
		}
		add("host", k.Host, k.Host.V)
		add("namespace", k.Namespace, k.Namespace.V)
	}
	t.path, t.prefix = "", ""
}

// workloadsText names workloads in one sentence.
func workloadsText(lang string, ks []Workload) string {
	var out []string
	for _, k := range ks {
		what := guestText(lang, "workload.unnamed")
		if k.Image.Has() {
			what = quoteText(k.Image.V)
		} else if k.Name.Has() {
			what = k.Name.V
		}
		what += ", " + replicasText(lang, k.Replicas.V)
		if k.Port.Has() {
			what += ", port " + strconv.Itoa(k.Port.V)
		}
		if k.Exposure.Has() {
			what += ", " + guestText(lang, "exposure."+k.Exposure.V)
		}
		if k.Host.Has() {
			what += ", " + k.Host.V
		}
		out = append(out, what)
	}
	return strings.Join(out, guestText(lang, "workload.separator"))
}

// workload refuses workloads, which cannot be built, beside the intent and the table of what was understood.
func (r *Reasoner) workload(req Request, lang string, x *index) *provisov1.Understanding {
	var in *Intent
	if req.Intent != nil && strings.TrimSpace(req.Text) == "" {
		in = typed(req.Intent)
	} else {
		in = &Intent{}
		in.Workloads, in.NotUnderstood = readWorkloads(req.Text, x, lang)
	}
	gd := &grounded{Intent: in}
	if len(in.Groups) > 0 {
		gd = ground(in, x, lang)
	}
	message := guestText(lang, "refusal.workload", "what", workloadsText(lang, in.Workloads))
	return &provisov1.Understanding{
		Language: lang, Kind: kindProvision, Refusal: &provisov1.Refusal{Code: "workload_unsupported", Message: clip(message, 2000)},
		Intent: convert(gd, req.ID, lang, req.Cluster, goalOf(req)), Interpretation: interpretation(gd, lang),
		Checks: r.checks(lang, route{kind: kindProvision, enough: true}),
	}
}

// typedWorkloads reads the workloads that another service asks for.
func (t reader) typedWorkloads(ks []*provisov1.Workload) []Workload {
	var out []Workload
	for i, k := range ks {
		t.path = fmt.Sprintf("workloads[%d].", i)
		out = append(out, Workload{
			Name: given(t, "name", k.Name != nil, k.GetName()), Image: given(t, "image", k.Image != nil, k.GetImage()),
			Replicas: given(t, "replicas", k.Replicas != nil, int(k.GetReplicas())), Port: given(t, "port", k.Port != nil, int(k.GetPort())),
			Exposure: given(t, "exposure", k.Exposure != nil, k.GetExposure()), Host: given(t, "host", k.Host != nil, k.GetHost()),
			Namespace: given(t, "namespace", k.Namespace != nil, k.GetNamespace()),
		})
	}
	return out
}

// replicasText writes a number of replicas; French has none and one in the singular.
func replicasText(lang string, n int) string {
	if n == 1 || n == 0 && lang == i18n.French {
		return guestText(lang, "replicas.one", "n", n)
	}
	return guestText(lang, "replicas.many", "n", n)
}
