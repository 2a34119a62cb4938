package understand

import (
	"slices"
	"strings"

	"proviso.dev/services/collector/internal/inquiry"
)

// task is what a request wants of what exists. Exactly one of its parts is set.
type task struct {
	changes    []*Change
	imports    []guestRef
	operations []operation
	query      *inquiry.Query
	shrink     *shrink
	// aside are operations that were asked for beside changes: they are told of, not done.
	aside []operation
}

// existing reads a request about what exists. It reports false for a request of another kind: the route that was decided
// without it stands.
func existing(text string, p parsed, decided route, x *index) (task, bool) {
	if decided.code == "physical_work" || decided.code == "network_work" {
		q, ok := readExisting(text, x).hardwareAsked(p)
		return task{query: &q}, ok
	}
	if decided.code != "" && !slices.Contains([]string{"change_unsupported", "import_unsupported", "question_unsupported", "off_topic"}, decided.code) {
		return task{}, false
	}
	s := readExisting(text, x)
	if t, ok := s.howTo(); ok {
		return t, true
	}
	if q, ok := s.foresight(p); ok {
		return task{query: &q}, true
	}
	if d, ok := s.shrinkTask(p); ok {
		return task{shrink: d}, true
	}
	if t, ok := s.changeTable(text, p, decided); ok {
		return t, true
	}
	if (decided.grows && !s.resizes(p) || decided.code == "" && slices.ContainsFunc(p.items, pointsAtModel) && !(s.kept && s.resizes(p))) && !(p.question && s.nodeAsked()) {
		return task{}, false
	}
	creates := (s.words[clCreate] || s.words[clClone]) && p.hasNewHead || s.fromSource(p)
	if t, ok := s.importTask(p, decided); ok && (!creates || s.writesCode(p)) {
		return t, true
	}
	if t, ok := s.cloneTask(p); ok {
		return t, true
	}
	asks, strong := s.asks(p)
	if !strong {
		if t, ok := s.orderTask(p, decided, creates); ok {
			return t, true
		}
	}
	list := strong && s.has[acList] && !s.fromSource(p)
	if p.question && s.roomAsked(p) {
		if q, ok := s.query(p); ok && q.Topic == inquiry.TopicRoom {
			return task{query: &q}, true
		}
	}
	wants := creates || (s.words[clCreate] || s.words[clClone]) && p.hasNewHead
	if decided.code != "" && !s.words[clCreate] && !s.words[clClone] {
		wants = false // "is there a template for debian?" names a source and wants nothing made
	}
	if asks && (list || !wants) && (decided.code != "" || strong || s.topical()) {
		if ids, _ := s.guestIDs(); decided.code == "" && !s.topical() && !s.has[acHelp] && !(strong && len(ids) > 0) {
			return task{}, false
		}
		if q, ok := s.query(p); ok {
			return task{query: &q}, true
		}
	}
	if s.has[acHelp] && !p.hasHead && (decided.vague || decided.code == "off_topic") {
		return task{query: &inquiry.Query{Topic: inquiry.TopicHelp}}, true
	}
	return task{}, false
}

// pointsAtModel reports whether an item takes an existing guest as the model of a new one.
func pointsAtModel(it item) bool {
	return it.kind == itLike || it.kind == itSame || it.kind == itSiblings
}

// fromSource reports whether a request names what a new machine is to be made from.
func (s *sentence) fromSource(p parsed) bool {
	if len(s.verbs) > 0 && slices.Contains([]class{acTake, acTag, acRename, acProtect, acEnable, acDisable}, s.verbs[0]) {
		return false // "remove the tag test from web1"
	}
	return !s.code && p.first != clLifecycle && p.first != clRemove && p.first != clChange &&
		slices.ContainsFunc(p.items, func(it item) bool { return it.kind == itSource && it.source.Kind != SourceNone })
}

// writesCode reports whether what is to be made is the code of guests that exist: "génère le terraform des VM existantes web1 et db1".
func (s *sentence) writesCode(p parsed) bool {
	var named []guestRef
	for _, c := range s.clauses {
		named = append(named, c.guests...)
	}
	unknown := func(ref guestRef) bool { found, _ := s.x.resolveRef(ref); return len(found) == 0 }
	return s.code && len(named) > 0 && !slices.ContainsFunc(named, unknown) &&
		!slices.ContainsFunc(p.items, func(it item) bool {
			return it.kind == itSource && it.source.Kind != SourceNone || it.kind == itNames || pointsAtModel(it) || it.kind == itMemory || it.kind == itCores
		})
}

