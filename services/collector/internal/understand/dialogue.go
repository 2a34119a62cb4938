package understand

import (
	"slices"
	"strconv"
	"strings"
)

// Turn is one exchange of the dialogue.
type Turn struct {
	// QuestionID is the question answered: "confirm", "vm1.name", "request"; empty for a correction nobody asked for.
	QuestionID string
	// Text is what the requester said. Untrusted.
	Text string
	// Aside are the passages of Text that are data and no answer.
	Aside []Aside
}

// The bounds of a dialogue. They keep a run from being kept busy for ever.
const (
	turnsMost    = 64
	turnTextMost = 4096
)

// dialogue is the state of one request while its turns are applied in order.
type dialogue struct {
	x         *index
	lang      string
	supported func(string) bool
	in        *Intent // nil while it is not known what is to be created
	memory    *memory // nil: nothing is remembered
	// lost: the request points at an earlier one that is not remembered.
	lost bool
	// unclear are the requests that it may mean.
	unclear []string
	// confirmation is what the last turn meant as an answer to "confirm".
	confirmation string
	// refused is set by a turn that turns the request into one that is not served.
	refused *route
	// readings are the ways to read the request between which the requester is to choose; none: it is clear.
	readings []option
}

// turn applies one turn.
func (d *dialogue) turn(t Turn) {
	d.confirmation = ""
	text := clip(t.Text, turnTextMost)
	if strings.TrimSpace(text) == "" {
		return
	}
	if undecided(text, d.x) { // what was asked stays open
		if t.QuestionID == "confirm" {
			d.confirmation = confirmCorrection
		}
		return
	}
	switch {
	case t.QuestionID == "request" || d.in == nil:
		if v, chosen := choose(d.readings, text, false); chosen {
			text = v
		}
		d.readings = nil
		d.request(text)
	case t.QuestionID == "confirm", t.QuestionID == "":
		d.confirm(text, t.QuestionID != "")
	default:
		d.answer(t.QuestionID, text)
	}
}

// request takes the answer to the question what to create, or a request in place of any other answer.
func (d *dialogue) request(text string) {
	p := parse(text, d.x)
	r := decide(p, d.supported)
	switch {
	case r.code != "" && r.code != "off_topic":
		r.text = text
		d.refused = &r
	case r.code == "" && !r.vague:
		d.assembled(assemble(text, p.items, Answered))
	}
}

// assembled takes a new intent, unless it points at something that nothing is known of.
func (d *dialogue) assembled(in *Intent) {
	if d.lost, d.unclear = refer(in, nil, d.memory, d.lang), in.unclear; !d.lost {
		in.memory = d.memory
		d.in = in
		share(d.in, say(d.lang, "reason.source_shared"))
	}
}

// confirm takes an answer to the interpretation: yes, no, or a correction in words.
func (d *dialogue) confirm(text string, asked bool) {
	if m := meaning(text, d.x); m != "" {
		if asked {
			d.confirmation = m
		}
		return
	}
	p := parseReply(text, d.x)
	if d.elsewhere(p) {
		return
	}
	items := d.remove(p.items)
	d.confirmation = confirmCorrection
	d.merge(assemble(text, items, Corrected), -1, additive(items))
}

// elsewhere refuses when an answer moves the request to a platform that is not supported.
func (d *dialogue) elsewhere(p parsed) bool {
	r := decide(p, d.supported)
	if r.platform == "" {
		return false
	}
	d.refused = &route{kind: kindProvision, code: "platform_unsupported", platform: r.platform, enough: true}
	return true
}

// additive reports whether a correction asks for more machines rather than for other ones.
func additive(items []item) bool {
	return slices.ContainsFunc(items, func(it item) bool { return it.kind == itSignal && it.signal == clCreate && it.s == "add" })
}

// remove drops the groups that a correction takes back, "remove the database", and returns what else it says.
func (d *dialogue) remove(items []item) []item {
	var rest []item
	for k, it := range items {
		if k > 0 && d.removeGuests(it, items[k-1]) {
			continue
		}
		takenBack := k > 0 && it.kind == itHead && it.role != "" && items[k-1].kind == itSignal && items[k-1].signal == clRemove
		if !takenBack || len(d.in.Groups) < 2 {
			rest = append(rest, it)
			continue
		}
		left := slices.DeleteFunc(slices.Clone(d.in.Groups), func(g *Group) bool { return g.Role.V == it.role })
		if len(left) > 0 {
			d.in.Groups = left
		}
	}
	return rest
}

