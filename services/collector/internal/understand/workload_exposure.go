package understand

import (
	"slices"
	"strings"
)

// exposurePhrases are what is said of how a workload is reached, the longest first where one begins another. The last part tells
// whether the public is meant.
var exposurePhrases = []struct {
	how     string
	public  bool
	phrases []string
}{
	{"cluster", false, []string{"cluster internal", "cluster-internal", "inside the cluster", "within the cluster", "in the cluster only", "from the cluster only", "cluster only", "en interne", "interne au cluster",
		"dans le cluster uniquement", "dans le cluster seulement", "a l'interieur du cluster", "depuis le cluster uniquement", "depuis le cluster seulement", "depuis le cluster", "uniquement dans le cluster", "seulement dans le cluster", "only in the cluster", "only from the cluster", "from within the cluster", "internal only", "interne uniquement", "not exposed", "non expose", "non exposee", "pas expose", "pas exposee",
		"sans exposition", "no external access", "sans acces externe", "private", "prive", "privee"}},
	{"load-balancer", false, []string{"on the lan", "on the local network", "on our network", "on the network", "in the lan", "in the local network", "within the lan", "from the lan", "from the local network", "from our network", "to the lan",
		"sur le reseau local", "sur le lan", "sur le reseau", "sur notre reseau", "dans le reseau local", "depuis le reseau local", "depuis le lan", "depuis le reseau", "du reseau local", "au reseau local", "local network", "reseau local", "lan"}},
	{"load-balancer", true, []string{"from outside the cluster", "from outside", "from the outside", "to the outside", "outside the cluster", "from the internet", "to the internet", "on the internet", "over the internet", "de l'exterieur",
		"depuis l'exterieur", "a l'exterieur", "vers l'exterieur", "hors du cluster", "depuis internet", "sur internet", "a internet", "en externe", "externally", "external", "externe", "publicly", "publiquement", "public", "publique", "publics", "publiques", "internet"}},
}

// exposurePhrase reads such a phrase; behind a negation it means the opposite, the cluster alone.
func (w *workloadReader) exposurePhrase() bool {
	for _, e := range exposurePhrases {
		for _, phrase := range e.phrases {
			n := w.phraseAt(w.i, phrase)
			if n == 0 || n == 1 && w.is(w.i+1, clNamed) || w.foldAt(w.i+n) == "registry" || w.foldAt(w.i+n) == "image" {
				continue
			}
			how, public := e.how, e.public
			for j := max(0, w.i-4); j < w.i; j++ {
				if w.is(j, clNot) {
					how, public = "cluster", false
				}
			}
			k := w.current()
			if k.Exposure.Has() && how == "load-balancer" { // "ingress, reachable from outside": how was said already
				k.public = k.public || public && k.Exposure.V == "load-balancer"
				w.i += n
				return true
			}
			k.Exposure, k.public = statedAt(w, how, w.i+n), public
			return true
		}
	}
	return false
}

// phraseAt returns how many tokens a phrase has at i, 0 when it is not there.
func (p *parser) phraseAt(i int, phrase string) int {
	n := 0
	for word := range strings.SplitSeq(strings.ReplaceAll(phrase, "'", "' "), " ") {
		if i+n >= len(p.toks) || p.toks[i+n].fold != word {
			return 0
		}
		n++
	}
	return n
}

// namespaceBefore reads a namespace whose name stands before the noun: "in the monitoring namespace".
func (w *workloadReader) namespaceBefore() bool {
	i := w.i
	if f := w.foldAt(i + 1); f != "namespace" && f != "ns" || w.toks[i].kind != tokWord {
		return false
	}
	if w.is(i, clThe, clIn, clOne, clLink, clFiller, clTo, clOn, clFor, clWith, clFrom, clAnd, clExtra) || slices.Contains([]string{"new", "nouveau", "own", "same", "kubernetes", "k8s", "default"}, w.toks[i].fold) && w.toks[i].fold != "default" {
		return false
	}
	name := strings.ToLower(w.toks[i].raw)
	if !validLabel(name) {
		return false
	}
	w.current().Namespace = statedAt(w, name, i+1)
	w.i++
	return true
}

// taggedName reads an image by name and tag without a registry, "shop:1.0". A tag of digits alone would be a port.
func (w *workloadReader) taggedName(i int) (ref string, next int) {
	if i >= len(w.toks) || w.toks[i].kind != tokWord && w.toks[i].kind != tokVolume || w.is(i, clMemory, clCores, clDisk, clIP, clNamed) {
		return "", i
	}
	start := w.toks[i].start
	end := start
	for end < len(w.text) && (nameByte(w.text[end]) || w.text[end] == ':') {
		end++
	}
	ref = strings.TrimRight(w.text[start:end], ".:-")
	name, tag, tagged := strings.Cut(ref, ":")
	if !tagged || len(name) < 2 || !validLabel(name) || digits(tag) == len(tag) || !only(tag, "._-", 128) || strings.Contains(name, "port") {
		return "", i
	}
	next = i
	for next < len(w.toks) && w.toks[next].start < start+len(ref) {
		next++
	}
	return ref, next
}

// beyond are what a workload cannot say here, by the words for it.
var beyond = []struct{ key, words string }{
	{"env", "env|environment|environment variable|environment variables|env var|env vars|variable d environnement|variables d environnement|variable|variables"},
	{"volume", "volume|volumes|pvc|persistent|persistent volume|stockage persistant|volume persistant|storage class|mount|monte"},
	{"limits", "limit|limits|limite|limites|requests|resources|ressources|cpu|memory|memoire|ram"},
	{"secret", "secret|secrets|configmap|config map|password|mot de passe"},
	{"probe", "probe|probes|liveness|readiness|healthcheck|health check|sonde|sondes"},
	{"scaling", "autoscale|autoscaling|hpa|auto scaling|mise a l echelle automatique"},
}

// workloadNotices tells which versions are assumed, and what was asked for that a workload cannot say.
func workloadNotices(text string, ks []Workload, lang string) []string {
	var out, kinds []string
	for _, k := range ks {
		if k.versionAssumed {
			out = append(out, guestText(lang, "notice.version", "program", quoteText(k.Image.Text), "image", quoteText(k.Image.V)))
		}
	}
	flat := flatten(text)
	for _, b := range beyond {
		for phrase := range strings.SplitSeq(b.words, "|") {
			if strings.Contains(flat, " "+phrase+" ") {
				kinds = append(kinds, guestText(lang, "beyond."+b.key))
				break
			}
		}
	}
	if len(kinds) > 0 {
		out = append(out, guestText(lang, "notice.beyond", "kinds", listText(lang, kinds)))
	}
	return out[:min(len(out), 16)]
}
