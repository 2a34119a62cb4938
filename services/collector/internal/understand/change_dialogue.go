package understand

import (
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// existingDialogue is the state of a request about what exists while its turns are applied in order.
type existingDialogue struct {
	x            *index
	lang         string
	task         task
	confirmation string
}

// turn applies one turn.
func (d *existingDialogue) turn(t Turn) {
	d.confirmation = ""
	text := clip(t.Text, turnTextMost)
	if strings.TrimSpace(text) == "" {
		return
	}
	if undecided(text, d.x) {
		if t.QuestionID == "confirm" {
			d.confirmation = confirmCorrection
		}
		return
	}
	if t.QuestionID == "confirm" || t.QuestionID == "" {
		if m := meaning(text, d.x); m != "" {
			if t.QuestionID != "" {
				d.confirmation = m
			}
			return
		}
		d.confirmation = confirmCorrection
		d.correct(text, Corrected, -1)
		return
	}
	d.answer(t.QuestionID, text)
}

// parseOwner takes "change2.memory" apart: number 1, field "memory".
func parseOwner(id string) (kind string, n int, field string, ok bool) {
	head, field, found := strings.Cut(id, ".")
	for _, kind := range []string{"change", "import", "operation"} {
		if number, is := strings.CutPrefix(head, kind); found && is {
			n, err := strconv.Atoi(number)
			return kind, n - 1, field, err == nil && n >= 1
		}
	}
	return "", 0, "", false
}

// answer takes the answer to a question.
func (d *existingDialogue) answer(id, text string) {
	kind, n, field, ok := parseOwner(id)
	if !ok {
		return
	}
	value := text
	if v, chosen := choose(d.optionsOf(id), text, field != fieldGuest && field != fieldStorage); chosen {
		value = v
	}
	switch {
	case field == fieldGuest:
		ref := d.refIn(value)
		switch {
		case kind == "change" && n < len(d.task.changes):
			d.task.changes[n].ref = ref
		case kind == "import" && n < len(d.task.imports):
			d.task.imports[n] = ref
		case kind == "operation" && n < len(d.task.operations):
			d.task.operations[n].ref = ref
		}
	case kind != "change" || n >= len(d.task.changes):
	case field == fieldName && !strings.ContainsAny(strings.TrimSpace(value), " \t"):
		d.task.changes[n].NewName = Value[string]{V: strings.TrimSpace(value), Origin: Answered, Text: clip(value, 500)}
	case field == fieldDescription:
		d.task.changes[n].Description = Value[string]{V: strings.TrimSpace(value), Origin: Answered, Text: clip(value, 500)}
	case strings.HasPrefix(field, fieldStorage):
		d.storage(n, field, value)
	case field == fieldTags:
		s := readExisting(value, d.x)
		s.i = 0
		if list, _ := s.tagList(0); len(list) > 0 {
			d.task.changes[n].AddTags = Value[[]string]{V: lowerAll(list), Origin: Answered, Text: clip(value, 500)}
		}
	default:
		d.correctField(value, n, field)
	}
}

// storage sets the storage of a disk to add.
func (d *existingDialogue) storage(n int, field, value string) {
	k := 0
	if number := strings.TrimPrefix(field, fieldStorage); number != "" {
		k, _ = strconv.Atoi(number)
		k--
	}
	if c := d.task.changes[n]; k >= 0 && k < len(c.AddDisks) {
		c.AddDisks[k].Storage = Value[string]{V: strings.TrimSpace(value), Origin: Answered, Text: clip(value, 500)}
	}
}

// optionsOf returns the options of an open question.
func (d *existingDialogue) optionsOf(id string) []option {
	switch kind, n, _, _ := parseOwner(id); {
	case kind == "change":
		for _, q := range groundChanges(d.task.changes, d.x, d.lang).questions {
			if q.id() == id {
				return q.options
			}
		}
	case kind == "import" && n < len(d.task.imports) && d.x.snap != nil:
		found, _ := d.x.resolveRef(d.task.imports[n])
		_, options := askWhich(d.x, d.lang, d.task.imports[n], found)
		return options
	case kind == "operation" && n < len(d.task.operations) && d.x.snap != nil:
		found, _ := d.x.resolveRef(d.task.operations[n].ref)
		_, options := askWhich(d.x, d.lang, d.task.operations[n].ref, found)
		return options
	}
	return nil
}

// refIn reads an answer as a guest: an id, a name, a phrase with either.
func (d *existingDialogue) refIn(text string) guestRef {
	answer := strings.Trim(strings.TrimSpace(text), ".!\"'«» ")
	if n, err := strconv.Atoi(answer); err == nil && n >= 100 && n <= 999999999 {
		return guestRef{id: n}
	}
	if len(d.x.named(answer)) > 0 {
		return guestRef{word: answer}
	}
	s := readExisting(text, d.x)
	for _, c := range s.clauses {
		if len(c.guests) > 0 {
			g := c.guests[0]
			g.start, g.end = 0, 0
			return g
		}
	}
	if len(s.candidates) > 0 {
		return guestRef{word: s.candidates[0].ref.word}
	}
	return guestRef{word: clip(answer, 100)}
}

// correct applies a correction in words: to the guest that it names, else to the change asked about, else to all.
func (d *existingDialogue) correct(text string, origin Origin, target int) {
	s := readExisting(text, d.x)
	if len(d.task.imports) > 0 {
		for _, c := range s.clauses {
			for _, ref := range c.guests {
				ref.start, ref.end = 0, 0
				if slices.Contains(s.verbs, acAdd) || slices.ContainsFunc(s.p.toks, func(t token) bool { return t.fold == "also" || t.fold == "aussi" }) {
					d.task.imports = append(d.task.imports, ref)
				} else {
					d.task.imports = []guestRef{ref}
				}
			}
		}
		return
	}
	sole := d.sole()
	for k := range s.clauses {
		for i := range s.clauses[k].wishes {
			if w := &s.clauses[k].wishes[i]; slices.Contains(s.loose, i) && w.field == fieldMemory && sole == fieldDisk && !s.words[clMemory] {
				w.field = sole
			}
		}
	}
	deltas := changesOf(s, origin)
	if len(deltas) == 0 {
		d.bare(s, target)
		return
	}
	for _, delta := range deltas {
		targets := d.task.changes
		if target >= 0 {
			targets = d.task.changes[target : target+1]
		} else if !delta.ref.none() {
			targets = d.matching(delta.ref)
			if len(targets) == 0 {
				if _, ok := d.x.resolveRef(delta.ref); ok {
					d.task.changes = append(d.task.changes, delta)
				}
				continue
			}
		}
		for _, c := range targets {
			mergeChange(c, delta)
		}
	}
}

// correctField reads the answer to a question about one figure, in which the noun goes without saying.
func (d *existingDialogue) correctField(text string, n int, field string) {
	c := d.task.changes[n]
	p := newParser(text, d.x)
	for i := range p.toks {
		mib, _, isSize := p.size(i)
		number, next, isNumber := p.integer(i)
		if isNumber && p.toks[i].kind == tokWord && !p.is(i, clNumber) {
			isNumber = false
		}
		s := readExisting(text, d.x)
		mode := s.mode(i, min(next+1, len(p.toks)))
		if mode != amountAdd && mode != amountTake {
			mode = amountSet
		}
		v := Value[int]{Origin: Answered, Text: clip(strings.TrimSpace(text), 500)}
		switch {
		case field == fieldMemory && isSize, field == fieldDisk && isSize:
			v.V = mib
		case field == fieldMemory && isNumber:
			v.V = bareMemory(number)
		case field == fieldDisk && isNumber:
			v.V = number * 1024
		case field == fieldCores && isNumber && !isSize:
			v.V = number
		case strings.HasPrefix(field, fieldAddDisk) && (isSize || isNumber):
			if !isSize {
				mib = number * 1024
			}
			d.addDisk(c, field, mib, v)
			return
		default:
			continue
		}
		switch field {
		case fieldMemory:
			c.MemoryMiB = quantity{v, mode}
		case fieldDisk:
			c.DiskMiB = quantity{v, mode}
		default:
			c.Cores = quantity{v, mode}
		}
		return
	}
	c.open = c.open && field != fieldValue
	d.correct(text, Answered, n)
}

func (d *existingDialogue) addDisk(c *Change, field string, mib int, v Value[int]) {
	k := 0
	if number := strings.TrimPrefix(field, fieldAddDisk); number != "" {
		k, _ = strconv.Atoi(number)
		k--
	}
	v.V = mib
	if k >= 0 && k < len(c.AddDisks) {
		c.AddDisks[k].MiB = v
	}
}

// bare applies a correction that is only a guest: "no, web2".
func (d *existingDialogue) bare(s *sentence, target int) {
	for _, c := range s.clauses {
		if len(c.guests) == 0 {
			continue
		}
		ref := c.guests[0]
		ref.start, ref.end = 0, 0
		switch {
		case target >= 0:
			d.task.changes[target].ref = ref
		case len(d.task.changes) == 1:
			d.task.changes[0].ref = ref
		}
		return
	}
}

// sole is the one figure that the changes are about, empty when there are several.
func (d *existingDialogue) sole() string {
	memory, disk := false, false
	for _, c := range d.task.changes {
		memory, disk = memory || c.MemoryMiB.Has(), disk || c.DiskMiB.Has()
	}
	if disk && !memory {
		return fieldDisk
	}
	return fieldMemory
}

// matching returns the changes that concern a guest.
func (d *existingDialogue) matching(ref guestRef) []*Change {
	found, _ := d.x.resolveRef(ref)
	var out []*Change
	for _, c := range d.task.changes {
		own, _ := d.x.resolveRef(c.ref)
		for _, g := range found {
			if slices.ContainsFunc(own, func(o pve.Guest) bool { return o.VMID == g.VMID }) {
				out = append(out, c)
				break
			}
		}
	}
	return out
}

// mergeChange lets a later text replace what it speaks of.
func mergeChange(c, from *Change) {
	newer(&c.NewName, from.NewName)
	for _, pair := range [][2]*quantity{{&c.Cores, &from.Cores}, {&c.MemoryMiB, &from.MemoryMiB}, {&c.DiskMiB, &from.DiskMiB}} {
		if pair[1].Has() {
			*pair[0] = *pair[1]
			c.open = false
		}
	}
	newer(&c.AddTags, from.AddTags)
	newer(&c.RemoveTags, from.RemoveTags)
	newer(&c.StartAtBoot, from.StartAtBoot)
	newer(&c.Protection, from.Protection)
	newer(&c.Description, from.Description)
	if len(from.AddDisks) > 0 {
		c.AddDisks = slices.Clone(from.AddDisks)
	}
}

func newer[T any](to *Value[T], from Value[T]) {
	if from.Has() {
		*to = from
	}
}