// answer takes the answer to a question about a value. An option, its number or its label is meant before anything else;
// free text may say more than was asked, and may be a request of its own.
func (d *dialogue) answer(id, text string) {
	if id == fieldMachines {
		d.machines(text)
		return
	}
	if d.poolAnswer(id, text) {
		return
	}
	group, field, n, ok := parseID(d.in, id)
	if !ok || group >= len(d.in.Groups) {
		return
	}
	gd := ground(d.in, d.x, d.lang)
	targets := []*Group{d.in.Groups[group]}
	if field == fieldSource { // asked once for all groups that lack it
		for k, g := range d.in.Groups {
			if k != group && counts(g, targets[0]) && !g.Source.Has() && !targets[0].Source.Has() {
				targets = append(targets, g)
			}
		}
	}
	for _, q := range gd.questions {
		if q.id() != id {
			continue
		}
		if v, chosen := choose(q.options, text, numeric[field]); chosen {
			for _, g := range targets {
				answerField(g, field, n, v, text, d.x)
			}
			return
		}
	}
	read := parseReply
	if field == fieldName {
		read = parse
	}
	p := read(text, d.x)
	if d.elsewhere(p) {
		return
	}
	items := p.items
	if field == fieldMemory || field == fieldDisk || field == fieldSwap { // "50 GB" is what was asked for, whatever it would mean by itself
		items = slices.DeleteFunc(slices.Clone(items), func(it item) bool { return it.kind == itSize })
	}
	delta := assemble(text, items, Answered)
	create := slices.ContainsFunc(p.items, func(it item) bool { return it.kind == itSignal && (it.signal == clCreate || it.signal == clClone) })
	if p.hasHead && (create || p.hasNewHead) || says(delta, field) {
		source := len(delta.Groups) > 0 && delta.Groups[0].Source.Has()
		d.merge(delta, group, false)
		if field == fieldSource && source {
			for _, g := range targets[1:] {
				g.Source = delta.Groups[0].Source
			}
		}
		return
	}
	for _, g := range targets {
		answerField(g, field, n, trimFiller(text, d.x), text, d.x)
	}
	if len(delta.Groups) > 0 && p.hasAttribute {
		d.merge(&Intent{Groups: delta.Groups}, group, false)
	}
}

// several are the fields that a machine may have more than once; their questions are numbered from 2.
var several = []string{fieldDisk, fieldStorage, fieldNetwork, fieldVLAN, fieldIPv4, fieldGateway}

// parseID takes the id of a question apart: "vm2.disk3" is group 1, field "disk", number 2.
func parseID(in *Intent, id string) (group int, field string, n int, ok bool) {
	head, field, found := strings.Cut(id, ".")
	group, known := in.at(head)
	if !found || !known {
		return 0, "", 0, false
	}
	for _, base := range several {
		if rest, isBase := strings.CutPrefix(field, base); isBase && rest != "" {
			n, err := strconv.Atoi(rest)
			return group, base, n - 1, err == nil && n >= 2 && n <= disksMost
		}
	}
	return group, field, 0, true
}

// numeric are the fields whose answers are numbers by themselves, so that "2" means two and not the second option.
var numeric = map[string]bool{fieldCount: true, fieldCores: true, fieldSockets: true, fieldMemory: true, fieldDisk: true, fieldVLAN: true, fieldVMID: true,
	fieldSwap: true, fieldStartOrder: true, fieldStartDelay: true}

// choose finds the option that an answer means: by value, by label, by number ("2", "the second", "option 2"), or by the
// only label that contains it.
func choose(options []option, text string, numbersAreValues bool) (string, bool) {
	answer := fold(strings.Trim(strings.TrimSpace(text), " .!\"'«»"))
	for _, o := range options {
		if fold(o.value) == answer || fold(o.label) == answer {
			return o.value, true
		}
	}
	if n, ok := ordinalOf(answer); ok && (!numbersAreValues || digits(answer) != len(answer)) {
		if n == -1 {
			n = len(options)
		}
		if n >= 1 && n <= len(options) {
			return options[n-1].value, true
		}
		return "", false
	}
	found := ""
	for _, o := range options {
		head, _, _ := strings.Cut(fold(o.label), ",")
		head = strings.TrimSpace(strings.TrimSuffix(head, "("+fold(o.value)+")"))
		if head == answer && answer != "" {
			if found != "" {
				return "", false
			}
			found = o.value
		}
	}
	return found, found != ""
}

// ordinalOf reads "2", "#2", "option 2", "la deuxième", "the last one" as the number of an option; -1 is the last.
func ordinalOf(answer string) (int, bool) {
	toks := scan(answer)
	read := words().read(toks, func(string) bool { return false })
	n, found := 0, false
	for i := 0; i < len(toks); i += max(1, read[i].n) {
		switch {
		case read[i].lex.class == clOrdinal && !found:
			n, found = read[i].lex.n, true
		case toks[i].kind == tokNumber && !found:
			v, ok := whole(toks[i].num)
			if !ok {
				return 0, false
			}
			n, found = v, true
		case read[i].lex.class == clFiller, read[i].lex.class == clThe, read[i].lex.class == clID, toks[i].kind == tokMark,
			toks[i].fold == "option", toks[i].fold == "choix", toks[i].fold == "one", toks[i].fold == "choice", read[i].lex.class == clOne:
		default:
			return 0, false
		}
	}
	return n, found
}

// trimFiller drops the words before an answer that carry nothing: "it's", "plutôt", "le nom est".
func trimFiller(text string, x *index) string {
	toks := scan(text)
	read := words().read(toks, func(w string) bool { return x.has(w) })
	i := 0
	for i < len(toks) && (skippable[read[i].lex.class] && read[i].lex.class != clAuto || toks[i].fold == "it's" || toks[i].kind == tokBreak) {
		i += max(1, read[i].n)
	}
	if i >= len(toks) {
		return strings.TrimSpace(text)
	}
	if toks[i].kind == tokQuoted && i == len(toks)-1 {
		return toks[i].raw
	}
	return strings.TrimRight(strings.TrimSpace(text[toks[i].start:]), ".!")
}