// importTask recognises that the code of guests that exist is wanted.
func (s *sentence) importTask(p parsed, decided route) (task, bool) {
	imports := slices.Contains(s.verbs, acImport)
	sourced := func(it item) bool { return it.kind == itSource && it.source.Kind != SourceNone }
	if !s.code && !imports || p.hasNewHead && !s.writesCode(p) && (!strings.HasPrefix(decided.code, "import") || slices.ContainsFunc(p.items, sourced)) {
		return task{}, false
	}
	var refs []guestRef
	for _, c := range s.clauses {
		for _, ref := range c.guests {
			if !slices.ContainsFunc(refs, func(o guestRef) bool { return o.id == ref.id && o.word == ref.word }) {
				refs = append(refs, ref)
			}
		}
	}
	if len(refs) == 0 && s.code {
		for _, c := range s.candidates {
			if c.strong {
				refs = append(refs, c.ref)
				break
			}
		}
	}
	if len(refs) == 0 {
		if decided.code != "import_unsupported" {
			return task{}, false
		}
		refs = []guestRef{{}}
	}
	if !s.code && !slices.ContainsFunc(refs, func(r guestRef) bool { return r.id > 0 || len(s.x.named(r.word)) > 0 || r.family }) {
		return task{}, false
	}
	return task{imports: refs}, true
}

// cloneTask recognises that a guest that is no template is to be copied, which a person does.
func (s *sentence) cloneTask(p parsed) (task, bool) {
	if len(s.verbs) == 0 || s.verbs[0] != acClone || p.hasNewHead {
		return task{}, false
	}
	operations := s.operations()
	if len(operations) == 0 || operations[0].verb != acClone {
		return task{}, false
	}
	found, _ := s.x.resolveRef(operations[0].ref)
	return task{operations: operations[:1]}, len(found) == 1 && !found[0].Template
}

// orderTask recognises changes of guests and operations on them.
func (s *sentence) orderTask(p parsed, decided route, creates bool) (task, bool) {
	if creates || p.hasNewHead && decided.code != "change_unsupported" && !s.resizes(p) {
		return task{}, false
	}
	changes := changesOf(s, Stated)
	operations := s.operations()
	order := slices.ContainsFunc(s.clauses, func(c clause) bool {
		return isVerb(c.verb) && c.verb != acClone || c.more || c.less || c.started || c.negated
	}) || s.addressed() || s.relative()
	if len(changes) > 0 && len(s.nodes()) > 0 && !slices.ContainsFunc(changes, func(c *Change) bool { return !c.ref.none() }) {
		return task{}, false // of a node nothing is changed
	}
	known := func(ref guestRef) bool {
		found, _ := s.x.resolveRef(ref)
		return len(found) > 0 || ref.id > 0 || s.x.snap == nil && ref.word != ""
	}
	if len(changes) > 0 && order {
		taken := decided.code == "change_unsupported" || slices.ContainsFunc(changes, func(c *Change) bool { return known(c.ref) }) ||
			!slices.ContainsFunc(changes, func(c *Change) bool { return c.ref.none() || !c.asksMore() }) && !p.hasNewHead ||
			len(s.p.toks) <= 6 && !p.hasHead && len(s.verbs) > 0 && s.verbs[0] == acSet && !s.words[clCreate] // "mets 8 Go"
		if taken {
			return task{changes: changes, aside: operations}, true
		}
	}
	if len(operations) == 0 {
		return task{}, false
	}
	op := operations[0]
	switch {
	case op.verb == acEvacuate, op.onNode && p.first == clLifecycle:
		return task{operations: operations}, true
	case op.verb == acClone:
		return task{}, false
	case !known(op.ref) && decided.code != "change_unsupported":
		return task{}, false
	}
	return task{operations: operations}, true
}

