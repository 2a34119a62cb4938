package understand

import "strings"

// listening are the words before the port of a workload.
var listening = map[string]bool{"listening": true, "listens": true, "listen": true, "ecoute": true, "ecoutent": true, "ecoutant": true, "ecouter": true, "serving": true, "serves": true}

// listens reads "listening on 2368", "qui écoutent sur 2368".
func (w *workloadReader) listens() bool {
	if !listening[w.foldAt(w.i)] {
		return false
	}
	j := w.takeAll(w.link(w.i+1), clOn, clIn, clTo, clThe)
	for f := w.foldAt(j); f == "port" || f == "ports" || f == "tcp" || w.mark(j, "/"); f = w.foldAt(j) {
		j++
	}
	n, next, ok := w.integer(w.link(j))
	if !ok || n < 1 || n > 65535 || w.measured(w.link(j)) {
		w.i++ // the word alone says nothing
		return true
	}
	w.current().Port = statedAt(w, n, next)
	return true
}

// nameBehindAs reads the name of a workload behind its image: "run redis:7 as session-cache".
func (w *workloadReader) nameBehindAs() bool {
	if f := w.foldAt(w.i); f != "as" && f != "comme" || len(w.out) == 0 || !w.current().Image.Has() || w.current().Name.Has() {
		return false
	}
	k := w.i + 1
	name, ok := w.word(k)
	if name = strings.ToLower(name); !ok || !validLabel(name) || w.toks[k].kind != tokQuoted && !identifier(name) && (w.class(k) != clNone || w.is(k+1, clLink)) || exposing[w.toks[k].fold] {
		return false
	}
	w.current().Name = statedAt(w, name, k+1)
	return true
}
