package understand

import (
	"slices"
	"strconv"
)

// fieldMachines is the question whether all machines were listed.
const fieldMachines = "machines"

// announce notes when a text speaks of a number of machines and then lists another number of them.
func (a *assembler) announce() {
	if a.family == nil || !a.expected.said() || len(a.members) == 0 {
		return
	}
	listed := 0
	for _, g := range a.members {
		listed += g.count()
	}
	if a.expected.V > 1 && a.expected.V != listed {
		a.in.announced, a.in.listed = a.expected.V, listed
	}
	a.expected = Value[int]{}
}

// listedCount asks which number counts.
func (gr *grounder) listedCount() {
	if gr.out.announced == 0 {
		return
	}
	gr.i = -1
	n := strconv.Itoa(gr.out.listed)
	gr.ask(fieldMachines, gr.say("ask.listed", "machines", Count(gr.lang, "guest", gr.out.announced), "listed", gr.out.listed), []option{{n, gr.say("option.listed", "n", gr.out.listed)}})
}

// machines takes the answer to the question of the number: the listed ones, or further machines.
func (d *dialogue) machines(text string) {
	listed := d.in.listed
	d.in.announced = 0
	if n, ok := readInteger(text, d.x); ok && n == listed || meaning(text, d.x) == confirmYes {
		return
	}
	p := parse(text, d.x)
	if d.elsewhere(p) || !p.hasHead && !slices.ContainsFunc(p.items, func(it item) bool { return it.kind == itNames || it.kind == itMember }) {
		return
	}
	delta := assemble(text, p.items, Answered)
	for _, g := range delta.Groups {
		g.det = detNew
	}
	d.merge(delta, -1, true)
}