// addressed reports whether a text begins with a guest that exists and goes on with what it should have: "web1: 8 GB, 4 cores",
// "RAM AI-server 16 Go".
func (s *sentence) addressed() bool {
	c := s.clauses[0]
	if strings.HasSuffix(strings.TrimSpace(s.p.text), "?") || len(c.guests) == 0 || len(c.order) == 0 || c.order[0] != 'g' || len(s.verbs) > 0 {
		return false
	}
	for i := 0; i < len(s.p.toks) && s.p.toks[i].start < c.guests[0].start; i++ {
		if !s.p.is(i, clMemory, clCores, clDisk, clThe, clLink, clMachine, clFiller) {
			return false
		}
	}
	return true
}

// asksMore reports whether a change only says that something should be more or less.
func (c *Change) asksMore() bool {
	open := func(q quantity) bool { return !q.Has() || q.mode == amountMore || q.mode == amountLess }
	return open(c.Cores) && open(c.MemoryMiB) && open(c.DiskMiB) && (c.Cores.Has() || c.MemoryMiB.Has() || c.DiskMiB.Has() || c.open)
}

// operations returns the operations of a sentence, in order.
func (s *sentence) operations() []operation {
	var out []operation
	for k := range s.clauses {
		c := &s.clauses[k]
		disk := slices.ContainsFunc(s.nouns, func(n noun) bool { return n.clause == k && n.field == fieldDisk })
		member := s.words[clHA] && (c.verb == acSet || c.verb == acAdd || c.verb == acEnable || c.verb == acTake || c.verb == acDisable) && len(c.wishes) == 0
		if !isOperation(c.verb) && c.verb != acTake && !member || len(c.wishes) > 0 || !member && c.verb == acTake && (disk || s.words[clTags] || s.words[clDescription]) {
			continue
		}
		op := operation{verb: c.verb, name: c.name, ha: member, disk: disk && c.verb == acMigrate}
		if len(c.nodes) > 0 {
			op.node = c.nodes[len(c.nodes)-1]
		}
		switch {
		case member && (c.verb == acTake || c.verb == acDisable || c.negated):
			op.verb = acTake
		case member:
			op.verb = acAdd
		case c.verb == acTake && c.snapshot:
			op.verb = acForget
		case c.verb == acTake:
			op.verb = acDestroy
		case c.verb == acEvacuate:
			if op.node != "" {
				out = append(out, op)
			}
			continue
		}
		if op.disk {
			for i := range s.p.toks {
				if s.p.things(i)&aStorage != 0 {
					op.name = s.p.toks[i].raw
				}
			}
		}
		if op.verb == acMigrate && op.node == "" {
			for _, cand := range s.candidates {
				if cand.clause == k && cand.strong && (len(c.guests) == 0 || cand.ref.word != c.guests[0].word) {
					op.lost = cand.ref.word
				}
			}
		}
		if len(c.guests) == 0 {
			op.ref.every = s.words[clAll] || s.cluster()
			op.onNode = op.node != "" && op.verb != acMigrate
			if k > 0 && len(out) > 0 && c.verb != clNone { // "stop web1 and snapshot it"
				op.ref = out[len(out)-1].ref
			}
			out = append(out, op)
			continue
		}
		for _, g := range c.guests {
			op.ref = g
			out = append(out, op)
		}
	}
	return distinctOperations(out)
}

// operationsMost bounds how many operations one answer speaks of.
const operationsMost = 16

// distinctOperations drops operations that were said before, and those beyond what one answer can hold.
func distinctOperations(ops []operation) []operation {
	var out []operation
	for _, op := range ops {
		same := func(o operation) bool {
			o.ref.start, o.ref.end = op.ref.start, op.ref.end
			return o == op
		}
		if len(out) < operationsMost && !slices.ContainsFunc(out, same) {
			out = append(out, op)
		}
	}
	return out
}

// requestTurn returns the request with the text of a turn that answers "what should be created?" with something about what
// exists: that is then the request.
func (r *Reasoner) requestTurn(req Request, x *index) (Request, bool) {
	for i, t := range req.Turns {
		if t.QuestionID != "request" || unreadableTurn(t.Text) {
			continue
		}
		p := parse(t.Text, x)
		if _, ok := existing(t.Text, p, decide(p, r.platforms.Supported), x); ok {
			req.Text, req.Turns = t.Text, req.Turns[i+1:]
			return req, true
		}
	}
	return req, false
}

func unreadableTurn(text string) bool {
	code, _ := unreadable(text)
	return code != "" || len(text) > turnTextMost
}
